import { OhmbitError, type Problem } from '../base/errors.ts'
import { suggest } from '../base/suggest.ts'
import type { Task } from './task.ts'

type Kind = Task['kind']
type Range = readonly [number, number]

interface Field {
  readonly rule: string
  readonly valid: (value: number) => boolean
  /** A number or [low, high]. */
  readonly mayBeRange?: true
  readonly optional?: true
}

const MAX_SIZE = 32768
const count = (max: number): Field => ({
  rule: `a whole number from 1 to ${max}`,
  valid: (x) => Number.isInteger(x) && x >= 1 && x <= max,
})

const fields: Readonly<Record<Kind, Readonly<Record<string, Field>>>> = {
  'sparse-recovery': {
    N: count(MAX_SIZE),
    M: count(MAX_SIZE),
    S: count(MAX_SIZE),
    noiseVariance: { rule: 'a number >= 0', valid: (x) => x >= 0 },
  },
  'channel-estimation': {
    antennas: count(MAX_SIZE),
    users: count(MAX_SIZE),
    pilots: count(MAX_SIZE),
    snr: { rule: 'a linear ratio > 0, or a range of them', valid: (x) => x > 0, mayBeRange: true },
  },
  'symbol-detection': {
    antennas: count(MAX_SIZE),
    users: count(15),
    snrDb: {
      rule: 'a number of dB from -200 to 200, or a range of them',
      valid: (x) => Math.abs(x) <= 200,
      mayBeRange: true,
    },
    csiError: { rule: 'a relative variance >= 0', valid: (x) => x >= 0, optional: true },
  },
}
const sensings = ['dct', 'gaussian'] as const

const kinds = Object.keys(fields) as Kind[]
const keysOf = (kind: Kind) => [...Object.keys(fields[kind]), ...(kind === 'sparse-recovery' ? ['sensing'] : [])]

/**
 * Read a task: an object, its JSON text, or the short form `kind:key=value,key=value` with ranges as `1..10`.
 *
 * @throws OHM1109 with every problem at once
 */
export function parseTask(description: unknown): Task {
  const object = typeof description === 'string' ? fromText(description.trim()) : description
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw problem('', 'a task is an object or a text such as sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4')
  const given = new Map(Object.entries(object))
  const kind = given.get('kind')
  if (!kinds.includes(kind as Kind))
    throw problem('kind', `task kind ${show(kind)} is none of ${kinds.join(', ')}`, didYouMean(kind, kinds))
  return build(kind as Kind, given)
}

/** The short form; `parseTask` of it gives the same task. */
export function formatTask(task: Task): string {
  const { kind, ...rest } = task
  const value = (v: unknown) => (Array.isArray(v) ? v.join('..') : String(v))
  return `${kind}:${Object.entries(rest)
    .map(([key, v]) => `${key}=${value(v)}`)
    .join(',')}`
}

function build(kind: Kind, given: ReadonlyMap<string, unknown>): Task {
  const problems: Problem[] = []
  const report = (key: string, message: string, hint?: string) => problems.push(...problem(key, message, hint).problems)
  const known = keysOf(kind)
  for (const key of given.keys())
    if (key !== 'kind' && !known.includes(key))
      report(
        key,
        `a ${kind} task has no field "${key}"`,
        didYouMean(key, known) ?? `its fields are ${known.join(', ')}`,
      )

  const task = new Map<string, unknown>([['kind', kind]])
  for (const [key, field] of Object.entries(fields[kind])) {
    const value = given.get(key)
    if (value === undefined && !given.has(key)) {
      if (field.optional !== true) report(key, `a ${kind} task needs ${key}, ${field.rule}`)
      continue
    }
    const fits = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x) && field.valid(x)
    if (fits(value)) task.set(key, value)
    else if (field.mayBeRange && isRange(value) && value.every(fits) && value[0] <= value[1])
      task.set(key, [value[0], value[1]])
    else report(key, `${key} is ${show(value)}; it must be ${field.rule}`)
  }
  if (kind === 'sparse-recovery') {
    const sensing = given.get('sensing') ?? 'dct'
    if (sensings.includes(sensing as never)) task.set('sensing', sensing)
    else
      report(
        'sensing',
        `sensing is ${show(sensing)}; it must be ${sensings.join(' or ')}`,
        didYouMean(sensing, sensings),
      )
  }
  const atMost = (small: string, large: string) => {
    const [a, b] = [task.get(small), task.get(large)]
    if (typeof a === 'number' && typeof b === 'number' && a > b)
      report(small, `${small} = ${a} is above ${large} = ${b}`)
  }
  if (kind === 'sparse-recovery') {
    atMost('M', 'N')
    atMost('S', 'N')
  }
  if (kind === 'channel-estimation') atMost('users', 'pilots')
  if (problems.length > 0) throw new OhmbitError(problems)
  return Object.fromEntries(task) as unknown as Task
}

function fromText(text: string): unknown {
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text)
    } catch {
      throw problem('', 'the task is not valid JSON')
    }
  }
  const colon = text.indexOf(':')
  const entries = new Map<string, unknown>([['kind', (colon < 0 ? text : text.slice(0, colon)).trim()]])
  if (colon >= 0)
    for (const part of text.slice(colon + 1).split(',')) {
      const equals = part.indexOf('=')
      const key = part.slice(0, Math.max(equals, 0)).trim()
      if (key === '' || entries.has(key))
        throw problem(key, key === '' ? `"${part.trim()}" is not key=value` : `${key} is given twice`)
      entries.set(key, parseValue(part.slice(equals + 1).trim()))
    }
  return Object.fromEntries(entries)
}

function parseValue(text: string): unknown {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
  if (number.test(text)) return Number(text)
  const ends = text.split('..')
  return ends.length === 2 && ends.every((end) => number.test(end)) ? ends.map(Number) : text
}

const isRange = (value: unknown): value is Range => Array.isArray(value) && value.length === 2
const show = (value: unknown) =>
  value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value)).slice(0, 60)

function problem(key: string, message: string, hint?: string): OhmbitError {
  return new OhmbitError({
    code: 'OHM1109',
    message,
    at: { pointer: key === '' ? 'task' : `task/${key}` },
    ...(hint === undefined ? {} : { hint }),
  })
}

function didYouMean(word: unknown, known: readonly string[]): string | undefined {
  const near = typeof word === 'string' ? suggest(word, known) : null
  return near === null ? undefined : `did you mean "${near}"?`
}
