import { fail } from '../base/errors.ts'
import { nextStep } from '../study/engine/slurm.ts'
import { workTask } from '../study/engine/slurm-work.ts'
import { resumeStudy } from '../study/run-study.ts'
import type { Invocation, Run } from './command.ts'
import { studyReport } from './study-report.ts'
import { submissionText } from './study-slurm.ts'
import { studyText } from './study-text.ts'
import { count } from './style.ts'

export const run: Run = (invocation) => (invocation.options['next'] === true ? next(invocation) : task(invocation))

/** A job's environment names a number, or nothing. */
function ofJob(name: string): number | null {
  const text = process.env[name] ?? ''
  return /^\d{1,10}$/.test(text) ? Number(text) : null
}

async function task({ args, options, signal, progress }: Invocation) {
  const number = (name: string) => options[name] as number | undefined
  const [k, of, plan] = [number('task'), number('of'), number('plan')]
  if (k === undefined || of === undefined)
    return fail('OHM9001', 'study work needs --task and --of, or --next', { hint: 'see docs/cluster.md' })
  const outcome = await workTask(args[0]!, {
    ...{ task: k, of, signal },
    ...(plan === undefined ? {} : { plan }),
    workers: number('workers') ?? ofJob('SLURM_CPUS_PER_TASK') ?? 1,
    onShard: (done, all) => progress(`${done}/${all} shards`),
  })
  return {
    result: outcome,
    text: outcome.cancelled
      ? 'the study was cancelled'
      : `task ${k} of ${of}: ${count(outcome.done, 'shard')} written, ${outcome.before} stood there`,
  }
}

async function next({ args, options, signal, style }: Invocation) {
  const folder = args[0]!
  const digest = options['settings'] as string | undefined
  if (digest === undefined || !/^[0-9a-f]{64}$/.test(digest))
    return fail('OHM9001', 'study work --next needs --settings, as the batch script has it', {
      hint: 'go on with a study by hand: ohmbit study resume DIR --engine slurm',
    })
  const step = await nextStep(folder, digest, ofJob('SLURM_JOB_ID'), (engine) =>
    resumeStudy(folder, { engine, signal, report: studyReport }),
  )
  if (step === null) return { result: { state: 'idle' }, text: 'there is nothing to do for this job' }
  if ('submitted' in step)
    return { result: { state: 'submitted', ...step.submitted }, text: submissionText(step.submitted, folder) }
  return { result: { state: 'finished', ...step.result }, text: studyText(step.result, style) }
}
