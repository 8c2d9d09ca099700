/**
 * Every value of a profile: unit, range, default, meaning, usual source. Reader, JSON Schema, template, `profiles show`
 * and docs/profile-fields.md are all made from this table. To add a value: add it to `Profile`, then here.
 */
import { formatQuantity, UNITS } from '../base/quantity.ts'
import { adcFields } from './fields/adc.ts'
import { crossbarFields, peripheryFields } from './fields/array.ts'
import { decoderFields, environmentFields } from './fields/decoder.ts'
import { deviceFields } from './fields/device.ts'
import type { CurvePoint, Field, FieldPath, FieldsOf, FieldValue, Section, TableRow } from './fields/field.ts'
import type { Profile } from './profile.ts'

export type { Field, FieldPath, FieldValue, Need, Section } from './fields/field.ts'

export const FORMAT = 'ohmbit/profile/1'

const table: FieldsOf<Section> = {
  ...deviceFields,
  ...crossbarFields,
  ...peripheryFields,
  ...adcFields,
  ...decoderFields,
  ...environmentFields,
}

/** Path to field, in the order in which profiles are written. */
export const FIELDS: Readonly<Record<FieldPath, Field>> = table

export const FIELD_PATHS = Object.keys(table) as readonly FieldPath[]

/** Keys of the title page. */
export const HEADER_KEYS = ['format', 'id', 'description', 'source', 'notModelled'] as const
/** Keys that explain and change nothing: in every section, and beside a wrapped value. */
export const NOTE_KEYS = ['source', 'note'] as const

/** Ids become file names and lines of a report. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export function isFieldPath(path: string): path is FieldPath {
  return Object.hasOwn(FIELDS, path)
}

/** RFC 6901 pointer of a path. */
export const pointerOf = (path: string): string => (path === '' ? '' : `/${path.replaceAll('.', '/')}`)

/** Groups such as `crossbar.wires` and the keys in each, the root being ''. */
export const GROUPS: ReadonlyMap<string, readonly string[]> = groups()

function groups(): Map<string, string[]> {
  const found = new Map<string, string[]>([['', []]])
  for (const path of FIELD_PATHS) {
    const keys = path.split('.')
    for (const [depth, key] of keys.entries()) {
      const parent = keys.slice(0, depth).join('.')
      const members = found.get(parent) ?? found.set(parent, []).get(parent)!
      if (!members.includes(key)) members.push(key)
    }
  }
  return found
}

/** One value of a profile. */
export function valueAt(profile: Profile, path: FieldPath): FieldValue {
  let at: unknown = profile
  for (const key of path.split('.')) at = (at as Record<string, unknown>)[key]
  return at as FieldValue
}

/** What stands on the title page. */
export type Header = Pick<Profile, 'id' | 'description' | 'source' | 'notModelled'>

/** Put values into the shape of a profile; what is not given takes its default. */
export function assemble(header: Header, values: ReadonlyMap<FieldPath, FieldValue>): Profile {
  const { id, description, source, notModelled } = header
  const profile: Record<string, unknown> = { format: FORMAT, id, description, source, notModelled }
  for (const path of FIELD_PATHS) {
    const keys = path.split('.')
    const last = keys.pop()!
    let at = profile
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>
    const given = values.get(path)
    at[last] = given === undefined ? FIELDS[path].default : given
  }
  return profile as unknown as Profile
}

/** A copy with some values replaced; sections that do not change are shared. */
export function withValues(profile: Profile, changes: Partial<Record<FieldPath, FieldValue>>): Profile {
  type Section = Record<string, unknown>
  const copy = { ...profile } as unknown as Section
  const own = new Set<unknown>([copy])
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.')
    const last = keys.pop()!
    let at = copy
    for (const key of keys) {
      if (!own.has(at[key])) {
        at[key] = { ...(at[key] as Section) }
        own.add(at[key])
      }
      at = at[key] as Section
    }
    at[last] = value === undefined ? FIELDS[path as FieldPath].default : value
  }
  return copy as unknown as Profile
}

/** A value for people: with its unit, percentages left alone. */
export function formatValue(field: Field, value: FieldValue): string {
  if (value === null) return 'null'
  if (field.kind === 'quantity') return formatQuantity(value as number, field.unit)
  const list = (row: readonly number[]) => `[${row.map((g) => formatQuantity(g, 'S')).join(', ')}]`
  if (field.kind === 'levels' && Array.isArray(value)) return list(value as readonly number[])
  if (field.kind === 'table') return `[${(value as readonly TableRow[]).map(list).join(', ')}]`
  if (field.kind === 'curve') return JSON.stringify(value as readonly CurvePoint[])
  return String(value)
}

/** What a field accepts, as the end of the sentence "X must be ...". */
export function expectation(field: Field): string {
  const orNull = 'nullable' in field && field.nullable ? ', or null' : ''
  switch (field.kind) {
    case 'boolean':
      return 'true or false'
    case 'word':
      return `one of ${Object.keys(field.words).join(', ')}`
    case 'levels':
      return `a whole number of levels from 2 to ${field.maxCount}, a list of 2 to ${field.maxList} conductances, or null`
    case 'table':
      return `a list of 1 to ${field.maxRows} rows of target, mean and standard deviation (conductances of at most ${formatQuantity(field.most, 'S')}), the name of a CSV file with such rows, or null`
    case 'curve':
      return `a list of ${field.minRows} to ${field.maxRows} rows of input and output (plain numbers up to ${field.most}), the name of a CSV file with such rows, or null`
    case 'integer':
      return field.allowed === undefined
        ? `a whole number ${bounds(field, String)}${orNull}`
        : `one of ${field.allowed.join(', ')}${orNull}`
    case 'number':
      return `a number ${bounds(field, String)}${orNull}`
    case 'quantity':
      return `a ${UNITS[field.unit].measures} ${bounds(field, (x) => formatQuantity(x, field.unit))}${orNull}`
  }
}

type Ranged = Extract<Field, { kind: 'quantity' | 'number' | 'integer' }>

/** The range in words: "from 1 to 256", "above 0 V and at most 1 kV". */
export function bounds(field: Ranged, show: (x: number) => string): string {
  if (field.min !== undefined && field.max !== undefined) return `from ${show(field.min)} to ${show(field.max)}`
  return [
    field.min === undefined ? '' : `of at least ${show(field.min)}`,
    field.above === undefined ? '' : `above ${show(field.above)}`,
    field.max === undefined ? '' : `at most ${show(field.max)}`,
    field.below === undefined ? '' : `below ${show(field.below)}`,
  ]
    .filter((part) => part !== '')
    .join(' and ')
}
