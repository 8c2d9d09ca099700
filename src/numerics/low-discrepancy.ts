/**
 * Points that fill the unit cube more evenly than independent ones, and permutations. Every number is a pure function of
 * the seed and of where it stands: the first points of a longer sequence are those of a shorter one (not so for latin
 * hypercubes, whose cells depend on how many there are).
 */
import { BITS, directionNumbers, MAX_DIMENSIONS } from './direction-numbers.ts'
import { philox4x32 } from './philox.ts'
import { site, stages, uniformAt } from './random.ts'

function checkShape(points: number, dimensions: number, most: number): void {
  if (!(Number.isInteger(points) && points >= 0 && points <= 2 ** 31))
    throw new RangeError(`number of points: ${points}`)
  if (!(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= most))
    throw new RangeError(`dimensions of a design: ${dimensions}, at most ${most}`)
}

/**
 * The Sobol' sequence itself, in Gray code order, from its first point, the origin.
 *
 * @param dimensions  1 .. 128
 * @returns           points x dimensions, x 2^32
 * @throws RangeError for other dimensions
 * Source: I. A. Antonov, V. M. Saleev, USSR Comput. Math. Math. Phys. 19 (1979) 252 (order); Joe and Kuo 2008
 */
export function sobolSequence(points: number, dimensions: number): Uint32Array {
  checkShape(points, dimensions, MAX_DIMENSIONS)
  const out = new Uint32Array(points * dimensions)
  for (let j = 0; j < dimensions; j++) {
    const v = directionNumbers(j)
    let x = 0
    for (let i = 1; i < points; i++) {
      // The bit in which the Gray codes of i - 1 and i differ: the lowest set bit of i.
      x ^= v[31 - Math.clz32(i & -i)]!
      out[i * dimensions + j] = x
    }
  }
  return out
}

/** A Philox counter has bits for the random flips of a binary tree of seven levels: 2^7 - 1 <= 128. */
const TREE_LEVELS = 7
const tree = new Uint32Array(4)

/**
 * Nested uniform scrambling of one coordinate: bit k is flipped or not by a coin of the bits before it.
 *
 * @param x  32 bits of a coordinate
 */
function scramble(x: number, seed: number, dimension: number, where: number): number {
  let flips = 0
  for (let top = 0; top < BITS; top += TREE_LEVELS) {
    const prefix = top === 0 ? 0 : x >>> (BITS - top)
    philox4x32(seed, 0, where, dimension, prefix, top, tree)
    // Nodes of the tree are numbered as in a heap: 1, its children 2 and 3, ...
    let node = 1
    for (let bit = top; bit < Math.min(BITS, top + TREE_LEVELS); bit++) {
      const below = BITS - 1 - bit
      if ((tree[node >>> 5]! >>> (node & 31)) & 1) flips |= 1 << below
      node = 2 * node + ((x >>> below) & 1)
    }
  }
  return (x ^ flips) >>> 0
}

/**
 * Scrambled Sobol' points: each is uniform in the cube, and the first 2^m of them are as evenly spread as those of the
 * sequence itself. Best taken in numbers that are powers of two.
 *
 * @param n     points
 * @param d     dimensions, 1 .. 128
 * @param seed  a whole number in [0, 2^32)
 * @returns     n x d, in (0, 1)
 * @throws RangeError for other dimensions
 * Source: A. B. Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995 (nested uniform scrambling)
 */
export function sobolPoints(n: number, d: number, seed: number): Float64Array {
  const where = site(stages.study, 'designScramble')
  const sequence = sobolSequence(n, d)
  const out = new Float64Array(n * d)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) out[i * d + j] = (scramble(sequence[i * d + j]!, seed, j, where) + 0.5) / 2 ** BITS
  return out
}

/** Shuffle 0 .. n - 1 (Fisher and Yates) by uniform numbers u(n - 1), ..., u(1). */
function shuffled(n: number, u: (i: number) => number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const k = Math.floor(u(i) * (i + 1))
    const t = order[i]!
    order[i] = order[k]!
    order[k] = t
  }
  return order
}

/**
 * Latin hypercube sample: in each dimension every one of n equal cells holds one point, uniform in its cell.
 *
 * @param n     points, at most 2^20
 * @param d     dimensions, 1 .. 65536
 * @param seed  a whole number in [0, 2^32)
 * @returns     n x d, in (0, 1)
 * @throws RangeError outside these ranges
 * Source: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239
 */
export function latinHypercube(n: number, d: number, seed: number): Float64Array {
  checkShape(n, d, 65536)
  if (n > 2 ** 20) throw new RangeError(`points of a latin hypercube: ${n}, at most ${2 ** 20}`)
  const key = { seed, chip: 0 }
  const cells = site(stages.study, 'designPermutation')
  const inside = site(stages.study, 'designJitter')
  const out = new Float64Array(n * d)
  for (let j = 0; j < d; j++) {
    const order = shuffled(n, (i) => uniformAt(key, cells, 0, j, i))
    // 30 bits: x n falls into its cell again.
    for (let i = 0; i < n; i++)
      out[i * d + j] = (order[i]! + (Math.floor(uniformAt(key, inside, 0, j, i) * 2 ** 30) + 0.5) / 2 ** 30) / n
  }
  return out
}

/**
 * The order in which a chip takes n things: a uniformly random permutation of 0 .. n - 1.
 *
 * @param seed  a whole number in [0, 2^32)
 * @param chip  a whole number in [0, 2^32)
 * @param n     at most 2^20
 */
export function orderOf(seed: number, chip: number, n: number): readonly number[] {
  if (!(Number.isInteger(n) && n >= 0 && n <= 2 ** 20)) throw new RangeError(`things to order: ${n}`)
  const key = { seed, chip }
  const where = site(stages.study, 'mechanismOrder')
  return [...shuffled(n, (i) => uniformAt(key, where, 0, 0, i))]
}
