/**
 * Where the devices stand: words and outputs cut into arrays, columns onto bit lines.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { type LineNeeds, lineNeeds } from '../profile/geometry.ts'
import type { Profile } from '../profile/profile.ts'
import type { Tile } from './mapping.ts'
import type { Scheme } from './mapping-scheme.ts'

/** Split `total` items into the fewest parts of at most `limit`, as equal as can be. */
export function evenParts(total: number, limit: number): { from: number; count: number }[] {
  const parts = Math.ceil(total / limit)
  return Array.from({ length: parts }, (_, i) => {
    const from = Math.floor((i * total) / parts)
    return { from, count: Math.floor(((i + 1) * total) / parts) - from }
  })
}

/** A layer's devices before they have a place. */
export interface Cells {
  readonly words: number
  readonly outputs: number
  readonly scheme: Scheme
  /** outputs x words x columns, siemens */
  readonly conductance: Float64Array
}

/** The words and outputs of a layer in the order in which they stand. */
export interface LineOrder {
  readonly words: readonly number[]
  readonly outputs: readonly number[]
}

/** A column of the scheme on an array: -1 = the shared reference. */
interface Placed {
  readonly column: number
  readonly weight: number
}

/**
 * Cut a layer into arrays.
 *
 * Row tiles, and the slices of a digitised bit-sliced weight, become parts of their own where partial sums are digitised.
 * Arrays of equal words and outputs follow each other, positive before negative, so that equal sides cancel exactly.
 *
 * @returns the tiles and the number of parts
 */
export function cutTiles(
  cells: Cells,
  order: LineOrder,
  { device, crossbar }: Pick<Profile, 'device' | 'crossbar'>,
): { tiles: Tile[]; parts: number } {
  const { scheme } = cells
  const needs = lineNeeds({ device, crossbar })
  const digitised = crossbar.partialSums.kind === 'digitised'
  const columns = scheme.columns.map(({ weight, slice }, column) => ({ column, weight, slice }))
  const groups = digitised ? bySlice(columns) : [columns]
  const reference: Placed[] = scheme.reference === null ? [] : [{ column: -1, weight: -1 }]

  const rowTiles = evenParts(cells.words, Math.floor(crossbar.wordLines / needs.wordLinesPerWord))
  const outputTiles = evenParts(cells.outputs, outputsThatFit(needs, crossbar.bitLines))
  const tiles: Tile[] = []
  for (const [r, { from, count }] of rowTiles.entries())
    for (const [g, group] of groups.entries()) {
      const words = order.words.slice(from, from + count)
      const part = digitised ? r * groups.length + g : 0
      const place = (outputs: readonly number[], own: readonly Placed[], shared: readonly Placed[]) =>
        tiles.push(tileOf(cells, words, outputs, own, shared, device.devicesPerSide, part))
      for (const { from: first, count: some } of outputTiles) {
        const outputs = order.outputs.slice(first, first + some)
        if (crossbar.layout === 'adjacent') place(outputs, group, reference)
        else if (crossbar.layout === 'interleaved')
          tiles.push(interleavedTile(cells, words, outputs, group, device.devicesPerSide, part))
        else
          for (const sign of [1, -1]) {
            const side = group.filter(({ weight }) => weight * sign > 0)
            if (side.length > 0) place(outputs, side, [])
          }
      }
      if (crossbar.layout === 'separate' && reference.length > 0) place(order.outputs, [], reference)
    }
  return { tiles, parts: digitised ? rowTiles.length * groups.length : 1 }
}

/** Outputs of one array. */
export function outputsThatFit(needs: LineNeeds, bitLines: number): number {
  return Math.floor((bitLines - needs.sharedBitLines) / needs.bitLinesPerOutput)
}

function bySlice<T extends { readonly slice: number }>(columns: readonly T[]): T[][] {
  const slices = [...new Set(columns.map(({ slice }) => slice))]
  return slices.map((slice) => columns.filter((column) => column.slice === slice))
}

/**
 * An array whose bit lines are columns: those of its outputs, one output after the other. Shared columns stand in the
 * middle, where wires take as much from them as from the others on average.
 */
