/**
 * The structure of a profile file against its JSON Schema, with what ajv finds put into this project's words.
 */
import type { ErrorObject, ValidateFunction } from 'ajv'
import type { Problem } from '../base/errors.ts'
import { escapeSegment, type JsonDocument, locate, quote, segments } from '../base/json.ts'
import { suggest } from '../base/suggest.ts'
import { wayOut } from './check.ts'
import { shown } from './convert.ts'
import {
  expectation,
  FIELD_PATHS,
  FIELDS,
  type FieldPath,
  FORMAT,
  GROUPS,
  HEADER_KEYS,
  isFieldPath,
  NOTE_KEYS,
} from './fields.ts'
import { profileSchema } from './schema.ts'

let validator: ValidateFunction | undefined

async function loadValidator(): Promise<ValidateFunction> {
  const { Ajv } = await import('ajv')
  // Our own schema needs no check against the meta-schema, and optimising the code costs more than it saves: 40 ms
  // instead of 150.
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  })
  const { $schema: _, ...schema } = profileSchema()
  return ajv.compile(schema)
}

export interface Structure {
  readonly problems: readonly Problem[]
  /** Values that are already known to be wrong. */
  readonly bad: ReadonlySet<FieldPath>
  /** Further problems, not described: a file of a hundred thousand mistakes must not take minutes. */
  readonly more: number
}

const MAX_DESCRIBED = 60

/** Unknown keys, missing keys, wrong types, plain numbers out of range. */
export async function checkStructure(document: JsonDocument): Promise<Structure> {
  validator ??= await loadValidator()
  if (validator(document.value)) return { problems: [], bad: new Set(), more: 0 }
  const all = (validator.errors ?? []).filter((e) => e.keyword !== 'if')
  const errors = all.slice(0, MAX_DESCRIBED)
  const problems = new Map<string, Problem>()
  const bad = new Set(all.map((e) => target(e.instancePath).path).filter((path) => path !== null))
  const misspelt = new Set<string>()
  const add = (key: string, problem: Problem | null) => {
    if (problem !== null && !problems.has(key)) problems.set(key, problem)
  }
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue
    const at = target(error.instancePath)
    const key = String(error.params['additionalProperty'])
    const known = knownKeys(at)
    // The very name in another section is a better guess than a similar one here.
    const there = elsewhere(key)
    const meant = there === '' ? suggest(key, known) : null
    if (meant !== null) misspelt.add(`${error.instancePath}/${meant}`)
    const pointer = `${error.instancePath}/${escapeSegment(key)}`
    add(pointer, {
      code: 'OHM1204',
      message: `unknown key ${quote(key)}`,
      hint: `${meant === null ? there : `did you mean ${JSON.stringify(meant)}? `}known keys here: ${known.join(', ')}`,
      ...locate(document, pointer, 'key'),
    })
  }
  for (const error of errors) {
    if (error.keyword === 'additionalProperties') continue
    const key = error.keyword === 'required' ? String(error.params['missingProperty']) : null
    // A misspelt key is one mistake, not two.
    if (key !== null && misspelt.has(`${error.instancePath}/${key}`)) continue
    add(key === null ? error.instancePath : `${error.instancePath} lacks ${key}`, explain(error, document))
  }
  return { problems: [...problems.values()], bad, more: all.length - errors.length }
}

interface Target {
  readonly keys: readonly string[]
  /** The value concerned, if it is one. */
  readonly path: FieldPath | null
  /** Segments inside the value. */
  readonly rest: readonly string[]
}

function target(pointer: string): Target {
  const keys = segments(pointer)
  for (let n = 1; n <= keys.length; n++) {
    const path = keys.slice(0, n).join('.')
    if (isFieldPath(path)) return { keys, path, rest: keys.slice(n) }
  }
  return { keys, path: null, rest: [] }
}

function knownKeys({ keys, path }: Target): readonly string[] {
  if (path !== null) return ['value', ...NOTE_KEYS]
  const members = GROUPS.get(keys.join('.')) ?? []
  return keys.length === 0
    ? [...HEADER_KEYS.slice(0, 4), 'note', ...HEADER_KEYS.slice(4), ...members, '$schema']
    : [...members, ...NOTE_KEYS]
}

/** A key that is right but stands in the wrong section. */
function elsewhere(key: string): string {
  const paths = FIELD_PATHS.filter((path) => path.endsWith(`.${key}`))
  return paths.length > 0 && paths.length <= 3 ? `it belongs to ${paths.join(' or ')}; ` : ''
}

function explain(error: ErrorObject, document: JsonDocument): Problem {
  const at = target(error.instancePath)
  const found = locate(document, error.instancePath)
  const given = givenAt(document.value, at.keys)
  const name = at.keys.join('.')
  const say = (message: string, hint?: string): Problem => ({
    code: 'OHM1202',
    message,
    ...(hint === undefined ? {} : { hint }),
    ...found,
  })
  if (error.keyword === 'required') {
    const key = String(error.params['missingProperty'])
    return at.path === null
      ? say(`${key} is missing`, `start the file with "format": ${JSON.stringify(FORMAT)}`)
      : say(`${at.path} lacks its ${key}`, 'write {"value": ..., "source": "where it comes from"}, or the value alone')
  }
  if (at.path === null) {
    const members = GROUPS.get(name)
    if (members !== undefined)
      return say(
        `${name === '' ? 'a profile' : name} must be an object, not ${shown(given)}`,
        `its keys: ${members.join(', ')}`,
      )
    if (name === 'id')
      return say(`id must be a name of 1 to 64 letters, digits, dots, dashes and underscores, not ${shown(given)}`)
    if (at.keys[0] === 'notModelled') return say(`notModelled must be a list of at most 100 texts`)
    return say(`${name} must be a text, not ${shown(given)}`)
  }
  const field = FIELDS[at.path]
  const inner = at.rest[0] === 'value' ? at.rest.slice(1) : at.rest
  if (inner[0] === 'source' || inner[0] === 'note')
    return say(`${inner[0]} of ${at.path} must be a text, not ${shown(given)}`)
  if (field.kind === 'levels' && inner.length > 0)
    return say(
      `entry ${Number(inner[0]) + 1} of ${at.path} must be a conductance, not ${shown(given)}`,
      wayOut(field, given),
    )
  return say(`${at.path} must be ${expectation(field)}, not ${shown(given)}`, wayOut(field, given))
}

function givenAt(value: unknown, keys: readonly string[]): unknown {
  let at = value
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return at
}
