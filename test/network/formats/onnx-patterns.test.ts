import { describe, expect, test } from 'vitest'
import { parseOnnx } from '../../../src/network/formats/onnx.ts'
import type { Activation, DenseLayer, Network, Quantizer } from '../../../src/network/network.ts'
import { fromRows, matrix } from '../../../src/numerics/matrix.ts'
import { Graph } from '../../support/onnx-writer.ts'

/** Numbers that float32 holds exactly, so that a graph of them is a known network to the last bit. */
const number = (i: number) => ((i * 37) % 64) / 32 - 1
const weights = (rows: number, cols: number, seed = 1) =>
  matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, (_, i) => number(i * 3 + seed)),
  )
const layer = (rows: number, cols: number, activation: Activation, seed = 1): DenseLayer => ({
  weight: weights(rows, cols, seed),
  bias: Float64Array.from({ length: rows }, (_, i) => number(i + seed)),
  activation,
})

const encoder = [layer(5, 4, 'tanh', 1), layer(3, 5, 'tanh', 2)]
const decoder = [layer(6, 3, 'relu', 3), layer(2, 6, 'linear', 4)]
const thresholds = [-0.75, -0.125, 0.5]
const levels = [-1.5, -0.5, 0.25, 2]
const hard: Quantizer = {
  thresholds: Float64Array.from(thresholds),
  levels: Float64Array.from(levels),
  compare: 'gt',
  levelRule: 'given',
}
const steps = [1, 0.75, 1.75]
const operators = { tanh: 'Tanh', relu: 'Relu', sigmoid: 'Sigmoid', linear: '' } as const

function dense(g: Graph, from: string, { weight, bias, activation }: DenseLayer): string {
  const z = g.op('Gemm', [from, g.floats(weight.data, [weight.rows, weight.cols]), g.floats(bias)], { transB: 1 })
  return activation === 'linear' ? z : g.op(operators[activation], [z])
}
const chain = (g: Graph, from: string, layers: readonly DenseLayer[]) => layers.reduce((a, l) => dense(g, a, l), from)

type Build = (g: Graph, a: string) => string

/** The network with a quantizer of some form inside. */
function withQuantizer(build: Build, first: readonly DenseLayer[] = encoder, opset?: number): Network {
  const g = new Graph()
  const out = chain(g, build(g, chain(g, 'y', first)), decoder)
  return parseOnnx(g.bytes(out, { input: { shape: ['batch', 4] }, ...(opset === undefined ? {} : { opset }) }))
}

function expectLayers(network: Network, first: readonly DenseLayer[] = encoder): void {
  expect(network.encoder).toEqual(first)
  expect(network.decoder).toEqual(decoder)
}

