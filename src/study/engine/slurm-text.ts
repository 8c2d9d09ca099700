/** What the commands of Slurm print, as data. */
import { fail } from '../../base/errors.ts'
import { quote } from '../../base/json.ts'

export interface ArrayLimits {
  /** Tasks that an array may have, numbered from 0. */
  readonly tasks: number
}

/**
 * @param config  of `scontrol show config`
 * @throws OHM8005 the cluster has no arrays, or says nothing about them
 */
export function parseLimits(config: string): ArrayLimits {
  const of = (pattern: RegExp) => {
    const found = pattern.exec(config)?.[1]
    return found === undefined ? null : Number(found)
  }
  const size = of(/^MaxArraySize\s*=\s*(\d{1,9})\s*$/m)
  if (size === null) return fail('OHM8005', 'scontrol show config names no MaxArraySize')
  if (size === 0) return fail('OHM8005', 'this cluster has no job arrays (MaxArraySize = 0)')
  // The numbers of tasks are below MaxArraySize, so an array from 0 has as many; the scheduler may be told fewer.
  const tasks = of(/^SchedulerParameters\s*=.*\bmax_array_tasks=(\d{1,9})/m)
  return { tasks: Math.min(size, tasks ?? size) }
}

/** Of `sbatch --parsable`: a number, and with several clusters the cluster's name. @throws OHM8005 */
export function parseSubmitted(output: string): number {
  const found = /^(\d{1,10})(;\S+)?$/.exec(output.trim().split('\n').at(-1)!.trim())
  return found === null ? fail('OHM8005', `sbatch said ${quote(output.trim())}, not a job number`) : Number(found[1])
}

/** Array job, task, job, state, node, name and reason; the reason is last since it may hold anything. */
export const QUEUE_FORMAT = '%F|%K|%T|%N|%j|%r'

export interface QueuedJob {
  /** The job, or the array that it is a task of. */
  readonly job: number
  /** Number in the array; null: not a task of one. */
  readonly task: number | null
  /** Slurm's word, e.g. PENDING, RUNNING, COMPLETED, FAILED, NODE_FAIL. */
  readonly state: string
  /** '' while it waits. */
  readonly nodes: string
  /** Why it waits, or why it failed; '' for none. */
  readonly reason: string
}

/** Lines of squeue in QUEUE_FORMAT; lines of other jobs and what is no such line are left out. */
export function parseQueue(output: string, name: string): QueuedJob[] {
  return output.split('\n').flatMap((line) => {
    const found = /^(\d{1,10})\|(\d{1,10}|N\/A)\|([A-Z_]+)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line.trim())
    if (found === null || found[5] !== name) return []
    const reason = found[6]!.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    return [
      {
        job: Number(found[1]),
        task: found[2] === 'N/A' ? null : Number(found[2]),
        state: found[3]!,
        nodes: found[4]!,
        reason: /^(none|\(null\))?$/i.test(reason) ? '' : reason,
      },
    ]
  })
}

const WAITING: ReadonlySet<string> = new Set([
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_HOLD',
  'REQUEUE_FED',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
])
const AT_WORK: ReadonlySet<string> = new Set([
  'RUNNING',
  'COMPLETING',
  'STAGE_OUT',
  'SUSPENDED',
  'STOPPED',
  'RESIZING',
  'SIGNALING',
])

/** What a state means for the work; a state of a later Slurm counts as over. */
export function phaseOf(state: string): 'waiting' | 'running' | 'over' {
  return WAITING.has(state) ? 'waiting' : AT_WORK.has(state) ? 'running' : 'over'
}
