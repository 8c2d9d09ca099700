/** One training run with its files: checkpoints while it goes, a network when it is done. */
import { fail, OhmbitError } from '../base/errors.ts'
import { kindOfPath, readBounded, removeFile, removeTemporaries, writeAtomic } from '../base/files.ts'
import { sha256Hex } from '../base/hash.ts'
import { formatSafetensors } from '../network/formats/safetensors.ts'
import type { Network } from '../network/network.ts'
import { readNetwork } from '../network/read.ts'
import { engine } from '../numerics/kernels/module.ts'
import { type CheckpointOf, decodeCheckpoint, encodeCheckpoint } from '../training/checkpoint.ts'
import { schedulesText } from '../training/experiment-hash.ts'
import { hardwarePerturbation, SCORED } from '../training/hardware.ts'
import { parametersFrom, parametersOf } from '../training/model.ts'
import { firstState, hardNetwork, type Progress, type TrainingState, train } from '../training/train.ts'
import { type ReadExperimentOptions, type ReadyExperiment, readExperiment } from './training-inputs.ts'
import { pairedMachine } from './training-pair.ts'

export interface TrainingJob extends ReadExperimentOptions {
  /** Path of an experiment file, or name of a preset. */
  readonly experiment: string
  /** Network to write, .safetensors; the checkpoint stands beside it. */
  readonly output: string
  readonly resume: boolean
  /** Begin anew although there is a checkpoint. */
  readonly force: boolean
  /** Iterations; null = the engine's. */
  readonly checkpointEvery: number | null
  /** Threads that share a run's batches: 1 (default) or 2. Each number gives bits of its own. */
  readonly threads?: 1 | 2
  /** Of ohmbit, for provenance. */
  readonly version: string
}

export interface TrainingOutcome {
  readonly output: string
  /** Null where it was interrupted. */
  readonly network: Network | null
  readonly bytes: number
  readonly sha256: string
  readonly experiment: string
  readonly metric: string
  readonly score: number
  readonly validationVectors: number
  /** Chips that the score is the mean over, where it is trained through hardware. */
  readonly validationChips: number | null
  readonly run: number
  readonly iteration: number
  readonly iterations: number
  /** Iteration that a checkpoint was gone on from. */
  readonly resumedAt: number | null
  /** Nothing was left to do. */
  readonly already: boolean
  readonly interrupted: boolean
  readonly files: ReadyExperiment['files']
}

export const checkpointOf = (output: string): string => `${output}.checkpoint`

export interface TrainingJobOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress & { readonly restarts: number; readonly metric: string }) => void
}

/**
 * Train, with checkpoints: the first is written before the first iteration, so that a path that cannot be written, or a
 * disk that is full, is found before any work is lost.
 *
 * @throws OHM7001 to OHM7003, OHM1007, and all of `readExperiment`
 */
