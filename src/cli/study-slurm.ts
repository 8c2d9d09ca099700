/** The study commands on a Slurm cluster. */
import { fileURLToPath } from 'node:url'
import { fail } from '../base/errors.ts'
import { readText } from '../base/files.ts'
import { type Submission, submitStudy } from '../study/engine/slurm.ts'
import { slurmOptions } from '../study/engine/slurm-options.ts'
import type { SlurmStatus } from '../study/engine/slurm-status.ts'
import type { StudyResult } from '../study/result.ts'
import type { RunStudyOptions } from '../study/run-study.ts'
import type { Invocation } from './command.ts'
import { count } from './style.ts'

export const isOnSlurm = ({ options }: Invocation): boolean => {
  const slurm = options['engine'] === 'slurm'
  for (const [name, flag] of [
    ['slurm', '--slurm'],
    ['setup', '--setup'],
  ] as const) {
    const given = options[name] as string | string[] | undefined
    if (!slurm && given !== undefined && given.length > 0)
      fail('OHM9001', `${flag} says nothing without --engine slurm`)
  }
  if (slurm)
    for (const [name, flag, hint] of [
      ['workers', '--workers', 'threads of a task: --slurm cpus-per-task=4'],
      ['requireYield', '--require-yield', 'give it when the jobs are done: ohmbit study resume DIR --require-yield'],
    ] as const)
      if (options[name] !== undefined) fail('OHM9001', `${flag} says nothing with --engine slurm`, { hint })
  return slurm
}

/** Submit what is missing; the result where nothing is. */
export async function submitted(
  { options }: Invocation,
  folder: string,
  start: (engine: NonNullable<RunStudyOptions['engine']>) => Promise<StudyResult>,
): Promise<{ readonly submitted: Submission } | { readonly result: StudyResult }> {
  const setup = options['setup'] as string | undefined
  return submitStudy(
    folder,
    {
      options: slurmOptions((options['slurm'] as string[] | undefined) ?? []),
      command: [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))],
      setup: setup === undefined ? '' : await readText(setup, 1 << 20),
    },
    start,
  )
}

export function submissionText({ array, after, tasks, shards, attempt }: Submission, folder: string): string {
  const again = attempt > 0 ? `, attempt ${attempt + 1}` : ''
  return [
    `submitted: array job ${array} of ${count(tasks, 'task')} for ${count(shards, 'shard')}${again}; job ${after} goes on after it`,
    `how far it is: ohmbit study status ${folder}`,
    `stop it with: ohmbit study cancel ${folder}`,
  ].join('\n')
}

/** Lines of `study status`. */
export function slurmLines(status: SlurmStatus): string[] {
  const { shards, last, jobs, arrays, cancelled, stopped, failures, unknown, active } = status
  const head =
    last === null
      ? 'nothing was submitted'
      : `${count(arrays, 'array')} submitted${last.attempt > 0 ? `, attempt ${last.attempt + 1} at the same shards` : ''}`
  return [
    `Slurm: ${head}${cancelled ? ', cancelled' : ''}`,
    `shards of this round: ${shards.running} with running tasks, ${shards.waiting} with waiting tasks, ${shards.missing} with none`,
    ...jobs.map(({ job, kind, states, reason }) => {
      const words = Object.entries(states).map(([state, n]) => (kind === 'array' ? `${n} ${state}` : state))
      return `job ${job} (${kind === 'array' ? 'array' : 'goes on after'}): ${words.join(', ')}${reason === '' ? '' : ` (${reason})`}`
    }),
    ...(unknown === null ? [] : [`Slurm could not be asked: ${unknown}`]),
    ...(failures.length === 0 ? [] : [`a task said ${failures[0]!.code}: ${failures[0]!.message}`]),
    ...(stopped === null || active ? [] : stopped.map(({ code, message }) => `stopped: ${code}: ${message}`)),
  ].map((line) => `  ${line}`)
}
