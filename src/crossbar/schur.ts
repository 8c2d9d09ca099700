/**
 * Wires solved by conjugate gradients on a Schur complement: for few right-hand sides.
 *
 * Kirchhoff at word nodes u and bit nodes b: W u + D (u - b) = f, B0 b + D (b - u) = h, with W and B0 the wires and D the
 * devices. Every bit line eliminated by its tridiagonal solve (B = B0 + D) leaves S u = f + D B^-1 h with
 * S = W + D - D B^-1 D, preconditioned by the word lines' tridiagonals M = W + D.
 *
 * Numerical traps avoided. Pivots are kept as sums of conductances. S is never multiplied: M^-1 S p = p - M^-1 D B^-1 D p
 * needs no differences of neighbouring nodes, and the start x = M^-1 c has the residual D B^-1 D x without cancellation,
 * so micro-ohm segments cost no digits. The residual itself is not kept, only z = M^-1 r; beta comes from conjugacy,
 * z.(D b) / p.(S p), and r.z = beta r.z of the step before. The iteration stops on a bound of the outputs' error
 * (schur-engine.ts), not on a norm.
 */
import { kernel } from '../numerics/kernels/module.ts'
import type { Matrix } from '../numerics/matrix.ts'
import type { Lines, SchurArray } from './schur-engine.ts'
import { kernelArray } from './schur-kernel.ts'
import { referenceArray } from './schur-reference.ts'
import type { Terminations, Wires } from './wires.ts'

/** Whether the equations have conductances for all segments. */
export function schurApplies(wires: Wires): boolean {
  return wires.wordSegment > 0 && wires.bitSegment > 0
}

/** Scaled line ends. */
export function linesOf(g: Matrix, wires: Wires, terminations: Terminations): Lines {
  const { wordSegment, bitSegment, driver, sense } = wires
  const entry = new Float64Array(g.rows)
  const exit = new Float64Array(g.cols)
  for (let i = 0; i < g.rows; i++)
    entry[i] = terminations.wordDriven?.[i] === false ? 0 : wordSegment / (wordSegment + driver)
  for (let j = 0; j < g.cols; j++)
    exit[j] = terminations.bitLineVolts?.[j] === null ? 0 : bitSegment / (bitSegment + sense)
  return {
    words: g.rows,
    bits: g.cols,
    unit: wordSegment,
    ratio: bitSegment / wordSegment,
    entry,
    far: wires.drive === 'both-ends' ? entry : new Float64Array(g.rows),
    exit,
  }
}

/** Factor an array with the engine in use. */
export function schurArray(g: Matrix, lines: Lines): SchurArray {
  const fast = kernel('wires')
  return fast === null ? referenceArray(g, lines) : kernelArray(fast, g, lines)
}
