import { fail, OhmbitError } from '../../base/errors.ts'
import { parseJson, quote } from '../../base/json.ts'

/** Longest text that is parsed with positions; arrays of weights may be far longer. */
const MAX_POSITIONED = 1 << 20

/**
 * The entries of a JSON object, as a map: keys from outside never become properties of an object of ours.
 *
 * @param what  the text, for messages: a file, or a part of one
 * @throws OHM1005 not JSON, not an object, or a key that stands twice
 */
export function parseJsonObject(text: string, what: string): Map<string, unknown> {
  const entries =
    entriesOf(text.length <= MAX_POSITIONED ? positioned(text, what) : plain(text, what)) ??
    fail('OHM1005', `${what} does not hold a JSON object`)
  return entries
}

/** The own entries of an object; null for anything else. */
export function entriesOf(value: unknown): Map<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : null
}

/** An array of numbers; null for anything else. */
export function numbersOf(value: unknown): number[] | null {
  return Array.isArray(value) && value.every((x) => typeof x === 'number') ? value : null
}

function positioned(text: string, what: string): unknown {
  try {
    return parseJson(text).value
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    throw new OhmbitError(error.problems.map((p) => ({ ...p, message: `${what}: ${p.message}` })))
  }
}

function plain(text: string, what: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    fail('OHM1005', `${what}: not valid JSON: ${(error as Error).message.slice(0, 200)}`)
  }
  const twice = repeatedKey(text)
  if (twice !== null) fail('OHM1005', `${what}: the key ${quote(twice)} appears twice in one object`)
  return value
}

/** The first key of the outermost object that stands twice; null if none. @param json  valid JSON */
function repeatedKey(json: string): string | null {
  const seen = new Set<string>()
  let depth = 0
  for (let i = 0; i < json.length; i++) {
    const c = json[i]!
    if (c === '{' || c === '[') depth++
    else if (c === '}' || c === ']') depth--
    else if (c === '"') {
      const start = i
      while (json[++i] !== '"') if (json[i] === '\\') i++
      if (depth !== 1 || !/^\s*:/.test(json.slice(i + 1, i + 20))) continue
      const key: string = JSON.parse(json.slice(start, i + 1))
      if (seen.has(key)) return key
      seen.add(key)
    }
  }
  return null
}
