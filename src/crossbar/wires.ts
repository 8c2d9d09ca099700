/**
 * A crossbar with wire resistance, solved exactly by block elimination along the bit lines.
 *
 * Convention: word line i is driven at column 0 through driver + one word segment; bit line j ends in a virtual
 * ground below the last row through one bit segment + sense resistance; far ends are open. Every device is linear,
 * so the whole array is one matrix: I = T v.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'

/** ohm, all >= 0 */
export interface Wires {
  readonly wordSegment: number
  readonly bitSegment: number
  readonly driver: number
  readonly sense: number
  /** Where a word line's driver sits: before column 0 (default), or one before column 0 and one behind the last column. */
  readonly drive?: 'one-end' | 'both-ends'
}

/** What hangs at the lines' ends. Left out: all word lines driven, all bit lines at zero volts. */
export interface Terminations {
  /** word lines: driven, or floating (no driver) */
  readonly wordDriven?: readonly boolean[]
  /** bit lines: volts of the virtual ground, or null = floating */
  readonly bitLineVolts?: readonly (number | null)[]
}

/** Whether any resistance is in the way. */
export function hasWires(wires: Wires): boolean {
  return wires.wordSegment > 0 || wires.bitSegment > 0 || wires.driver > 0 || wires.sense > 0
}

/**
 * One bit line as its word nodes see it, with the virtual ground at its end.
 *
 * admittance[i,k] = d_i delta_ik - d_i (B^-1)_ik d_k, where B is the line's own nodal matrix and d its devices;
 * output[i] = current into the virtual ground per volt at word node i. Formed from the ladder's looking-in
 * conductances with additions, multiplications and divisions of positive numbers only, and the diagonal from the row
 * sum (current conservation: row sums equal `output`), so nothing cancels even at micro-ohm segments.
 */
