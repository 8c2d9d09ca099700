/** Bounds that a right implementation misses once in some 10 000 tests; with fixed seeds they hold or do not. */
import { expect } from 'vitest'

const SIGMAS = 4

/** Standard normal distribution function: 1/2 + density sum x^(2n+1) / (2n+1)!!, all terms of one sign. */
export function phi(x: number): number {
  if (Math.abs(x) > 9) return x > 0 ? 1 : 0
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= (x * x) / (2 * n + 1)
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}

export function average(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0) / values.length
}

export function variance(values: ArrayLike<number>): number {
  const m = average(values)
  return Array.from(values).reduce((a, b) => a + (b - m) ** 2, 0) / (values.length - 1)
}

/** Mean and variance of independent values of a known law; `kurtosis` is that law's (3 for a normal one). */
export function expectMoments(values: ArrayLike<number>, mean: number, sigma: number, kurtosis = 3): void {
  const n = values.length
  expect(Math.abs(average(values) - mean)).toBeLessThan((SIGMAS * sigma) / Math.sqrt(n))
  expect(Math.abs(variance(values) / sigma ** 2 - 1)).toBeLessThan(SIGMAS * Math.sqrt((kurtosis - 1) / n))
}

/** Kolmogorov's distance of the sample from its law stays below the 0.1 % point. */
export function expectLaw(values: ArrayLike<number>, cdf: (x: number) => number): void {
  const sorted = Float64Array.from(values).sort()
  const n = sorted.length
  let distance = 0
  for (const [i, x] of sorted.entries()) {
    const p = cdf(x)
    distance = Math.max(distance, p - i / n, (i + 1) / n - p)
  }
  expect(distance * Math.sqrt(n)).toBeLessThan(1.95)
}

/** No linear dependence between two samples. */
export function expectUncorrelated(a: ArrayLike<number>, b: ArrayLike<number>): void {
  const ma = average(a)
  const mb = average(b)
  const covariance = Array.from(a).reduce((s, x, i) => s + (x - ma) * (b[i]! - mb), 0) / (a.length - 1)
  expect(Math.abs(covariance) / Math.sqrt(variance(a) * variance(b))).toBeLessThan(SIGMAS / Math.sqrt(a.length))
}

/** A count out of n independent trials of probability p. */
export function expectCount(count: number, n: number, p: number): void {
  expect(Math.abs(count - n * p)).toBeLessThanOrEqual(SIGMAS * Math.sqrt(n * p * (1 - p)) + 1)
}
