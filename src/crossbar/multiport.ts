/**
 * The transfer matrix of a large crossbar by hierarchical multiport reduction: O(n^3) for n x n, whatever the wires.
 *
 * Neighbouring blocks of cells, each known by the conductances between its terminals, are joined by eliminating the
 * nodes they share. An elimination only adds, multiplies and divides positive numbers (star-mesh transformation), so
 * every entry of T, however small, is exact to about (word lines + bit lines) roundings.
 * Source: star-mesh transformation, textbook; the order is nested dissection (George, SIAM J. Numer. Anal. 10, 1973),
 * the elimination without subtractions that of Grassmann, Taksar and Heyman (Oper. Res. 33, 1985).
 */
import { kernel } from '../numerics/kernels/module.ts'
import { affine, type Matrix, matrix } from '../numerics/matrix.ts'
import type { Wires } from './wires.ts'

/** Whether the method applies: every segment needs a conductance, neither zero nor infinite. */
export function multiportApplies({ wordSegment, bitSegment, driver, sense }: Wires): boolean {
  const conducts = (ohms: number) => 1 / ohms > 0 && 1 / ohms < Infinity
  return [wordSegment, bitSegment, driver + wordSegment, bitSegment + sense].every(conducts)
}

/**
 * The exact effective matrix of a crossbar with wires, by the WebAssembly kernel.
 *
 * @param g      wordLines x bitLines, siemens, every entry >= 0 and finite
 * @param wires  ohm
 * @returns      bitLines x wordLines, siemens, as `transferMatrix`; null where a segment has no resistance and with
 *               the engine `reference` (then `multiportReference` is there to be asked)
 * @throws OHM5005 when there is not enough memory (square arrays: about 90 bytes a device, 120 driven from both ends)
 */
export function multiportTransfer(g: Matrix, wires: Wires): Matrix | null {
  if (!multiportApplies(wires)) return null
  const k = kernel('multiport')
  if (k === null) return null
  const { rows, cols } = g
  const both = wires.drive === 'both-ends'
  const bytes: number = k.exports['transferBytes']!(rows, cols, both)
  const [devices, t, arena] = k.layout([8 * rows * cols, 8 * rows * cols, bytes]) as [number, number, number]
  k.f64(devices, rows * cols).set(g.data)
  const { wordSegment, bitSegment, driver, sense } = wires
  const step = [1 / wordSegment, 1 / (driver + wordSegment), 1 / bitSegment, 1 / (bitSegment + sense)]
  k.exports['transfer']!(rows, cols, both, devices, ...step, t, arena, bytes)
  return matrix(cols, rows, k.f64(t, rows * cols).slice())
}

/**
 * Currents of many inputs: inputs T^T, each sum in the order of the word lines.
 *
 * @param t       bitLines x wordLines, siemens
 * @param inputs  vectors x wordLines, volts
 * @returns       vectors x bitLines, ampere
 */
export function transferCurrents(t: Matrix, inputs: Matrix): Matrix {
  const k = kernel('multiport')
  if (k === null) return affine(inputs, t, null)
  if (inputs.cols !== t.cols) throw new RangeError(`transferCurrents: ${inputs.cols} inputs for ${t.cols} word lines`)
  const scratch: number = k.exports['productBytes']!(t.cols, t.rows, inputs.rows)
  const sizes = [8 * t.data.length, 8 * inputs.data.length, 8 * inputs.rows * t.rows, scratch]
  const [matrixAt, inputsAt, out, scratchAt] = k.layout(sizes) as [number, number, number, number]
  k.f64(matrixAt, t.data.length).set(t.data)
  k.f64(inputsAt, inputs.data.length).set(inputs.data)
  k.exports['product']!(t.cols, t.rows, inputs.rows, matrixAt, inputsAt, out, scratchAt)
  return matrix(inputs.rows, t.rows, k.f64(out, inputs.rows * t.rows).slice())
}
