/**
 * Expressions of a circuit: values of elements and parameters, and what behavioural sources follow. One form; each
 * dialect prints it its own way.
 */

/** Functions with the same meaning in every dialect, whatever it calls them. */
export const FUNCTIONS = {
  min: 2,
  max: 2,
  abs: 1,
  exp: 1,
  tanh: 1,
  sinh: 1,
  cosh: 1,
  /** sgn(x) |x|^y */
  signedPower: 2,
} as const
export type FunctionName = keyof typeof FUNCTIONS

export type Expression =
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'parameter'; readonly name: string }
  /** Volts of a node against ground. */
  | { readonly op: 'volts'; readonly node: string }
  /** Ampere through a voltage source, from its first node to its second inside it. */
  | { readonly op: 'amperes'; readonly source: string }
  /** Seconds of a transient. */
  | { readonly op: 'time' }
  | { readonly op: 'negative'; readonly of: Expression }
  | { readonly op: '+' | '-' | '*' | '/'; readonly left: Expression; readonly right: Expression }
  /** 1 or 0. */
  | { readonly op: '>' | '>='; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'choose'; readonly when: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly op: 'call'; readonly name: FunctionName; readonly of: readonly Expression[] }
  /** Straight lines between points of ascending x. Beyond them dialects differ (ngspice goes on along the last): stay within. */
  | { readonly op: 'lines'; readonly of: Expression; readonly points: readonly (readonly [number, number])[] }

/** What may stand for an expression when one is built. */
export type Term = Expression | number

export const term = (x: Term): Expression => (typeof x === 'number' ? { op: 'number', value: x } : x)
export const parameter = (name: string): Expression => ({ op: 'parameter', name })
export const volts = (node: string): Expression => ({ op: 'volts', node })
export const negative = (of: Term): Expression => ({ op: 'negative', of: term(of) })
const two =
  (op: '+' | '-' | '*' | '/' | '>' | '>=') =>
  (left: Term, right: Term): Expression => ({ op, left: term(left), right: term(right) })
export const plus = two('+')
export const minus = two('-')
export const times = two('*')
export const over = two('/')
export const greater = two('>')
export const atLeast = two('>=')
export const choose = (when: Term, yes: Term, no: Term): Expression => ({
  op: 'choose',
  when: term(when),
  yes: term(yes),
  no: term(no),
})
export const call = (name: FunctionName, ...of: readonly Term[]): Expression => ({
  op: 'call',
  name,
  of: of.map(term),
})
export const lines = (of: Term, points: readonly (readonly [number, number])[]): Expression => ({
  op: 'lines',
  of: term(of),
  points,
})
/** @returns 0 for no terms */
export const sum = (terms: readonly Term[]): Expression =>
  terms.length === 0 ? term(0) : terms.slice(1).reduce<Expression>((a, b) => plus(a, b), term(terms[0]!))

/** What an expression is directly made of. */
export function parts(e: Expression): readonly Expression[] {
  switch (e.op) {
    case 'number':
    case 'parameter':
    case 'volts':
    case 'amperes':
    case 'time':
      return []
    case 'negative':
    case 'lines':
      return [e.of]
    case 'choose':
      return [e.when, e.yes, e.no]
    case 'call':
      return e.of
    default:
      return [e.left, e.right]
  }
}

/** Every expression within an expression, itself first. */
export function within(e: Expression): Expression[] {
  const all: Expression[] = []
  const open = [e]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    all.push(next)
    open.push(...parts(next).toReversed())
  }
  return all
}

/** How a dialect writes the parts of an expression. */
export interface Notation {
  readonly number: (x: number) => string
  readonly parameter: (name: string) => string
  readonly volts: (node: string) => string
  readonly amperes: (source: string) => string
  readonly time: string
  /** condition, value where it holds, value where not */
  readonly choose: (when: string, yes: string, no: string) => string
  readonly call: (name: FunctionName, of: readonly string[]) => string
  readonly lines: (of: string, points: readonly (readonly [number, number])[]) => string
}

const STRENGTH = { '>': 1, '>=': 1, '+': 2, '-': 2, '*': 3, '/': 3 } as const

/** Print with no more parentheses than needed; a choice is always in parentheses. */
export function expressionText(e: Expression, notation: Notation): string {
  const text = (x: Expression, least: number): string => {
    const [out, strength] = own(x)
    return strength < least ? `(${out})` : out
  }
  const own = (x: Expression): readonly [string, number] => {
    switch (x.op) {
      case 'number':
        return [notation.number(x.value), x.value < 0 || Object.is(x.value, -0) ? 0 : 9]
      case 'parameter':
        return [notation.parameter(x.name), 9]
      case 'volts':
        return [notation.volts(x.node), 9]
      case 'amperes':
        return [notation.amperes(x.source), 9]
      case 'time':
        return [notation.time, 9]
      // Bracketed wherever it stands inside another: dialects differ in how strongly a sign binds. -1 is a number.
      case 'negative':
        return [x.of.op === 'number' ? `-(${own(x.of)[0]})` : `-${text(x.of, 4)}`, 0]
      case 'choose':
        return [`(${notation.choose(text(x.when, 1), text(x.yes, 1), text(x.no, 1))})`, 9]
      case 'call':
        return [
          notation.call(
            x.name,
            x.of.map((y) => text(y, 0)),
          ),
          9,
        ]
      case 'lines':
        return [notation.lines(text(x.of, 0), x.points), 9]
      default: {
        // A long sum is deep on its left: walked, not recursed into.
        const spine: Extract<Expression, { left: Expression }>[] = []
        let left: Expression = x
        for (;;) {
          if (!('left' in left) || (spine.length > 0 && STRENGTH[left.op] < STRENGTH[spine.at(-1)!.op])) break
          spine.push(left)
          left = left.left
        }
        let out = text(left, STRENGTH[spine.at(-1)!.op])
        for (const { op, right } of spine.reverse()) {
          const strength = STRENGTH[op]
          // The right side of any operator is bracketed at equal strength: floats are not associative.
          out += `${strength === 1 ? ` ${op} ` : op}${text(right, strength + 1)}`
        }
        return [out, STRENGTH[x.op]]
      }
    }
  }
  return own(e)[0]
}
