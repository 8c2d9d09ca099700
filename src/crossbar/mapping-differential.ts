/**
 * One pair a weight.
 */
import { pairColumns, type Range, type Scheme, writePair } from './mapping-scheme.ts'

/**
 * G+ = gMin + span max(x, 0), G- = gMin + span max(-x, 0) with x = w / wMax, span = gMax - gMin.
 *
 * Source: aihwkit SinglePairConductanceConverter
 */
export function oneSided(range: Range): Scheme {
  return {
    columns: pairColumns([1]),
    reference: null,
    fullScale: range.high - range.low,
    write: (x, into, at) => writePair(range, x, into, at),
  }
}

/**
 * G+- = gMin + span (1 +- x) / 2: both sides move about the middle.
 *
 * Source: CrossSim, balanced core
 */
export function twoSided({ low, high, nearest }: Range): Scheme {
  const conduct = (share: number) => nearest(Math.min(high, low + (high - low) * share))
  return {
    columns: pairColumns([1]),
    reference: null,
    fullScale: high - low,
    write: (x, into, at) => {
      into[at] = conduct((1 + x) / 2)
      into[at + 1] = conduct((1 - x) / 2)
    },
  }
}
