/**
 * Expressions for simulators that take a comparison only as the condition of a choice.
 */
import { call, choose, type Expression, greater } from '../expression.ts'

const compares = (e: Expression) => e.op === '>' || e.op === '>='

/** The same values, every comparison a condition and every condition a comparison. */
export function asConditions(e: Expression): Expression {
  const value = (x: Expression): Expression => {
    const inner = asConditions(x)
    return compares(inner) ? choose(inner, 1, 0) : inner
  }
  switch (e.op) {
    case 'negative':
      return { ...e, of: value(e.of) }
    case '+':
    case '-':
    case '*':
    case '/':
    case '>':
    case '>=':
      return { ...e, left: value(e.left), right: value(e.right) }
    case 'choose': {
      const when = asConditions(e.when)
      return { ...e, when: compares(when) ? when : greater(call('abs', when), 0), yes: value(e.yes), no: value(e.no) }
    }
    case 'call':
      return { ...e, of: e.of.map(value) }
    case 'lines':
      return { ...e, of: value(e.of) }
    default:
      return e
  }
}

/** A whole expression: a comparison by itself is 1 or 0. */
export const asValue = (e: Expression): Expression => {
  const out = asConditions(e)
  return compares(out) ? choose(out, 1, 0) : out
}
