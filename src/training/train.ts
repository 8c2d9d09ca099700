/**
 * Soft-to-hard training: algorithms 1 to 3 of [0] and the training of [1] on one engine.
 *
 * Every number depends on the experiment and its data alone: a run that is stopped and goes on ends in the same bits as
 * one that is not (engine `simd` or `reference`; `relaxed` differs between machines).
 */
import { fail } from '../base/errors.ts'
import { knownOptions, type OptionNames } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import { forward } from '../network/forward.ts'
import type { Network } from '../network/network.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { site, stages, uniformAt } from '../numerics/random.ts'
import { generateSamples } from '../task/generate.ts'
import { type MetricName, score } from '../task/metric.ts'
import { FIRST } from '../task/stream.ts'
import { checkValues } from './check-experiment.ts'
import { batchesOf, type TrainingData, taskData } from './data.ts'
import type { Experiment } from './experiment.ts'
import { type Machine, machine } from './machine.ts'
import { initialParameters, networkOf, parametersOf } from './model.ts'
import { refitLastLayer } from './refit.ts'
import { power, scheduled } from './schedule.ts'

/** Vectors and their truth, as networks are scored on them. */
export interface ScoredData {
  readonly inputs: Matrix
  readonly truth: Matrix
}

/** What stands between the parameters and the forward pass: hardware. */
export interface Perturbation {
  /** @param values  parameters as trained. @returns what forward and backward use instead in this iteration */
  apply(values: Float64Array, iteration: number): Float64Array
  /** Score of a network on this hardware, which validation goes by. Default: that of the ideal network. */
  score?(network: Network, metric: MetricName, data: ScoredData): number
  /** Bring parameters back to what hardware can hold, after a step; null = nothing to do. */
  confine?(values: Float64Array): Float64Array | null
  /** Parameters of earlier iterations that it still depends on, oldest first. */
  snapshot?(): readonly Snapshot[]
  /** Be as it was when `snapshot` gave these. */
  restore?(snapshots: readonly Snapshot[]): void
}

/** Parameters at an iteration. */
export interface Snapshot {
  readonly iteration: number
  readonly values: Float64Array
}

/** Where a run stands. Enough to go on with the same bits. */
export interface TrainingState {
  /** 0 .. restarts - 1 */
  readonly run: number
  /** Iterations done in this run. */
  readonly iteration: number
  readonly values: Float64Array
  readonly first: Float64Array
  readonly second: Float64Array
  /** Best of this run so far, by validation. */
  readonly best: Candidate | null
  /** Looks since then. */
  readonly stale: number
  /** Best of the runs that are done. */
  readonly chosen: Candidate | null
  /** What the hardware still depends on. */
  readonly hardware: readonly Snapshot[]
}

export interface Candidate {
  readonly score: number
  readonly run: number
  readonly iteration: number
  readonly values: Float64Array
}

export interface Progress {
  readonly run: number
  readonly iteration: number
  readonly iterations: number
  /** Mean loss of the batches since the last report. */
  readonly loss: number
  readonly steepness: number
  /** Score of the hard quantizer on validation vectors, at a look (with hardware: mean over a few chips); else null. */
  readonly score: number | null
}

export interface TrainOptions {
  /** Default: vectors of the experiment's task. */
  readonly data?: TrainingData
  /** Default: vectors of the experiment's task that training never sees. */
  readonly validation?: ScoredData
  /** Parameters to begin with, instead of random ones. */
  readonly initial?: Float64Array
  readonly hardware?: Perturbation
  /** Default: a machine of this thread. One of its own for each run, with a copy of the parameters if there is hardware. */
  readonly machine?: Machine
  readonly resume?: TrainingState
  readonly onProgress?: (progress: Progress) => void
  /** Called now and then with all that `resume` needs. */
  readonly onState?: (state: TrainingState) => Promise<void>
  /** Iterations between two states. Default: 10 000. */
  readonly stateEvery?: number
  /** Stops after the iterations in flight, with a last state. */
  readonly signal?: AbortSignal
}

export interface Trained {
  readonly network: Network
  /** On the validation vectors, with the hard quantizer; with hardware the mean over a few chips. */
  readonly score: number
  /** The last layer is that of least squares: `refit`, where it scores better. */
  readonly refitted: boolean
  readonly run: number
  readonly iteration: number
  readonly interrupted: boolean
}

const OPTIONS: OptionNames<TrainOptions> = {
  ...{ data: true, validation: true, initial: true, hardware: true, machine: true, resume: true },
  ...{ onProgress: true, onState: true, stateEvery: true, signal: true },
}

/** Iterations between two chances to stop. */
const CHUNK = 200

/**
 * Train.
 *
 * @throws OHM7001 a loss or parameter that is no number, OHM7002 values out of range, or own data needed; OHM1204,
 *         OHM5004 options; the signal's reason when it stops before the first look
 */
