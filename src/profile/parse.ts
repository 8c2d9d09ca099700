/**
 * A profile file: JSON with units and sources in, plain SI numbers and their provenance out.
 */
import { fail, OhmbitError, type Problem } from '../base/errors.ts'
import { type JsonDocument, locate, parseJson, quote } from '../base/json.ts'
import { contradictions } from './check.ts'
import { convertValue } from './convert.ts'
import type { CurvePoint, TableRow } from './fields/field.ts'
import {
  assemble,
  FIELD_PATHS,
  FIELDS,
  type FieldPath,
  type FieldValue,
  FORMAT,
  type Header,
  ID_PATTERN,
  pointerOf,
} from './fields.ts'
import type { Profile } from './profile.ts'
import { checkStructure } from './structure.ts'

/** Characters of a profile file. */
export const MAX_PROFILE_LENGTH = 1 << 20
/** Problems reported of one file. */
const MAX_PROBLEMS = 50

export interface Provenance {
  /** Of the value, else of the nearest section, else of the profile; may be empty. */
  readonly source: string
  readonly note?: string
}

export interface ParsedProfile {
  readonly profile: Profile
  /** One entry for every value that the file gives; what is not here is a default. */
  readonly sources: Readonly<Partial<Record<FieldPath, Provenance>>>
}

type Dictionary = Readonly<Record<string, unknown>>

/** Reads the table, or the points of a curve, that a profile names. */
export type TableReader = (
  file: string,
  kind: 'table' | 'curve',
) => Promise<readonly TableRow[] | readonly CurvePoint[]>

/**
 * Read the text of a profile.
 *
 * @param name    of the file, for errors and as default id
 * @param tables  reads a named table; without it a profile must bring its rows
 * @throws OHM1002, OHM1005 (syntax), OHM1202 (type, range), OHM1203 (unit), OHM1204 (unknown key), OHM1205
 *         (contradiction): everything that is wrong at once, each with its place
 */
export async function parseProfile(text: string, name: string, tables?: TableReader): Promise<ParsedProfile> {
  const document = parseJson(text, name, { maxLength: MAX_PROFILE_LENGTH, maxDepth: 16 })
  checkFormat(document)
  const structure = await checkStructure(document)
  const problems: Problem[] = [...structure.problems]
  const bad = new Set(structure.bad)
  const values = new Map<FieldPath, FieldValue>()
  const sources: Partial<Record<FieldPath, Provenance>> = {}
  for (const path of FIELD_PATHS) {
    const found = bad.has(path) ? null : find(document.value, path)
    if (found === null) continue
    try {
      const field = FIELDS[path]
      const named = (field.kind === 'table' || field.kind === 'curve') && typeof found.raw === 'string'
      const raw = named && tables !== undefined ? await tables(found.raw as string, field.kind) : found.raw
      values.set(path, await convertValue(field, path, raw, { pointer: found.pointer }))
      sources[path] = found.provenance
    } catch (error) {
      if (!(error instanceof OhmbitError)) throw error
      bad.add(path)
      // A problem inside a named table has its own file and line.
      for (const problem of error.problems)
        problems.push(
          problem.at?.line === undefined
            ? { ...problem, ...locate(document, problem.at?.pointer ?? found.pointer) }
            : problem,
        )
    }
  }
  const profile = assemble(headerOf(document, name), values)
  for (const { paths, ...clash } of contradictions(profile)) {
    if (paths.some((path) => bad.has(path))) continue
    const path = paths.find((p) => values.has(p)) ?? paths[0]!
    const pointer = find(document.value, path)?.pointer ?? pointerOf(path)
    problems.push({ ...clash, ...locate(document, pointer) })
  }
  if (problems.length > 0) throw new OhmbitError(inOrder(problems, structure.more))
  return { profile, sources }
}

/** Everything that is wrong with a profile text; empty when it is valid. */
export async function profileProblems(text: string, name: string): Promise<readonly Problem[]> {
  try {
    await parseProfile(text, name)
    return []
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
}

/** A file of another kind is one mistake, not a hundred. */
function checkFormat(document: JsonDocument): void {
  const { value } = document
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const format = (value as Dictionary)['format']
  if (format === undefined || format === FORMAT) return
  fail('OHM1202', `format must be ${JSON.stringify(FORMAT)}, not ${quote(String(JSON.stringify(format)))}`, {
    hint:
      typeof format === 'string' && format.startsWith('ohmbit/profile/')
        ? 'the file is of another version of ohmbit'
        : 'this is not a hardware profile; `ohmbit inspect FILE` says what a file is',
    ...locate(document, '/format'),
  })
}

interface Found {
  readonly raw: unknown
  readonly pointer: string
  readonly provenance: Provenance
}

/** The value of a path in the file, unwrapped, with the nearest source; null where the file does not give it. */
function find(root: unknown, path: FieldPath): Found | null {
  let at = root
  let source = ''
  for (const key of path.split('.')) {
    if (!isDictionary(at)) return null
    if (typeof at['source'] === 'string') source = at['source']
    if (!Object.hasOwn(at, key)) return null
    at = at[key]
  }
  const pointer = pointerOf(path)
  if (!isDictionary(at)) return { raw: at, pointer, provenance: { source } }
  return {
    raw: at['value'],
    pointer: `${pointer}/value`,
    provenance: {
      source: typeof at['source'] === 'string' ? at['source'] : source,
      ...(typeof at['note'] === 'string' ? { note: at['note'] } : {}),
    },
  }
}

const isDictionary = (x: unknown): x is Dictionary => typeof x === 'object' && x !== null && !Array.isArray(x)

function headerOf(document: JsonDocument, name: string): Header {
  const value = isDictionary(document.value) ? document.value : {}
  const text = (key: string) => (typeof value[key] === 'string' ? value[key] : '')
  const { id, notModelled } = value
  return {
    id: typeof id === 'string' ? id : idFromName(name),
    description: text('description'),
    source: text('source'),
    notModelled: Array.isArray(notModelled) ? notModelled.filter((x) => typeof x === 'string') : [],
  }
}

function idFromName(name: string): string {
  const base = name.replace(/^.*[/\\]/, '').replace(/\.json$/i, '')
  const id = base.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64)
  return ID_PATTERN.test(id) ? id : 'custom'
}

function inOrder(problems: readonly Problem[], unlisted: number): Problem[] {
  const sorted = problems.toSorted(
    (a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
  const cut = sorted.slice(0, MAX_PROBLEMS)
  const more = sorted.length - cut.length + unlisted
  if (more > 0) cut.push({ code: cut.at(-1)!.code, message: `and ${more} more problems` })
  return cut
}
