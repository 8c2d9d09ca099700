/**
 * Expressions as the ngspice dialect writes them, read back.
 */
import {
  atLeast,
  call,
  choose,
  type Expression,
  FUNCTIONS,
  type FunctionName,
  greater,
  lines,
  minus,
  negative,
  over,
  parameter,
  plus,
  term,
  times,
  volts,
} from './expression.ts'

/** Functions of ngspice by their names there; another is refused. */
const CALLED: Readonly<Record<string, FunctionName>> = {
  min: 'min',
  max: 'max',
  abs: 'abs',
  exp: 'exp',
  tanh: 'tanh',
  sinh: 'sinh',
  cosh: 'cosh',
  pwr: 'signedPower',
}

const STRENGTH: Readonly<Record<string, number>> = { '?': 0, '>': 1, '>=': 1, '+': 2, '-': 2, '*': 3, '/': 3 }
const JOIN = { '>': greater, '>=': atLeast, '+': plus, '-': minus, '*': times, '/': over } as const

/** Brackets, calls, signs and choices within each other. */
const MAX_DEPTH = 1000
/** Plain decimal with optional exponent. */
const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/
const TOKEN = /\s*((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\w*|[a-z_]\w*|>=|[-+*/?:(),{}>]|\S)/gi

/** Why a text is no expression. */
class Refusal extends Error {}

const refuse = (why: string): never => {
  throw new Refusal(why)
}

/**
 * @param text   without the outermost braces
 * @param bare   outside braces, where a parameter stands in braces of its own
 * @returns      the expression, or why it is none
 */
export function readExpression(text: string, bare = false): Expression | { readonly problem: string } {
  const tokens = Array.from(text.matchAll(TOKEN), (match) => match[1]!)
  let at = 0
  let depth = 0
  let braces = bare ? 0 : 1
  const take = (wanted: string): void => {
    if (tokens[at] !== wanted)
      refuse(`"${wanted}" expected, ${at < tokens.length ? `"${tokens[at]}"` : 'the end'} found`)
    at++
  }
  const inside = <T>(read: () => T): T => {
    if (++depth > MAX_DEPTH) refuse(`nested more than ${MAX_DEPTH} deep`)
    const out = read()
    depth--
    return out
  }
  const expression = (least: number): Expression =>
    inside(() => {
      let left = operand()
      for (;;) {
        const op = tokens[at]!
        const strength = STRENGTH[op]
        if (strength === undefined || strength < least) return left
        at++
        if (op === '?') {
          const yes = expression(0)
          take(':')
          left = choose(left, yes, expression(0))
        } else left = JOIN[op as keyof typeof JOIN](left, expression(strength + 1))
      }
    })
  const signedNumber = (): number => {
    const sign = tokens[at] === '-' ? -1 : 1
    if (tokens[at] === '-' || tokens[at] === '+') at++
    const token = tokens[at++] ?? ''
    return NUMBER.test(token) ? sign * finite(token) : refuse(`"${token}" is no number`)
  }
  const list = (): Expression[] => {
    const out = [expression(0)]
    while (tokens[at] === ',') {
      at++
      out.push(expression(0))
    }
    return out
  }
  const named = (name: string): Expression => {
    if (tokens[at] !== '(') {
      if (name === 'time') return { op: 'time' }
      return braces > 0 ? parameter(name) : refuse(`parameter ${name} is not in braces`)
    }
    at++
    const out = called(name)
    take(')')
    return out
  }
  const called = (name: string): Expression => {
    if (name === 'v') return volts(tokens[at++] ?? '')
    if (name === 'i') {
      const source = tokens[at++] ?? ''
      return /^v./.test(source)
        ? { op: 'amperes', source: source.slice(1) }
        : refuse(`i(${source}) of no voltage source`)
    }
    if (name === 'pwl') {
      if (braces > 0) refuse('pwl() in braces loses digits')
      const of = expression(0)
      const points: [number, number][] = []
      while (tokens[at] === ',') {
        at++
        const x = signedNumber()
        take(',')
        points.push([x, signedNumber()])
      }
      return lines(of, points)
    }
    const known = Object.hasOwn(CALLED, name) ? CALLED[name]! : refuse(`function ${name}() is not known`)
    const of = list()
    if (of.length !== FUNCTIONS[known]) refuse(`${name}() takes ${FUNCTIONS[known]}, not ${of.length}`)
    return call(known, ...of)
  }
  const operand = (): Expression => {
    const token = tokens[at++]
    if (token === undefined) return refuse('the end comes too early')
    if (token === '-') {
      const next = tokens[at] ?? ''
      if (NUMBER.test(next)) {
        at++
        return term(-finite(next))
      }
      return negative(inside(operand))
    }
    if (token === '(') {
      const out = expression(0)
      take(')')
      return out
    }
    if (token === '{') {
      if (braces++ > 0) refuse('braces within braces')
      const out = expression(0)
      take('}')
      braces--
      return out
    }
    if (NUMBER.test(token)) return term(finite(token))
    if (/^[\d.]/.test(token)) return refuse(`unit suffix in "${token}"`)
    return /^[a-z_]/.test(token) ? named(token) : refuse(`"${token}" is not understood`)
  }
  try {
    const out = expression(0)
    return at === tokens.length ? out : refuse(`"${tokens[at]}" is too much`)
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.message }
    throw error
  }
}

function finite(text: string): number {
  const x = Number(text)
  return Number.isFinite(x) ? x : refuse(`${text} is too large`)
}

/** A plain decimal number, signed; null for anything else, such as one with a unit suffix. */
export function readNumber(text: string): number | null {
  const x = NUMBER.test(text.startsWith('-') || text.startsWith('+') ? text.slice(1) : text) ? Number(text) : Number.NaN
  return Number.isFinite(x) ? x : null
}
