/**
 * Currents of a crossbar for given inputs: the method that fits, and never a solution that did not converge.
 */
import { fail } from '../base/errors.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { eliminationSolver } from './elimination-solver.ts'
import { linesOf, schurApplies, schurArray } from './schur.ts'
import type { CrossbarSolution, CrossbarSolver, SolveOptions, Terminations, Wires } from './wires.ts'

const TOLERANCE = 1e-13
const ITERATIONS = 5000
/** Outputs that cancel below this part of what a line can carry are noise: no digits are asked of them. */
const NOISE = 1e-4

/**
 * Factor an array once, to solve it for many inputs.
 *
 * @param g             wordLines x bitLines, siemens, every entry >= 0 and finite
 * @param wires         ohm
 * @param terminations  what hangs at the lines' ends
 * @throws RangeError   when the terminations do not fit the array
 * @throws OHM2004      when segments without resistance make an array too large for block elimination
 */
export function prepareSolver(g: Matrix, wires: Wires, terminations: Terminations = {}): CrossbarSolver {
  const { wordDriven, bitLineVolts } = terminations
  if ((wordDriven ?? { length: g.rows }).length !== g.rows || (bitLineVolts ?? { length: g.cols }).length !== g.cols)
    throw new RangeError(`prepareSolver: terminations do not fit ${g.rows} x ${g.cols}`)
  if (!schurApplies(wires)) return eliminationSolver(g, wires, terminations)

  const m = g.rows
  const n = g.cols
  const lines = linesOf(g, wires, terminations)
  const array = schurArray(g, lines)
  const { unit, ratio } = lines
  const held = bitLineVolts?.some((v) => v !== null && v !== 0) ? Float64Array.from(bitLineVolts, (v) => v ?? 0) : null
  const heldVolts = held === null ? 0 : held.reduce((a, v) => Math.max(a, Math.abs(v)), 0)
  // Beyond this the scaled conductances overflow, and what comes out may look finite.
  const largestConductance = g.data.reduce((a, x) => Math.max(a, x), 0)
  const carried = carries(g, held)
  const fits = Number.isFinite(largestConductance * unit * Math.max(1, ratio) * Math.max(m, n))
  let fallback: CrossbarSolver | null = null

  const solve = (inputs: Matrix, options: SolveOptions = {}): CrossbarSolution => {
    if (inputs.cols !== m) throw new RangeError(`solve: ${inputs.cols} inputs for ${m} word lines`)
    if (!fits || !inputs.data.every(Number.isFinite))
      fail('OHM2004', 'the currents are not finite', { hint: 'check the conductances and inputs' })
    const { injection, tolerance = TOLERANCE } = options
    const outputAmps = matrix(inputs.rows, n)
    const inputAmps = matrix(inputs.rows, m)
    const nodes = []
    let residual = 0
    let iterations = 0
    for (let v = 0; v < inputs.rows; v++) {
      const drive = inputs.data.slice(v * m, (v + 1) * m)
      let volts = heldVolts
      let most = carried.held
      for (let i = 0; i < m; i++) {
        if (lines.entry[i] === 0) drive[i] = 0
        volts = Math.max(volts, Math.abs(drive[i]!))
        most = Math.max(most, Math.abs(drive[i]!) * carried.words[i]!)
      }
      const beside = injection?.[v] ?? null
      let amps = 0
      if (beside !== null) for (let k = 0; k < beside.length; k++) amps = Math.max(amps, Math.abs(beside[k]!))
      array.load({ drive, held, injection: beside })
      const through = volts * Math.max(array.reach.bitCurrent, array.reach.wordCurrent)
      const least = NOISE * (Math.min(through, unit * most) + unit * amps)
      const steps = array.iterate({ iterations: ITERATIONS, tolerance, least, adjoint: false })
      if (steps < 0) {
        fallback ??= eliminationSolver(g, wires, terminations)
        return fallback.solve(inputs, options)
      }
      iterations = Math.max(iterations, steps)
      array.settle()
      const last = array.lastBitVolts()
      if (held === null) for (let j = 0; j < n; j++) outputAmps.data[v * n + j] = (lines.exit[j]! * last[j]!) / unit
      const law = array.balance()
      let largest = 0
      for (let i = 0; i < m; i++) {
        if (lines.entry[i]! > 0) inputAmps.data[v * m + i] = law.words[i]! / unit
        // NaN stays NaN in Math.max, and is caught below.
        largest = Math.max(largest, Math.abs(law.words[i]!))
      }
      for (let j = 0; j < n; j++) {
        // Volts held at the end: the last segment's drop is a difference of nearly equal volts, the devices' sum is not.
        if (held !== null && lines.exit[j]! > 0) outputAmps.data[v * n + j] = law.bits[j]! / unit
        largest = Math.max(largest, Math.abs(law.bits[j]!))
      }
      if (!Number.isFinite(largest))
        fail('OHM2004', 'the currents are not finite', { hint: 'check the conductances and inputs' })
      // Where no current flows, what rounding leaves is judged by what the volts could drive.
      if (largest > 0) residual = Math.max(residual, law.worst / Math.max(largest, least))
      if (options.nodes === true)
        nodes.push({
          word: compact(array.wordVolts(), m, n, array.stride, 1),
          bit: compact(array.bitVolts(), m, n, array.stride, ratio),
        })
    }
    return { outputAmps, inputAmps, nodes, residual, iterations, method: 'schur-pcg' }
  }
  return { solve }
}

/** What one volt at each word line, and the held volts of the bit lines, drive through the devices: siemens and ampere. */
function carries(g: Matrix, held: Float64Array | null): { words: Float64Array; held: number } {
  const words = new Float64Array(g.rows)
  const bits = new Float64Array(g.cols)
  for (let i = 0, k = 0; i < g.rows; i++)
    for (let j = 0; j < g.cols; j++, k++) {
      words[i]! += g.data[k]!
      bits[j]! += g.data[k]!
    }
  return { words, held: held === null ? 0 : held.reduce((most, v, j) => Math.max(most, Math.abs(v) * bits[j]!), 0) }
}

/** A copy without padding, times a factor. */
function compact(view: Float64Array, m: number, n: number, stride: number, factor: number): Matrix {
  const out = matrix(m, n)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out.data[i * n + j] = factor * view[i * stride + j]!
  return out
}