export async function runTrainingJob(job: TrainingJob, options: TrainingJobOptions = {}): Promise<TrainingOutcome> {
  const ready = await readExperiment(job.experiment, job)
  const { experiment, network: before, own, hardware } = ready
  const of: CheckpointOf = {
    experiment: ready.sha256,
    data: ready.dataSha256,
    engine: job.threads === 2 ? `${engine()}, 2 threads` : engine(),
    version: job.version,
  }
  const facts = {
    output: job.output,
    experiment: ready.sha256,
    metric: experiment.metric,
    validationVectors: Math.min(
      own?.validation.inputs.rows ?? experiment.validation.samples,
      hardware === null ? Number.POSITIVE_INFINITY : SCORED.vectors,
    ),
    validationChips: hardware === null ? null : SCORED.chips,
    iterations: experiment.iterations,
    files: ready.files,
  }
  const path = checkpointOf(job.output)
  const found = await stateAt(path, of, parametersOf(experiment.shape).length, job)
  if (found === null && job.resume) {
    const done = await finished(job.output, of)
    if (done !== null) return { ...facts, ...done, resumedAt: null, already: true, interrupted: false }
  }
  const initial = before === null ? undefined : parametersFrom(before)
  await removeTemporaries(path)
  await writeAtomic(path, encodeCheckpoint(of, found ?? firstState(experiment, initial)), true)
  const { signal, onProgress } = options
  let stopped: TrainingState | null = null
  if (job.threads === 2 && experiment.batch < 2)
    fail('OHM7002', 'a batch of one vector cannot be shared by two threads', { hint: 'leave out --threads 2' })
  const pair =
    job.threads === 2
      ? await pairedMachine(experiment.shape, experiment.batch, experiment.loss, hardware !== null)
      : null
  const trained = await train(experiment, {
    ...(pair === null ? {} : { machine: pair }),
    ...(own === null ? {} : { data: own.data, validation: own.validation }),
    ...(initial === undefined ? {} : { initial }),
    ...(hardware === null
      ? {}
      : {
          hardware: hardwarePerturbation(
            experiment.shape,
            (values) => hardNetwork(experiment, values, experiment.iterations),
            hardware.profile,
            hardware.options,
          ),
        }),
    ...(found === null ? {} : { resume: found }),
    ...(signal === undefined ? {} : { signal }),
    ...(job.checkpointEvery === null ? {} : { stateEvery: job.checkpointEvery }),
    onProgress: (progress) => onProgress?.({ ...progress, restarts: experiment.restarts, metric: experiment.metric }),
    onState: async (state) => {
      await writeCheckpoint(path, encodeCheckpoint(of, state))
      if (signal?.aborted) stopped = state
    },
  })
    .catch((error: unknown) => {
      if (stopped === null) throw error
      return null
    })
    .finally(() => pair?.close())
  const resumedAt = found?.iteration ?? null
  const state = stopped as TrainingState | null
  if (trained === null || trained.interrupted)
    return {
      ...facts,
      network: null,
      bytes: 0,
      sha256: '',
      score: (state?.best ?? state?.chosen)?.score ?? Number.NaN,
      run: state?.run ?? 0,
      iteration: state?.iteration ?? 0,
      resumedAt,
      already: false,
      interrupted: true,
    }
  const { score, run, iteration } = trained
  const network: Network = {
    ...trained.network,
    provenance: {
      'made by': `ohmbit ${job.version}`,
      experiment: ready.sha256,
      ...(ready.dataSha256 === '' ? {} : { data: ready.dataSha256 }),
      seed: experiment.seed,
      gradient: experiment.gradient,
      schedule: schedulesText(experiment),
      iterations: experiment.iterations,
      batch: experiment.batch,
      restarts: experiment.restarts,
      run,
      iteration,
      metric: experiment.metric,
      score,
      'validation vectors': facts.validationVectors,
      ...(facts.validationChips === null ? {} : { 'validation chips': facts.validationChips }),
      ...(experiment.refit ? { refit: trained.refitted ? 'kept' : 'no better, left out' } : {}),
      ...(before === null ? {} : { from: before.name }),
      ...(hardware === null ? {} : { profile: hardware.profile.id }),
      engine: of.engine,
    },
  }
  const bytes = formatSafetensors(network)
  await writeAtomic(job.output, bytes, true)
  await removeFile(path)
  return {
    ...facts,
    network,
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    score,
    run,
    iteration,
    resumedAt,
    already: false,
    interrupted: false,
  }
}

async function writeCheckpoint(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeAtomic(path, bytes, true)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    throw new OhmbitError(
      error.problems.map((p) => ({
        ...p,
        hint: 'the checkpoint before it is whole: make room and go on with --resume',
      })),
      { cause: error },
    )
  }
}

/** What there is to go on with. @throws OHM7003 a checkpoint that nobody asked for, damaged, or of something else */
async function stateAt(
  path: string,
  of: CheckpointOf,
  length: number,
  { resume, force }: TrainingJob,
): Promise<TrainingState | null> {
  const there = await kindOfPath(path)
  if (there === 'nothing' || (force && !resume)) return null
  if (!resume)
    fail('OHM7003', `${path} is the checkpoint of a run that was not finished`, {
      at: { file: path },
      hint: 'go on with --resume, or begin anew with --force',
    })
  return decodeCheckpoint(await readBounded(path), of, length, path)
}

/** The network that this very experiment has already given. */
async function finished(output: string, of: CheckpointOf) {
  if ((await kindOfPath(output)) !== 'file') return null
  const network = await readNetwork(output).catch(() => null)
  const p = network?.provenance
  const same =
    p?.['experiment'] === of.experiment &&
    (p['data'] ?? '') === of.data &&
    p['engine'] === of.engine &&
    p['made by'] === `ohmbit ${of.version}`
  if (network === null || !same) return null
  const bytes = await readBounded(output)
  return {
    network,
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    score: Number(p['score']),
    run: Number(p['run']),
    iteration: Number(p['iteration']),
  }
}
