/**
 * What every deck has besides its circuit: cells, and files with the expected values beside it.
 */
import type { Matrix } from '../../numerics/matrix.ts'
import { anchor, follower, source } from './build.ts'
import { cellsUsed } from './cells.ts'
import type { Circuit, Element } from './circuit.ts'
import type { DialectId } from './dialects/dialect.ts'
import { dialect } from './dialects/index.ts'
import type { Probe } from './expected.ts'
import { lines, volts } from './expression.ts'
import { commentLine, oneLine } from './text.ts'

/** A deck and what its nodes have to be at. */
export interface SpiceNetlist {
  /** The deck, and the expected values as JSON. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly circuit: Circuit
  readonly expected: readonly Probe[]
  /** Values a node: vectors, or times. */
  readonly vectors: number
}

/**
 * Node prefix_i is at drive[vector][i] volts, piecewise linear in the voltage of node `vec`. One DC sweep over the vector
 * number solves all vectors: the matrix is ordered once, where one `op` a vector would order it every time.
 *
 * @param drive  vectors x nodes, volts
 */
export function vectorSources(prefix: string, drive: Matrix): Element[] {
  return [
    source('vec', 'vec', 0),
    anchor('vec'),
    ...Array.from({ length: drive.cols }, (_, i) => {
      // A deck has no minus zero.
      const knots = Array.from({ length: drive.rows }, (_, v): [number, number] => [
        v,
        drive.data[v * drive.cols + i]! + 0,
      ])
      // Two knots are the fewest of a line.
      if (drive.rows === 1) knots.push([1, knots[0]![1]])
      return [follower(`${prefix}_${i}`, lines(volts('vec'), knots)), anchor(`${prefix}_${i}`)]
    }).flat(),
  ]
}

/**
 * A circuit with the cells it needs as a deck, and its expected values.
 *
 * @param name  of the files, without ending
 */
export function assemble(
  name: string,
  parts: Omit<Circuit, 'cells'>,
  expected: readonly Probe[],
  vectors: number,
  id: DialectId = 'ngspice',
): SpiceNetlist {
  const circuit: Circuit = {
    ...parts,
    title: oneLine(parts.title),
    header: parts.header.map(commentLine),
    cells: cellsUsed([...parts.subcircuits.map(({ elements }) => elements), parts.top, parts.stimulus]),
  }
  const { extension, deck } = dialect(id)
  const file = `${name}${extension}`
  return {
    files: [
      { name: file, text: deck(circuit) },
      { name: `${name}.expected.json`, text: expectedText(file, expected, vectors) },
    ],
    circuit,
    expected,
    vectors,
  }
}

/** Expected values as JSON, one node a line. @param include  the chip's file, where a deck is of many */
export function expectedText(deck: string, probes: readonly Probe[], vectors: number, include?: string): string {
  const head = JSON.stringify({
    format: 'ohmbit/netlist-expected/1',
    deck,
    ...(include === undefined ? {} : { include }),
    vectors,
    unit: 'volt',
  })
  return `${head.slice(0, -1)},"probes":[\n${probes.map((probe) => JSON.stringify(probe)).join(',\n')}\n]}\n`
}