function bitLine(
  d: Float64Array,
  wires: Wires,
  admittance: Float64Array,
  output: Float64Array,
  inverse: Float64Array | null,
): void {
  const m = d.length
  const r = wires.bitSegment
  const last = r + wires.sense
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
    column[k] = 1 / (below[k]! + upper)
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
function cholesky(a: Float64Array, m: number): void {
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
function solveRows(l: Float64Array, m: number, b: Float64Array, count: number): void {
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
function inFront(y: Float64Array, m: number, r: number, a: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] = r * y[i]!
  for (let i = 0; i < m; i++) a[i * m + i]! += 1
}

function column(g: Matrix, j: number, out: Float64Array): Float64Array {
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
 * The exact effective matrix of a crossbar with wires.
 *
 * Columns are eliminated from the far end. With Y the admittance seen by the word nodes of column j + 1 and R the
 * currents of the bit lines beyond per volt there, one word segment in front gives Y <- S_j + Y A^-1 and R <- R A^-1
 * with A = I + r_word Y. All of T costs O(N M^2 (M + N)) with M the shorter side (the circuit is mirrored if need be).
 *
 * @param g      wordLines x bitLines, siemens, every entry >= 0 and finite
 * @param wires  ohm
 * @returns      bitLines x wordLines, siemens: outputs = T inputs, positive into the virtual ground
 */
export function transferMatrix(g: Matrix, wires: Wires): Matrix {
  if (!hasWires(wires)) {
    const t = matrix(g.cols, g.rows)
    for (let i = 0; i < g.rows; i++) for (let j = 0; j < g.cols; j++) t.data[j * g.rows + i] = g.data[i * g.cols + j]!
    return t
  }
  if (g.rows > g.cols) {
    const other = mirrored(g, wires)
    const t = transferMatrix(other.g, other.wires)
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
function symmetrise(y: Float64Array, m: number): void {
  for (let i = 0; i < m; i++)
    for (let k = 0; k < i; k++) {
      const mid = (y[i * m + k]! + y[k * m + i]!) / 2
      y[i * m + k] = mid
      y[k * m + i] = mid
    }
}

/** Node voltages of one input vector: wordLines x bitLines each. */
export interface CrossbarNodes {
  readonly word: Matrix
  readonly bit: Matrix
}

export interface CrossbarSolution {
  /** vectors x bitLines, ampere, positive into the virtual ground */
  readonly outputAmps: Matrix
  /** vectors x wordLines, ampere, positive out of the driver */
  readonly inputAmps: Matrix
  readonly nodes: readonly CrossbarNodes[]
  /** Largest violation of Kirchhoff's current law over all nodes and vectors, relative to the largest current. */
  readonly residual: number
}

/**
 * Currents and every node voltage for given inputs.
 *
 * @param g       wordLines x bitLines, siemens
 * @param wires   ohm
 * @param inputs  vectors x wordLines, volts
 */
export function solveCrossbar(g: Matrix, wires: Wires, inputs: Matrix): CrossbarSolution {
  const m = g.rows
  const n = g.cols
  const vectors = inputs.rows
  const d = new Float64Array(m)
  const s = new Float64Array(m * m)
  const y = new Float64Array(m * m)
  const out = new Float64Array(m)
  const factors: (Float64Array | null)[] = new Array(n).fill(null)
  for (let j = n - 1; j >= 0; j--) {
    bitLine(column(g, j, d), wires, s, out, null)
    if (j < n - 1 && wires.wordSegment > 0) {
      const a = new Float64Array(m * m)
      inFront(y, m, wires.wordSegment, a)
      cholesky(a, m)
      solveRows(a, m, y, m)
      symmetrise(y, m)
      factors[j + 1] = a
    }
    for (let i = 0; i < s.length; i++) y[i]! += s[i]!
  }
  const entry = wires.driver + wires.wordSegment
  if (entry > 0) {
    const a = new Float64Array(m * m)
    inFront(y, m, entry, a)
    cholesky(a, m)
    factors[0] = a
  }
  const u = inputs.data.slice()
  const inverse = new Float64Array(m * m)
  const nodes = Array.from({ length: vectors }, () => ({ word: matrix(m, n), bit: matrix(m, n) }))
  const outputAmps = matrix(vectors, n)
  for (let j = 0; j < n; j++) {
    if (factors[j] !== null) solveRows(factors[j]!, m, u, vectors)
    column(g, j, d)
    bitLine(d, wires, s, out, inverse)
    for (let v = 0; v < vectors; v++) {
      let current = 0
      for (let i = 0; i < m; i++) {
        const ui = u[v * m + i]!
        nodes[v]!.word.data[i * n + j] = ui
        current += out[i]! * ui
        let b = 0
        for (let k = 0; k < m; k++) b += inverse[i * m + k]! * d[k]! * u[v * m + k]!
        nodes[v]!.bit.data[i * n + j] = b
      }
      outputAmps.data[v * n + j] = current
    }
  }
  return { outputAmps, nodes, ...balance(g, wires, inputs, nodes, outputAmps) }
}

/** Input currents by summing the devices of a word line, and the worst node of Kirchhoff's current law. */
function balance(
  g: Matrix,
  wires: Wires,
  inputs: Matrix,
  nodes: readonly CrossbarNodes[],
  outputAmps: Matrix,
): { inputAmps: Matrix; residual: number } {
  const m = g.rows
  const n = g.cols
  const inputAmps = matrix(inputs.rows, m)
  let worst = 0
  let largest = 0
  const entry = wires.driver + wires.wordSegment
  const exit = wires.bitSegment + wires.sense
  for (const [v, { word, bit }] of nodes.entries()) {
    const through = (i: number, j: number) => g.data[i * n + j]! * (word.data[i * n + j]! - bit.data[i * n + j]!)
    for (let i = 0; i < m; i++) {
      let total = 0
      for (let j = n - 1; j >= 0; j--) {
        total += through(i, j)
        // What enters node (i, j) from the left must feed this and all later devices.
        const left = j === 0 ? inputs.data[v * m + i]! : word.data[i * n + j - 1]!
        const r = j === 0 ? entry : wires.wordSegment
        if (r > 0) worst = Math.max(worst, Math.abs((left - word.data[i * n + j]!) / r - total))
      }
      inputAmps.data[v * m + i] = total
      largest = Math.max(largest, Math.abs(total))
    }
    for (let j = 0; j < n; j++) {
      let total = 0
      for (let i = 0; i < m; i++) {
        total += through(i, j)
        const next = i === m - 1 ? 0 : bit.data[(i + 1) * n + j]!
        const r = i === m - 1 ? exit : wires.bitSegment
        if (r > 0) worst = Math.max(worst, Math.abs((bit.data[i * n + j]! - next) / r - total))
      }
      worst = Math.max(worst, Math.abs(outputAmps.data[v * n + j]! - total))
      largest = Math.max(largest, Math.abs(total))
    }
  }
  return { inputAmps, residual: largest > 0 ? worst / largest : 0 }
}
