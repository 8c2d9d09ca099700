/** A function given by points: straight lines between them, constant beyond the first and the last. */
export interface Curve {
  /** Ascending, at least two. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** Equal buckets a unit of x, and for each bucket how many points lie in the buckets before it. */
  readonly bucketsPerUnit: number
  readonly before: Uint32Array
}

/** Buckets a point: most hold one point or none, so that a search has little left to do. */
const BUCKETS = 2

/** @param points  at least two, x ascending, all finite */
export function curveOf(points: readonly (readonly [number, number])[]): Curve {
  const x = Float64Array.from(points, ([at]) => at)
  const count = BUCKETS * x.length
  const width = (x.at(-1)! - x[0]!) / count
  // Points that nearly meet: one bucket for all.
  const bucketsPerUnit = 1 / width < Number.MAX_VALUE ? 1 / width : 0
  const before = new Uint32Array(count + 2)
  for (const at of x) before[bucketOf(at, x[0]!, bucketsPerUnit, count) + 1]!++
  for (let b = 1; b < before.length; b++) before[b]! += before[b - 1]!
  return { x, y: Float64Array.from(points, ([, y]) => y), bucketsPerUnit, before }
}

/** Never falls as x rises, so that points of earlier buckets lie below x and those of later ones above it. */
const bucketOf = (x: number, first: number, perUnit: number, last: number) =>
  Math.min(Math.floor((x - first) * perUnit), last)

/** The value at x; at a point exactly its y, NaN for NaN. */
export function curveAt({ x: xs, y: ys, bucketsPerUnit, before }: Curve, x: number): number {
  const last = xs.length - 1
  if (x <= xs[0]!) return ys[0]!
  if (x >= xs[last]!) return ys[last]!
  if (Number.isNaN(x)) return x
  const bucket = bucketOf(x, xs[0]!, bucketsPerUnit, before.length - 2)
  let low = Math.max(before[bucket]! - 1, 0)
  let high = Math.min(before[bucket + 1]!, last)
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
