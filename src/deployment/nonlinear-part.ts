/**
 * Currents of arrays whose devices are not ohmic: no matrix, but an operating point for every vector.
 */
import { type Lines, outputLines } from '../crossbar/array.ts'
import { type NonlinearArray, type NonlinearSolver, nonlinearSolver } from '../crossbar/nonlinear.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import type { DeployedLayer } from './deployment.ts'

/** One array of a part, and what its lines carry. */
export interface NonlinearTile {
  readonly lines: Lines
  readonly array: NonlinearArray
}

/** Operating points of devices outside the range of their model. */
export interface Beyond {
  beyondCurve: number
}

/**
 * Noiseless currents of a part: vectors x outputs, ampere.
 *
 * Pulses: all start together, each lasts |v| / fullScale of the read. Between two ends of pulses the array is one circuit,
 * so a read is as many operating points as there are different lengths, and their average is exact, wires included.
 *
 * @param volts  vectors x inputs, on the word lines (with pulses, averaged over the read)
 * @param tally  counts devices beyond the voltage their model covers, once an operating point
 * @throws OHM2004 when an operating point is not found to 1e-12
 */
export function nonlinearCurrents(
  layer: DeployedLayer,
  tiles: readonly NonlinearTile[],
  volts: Matrix,
  tally: Beyond = { beyondCurve: 0 },
): Matrix {
  const out = matrix(volts.rows, layer.outputs)
  for (const { lines, array } of tiles) {
    const solver = nonlinearSolver(array)
    const drive = wordVolts(layer, lines, volts)
    const { outputAmps: amps, beyond } =
      layer.encoding.kind === 'pulse-width' ? pulseAmps(solver, drive, layer.encoding.fullScale) : solver.solve(drive)
    tally.beyondCurve += beyond
    const sums = outputLines(lines).map((all) => [
      all.filter(({ weight }) => weight > 0),
      all.filter(({ weight }) => weight < 0),
    ])
    for (let v = 0; v < volts.rows; v++) {
      const line = amps.data.subarray(v * amps.cols, (v + 1) * amps.cols)
      for (const [o, output] of lines.outputs.entries()) {
        // Each sign by itself, so that equal sides cancel exactly.
        const [plus, minus] = sums[o]!.map((side) => side.reduce((s, w) => s + Math.abs(w.weight) * line[w.line]!, 0))
        out.data[v * layer.outputs + output]! += plus! - minus!
      }
    }
  }
  return out
}

/** vectors x word lines of the tile, volts, signs of doubled lines included. */
function wordVolts(layer: DeployedLayer, { words, signs }: Lines, volts: Matrix): Matrix {
  const drive = matrix(volts.rows, words.length)
  for (let v = 0; v < volts.rows; v++)
    for (const [i, word] of words.entries())
      drive.data[v * words.length + i] =
        signs[i]! * (word < layer.inputs ? volts.data[v * layer.inputs + word]! : layer.biasVolts)
  return drive
}

/**
 * Average of the operating points of one read with pulses, vector by vector.
 *
 * A line whose average is beyond full scale, which no pulse gives, is at that voltage for the whole read.
 */
function pulseAmps(
  solver: NonlinearSolver,
  averages: Matrix,
  fullScale: number,
): { outputAmps: Matrix; beyond: number } {
  const rows: Float64Array[] = []
  let points = 0
  for (let v = 0; v < averages.rows; v++) {
    const average = averages.data.subarray(v * averages.cols, (v + 1) * averages.cols)
    const height = average.map((x) => Math.sign(x) * Math.max(fullScale, Math.abs(x)))
    const length = average.map((x, i) => (x === 0 ? 0 : Math.abs(x / height[i]!)))
    // Longest first, so that each interval differs from the one before by the lines that come on.
    const ends = [...new Set(length)].filter((end) => end > 0).sort((a, b) => b - a)
    const states = matrix(ends.length, averages.cols)
    for (const [k, end] of ends.entries())
      for (let i = 0; i < averages.cols; i++) if (length[i]! >= end) states.data[k * averages.cols + i] = height[i]!
    const { outputAmps, beyond } = solver.solve(states, { continuing: true })
    points += beyond
    const sum = new Float64Array(outputAmps.cols)
    for (const [k, end] of ends.entries()) {
      const share = end - (ends[k + 1] ?? 0)
      for (let j = 0; j < sum.length; j++) sum[j]! += share * outputAmps.data[k * sum.length + j]!
    }
    rows.push(sum)
  }
  const cols = rows[0]?.length ?? 0
  const out = matrix(rows.length, cols)
  for (const [v, sum] of rows.entries()) out.data.set(sum, v * cols)
  return { outputAmps: out, beyond: points }
}
