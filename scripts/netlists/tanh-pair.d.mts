export interface MeasuredCurve {
  readonly celsius: number
  /** Units of the argument of tanh. */
  readonly input: readonly number[]
  /** Units of its value. */
  readonly output: readonly number[]
}
export function measuredCurves(): readonly MeasuredCurve[]
export function fitOf(curve: MeasuredCurve): {
  gain: number
  offset: number
  raw: number[]
  fitted: number[]
  largestRaw: number
  largestFitted: number
}
/** Text by file. */
export const tanhPairFiles: Readonly<Record<string, () => Promise<string>>>
