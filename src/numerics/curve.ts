/** A function given by points: straight lines between them, constant beyond the first and the last. */
export interface Curve {
  /** Ascending, at least two. */
  readonly x: Float64Array
  readonly y: Float64Array
}

/** @param points  at least two, x ascending, all finite */
export function curveOf(points: readonly (readonly [number, number])[]): Curve {
  return { x: Float64Array.from(points, ([x]) => x), y: Float64Array.from(points, ([, y]) => y) }
}

/** The value at x; at a point exactly its y, NaN for NaN. */
export function curveAt({ x: xs, y: ys }: Curve, x: number): number {
  const last = xs.length - 1
  if (x <= xs[0]!) return ys[0]!
  if (x >= xs[last]!) return ys[last]!
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x >= xs[middle]!) low = middle
    else high = middle
  }
  // A share first: the slope between points that nearly meet may be no number.
  return ys[low]! + (ys[high]! - ys[low]!) * ((x - xs[low]!) / (xs[high]! - xs[low]!))
}

/** Whether x lies outside the points. */
export const isBeyond = ({ x: xs }: Curve, x: number): boolean => x < xs[0]! || x > xs[xs.length - 1]!
