/**
 * Single values changed from outside: `--set crossbar.wires.wordSegment="5 ohm"`.
 */
import { OhmbitError, type Problem } from '../base/errors.ts'
import { quote } from '../base/json.ts'
import { suggest } from '../base/suggest.ts'
import { contradictions } from './check.ts'
import { convertValue } from './convert.ts'
import {
  FIELD_PATHS,
  FIELDS,
  type Field,
  type FieldPath,
  type FieldValue,
  GROUPS,
  isFieldPath,
  pointerOf,
  withValues,
} from './fields.ts'
import type { Profile } from './profile.ts'

/**
 * A copy of a profile with values replaced.
 *
 * @param assignments  `PATH=VALUE`; plain numbers are SI, `null` and lists (`[1 uS, 2 uS]`, rows of a table
 *                     `[[1 uS, 1.1 uS, 0.1 uS]]`) are allowed; of two for the same path the later holds
 * @throws OHM9001 no `=`, OHM1204 unknown path, OHM1202, OHM1203, OHM1205, all problems at once
 */
export async function setProfileValues(profile: Profile, assignments: readonly string[]): Promise<Profile> {
  const problems: Problem[] = []
  const changes: Partial<Record<FieldPath, FieldValue>> = {}
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    if (equals < 0) {
      problems.push({
        code: 'OHM9001',
        message: `${quote(assignment)} is not of the form PATH=VALUE`,
        hint: 'for instance crossbar.wires.wordSegment="5 ohm"',
      })
      continue
    }
    const path = assignment.slice(0, equals).trim()
    if (!isFieldPath(path)) {
      problems.push(unknownPath(path))
      continue
    }
    const field = FIELDS[path]
    try {
      changes[path] = await convertValue(field, path, fromText(field, assignment.slice(equals + 1).trim()), {
        pointer: pointerOf(path),
      })
    } catch (error) {
      if (!(error instanceof OhmbitError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new OhmbitError(problems)
  const changed = withValues(profile, changes)
  const clashes = contradictions(changed)
  if (clashes.length > 0)
    throw new OhmbitError(
      clashes.map(({ paths, ...clash }) => ({
        ...clash,
        at: { pointer: pointerOf(paths.find((p) => p in changes) ?? paths[0]!) },
      })),
    )
  return changed
}

/** What the text stands for as JSON. */
function fromText(field: Field, text: string): unknown {
  if (text === 'null') return null
  if (field.kind === 'word') return text
  if (field.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (field.kind === 'levels' && /[[,]/.test(text) && text.startsWith('[') === text.endsWith(']'))
    return text.replace(/^\[/, '').replace(/\]$/, '').split(',').map(unquoted)
  if ((field.kind === 'table' || field.kind === 'curve') && text.startsWith('['))
    return [...text.matchAll(/\[([^[\]]*)\]/g)].map((row) => row[1]!.split(',').map(unquoted))
  return plainNumber(text)
}

const unquoted = (entry: string): number | string => plainNumber(entry.trim().replace(/^(["'])(.*)\1$/, '$2'))

const plainNumber = (text: string): number | string =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : text

/** What is wrong with a path that a profile does not have, and what was probably meant. */
export function unknownPath(path: string): Problem {
  const group = GROUPS.get(path)
  if (group !== undefined)
    return {
      code: 'OHM1204',
      message: `${quote(path)} is a section, not a value`,
      hint: `its keys: ${group.join(', ')}`,
    }
  const last = path.slice(path.lastIndexOf('.') + 1)
  const sameName = FIELD_PATHS.filter((p) => p.endsWith(`.${last}`))
  const meant = suggest(path, FIELD_PATHS) ?? (sameName.length === 1 ? sameName[0]! : null)
  return {
    code: 'OHM1204',
    message: `a profile has no value ${quote(path)}`,
    hint:
      meant !== null
        ? `did you mean ${meant}?`
        : sameName.length > 1 && sameName.length <= 6
          ? `did you mean one of ${sameName.join(', ')}?`
          : '`ohmbit profiles show ID` prints every path',
  }
}
