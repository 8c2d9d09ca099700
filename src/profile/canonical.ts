/**
 * Profiles as canonical JSON: plain SI numbers, every value present, one order of keys. What a deployment stores and
 * what its hash is taken of.
 */
import { OhmbitError, type Problem } from '../base/errors.ts'
import { escapeSegment, type JsonDocument, locate, parseJson, quote } from '../base/json.ts'
import { contradictions, mismatch, wayOut } from './check.ts'
import {
  assemble,
  FIELD_PATHS,
  FIELDS,
  type FieldPath,
  type FieldValue,
  FORMAT,
  GROUPS,
  HEADER_KEYS,
  type Header,
  ID_PATTERN,
  isFieldPath,
  pointerOf,
  valueAt,
} from './fields.ts'
import type { Profile } from './profile.ts'

/** The canonical text of a profile; equal profiles give equal texts. */
export function profileToJson(profile: Profile): string {
  const values = new Map(FIELD_PATHS.map((path) => [path, valueAt(profile, path)] as const))
  return `${JSON.stringify(assemble(profile, values), null, 2)}\n`
}

/**
 * Read a canonical text. Strict: every key of a profile, no other, SI numbers only.
 *
 * @throws OHM1005, OHM1202, OHM1204, OHM1205, all problems at once
 */
export function profileFromJson(text: string, file?: string): Profile {
  const document = parseJson(text, file, { maxLength: 1 << 20 })
  const problems: Problem[] = []
  const values = new Map<FieldPath, FieldValue>()
  walk(document, document.value, '', values, problems)
  const header = readHeader(document, problems)
  if (problems.length > 0) throw new OhmbitError(problems)
  const profile = assemble(header, values)
  const clashes = contradictions(profile)
  if (clashes.length > 0)
    throw new OhmbitError(
      clashes.map(({ paths, ...clash }) => ({ ...clash, ...locate(document, pointerOf(paths[0]!)) })),
    )
  return profile
}

function walk(
  document: JsonDocument,
  value: unknown,
  group: string,
  values: Map<FieldPath, FieldValue>,
  problems: Problem[],
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({
      code: 'OHM1202',
      message: `${group === '' ? 'a profile' : group} must be an object`,
      ...locate(document, pointerOf(group)),
    })
    return
  }
  const keys = group === '' ? [...HEADER_KEYS, ...GROUPS.get('')!] : GROUPS.get(group)!
  for (const key of Object.keys(value))
    if (!keys.includes(key))
      problems.push({
        code: 'OHM1204',
        message: `unknown key ${quote(key)}`,
        hint: `known keys here: ${keys.join(', ')}`,
        ...locate(document, `${pointerOf(group)}/${escapeSegment(key)}`, 'key'),
      })
  for (const key of GROUPS.get(group)!) {
    const path = group === '' ? key : `${group}.${key}`
    const inner = (value as Record<string, unknown>)[key]
    if (!isFieldPath(path)) walk(document, inner, path, values, problems)
    else {
      const wrong = mismatch(FIELDS[path], inner)
      if (wrong === null) values.set(path, inner as FieldValue)
      else
        problems.push({
          code: 'OHM1202',
          message: inner === undefined ? `${path} is missing` : `${path} ${wrong}`,
          hint: wayOut(FIELDS[path], inner),
          ...locate(document, pointerOf(path)),
        })
    }
  }
}

function readHeader(document: JsonDocument, problems: Problem[]): Header {
  const value = (document.value ?? {}) as Record<string, unknown>
  const { format, id, description, source, notModelled } = value
  const texts = (x: unknown) => Array.isArray(x) && x.every((s) => typeof s === 'string')
  const need = (ok: boolean, key: string, what: string) => {
    if (!ok) problems.push({ code: 'OHM1202', message: `${key} must be ${what}`, ...locate(document, pointerOf(key)) })
  }
  need(format === FORMAT, 'format', JSON.stringify(FORMAT))
  need(typeof id === 'string' && ID_PATTERN.test(id), 'id', 'a name of letters, digits, dots, dashes and underscores')
  need(typeof description === 'string', 'description', 'a text')
  need(typeof source === 'string', 'source', 'a text')
  need(texts(notModelled), 'notModelled', 'a list of texts')
  return { id, description, source, notModelled } as Header
}
