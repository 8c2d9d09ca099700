/**
 * The signed effective matrix of a large array, by conjugate gradients instead of block elimination.
 *
 * Eliminating every bit line by its tridiagonal solve leaves the word nodes: S u = gDriver v at column 0, with
 * S = W + D - D B^-1 D (W word wires, D devices, B bit lines). S is symmetric, so one solve with an output's sensing
 * currents as right-hand side gives that output's whole row: T[o,i] = gDriver lambda[i,0], S lambda = c_o. Preconditioned
 * with the tridiagonal W + D. A pair's bit lines share one solve, so n devices a side cost no more than one.
 *
 * S is an M-matrix whose currents leave through drivers and virtual grounds only: an unbalanced current of r amperes
 * changes T by at most r. So the sum of |residual| bounds the error, and the iteration stops on that.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { Wires } from './wires.ts'

/** Bound on the error of every entry, relative to the largest current of its row. */
const TOLERANCE = 1e-13
/** Typical iterations, for the choice between the methods, and the most before giving up. */
const ITERATIONS = { typical: 12, most: 200 } as const
/** Floating-point operations a cell and iteration, relative to one multiply-add of the elimination. */
const CELL_COST = 14

/** Whether this method can solve the array and is expected to be faster than block elimination. */
export function prefersIteration(g: Matrix, wires: Wires, outputs: number): boolean {
  if (!(wires.wordSegment > 0 && wires.bitSegment > 0)) return false
  const m = Math.min(g.rows, g.cols)
  const n = Math.max(g.rows, g.cols)
  return outputs * ITERATIONS.typical * CELL_COST * m * n < n * m * m * (m / 6 + m + n / 2)
}

/**
 * @param g       wordLines x bitLines, siemens
 * @param signs   weight of each bit line's current in its output, +1 or -1
 * @param lines   bit lines an output
 * @returns       outputs x wordLines, siemens, or null when the iteration does not converge
 */
export function signedTransfer(g: Matrix, wires: Wires, signs: Int8Array, lines: number): Matrix | null {
  const m = g.rows
  const n = g.cols
  const d = g.data
  const gw = 1 / wires.wordSegment
  const gb = 1 / wires.bitSegment
  const gDriver = 1 / (wires.wordSegment + wires.driver)
  const gSense = 1 / (wires.bitSegment + wires.sense)
  const size = m * n

  // Pivots from sums only: what a node sees behind it (`behind`), plus its device, plus the segment ahead.
  const bitPivot = new Float64Array(size)
  for (let j = 0; j < n; j++) {
    let behind = 0
    for (let i = 0; i < m; i++) {
      const own = d[i * n + j]! + behind
      const ahead = i === m - 1 ? gSense : gb
      bitPivot[i * n + j] = own + ahead
      behind = (ahead * own) / (own + ahead)
    }
  }
  const wordPivot = new Float64Array(size)
  for (let i = 0; i < m; i++) {
    let behind = 0
    for (let j = n - 1; j >= 0; j--) {
      const own = d[i * n + j]! + behind
      const ahead = j === 0 ? gDriver : gw
      wordPivot[i * n + j] = own + ahead
      behind = (ahead * own) / (own + ahead)
    }
  }

  /** x <- B^-1 x, all bit lines at once. */
  const solveBitLines = (x: Float64Array): void => {
    for (let i = 1; i < m; i++) {
      const row = i * n
      for (let j = 0; j < n; j++) x[row + j]! += (gb / bitPivot[row - n + j]!) * x[row - n + j]!
    }
    for (let j = 0; j < n; j++) x[(m - 1) * n + j]! /= bitPivot[(m - 1) * n + j]!
    for (let i = m - 2; i >= 0; i--) {
      const row = i * n
      for (let j = 0; j < n; j++) x[row + j] = (x[row + j]! + gb * x[row + n + j]!) / bitPivot[row + j]!
    }
  }
  /** z <- (W + D)^-1 r, all word lines. */
  const precondition = (r: Float64Array, z: Float64Array): void => {
    for (let i = 0; i < m; i++) {
      const row = i * n
      z[row + n - 1] = r[row + n - 1]!
      for (let j = n - 2; j >= 0; j--) z[row + j] = r[row + j]! + (gw / wordPivot[row + j + 1]!) * z[row + j + 1]!
      z[row]! /= wordPivot[row]!
      for (let j = 1; j < n; j++) z[row + j] = (z[row + j]! + gw * z[row + j - 1]!) / wordPivot[row + j]!
    }
  }
  const bit = new Float64Array(size)
  /** y <- S u, as currents of branches. */
  const apply = (u: Float64Array, y: Float64Array): void => {
    for (let k = 0; k < size; k++) bit[k] = d[k]! * u[k]!
    solveBitLines(bit)
    for (let i = 0; i < m; i++) {
      const row = i * n
      let left = gDriver * u[row]!
      for (let j = 0; j < n; j++) {
        const k = row + j
        const right = j === n - 1 ? 0 : gw * (u[k]! - u[k + 1]!)
        y[k] = left + right + d[k]! * (u[k]! - bit[k]!)
        left = -right
      }
    }
  }

  const outputs = n / lines
  const t = matrix(outputs, m)
  const c = new Float64Array(size)
  const x = new Float64Array(size)
  const r = new Float64Array(size)
  const z = new Float64Array(size)
  const p = new Float64Array(size)
  const q = new Float64Array(size)
  for (let o = 0; o < outputs; o++) {
    // Sensing currents of the output's lines per volt at each word node; rows of other columns stay zero.
    c.fill(0)
    for (let j = o * lines; j < (o + 1) * lines; j++) c[(m - 1) * n + j] = gSense * signs[j]!
    solveBitLines(c)
    for (let k = 0; k < size; k++) c[k]! *= d[k]!

    let largest = 0
    for (let i = 0; i < m; i++) {
      let row = 0
      for (let j = o * lines; j < (o + 1) * lines; j++) row += Math.abs(c[i * n + j]!)
      largest = Math.max(largest, row)
    }
    if (largest === 0) continue
    precondition(c, x)
    apply(x, q)
    for (let k = 0; k < size; k++) r[k] = c[k]! - q[k]!
    precondition(r, z)
    p.set(z)
    let rz = dot(r, z)
    let iterations = 0
    while (sumOfSizes(r) > TOLERANCE * largest) {
      if (++iterations > ITERATIONS.most) return null
      apply(p, q)
      const alpha = rz / dot(p, q)
      for (let k = 0; k < size; k++) {
        x[k]! += alpha * p[k]!
        r[k]! -= alpha * q[k]!
      }
      precondition(r, z)
      const next = dot(r, z)
      const beta = next / rz
      rz = next
      for (let k = 0; k < size; k++) p[k] = z[k]! + beta * p[k]!
    }
    for (let i = 0; i < m; i++) t.data[o * m + i] = gDriver * x[i * n]!
  }
  return t
}

function dot(a: Float64Array, b: Float64Array): number {
  let s = 0
  for (let k = 0; k < a.length; k++) s += a[k]! * b[k]!
  return s
}

function sumOfSizes(a: Float64Array): number {
  let s = 0
  for (let k = 0; k < a.length; k++) s += Math.abs(a[k]!)
  return s
}
