import type { Tile } from '../../src/crossbar/mapping.ts'
import type { Matrix } from '../../src/numerics/matrix.ts'

/** A tile of differential pairs, k devices a side, that covers a whole layer. */
export function pairs(target: Matrix, k: number): Tile {
  return {
    words: Array.from({ length: target.rows }, (_, i) => i),
    signs: Array.from({ length: target.rows }, () => 1),
    outputs: Array.from({ length: target.cols / (2 * k) }, (_, o) => o),
    lineOutputs: Array.from({ length: target.cols }, (_, j) => Math.floor(j / (2 * k))),
    lineWeights: Array.from({ length: target.cols }, (_, j) => (j % (2 * k) < k ? 1 : -1)),
    part: 0,
    target,
  }
}
