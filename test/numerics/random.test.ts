import { fc, test as prop } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { useEngine } from '../../src/numerics/kernels/module.ts'
import {
  type ChipKey,
  drawArray,
  lognormalAt,
  type Mechanism,
  mechanisms,
  normalAt,
  normalsPerVector,
  site,
  stages,
  uniformAt,
} from '../../src/numerics/random.ts'
import { average, expectLaw, expectMoments, expectUncorrelated, phi } from '../support/distribution.ts'

const key: ChipKey = { seed: 1, chip: 0 }
const here = site(0, 'programming')
const N = 100_000
const draws = (draw: (row: number, col: number) => number, n = N) =>
  Float64Array.from({ length: n }, (_, i) => draw(Math.floor(i / 400), i % 400))

describe('the law of one draw', () => {
  it('uniform: moments and Kolmogorov-Smirnov at 100 000 draws, open at both ends', () => {
    const u = draws((i, j) => uniformAt(key, here, i, j))
    expectMoments(u, 1 / 2, Math.sqrt(1 / 12), 9 / 5)
    expectLaw(u, (x) => x)
    expect(u.every((x) => x > 0 && x < 1)).toBe(true)
  })

  it('normal: four moments and Kolmogorov-Smirnov at 100 000 draws', () => {
    const x = draws((i, j) => normalAt(key, here, i, j))
    expectMoments(x, 0, 1)
    // variance of the third and fourth power of a standard normal: 15 and 96
    expect(Math.abs(average(x.map((v) => v ** 3)))).toBeLessThan(4 * Math.sqrt(15 / N))
    expect(Math.abs(average(x.map((v) => v ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / N))
    expectLaw(x, phi)
  })

  it('lognormal: its logarithm is the normal draw at the same place times sigma', () => {
    const x = draws((i, j) => lognormalAt(key, here, 0.3, i, j), 2000)
    const n = draws((i, j) => normalAt(key, here, i, j), 2000)
    for (const [i, v] of x.entries()) expect(Math.log(v)).toBeCloseTo(0.3 * n[i]!, 12)
  })

  it('draws per use (vector, compare) follow the same law', () => {
    const x = Float64Array.from({ length: 50_000 }, (_, i) => normalAt(key, here, 0, 0, i >> 4, i & 15))
    expectMoments(x, 0, 1)
    expectLaw(x, phi)
  })
})

describe('draws at neighbouring places are independent', () => {
  const base = draws((i, j) => normalAt(key, here, i, j))
  const squares = base.map((x) => x * x)
  const neighbours: Record<string, (row: number, col: number) => number> = {
    row: (i, j) => normalAt(key, here, i + 1, j),
    column: (i, j) => normalAt(key, here, i, j + 1),
    'row and column exchanged': (i, j) => normalAt(key, here, j + 1000, i),
    chip: (i, j) => normalAt({ seed: 1, chip: 1 }, here, i, j),
    seed: (i, j) => normalAt({ seed: 2, chip: 0 }, here, i, j),
    'seed and chip exchanged': (i, j) => normalAt({ seed: 0, chip: 1 }, here, i, j),
    mechanism: (i, j) => normalAt(key, site(0, 'driftExponent'), i, j),
    stage: (i, j) => normalAt(key, site(1, 'programming'), i, j),
    tile: (i, j) => normalAt(key, site(0, 'programming', 1), i, j),
    vector: (i, j) => normalAt(key, here, i, j, 1),
    compare: (i, j) => normalAt(key, here, i, j, 0, 1),
  }
  it.each(Object.keys(neighbours))('%s', (name) => {
    const other = draws(neighbours[name]!)
    expectUncorrelated(base, other)
    expectUncorrelated(
      squares,
      other.map((x) => x * x),
    )
  })

  it('the uniform of one mechanism and the normal of another', () => {
    expectUncorrelated(
      draws((i, j) => uniformAt(key, site(0, 'fault'), i, j)),
      base,
    )
  })
})

describe('a draw is a function of its place', () => {
  it('not of the draws before it', () => {
    const forwards = Array.from({ length: 100 }, (_, i) => normalAt(key, here, i, 3))
    const backwards = Array.from({ length: 100 }, (_, i) => normalAt(key, here, 99 - i, 3)).reverse()
    expect(backwards).toEqual(forwards)
  })

  it('places are told apart: stage, mechanism and tile never share a counter word', () => {
    const seen = new Set<number>()
    const names = Object.keys(mechanisms) as Mechanism[]
    const all = [0, 1, 127, 128, 249, ...Object.values(stages)]
    for (const stage of all)
      for (const name of names) for (const tile of [0, 1, 255, 256, 65535]) seen.add(site(stage, name, tile))
    expect(seen.size).toBe(all.length * names.length * 5)
    expect([...seen].every((w) => Number.isInteger(w) && w >= 0 && w < 2 ** 32)).toBe(true)
  })

  it('mechanisms have distinct numbers of eight bits', () => {
    const numbers = Object.values(mechanisms)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.every((n) => Number.isInteger(n) && n > 0 && n < 256)).toBe(true)
  })

  it('places outside the counter are refused', () => {
    expect(() => site(256, 'fault')).toThrow(RangeError)
    expect(() => site(0, 'fault', 65536)).toThrow(RangeError)
    expect(() => site(-1, 'fault')).toThrow(RangeError)
    expect(() => site(Number.NaN, 'fault')).toThrow(RangeError)
  })
})

describe('the ends of the uniform', () => {
  const MASK = 0xffffffffn

  /** The counter for which Philox gives these words: every round undone. */
  function counterFor(k: ChipKey, words: readonly number[]): number[] {
    const inverse = (m: bigint) => {
      let x = 1n
      for (let i = 0; i < 5; i++) x = (x * (2n - m * x)) & MASK
      return x
    }
    const i0 = inverse(0xd2511f53n)
    const i1 = inverse(0xcd9e8d57n)
    let [x0, x1, x2, x3] = words.map(BigInt) as [bigint, bigint, bigint, bigint]
    for (let round = 9; round >= 0; round--) {
      const a = (BigInt(k.seed) + BigInt(round) * 0x9e3779b9n) & MASK
      const b = (BigInt(k.chip) + BigInt(round) * 0xbb67ae85n) & MASK
      const p0 = (x3 * i0) & MASK
      const p2 = (x1 * i1) & MASK
      const high0 = (0xd2511f53n * p0) >> 32n
      const high1 = (0xcd9e8d57n * p2) >> 32n
      ;[x0, x1, x2, x3] = [p0, x0 ^ high1 ^ a, p2, x2 ^ high0 ^ b]
    }
    return [x0, x1, x2, x3].map(Number)
  }

  it.each([
    ['least', 0],
    ['greatest', 0xffffffff],
  ])('the %s words give a number strictly between 0 and 1, and a finite normal', (_, word) => {
    const [where, cell, vector, compare] = counterFor(key, [word, word, word, word]) as [number, number, number, number]
    const u = uniformAt(key, where, cell >>> 16, cell & 0xffff, vector, compare)
    expect(u > 0 && u < 1).toBe(true)
    expect(Math.min(u, 1 - u)).toBeLessThan(1e-15)
    expect(Number.isFinite(normalAt(key, where, cell >>> 16, cell & 0xffff, vector, compare))).toBe(true)
  })
})

describe('whole arrays of draws', () => {
  afterEach(() => useEngine('simd'))
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  const keys = fc.record({ seed: word, chip: word })
  const places = fc.record({
    key: keys,
    where: word,
    rows: fc.integer({ min: 0, max: 5 }),
    cols: fc.integer({ min: 0, max: 70 }),
  })

  prop.prop([places, fc.constantFrom('normal', 'uniform')], { numRuns: 60 })(
    'are the single ones, to the bit',
    (p, draw) => {
      const at = draw === 'normal' ? normalAt : uniformAt
      const wanted = Array.from({ length: p.rows * p.cols }, (_, k) =>
        at(p.key, p.where, Math.floor(k / p.cols), k % p.cols),
      )
      for (const engine of ['reference', 'simd'] as const) {
        useEngine(engine)
        expect(Array.from(drawArray(draw, p.key, p.where, p.rows, p.cols))).toEqual(wanted)
      }
    },
  )

  prop.prop([places, word, fc.nat(20)], { numRuns: 60 })('likewise those of each vector', (p, first, compare) => {
    const wanted = Array.from({ length: p.rows * p.cols }, (_, k) =>
      normalAt(p.key, p.where, Math.floor(k / p.cols), 0, first + (k % p.cols), compare),
    )
    for (const engine of ['reference', 'simd'] as const) {
      useEngine(engine)
      expect(Array.from(normalsPerVector(p.key, p.where, p.rows, first, p.cols, compare))).toEqual(wanted)
    }
  })
})