export async function train(experiment: Experiment, options: TrainOptions = {}): Promise<Trained> {
  knownOptions('train', options, OPTIONS)
  checkValues(experiment)
  const { shape, iterations, batch, seed, restarts } = experiment
  const outputs = shape.decoder.at(-1)!.outputs
  const data = options.data ?? taskData(taskOf(experiment), experiment.samples, seed, 0, outputs)
  const validation = options.validation ?? validationData(experiment)
  checkWidths(experiment, data)
  const m = options.machine ?? machine(shape, batch, experiment.loss, { apart: options.hardware !== undefined })
  const { signal } = options
  const stateEvery = wholeNumber('stateEvery', options.stateEvery ?? 10_000, 1, Number.MAX_SAFE_INTEGER)
  const { metric } = experiment
  const scoreOf = (network: Network) =>
    options.hardware?.score?.(network, metric, validation) ??
    score(metric, forward(network, validation.inputs).estimate, validation.truth).value
  let { chosen } = options.resume ?? { chosen: null as Candidate | null }
  let interrupted = false
  for (let run = options.resume?.run ?? 0; run < restarts && !interrupted; run++) {
    const from = run === options.resume?.run ? options.resume : firstState(experiment, options.initial, run)
    let { best, stale } = from
    load(m, from)
    if (from.hardware.length > 0) options.hardware?.restore?.(from.hardware)
    const batches = batchesOf(data, batch, m.row, seed, run)
    const noise = noiseOf(experiment, m.row, run)
    let t = from.iteration
    let losses = 0
    let since = 0
    const state = (): TrainingState => ({
      ...unload(m),
      run,
      iteration: t,
      best,
      stale,
      chosen,
      hardware: options.hardware?.snapshot?.() ?? [],
    })
    const { patience } = experiment.validation
    while (t < iterations && !(patience !== null && stale > patience)) {
      const until = Math.min(
        iterations,
        ...[CHUNK, experiment.validation.every, stateEvery].map((n) => t + n - (t % n)),
      )
      while (t < until) {
        t++
        losses += iterate(m, experiment, batches(t), noise, t, options.hardware)
        since++
      }
      const mean = losses / since
      if (!Number.isFinite(mean)) exploded(experiment, run, t, mean)
      const due = t === iterations || t % experiment.validation.every === 0
      let seen: number | null = null
      if (due) {
        const values = m.steps.read(m.values, m.length)
        if (!values.every(Number.isFinite)) exploded(experiment, run, t, Number.NaN)
        seen = scoreOf(hardNetwork(experiment, values, iterations))
        stale++
        if (best === null || seen < best.score) {
          best = { score: seen, run, iteration: t, values }
          stale = 0
        }
      }
      options.onProgress?.({
        run,
        iteration: t,
        iterations,
        loss: mean,
        steepness: scheduled(experiment.steepness, t, iterations),
        score: seen,
      })
      losses = 0
      since = 0
      await new Promise((resolve) => setImmediate(resolve))
      if (t % stateEvery === 0 || signal?.aborted) await options.onState?.(state())
      if (signal?.aborted) {
        interrupted = true
        break
      }
    }
    if (best !== null && (chosen === null || best.score < chosen.score)) chosen = best
  }
  if (chosen === null) {
    signal?.throwIfAborted()
    throw new RangeError('train: nothing was looked at')
  }
  const { run, iteration, score: before } = chosen
  const plain = { network: hardNetwork(experiment, chosen.values, iterations), score: before, refitted: false }
  return { ...(experiment.refit ? refitted(plain, data, scoreOf) : plain), run, iteration, interrupted }
}

/** With few vectors least squares fits what is no rule: then the network stays as it was. */
function refitted<T extends Pick<Trained, 'network' | 'score' | 'refitted'>>(
  plain: T,
  data: TrainingData,
  scoreOf: (network: Network) => number,
): T {
  const network = refitLastLayer(plain.network, data)
  const score = scoreOf(network)
  return score < plain.score ? { ...plain, network, score, refitted: true } : plain
}

/** The network that parameters stand for, its quantizer hard. */
export function hardNetwork(experiment: Experiment, values: Float64Array, iteration: number): Network {
  const { shape, quantizer, name, task } = experiment
  const steepness = scheduled(experiment.steepness, iteration, experiment.iterations)
  return networkOf(shape, values, steepness, quantizer.levelRule, { name, task, provenance: {} })
}

