/**
 * The assignment problem: n workers to n jobs at least total cost.
 *
 * Shortest augmenting paths with potentials (Kuhn-Munkres in the form of Jonker and Volgenant), O(n^3).
 * Source: H. W. Kuhn, Naval Res. Logist. Q. 2 (1955) 83; R. Jonker and A. Volgenant, Computing 38 (1987) 325.
 */
import type { Matrix } from './matrix.ts'

/**
 * @param cost  n x n, finite
 * @returns     job of each worker; of equally cheap assignments always the same one
 * @throws RangeError when the matrix is not square
 */
export function assign(cost: Matrix): Int32Array {
  const n = cost.rows
  if (cost.cols !== n) throw new RangeError(`assign: ${n} x ${cost.cols} is not square`)
  // Potentials u, v keep cost - u - v >= 0, and 0 on the assigned pairs; index n is the start of each search.
  const u = new Float64Array(n + 1)
  const v = new Float64Array(n + 1)
  const workerOf = new Int32Array(n + 1).fill(-1)
  const previous = new Int32Array(n + 1)
  const distance = new Float64Array(n + 1)
  const done = new Uint8Array(n + 1)
  for (let worker = 0; worker < n; worker++) {
    workerOf[n] = worker
    distance.fill(Number.POSITIVE_INFINITY)
    done.fill(0)
    let job = n
    while (workerOf[job]! >= 0) {
      done[job] = 1
      const row = workerOf[job]!
      let step = Number.POSITIVE_INFINITY
      let next = -1
      for (let j = 0; j < n; j++) {
        if (done[j] === 1) continue
        const reduced = cost.data[row * n + j]! - u[row]! - v[j]!
        if (reduced < distance[j]!) {
          distance[j] = reduced
          previous[j] = job
        }
        if (distance[j]! < step) {
          step = distance[j]!
          next = j
        }
      }
      for (let j = 0; j <= n; j++)
        if (done[j] === 1) {
          u[workerOf[j]!]! += step
          v[j]! -= step
        } else distance[j]! -= step
      job = next
    }
    for (; job !== n; job = previous[job]!) workerOf[job] = workerOf[previous[job]!]!
  }
  const jobs = new Int32Array(n)
  for (let j = 0; j < n; j++) jobs[workerOf[j]!] = j
  return jobs
}
