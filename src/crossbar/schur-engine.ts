/**
 * What the two engines of the Schur-complement solver share: the problem in scaled numbers and the steps on it.
 */

/**
 * A crossbar's line ends, scaled: word-side conductances in units of one word segment's, bit-side conductances in units
 * of one bit segment's.
 */
export interface Lines {
  readonly words: number
  readonly bits: number
  /** ohm of a word segment: siemens times this is the scaled conductance */
  readonly unit: number
  /** bit segment / word segment */
  readonly ratio: number
  /** words: near end (column 0) to its driver; 0 = floating */
  readonly entry: Float64Array
  /** words: far end to its driver; 0 where only one end is driven */
  readonly far: Float64Array
  /** bits: last node to its virtual ground; 0 = floating */
  readonly exit: Float64Array
}

/** Sources, any of them null for none. */
export interface Sources {
  /** words, volts of the drivers */
  readonly drive: Float64Array | null
  /** bits, volts of the virtual grounds; 0 where a line floats */
  readonly held: Float64Array | null
  /** words x bits, ampere from word node to bit node beside each device */
  readonly injection: Float64Array | null
}

export interface Limits {
  readonly iterations: number
  /** bound on the outputs' error relative to the largest output, or to `least` (scaled current) if that is more */
  readonly tolerance: number
  readonly least: number
  /** observe the drivers' currents instead of the virtual grounds' */
  readonly adjoint: boolean
}

/** Node volts (row-major with `stride`), device currents summed by line, worst node of Kirchhoff's law (scaled amperes). */
export interface Balance {
  readonly words: Float64Array
  readonly bits: Float64Array
  readonly worst: number
}

/**
 * One array, factored. Steps come in this order: load, iterate, settle, then maybe balance. Views are valid until the
 * next step.
 */
export interface SchurArray {
  readonly stride: number
  readonly reach: Reach
  /** Start from the word lines alone, fed by the sources. */
  load(sources: Sources): void
  /** @returns iterations, or -1 when the limits were not reached */
  iterate(limits: Limits): number
  /** Add the last correction; afterwards `wordVolts` and `lastBitVolts` are the solution. */
  settle(): void
  /** Find all bit nodes and check Kirchhoff's law. */
  balance(): Balance
  wordVolts(): Float64Array
  /** bits, in units of `ratio` volts */
  lastBitVolts(): Float64Array
  /** After balance, in units of `ratio` volts. */
  bitVolts(): Float64Array
}

/** What factoring says about all lines: least part of a unit voltage at a line's end that reaches its other end, and
 * the largest current of a line whose crossing nodes are one volt away. */
export interface Reach {
  readonly bitReach: number
  readonly bitCurrent: number
  readonly wordReach: number
  readonly wordCurrent: number
}

/**
 * How the preconditioned residual z = M^-1 r bounds the outputs' error after one more step, x + z.
 *
 * The error is K e with K = M^-1 D B^-1 D >= 0 and e = z + K e, so max|e| <= max|z| / (1 - k) with k the largest row sum
 * of K: at most (1 - wordReach)(1 - bitReach), because 1 - M^-1 D 1 is what a unit voltage at the drivers leaves.
 */
export function errorBounds(reach: Reach, adjoint: boolean): { gain: number; contraction: number } {
  const bit = 1 - reach.bitReach
  const contraction = bit * (1 - reach.wordReach)
  const left = 1 - contraction
  // Lines that float are held by nothing themselves, and very long ones hardly: the sum of unbalanced currents bounds then.
  if (!(left > 0.01)) return { gain: 0, contraction }
  return { gain: adjoint ? (reach.wordCurrent * bit) / left : (reach.bitCurrent * contraction) / left, contraction }
}
