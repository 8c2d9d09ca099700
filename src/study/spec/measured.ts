/** Numbers with a dimension: what expressions calculate with. */
import { fail } from '../../base/errors.ts'
import { UNITS, type Unit } from '../../base/quantity.ts'

/** Exponents of the base quantities, in the order of the unit reader. */
export type Dimension = readonly number[]

export interface Measured {
  /** SI. */
  readonly numbers: readonly number[]
  /** Whether they are a list, or one number. */
  readonly list: boolean
  readonly dimension: Dimension
  /** Of a unit that is a power of ten: 3 x 10^-6 is not 3e-6 to the last digit, so its products shift the point. */
  readonly decades?: number
}

/** Entries of a list. */
export const MOST_ENTRIES = 1000

const refuse = (message: string, hint?: string): never => fail('OHM8001', message, hint === undefined ? {} : { hint })

export const plain = (x: number): Measured => ({ numbers: [finite(x)], list: false, dimension: [] })

export function finite(x: number): number {
  return Number.isFinite(x) ? x + 0 : refuse('a result is too large, or not a number')
}

const at = (dimension: Dimension, k: number) => dimension[k] ?? 0

/** Exponents such as 1/2 + 1/2 are compared with a hair of room. */
export function sameDimension(a: Dimension, b: Dimension): boolean {
  for (let k = 0; k < Math.max(a.length, b.length); k++) if (Math.abs(at(a, k) - at(b, k)) > 1e-9) return false
  return true
}

const combined = (a: Dimension, b: Dimension, sign: number): Dimension =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, k) => at(a, k) + sign * at(b, k))

/** What a dimension is called: of the units in use, else no name. */
export function dimensionName(dimension: Dimension, known: (unit: Unit) => Dimension): string {
  if (sameDimension(dimension, [])) return 'a plain number'
  const found = (Object.keys(UNITS) as Unit[]).find((unit) => unit !== '1' && sameDimension(known(unit), dimension))
  return found === undefined ? 'a quantity of another kind' : `a ${UNITS[found].measures}`
}

/** Entry by entry; a single number goes with every entry of a list. */
function zip(a: Measured, b: Measured, f: (x: number, y: number) => number): Pick<Measured, 'numbers' | 'list'> {
  if (a.list && b.list && a.numbers.length !== b.numbers.length)
    refuse(`lists of ${a.numbers.length} and ${b.numbers.length} entries cannot be combined`)
  const n = a.list ? a.numbers.length : b.numbers.length
  return {
    numbers: Array.from({ length: n }, (_, k) => finite(f(a.numbers[a.list ? k : 0]!, b.numbers[b.list ? k : 0]!))),
    list: a.list || b.list,
  }
}

export function sum(a: Measured, b: Measured, sign: 1 | -1, name: (d: Dimension) => string): Measured {
  alike(sign === 1 ? 'added' : 'subtracted', a, b, name)
  return { ...zip(a, b, (x, y) => x + sign * y), dimension: a.dimension }
}

function alike(what: string, a: Measured, b: Measured, name: (d: Dimension) => string): void {
  if (!sameDimension(a.dimension, b.dimension))
    fail('OHM1203', `${name(a.dimension)} and ${name(b.dimension)} cannot be ${what}`, {
      hint: 'both sides need units of the same kind',
    })
}

const shift = (x: number, decades: number) => Number(`${x}e${decades}`)

export function product(a: Measured, b: Measured): Measured {
  const dimension = combined(a.dimension, b.dimension, 1)
  const { decades } = b
  if (decades !== undefined && a.decades === undefined)
    return { ...zip(a, b, (x) => (/e/.test(`${x}`) ? x * 10 ** decades : shift(x, decades))), dimension }
  return { ...zip(a, b, (x, y) => x * y), dimension }
}

/** @param hundredth  what % makes of a number */
export function quotient(a: Measured, b: Measured, hundredth = false): Measured {
  if (b.numbers.includes(0)) refuse('a division by zero')
  const dimension = combined(a.dimension, b.dimension, -1)
  const percent = hundredth && b.numbers[0] === 100
  return { ...zip(a, b, (x, y) => (percent && !/e/.test(`${x}`) ? shift(x, -2) : x / y)), dimension }
}

export function power(a: Measured, b: Measured): Measured {
  if (!sameDimension(b.dimension, [])) fail('OHM1203', 'an exponent must be a plain number')
  const bare = sameDimension(a.dimension, [])
  if (!bare && b.list) refuse('the exponent of a quantity with a unit must be one number')
  const exponent = b.numbers[0]!
  return {
    ...zip(a, b, (x, y) => x ** y),
    dimension: bare ? [] : a.dimension.map((k) => finite(k * exponent)),
  }
}

const each = (a: Measured, f: (x: number) => number, dimension = a.dimension): Measured => ({
  numbers: a.numbers.map((x) => finite(f(x))),
  list: a.list,
  dimension,
})

export const negated = (a: Measured): Measured => each(a, (x) => -x)

type Function = (args: readonly Measured[], name: (d: Dimension) => string) => Measured

/** Halves away from zero, as people round. */
const rounded = (x: number) => Math.sign(x) * Math.round(Math.abs(x))

const ofPlain =
  (own: string, f: (x: number) => number, way?: string): Function =>
  (args, name) => {
    const [a] = one(own, args)
    if (!sameDimension(a.dimension, []))
      fail('OHM1203', `${own} takes a plain number, not ${name(a.dimension)}`, way === undefined ? {} : { hint: way })
    return each(a, f, [])
  }

const one = (own: string, args: readonly Measured[]): readonly [Measured] =>
  args.length === 1 ? [args[0]!] : refuse(`${own} takes one value, not ${args.length}`)

const extreme =
  (own: string, f: (x: number, y: number) => number): Function =>
  (args, name) => {
    if (args.length === 0) refuse(`${own} needs values`)
    for (const arg of args) alike('compared', args[0]!, arg, name)
    return { numbers: [args.flatMap((arg) => arg.numbers).reduce(f)], list: false, dimension: args[0]!.dimension }
  }

const DIVIDE = 'divide by a unit first, for instance round(x / ohm) * ohm'

/** Every function there is. */
export const FUNCTIONS: ReadonlyMap<string, Function> = new Map<string, Function>([
  [
    'sqrt',
    (args) => {
      const [a] = one('sqrt', args)
      return each(
        a,
        Math.sqrt,
        a.dimension.map((k) => k / 2),
      )
    },
  ],
  ['abs', (args) => each(one('abs', args)[0], Math.abs)],
  ['exp', ofPlain('exp', Math.exp)],
  ['log', ofPlain('log', Math.log)],
  ['log10', ofPlain('log10', Math.log10)],
  ['round', ofPlain('round', rounded, DIVIDE)],
  ['floor', ofPlain('floor', Math.floor, DIVIDE)],
  ['ceil', ofPlain('ceil', Math.ceil, DIVIDE)],
  ['min', extreme('min', (x, y) => Math.min(x, y))],
  ['max', extreme('max', (x, y) => Math.max(x, y))],
])
