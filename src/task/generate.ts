import { fail } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import type { ChannelEstimation, SparseRecovery, SymbolDetection, Task } from '../network/task.ts'
import { affine, type Matrix, matrix, row, transpose } from '../numerics/matrix.ts'
import { type ChipKey, normalAt, site, stages, uniformAt } from '../numerics/random.ts'
import { channelMatrix, checkTask, pilotMatrix, sensingMatrix, taskShape } from './sensing.ts'

/** Measurements and what they measure. */
export interface Samples {
  /** vectors x measurements */
  readonly inputs: Matrix
  /** vectors x truth components */
  readonly truth: Matrix
}

export interface SampleOptions {
  /** Number of vectors. */
  readonly samples: number
  /** Whole number in [0, 2^32). */
  readonly seed: number
  /** Index of the first vector, to draw a long sequence in pieces. Default 0. */
  readonly first?: number
}

/** Numbers one call may return: 1 GiB. Longer sequences are drawn in pieces with `first`. */
const ENTRIES = 2 ** 27

/**
 * Draw a task's vectors. Vector i depends on (task, seed, i) only, not on the batch it is drawn in.
 *
 * - sparse-recovery: y = Phi x + n; x has S nonzeros N(0, 1) on a uniformly drawn support, n ~ N(0, noiseVariance).
 *   truth = x. Source: [0] eq. (1), sec. V-A
 * - channel-estimation: y = sqrt(P) (Phi (x) I) h + w, h and w complex normal of variance 1 (1/2 for each real part);
 *   inputs [Re y, Im y], truth [Re h, Im h]. A range of `snr` draws P for each vector. Source: [1] eq. (6)
 * - symbol-detection: y = H s + w, s in {-1, 1}^users, w ~ N(0, 10^(-snrDb/10)); truth = s. A range of `snrDb` draws
 *   the dB value for each vector. `csiError` = r makes the channel of each vector H[i, j] (1 + sqrt(r) N(0, 1)), r
 *   being the error's variance relative to H[i, j]^2, as in the authors' code; the text of [1] sec. 4.2 has r |H[i, j]|.
 *   Source: [1] eq. (8)
 *
 * @throws OHM1109 task parameters, OHM5004 options
 */
export function generateSamples(task: Task, options: SampleOptions): Samples {
  knownOptions<SampleOptions>('generateSamples', options, { samples: true, seed: true, first: true })
  checkTask(task)
  const { samples, seed, first = 0 } = options
  const shape = taskShape(task)
  checkOptions(samples, seed, first, shape.inputs + shape.truth)
  const out = { inputs: matrix(samples, shape.inputs), truth: matrix(samples, shape.truth) }
  const key = { seed, chip: 0 }
  if (task.kind === 'sparse-recovery') sparseRecovery(task, key, first, out)
  else if (task.kind === 'channel-estimation') channelEstimation(task, key, first, out)
  else symbolDetection(task, key, first, out)
  return out
}

function checkOptions(samples: number, seed: number, first: number, width: number): void {
  const most = Math.floor(ENTRIES / width)
  const check = (name: string, value: number, low: number, high: number): void => {
    if (!(Number.isInteger(value) && value >= low && value <= high))
      fail('OHM5004', `${name} is ${value}; it must be a whole number from ${low} to ${high}`, {
        at: { pointer: `/${name}` },
        ...(name === 'samples' && { hint: 'draw long sequences in pieces with `first`' }),
      })
  }
  check('samples', samples, 0, most)
  check('seed', seed, 0, 2 ** 32 - 1)
  check('first', first, 0, 2 ** 32 - samples)
}

const at = {
  source: site(stages.task, 'sampleSource'),
  support: site(stages.task, 'sampleSupport'),
  noise: site(stages.task, 'sampleNoise'),
  channel: site(stages.task, 'sampleChannel'),
  snr: site(stages.task, 'sampleSnr'),
  csi: site(stages.task, 'sampleCsi'),
} as const

/** A fixed value, or one uniform draw a vector from a range. */
function drawRange(value: number | readonly [number, number], key: ChipKey, vector: number): number {
  if (typeof value === 'number') return value
  return value[0] + (value[1] - value[0]) * uniformAt(key, at.snr, 0, 0, vector)
}

function sparseRecovery(task: SparseRecovery, key: ChipKey, first: number, out: Samples): void {
  const { N, M, S } = task
  const columns = transpose(sensingMatrix(task))
  const sigma = Math.sqrt(task.noiseVariance)
  for (let v = 0; v < out.inputs.rows; v++) {
    const vector = first + v
    const x = row(out.truth, v)
    const y = row(out.inputs, v)
    if (sigma > 0) for (let m = 0; m < M; m++) y[m] = sigma * normalAt(key, at.noise, m, 0, vector)
    for (const n of drawSubset(N, S, key, vector)) {
      x[n] = normalAt(key, at.source, n, 0, vector)
      const phi = row(columns, n)
      for (let m = 0; m < M; m++) y[m]! += phi[m]! * x[n]!
    }
  }
}

/** S of N indices, every subset equally likely. Source: R. W. Floyd's algorithm, CACM 30 (1987) 754. */
function drawSubset(N: number, S: number, key: ChipKey, vector: number): Set<number> {
  const chosen = new Set<number>()
  for (let j = N - S; j < N; j++) {
    const pick = Math.min(j, Math.floor(uniformAt(key, at.support, j, 0, vector) * (j + 1)))
    chosen.add(chosen.has(pick) ? j : pick)
  }
  return chosen
}

function channelEstimation(task: ChannelEstimation, key: ChipKey, first: number, out: Samples): void {
  const half = Math.SQRT1_2
  const { truth, inputs } = out
  for (let v = 0; v < truth.rows; v++)
    for (let k = 0; k < truth.cols; k++)
      truth.data[v * truth.cols + k] = half * normalAt(key, at.channel, k, 0, first + v)
  const clean = affine(truth, pilotMatrix(task), null)
  for (let v = 0; v < inputs.rows; v++) {
    const gain = Math.sqrt(drawRange(task.snr, key, first + v))
    for (let i = 0; i < inputs.cols; i++)
      inputs.data[v * inputs.cols + i] =
        gain * clean.data[v * inputs.cols + i]! + half * normalAt(key, at.noise, i, 0, first + v)
  }
}

function symbolDetection(task: SymbolDetection, key: ChipKey, first: number, out: Samples): void {
  const { antennas, users, csiError = 0 } = task
  const h = channelMatrix(task)
  const spread = Math.sqrt(csiError)
  for (let v = 0; v < out.inputs.rows; v++) {
    const vector = first + v
    const s = row(out.truth, v)
    const y = row(out.inputs, v)
    for (let j = 0; j < users; j++) s[j] = uniformAt(key, at.source, j, 0, vector) < 0.5 ? -1 : 1
    const sigma = 10 ** (-drawRange(task.snrDb, key, vector) / 20)
    for (let i = 0; i < antennas; i++) {
      let sum = sigma * normalAt(key, at.noise, i, 0, vector)
      for (let j = 0; j < users; j++) {
        const gain = spread === 0 ? 1 : 1 + spread * normalAt(key, at.csi, i, j, vector)
        sum += h.data[i * users + j]! * gain * s[j]!
      }
      y[i] = sum
    }
  }
}
