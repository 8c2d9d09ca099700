import { readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { parseOnnx, parseOnnxLayers } from '../../../src/network/formats/onnx.ts'
import { fixture } from '../../support/fixtures.ts'
import { Graph, type NodeSpec, onnxBytes, type Tensor } from '../../support/onnx-writer.ts'

const problemsOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
  throw new Error('accepted')
}
const ones = (rows: number, cols: number): Tensor => ({
  dims: [rows, cols],
  values: new Float64Array(rows * cols).fill(1),
})

/** y (2) -> 3 channels -> two levels -> 1, with something changed. */
function small(
  change: {
    tensors?: Record<string, Tensor>
    nodes?: readonly NodeSpec[]
    inputs?: { name: string; shape?: readonly (number | string)[]; type?: number }[]
    outputs?: { name: string }[]
  } = {},
): Uint8Array {
  const tensors: Record<string, Tensor> = {
    W: ones(3, 2),
    b: { dims: [3], values: [0, 1, 2] },
    t: { dims: [], values: [0.5] },
    V: ones(1, 3),
    ...change.tensors,
  }
  const node = (operator: string, inputs: string[], output: string, attributes = {}): NodeSpec => ({
    operator,
    inputs,
    outputs: [output],
    attributes,
    name: `the_${output}`,
  })
  const nodes = new Map(
    [
      node('Gemm', ['y', 'W', 'b'], 'z', { transB: 1 }),
      node('Tanh', ['z'], 'a'),
      node('Greater', ['a', 't'], 'bits'),
      node('Cast', ['bits'], 'codes', { to: 1 }),
      node('Gemm', ['codes', 'V'], 'x', { transB: 1 }),
    ].map((n) => [n.outputs[0]!, n]),
  )
  for (const n of change.nodes ?? []) nodes.set(n.outputs[0]!, n)
  return onnxBytes({
    nodes: [...nodes.values()],
    tensors: Object.entries(tensors),
    inputs: change.inputs ?? [{ name: 'y', shape: ['n', 2] }],
    outputs: change.outputs ?? [{ name: 'x' }],
  })
}
const first = (bytes: Uint8Array) => problemsOf(() => parseOnnx(bytes))[0]!

