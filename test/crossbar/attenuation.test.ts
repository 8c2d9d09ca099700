import { describe, expect, it } from 'vitest'
import { attenuation } from '../../src/crossbar/attenuation.ts'
import { transferMatrix, type Wires } from '../../src/crossbar/wires.ts'
import { type Matrix, matrix } from '../../src/numerics/matrix.ts'
import { normalAt, site, uniformAt } from '../../src/numerics/random.ts'

const key = { seed: 5, chip: 0 }
const US = 1e-6
const wiresOf = (r: number, more: Partial<Wires> = {}): Wires => ({
  wordSegment: r,
  bitSegment: r,
  driver: 0,
  sense: 0,
  ...more,
})

function uniform(m: number, n: number): Matrix {
  const g = matrix(m, n)
  for (let k = 0; k < m * n; k++) g.data[k] = US + 99 * US * uniformAt(key, site(0, 'fault'), k)
  return g
}

describe('attenuation of one device', () => {
  it('a single device: the voltage divider, squared', () => {
    const g = matrix(1, 1, Float64Array.of(1e-3))
    // 1 kohm behind 30 + 70 ohm of wires: u = 1000 / 1030, b = 1000 / 1070 with the other end at ground
    const share = attenuation(g, wiresOf(20, { driver: 10, sense: 50 })).data[0]!
    expect(share).toBeCloseTo((1 / 1.03) * (1 / 1.07), 12)
  })

  it('is 1 without resistance and falls with it', () => {
    const g = uniform(8, 9)
    expect(Array.from(attenuation(g, wiresOf(0)).data)).toEqual(new Array(72).fill(1))
    const shares = [0.1, 1, 10].map((r) => attenuation(g, wiresOf(r)).data)
    for (let k = 0; k < 72; k++) {
      expect(shares[0]![k]!).toBeLessThan(1)
      expect(shares[1]![k]!).toBeLessThan(shares[0]![k]!)
      expect(shares[2]![k]!).toBeLessThan(shares[1]![k]!)
    }
  })

  it('both ends driven: symmetric lines stay symmetric, and nobody gets less', () => {
    const g = matrix(3, 10, new Float64Array(30).fill(50 * US))
    const one = attenuation(g, wiresOf(5)).data
    const both = attenuation(g, wiresOf(5, { drive: 'both-ends' })).data
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 10; j++) {
        expect(both[i * 10 + j]!).toBeCloseTo(both[i * 10 + 9 - j]!, 14)
        expect(both[i * 10 + j]!).toBeGreaterThan(one[i * 10 + j]!)
      }
  })
})

describe('read noise with wires, against arrays redrawn and solved exactly', () => {
  it.each([
    [11, 40, 2, 'one-end'],
    [11, 40, 10, 'one-end'],
    [24, 10, 5, 'both-ends'],
  ] as const)('%i x %i, %f ohm, %s', (m, n, r, drive) => {
    const g = uniform(m, n)
    const wires = wiresOf(r, { drive })
    const sigma = 0.02
    const draws = 800
    const v = Array.from({ length: m }, (_, i) => 0.2 * (2 * uniformAt(key, site(0, 'readNoise'), i, 9) - 1))
    const sum = new Float64Array(n)
    const squares = new Float64Array(n)
    for (let d = 0; d < draws; d++) {
      const h = matrix(m, n)
      for (let k = 0; k < m * n; k++)
        h.data[k] = g.data[k]! * (1 + sigma * normalAt(key, site(0, 'readNoise'), k >> 8, k & 255, d))
      const t = transferMatrix(h, wires).data
      for (let j = 0; j < n; j++) {
        let s = 0
        for (let i = 0; i < m; i++) s += t[j * m + i]! * v[i]!
        sum[j]! += s
        squares[j]! += s * s
      }
    }
    const share = attenuation(g, wires).data
    // Every line's estimate of its own sigma has a relative error of 1 / sqrt(2 draws) = 2.5 %; their mean over n lines less.
    const ratios = Array.from({ length: n }, (_, j) => {
      const measured = Math.sqrt(squares[j]! / draws - (sum[j]! / draws) ** 2)
      let variance = 0
      for (let i = 0; i < m; i++) variance += (sigma * g.data[i * n + j]! * share[i * n + j]! * v[i]!) ** 2
      return Math.sqrt(variance) / measured
    })
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.12)
    expect(Math.abs(ratios.reduce((a, b) => a + b) / n - 1)).toBeLessThan(0.03)
  })
})
