/** What a user may say to Slurm: some of sbatch's options, and three of how the work is cut. */
import { fail } from '../../base/errors.ts'
import { quote } from '../../base/json.ts'
import { suggest } from '../../base/suggest.ts'

/** Long options of sbatch that are passed on. Names, files, dependencies and arrays are ohmbit's own. */
export const SBATCH_OPTIONS = [
  'account',
  'constraint',
  'cpus-per-task',
  'exclude',
  'gres',
  'licenses',
  'mail-type',
  'mail-user',
  'mem',
  'mem-per-cpu',
  'nice',
  'nodelist',
  'partition',
  'priority',
  'qos',
  'reservation',
  'time',
  'tmp',
  'wckey',
] as const
export type SbatchOption = (typeof SBATCH_OPTIONS)[number]

/** Options of ohmbit itself: how the work is cut, and how often it is tried. */
const OWN = {
  /** Array tasks at most. */
  tasks: { low: 1, high: 4_000_000, fallback: 256 },
  /** Array tasks that run at the same time; 0: as many as the cluster gives. */
  'at-once': { low: 0, high: 4_000_000, fallback: 0 },
  /** Times that shards are submitted again although not one of them was done. */
  retries: { low: 0, high: 100, fallback: 3 },
} as const

export interface SlurmOptions {
  readonly sbatch: Readonly<Partial<Record<SbatchOption, string>>>
  readonly tasks: number
  readonly atOnce: number
  readonly retries: number
}

/** Of sbatch's own values: no blanks, no quotes, nothing that a shell would act on but what constraints are made of. */
const VALUE = /^[A-Za-z0-9_.:@=+/&|()*[\],%#-]{1,200}$/

const isSbatch = (key: string): key is SbatchOption => (SBATCH_OPTIONS as readonly string[]).includes(key)

/**
 * @param texts  `key=value,key=value`, e.g. `partition=short,time=02:00:00`; a value may hold commas (`exclude=n1,n2`)
 * @throws OHM9001 unknown key, key given twice, value that no option of Slurm has
 */
export function slurmOptions(texts: readonly string[]): SlurmOptions {
  const given = new Map<string, string>()
  for (const text of texts)
    for (const part of text.split(/,(?=[A-Za-z-]+=)/)) {
      const at = part.indexOf('=')
      const key = part.slice(0, at)
      const value = part.slice(at + 1)
      if (at < 1) fail('OHM9001', `--slurm: ${quote(part)} is not key=value`, { hint: known })
      if (!isSbatch(key) && !Object.hasOwn(OWN, key)) {
        const meant = suggest(key, [...SBATCH_OPTIONS, ...Object.keys(OWN)])
        fail('OHM9001', `--slurm: unknown key ${quote(key)}${meant === null ? '' : `, did you mean ${meant}?`}`, {
          hint: known,
        })
      }
      if (given.has(key)) fail('OHM9001', `--slurm: ${key} is given twice`)
      if (!VALUE.test(value)) fail('OHM9001', `--slurm: ${quote(value)} is not a value of ${key}`)
      given.set(key, value)
    }
  const own = (key: keyof typeof OWN) => {
    const { low, high, fallback } = OWN[key]
    const text = given.get(key)
    if (text === undefined) return fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    return value >= low && value <= high
      ? value
      : fail('OHM9001', `--slurm: ${key} is ${quote(text)}; it must be a whole number from ${low} to ${high}`)
  }
  return {
    sbatch: Object.fromEntries([...given].filter(([key]) => isSbatch(key)).sort(([a], [b]) => (a < b ? -1 : 1))),
    tasks: own('tasks'),
    atOnce: own('at-once'),
    retries: own('retries'),
  }
}

const known = `keys: ${[...SBATCH_OPTIONS, ...Object.keys(OWN)].join(', ')}`
