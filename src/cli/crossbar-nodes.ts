import type { CrossbarNodes } from '../crossbar/wires.ts'
import { columns } from './style.ts'

/** Lines that fit on a screen of 80 columns. */
const MOST = { wordLines: 16, bitLines: 4 } as const

/** The node voltages of one vector as a table, or where to find them when it would not fit. */
export function nodesText({ word, bit }: CrossbarNodes): string {
  if (word.rows > MOST.wordLines || word.cols > MOST.bitLines)
    return `node voltages: ${word.rows} x ${word.cols} are too many for a table; they are in --json and in -o FILE`
  const volts = (x: number) => (x === 0 ? '0' : x.toPrecision(6))
  const at = (i: number, j: number) => i * word.cols + j
  return [
    'node voltages of vector 0, V: word line, bit line at each device (all vectors: --json, or -o FILE)',
    columns(
      [
        ['', ...Array.from({ length: word.cols }, (_, j) => `bit line ${j}`)],
        ...Array.from({ length: word.rows }, (_, i) => [
          `word line ${i}`,
          ...Array.from(
            { length: word.cols },
            (_, j) => `${volts(word.data[at(i, j)]!)}, ${volts(bit.data[at(i, j)]!)}`,
          ),
        ]),
      ],
      'lrrrr',
    ),
  ].join('\n')
}
