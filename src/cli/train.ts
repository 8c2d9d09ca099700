import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { fail, OhmbitError } from '../base/errors.ts'
import { type ReadyExperiment, readExperiment } from '../study/training-inputs.ts'
import { checkpointOf, type TrainingJob, type TrainingOutcome } from '../study/training-job.ts'
import { type JobProgress, runTrainingJobs } from '../study/training-jobs.ts'
import { PRESETS, preset } from '../training/presets.ts'
import { shapeText } from '../training/resolve-experiment.ts'
import type { Input, Outcome, Run } from './command.ts'
import { ending, engineOf, mayWrite, required } from './shared.ts'
import { columns, count, fixedNumber, metricText, metricTitle } from './style.ts'
import { version } from './version.ts'

export const run: Run = async (invocation) => {
  const { args, options, signal, progress, say } = invocation
  if (options['list'] === true) return list()
  if (args.length === 0)
    fail('OHM9001', 'there is no experiment', {
      hint: 'an experiment file or a preset; `ohmbit train --list` names them',
    })
  const output = required(invocation, 'output', '-o NETWORK.safetensors')
  const engine = engineOf(invocation)
  const force = options['force'] === true
  const jobs = jobsOf(args, output, options)
  // Every experiment is understood, and every path free, before the first iteration of any.
  const ready: ReadyExperiment[] = []
  for (const job of jobs) {
    ready.push(await readExperiment(job.experiment, job))
    await mayWrite(job.output, force)
    // A file of another kind in its place is refused when it is read.
    await mayWrite(checkpointOf(job.output), force || job.resume)
  }
  const names = jobs.map((job) => basename(job.output, '.safetensors'))
  const started = performance.now()
  const clocks = jobs.map(() => ({ since: 0, from: 0, latest: '' }))
  const threads = jobs[0]!.threads ?? 1
  const workers =
    (options['workers'] as number | undefined) ??
    Math.min(jobs.length, Math.max(1, Math.floor(availableParallelism() / threads)))
  const results = await runTrainingJobs(jobs, {
    workers,
    signal,
    onProgress: (job, at) => {
      const clock = clocks[job]!
      const done = at.run * at.iterations + at.iteration
      const now = performance.now()
      if (clock.since === 0) Object.assign(clock, { since: now, from: done })
      const rate = ((done - clock.from) / (now - clock.since)) * 1000
      clock.latest = progressText(at, rate, at.iterations * at.restarts - done)
      if (at.score !== null) say(`${jobs.length > 1 ? `${names[job]}: ` : ''}${clock.latest}`)
      progress(
        clocks
          .map(({ latest }, j) => (jobs.length > 1 && latest !== '' ? `${names[j]}: ${latest}` : latest))
          .filter((t) => t !== '')
          .join(' | '),
      )
    },
  })
  const outcomes = results.filter(
    (result): result is TrainingOutcome => result !== null && !(result instanceof OhmbitError),
  )
  if (results.some((result) => result instanceof OhmbitError)) {
    const written = outcomes.filter(({ network }) => network !== null).length
    const others = written === 0 ? [] : [`${count(written, 'other network')} written; --resume does what is left`]
    throw new OhmbitError(
      results.flatMap((result, j) =>
        result instanceof OhmbitError
          ? result.problems.map((p) => ({
              ...p,
              at: { file: jobs[j]!.experiment, ...p.at },
              ...(p.hint === undefined && written === 0 ? {} : { hint: [p.hint ?? [], ...others].flat().join('; ') }),
            }))
          : [],
      ),
    )
  }
  const interrupted = signal.aborted && (outcomes.length < jobs.length || outcomes.some((o) => o.interrupted))
  const seconds = (performance.now() - started) / 1000
  const plain = outcomes.map((outcome) => ({ ...resultOf(outcome), engine }))
  return {
    result: jobs.length === 1 ? plain[0] : { networks: plain, interrupted },
    text: [
      ...outcomes.map(outcomeText),
      ...(interrupted ? ['interrupted; --resume goes on'] : [`${seconds.toFixed(1)} s`]),
    ].join('\n'),
    inputs: ready.flatMap((r) => r.files as Input[]),
    seed: ready[0]!.experiment.seed,
    set: jobs[0]!.set ?? [],
    exitCode: interrupted ? 130 : 0,
  }
}