describe('hard quantizers', () => {
  const column = (g: Graph, a: string) => g.op('Unsqueeze', [a, g.ints(-1)])
  const squeezed = (g: Graph, a: string) => g.op('Squeeze', [a, g.ints(2)])
  const float = (g: Graph, a: string) => g.op('Cast', [a], { to: 1 })
  const weighted = (g: Graph, bits: string, w: readonly number[] = steps) =>
    squeezed(g, g.op('MatMul', [bits, g.floats(w, [w.length, 1])]))
  const based = (g: Graph, sum: string, base = levels[0]!) => g.op('Add', [sum, g.scalar(base)])
  const branches = (g: Graph, one: (t: number, step: number) => string, base = levels[0]!) =>
    based(
      g,
      thresholds.map((t, i) => one(t, steps[i]!)).reduce((sum, x) => g.op('Add', [sum, x])),
      base,
    )

  const forms: Record<string, Build> = {
    'Unsqueeze, Greater, Cast, MatMul, Squeeze, Add': (g, a) =>
      based(g, weighted(g, float(g, g.op('Greater', [column(g, a), g.floats(thresholds)])))),
    'the same, level first and thresholds with leading axes': (g, a) =>
      g.op('Add', [
        g.floats([levels[0]!]),
        weighted(g, float(g, g.op('Greater', [column(g, a), g.floats(thresholds, [1, 1, 3])]))),
      ]),
    'MatMul by a vector, no Squeeze': (g, a) =>
      based(g, g.op('MatMul', [float(g, g.op('Greater', [column(g, a), g.floats(thresholds)])), g.floats(steps)])),
    'Mul and ReduceSum': (g, a) =>
      based(
        g,
        g.op(
          'ReduceSum',
          [g.op('Mul', [g.floats(steps), float(g, g.op('Greater', [column(g, a), g.floats(thresholds)]))]), g.ints(-1)],
          { keepdims: 0 },
        ),
      ),
    'thresholds on the middle axis': (g, a) =>
      based(
        g,
        g.op(
          'ReduceSum',
          [
            g.op('Mul', [
              float(g, g.op('Greater', [g.op('Unsqueeze', [a, g.ints(1)]), g.floats(thresholds, [3, 1])])),
              g.floats(steps, [3, 1]),
            ]),
            g.ints(1),
          ],
          { keepdims: 0 },
        ),
      ),
    'thresholds on a new first axis': (g, a) =>
      based(
        g,
        g.op(
          'ReduceSum',
          [
            g.op('Mul', [float(g, g.op('Greater', [a, g.floats(thresholds, [3, 1, 1])])), g.floats(steps, [3, 1, 1])]),
            g.ints(0),
          ],
          { keepdims: 0 },
        ),
      ),
    'Less with the operands turned round': (g, a) =>
      based(g, weighted(g, float(g, g.op('Less', [g.floats(thresholds), column(g, a)])))),
    'LessOrEqual and Not': (g, a) =>
      based(g, weighted(g, float(g, g.op('Not', [g.op('LessOrEqual', [column(g, a), g.floats(thresholds)])])))),
    'LessOrEqual counting down from the highest level': (g, a) =>
      based(
        g,
        weighted(
          g,
          float(g, g.op('LessOrEqual', [column(g, a), g.floats(thresholds)])),
          steps.map((x) => -x),
        ),
        levels.at(-1)!,
      ),
    'the difference compared with zero': (g, a) =>
      based(
        g,
        weighted(g, float(g, g.op('Greater', [g.op('Sub', [column(g, a), g.floats(thresholds)]), g.scalar(0)]))),
      ),
    'a negative factor before the comparison': (g, a) =>
      based(
        g,
        weighted(
          g,
          float(g, g.op('Less', [g.op('Mul', [column(g, a), g.scalar(-2)]), g.floats(thresholds.map((t) => -2 * t))])),
        ),
      ),
    'one branch a threshold: Greater, Cast, Mul, Add': (g, a) =>
      branches(g, (t, step) => g.op('Mul', [float(g, g.op('Greater', [a, g.scalar(t)])), g.scalar(step)])),
    'one branch a threshold: Where': (g, a) =>
      branches(g, (t, step) => g.op('Where', [g.op('Greater', [a, g.floats([t])]), g.scalar(step), g.scalar(0)])),
    'branches in any order': (g, a) =>
      based(
        g,
        [2, 0, 1]
          .map((i) => g.op('Mul', [float(g, g.op('Greater', [a, g.scalar(thresholds[i]!)])), g.scalar(steps[i]!)]))
          .reduce((sum, x) => g.op('Add', [x, sum])),
      ),
    'branches stacked by Concat': (g, a) =>
      based(
        g,
        g.op(
          'ReduceSum',
          [
            g.op(
              'Concat',
              thresholds.map((t, i) =>
                column(g, g.op('Mul', [float(g, g.op('Greater', [a, g.scalar(t)])), g.scalar(steps[i]!)])),
              ),
              { axis: -1 },
            ),
            g.ints(-1),
          ],
          { keepdims: 0 },
        ),
      ),
    'n-ary Sum': (g, a) =>
      g.op('Sum', [
        g.scalar(levels[0]!),
        ...thresholds.map((t, i) => g.op('Mul', [float(g, g.op('Greater', [a, g.scalar(t)])), g.scalar(steps[i]!)])),
      ]),
    'nested Where': (g, a) =>
      thresholds.reduce(
        (below, t, i) => g.op('Where', [g.op('Greater', [a, g.scalar(t)]), g.scalar(levels[i + 1]!), below]),
        g.scalar(levels[0]!),
      ),
    'cells as And of two comparisons': (g, a) => {
      const above = thresholds.map((t) => g.op('Greater', [a, g.scalar(t)]))
      const below = thresholds.map((t) => g.op('LessOrEqual', [a, g.scalar(t)]))
      const cells = [below[0]!, g.op('And', [above[0]!, below[1]!]), g.op('And', [above[1]!, below[2]!]), above[2]!]
      return cells
        .map((c, i) => g.op('Mul', [float(g, c), g.scalar(levels[i]!)]))
        .reduce((sum, x) => g.op('Add', [sum, x]))
    },
    'codes that look up a table of levels': (g, a) =>
      g.op('Gather', [
        g.floats(levels),
        g.op(
          'ReduceSum',
          [g.op('Cast', [g.op('Greater', [column(g, a), g.floats(thresholds)])], { to: 7 }), g.ints(-1)],
          { keepdims: 0 },
        ),
      ]),
    'channels flattened into the batch and back': (g, a) =>
      g.op('Reshape', [
        based(
          g,
          g.op('MatMul', [
            float(g, g.op('Greater', [g.op('Reshape', [a, g.ints(-1, 1)]), g.floats(thresholds)])),
            g.floats(steps, [3, 1]),
          ]),
        ),
        g.ints(-1, 3),
      ]),
    'flattened, weighted by Gemm': (g, a) =>
      g.op('Reshape', [
        g.op('Gemm', [
          float(g, g.op('Greater', [g.op('Reshape', [a, g.ints(-1, 1)]), g.floats(thresholds)])),
          g.floats(steps, [3, 1]),
          g.floats([levels[0]!]),
        ]),
        g.ints(-1, 3),
      ]),
    'Expand before the comparison': (g, a) =>
      based(
        g,
        weighted(
          g,
          float(g, g.op('Greater', [g.op('Expand', [column(g, a), g.ints(1, 1, 3)]), g.floats(thresholds, [1, 1, 3])])),
        ),
      ),
  }

  test.each(Object.entries(forms))('%s', (_, build) => {
    const network = withQuantizer(build)
    expectLayers(network)
    expect(network.quantizer).toEqual(hard)
  })

  test('axes as attributes (operator set 11)', () => {
    const network = withQuantizer(
      (g, a) =>
        based(
          g,
          g.op(
            'ReduceSum',
            [
              g.op('Mul', [
                float(g, g.op('Greater', [g.op('Unsqueeze', [a], { axes: [2] }), g.floats(thresholds)])),
                g.floats(steps),
              ]),
            ],
            { axes: [2], keepdims: 0 },
          ),
        ),
      encoder,
      11,
    )
    expectLayers(network)
    expect(network.quantizer).toEqual(hard)
  })

  test.each([
    ['GreaterOrEqual', (g: Graph, a: string) => g.op('GreaterOrEqual', [column(g, a), g.floats(thresholds)])],
    ['Not Less', (g: Graph, a: string) => g.op('Not', [g.op('Less', [column(g, a), g.floats(thresholds)])])],
    ['LessOrEqual turned round', (g: Graph, a: string) => g.op('LessOrEqual', [g.floats(thresholds), column(g, a)])],
  ])('%s compares with >=', (_, bits) => {
    const network = withQuantizer((g, a) => based(g, weighted(g, float(g, bits(g, a)))))
    expectLayers(network)
    expect(network.quantizer).toEqual({ ...hard, compare: 'ge' })
  })

  test('Sign, ties counted as below and said so', () => {
    const network = withQuantizer((g, a) =>
      based(
        g,
        weighted(
          g,
          g.op('Sign', [g.op('Sub', [column(g, a), g.floats(thresholds)])]),
          steps.map((s) => s / 2),
        ),
        (levels[0]! + levels[3]!) / 2,
      ),
    )
    expect(network.quantizer).toEqual(hard)
    expect(network.provenance['notes']).toMatch(/equal to its threshold/)
  })

  test('levels that fall and levels that are equal are kept', () => {
    const network = withQuantizer((g, a) =>
      based(g, weighted(g, float(g, g.op('Greater', [column(g, a), g.floats(thresholds)])), [1, 0, -0.5])),
    )
    expect(Array.from(network.quantizer.levels)).toEqual([-1.5, -0.5, -0.5, -1])
  })

  test('one threshold for one channel, without any axis of its own', () => {
    const narrow = [layer(1, 4, 'tanh')]
    const g = new Graph()
    const bits = float(g, g.op('Greater', [chain(g, 'y', narrow), g.floats(thresholds)]))
    const q = based(g, g.op('MatMul', [bits, g.floats(steps, [3, 1])]))
    const network = parseOnnx(g.bytes(chain(g, q, [layer(2, 1, 'linear')])))
    expect(network.encoder).toEqual(narrow)
    expect(network.quantizer).toEqual(hard)
    expect(network.decoder).toEqual([layer(2, 1, 'linear')])
  })
})

