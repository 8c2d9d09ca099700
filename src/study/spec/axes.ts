/** Axes as a file gives them, to axes in SI: each value checked against the field of its path. */
import { fail } from '../../base/errors.ts'
import { UNITS } from '../../base/quantity.ts'
import { exp, log } from '../../numerics/elementary.ts'
import { mismatch } from '../../profile/check.ts'
import { convertValue } from '../../profile/convert.ts'
import { FIELDS, type Field, type FieldPath, type FieldValue, formatValue } from '../../profile/fields.ts'
import type { Axis, StudyKind } from '../study.ts'
import { type Expression, parseExpression } from './expression.ts'
import type { AxisKeys, Problems } from './file.ts'
import { AGE, KINDS } from './kinds.ts'
import { type Measured, sameDimension } from './measured.ts'

/** An axis with what its points are made from. */
export interface SpecAxis {
  readonly axis: Axis & { readonly path: FieldPath }
  /** Of a derived axis. */
  readonly expression: Expression | null
  /** Where it stands in the file. */
  readonly pointer: string
}

export const isNumeric = (field: Field): boolean => ['quantity', 'number', 'integer'].includes(field.kind)

/** Axes that have no mistake; mistakes are collected. */
export async function resolveAxes(
  axes: readonly AxisKeys[],
  kind: StudyKind,
  problems: Problems,
): Promise<readonly SpecAxis[]> {
  const found: SpecAxis[] = []
  for (const [i, keys] of axes.entries()) {
    const pointer = `/axes/${i}`
    const axis = await resolveAxis(keys, kind, pointer, problems)
    if (axis !== null) found.push({ ...axis, pointer })
  }
  checkCycles(found, problems)
  return found
}

async function resolveAxis(
  keys: AxisKeys,
  kind: StudyKind,
  pointer: string,
  problems: Problems,
): Promise<Omit<SpecAxis, 'pointer'> | null> {
  const { path } = keys
  if (keys.expression !== undefined) {
    if (!isNumeric(FIELDS[path])) {
      problems.add(`${pointer}/path`, `${path} is no number; an expression cannot give it`, { hint: 'list "values"' })
      return null
    }
    try {
      return { axis: { path, derived: true }, expression: await parseExpression(keys.expression) }
    } catch (error) {
      problems.caught(`${pointer}/expression`, error)
      return null
    }
  }
  if (keys.range !== undefined) {
    const range = await resolveRange(keys, kind, pointer, problems)
    if (range === null) return null
    if (KINDS[kind].ranges === 'plain') return { axis: { path, range, derived: false }, expression: null }
    const values = spaced(range, keys.count!)
    const wrong = values.map((value) => mismatch(FIELDS[path], value)).find((text) => text !== null)
    if (wrong !== undefined) {
      problems.add(`${pointer}/count`, `${keys.count} evenly spaced values do not all fit: ${path} ${wrong}`, {
        hint: 'list the values',
      })
      return null
    }
    return { axis: { path, values, derived: false }, expression: null }
  }
  if (keys.values === undefined) return null
  const values = await resolveValues(path, keys.values, `${pointer}/values`, problems)
  if (values === null) return null
  checkList(path, values, kind, `${pointer}/values`, problems)
  return { axis: { path, values, derived: false }, expression: null }
}

/** low .. high in equal steps or ratios; the ends as they were given. */
function spaced({ low, high, logarithmic }: NonNullable<Axis['range']>, count: number): number[] {
  return Array.from({ length: count }, (_, k) =>
    k === 0 ? low : k === count - 1 ? high : between(low, high, logarithmic, k / (count - 1)),
  )
}

/** A value at the share u of a range. */
export function between(low: number, high: number, logarithmic: boolean, u: number): number {
  const value = logarithmic ? exp(log(low) + u * (log(high) - log(low))) : low + u * (high - low)
  return Math.min(high, Math.max(low, value))
}

async function resolveRange(keys: AxisKeys, kind: StudyKind, pointer: string, problems: Problems) {
  const { path, scale } = keys
  const field = FIELDS[path]
  if (!isNumeric(field)) {
    problems.add(`${pointer}/path`, `${path} is no number; it has no range`, { hint: 'list "values"' })
    return null
  }
  if (field.kind === 'integer' && KINDS[kind].ranges === 'plain' && kind !== 'corners') {
    problems.add(`${pointer}/range`, `${path} takes whole numbers; a range is sampled everywhere in between`, {
      hint: 'list "values"',
    })
    return null
  }
  const ends: FieldValue[] = []
  for (const [k, raw] of keys.range!.entries()) {
    const at = `${pointer}/range/${k}`
    try {
      ends.push(await convertValue(field, path, raw, { pointer: at }))
    } catch (error) {
      problems.caught(at, error)
    }
  }
  if (ends.length < 2) return null
  const [low, high] = ends as [number, number]
  if (!(low < high)) {
    problems.add(
      `${pointer}/range`,
      `the range is empty: ${formatValue(field, low)} is not below ${formatValue(field, high)}`,
      low > high ? { hint: 'exchange the ends' } : {},
    )
    return null
  }
  const logarithmic = scale === 'logarithmic'
  if (logarithmic && !(low > 0)) {
    problems.add(`${pointer}/range/0`, `a logarithmic range begins above 0, not at ${formatValue(field, low)}`)
    return null
  }
  return { low, high, logarithmic }
}

