import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { assign } from '../../src/numerics/assignment.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'

const total = (cost: ReturnType<typeof matrix>, jobs: ArrayLike<number>) =>
  Array.from(jobs).reduce((sum, job, worker) => sum + cost.data[worker * cost.cols + job]!, 0)

/** All orders of 0 .. n - 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]]
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  )
}

const squares = fc
  .integer({ min: 1, max: 6 })
  .chain((n) =>
    fc
      .array(fc.integer({ min: 0, max: 40 }), { minLength: n * n, maxLength: n * n })
      .map((costs) => matrix(n, n, Float64Array.from(costs))),
  )

describe('assignment', () => {
  it('the textbook example', () => {
    const cost = fromRows([
      [4, 1, 3],
      [2, 0, 5],
      [3, 2, 2],
    ])
    expect(Array.from(assign(cost))).toEqual([1, 0, 2])
    expect(total(cost, assign(cost))).toBe(5)
  })

  test.prop([squares])('no order of the jobs is cheaper', (cost) => {
    const jobs = assign(cost)
    expect(Array.from(jobs).sort((a, b) => a - b)).toEqual(Array.from({ length: cost.rows }, (_, i) => i))
    expect(total(cost, jobs)).toBe(Math.min(...orders(cost.rows).map((order) => total(cost, order))))
  })

  it('finds a hidden order among 200', () => {
    const n = 200
    const hidden = Array.from({ length: n }, (_, i) => (i * 73 + 11) % n)
    const cost = matrix(n, n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) cost.data[i * n + j] = hidden[i] === j ? 0 : 1 + ((i * 31 + j * 17) % 13)
    expect(Array.from(assign(cost))).toEqual(hidden)
  })

  it('refuses what is not square', () => {
    expect(() => assign(matrix(2, 3))).toThrow(RangeError)
  })
})
