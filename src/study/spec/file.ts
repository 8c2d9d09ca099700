/** The text of a study file, checked key by key. What it refers to is opened by others. */

import type { Code } from '../../base/catalogue.ts'
import { checkKeys, isObject, shownValue } from '../../base/check-keys.ts'
import { OhmbitError, type Problem } from '../../base/errors.ts'
import { locate, parseJson } from '../../base/json.ts'
import type { Task } from '../../network/task.ts'
import type { FieldPath } from '../../profile/fields.ts'
import type { MetricName } from '../../task/metric.ts'
import type { Attribution, Importance, StudyKind } from '../study.ts'
import { STUDY_FIELDS, STUDY_FORMAT } from './fields.ts'

export interface AxisKeys {
  readonly path: FieldPath
  readonly values?: readonly unknown[] | string
  readonly range?: readonly [number | string, number | string]
  readonly scale?: 'linear' | 'logarithmic'
  readonly count?: number
  readonly expression?: string
}

/** What a file says, its structure checked; values of the profile are not yet. */
export interface StudyKeys {
  readonly format: string
  readonly name?: string
  readonly kind?: StudyKind
  readonly network?: string
  readonly networks?: readonly string[]
  readonly deployment?: string
  readonly profile?: string
  readonly set?: Readonly<Partial<Record<FieldPath, unknown>>>
  readonly task?: Task
  readonly calibration?: string
  readonly samples?: number
  readonly inputs?: string
  readonly truth?: string
  readonly metric?: MetricName
  readonly axes?: readonly AxisKeys[]
  readonly points?: number
  readonly chips?: number
  readonly firstChip?: number
  readonly seed?: number
  readonly require?: string
  readonly until?: string
  readonly attributions?: readonly Attribution[]
  readonly importance?: Importance
  readonly loosest?: {
    readonly path: FieldPath
    readonly tight: number | string
    readonly loose: number | string
    readonly scale?: 'linear' | 'logarithmic'
    readonly yield: number | string
    readonly tolerance?: number
  }
  readonly shardChips?: number
}

/** Keys that the command line may give in place of the file's. */
export type KeyOverrides = {
  readonly [K in
    | 'name'
    | 'kind'
    | 'metric'
    | 'axes'
    | 'points'
    | 'chips'
    | 'firstChip'
    | 'seed'
    | 'samples'
    | 'require'
    | 'until'
    | 'attributions'
    | 'importance'
    | 'loosest'
    | 'shardChips']?: StudyKeys[K] | undefined
}

export interface StudyFile {
  readonly keys: StudyKeys
  /** Name of the file, or of the deployment that stands for one. */
  readonly file: string
  /** Collects problems, and throws them. */
  readonly problems: Problems
}

/** What is wrong with a study file, all of it. */
export interface Problems {
  add(pointer: string, message: string, more?: { hint?: string; code?: Code; part?: 'key' | 'value' }): void
  /** Those of an error, at their pointers, else at this one; any other error is thrown. */
  caught(pointer: string, error: unknown): void
  /** @throws everything so far, if anything */
  stop(): void
}

const MAX_LENGTH = 4 << 20
const MAX_PROBLEMS = 50

/**
 * Read the text of a study file.
 *
 * @param file       its name, for messages
 * @param overrides  what stands in place of the file's keys
 * @throws OHM1002, OHM1005 the text; OHM8001 everything else that is wrong, at once, each with its JSON pointer
 */
export function parseStudy(text: string, file: string, overrides: KeyOverrides = {}): StudyFile {
  const document = parseJson(text, file, { maxLength: MAX_LENGTH, maxDepth: 16 })
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined)
  const changed = given.map(([key]) => `/${key}`)
  const value = isObject(document.value) ? { ...document.value, ...Object.fromEntries(given) } : document.value
  const found: Problem[] = []
  // What was given from outside does not stand in the file.
  const placed = (pointer: string, part?: 'key' | 'value') =>
    changed.some((c) => pointer === c || pointer.startsWith(`${c}/`))
      ? { at: { pointer } }
      : locate(document, pointer, part)
  const push = (problem: Problem) => {
    if (found.length < MAX_PROBLEMS) found.push(problem)
  }
  const problems: Problems = {
    add(pointer, message, { hint, code = 'OHM8001', part } = {}) {
      push({ code, message, ...(hint === undefined ? {} : { hint }), ...placed(pointer, part) })
    },
    caught(pointer, error) {
      if (!(error instanceof OhmbitError)) throw error
      for (const { code, message, hint, at } of error.problems) {
        const inside = at?.pointer?.startsWith(`${pointer}/`) ? at.pointer : pointer
        push({ code, message, ...(hint === undefined ? {} : { hint }), ...placed(inside) })
      }
    },
    stop() {
      if (found.length > 0) throw new OhmbitError(found)
    },
  }
  const format = isObject(value) && Object.hasOwn(value, 'format') ? value['format'] : undefined
  if (isObject(value) && format !== STUDY_FORMAT)
    problems.add('/format', format === undefined ? 'format is missing' : `format is ${shownValue(format)}`, {
      hint: `a study has "format": ${JSON.stringify(STUDY_FORMAT)}`,
    })
  // A file of another kind is one mistake, not a hundred.
  else
    checkKeys(STUDY_FIELDS, value, 'a study', (pointer, message, hint, part) =>
      problems.add(pointer, message, {
        ...(hint === undefined ? {} : { hint }),
        ...(part === undefined ? {} : { part }),
      }),
    )
  problems.stop()
  return { keys: value as StudyKeys, file, problems }
}
