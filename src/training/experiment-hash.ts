/** Names of experiments by what they are, and their schedules in words. */
import { sha256Hex } from '../base/hash.ts'
import type { Experiment } from './experiment.ts'
import type { Schedule } from './schedule.ts'

/** SHA-256 of plain data: the same whatever the order of its keys. */
export function plainHash(value: unknown): string {
  return sha256Hex(JSON.stringify(sorted(value)))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.keys(members)
      .filter((key) => members[key] !== undefined)
      .sort()
      .map((key) => [key, sorted(members[key])]),
  )
}

/** rate cosine 0.002 to 0.000001; ... */
export function schedulesText({ rate, quantizerRate, steepness, blend }: Experiment): string {
  return Object.entries({ rate, quantizerRate, steepness, blend })
    .map(([name, schedule]) => `${name} ${scheduleText(schedule)}`)
    .join('; ')
}

function scheduleText(s: Schedule): string {
  switch (s.kind) {
    case 'constant':
      return `${s.value}`
    case 'linear':
    case 'cosine':
      return `${s.kind} ${s.first} to ${s.last}`
    case 'inverse-root':
      return `${s.first} / sqrt(t), least ${s.least}`
    case 'ramp':
      return `${s.first} + ${s.rise} t, most ${s.most}`
    case 'stairs':
      return `${s.first} + ${s.rise} ceil(t / ${s.every}), most ${s.most}`
  }
}