function jobsOf(args: readonly string[], output: string, options: Readonly<Record<string, unknown>>): TrainingJob[] {
  const set = [
    ...((options['set'] as string[] | undefined) ?? []),
    ...(['iterations', 'seed'] as const)
      .filter((key) => options[key] !== undefined)
      .map((key) => `${key}=${options[key] as number}`),
  ]
  const text = (key: string) => options[key] as string | undefined
  const every = options['checkpointEvery'] as number | undefined
  const threads = (options['threads'] as number | undefined) ?? 1
  if (threads !== 1 && threads !== 2) fail('OHM9001', `--threads is ${threads}; a run has 1 or 2`)
  if (every === 0) fail('OHM9001', '--checkpoint-every is 0; it must be at least 1')
  const common = {
    set,
    resume: options['resume'] === true,
    force: options['force'] === true,
    checkpointEvery: every ?? null,
    version,
    threads: threads as 1 | 2,
    ...(text('profile') === undefined ? {} : { profile: text('profile')! }),
    ...(text('from') === undefined ? {} : { from: text('from')! }),
  }
  if (args.length === 1) {
    ending(output, '.safetensors', 'a network')
    return [{ ...common, experiment: args[0]!, output }]
  }
  if (/\.safetensors$/i.test(output))
    fail('OHM9001', `${output}: several experiments are written into a folder`, { hint: '-o FOLDER' })
  const stems = args.map((path) => basename(path).replace(/\.json$/i, ''))
  const twice = stems.find((stem, i) => stems.indexOf(stem) !== i)
  if (twice !== undefined) fail('OHM9001', `two experiments would be written to ${twice}.safetensors`)
  return args.map((experiment, i) => ({ ...common, experiment, output: join(output, `${stems[i]}.safetensors`) }))
}

function progressText(at: JobProgress, perSecond: number, left: number): string {
  const run = at.restarts > 1 ? `run ${at.run + 1}/${at.restarts}, ` : ''
  const score = at.score === null ? '' : `, ${metricTitle(at.metric)} ${metricText(at.metric, at.score)}`
  const pace = perSecond > 0 ? `, ${perSecond.toFixed(0)} iterations/s, ${timeText(left / perSecond)} left` : ''
  return `${run}${at.iteration}/${at.iterations}: loss ${fixedNumber(at.loss)}${score}, steepness ${at.steepness.toFixed(1)}${pace}`
}

const timeText = (seconds: number) =>
  seconds < 100
    ? `${Math.ceil(seconds)} s`
    : seconds < 6000
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`

function resultOf({ output, network, bytes, sha256, files: _, ...rest }: TrainingOutcome) {
  return {
    file: network === null ? null : { path: output, bytes, sha256 },
    ...(network === null ? { checkpoint: checkpointOf(output) } : {}),
    name: network?.name ?? null,
    ...rest,
    thresholds: network?.quantizer.thresholds ?? null,
    levels: network?.quantizer.levels ?? null,
    provenance: network?.provenance ?? null,
  }
}

function outcomeText(o: TrainingOutcome): string {
  const score = `${metricTitle(o.metric)} ${metricText(o.metric, o.score)} on ${o.validationChips === null ? '' : `${count(o.validationChips, 'chip')}, `}${count(o.validationVectors, 'validation vector')}`
  if (o.network === null)
    return `stopped at iteration ${o.iteration} of ${o.iterations}${Number.isFinite(o.score) ? `, ${score} so far` : ''}\nwritten: ${checkpointOf(o.output)}`
  const how = o.already
    ? 'already trained'
    : `trained${o.resumedAt === null ? '' : `, gone on from iteration ${o.resumedAt}`}`
  return `${o.network.name}: ${how}; ${score} (iteration ${o.iteration}${o.run > 0 ? ` of run ${o.run + 1}` : ''})\n${o.already ? 'as it was' : 'written'}: ${o.output} (${o.bytes} bytes)`
}

function list(): Outcome {
  const rows = PRESETS.map((name) => {
    const { shape, task, metric, samples, restarts } = preset(name)
    return { name, shape: shapeText(shape), task, metric, samples, restarts }
  })
  return {
    result: { presets: rows },
    text: columns(rows.map((r) => [r.name, r.shape])),
  }
}
