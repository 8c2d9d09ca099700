/**
 * From what stands in a file, or behind --set, to a plain SI value.
 */
import { fail, type Place } from '../base/errors.ts'
import { quote } from '../base/json.ts'
import { parseQuantity } from '../base/quantity.ts'
import { mismatch, wayOut } from './check.ts'
import type { Field, FieldPath, FieldValue } from './fields.ts'

/**
 * Convert and check one value.
 *
 * @param raw  a JSON value; numbers are SI, texts carry a unit
 * @param at   of the value; an entry of a list adds its index to the pointer
 * @throws OHM1203 for the unit, OHM1202 for type and range
 */
export async function convertValue(field: Field, path: FieldPath, raw: unknown, at: Place = {}): Promise<FieldValue> {
  let value = raw
  if (typeof raw === 'string') {
    if (field.kind === 'quantity') value = await parseQuantity(raw, field.unit, at)
    else if (field.kind === 'number') value = await parseQuantity(raw, '1', at)
  } else if (field.kind === 'levels' && Array.isArray(raw)) {
    const list: unknown[] = []
    for (const [i, entry] of raw.entries())
      list.push(typeof entry === 'string' ? await parseQuantity(entry, 'S', entryOf(at, i)) : entry)
    value = list
  } else if (field.kind === 'table' && Array.isArray(raw)) {
    const rows: unknown[] = []
    for (const [i, row] of raw.entries()) {
      const out: unknown[] = []
      for (const [k, entry] of (Array.isArray(row) ? row : []).entries())
        out.push(typeof entry === 'string' ? await parseQuantity(entry, 'S', entryOf(entryOf(at, i), k)) : entry)
      rows.push(out)
    }
    value = rows
  }
  if (field.kind === 'curve' && Array.isArray(raw))
    // -0 would not survive the way through JSON.
    value = raw.map((row) => (Array.isArray(row) ? row.map((x) => (typeof x === 'number' ? x + 0 : x)) : row))
  if ((field.kind === 'table' || field.kind === 'curve') && typeof raw === 'string')
    fail('OHM1202', `${path} names the file ${shown(raw)}, which only a profile read from a file can do`, {
      at,
      hint: `write the rows ${field.kind === 'table' ? '[[target, mean, sigma], ...]' : '[[input, output], ...]'}`,
    })
  const wrong = mismatch(field, value)
  if (wrong !== null)
    fail('OHM1202', `${path} ${wrong}, not ${shown(raw)}`, {
      at,
      hint: wayOut(field, field.kind === 'table' ? value : raw),
    })
  // -0 would not survive the way through JSON.
  return (typeof value === 'number' ? value + 0 : value) as FieldValue
}

const entryOf = (at: Place, index: number): Place =>
  at.pointer === undefined ? at : { ...at, pointer: `${at.pointer}/${index}` }

/** A JSON value for a message. */
export function shown(raw: unknown): string {
  if (typeof raw === 'string') return quote(raw)
  if (Array.isArray(raw)) return `a list of ${raw.length}`
  return typeof raw === 'object' && raw !== null ? 'an object' : String(raw)
}
