/**
 * How many lines of an array a word and an output take.
 */
import type { Profile } from './profile.ts'

export interface LineNeeds {
  /** Word lines a word. */
  readonly wordLinesPerWord: number
  /** Bit lines an output, in one array. */
  readonly bitLinesPerOutput: number
  /** Bit lines that the outputs of an array share. */
  readonly sharedBitLines: number
}

/** Pairs (or single columns) that one output has in one array. */
function columnsPerOutput({ mapping, slices, partialSums }: Profile['crossbar']): number {
  if (mapping === 'dual-pair') return 2
  // Slices that are converted by themselves stand in arrays of their own.
  return mapping === 'bit-sliced' && partialSums.kind === 'current' ? slices : 1
}

/** Physical lines by mapping, layout and devices a side. */
export function lineNeeds({
  device: { devicesPerSide: k },
  crossbar,
}: Pick<Profile, 'device' | 'crossbar'>): LineNeeds {
  const { mapping, layout } = crossbar
  const sides = mapping === 'offset-column' || layout !== 'adjacent' ? 1 : 2
  return {
    wordLinesPerWord: layout === 'interleaved' ? 2 : 1,
    bitLinesPerOutput: k * sides * columnsPerOutput(crossbar),
    sharedBitLines: mapping === 'offset-column' && layout === 'adjacent' ? k : 0,
  }
}
