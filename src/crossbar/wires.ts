/**
 * A crossbar with wire resistance.
 *
 * Convention: word line i is driven at column 0 through driver + one word segment; bit line j ends in a virtual
 * ground below the last row through one bit segment + sense resistance; far ends are open. Every device is linear,
 * so the whole array is one matrix: I = T v.
 */
import type { Matrix } from '../numerics/matrix.ts'

export { hasWires } from './elimination.ts'
export { prepareSolver } from './solver.ts'
export { signedTransfer, transferMatrix } from './transfer.ts'

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

/** Node voltages of one input vector: wordLines x bitLines each. */
export interface CrossbarNodes {
  readonly word: Matrix
  readonly bit: Matrix
}

export interface SolveOptions {
  /**
   * One array of wordLines x bitLines (row-major) a vector, ampere: a current source beside each device, from word node
   * to bit node. For devices that are not linear: I(V) = G V + injection around a point.
   */
  readonly injection?: readonly Float64Array[]
  /** Every node voltage too. */
  readonly nodes?: boolean
  /** Bound on the error of the output currents, relative to the largest; default 1e-13. */
  readonly tolerance?: number
}

export interface CrossbarSolution {
  /** vectors x bitLines, ampere, positive into the virtual ground */
  readonly outputAmps: Matrix
  /** vectors x wordLines, ampere, positive out of the driver(s) */
  readonly inputAmps: Matrix
  /** One a vector where asked for, else none. */
  readonly nodes: readonly CrossbarNodes[]
  /** Largest violation of Kirchhoff's current law over all nodes and vectors, relative to the largest current. */
  readonly residual: number
  /** Most iterations of a vector; 0 with block elimination. */
  readonly iterations: number
  readonly method: 'schur-pcg' | 'block-elimination'
}

/** A crossbar made ready to be solved for many inputs. */
export interface CrossbarSolver {
  /**
   * @param inputs  vectors x wordLines, volts; what stands at floating lines is not used
   * @throws OHM2004 when no method reaches the tolerance
   */
  solve(inputs: Matrix, options?: SolveOptions): CrossbarSolution
}
