/** First vectors of what a task's stream of samples serves. A seed alone does not keep training and test apart. */
export const FIRST = {
  /** Also the calibration vectors of a deployment. */
  training: 0,
  /** Of `adapt`. */
  pilots: 2 ** 30,
  validation: 2 ** 31,
  /** What `evaluate`, `simulate` and studies draw: never seen by training. */
  test: 3 * 2 ** 30,
} as const
