/**
 * All currents of a crossbar for a list of inputs: vector by vector, or through the whole transfer matrix when there are
 * so many that this is faster.
 */
import { fail } from '../base/errors.ts'
import { type Matrix, maxAbs, rowRange } from '../numerics/matrix.ts'
import { multiportTransfer, transferCurrents } from './multiport.ts'
import { type NonlinearArray, nonlinearSolver } from './nonlinear.ts'
import { prepareSolver } from './solver.ts'
import type { CrossbarNodes, Terminations, Wires } from './wires.ts'

export interface CircuitSolution {
  /** vectors x bitLines, ampere, positive into the virtual ground */
  readonly outputAmps: Matrix
  /** vectors x wordLines, ampere; null when only the outputs were found */
  readonly inputAmps: Matrix | null
  readonly nodes: readonly CrossbarNodes[]
  /**
   * Largest violation of Kirchhoff's current law relative to the largest current; with the method `multiport` that of
   * the first vector, or its distance from the iterative solution if that is more.
   */
  readonly residual: number
  readonly iterations: number
  readonly method: 'schur-pcg' | 'multiport' | 'block-elimination' | 'newton'
  /** Devices, over all vectors, beyond the voltage that their current-voltage model covers. */
  readonly beyond?: number
}

/** From where on the reduction of the whole array is worth it: many vectors, and much work in all. */
const MANY = { vectors: 100, cells: 2e7 } as const

/**
 * @param inputs  vectors x wordLines, volts
 * @param nodes   every node voltage too; then every vector is solved by itself
 * @throws OHM2004 when no method reaches the tolerance, or two of them disagree
 */
export function solveCircuit(
  g: Matrix,
  wires: Wires,
  terminations: Terminations,
  inputs: Matrix,
  nodes: boolean,
): CircuitSolution {
  const solver = prepareSolver(g, wires, terminations)
  const plain =
    terminations.wordDriven?.every((x) => x) !== false && terminations.bitLineVolts?.every((v) => v === 0) !== false
  const many = inputs.rows >= MANY.vectors && inputs.rows * g.rows * g.cols >= MANY.cells
  const t = plain && many && !nodes ? multiportTransfer(g, wires) : null
  if (t === null) return solver.solve(inputs, { nodes })
  const outputAmps = transferCurrents(t, inputs)
  const first = solver.solve(rowRange(inputs, 0, 1))
  const largest = maxAbs(first.outputAmps)
  let distance = 0
  for (let j = 0; j < g.cols; j++)
    distance = Math.max(distance, Math.abs(first.outputAmps.data[j]! - outputAmps.data[j]!))
  const apart = largest > 0 ? distance / largest : 0
  if (!(apart <= 1e-10))
    fail('OHM2004', `two methods differ by ${apart.toExponential(1)} of the largest current on the first vector`, {
      hint: 'resistances and conductances differ by too many orders of magnitude',
    })
  return {
    outputAmps,
    inputAmps: null,
    nodes: [],
    residual: Math.max(first.residual, apart),
    iterations: first.iterations,
    method: 'multiport',
  }
}

/**
 * The same for devices of any current-voltage law, every word line driven and every bit line at 0 V.
 *
 * @param nodes  every node voltage too
 * @throws OHM2004 when an operating point is not found to 1e-12
 */
export function solveNonlinear(array: NonlinearArray, inputs: Matrix, nodes: boolean): CircuitSolution {
  const { steps, ...found } = nonlinearSolver(array).solve(inputs, { nodes })
  return { ...found, iterations: steps, method: 'newton' }
}
