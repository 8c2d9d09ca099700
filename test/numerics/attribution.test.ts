import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { exactShapley, shapleyOfSubsets, shapleyOfWalks, type Walk } from '../../src/numerics/attribution.ts'
import { orderOf } from '../../src/numerics/low-discrepancy.ts'

const games = fc
  .integer({ min: 1, max: 6 })
  .chain((n) => fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2 ** n, maxLength: 2 ** n }))
const playersOf = (game: ArrayLike<number>) => Math.log2(game.length)
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0)

function permutations(n: number): number[][] {
  if (n === 0) return [[]]
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  )
}

function walkOf(game: ArrayLike<number>, order: readonly number[]): Walk {
  let subset = 0
  return { order, values: [game[0]!, ...order.map((player) => game[(subset |= 1 << player)]!)] }
}

describe('exact Shapley values', () => {
  it('of the glove game', () => {
    // One left glove (player 0), two right ones: a pair is worth 1. Known values 2/3, 1/6, 1/6.
    const game = Array.from({ length: 8 }, (_, k) => (k & 1 && k & 6 ? 1 : 0))
    exactShapley(game).forEach((value, i) => {
      expect(value).toBeCloseTo([2 / 3, 1 / 6, 1 / 6][i]!, 14)
    })
  })

  it('of the airport game', () => {
    // Runways of length 1, 2, 4, shared by those who need each part (Littlechild and Owen 1973).
    const needs = [1, 2, 4]
    const game = Array.from({ length: 8 }, (_, k) => Math.max(0, ...needs.filter((_, i) => (k >>> i) & 1)))
    exactShapley(game).forEach((value, i) => {
      expect(value).toBeCloseTo([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2][i]!, 14)
    })
  })

  property.prop([games])('sum to the total', (game) => {
    expect(sum(exactShapley(game))).toBeCloseTo(game.at(-1)! - game[0]!, 8)
  })

  property.prop([games])('are the mean over all orders', (game) => {
    const orders = permutations(playersOf(game))
    const byOrders = shapleyOfWalks([orders.map((order) => walkOf(game, order))])
    exactShapley(game).forEach((value, i) => {
      expect(byOrders.values[i]).toBeCloseTo(value, 8)
    })
  })

  property.prop([games, fc.nat(5)])('are zero of a player that changes nothing, exactly', (game, at) => {
    // A new player at bit `at`.
    const n = playersOf(game)
    const bit = Math.min(at, n)
    const low = (1 << bit) - 1
    const wider = Array.from({ length: 2 ** (n + 1) }, (_, k) => game[(k & low) | ((k >>> 1) & ~low)]!)
    const values = exactShapley(wider)
    expect(values[bit]).toBe(0)
    const others = Array.from(values).filter((_, i) => i !== bit)
    exactShapley(game).forEach((value, i) => {
      expect(others[i]).toBeCloseTo(value, 8)
    })
  })

  property.prop([games])('are equal of players that are interchangeable', (game) => {
    const n = playersOf(game)
    if (n < 2) return
    const swap = (k: number) => (k & ~3) | ((k & 1) << 1) | ((k & 2) >>> 1)
    const values = exactShapley(game.map((value, k) => value + game[swap(k)]!))
    expect(values[0]).toBeCloseTo(values[1]!, 8)
  })

  property.prop([games, games])('are linear', (a, b) => {
    const size = Math.min(a.length, b.length)
    const first = a.slice(0, size)
    const second = b.slice(0, size)
    const together = exactShapley(first.map((value, k) => 3 * value + second[k]!))
    const [x, y] = [exactShapley(first), exactShapley(second)]
    together.forEach((value, i) => {
      expect(value).toBeCloseTo(3 * x[i]! + y[i]!, 7)
    })
  })

  it('of twenty players that add up are what they add', () => {
    const game = new Float64Array(2 ** 20)
    for (let i = 0; i < 20; i++) for (let k = 2 ** i; k < 2 ** (i + 1); k++) game[k] = game[k - 2 ** i]! + i
    exactShapley(game).forEach((value, i) => {
      expect(value).toBeCloseTo(i, 9)
    })
  })

  it('need all subsets', () => {
    expect(() => exactShapley([1, 2, 3])).toThrow(RangeError)
    expect(() => exactShapley([])).toThrow(RangeError)
    expect([...exactShapley([4])]).toEqual([])
  })
})

describe('Shapley values of chips', () => {
  /** Losses of a chip: interactions between neighbours, player 2 without effect. */
  const players = 5
  const chipGame = (chip: number) =>
    Array.from({ length: 2 ** players }, (_, k) => {
      const on = (i: number) => (k >>> i) & 1
      return (
        1 + (2 + Math.sin(chip)) * on(0) + on(1) * (0.5 + Math.cos(7 * chip)) * (1 + on(3)) + 3 * on(3) * on(4) * on(0)
      )
    })
  const chips = 400
  const losses = Array.from({ length: chips }, (_, chip) => chipGame(chip))
  const exact = shapleyOfSubsets(losses)
  const walks = (reversed: boolean) =>
    shapleyOfWalks(
      losses.map((game, chip) => {
        const order = orderOf(11, chip, players)
        return reversed ? [walkOf(game, order), walkOf(game, [...order].reverse())] : [walkOf(game, order)]
      }),
      0.999,
    )

  it.each([false, true])(
    'from one order a chip agree with those from all subsets (and its reverse: %s)',
    (reversed) => {
      const sampled = walks(reversed)
      for (const i of [0, 1, 3, 4]) {
        expect(sampled.intervals[i]!.low).toBeLessThan(exact.values[i]!)
        expect(sampled.intervals[i]!.high).toBeGreaterThan(exact.values[i]!)
        expect(sampled.intervals[i]!.high - sampled.intervals[i]!.low).toBeLessThan(1)
      }
    },
  )

  it('sum to the total loss; a mechanism without effect gets zero, its interval too', () => {
    for (const result of [exact, walks(false), walks(true)]) {
      expect(sum(result.values)).toBeCloseTo(result.total, 10)
      expect(result.total).toBeCloseTo(exact.total, 10)
      expect(result.totalInterval.low).toBeLessThan(sum(result.values))
      expect(result.totalInterval.high).toBeGreaterThan(sum(result.values))
      expect(result.values[2]).toBe(0)
      expect(result.intervals[2]).toEqual({ low: 0, high: 0 })
    }
  })

  it('vary less with the reverse', () => {
    const width = (result: ReturnType<typeof walks>, i: number) => result.intervals[i]!.high - result.intervals[i]!.low
    expect(width(walks(true), 4)).toBeLessThan(0.7 * width(walks(false), 4))
  })

  it('refuse walks that do not fit', () => {
    expect(() => shapleyOfWalks([[{ order: [0, 0], values: [0, 1, 2] }]])).toThrow(RangeError)
    expect(() => shapleyOfWalks([[{ order: [0, 2], values: [0, 1, 2] }]])).toThrow(RangeError)
    expect(() => shapleyOfWalks([[{ order: [0, 1], values: [0, 1] }]])).toThrow(RangeError)
    expect(() => shapleyOfWalks([[]])).toThrow(RangeError)
    expect(() => shapleyOfSubsets([[1, 2], [1]])).toThrow(RangeError)
  })
})
