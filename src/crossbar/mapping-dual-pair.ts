/**
 * Two pairs a weight that count 1 and F.
 */
import { pairColumns, type Range, type Scheme, writePair } from './mapping-scheme.ts'

/**
 * d1 + F d2 = (1 + F) x with x = w / wMax and |d| <= 1; the pair of low significance is filled first.
 *
 * Source: aihwkit NPairConductanceConverter
 */
export function dualPair(range: Range, significance: number): Scheme {
  const total = 1 + significance
  return {
    columns: pairColumns([1, significance]),
    reference: null,
    fullScale: total * (range.high - range.low),
    write: (x, into, at) => {
      const wanted = total * x
      const low = Math.min(1, Math.max(-1, wanted))
      writePair(range, low, into, at)
      writePair(range, (wanted - low) / significance, into, at + 2)
    },
  }
}
