import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import { parseOnnx } from '../../../src/network/formats/onnx.ts'
import { codeOf } from '../../../src/network/forward.ts'
import { Graph } from '../../support/onnx-writer.ts'

/** A scalar function of the encoder's output, as operators and as arithmetic. */
interface Expression {
  readonly build: (g: Graph, a: string) => string
  readonly at: (a: number) => number
}

/** Multiples of 1/8: sums and products of a few are exact in float32, so ties are decided exactly. */
const eighths = fc.integer({ min: -24, max: 24 }).map((n) => n / 8)

const linear: fc.Arbitrary<Expression> = fc.oneof(
  fc.constant<Expression>({ build: (_, a) => a, at: (a) => a }),
  fc.constant<Expression>({ build: (g, a) => g.op('Neg', [a]), at: (a) => -a }),
  eighths.map((c): Expression => ({ build: (g, a) => g.op('Add', [a, g.scalar(c)]), at: (a) => a + c })),
  eighths.map((c): Expression => ({ build: (g, a) => g.op('Sub', [g.scalar(c), a]), at: (a) => c - a })),
  fc
    .constantFrom(2, -0.5, 4)
    .map((c): Expression => ({ build: (g, a) => g.op('Mul', [a, g.scalar(c)]), at: (a) => a * c })),
)

const comparisons = {
  Greater: (x: number, y: number) => x > y,
  GreaterOrEqual: (x: number, y: number) => x >= y,
  Less: (x: number, y: number) => x < y,
  LessOrEqual: (x: number, y: number) => x <= y,
}
const compare: fc.Arbitrary<Expression> = fc
  .tuple(fc.constantFrom(...(Object.keys(comparisons) as (keyof typeof comparisons)[])), linear, eighths)
  .map(([operator, x, c]) => ({
    build: (g, a) => g.op(operator, [x.build(g, a), g.scalar(c)]),
    at: (a) => Number(comparisons[operator](x.at(a), c)),
  }))

const { truth, number } = fc.letrec<{ truth: Expression; number: Expression }>((tie) => ({
  truth: fc.oneof(
    { maxDepth: 3 },
    compare,
    tie('truth').map((x): Expression => ({ build: (g, a) => g.op('Not', [x.build(g, a)]), at: (a) => 1 - x.at(a) })),
    fc.tuple(fc.constantFrom('And', 'Or', 'Xor'), tie('truth'), tie('truth')).map(
      ([operator, x, y]): Expression => ({
        build: (g, a) => g.op(operator, [x.build(g, a), y.build(g, a)]),
        at: (a) => {
          const sum = x.at(a) + y.at(a)
          return Number(operator === 'And' ? sum === 2 : operator === 'Or' ? sum > 0 : sum === 1)
        },
      }),
    ),
  ),
  number: fc.oneof(
    { maxDepth: 4 },
    tie('truth').map((x): Expression => ({ build: (g, a) => g.op('Cast', [x.build(g, a)], { to: 1 }), at: x.at })),
    fc.tuple(tie('number'), eighths).map(
      ([x, c]): Expression => ({
        build: (g, a) => g.op('Mul', [g.scalar(c), x.build(g, a)]),
        at: (a) => c * x.at(a),
      }),
    ),
    fc.tuple(fc.constantFrom('Add', 'Sub'), tie('number'), tie('number')).map(
      ([operator, x, y]): Expression => ({
        build: (g, a) => g.op(operator, [x.build(g, a), y.build(g, a)]),
        at: (a) => (operator === 'Add' ? x.at(a) + y.at(a) : x.at(a) - y.at(a)),
      }),
    ),
    fc.tuple(tie('truth'), tie('number'), eighths).map(
      ([c, x, y]): Expression => ({
        build: (g, a) => g.op('Where', [c.build(g, a), x.build(g, a), g.scalar(y)]),
        at: (a) => (c.at(a) === 1 ? x.at(a) : y),
      }),
    ),
    tie('number').map(
      (x): Expression => ({ build: (g, a) => g.op('Floor', [x.build(g, a)]), at: (a) => Math.floor(x.at(a)) }),
    ),
    fc.tuple(tie('number'), compare, tie('number')).map(
      ([x, c, y]): Expression => ({
        build: (g, a) =>
          g.op('Mul', [x.build(g, a), g.op('Add', [g.op('Cast', [c.build(g, a)], { to: 1 }), y.build(g, a)])]),
        at: (a) => x.at(a) * (c.at(a) + y.at(a)),
      }),
    ),
  ),
}))

property.prop([number, truth], { numRuns: 300 })(
  'any graph of comparisons and arithmetic is read as the staircase that it computes, ties included',
  (x, step) => {
    const g = new Graph()
    const a = g.op('Gemm', ['y', g.floats([1, 2, 3, 4], [2, 2]), g.floats([0, 1])])
    // A step of its own, so that the whole depends on the input whatever x is.
    const sure = g.op('Cast', [g.op('Greater', [a, g.scalar(5)])], { to: 1 })
    const other = g.op('Cast', [step.build(g, a)], { to: 1 })
    const q = g.op('Sum', [x.build(g, a), sure, other])
    const network = parseOnnx(g.bytes(g.op('MatMul', [q, g.floats([1, 0, 0, 1], [2, 2])])))
    const { quantizer } = network
    for (let n = -120; n <= 120; n++) {
      const at = n / 16
      const expected = x.at(at) + step.at(at) + Number(at > 5)
      expect(quantizer.levels[codeOf(quantizer, at)]).toBeCloseTo(expected, 9)
    }
  },
)