describe('what is refused, and where', () => {
  test('the small network itself is accepted', () => {
    expect(parseOnnx(small()).quantizer.thresholds).toEqual(Float64Array.of(0.5))
  })

  test('every unsupported operator is named with its node', () => {
    const problems = problemsOf(() =>
      parseOnnx(
        small({
          nodes: [
            { operator: 'Conv', inputs: ['y', 'W'], outputs: ['y2'], name: 'conv1' },
            { operator: 'Gemm', inputs: ['y2', 'W', 'b'], outputs: ['z'], attributes: { transB: 1 } },
            { operator: 'FusedGemm', domain: 'com.microsoft', inputs: ['codes', 'V'], outputs: ['x'], name: 'fused' },
          ],
        }),
      ),
    )
    expect(problems.map((p) => [p.code, p.at?.pointer])).toEqual([
      ['OHM1104', 'conv1'],
      ['OHM1104', 'fused'],
    ])
    expect(problems[0]!.message).toContain('Conv (node "conv1")')
    expect(problems[1]!.message).toContain('com.microsoft.FusedGemm')
  })

  test('weights in another file', () => {
    const problem = first(small({ tensors: { V: { ...ones(1, 3), external: true } } }))
    expect(problem).toMatchObject({ code: 'OHM1108', at: { pointer: 'V' } })
    expect(problem.hint).toContain('save_as_external_data=False')
  })

  const cases: [string, Parameters<typeof small>[0], string, string][] = [
    ['half precision', { tensors: { W: { ...ones(3, 2), type: 'f2' } } }, 'OHM1107', 'W'],
    ['a half precision input', { inputs: [{ name: 'y', type: 10 }] }, 'OHM1107', 'y'],
    ['NaN', { tensors: { b: { dims: [3], values: [0, Number.NaN, 1] } } }, 'OHM1103', 'b'],
    ['infinity', { tensors: { t: { dims: [], values: [Number.POSITIVE_INFINITY] } } }, 'OHM1103', 't'],
    ['a shape of 2^40 x 2^40', { tensors: { W: { ...ones(3, 2), dims: [2 ** 40, 2 ** 40] } } }, 'OHM1004', 'W'],
    ['a shape of 2^40', { tensors: { b: { dims: [2 ** 40], values: [0] } } }, 'OHM1004', 'b'],
    ['a negative size', { tensors: { W: { ...ones(3, 2), dims: [-3, -2] } } }, 'OHM1004', 'W'],
    ['a weight for another width', { tensors: { W: ones(3, 4) } }, 'OHM1102', 'the_z'],
    ['a bias of another length', { tensors: { b: { dims: [2], values: [0, 1] } } }, 'OHM1102', 'the_z'],
    ['a decoder of another width', { tensors: { V: ones(1, 4) } }, 'OHM1102', 'the_x'],
    [
      'thresholds that differ between channels',
      { tensors: { t: { dims: [3], values: [0, 1, 2] } } },
      'OHM1105',
      'the_bits',
    ],
    [
      'a name that nothing defines',
      { nodes: [{ operator: 'Tanh', inputs: ['nothing'], outputs: ['a'] }] },
      'OHM1101',
      'nothing',
    ],
    ['a circle', { nodes: [{ operator: 'Add', inputs: ['z', 'bits'], outputs: ['a'], name: 'loop' }] }, 'OHM1105', ''],
    [
      'a skip connection',
      { nodes: [{ operator: 'Add', inputs: ['a', 'codes'], outputs: ['x'], name: 'skip' }] },
      'OHM1105',
      'skip',
    ],
    [
      'a residual around a layer',
      {
        nodes: [
          { operator: 'Tanh', inputs: ['r'], outputs: ['a'] },
          { operator: 'Add', inputs: ['z', 'y'], outputs: ['r'], name: 'residual' },
        ],
      },
      'OHM1105',
      'residual',
    ],
    [
      'an activation without a layer',
      { nodes: [{ operator: 'Sigmoid', inputs: ['y'], outputs: ['z'], name: 'the_z' }], tensors: { V: ones(1, 2) } },
      'OHM1105',
      'the_z',
    ],
    [
      'a transposed input',
      {
        nodes: [
          { operator: 'Gemm', inputs: ['y', 'W'], outputs: ['z'], name: 'tA', attributes: { transA: 1, transB: 1 } },
        ],
      },
      'OHM1105',
      'tA',
    ],
    [
      'two quantizers',
      {
        nodes: [
          { operator: 'Gemm', inputs: ['codes', 'S'], outputs: ['m'] },
          { operator: 'Greater', inputs: ['m', 't'], outputs: ['again'] },
          { operator: 'Cast', inputs: ['again'], outputs: ['c2'], attributes: { to: 1 } },
          { operator: 'Gemm', inputs: ['c2', 'V'], outputs: ['x'], attributes: { transB: 1 } },
        ],
        tensors: { S: ones(3, 3) },
      },
      'OHM1105',
      '',
    ],
    [
      'a cast to half precision',
      { nodes: [{ operator: 'Cast', inputs: ['bits'], outputs: ['codes'], attributes: { to: 10 } }] },
      'OHM1107',
      'codes',
    ],
    [
      'a cast of a continuous signal to integers',
      { nodes: [{ operator: 'Cast', inputs: ['z'], outputs: ['a'], attributes: { to: 7 }, name: 'trunc' }] },
      'OHM1104',
      'trunc',
    ],
    [
      'a product of two signals',
      { nodes: [{ operator: 'Mul', inputs: ['z', 'z'], outputs: ['a'], name: 'square' }] },
      'OHM1104',
      'square',
    ],
    [
      'a Softmax inside',
      { nodes: [{ operator: 'Softmax', inputs: ['z'], outputs: ['a'], name: 'soft' }] },
      'OHM1104',
      'soft',
    ],
    [
      'a sum over the channels',
      {
        nodes: [{ operator: 'ReduceSum', inputs: ['codes', 'axis'], outputs: ['x'], name: 'sum' }],
        tensors: { axis: { dims: [1], values: [1], type: 'i8' } },
      },
      'OHM1104',
      'sum',
    ],
    [
      'a reshape that mixes channels',
      {
        nodes: [{ operator: 'Reshape', inputs: ['z', 'shape'], outputs: ['a'], name: 'mix' }],
        tensors: { shape: { dims: [2], values: [3, -1], type: 'i8' } },
      },
      'OHM1105',
      'mix',
    ],
    ['no quantizer', { nodes: [{ operator: 'Identity', inputs: ['a'], outputs: ['codes'] }] }, 'OHM1105', ''],
    ['a constant output', { nodes: [{ operator: 'Identity', inputs: ['V'], outputs: ['x'] }] }, 'OHM1105', ''],
    [
      'a second output of an operator',
      {
        nodes: [
          { operator: 'Dropout', inputs: ['z'], outputs: ['d', 'a2'] },
          { operator: 'Tanh', inputs: ['a2'], outputs: ['a'] },
        ],
      },
      'OHM1105',
      '',
    ],
  ]
  test.each(cases)('%s', (_, change, code, pointer) => {
    const problem = first(small(change))
    expect(problem.code).toBe(code)
    if (pointer !== '') expect(problem.at?.pointer).toBe(pointer)
  })

  test('several inputs or outputs are named; initializers among the inputs are none', () => {
    expect(first(small({ inputs: [{ name: 'y' }, { name: 'noise' }] })).message).toContain('2 inputs: y, noise')
    expect(first(small({ outputs: [{ name: 'x' }, { name: 'codes' }] })).message).toContain('2 outputs: x, codes')
    expect(first(small({ inputs: [] })).message).toContain('no input')
    expect(parseOnnx(small({ inputs: [{ name: 'y' }, { name: 'W' }, { name: 'b' }] })).encoder).toHaveLength(1)
  })

  test('two tensors or two operators of one name', () => {
    const g = new Graph()
    const spec = { nodes: g.nodes, inputs: [{ name: 'y' }], outputs: [{ name: 'x' }] }
    expect(
      first(
        onnxBytes({
          ...spec,
          tensors: [
            ['W', ones(1, 1)],
            ['W', ones(1, 1)],
          ],
        }),
      ),
    ).toMatchObject({ code: 'OHM1101' })
    const nodes = [1, 2].map((): NodeSpec => ({ operator: 'Tanh', inputs: ['y'], outputs: ['x'] }))
    expect(first(onnxBytes({ ...spec, nodes, tensors: [] }))).toMatchObject({ code: 'OHM1105' })
  })

  test('names of the language are names like others', () => {
    const names = ['__proto__', 'constructor', 'toString']
    const tensors = new Map<string, Tensor>([
      ['__proto__', ones(3, 2)],
      ['t', { dims: [], values: [0] }],
      ['V', ones(1, 3)],
    ])
    const network = parseOnnx(
      onnxBytes({
        nodes: [
          {
            operator: 'Gemm',
            inputs: ['hasOwnProperty', '__proto__'],
            outputs: [names[1]!],
            attributes: { transB: 1 },
          },
          { operator: 'Greater', inputs: ['constructor', 't'], outputs: [names[2]!] },
          { operator: 'Cast', inputs: ['toString'], outputs: ['valueOf'], attributes: { to: 1 } },
          { operator: 'Gemm', inputs: ['valueOf', 'V'], outputs: ['x'], attributes: { transB: 1 } },
        ],
        tensors,
        inputs: [{ name: 'hasOwnProperty' }],
        outputs: [{ name: 'x' }],
      }),
    )
    expect(network.encoder[0]!.weight.cols).toBe(2)
  })

  test('an encoder graph is not a whole network, and the other way round', () => {
    const g = new Graph()
    const bytes = g.bytes(g.op('Relu', [g.op('MatMul', ['y', g.floats([1, 2], [2, 1])])]))
    expect(first(bytes).message).toContain('holds no quantizer')
    expect(parseOnnxLayers(bytes)).toMatchObject({ quantizer: null, layers: [{ activation: 'relu' }] })
    expect(problemsOf(() => parseOnnxLayers(small()))[0]!.message).toContain('whole network')
  })
})

