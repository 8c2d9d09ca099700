/**
 * A crossbar with wire resistance, solved exactly by block elimination along the bit lines: works whatever segments have
 * no resistance, and is what the faster methods are held to.
 *
 * Convention: word line i is driven at column 0 through driver + one word segment; bit line j ends in a virtual
 * ground below the last row through one bit segment + sense resistance; far ends are open. Every device is linear,
 * so the whole array is one matrix: I = T v.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { Wires } from './wires.ts'

/** Whether any resistance is in the way. */
export function hasWires(wires: Wires): boolean {
  return wires.wordSegment > 0 || wires.bitSegment > 0 || wires.driver > 0 || wires.sense > 0
}

/**
 * One bit line as its word nodes see it, with the virtual ground at its end, or floating.
 *
 * admittance[i,k] = d_i delta_ik - d_i (B^-1)_ik d_k, where B is the line's own nodal matrix and d its devices;
 * output[i] = current into the virtual ground per volt at word node i. Formed from the ladder's looking-in
 * conductances with additions, multiplications and divisions of positive numbers only, and the diagonal from the row
 * sum (current conservation: row sums equal `output`), so nothing cancels even at micro-ohm segments.
 */
export function bitLine(
  d: Float64Array,
  wires: Wires,
  admittance: Float64Array,
  output: Float64Array,
  inverse: Float64Array | null,
  floating = false,
): void {
  const m = d.length
  const r = wires.bitSegment
  const last = floating ? Number.POSITIVE_INFINITY : r + wires.sense
  admittance.fill(0)
  if (last === 0) {
    for (let i = 0; i < m; i++) {
      output[i] = d[i]!
      admittance[i * m + i] = d[i]!
    }
    inverse?.fill(0)
    return
  }
  // Conductance from node i to ground, its own device included: through the rows above, and through those below.
  const above = new Float64Array(m)
  const below = new Float64Array(m)
  above[0] = d[0]!
  for (let i = 1; i < m; i++) above[i] = d[i]! + above[i - 1]! / (1 + r * above[i - 1]!)
  below[m - 1] = d[m - 1]! + 1 / last
  for (let i = m - 2; i >= 0; i--) below[i] = d[i]! + below[i + 1]! / (1 + r * below[i + 1]!)

  const column = new Float64Array(m)
  for (let k = 0; k < m; k++) {
    // Unit current into node k: the driving-point resistance there, then voltage division along the ladder.
    const upper = k === 0 ? 0 : above[k - 1]! / (1 + r * above[k - 1]!)
    const pivot = below[k]! + upper
    // A floating line without any device stays at zero volts.
    column[k] = pivot > 0 ? 1 / pivot : 0
    for (let i = k + 1; i < m; i++) column[i] = column[i - 1]! / (1 + r * below[i]!)
    for (let i = k - 1; i >= 0; i--) column[i] = column[i + 1]! / (1 + r * above[i]!)
    output[k] = (d[k]! * column[m - 1]!) / last
    for (let i = 0; i < m; i++) admittance[i * m + k] = -d[i]! * column[i]! * d[k]!
    if (inverse !== null) for (let i = 0; i < m; i++) inverse[i * m + k] = column[i]!
  }
  for (let i = 0; i < m; i++) {
    let sum = output[i]!
    for (let k = 0; k < m; k++) if (k !== i) sum -= admittance[i * m + k]!
    admittance[i * m + i] = sum
  }
}

/** Lower Cholesky factor, in place (the strict upper part is left as it was). */
export function cholesky(a: Float64Array, m: number): void {
  for (let i = 0; i < m; i++) {
    const ri = i * m
    for (let k = 0; k <= i; k++) {
      const rk = k * m
      let s = a[ri + k]!
      for (let l = 0; l < k; l++) s -= a[ri + l]! * a[rk + l]!
      a[ri + k] = k === i ? Math.sqrt(s) : s / a[rk + k]!
    }
  }
}

/** Solve L L^T x = b in place for `count` right-hand sides standing as rows of length m. */
export function solveRows(l: Float64Array, m: number, b: Float64Array, count: number): void {
  for (let c = 0; c < count; c++) {
    const o = c * m
    for (let i = 0; i < m; i++) {
      let s = b[o + i]!
      const ri = i * m
      for (let k = 0; k < i; k++) s -= l[ri + k]! * b[o + k]!
      b[o + i] = s / l[ri + i]!
    }
    for (let i = m - 1; i >= 0; i--) {
      const ri = i * m
      const x = b[o + i]! / l[ri + i]!
      b[o + i] = x
      for (let k = 0; k < i; k++) b[o + k]! -= l[ri + k]! * x
    }
  }
}

