/**
 * What every mapping states about itself: the columns that one output has, and what a weight makes of their devices.
 */

/** One column of an output: `devicesPerSide` bit lines of equal devices. */
export interface Column {
  /** What the column's current counts in its output, sign included. */
  readonly weight: number
  /** Slice of the weight; columns of different slices may be converted by themselves. */
  readonly slice: number
}

export interface Scheme {
  /** Pairs stand as neighbours, the positive column first. */
  readonly columns: readonly Column[]
  /** siemens: every device of a column that all outputs share and that is subtracted; null = there is none. */
  readonly reference: number | null
  /** siemens: what one set of devices conducts together at the largest weight. */
  readonly fullScale: number
  /** Write a weight, as a share of the largest in [-1, 1]: one conductance a column, siemens. */
  readonly write: (share: number, into: Float64Array, at: number) => void
}

/** The conductances a device can be asked for. */
export interface Range {
  /** siemens */
  readonly low: number
  readonly high: number
  /** The nearest conductance on the device's levels. */
  readonly nearest: (g: number) => number
}

/** Pairs of columns counting +-weight: one pair a weight, ascending slices. */
export function pairColumns(weights: readonly number[]): Column[] {
  return weights.flatMap((weight, slice) => [
    { weight, slice },
    { weight: -weight, slice },
  ])
}

/**
 * One signed digit on one pair: the side of its sign conducts, the other rests at the minimum.
 *
 * @param digit  share of the pair's range, in [-1, 1]
 */
export function writePair({ low, high, nearest }: Range, digit: number, into: Float64Array, at: number): void {
  const conduct = (share: number) => nearest(Math.min(high, low + (high - low) * share))
  into[at] = conduct(Math.max(digit, 0))
  into[at + 1] = conduct(Math.max(-digit, 0))
}