describe('soft quantizers', () => {
  // Fig. 2 of [0]
  const v = [0.15, 0.4, 0.45]
  const h = 64
  const s = [-0.2 * h, 0, (2 / 3) * h]
  const expected = { thresholds: [-0.2, 0, 2 / 3], levels: [-1, -0.7, 0.1, 1] }
  const column = (g: Graph, a: string) => g.op('Unsqueeze', [a, g.ints(-1)])
  const summed = (g: Graph, x: string) =>
    g.op('ReduceSum', [g.op('Mul', [g.floats(v), x]), g.ints(-1)], { keepdims: 0 })
  const linear = [layer(5, 4, 'tanh', 1), layer(3, 5, 'linear', 2)]

  const forms: Record<string, Build> = {
    'Mul h, Sub s, Tanh, Mul v, ReduceSum': (g, a) =>
      summed(g, g.op('Tanh', [g.op('Sub', [g.op('Mul', [column(g, a), g.scalar(h)]), g.floats(s)])])),
    'Add of -s, MatMul by v, Squeeze': (g, a) =>
      g.op('Squeeze', [
        g.op('MatMul', [
          g.op('Tanh', [g.op('Add', [g.floats(s.map((x) => -x)), g.op('Mul', [g.floats([h]), column(g, a)])])]),
          g.floats(v, [3, 1]),
        ]),
        g.ints(-1),
      ]),
    'h (a - t)': (g, a) =>
      summed(g, g.op('Tanh', [g.op('Mul', [g.scalar(h), g.op('Sub', [column(g, a), g.floats(expected.thresholds)])])])),
    's - h a with negative amplitudes': (g, a) =>
      g.op(
        'ReduceSum',
        [
          g.op('Mul', [
            g.floats(v.map((x) => -x)),
            g.op('Tanh', [g.op('Sub', [g.floats(s), g.op('Mul', [column(g, a), g.scalar(h)])])]),
          ]),
          g.ints(-1),
        ],
        { keepdims: 0 },
      ),
    'one scale a branch': (g, a) => {
      const scales = [64, 32, 16]
      return summed(
        g,
        g.op('Tanh', [
          g.op('Sub', [
            g.op('Mul', [column(g, a), g.floats(scales)]),
            g.floats(scales.map((x, i) => x * expected.thresholds[i]!)),
          ]),
        ]),
      )
    },
    'separate branches in any order': (g, a) =>
      [2, 0, 1]
        .map((i) =>
          g.op('Mul', [g.op('Tanh', [g.op('Sub', [g.op('Mul', [a, g.scalar(h)]), g.scalar(s[i]!)])]), g.scalar(v[i]!)]),
        )
        .reduce((sum, x) => g.op('Add', [sum, x])),
    'separate branches, division by 1/h': (g, a) =>
      v
        .map((x, i) =>
          g.op('Mul', [
            g.scalar(x),
            g.op('Tanh', [g.op('Div', [g.op('Sub', [a, g.scalar(expected.thresholds[i]!)]), g.scalar(1 / h)])]),
          ]),
        )
        .reduce((sum, x) => g.op('Add', [sum, x])),
    'Sigmoid in place of Tanh': (g, a) =>
      g.op('Sub', [
        g.op(
          'ReduceSum',
          [
            g.op('Mul', [
              g.floats(v.map((x) => 2 * x)),
              g.op('Sigmoid', [
                g.op('Sub', [g.op('Mul', [column(g, a), g.scalar(2 * h)]), g.floats(s.map((x) => 2 * x))]),
              ]),
            ]),
            g.ints(-1),
          ],
          { keepdims: 0 },
        ),
        g.scalar(1),
      ]),
  }

  for (const [ends, first] of [
    ['tanh', encoder],
    ['linear', linear],
  ] as const)
    test.each(Object.entries(forms))(`%s, after a ${ends} encoder`, (_, build) => {
      const { quantizer, ...network } = withQuantizer(build, first)
      expectLayers({ quantizer, ...network }, first)
      expect(quantizer.compare).toBe('gt')
      expect(quantizer.levelRule).toBe('saturated')
      for (const [k, t] of expected.thresholds.entries()) expect(quantizer.thresholds[k]).toBeCloseTo(t, 6)
      for (const [k, x] of expected.levels.entries()) expect(quantizer.levels[k]).toBeCloseTo(x, 6)
    })

  test.each([
    ['tanh', encoder],
    ['linear', linear],
  ] as const)('a single scaled tanh after a %s encoder is a quantizer of two levels', (_, first) => {
    const { quantizer, ...network } = withQuantizer(
      (g, a) =>
        g.op('Mul', [g.op('Tanh', [g.op('Sub', [g.op('Mul', [a, g.scalar(50)]), g.scalar(25)])]), g.scalar(0.75)]),
      first,
    )
    expectLayers({ quantizer, ...network }, first)
    expect(quantizer).toEqual({
      thresholds: Float64Array.of(0.5),
      levels: Float64Array.of(-0.75, 0.75),
      compare: 'gt',
      levelRule: 'saturated',
    })
  })

  test('a bare tanh among the branches is one of them', () => {
    const { quantizer, encoder: first } = withQuantizer(
      (g, a) =>
        g.op('Add', [g.op('Mul', [g.op('Tanh', [a]), g.scalar(0.5)]), g.op('Tanh', [g.op('Sub', [a, g.scalar(2)])])]),
      linear,
    )
    expect(first).toEqual(linear)
    expect(Array.from(quantizer.thresholds)).toEqual([0, 2])
    expect(Array.from(quantizer.levels)).toEqual([-1.5, -0.5, 1.5])
  })
})

