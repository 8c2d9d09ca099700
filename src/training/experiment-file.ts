/**
 * An experiment file: a preset with changes, or everything spelt out. What a file refers to (networks, profiles, data)
 * is opened by others; here is what its text says, and the experiment that it means.
 */
import { checkKeys, isObject, type ReportKey, shownValue } from '../base/check-keys.ts'
import { OhmbitError, type Problem } from '../base/errors.ts'
import { type JsonDocument, locate, parseJson, quote } from '../base/json.ts'
import type { Activation } from '../network/network.ts'
import type { Task } from '../network/task.ts'
import type { MetricName } from '../task/metric.ts'
import type { Experiment, GradientRule } from './experiment.ts'
import { EXPERIMENT_FIELDS, EXPERIMENT_FORMAT } from './experiment-fields.ts'
import { PRESETS, type PresetName, preset, type ScheduleName } from './presets.ts'
import type { Schedule } from './schedule.ts'

/** A schedule, or some numbers of one. */
export type ScheduleKeys = Schedule | Readonly<Record<string, number>>

/** What a file says, checked key by key. */
export interface ExperimentKeys {
  readonly format: string
  readonly name?: string
  readonly preset?: PresetName
  readonly levels?: number
  readonly channels?: number
  readonly snrDb?: number
  readonly task?: Task
  readonly data?: {
    readonly inputs: string
    readonly truth: string
    readonly validationInputs?: string
    readonly validationTruth?: string
  }
  readonly from?: string
  readonly encoder?: readonly { readonly outputs: number; readonly activation: Activation }[]
  readonly decoder?: readonly { readonly outputs: number; readonly activation: Activation }[]
  readonly metric?: MetricName
  readonly loss?: Experiment['loss']
  readonly quantizer?: Partial<Experiment['quantizer']>
  readonly gradient?: GradientRule
  readonly schedule?: ScheduleName
  readonly rate?: ScheduleKeys
  readonly quantizerRate?: ScheduleKeys
  readonly steepness?: ScheduleKeys
  readonly blend?: ScheduleKeys
  readonly adam?: Partial<Experiment['adam']>
  readonly iterations?: number
  readonly batch?: number
  readonly samples?: number
  readonly seed?: number
  readonly restarts?: number
  readonly validation?: Partial<Experiment['validation']>
  readonly refit?: boolean
  readonly profile?: string
  readonly hardware?: {
    readonly clip?: number | null
    readonly refresh?: number
    readonly seed?: number
    readonly set?: readonly string[]
  }
}

export interface ExperimentFile {
  readonly keys: ExperimentKeys
  /** Name of the file, or of the preset that stands for one. */
  readonly file: string
  /** A problem at a JSON pointer, with its line where the file has it. */
  readonly problem: (pointer: string, message: string, hint?: string) => Problem
}

const MAX_LENGTH = 1 << 20
const MAX_PROBLEMS = 50

/** An experiment that is a preset and changes of it. @throws as `parseExperiment` */
export function presetExperiment(name: string, set: readonly string[] = []): ExperimentFile {
  return parseExperiment(JSON.stringify({ format: EXPERIMENT_FORMAT }), name, [`preset=${name}`, ...set])
}

/**
 * Read the text of an experiment file.
 *
 * @param file  its name, for messages
 * @param set   changes, `path=value` with dots in the path and JSON or bare words as values; later ones win
 * @throws OHM1002, OHM1005 the text; OHM7002 everything else that is wrong, at once, each with its JSON pointer;
 *         OHM9001 a change that is not of the form path=value
 */
export function parseExperiment(text: string, file: string, set: readonly string[] = []): ExperimentFile {
  const document = parseJson(text, file, { maxLength: MAX_LENGTH, maxDepth: 12 })
  const { value, changed } = withChanges(document.value, set)
  const problem = problemAt(document, changed)
  const problems: Problem[] = []
  const report: ReportKey = (pointer, message, hint, part) => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem(pointer, message, hint, part))
  }
  const format = isObject(value) && Object.hasOwn(value, 'format') ? value['format'] : undefined
  if (isObject(value) && format !== EXPERIMENT_FORMAT)
    report(
      '/format',
      format === undefined ? 'format is missing' : `format is ${shownValue(format)}`,
      `an experiment has "format": ${JSON.stringify(EXPERIMENT_FORMAT)}`,
    )
  // A file of another kind is one mistake, not a hundred.
  else checkKeys(EXPERIMENT_FIELDS, value, 'an experiment', report)
  if (problems.length > 0) throw new OhmbitError(problems)
  return { keys: value as ExperimentKeys, file, problem }
}

function problemAt(document: JsonDocument, changed: readonly string[]) {
  return (pointer: string, message: string, hint?: string, part?: 'key' | 'value'): Problem => ({
    code: 'OHM7002',
    message,
    ...(hint === undefined ? {} : { hint }),
    // What was changed from outside does not stand in the file.
    ...(changed.some(
      (c) => pointer === c || pointer.startsWith(`${c}/`) || (pointer !== '' && c.startsWith(`${pointer}/`)),
    )
      ? { at: { pointer } }
      : locate(document, pointer, part)),
  })
}

function withChanges(value: unknown, set: readonly string[]): { value: unknown; changed: string[] } {
  const changed: string[] = []
  let now = value
  const wrong = (message: string, hint: string): never => {
    throw new OhmbitError({ code: 'OHM9001', message, hint })
  }
  for (const assignment of set) {
    const equals = assignment.indexOf('=')
    const path = assignment.slice(0, Math.max(0, equals)).trim().split('.')
    if (equals < 1 || path.some((key) => !/^\w{1,40}$/.test(key) || key.startsWith('__')) || path.length > 10)
      wrong(`${quote(assignment)} is not of the form PATH=VALUE`, 'for instance rate.first=1e-3')
    const text = assignment.slice(equals + 1).trim()
    changed.push(`/${path.join('/')}`)
    now = replaced(path.length > 1 ? withPresets(now, path[0]!) : now, path, meantBy(text))
  }
  return { value: now, changed }
}

/** Layers and task of the preset, where the file does not spell them out and a part of them is to be changed. */
function withPresets(value: unknown, key: string): unknown {
  if (!isObject(value) || Object.hasOwn(value, key) || !Object.hasOwn(value, 'preset')) return value
  const name = PRESETS.find((p) => p === value['preset'])
  if (name === undefined) return value
  const { shape, task } = preset(name)
  const layers = (list: typeof shape.encoder) => list.map(({ outputs, activation }) => ({ outputs, activation }))
  if (key === 'encoder' || key === 'decoder') return { ...value, [key]: layers(shape[key]) }
  return key === 'task' ? { ...value, task } : value
}

function meantBy(text: string): unknown {
  try {
    return parseJson(text, undefined, { maxLength: 10_000, maxDepth: 8 }).value
  } catch {
    return text
  }
}

function replaced(value: unknown, [key, ...rest]: readonly string[], what: unknown): unknown {
  if (key === undefined) return what
  if (Array.isArray(value) && /^\d{1,3}$/.test(key) && Number(key) <= value.length)
    return Object.assign([...value], { [Number(key)]: replaced(value[Number(key)], rest, what) })
  const members = isObject(value) ? value : {}
  const old = Object.hasOwn(members, key) ? members[key] : undefined
  return { ...members, [key]: replaced(old, rest, what) }
}