function tileOf(
  cells: Cells,
  words: readonly number[],
  outputs: readonly number[],
  own: readonly Placed[],
  shared: readonly Placed[],
  devices: number,
  part: number,
): Tile {
  const columns = outputs.map((_, o) => own.map((placed) => ({ ...placed, output: o })))
  const middle = Math.ceil(outputs.length / 2)
  const lines = [
    ...columns.slice(0, middle).flat(),
    ...shared.map((placed) => ({ ...placed, output: -1 })),
    ...columns.slice(middle).flat(),
  ].flatMap((line) => Array.from({ length: devices }, () => line))
  const target = matrix(words.length, lines.length)
  for (const [i, word] of words.entries())
    for (const [j, { column, output }] of lines.entries())
      target.data[i * lines.length + j] =
        column === -1 ? cells.scheme.reference! : conductanceOf(cells, outputs[output]!, word, column)
  return {
    words,
    signs: words.map(() => 1),
    outputs,
    lineOutputs: lines.map(({ output }) => output),
    lineWeights: lines.map(({ weight }) => weight),
    part,
    target,
  }
}

/** An array in which both devices of a pair stand on one bit line, at word lines driven with + and -. */
function interleavedTile(
  cells: Cells,
  words: readonly number[],
  outputs: readonly number[],
  own: readonly Placed[],
  devices: number,
  part: number,
): Tile {
  const pairs = own.filter(({ weight }) => weight > 0)
  const lines = outputs.flatMap((_, o) =>
    pairs.flatMap((placed) => Array.from({ length: devices }, () => ({ ...placed, output: o }))),
  )
  const target: Matrix = matrix(2 * words.length, lines.length)
  for (const [i, word] of words.entries())
    for (const [j, { column, output }] of lines.entries())
      for (const side of [0, 1])
        target.data[(2 * i + side) * lines.length + j] = conductanceOf(cells, outputs[output]!, word, column + side)
  return {
    words: words.flatMap((word) => [word, word]),
    signs: words.flatMap((): (1 | -1)[] => [1, -1]),
    outputs,
    lineOutputs: lines.map(({ output }) => output),
    lineWeights: lines.map(({ weight }) => weight),
    part,
    target,
  }
}

function conductanceOf({ conductance, words, scheme }: Cells, output: number, word: number, column: number): number {
  return conductance[(output * words + word) * scheme.columns.length + column]!
}

/** Lines in the network's order. */
export function naturalOrder({ words, outputs }: Pick<Cells, 'words' | 'outputs'>): LineOrder {
  return { words: Array.from({ length: words }, (_, i) => i), outputs: Array.from({ length: outputs }, (_, o) => o) }
}

/**
 * The words that conduct most last, nearest to the amplifiers, and the outputs that conduct most first, nearest to the
 * drivers: so the largest currents pass the least wire. Lines that conduct equally are ordered by their weights, then as
 * in the network.
 *
 * @param weights  outputs x words
 */
export function heavyFirst(cells: Cells, weights: Matrix): LineOrder {
  const { words, outputs, scheme, conductance } = cells
  const load = { words: new Float64Array(words), outputs: new Float64Array(outputs) }
  const size = { words: new Float64Array(words), outputs: new Float64Array(outputs) }
  const columns = scheme.columns.length
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < words; i++) {
      const w = Math.abs(weights.data[o * words + i]!)
      size.words[i]! += w
      size.outputs[o]! += w
      for (let c = 0; c < columns; c++) {
        const g = conductance[(o * words + i) * columns + c]!
        load.words[i]! += g
        load.outputs[o]! += g
      }
    }
  const natural = naturalOrder(cells)
  return {
    words: [...natural.words].sort((a, b) => byLoad(load.words, size.words, b, a) || a - b),
    outputs: [...natural.outputs].sort((a, b) => byLoad(load.outputs, size.outputs, a, b) || a - b),
  }
}

/** Negative when line a conducts more than line b. Sums that differ by rounding only are equal. */
function byLoad(load: Float64Array, size: Float64Array, a: number, b: number): number {
  const grain = 1e-9 * load.reduce((most, g) => Math.max(most, g), 0)
  const steps = (line: number) => (grain > 0 ? Math.round(load[line]! / grain) : 0)
  return steps(b) - steps(a) || size[b]! - size[a]!
}
