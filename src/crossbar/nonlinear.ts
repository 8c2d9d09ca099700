/**
 * Crossbars of devices that are no ohmic resistors, solved exactly with their wires.
 */
import { fail } from '../base/errors.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { cellCurve, type DeviceLaw, voltageLimit } from './iv.ts'
import { type Ladders, lineAmps, nodeVolts } from './ladders.ts'
import { operatingPoint, type Solve, TOLERANCE } from './operating-point.ts'
import { type CrossbarNodes, hasWires, type Wires } from './wires.ts'

/** An array whose currents are no linear function of its volts. */
export interface NonlinearArray {
  /** words x bitLines, siemens, of the devices without their transistors */
  readonly conductance: Matrix
  readonly wires: Wires
  readonly law: DeviceLaw
}

export interface NonlinearSolution {
  /** vectors x bitLines, ampere, positive into the virtual ground */
  readonly outputAmps: Matrix
  /** vectors x wordLines, ampere, positive out of the driver */
  readonly inputAmps: Matrix
  /** Largest sum along a line of what the devices' laws and Kirchhoff's laws disagree by, over the largest line current. */
  readonly residual: number
  /** Devices, over all vectors, beyond the voltage that their model's formula covers. */
  readonly beyond: number
  /** Newton steps of the slowest vector. */
  readonly steps: number
  /** One entry a vector, where asked for. */
  readonly nodes: readonly CrossbarNodes[]
}

export interface SolveOptions {
  /** Give the volts of all nodes too. */
  readonly nodes?: boolean
  /**
   * Start each vector from the one before, where they are near each other. Faster for the intervals of a pulse-width
   * read; otherwise off, so that a vector's currents do not depend, to the last bit, on the batch it stands in.
   */
  readonly continuing?: boolean
}

/** An array laid out for solving. */
export interface NonlinearSolver {
  /**
   * @param inputs  vectors x wordLines, volts
   * @throws OHM2004 when a vector's residual stays above 1e-12
   */
  solve(inputs: Matrix, options?: SolveOptions): NonlinearSolution
}

/**
 * Lay an array out.
 *
 * Without wires every cell stands by itself, and its series equation is solved to 1e-14.
 */
export function nonlinearSolver(array: NonlinearArray): NonlinearSolver {
  const { conductance, wires, law } = array
  const ladders: Ladders = { words: conductance.rows, bits: conductance.cols, wires, seriesOhms: law.seriesOhms }
  const one = hasWires(wires) ? operatingPoint(conductance, law, ladders) : separate(array)
  return {
    solve(inputs, options = {}) {
      const { rows: m, cols: n } = conductance
      const outputAmps = matrix(inputs.rows, n)
      const inputAmps = matrix(inputs.rows, m)
      const nodes: CrossbarNodes[] = []
      let residual = 0
      let beyond = 0
      let steps = 0
      for (let v = 0; v < inputs.rows; v++) {
        const volts = inputs.data.subarray(v * m, (v + 1) * m)
        const found = one(volts, v > 0 && options.continuing === true)
        if (!(found.residual <= TOLERANCE))
          fail(
            'OHM2004',
            `vector ${v}: devices and wires disagree by ${found.residual.toExponential(1)} of the largest current after ${found.steps} steps; the limit is ${TOLERANCE}`,
            {
              hint: 'the current-voltage law is too steep for these wires; lower the read voltage, or use smaller arrays',
            },
          )
        lineAmps(
          ladders,
          found.amps,
          inputAmps.data.subarray(v * m, (v + 1) * m),
          outputAmps.data.subarray(v * n, (v + 1) * n),
        )
        residual = Math.max(residual, found.residual)
        steps = Math.max(steps, found.steps)
        beyond += found.beyond
        if (options.nodes === true) {
          const { word, bit } = nodeVolts(ladders, found.amps, volts)
          nodes.push({ word: matrix(m, n, word), bit: matrix(m, n, bit) })
        }
      }
      return { outputAmps, inputAmps, residual, beyond, steps, nodes }
    },
  }
}

/** Every cell between its driver and a virtual ground. */
function separate({ conductance: { rows, cols, data: g }, law }: NonlinearArray): Solve {
  const cell = cellCurve(law)
  const limit = voltageLimit(law)
  const amps = new Float64Array(rows * cols)
  const out = new Float64Array(3)
  return (volts) => {
    let beyond = 0
    for (let k = 0; k < amps.length; k++) {
      amps[k] = 0
      if (g[k] === 0) continue
      cell(g[k]!, volts[Math.floor(k / cols)]!, out)
      amps[k] = out[0]!
      if (Math.abs(out[2]!) > limit) beyond++
    }
    return { amps, residual: 0, beyond, steps: 0 }
  }
}
