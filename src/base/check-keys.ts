/** What a file says, checked against the table of its keys: everything that is wrong, each with its JSON pointer. */
import { escapeSegment, quote } from './json.ts'
import { expected, type KeyField, type KeyTable } from './key-table.ts'
import { suggest } from './suggest.ts'

export type ReportKey = (pointer: string, message: string, hint?: string, part?: 'key' | 'value') => void
export type Dictionary = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Unknown keys of one object that are named. */
const MOST_UNKNOWN = 50

/**
 * @param whole  what the file is, e.g. "an experiment"
 * @returns      whether nothing is wrong
 */
export function checkKeys(table: KeyTable, value: unknown, whole: string, report: ReportKey): boolean {
  let good = true
  new Check(whole, (...problem) => {
    good = false
    report(...problem)
  }).object(table, value, '')
  return good
}

class Check {
  readonly #whole: string
  readonly #report: ReportKey

  constructor(whole: string, report: ReportKey) {
    this.#whole = whole
    this.#report = report
  }

  #nameOf(pointer: string): string {
    return pointer === '' ? this.#whole : pointer.slice(1).replaceAll('/', '.')
  }

  object(fields: KeyTable, value: unknown, pointer: string, tag?: string): void {
    const known = [...(tag === undefined ? [] : ['kind']), ...Object.keys(fields)]
    if (!isObject(value)) {
      this.#report(
        pointer,
        `${this.#nameOf(pointer)} is ${shownValue(value)}; it must be an object`,
        `its keys: ${known.join(', ')}`,
      )
      return
    }
    const misspelt = new Set<string>()
    let unknown = 0
    for (const key of Object.keys(value)) {
      const at = `${pointer}/${escapeSegment(key)}`
      if (!known.includes(key)) {
        if (++unknown > MOST_UNKNOWN) break
        const meant = suggest(key, known)
        if (meant !== null) misspelt.add(meant)
        const hint = `${meant === null ? '' : `did you mean ${JSON.stringify(meant)}? `}known keys here: ${known.join(', ')}`
        this.#report(at, `unknown key ${quote(key)}`, hint, 'key')
      } else if (Object.hasOwn(fields, key)) this.#value(fields[key]!, value[key], at)
    }
    for (const [key, field] of Object.entries(fields))
      if (field.required && !Object.hasOwn(value, key) && !misspelt.has(key))
        this.#report(pointer, `${this.#nameOf(pointer)} needs ${key}, ${expected(field)}`)
  }

  #value(field: KeyField, value: unknown, pointer: string): void {
    const wrong = (hint?: string): void =>
      this.#report(pointer, `${this.#nameOf(pointer)} is ${shownValue(value)}; it must be ${expected(field)}`, hint)
    switch (field.kind) {
      case 'text':
        if (typeof value !== 'string' || [...value].length > field.most || field.pattern?.test(value) === false) wrong()
        return
      case 'word':
        if (!field.words.includes(value as string)) wrong(wayOut(field, value))
        return
      case 'boolean':
        if (typeof value !== 'boolean') wrong()
        return
      case 'number': {
        const fits = (x: unknown) =>
          typeof x === 'number' &&
          Number.isFinite(x) &&
          (!field.whole || Number.isInteger(x)) &&
          (field.above ? x > field.low : x >= field.low) &&
          x <= field.high
        const range = field.mayBeRange && Array.isArray(value) && value.length === 2 && value.every(fits)
        if (!(fits(value) || range || (field.nullable && value === null))) wrong()
        return
      }
      case 'list':
        if (!Array.isArray(value) || value.length < field.least || value.length > field.most) wrong()
        else for (const [i, entry] of value.entries()) this.#value(field.of, entry, `${pointer}/${i}`)
        return
      case 'object':
        this.object(field.fields, value, pointer)
        return
      case 'choice':
        this.#choice(field, value, pointer, wrong)
        return
      case 'map': {
        if (!isObject(value) || Object.keys(value).length > field.most) {
          wrong()
          return
        }
        for (const [key, entry] of Object.entries(value)) {
          const at = `${pointer}/${escapeSegment(key)}`
          if (field.words.words.includes(key)) this.#value(field.of, entry, at)
          else this.#report(at, `${quote(key)} is not ${expected(field.words)}`, wayOut(field.words, key), 'key')
        }
        return
      }
      case 'either': {
        const fitting = field.of.find((one) => ofType(one, value))
        if (fitting === undefined) wrong()
        else this.#value(fitting, value, pointer)
        return
      }
      case 'value':
        if (!ofType(field, value)) wrong()
    }
  }

  #choice(
    field: Extract<KeyField, { kind: 'choice' }>,
    value: unknown,
    pointer: string,
    wrong: (hint?: string) => void,
  ): void {
    const kind = isObject(value) && Object.hasOwn(value, 'kind') ? value['kind'] : undefined
    const kinds = Object.keys(field.of)
    if (typeof kind === 'string' && kinds.includes(kind)) {
      this.object(field.of[kind]!, value, pointer, kind)
      return
    }
    if (kind === undefined && field.partial !== undefined && isObject(value) && Object.keys(value).length > 0) {
      const all: KeyTable = Object.assign({}, ...Object.values(field.of))
      const optional = Object.entries(all).map(([key, inner]) => [key, { ...inner, required: undefined }])
      this.object(Object.fromEntries(optional) as KeyTable, value, pointer)
      return
    }
    const meant = typeof kind === 'string' ? suggest(kind, kinds) : null
    wrong(meant === null ? undefined : `did you mean ${JSON.stringify(meant)}?`)
  }
}

function wayOut(field: Extract<KeyField, { kind: 'word' }>, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (field.wayOut !== undefined) return field.wayOut(value)
  const meant = suggest(value, field.words)
  return meant === null ? undefined : `did you mean ${JSON.stringify(meant)}?`
}

/** Whether a value has the JSON type of a field. */
function ofType(field: KeyField, value: unknown): boolean {
  switch (field.kind) {
    case 'text':
    case 'word':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'list':
      return Array.isArray(value)
    case 'object':
    case 'choice':
    case 'map':
      return isObject(value)
    case 'either':
      return field.of.some((one) => ofType(one, value))
    case 'value':
      return (
        typeof value === 'number' ||
        typeof value === 'string' ||
        (field.plain === true && (typeof value === 'boolean' || value === null || Array.isArray(value)))
      )
  }
}

/** A JSON value for a message. */
export const shownValue = (value: unknown): string =>
  value === undefined
    ? 'missing'
    : typeof value === 'string'
      ? quote(value)
      : (JSON.stringify(value)?.slice(0, 60) ?? '?')
