/** Shapley values: a loss shared among the mechanisms that make it together. */
import { type Interval, mean, meanInterval } from './statistics.ts'

/** One chip's losses while players are switched on one after the other. */
export interface Walk {
  /** A permutation of 0 .. n - 1. */
  readonly order: readonly number[]
  /** n + 1 losses: with no player, with the first of the order, with the first two, ... */
  readonly values: ArrayLike<number>
}

/** Mean over the chips; intervals are Student's over the chips. */
export interface Attributed {
  /** One a player; they sum to `total`, up to rounding. */
  readonly values: Float64Array
  readonly intervals: readonly Interval[]
  /** Loss with all players less that with none. */
  readonly total: number
  readonly totalInterval: Interval
}

/** Most players whose subsets are all taken. */
export const MOST_EXACT_PLAYERS = 20

/**
 * Shapley values from walks through random orders: a player's value is what it adds to those before it, in the mean over
 * orders that are uniformly random and chips. Its expectation is the exact value, whatever the number of walks.
 *
 * @param chips  of each chip its walks, at least one; what a player adds is first averaged over them (a walk and its
 *               reverse vary less than two of their own), since only chips are independent
 * @throws RangeError when an order is no permutation, values are not one more, or players differ in number
 * Source: J. Castro, D. Gomez, J. Tejada, Comput. Oper. Res. 36 (2009) 1726; reverse orders: R. Mitchell, J. Cooper,
 * E. Frank, G. Holmes, JMLR 23 (2022) no. 43, section 3
 */
export function shapleyOfWalks(chips: readonly (readonly Walk[])[], confidence = 0.95): Attributed {
  const players = chips[0]?.[0]?.order.length ?? 0
  return attributed(
    chips.map((walks) => {
      if (walks.length === 0) throw new RangeError('a chip without a walk')
      const added = new Float64Array(players)
      for (const walk of walks) addWalk(added, walk, 1 / walks.length)
      return { added, total: mean(walks.map((walk) => walk.values[players]! - walk.values[0]!)) }
    }),
    players,
    confidence,
  )
}

function addWalk(added: Float64Array, { order, values }: Walk, share: number): void {
  const players = added.length
  if (order.length !== players || values.length !== players + 1)
    throw new RangeError(`walk of ${order.length} players with ${values.length} values, ${players} players elsewhere`)
  const seen = new Uint8Array(players)
  for (let k = 0; k < players; k++) {
    const player = order[k]!
    if (seen[player] !== 0) throw new RangeError(`order ${order.join(' ')}: no permutation`)
    seen[player] = 1
    added[player]! += share * (values[k + 1]! - values[k]!)
  }
}

/**
 * Exact Shapley values of one game.
 *
 * phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))
 *
 * @param values  2^n losses; player i is in subset k when bit i of k is set; n <= 20
 * @returns       n values, which sum to v(all) - v(none)
 * @throws RangeError for another number of values
 * Source: L. S. Shapley, "A value for n-person games", 1953
 */
export function exactShapley(values: ArrayLike<number>): Float64Array {
  const players = Math.log2(values.length)
  if (!(Number.isInteger(players) && players <= MOST_EXACT_PLAYERS))
    throw new RangeError(`losses of all subsets: ${values.length}, not a power of 2 up to 2^${MOST_EXACT_PLAYERS}`)
  const weights = subsetWeights(players)
  const out = new Float64Array(players)
  for (let k = 0; k < values.length; k++) {
    const weight = weights[bitCount(k)]!
    for (let i = 0; i < players; i++)
      if (((k >>> i) & 1) === 0) out[i]! += weight * (values[k | (1 << i)]! - values[k]!)
  }
  return out
}

/**
 * Exact Shapley values of each chip, and their mean over the chips.
 *
 * @param chips  of each chip the losses of all subsets, as in `exactShapley`
 * @throws RangeError as there, or when players differ in number
 */
export function shapleyOfSubsets(chips: readonly ArrayLike<number>[], confidence = 0.95): Attributed {
  const subsets = chips[0]?.length ?? 1
  return attributed(
    chips.map((values) => {
      if (values.length !== subsets) throw new RangeError(`losses of subsets: ${values.length}, ${subsets} elsewhere`)
      return { added: exactShapley(values), total: values[subsets - 1]! - values[0]! }
    }),
    Math.log2(subsets),
    confidence,
  )
}

/** 1 / (n C(n - 1, s)) for subsets of s = 0 .. n - 1 others. */
function subsetWeights(players: number): Float64Array {
  const out = new Float64Array(players)
  let choose = 1
  for (let s = 0; s < players; s++) {
    out[s] = 1 / (players * choose)
    choose = (choose * (players - 1 - s)) / (s + 1)
  }
  return out
}

function bitCount(k: number): number {
  let count = 0
  for (let rest = k; rest !== 0; rest &= rest - 1) count++
  return count
}

function attributed(
  chips: readonly { readonly added: Float64Array; readonly total: number }[],
  players: number,
  confidence: number,
): Attributed {
  const of = (player: number) => chips.map(({ added }) => added[player]!)
  const totals = chips.map(({ total }) => total)
  return {
    values: Float64Array.from({ length: players }, (_, player) => mean(of(player))),
    intervals: Array.from({ length: players }, (_, player) => meanInterval(of(player), confidence)),
    total: mean(totals),
    totalInterval: meanInterval(totals, confidence),
  }
}