describe('layers as exporters write them', () => {
  const quantizer: Build = (g, a) =>
    g.op('Add', [
      g.op('Squeeze', [
        g.op('MatMul', [
          g.op('Cast', [g.op('Greater', [g.op('Unsqueeze', [a, g.ints(-1)]), g.floats(thresholds)])], {
            to: g.type === 'f8' ? 11 : 1,
          }),
          g.floats(steps, [3, 1]),
        ]),
        g.ints(-1),
      ]),
      g.scalar(levels[0]!),
    ])
  /** The network whose second encoder layer is written in some way. */
  const withLayer = (build: Build, options: Parameters<Graph['bytes']>[1] = {}) => {
    const g = new Graph()
    const a = g.op('Tanh', [build(g, dense(g, 'y', encoder[0]!))])
    return parseOnnx(g.bytes(chain(g, quantizer(g, a), decoder), { input: { shape: ['n', 4] }, ...options }))
  }
  const { weight: w, bias: b } = encoder[1]!
  const transposed = (g: Graph, type?: 'f8') =>
    g.tensor({
      dims: [5, 3],
      values: Float64Array.from({ length: 15 }, (_, i) => w.data[(i % 3) * 5 + Math.floor(i / 3)]!),
      ...(type === undefined ? {} : { type }),
    })

  const forms: Record<string, Build> = {
    'Gemm without transposition': (g, x) => g.op('Gemm', [x, transposed(g), g.floats(b)]),
    'Gemm with alpha and beta': (g, x) =>
      g.op(
        'Gemm',
        [
          x,
          g.floats(
            w.data.map((k) => k * 2),
            [3, 5],
          ),
          g.floats(
            b.map((k) => k / 4),
            [1, 3],
          ),
        ],
        { transB: 1, alpha: { float: 0.5 }, beta: { float: 4 } },
      ),
    'MatMul and Add': (g, x) => g.op('Add', [g.op('MatMul', [x, transposed(g)]), g.floats(b)]),
    'Add and MatMul, bias first': (g, x) => g.op('Add', [g.floats(b, [1, 3]), g.op('MatMul', [x, transposed(g)])]),
    'the weight transposed by an operator': (g, x) =>
      g.op('Add', [g.op('MatMul', [x, g.op('Transpose', [g.floats(w.data, [3, 5])], { perm: [1, 0] })]), g.floats(b)]),
    'double constants cast to float': (g, x) =>
      g.op('Gemm', [x, g.op('Cast', [transposed(g, 'f8')], { to: 1 }), g.floats(b)]),
    'Constant nodes and float_data': (g, x) =>
      g.op('Add', [
        g.op('MatMul', [
          x,
          g.op('Constant', [], {
            value: { tensor: { dims: [5, 3], values: g.tensors.get(transposed(g))!.values, asList: true } },
          }),
        ]),
        g.op('Constant', [], { value: { tensor: { dims: [3], values: b } } }),
      ]),
    'no-ops in between': (g, x) =>
      g.op('Identity', [
        g.op(
          'Gemm',
          [
            g.op('Flatten', [g.op('Reshape', [g.op('Dropout', [x]), g.ints(-1, 5)])], { axis: 1 }),
            g.op('Identity', [g.floats(w.data, [3, 5])]),
            g.op('Reshape', [g.floats(b, [3, 1]), g.ints(-1)]),
          ],
          { transB: 1 },
        ),
      ]),
    'a reshape to the computed shape of the input': (g, x) => {
      const batch = g.op('Gather', [g.op('Shape', [x]), g.tensor({ dims: [], values: [0], type: 'i8' })], { axis: 0 })
      const shape = g.op('Concat', [g.op('Unsqueeze', [batch, g.ints(0)]), g.ints(-1)], { axis: 0 })
      return g.op('Gemm', [g.op('Reshape', [x, shape]), g.floats(w.data, [3, 5]), g.floats(b)], { transB: 1 })
    },
    'a scale that belongs to the layer behind': (g, x) =>
      g.op(
        'Gemm',
        [
          g.op('Mul', [x, g.floats([2, 2, 2, 2, 0.5])]),
          g.floats(
            w.data.map((k, i) => (i % 5 === 4 ? k * 2 : k / 2)),
            [3, 5],
          ),
          g.floats(b),
        ],
        { transB: 1 },
      ),
    'a product cut in two': (g, x) =>
      g.op('Add', [
        g.op('MatMul', [x, g.op('MatMul', [transposed(g), g.floats([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])])]),
        g.floats(b),
      ]),
  }

  test.each(Object.entries(forms))('%s', (_, build) => {
    const network = withLayer(build)
    expectLayers(network)
    expect(network.quantizer).toEqual(hard)
  })

  test('missing bias is zero', () => {
    const network = withLayer((g, x) => g.op('Gemm', [x, transposed(g)]))
    expect(network.encoder[1]).toEqual({ ...encoder[1], bias: new Float64Array(3) })
  })

  test('equal entries of a bias stay a bias', () => {
    const network = withLayer((g, x) => g.op('Add', [g.op('MatMul', [x, transposed(g)]), g.floats([0.5, 0.5, 0.5])]))
    expect(network.encoder[1]).toEqual({ ...encoder[1], bias: Float64Array.of(0.5, 0.5, 0.5) })
  })

  test('batch normalization goes into the layer before it', () => {
    const [scale, shift, mean, variance] = [
      [2, 1, 0.5],
      [0.25, 0, -1],
      [1, -1, 0],
      [0.75, 3.75, 0.75],
    ]
    const network = withLayer((g, x) =>
      g.op(
        'BatchNormalization',
        [
          g.op('Gemm', [x, g.floats(w.data, [3, 5]), g.floats(b)], { transB: 1 }),
          ...[scale!, shift!, mean!, variance!].map((p) => g.floats(p)),
        ],
        { epsilon: { float: 0.25 } },
      ),
    )
    const k = [2, 0.5, 0.5]
    const folded = network.encoder[1]!
    w.data.forEach((x, i) => {
      expect(folded.weight.data[i]).toBeCloseTo(x * k[Math.floor(i / 5)]!, 12)
    })
    b.forEach((x, i) => {
      expect(folded.bias[i]).toBeCloseTo((x - mean![i]!) * k[i]! + shift![i]!, 12)
    })
  })

  test('vectors as columns', () => {
    const g = new Graph()
    const left = (x: string, l: DenseLayer) => {
      const z = g.op('Add', [
        g.op('MatMul', [g.floats(l.weight.data, [l.weight.rows, l.weight.cols]), x]),
        g.floats(l.bias, [l.bias.length, 1]),
      ])
      return l.activation === 'linear' ? z : g.op(operators[l.activation], [z])
    }
    const out = decoder.reduce(left, quantizer(g, encoder.reduce(left, 'y')))
    const network = parseOnnx(g.bytes(out, { input: { shape: [4, 1] } }))
    expectLayers(network)
    expect(network.quantizer).toEqual(hard)
  })

  test('a single vector without a batch', () => {
    const g = new Graph()
    const left = (x: string, l: DenseLayer) => {
      const z = g.op('Add', [
        g.op('MatMul', [g.floats(l.weight.data, [l.weight.rows, l.weight.cols]), x]),
        g.floats(l.bias),
      ])
      return l.activation === 'linear' ? z : g.op(operators[l.activation], [z])
    }
    const out = decoder.reduce(left, quantizer(g, encoder.reduce(left, 'y')))
    expectLayers(parseOnnx(g.bytes(out, { input: { shape: [4] } })))
  })

  test('exported for one vector, with its number in every reshape', () => {
    const g = new Graph()
    const a = chain(g, g.op('Reshape', ['y', g.ints(1, 4)]), encoder)
    const bits = g.op('Greater', [g.op('Reshape', [a, g.ints(3, 1)]), g.floats(thresholds)])
    const sum = g.op('MatMul', [g.op('Cast', [bits], { to: 1 }), g.floats(steps, [3, 1])])
    const q = g.op('Add', [g.op('Reshape', [sum, g.ints(1, 3)]), g.scalar(levels[0]!)])
    const network = parseOnnx(g.bytes(chain(g, q, decoder), { input: { shape: [1, 4] } }))
    expectLayers(network)
    expect(network.quantizer).toEqual(hard)
  })

  test('an input of blocks that is flattened first', () => {
    const g = new Graph()
    const flat = g.op('Flatten', ['y'], { axis: 1 })
    const out = chain(g, quantizer(g, chain(g, flat, encoder)), decoder)
    expectLayers(parseOnnx(g.bytes(out, { input: { shape: ['n', 2, 2] } })))
  })

  test('scaled outputs become part of the last layer; a trailing Softmax is left out and noted', () => {
    const g = new Graph()
    const out = g.op('Mul', [chain(g, quantizer(g, chain(g, 'y', encoder)), decoder), g.scalar(2)])
    const network = parseOnnx(g.bytes(g.op('Softmax', [out], { axis: -1 })))
    expect(network.decoder[1]).toEqual({
      ...decoder[1],
      weight: matrix(
        2,
        6,
        decoder[1]!.weight.data.map((x) => 2 * x),
      ),
      bias: decoder[1]!.bias.map((x) => 2 * x),
    })
    expect(network.provenance['notes']).toMatch(/Softmax/)
  })

  test('a scaled tanh at the end becomes a diagonal layer', () => {
    const g = new Graph()
    const ends = [decoder[0]!, { ...decoder[1]!, activation: 'tanh' as const }]
    const out = g.op('Add', [
      g.op('Mul', [chain(g, quantizer(g, chain(g, 'y', encoder)), ends), g.floats([2, 3])]),
      g.floats([1, -1]),
    ])
    const network = parseOnnx(g.bytes(out))
    expect(network.decoder).toEqual([
      ...ends,
      {
        weight: fromRows([
          [2, 0],
          [0, 3],
        ]),
        bias: Float64Array.of(1, -1),
        activation: 'linear',
      },
    ])
  })

  test('scaled activations beside a certain quantizer stay activations', () => {
    const network = withLayer((g, x) =>
      g.op('Mul', [
        g.op(
          'Gemm',
          [
            x,
            g.floats(
              w.data.map((k) => k / 2),
              [3, 5],
            ),
            g.floats(b.map((k) => k / 2)),
          ],
          { transB: 1 },
        ),
        g.scalar(2),
      ]),
    )
    expectLayers(network)
    expect(network.quantizer).toEqual(hard)
  })

  test('a scaled tanh before the quantizer scales its thresholds', () => {
    const g = new Graph()
    const z = g.op('Gemm', ['y', g.floats(weights(3, 4).data, [3, 4]), g.floats([0, 0, 0])], { transB: 1 })
    const a = g.op('Mul', [g.op('Tanh', [g.op('Mul', [z, g.scalar(0.5)])]), g.scalar(2)])
    const network = parseOnnx(g.bytes(chain(g, quantizer(g, a), decoder)))
    expect(network.encoder).toHaveLength(1)
    expect(Array.from(network.encoder[0]!.weight.data)).toEqual(Array.from(weights(3, 4).data, (x) => x / 2))
    expect(network.quantizer).toEqual({ ...hard, thresholds: hard.thresholds.map((t) => t / 2) })
  })

  test('double precision stays double', () => {
    const g = new Graph('f8')
    const out = chain(
      g,
      quantizer(
        g,
        chain(
          g,
          'y',
          encoder.map((l) => ({ ...l, weight: { ...l.weight, data: l.weight.data.map((x) => x / 3) } })),
        ),
      ),
      decoder,
    )
    const network = parseOnnx(g.bytes(out, { input: { type: 11 } }))
    expect(network.encoder[0]!.weight.data[0]).toBe(encoder[0]!.weight.data[0]! / 3)
  })

  test('operators that nothing needs are not read', () => {
    const g = new Graph()
    const a = chain(g, 'y', encoder)
    g.op('LSTM', [a])
    expectLayers(parseOnnx(g.bytes(chain(g, quantizer(g, a), decoder))))
  })
})
