/**
 * A tile as a subcircuit: devices, word and bit line segments, driver and sense resistance.
 */
import { fail } from '../../base/errors.ts'
import { cellConductances, type DeviceLaw, isOhmic, OHMIC } from '../../crossbar/iv.ts'
import { nonlinearSolver } from '../../crossbar/nonlinear.ts'
import { transferMatrix, type Wires } from '../../crossbar/wires.ts'
import { affine, type Matrix, transpose } from '../../numerics/matrix.ts'
import { comment, names, resistor } from './build.ts'
import type { Element, Subcircuit } from './circuit.ts'
import { deviceElements } from './device.ts'
import { parameter } from './expression.ts'

/** What a tile subcircuit is made from. */
export interface ArraySource {
  /** words x bitLines, siemens */
  readonly conductance: Matrix
  readonly wires: Wires
  /** Current against voltage, and access transistors; default: ohmic, none. */
  readonly law?: DeviceLaw
}

export const NO_WIRES: Wires = { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0 }

const R_ENTRY = parameter('r_entry')
const R_WORD = parameter('r_word')
const R_BIT = parameter('r_bit')
const R_EXIT = parameter('r_exit')

/** The wire resistances of a deck as parameters. A resistance of 0 is not a parameter: its nodes are one node. */
export function wireParameters(wires: Wires): Record<string, number> {
  const entry = wires.driver + wires.wordSegment
  const exit = wires.bitSegment + wires.sense
  return {
    ...(wires.wordSegment > 0 ? { r_word: wires.wordSegment } : {}),
    ...(wires.bitSegment > 0 ? { r_bit: wires.bitSegment } : {}),
    ...(entry > 0 ? { r_entry: entry } : {}),
    ...(exit > 0 ? { r_exit: exit } : {}),
  }
}

/**
 * The same array without its wires and access transistors: from every word line to every virtual ground the conductance
 * they add up to.
 *
 * @throws OHM6003 when its devices are not ohmic, so that they add up to no conductance
 */
export function reducedArray({ conductance, wires, law = OHMIC }: ArraySource): ArraySource {
  if (!isOhmic(law))
    fail('OHM6003', 'arrays of non-linear devices cannot be reduced to conductances', {
      hint: 'emit their devices, or use smaller arrays (crossbar.wordLines, crossbar.bitLines)',
    })
  const cells = cellConductances(conductance, law.seriesOhms)
  return { conductance: transpose(transferMatrix(cells, wires)), wires: NO_WIRES }
}

/**
 * What the simulator says the bit lines carry.
 *
 * @param drive  vectors x words, volts
 * @returns      vectors x bitLines, ampere
 */
export function arrayCurrents({ conductance, wires, law = OHMIC }: ArraySource, drive: Matrix): Matrix {
  return isOhmic(law)
    ? affine(drive, transferMatrix(cellConductances(conductance, law.seriesOhms), wires), null)
    : nonlinearSolver({ conductance, wires, law }).solve(drive).outputAmps
}

/** Unknowns a simulator solves for in this array. */
export function arrayNodes({ conductance: { rows, cols }, wires, law = OHMIC }: ArraySource): number {
  const word = wires.wordSegment > 0 ? rows * cols : rows
  const bit = wires.bitSegment > 0 ? rows * cols : cols
  return word + bit + (law.seriesOhms > 0 ? rows * cols : 0)
}

/** Nodes of device (i, j): the pin of a line without resistance, a node a line where only its end has some. */
export function lineNodes(wires: Wires): Record<'word' | 'bit', (i: number, j: number) => string> {
  const entry = wires.driver + wires.wordSegment
  const exit = wires.bitSegment + wires.sense
  return {
    word: (i, j) => (wires.wordSegment > 0 ? `w_${i}_${j}` : entry > 0 ? `w_${i}` : `word_${i}`),
    bit: (i, j) => (wires.bitSegment > 0 ? `b_${i}_${j}` : exit > 0 ? `b_${j}` : `bit_${j}`),
  }
}

/**
 * The subcircuit of one tile, pins word_0 .. word_(M-1), bit_0 .. bit_(N-1).
 *
 * As in crossbar/wires.ts: a word line is driven at column 0 through r_entry = driver + one segment, a bit line leaves
 * below the last row through r_exit = one segment + sense, far ends are open; with drive `both-ends` the far end of a
 * word line has the same driver and segment. A device of 0 S is left out, and so is the open end of a line beyond its
 * last device, which carries nothing.
 */
export function arraySubcircuit(name: string, source: ArraySource): Subcircuit {
  const { conductance: g, wires, law = OHMIC } = source
  const { rows, cols } = g
  const entry = wires.driver + wires.wordSegment
  const exit = wires.bitSegment + wires.sense
  const both = wires.drive === 'both-ends'
  const at = (i: number, j: number) => g.data[i * cols + j]!
  const { word: wordNode, bit: bitNode } = lineNodes(wires)

  const elements: Element[] = []
  for (let i = 0; i < rows; i++) {
    let last = cols - 1
    while (last >= 0 && !(at(i, last) > 0)) last--
    if (last < 0) {
      elements.push(comment(`word line ${i}: no device conducts`))
      continue
    }
    // A line with a driver at its far end has no open end.
    if (both) last = cols - 1
    if (entry > 0) elements.push(resistor(`w_${i}_0`, `word_${i}`, wordNode(i, 0), R_ENTRY))
    if (wires.wordSegment > 0)
      for (let j = 1; j <= last; j++) elements.push(resistor(`w_${i}_${j}`, wordNode(i, j - 1), wordNode(i, j), R_WORD))
    if (both && entry > 0) elements.push(resistor(`w_${i}_${cols}`, `word_${i}`, wordNode(i, cols - 1), R_ENTRY))
    for (let j = 0; j <= last; j++)
      if (at(i, j) > 0) elements.push(...deviceElements(law, `${i}_${j}`, wordNode(i, j), bitNode(i, j), at(i, j)))
  }
  for (let j = 0; j < cols; j++) {
    let first = 0
    while (first < rows && !(at(first, j) > 0)) first++
    if (first === rows) {
      elements.push(comment(`bit line ${j}: no device conducts`))
      continue
    }
    if (wires.bitSegment > 0)
      for (let i = first; i < rows - 1; i++)
        elements.push(resistor(`b_${i}_${j}`, bitNode(i, j), bitNode(i + 1, j), R_BIT))
    if (exit > 0) elements.push(resistor(`b_${rows - 1}_${j}`, bitNode(rows - 1, j), `bit_${j}`, R_EXIT))
  }
  return { name, about: [], pins: [...names('word', rows), ...names('bit', cols)], parameters: {}, elements }
}
