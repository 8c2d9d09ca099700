/**
 * The effective matrix of a crossbar with wires, by the method that is fastest for its shape.
 *
 * Three ways, all exact: one solve with the Schur complement per row or column of the matrix, whichever are fewer
 * (reciprocity: sensing currents as right-hand side give an output's whole row); the multiport reduction of the whole
 * array; block elimination, where segments have no resistance.
 */
import { engine } from '../numerics/kernels/module.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { eliminationTransfer, hasWires } from './elimination.ts'
import { eliminationSolver } from './elimination-solver.ts'
import { multiportTransfer } from './multiport.ts'
import { linesOf, schurApplies, schurArray } from './schur.ts'
import type { Wires } from './wires.ts'

const TOLERANCE = 1e-13
const ITERATIONS = 1000
/** Rows or columns that cancel below this part of what a line can carry are noise: no digits are asked of them. */
const NOISE = 1e-4

/** For each output: which bit lines it sums, and with which weight. */
export type Combinations = readonly (readonly (readonly [bitLine: number, weight: number])[])[]

export type TransferMethod = 'product' | 'schur-pcg' | 'multiport' | 'block-elimination'

/**
 * The method expected to be fastest for the effective matrix.
 *
 * Nanoseconds a device, fitted on arrays of 5 x 5 to 128 x 128: a solve takes 6 + 2.4 iterations, and those grow with the
 * square root of what a line's devices conduct against its wires; the reduction of the whole array takes 100 and more
 * with the sides. In plain TypeScript the reduction never wins.
 *
 * @param outputs  combinations of bit lines asked for
 */
export function transferMethod(g: Matrix, wires: Wires, outputs: number): TransferMethod {
  if (!hasWires(wires)) return 'product'
  if (!schurApplies(wires)) return 'block-elimination'
  if (engine() === 'reference') return 'schur-pcg'
  const { rows: m, cols: n, data } = g
  let sum = 0
  for (let k = 0; k < data.length; k++) sum += data[k]!
  const load = (sum / data.length) * (wires.wordSegment * n * n + wires.bitSegment * m * m)
  const bySolves = Math.min(outputs, m) * (6 + 2.4 * (1.5 + 2 * Math.sqrt(load)))
  const byReduction = 100 + 1.8 * Math.min(m, n) + 0.1 * Math.max(m, n)
  return bySolves <= byReduction ? 'schur-pcg' : 'multiport'
}

/**
 * The exact effective matrix of a crossbar with wires.
 *
 * @param g      wordLines x bitLines, siemens, every entry >= 0 and finite
 * @param wires  ohm
 * @returns      bitLines x wordLines, siemens: outputs = T inputs, positive into the virtual ground
 */
export function transferMatrix(g: Matrix, wires: Wires): Matrix {
  const method = transferMethod(g, wires, g.cols)
  if (method === 'product') {
    const t = matrix(g.cols, g.rows)
    for (let i = 0; i < g.rows; i++) for (let j = 0; j < g.cols; j++) t.data[j * g.rows + i] = g.data[i * g.cols + j]!
    return t
  }
  const bySolves = () => (g.rows <= g.cols ? byWordLines(g, wires) : byOutputs(g, wires, unitCombinations(g.cols)))
  const t =
    method === 'schur-pcg'
      ? (bySolves() ?? multiportTransfer(g, wires))
      : method === 'multiport'
        ? (multiportTransfer(g, wires) ?? bySolves())
        : null
  return t ?? (wires.drive === 'both-ends' ? byElimination(g, wires) : eliminationTransfer(g, wires))
}

/** Whether `signedTransfer` goes output by output, and not through the whole matrix. */
export function outputByOutput(g: Matrix, wires: Wires, outputs: number): boolean {
  return outputs < g.rows && transferMethod(g, wires, outputs) === 'schur-pcg'
}

/**
 * The effective matrix of outputs that combine several bit lines, such as the differential pairs of a layer.
 *
 * @param combinations  for each output its bit lines and their weights
 * @returns             outputs x wordLines, siemens
 */
export function signedTransfer(g: Matrix, wires: Wires, combinations: Combinations): Matrix {
  const t = outputByOutput(g, wires, combinations.length) ? byOutputs(g, wires, combinations) : null
  return t ?? combined(transferMatrix(g, wires), combinations)
}

/** Rows of t summed with weights, in the order given. */
function combined(t: Matrix, combinations: Combinations): Matrix {
  const out = matrix(combinations.length, t.cols)
  for (const [o, lines] of combinations.entries())
    for (const [j, weight] of lines)
      for (let i = 0; i < t.cols; i++) out.data[o * t.cols + i]! += weight * t.data[j * t.cols + i]!
  return out
}

function unitCombinations(n: number): Combinations {
  return Array.from({ length: n }, (_, j) => [[j, 1]] as const)
}

/** One solve a word line: column i of T. Null when an iteration does not converge or numbers overflow. */
function byWordLines(g: Matrix, wires: Wires): Matrix | null {
  const { rows: m, cols: n } = g
  const lines = linesOf(g, wires, {})
  const array = schurArray(g, lines)
  const t = matrix(n, m)
  const drive = new Float64Array(m)
  const least = NOISE * array.reach.bitCurrent
  for (let i = 0; i < m; i++) {
    drive[i] = 1
    array.load({ drive, held: null, injection: null })
    drive[i] = 0
    if (array.iterate({ iterations: ITERATIONS, tolerance: TOLERANCE, least, adjoint: false }) < 0) return null
    array.settle()
    const last = array.lastBitVolts()
    for (let j = 0; j < n; j++) t.data[j * m + i] = (lines.exit[j]! * last[j]!) / lines.unit
  }
  return t.data.every(Number.isFinite) ? t : null
}

/** One solve an output, its bit lines held at their weights: by reciprocity the drivers' currents are the row of T. */
function byOutputs(g: Matrix, wires: Wires, combinations: Combinations): Matrix | null {
  const { rows: m, cols: n } = g
  const lines = linesOf(g, wires, {})
  const array = schurArray(g, lines)
  const t = matrix(combinations.length, m)
  const held = new Float64Array(n)
  for (const [o, weights] of combinations.entries()) {
    held.fill(0)
    let largest = 0
    for (const [j, weight] of weights) {
      held[j]! += weight
      largest = Math.max(largest, Math.abs(held[j]!))
    }
    if (largest === 0) continue
    array.load({ drive: null, held, injection: null })
    const least = NOISE * largest * array.reach.wordCurrent
    if (array.iterate({ iterations: ITERATIONS, tolerance: TOLERANCE, least, adjoint: true }) < 0) return null
    array.settle()
    const u = array.wordVolts()
    for (let i = 0; i < m; i++) {
      const near = lines.entry[i]! * u[i * array.stride]!
      t.data[o * m + i] = (near + lines.far[i]! * u[i * array.stride + n - 1]!) / lines.unit
    }
  }
  return t.data.every(Number.isFinite) ? t : null
}

/** Unit inputs through block elimination. */
function byElimination(g: Matrix, wires: Wires): Matrix {
  const unit = matrix(g.rows, g.rows)
  for (let i = 0; i < g.rows; i++) unit.data[i * g.rows + i] = 1
  const { outputAmps } = eliminationSolver(g, wires, {}).solve(unit)
  const t = matrix(g.cols, g.rows)
  for (let i = 0; i < g.rows; i++)
    for (let j = 0; j < g.cols; j++) t.data[j * g.rows + i] = outputAmps.data[i * g.cols + j]!
  return t
}
