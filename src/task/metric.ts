import { fail } from '../base/errors.ts'
import type { Task } from '../network/task.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { studentQuantile, wilson } from '../numerics/statistics.ts'

export const metricNames = ['nmseDb', 'mse', 'ber'] as const
export type MetricName = (typeof metricNames)[number]

/**
 * A score with its 95 % interval.
 *
 * A perfect estimate has nmseDb -Infinity, and any error on all-zero truth +Infinity; the ends of an interval that
 * a single vector cannot bound are infinite too. JSON has no infinities: JSON.stringify writes them as null.
 */
export interface Score {
  readonly name: MetricName
  readonly value: number
  readonly ci95: readonly [low: number, high: number]
  /** Vectors. */
  readonly samples: number
}

/**
 * Numerator and denominator of a score, one entry a vector. Vectors that change can be replaced one by one.
 *
 * nmseDb: |x - x^|^2 and |x|^2; mse: |x - x^|^2 and the number of components; ber: wrong bits and bits.
 */
export interface PerVector {
  readonly error: Float64Array
  readonly energy: Float64Array
}

/**
 * The metric of a task, or the one that the shapes allow: equal widths are `nmseDb`; 2^k scores against k columns of +-1
 * or one column of class labels are `ber`.
 *
 * @param outputs  components of the estimate
 * @throws OHM5003 no metric fits, or not the task's
 */
export function defaultMetric(task: Task | null, outputs: number, truth: Pick<Matrix, 'cols'>): MetricName {
  const name = task !== null ? taskMetrics[task.kind] : outputs === truth.cols ? 'nmseDb' : 'ber'
  checkWidths(name, outputs, truth.cols)
  return name
}

const taskMetrics: Readonly<Record<Task['kind'], MetricName>> = {
  'sparse-recovery': 'nmseDb',
  'channel-estimation': 'mse',
  'symbol-detection': 'ber',
}

/**
 * Score an estimate.
 *
 * nmseDb = 10 log10(sum |x - x^|^2 / sum |x|^2), the ratio of means; mse = mean over vectors and components; ber = wrong
 * bits / bits, the bits being those of the first largest of 2^k class scores, class = sum_j (s_j + 1)/2 2^j.
 *
 * @param estimate  vectors x components, or vectors x 2^k class scores
 * @param truth     the same shape; for ber vectors x k of +-1, or vectors x 1 class labels
 * @throws OHM1110 different numbers of vectors, no vector, not finite; OHM5003 shapes or values that do not fit
 */
export function score(name: MetricName, estimate: Matrix, truth: Matrix): Score {
  const { error, energy } = perVector(name, estimate, truth)
  return combine(name, error, energy)
}

/** Numerators and denominators of a score, vector by vector. Arguments and errors as `score`. */
export function perVector(name: MetricName, estimate: Matrix, truth: Matrix): PerVector {
  checkRows(estimate, truth)
  checkWidths(name, estimate.cols, truth.cols)
  return name === 'ber' ? bitErrors(estimate, truth) : squaredErrors(name, estimate, truth)
}

/**
 * Put numerators and denominators of vectors together.
 *
 * Intervals: nmseDb and mse by the delta method for a ratio of means over vectors, with Student's t; ber by Wilson's
 * interval, its number of bits divided by the design effect, as wrong bits of one vector come together.
 * Source: Cochran, Sampling Techniques, 3rd ed., sec. 2.11 (ratio) and 9.5 (clusters of equal size)
 */
export function combine(name: MetricName, error: Float64Array, energy: Float64Array): Score {
  const samples = error.length
  let errors = 0
  let energies = 0
  for (let i = 0; i < samples; i++) {
    errors += error[i]!
    energies += energy[i]!
  }
  // No error at all is perfect, even against all-zero truth, where the ratio would be 0 / 0.
  const ratio = errors === 0 ? 0 : errors / energies
  const ci95 = name === 'ber' ? bitInterval(error, errors, energies) : ratioInterval(error, energy, ratio, energies)
  if (name !== 'nmseDb') return { name, value: ratio, ci95, samples }
  const value = decibel(ratio)
  if (!(ratio > 0) || ratio === Infinity) return { name, value, ci95: [value, value], samples }
  // Symmetric in dB: the delta method on 10 log10, which cannot leave the axis as ratio - half could.
  const half = (10 / Math.LN10) * ((ci95[1] - ratio) / ratio)
  return { name, value, ci95: [value - half, value + half], samples }
}

