/** Sobol' indices: the share of an output's variance that each input explains. */
import { type BootstrapOptions, bootstrapIntervals } from './bootstrap.ts'
import { sobolPoints } from './low-discrepancy.ts'
import type { Interval } from './statistics.ts'

/**
 * Points to estimate the indices from: n points A, n points B, and for each input i the points of A with their
 * coordinate i taken from B.
 *
 * @param n     base points, best a power of two
 * @param d     inputs, 1 .. 64
 * @param seed  a whole number in [0, 2^32)
 * @returns     n (d + 2) x d in (0, 1): A, B, AB_0, ..., AB_(d-1)
 * @throws RangeError for another number of inputs
 * Source: A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto, S. Tarantola, Comput. Phys. Commun. 181 (2010) 259
 */
export function indexDesign(n: number, d: number, seed: number): Float64Array {
  // A and B are the halves of points of twice the dimensions, so that they fill the cube independently.
  const base = sobolPoints(n, 2 * d, seed)
  const out = new Float64Array(n * (d + 2) * d)
  for (let block = 0; block < d + 2; block++)
    for (let k = 0; k < n; k++)
      for (let j = 0; j < d; j++) {
        const fromB = block === 1 || block === j + 2
        out[(block * n + k) * d + j] = base[k * 2 * d + (fromB ? d + j : j)]!
      }
  return out
}

export interface VarianceIndex {
  /** Share of the variance that the input explains alone. An estimate may fall a little outside [0, 1]. */
  readonly first: number
  readonly firstInterval: Interval
  /** The same with all its interactions; at least 0. */
  readonly total: number
  readonly totalInterval: Interval
}

/**
 * First and total indices, with bootstrap intervals over the base points.
 *
 * first_i = mean(f(B) (f(AB_i) - f(A))) / V,  total_i = mean((f(A) - f(AB_i))^2) / (2 V),
 * V the variance of f(A) and f(B). Both are exactly 0 of an input that f does not depend on, and when V is 0.
 *
 * The intervals treat base points as independent. Those of `indexDesign` are more even than that, so that the intervals
 * are, if anything, too wide.
 *
 * @param values  n (d + 2) outputs in the order of `indexDesign`, n >= 2
 * @param d       inputs
 * @returns       one an input
 * @throws RangeError when the values are not n (d + 2)
 * Source: M. J. W. Jansen, Comput. Phys. Commun. 117 (1999) 35 (total); Saltelli et al. 2010, table 2 (b) and (f)
 */
export function varianceIndices(
  values: ArrayLike<number>,
  d: number,
  options: BootstrapOptions,
): readonly VarianceIndex[] {
  const n = values.length / (d + 2)
  if (!(Number.isInteger(d) && d >= 1 && Number.isInteger(n) && n >= 2))
    throw new RangeError(`values for the indices of ${d} inputs: ${values.length}, not a multiple of ${d + 2} above it`)
  const all = Uint32Array.from({ length: n }, (_, k) => k)
  const estimates = indicesOf(values, n, d, all)
  const intervals = bootstrapIntervals(n, (rows) => indicesOf(values, n, d, rows), options)
  return Array.from({ length: d }, (_, i) => ({
    first: estimates[i]!,
    firstInterval: intervals[i]!,
    total: estimates[d + i]!,
    totalInterval: intervals[d + i]!,
  }))
}

/** @returns d first and d total indices from some of the base points */
function indicesOf(values: ArrayLike<number>, n: number, d: number, rows: Uint32Array): Float64Array {
  const out = new Float64Array(2 * d)
  const count = rows.length
  let centre = 0
  for (const k of rows) centre += values[k]! + values[n + k]!
  centre /= 2 * count
  let variance = 0
  for (const k of rows) variance += (values[k]! - centre) ** 2 + (values[n + k]! - centre) ** 2
  variance /= 2 * count - 1
  if (variance === 0) return out
  for (let i = 0; i < d; i++) {
    const block = (i + 2) * n
    let products = 0
    let squares = 0
    for (const k of rows) {
      const change = values[block + k]! - values[k]!
      // The mean of f(B) cancels in expectation; without it the estimate varies less.
      products += (values[n + k]! - centre) * change
      squares += change * change
    }
    out[i] = products / count / variance
    out[d + i] = squares / count / (2 * variance)
  }
  return out
}