/** Values of a list, or of a text that stands for one; null where something is wrong. */
async function resolveValues(
  path: FieldPath,
  given: readonly unknown[] | string,
  pointer: string,
  problems: Problems,
): Promise<FieldValue[] | null> {
  const field = FIELDS[path]
  const list = typeof given === 'string' ? plainList(field, given) : given
  try {
    const raw = list ?? (await listOf(path, given as string))
    const values: FieldValue[] = []
    let wrong = false
    for (const [k, entry] of raw.entries()) {
      const at = list === given ? `${pointer}/${k}` : pointer
      try {
        values.push(await convertValue(field, path, entry, { pointer: at }))
      } catch (error) {
        wrong = true
        problems.caught(at, error)
      }
    }
    return wrong ? null : values
  } catch (error) {
    problems.caught(pointer, error)
    return null
  }
}

/** Words, and numbers with commas between them: "4, 6, null", "0.5, 1, 2 ohm" with the last unit for all. */
function plainList(field: Field, text: string): unknown[] | null {
  const entries = text.split(',').map((entry) => entry.trim())
  if (field.kind === 'word') return entries
  if (field.kind === 'boolean')
    return entries.map((entry) => (entry === 'true' ? true : entry === 'false' ? false : entry))
  const parts = entries.map((entry) => PLAIN.exec(entry))
  if (!parts.every((part) => part !== null)) return null
  const unit = parts.at(-1)![2] ?? ''
  return parts.map(([entry, number, own = '']) => {
    if (entry === 'null') return null
    const named = own === '' ? unit : own
    return named === '' ? Number(number) : `${number} ${named}`
  })
}
const PLAIN = /^(?:null|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?)\s*([A-Za-z%\u00b5\u03bc\u03a9\u2126\u00b0]*))$/

/** Numbers of an expression, if they are of the kind that a path takes. @throws OHM1203 */
export function numbersOf(
  path: FieldPath,
  { numbers, dimension }: Measured,
  expression: Expression,
): readonly number[] {
  const field = FIELDS[path]
  const unit = field.kind === 'quantity' ? field.unit : '1'
  if (!sameDimension(dimension, expression.dimensionOf(unit)))
    fail('OHM1203', `the expression gives ${expression.name(dimension)}; ${path} takes a ${UNITS[unit].measures}`, {
      hint: unit === '1' ? 'divide by a unit' : `write a unit, for instance ${JSON.stringify(UNITS[unit].example)}`,
    })
  return numbers
}

async function listOf(path: FieldPath, text: string): Promise<readonly number[]> {
  const expression = await parseExpression(text)
  const [used] = expression.paths
  if (used !== undefined)
    fail('OHM8001', `values of an axis are constants; ${used} may differ from point to point`, {
      hint: 'write "expression" for an axis that follows from others',
    })
  const found = expression.evaluate(() => null)
  if (found.numbers.length === 0) fail('OHM8001', 'the list is empty')
  return numbersOf(path, found, expression)
}

function checkList(
  path: FieldPath,
  values: readonly FieldValue[],
  kind: StudyKind,
  pointer: string,
  problems: Problems,
): void {
  const seen = new Set<string>()
  const again = values.find((value) => seen.size === seen.add(JSON.stringify(value)).size)
  if (again !== undefined) problems.add(pointer, `${formatValue(FIELDS[path], again)} is in the list twice`)
  if (KINDS[kind].lists === 'two' && values.length !== 2)
    problems.add(pointer, `corners are the two ends of an axis; the list has ${values.length} values`, {
      hint: 'give two values, or choose kind grid',
    })
  if (kind === 'ageing' && path === AGE && values.some((value, k) => k > 0 && Number(value) <= Number(values[k - 1])))
    problems.add(pointer, 'ages must ascend')
}

/** Derived axes that follow from each other in a circle. */
function checkCycles(axes: readonly SpecAxis[], problems: Problems): void {
  for (const { axis, pointer } of axes.filter((a) => inCircle(a, axes)))
    problems.add(`${pointer}/expression`, `${axis.path} follows from itself`)
}

function inCircle(axis: SpecAxis, axes: readonly SpecAxis[]): boolean {
  const seen = new Set<FieldPath>()
  const reach = (a: SpecAxis): void => {
    for (const path of a.expression?.paths ?? []) {
      if (seen.has(path)) continue
      seen.add(path)
      const next = axes.find((other) => other.axis.path === path)
      if (next !== undefined) reach(next)
    }
  }
  reach(axis)
  return seen.has(axis.axis.path)
}