function decibel(ratio: number): number {
  return 10 * Math.log10(ratio)
}

function ratioInterval(error: Float64Array, energy: Float64Array, ratio: number, energies: number): [number, number] {
  const n = error.length
  if (n < 2) return ratio === 0 ? [0, 0] : [0, Infinity]
  let s = 0
  for (let i = 0; i < n; i++) s += (error[i]! - ratio * energy[i]!) ** 2
  const half = (studentQuantile(0.975, n - 1) * Math.sqrt((n * s) / (n - 1))) / energies
  return [Math.max(0, ratio - half), ratio + half]
}

function bitInterval(error: Float64Array, errors: number, bits: number): [number, number] {
  const n = error.length
  const perVector = bits / n
  const p = errors / bits
  let s = 0
  for (let i = 0; i < n; i++) s += (error[i]! - p * perVector) ** 2
  const binomial = perVector * p * (1 - p)
  const effect = n > 1 && binomial > 0 ? Math.max(1, s / (n - 1) / binomial) : 1
  const { low, high } = wilson(errors / effect, bits / effect)
  return [low, high]
}

function squaredErrors(name: MetricName, estimate: Matrix, truth: Matrix): PerVector {
  const { rows, cols } = truth
  const error = new Float64Array(rows)
  const energy = new Float64Array(rows)
  for (let v = 0; v < rows; v++) {
    let e = 0
    let t = 0
    for (let k = v * cols; k < (v + 1) * cols; k++) {
      const x = truth.data[k]!
      const d = x - estimate.data[k]!
      e += d * d
      t += x * x
    }
    if (!Number.isFinite(e + t)) fail('OHM1110', `vector ${v} of truth or estimate is not finite`)
    error[v] = e
    energy[v] = name === 'mse' ? cols : t
  }
  return { error, energy }
}

function bitErrors(estimate: Matrix, truth: Matrix): PerVector {
  const k = Math.log2(estimate.cols)
  const error = new Float64Array(estimate.rows)
  for (let v = 0; v < estimate.rows; v++)
    error[v] = bitCount(largest(estimate, v) ^ (truth.cols === k ? classOfSymbols(truth, v) : classLabel(truth, v, k)))
  return { error, energy: new Float64Array(estimate.rows).fill(k) }
}

/** Index of the first largest entry of a row. */
function largest(scores: Matrix, v: number): number {
  const from = v * scores.cols
  let best = 0
  for (let c = 0; c < scores.cols; c++) {
    const x = scores.data[from + c]!
    if (Number.isNaN(x)) fail('OHM1110', `class score ${c} of vector ${v} is not a number`)
    if (x > scores.data[from + best]!) best = c
  }
  return best
}

function classOfSymbols(truth: Matrix, v: number): number {
  let label = 0
  for (let j = 0; j < truth.cols; j++) {
    const s = truth.data[v * truth.cols + j]!
    if (s === 1) label |= 1 << j
    // Two classes: a column of labels 0 and 1 reads the same as a column of symbols.
    else if (s !== -1 && !(s === 0 && truth.cols === 1))
      fail('OHM5003', `truth holds ${s} at vector ${v}, column ${j}; symbols are -1 or 1`)
  }
  return label
}

function classLabel(truth: Matrix, v: number, k: number): number {
  const label = truth.data[v]!
  if (!(Number.isInteger(label) && label >= 0 && label < 2 ** k))
    fail('OHM5003', `truth holds ${label} at vector ${v}; class labels are 0 to ${2 ** k - 1}`)
  return label
}

function bitCount(word: number): number {
  let count = 0
  for (let w = word; w !== 0; w &= w - 1) count++
  return count
}

function checkRows(estimate: Matrix, truth: Matrix): void {
  if (estimate.rows !== truth.rows)
    fail('OHM1110', `${estimate.rows} vectors are estimated, but truth holds ${truth.rows}`)
  if (truth.rows === 0) fail('OHM1110', 'there is no vector to score')
}

function checkWidths(name: MetricName, outputs: number, columns: number): void {
  const k = Math.log2(outputs)
  const fits = name === 'ber' ? Number.isInteger(k) && k >= 1 && (columns === k || columns === 1) : outputs === columns
  if (!fits)
    fail('OHM5003', `an estimate of ${outputs} columns cannot be scored against truth of ${columns} as ${name}`, {
      hint: 'nmseDb and mse need equal shapes; ber needs 2^k class scores against k columns of +-1 or one of class labels',
    })
}