function iterate(
  m: Machine,
  experiment: Experiment,
  batch: Parameters<Machine['backpropagate']>[0],
  noise: ((iteration: number) => Float32Array) | null,
  t: number,
  hardware: Perturbation | undefined,
): number {
  const { iterations, adam, quantizer } = experiment
  if (hardware !== undefined) m.steps.write(m.used, hardware.apply(m.steps.read(m.values, m.length), t))
  const loss = m.backpropagate(batch, {
    steepness: scheduled(experiment.steepness, t, iterations),
    blend: experiment.gradient === 'straight-through' ? 0 : experiment.gradient === 'soft' ? 1 : blendAt(experiment, t),
    noise: noise?.(t) ?? null,
  })
  const settings = {
    ...adam,
    rate: scheduled(experiment.rate, t, iterations),
    fast: 1 - power(adam.beta1, t),
    slow: 1 - power(adam.beta2, t),
  }
  m.step(0, settings)
  m.step(3, settings)
  const own = { ...settings, rate: scheduled(experiment.quantizerRate, t, iterations) }
  if (quantizer.learnAmplitudes) m.step(1, own)
  if (quantizer.learnThresholds) m.step(2, own)
  if (hardware?.confine !== undefined) {
    const confined = hardware.confine(m.steps.read(m.values, m.length))
    if (confined !== null) m.steps.write(m.values, confined)
  }
  return loss
}

const blendAt = ({ blend, iterations }: Experiment, t: number) =>
  Math.min(1, Math.max(0, scheduled(blend, t, iterations)))

/** Noise as wide as a cell, for rule passing-noise; drawn anew in each iteration. */
function noiseOf(experiment: Experiment, row: number, run: number): ((iteration: number) => Float32Array) | null {
  if (experiment.gradient !== 'passing-noise') return null
  const { shape, quantizer, seed } = experiment
  const channels = shape.decoder[0]!.inputs
  const width = shape.steps === 1 ? 2 * quantizer.range : (2 * quantizer.range) / (shape.steps - 1)
  const where = site(stages.training, 'trainingNoise')
  const out = new Float32Array(channels * row)
  return (iteration) => {
    for (let k = 0; k < out.length; k++)
      out[k] = width * (uniformAt({ seed, chip: run }, where, k % 65536, 0, iteration, Math.floor(k / 65536)) - 0.5)
    return out
  }
}

/** Where a run begins. @param initial  parameters to begin with, instead of random ones */
export function firstState(experiment: Experiment, initial?: Float64Array, run = 0): TrainingState {
  const { shape, quantizer, seed } = experiment
  const values = initial ?? initialParameters(shape, quantizer, { seed, chip: run })
  const zeros = new Float64Array(parametersOf(shape).length)
  return {
    run,
    iteration: 0,
    values,
    first: zeros,
    second: zeros,
    best: null,
    stale: 0,
    chosen: null,
    hardware: [],
  }
}

function load(m: Machine, state: TrainingState): void {
  m.steps.write(m.values, state.values)
  m.steps.write(m.first, state.first)
  m.steps.write(m.second, state.second)
}

const unload = (m: Machine) => ({
  values: m.steps.read(m.values, m.length),
  first: m.steps.read(m.first, m.length),
  second: m.steps.read(m.second, m.length),
})

function taskOf({ task }: Experiment) {
  return task ?? fail('OHM7002', 'an experiment without a task needs own data')
}

/** Vectors of the experiment's task that training never sees. */
export function validationData(experiment: Experiment): ScoredData {
  const { samples } = experiment.validation
  const all = { inputs: [] as Matrix[], truth: [] as Matrix[] }
  for (let done = 0; done < samples; done += 20_000) {
    const first = FIRST.validation + done
    const piece = generateSamples(taskOf(experiment), {
      samples: Math.min(20_000, samples - done),
      seed: experiment.seed,
      first,
    })
    all.inputs.push(piece.inputs)
    all.truth.push(piece.truth)
  }
  return { inputs: stack(all.inputs), truth: stack(all.truth) }
}

function stack(pieces: readonly Matrix[]): Matrix {
  const rows = pieces.reduce((n, piece) => n + piece.rows, 0)
  const out = matrix(rows, pieces[0]!.cols)
  let at = 0
  for (const { data } of pieces) {
    out.data.set(data, at)
    at += data.length
  }
  return out
}

function checkWidths({ shape }: Experiment, data: TrainingData): void {
  const { inputs } = shape.encoder[0]!
  const { outputs } = shape.decoder.at(-1)!
  if (data.inputs.width !== inputs || data.targets.width !== outputs)
    fail(
      'OHM1110',
      `the data have ${data.inputs.width} measurements and ${data.targets.width} components; the network ${inputs} and ${outputs}`,
    )
}

function exploded(experiment: Experiment, run: number, t: number, loss: number): never {
  return fail('OHM7001', `run ${run}, iteration ${t}: the loss is ${loss}`, {
    hint: `lower the rate (it is ${scheduled(experiment.rate, t, experiment.iterations).toPrecision(2)} there); the last checkpoint is as it was`,
  })
}