/** A = I + r Y: what the word segments add in front of an admittance. Positive definite, smallest eigenvalue >= 1. */
export function inFront(y: Float64Array, m: number, r: number, a: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] = r * y[i]!
  for (let i = 0; i < m; i++) a[i * m + i]! += 1
}

export function column(g: Matrix, j: number, out: Float64Array): Float64Array {
  for (let i = 0; i < g.rows; i++) out[i] = g.data[i * g.cols + j]!
  return out
}

/** The same circuit with word and bit lines exchanged; by reciprocity its transfer matrix is the transpose (reversed). */
function mirrored(g: Matrix, wires: Wires): { g: Matrix; wires: Wires } {
  const out = matrix(g.cols, g.rows)
  for (let i = 0; i < g.rows; i++)
    for (let j = 0; j < g.cols; j++) out.data[(g.cols - 1 - j) * g.rows + (g.rows - 1 - i)] = g.data[i * g.cols + j]!
  return {
    g: out,
    wires: {
      wordSegment: wires.bitSegment,
      bitSegment: wires.wordSegment,
      driver: wires.sense,
      sense: wires.driver,
    },
  }
}

/**
 * The exact effective matrix of a crossbar with wires driven from one end.
 *
 * Columns are eliminated from the far end. With Y the admittance seen by the word nodes of column j + 1 and R the
 * currents of the bit lines beyond per volt there, one word segment in front gives Y <- S_j + Y A^-1 and R <- R A^-1
 * with A = I + r_word Y. All of T costs O(N M^2 (M + N)) with M the shorter side (the circuit is mirrored if need be).
 *
 * @param g      wordLines x bitLines, siemens, every entry >= 0 and finite
 * @param wires  ohm
 * @returns      bitLines x wordLines, siemens: outputs = T inputs, positive into the virtual ground
 */
export function eliminationTransfer(g: Matrix, wires: Wires): Matrix {
  if (!hasWires(wires)) {
    const t = matrix(g.cols, g.rows)
    for (let i = 0; i < g.rows; i++) for (let j = 0; j < g.cols; j++) t.data[j * g.rows + i] = g.data[i * g.cols + j]!
    return t
  }
  if (g.rows > g.cols) {
    const other = mirrored(g, wires)
    const t = eliminationTransfer(other.g, other.wires)
    // t is (mirrored bit lines = words reversed) x (mirrored word lines = bits reversed)
    const out = matrix(g.cols, g.rows)
    for (let j = 0; j < g.cols; j++)
      for (let i = 0; i < g.rows; i++) out.data[j * g.rows + i] = t.data[(g.rows - 1 - i) * g.cols + (g.cols - 1 - j)]!
    return out
  }
  const m = g.rows
  const n = g.cols
  const d = new Float64Array(m)
  const s = new Float64Array(m * m)
  const y = new Float64Array(m * m)
  const a = new Float64Array(m * m)
  // Row n - 1 - k of `r` belongs to bit line k: rows fill in the order of elimination.
  const r = new Float64Array(n * m)
  const out = new Float64Array(m)
  for (let j = n - 1; j >= 0; j--) {
    const beyond = n - 1 - j
    if (beyond > 0 && wires.wordSegment > 0) {
      inFront(y, m, wires.wordSegment, a)
      cholesky(a, m)
      solveRows(a, m, y, m)
      solveRows(a, m, r, beyond)
      symmetrise(y, m)
    }
    bitLine(column(g, j, d), wires, s, out, null)
    for (let i = 0; i < s.length; i++) y[i]! += s[i]!
    r.set(out, beyond * m)
  }
  const entry = wires.driver + wires.wordSegment
  if (entry > 0) {
    inFront(y, m, entry, a)
    cholesky(a, m)
    solveRows(a, m, r, n)
  }
  const t = matrix(n, m)
  for (let j = 0; j < n; j++) t.data.set(r.subarray((n - 1 - j) * m, (n - j) * m), j * m)
  return t
}

/** A^-1 Y is symmetric in exact arithmetic; keep it so. */
export function symmetrise(y: Float64Array, m: number): void {
  for (let i = 0; i < m; i++)
    for (let k = 0; k < i; k++) {
      const mid = (y[i * m + k]! + y[k * m + i]!) / 2
      y[i * m + k] = mid
      y[k * m + i] = mid
    }
}