describe('graphs that unfold to far more than their file', () => {
  const limited = (bytes: Uint8Array) => {
    const start = performance.now()
    expect(first(bytes).code).toBe('OHM1002')
    expect(performance.now() - start).toBeLessThan(5000)
  }

  test('two long vectors of constants made into a matrix', () => {
    const g = new Graph()
    const n = 20000
    const outer = g.op('Mul', [g.floats(new Float64Array(n), [n, 1]), g.floats(new Float64Array(n), [1, n])])
    limited(g.bytes(g.op('MatMul', ['y', outer])))
  })

  test('an Expand to 2^40 thresholds', () => {
    const g = new Graph()
    limited(g.bytes(g.op('Expand', [g.op('Unsqueeze', ['y', g.ints(-1)]), g.ints(1, 1, 2 ** 40)])))
  })

  test('a ConstantOfShape', () => {
    const g = new Graph()
    limited(g.bytes(g.op('Add', ['y', g.op('ConstantOfShape', [g.ints(2 ** 20, 2 ** 20)])])))
  })

  test('a staircase doubled forty times', () => {
    const g = new Graph()
    let x = g.op('Cast', [g.op('Greater', ['y', g.scalar(0)])], { to: 1 })
    for (let i = 0; i < 40; i++) x = g.op('Add', [x, x])
    limited(g.bytes(x))
  })

  test('a chain of a hundred thousand operators is followed without recursion', () => {
    const g = new Graph()
    let x = g.op('MatMul', ['y', g.floats([1], [1, 1])])
    for (let i = 0; i < 100_000; i++) x = g.op('Identity', [x])
    expect(first(g.bytes(x)).message).toContain('holds no quantizer')
  })
})

describe('damaged files', () => {
  const model = new Uint8Array(readFileSync(fixture('networks/det_R1_shq_snr12/model.onnx')))

  test('cut short anywhere: an error, or the same network where only the list of operator sets is lost', () => {
    const whole = parseOnnx(model)
    for (let n = 0; n < model.length; n++) {
      const part = model.subarray(0, n)
      if (n < model.length - 6) expect(problemsOf(() => parseOnnx(part)).length).toBeGreaterThan(0)
      else
        try {
          expect(parseOnnx(part)).toEqual(whole)
        } catch (error) {
          expect(error).toBeInstanceOf(OhmbitError)
        }
    }
  })

  property.prop([fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })], { numRuns: 1000 })(
    'any bytes changed: an error or a network, never anything else',
    (changes) => {
      // The small graph: nearly every byte means something.
      const bytes = small()
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      try {
        parseOnnx(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(OhmbitError)
      }
    },
  )

  test.each([
    ['groups nested without end', Uint8Array.from({ length: 5000 }, () => 0x0b)],
    ['a length of 4 GiB', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)],
    ['a varint without end', new Uint8Array(100).fill(0xff)],
    ['nothing', new Uint8Array(0)],
  ])('%s', (_, bytes) => {
    expect(first(bytes).code).toBe('OHM1004')
  })
})
