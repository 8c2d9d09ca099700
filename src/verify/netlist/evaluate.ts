/**
 * The value of an expression of parameters.
 */
import { type Expression, parts, within } from '../../emit/spice/expression.ts'

/**
 * @param value  of a parameter; undefined = unknown
 * @returns      the value, or why there is none: an unknown parameter, a voltage, a current or time, or no finite number
 */
export function evaluate(
  expression: Expression,
  value: (name: string) => number | undefined,
): number | { readonly problem: string } {
  if (expression.op === 'parameter') {
    const x = value(expression.name)
    return x ?? { problem: `there is no parameter ${expression.name}` }
  }
  // From the innermost outwards: each comes after the parts it is made of.
  const values = new Map<Expression, number>()
  for (const part of within(expression).reverse()) {
    if (part.op === 'volts' || part.op === 'amperes' || part.op === 'time')
      return { problem: `it depends on ${part.op === 'time' ? 'time' : `the ${part.op} of a solution`}` }
    if (part.op === 'parameter' && value(part.name) === undefined)
      return { problem: `there is no parameter ${part.name}` }
    const of = parts(part).map((inner) => values.get(inner)!)
    const x = apply(part, of, value)
    // Simulators do not agree on which side of a choice it takes.
    if (Number.isNaN(x)) return { problem: 'a part of it is NaN' }
    values.set(part, x)
  }
  const x = values.get(expression)!
  return Number.isFinite(x) ? x : { problem: `it is ${x}` }
}

function apply(e: Expression, of: readonly number[], value: (name: string) => number | undefined): number {
  const [a, b, c] = of as [number, number, number]
  switch (e.op) {
    case 'number':
      return e.value
    case 'parameter':
      return value(e.name)!
    case 'negative':
      return -a
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '>':
      return a > b ? 1 : 0
    case '>=':
      return a >= b ? 1 : 0
    case 'choose':
      return a !== 0 ? b : c
    case 'call':
      if (e.name === 'signedPower') return Math.sign(a) * Math.abs(a) ** b
      return e.name === 'min' || e.name === 'max' ? Math[e.name](a, b) : Math[e.name](a)
    case 'lines':
      return between(e.points, a)
    default:
      return Number.NaN
  }
}

function between(points: readonly (readonly [number, number])[], x: number): number {
  const next = points.findIndex(([at]) => at >= x)
  if (next < 0) return points.at(-1)?.[1] ?? Number.NaN
  const [x1, y1] = points[next]!
  if (next === 0) return y1
  const [x0, y0] = points[next - 1]!
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
