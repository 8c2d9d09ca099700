/**
 * Values without effect: given, other than their default, but with the switch that would use them off.
 */
import type { Warning } from '../base/errors.ts'
import {
  FIELD_PATHS,
  FIELDS,
  type FieldPath,
  type FieldValue,
  formatValue,
  type Need,
  pointerOf,
  valueAt,
} from './fields.ts'
import type { Profile } from './profile.ts'

/** A value without effect. */
export interface UnusedValue {
  readonly path: FieldPath
  /** With its unit. */
  readonly value: string
  /** What stands in the way, for instance "device.programming.model is none". */
  readonly reason: string
  /** What uses it even so. */
  readonly evenSo?: string
}

/** Every value that differs from its default and has no effect, in the order of profiles. */
export function unusedValues(profile: Profile): UnusedValue[] {
  return FIELD_PATHS.flatMap((path) => {
    const field = FIELDS[path]
    const value = valueAt(profile, path)
    const missing = field.usedWhen?.find((need) => !holds(need, profile))
    if (missing === undefined || same(value, field.default)) return []
    const given =
      field.kind === 'table' || field.kind === 'curve' || field.kind === 'levels'
        ? short(value)
        : formatValue(field, value)
    const evenSo = field.usedEvenSo === undefined ? {} : { evenSo: field.usedEvenSo }
    return [{ path, value: given, reason: reason(missing, profile, path), ...evenSo }]
  })
}

/** The same as warnings, one a value. */
export function unusedWarnings(profile: Profile): Warning[] {
  return unusedValues(profile).map(({ path, value, reason, evenSo }) => ({
    code: 'OHM1207',
    message: `${path} = ${value} has no effect${evenSo === undefined ? '' : ` but on ${evenSo}`}: ${reason}`,
    at: { pointer: pointerOf(path) },
  }))
}

const same = (a: FieldValue, b: FieldValue) => JSON.stringify(a) === JSON.stringify(b)

const short = (value: FieldValue) => (Array.isArray(value) ? `a list of ${value.length}` : String(value))

function holds(need: Need, profile: Profile): boolean {
  if ('anyOf' in need) return need.anyOf.some((one) => holds(one, profile))
  const value = valueAt(profile, need.path)
  return 'is' in need ? need.is.some((v) => same(v, value)) : !need.isNot.some((v) => same(v, value))
}

/** What the values concerned are, those of equal value together: "a.b.x and y are 0, a.c is none". */
function reason(need: Need, profile: Profile, own: FieldPath): string {
  const groups = new Map<string, FieldPath[]>()
  for (const path of new Set(pathsOf(need))) {
    if (path === own) continue
    const text = formatValue(FIELDS[path], valueAt(profile, path))
    groups.set(text, [...(groups.get(text) ?? []), path])
  }
  return [...groups]
    .map(([text, paths]) => `${list(paths, 'and')} ${paths.length === 1 ? 'is' : 'are'} ${text}`)
    .join(', ')
}

const pathsOf = (need: Need): FieldPath[] => ('anyOf' in need ? need.anyOf.flatMap(pathsOf) : [need.path])

/** Neighbours of the same section by their last key alone. */
function list(paths: readonly string[], word: 'and' | 'or'): string {
  const section = (path: string) => path.slice(0, path.lastIndexOf('.') + 1)
  const names = paths.map((path, k) => {
    const near = k > 0 && section(path) === section(paths[k - 1]!)
    return near ? path.slice(section(path).length) : path
  })
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`
}

/** The conditions of a value in words, paths in backticks; empty where it has none. */
export function usedWhenText(path: FieldPath): string {
  return (FIELDS[path].usedWhen ?? []).map((need) => needText(need)).join('; ')
}

function needText(need: Need): string {
  if ('anyOf' in need) return need.anyOf.map(needText).join(' or ')
  const values = 'is' in need ? need.is : need.isNot
  const words = values.map((value) => formatValue(FIELDS[need.path], value))
  const all = words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return `\`${need.path}\` is ${'is' in need ? '' : 'not '}${all}`
}
