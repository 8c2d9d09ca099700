import { readdirSync, readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { eliminationTransfer } from '../../src/crossbar/elimination.ts'
import { multiportTransfer, transferCurrents } from '../../src/crossbar/multiport.ts'
import { multiportReference } from '../../src/crossbar/multiport-reference.ts'
import type { Wires } from '../../src/crossbar/wires.ts'
import { availableEngines, useEngine } from '../../src/numerics/kernels/module.ts'
import { affine, fromRows, type Matrix, matrix, maxAbs } from '../../src/numerics/matrix.ts'

afterEach(() => useEngine('simd'))

/** max |a - b| / max |b| */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0) / Math.max(maxAbs(b), 1e-300)

/** max |a - b| / |b|, entry by entry; zeros must be zeros */
const entrywise = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, b[i] === 0 ? Math.abs(x) : Math.abs(x / b[i]! - 1)), 0)

const ohms = fc.double({ min: -3, max: 3, noNaN: true }).map((x) => 10 ** x)
const extra = fc.oneof(fc.constant(0), ohms)
const wiresOf = (drive: fc.Arbitrary<'one-end' | 'both-ends'>): fc.Arbitrary<Wires> =>
  fc.record({ wordSegment: ohms, bitSegment: ohms, driver: extra, sense: extra, drive })
const eitherEnd = fc.constantFrom('one-end', 'both-ends')

/** Devices of 1 to 100 uS, some open, some lines dead. */
const arrays = (most: number): fc.Arbitrary<Matrix> =>
  fc
    .record({
      rows: fc.integer({ min: 1, max: most }),
      cols: fc.integer({ min: 1, max: most }),
      seed: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
      open: fc.constantFrom(0, 0, 0.3, 0.95),
      dead: fc.constantFrom(0, 0, 0.2),
    })
    .map(({ rows, cols, seed, open, dead }) => {
      let state = seed
      const uniform = () => {
        state = (state * 48271) % 2147483647
        return state / 2147483647
      }
      const deadRow = Array.from({ length: rows }, () => uniform() < dead)
      const deadCol = Array.from({ length: cols }, () => uniform() < dead)
      const g = matrix(rows, cols)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < cols; j++) {
          const device = 1e-6 + 99e-6 * uniform()
          g.data[i * cols + j] = uniform() < open || deadRow[i] || deadCol[j] ? 0 : device
        }
      return g
    })

/** The assembled nodal matrix and Gaussian elimination with exact right-hand sides: plain, dense, independent. */
function nodal(g: Matrix, wires: Wires): Float64Array {
  const m = g.rows
  const n = g.cols
  const size = 2 * m * n
  const a = Array.from({ length: size }, () => new Float64Array(size + m))
  const join = (p: number, q: number, c: number) => {
    a[p]![p]! += c
    a[q]![q]! += c
    a[p]![q]! -= c
    a[q]![p]! -= c
  }
  const entry = 1 / (wires.wordSegment + wires.driver)
  const exit = 1 / (wires.bitSegment + wires.sense)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      const u = i * n + j
      const b = m * n + u
      join(u, b, g.data[u]!)
      if (j + 1 < n) join(u, u + 1, 1 / wires.wordSegment)
      if (i + 1 < m) join(b, b + n, 1 / wires.bitSegment)
      else a[b]![b]! += exit
      for (const end of wires.drive === 'both-ends' ? [0, n - 1] : [0])
        if (j === end) {
          a[u]![u]! += entry
          a[u]![size + i]! += entry
        }
    }
  for (let k = 0; k < size; k++)
    for (let i = 0; i < size; i++) {
      const f = a[i]![k]! / a[k]![k]!
      if (i !== k && f !== 0) for (let j = k; j < size + m; j++) a[i]![j]! -= f * a[k]![j]!
    }
  const t = new Float64Array(n * m)
  for (let j = 0; j < n; j++) {
    const b = m * n + (m - 1) * n + j
    for (let i = 0; i < m; i++) t[j * m + i] = (exit * a[b]![size + i]!) / a[b]![b]!
  }
  return t
}

describe('multiport reduction', () => {
  const folder = new URL('../fixtures/crossbar/', import.meta.url)
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.json'))) {
    const c = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    it(`${file}: currents of the 80-bit reference solution to 1e-12`, () => {
      const wires: Wires = {
        wordSegment: c.wordSegmentOhms,
        bitSegment: c.bitSegmentOhms,
        driver: c.driverOhms,
        sense: c.senseOhms,
      }
      const t = multiportTransfer(fromRows(c.conductancesSiemens), wires)
      if (t === null) expect(wires.wordSegment * wires.bitSegment).toBe(0)
      else
        expect(distance(transferCurrents(t, fromRows(c.inputsVolts)).data, c.expected.outputAmps.flat())).toBeLessThan(
          1e-12,
        )
    })
  }

  property.prop([arrays(40), wiresOf(fc.constant('one-end'))])('equals block elimination to 1e-12', (g, wires) => {
    expect(distance(multiportTransfer(g, wires)!.data, eliminationTransfer(g, wires).data)).toBeLessThan(1e-12)
  })

  property.prop([arrays(14), wiresOf(eitherEnd)], { numRuns: 60 })(
    'equals its plain reference entry by entry, however small the entry, to 1e-13',
    (g, wires) => {
      expect(entrywise(multiportTransfer(g, wires)!.data, multiportReference(g, wires)!.data)).toBeLessThan(1e-13)
    },
  )

  property.prop([arrays(6), wiresOf(eitherEnd)])('equals the nodal matrix solved densely', (g, wires) => {
    // The oracle subtracts: with milliohm segments it loses what the ratio of conductances has of digits.
    const mild = { ...wires, wordSegment: wires.wordSegment + 1, bitSegment: wires.bitSegment + 1 }
    expect(distance(multiportTransfer(g, mild)!.data, nodal(g, mild))).toBeLessThan(1e-10)
    expect(distance(multiportReference(g, mild)!.data, nodal(g, mild))).toBeLessThan(1e-10)
  })

  property.prop([arrays(40), wiresOf(eitherEnd)])(
    'open devices, dead lines: exact zeros, nothing negative',
    (g, wires) => {
      const t = multiportTransfer(g, wires)!
      expect(t.data.every((x) => x >= 0 && Number.isFinite(x))).toBe(true)
      for (let j = 0; j < g.cols; j++) {
        let dead = true
        for (let i = 0; i < g.rows; i++) dead &&= g.data[i * g.cols + j] === 0
        if (dead) expect(maxAbs(t.data.subarray(j * g.rows, (j + 1) * g.rows))).toBe(0)
      }
    },
  )

  property.prop([arrays(30), ohms, ohms, extra, extra])(
    'reciprocity: the mirrored circuit has the transpose',
    (g, w, b, d, s) => {
      const mirror = matrix(g.cols, g.rows)
      for (let i = 0; i < g.rows; i++)
        for (let j = 0; j < g.cols; j++)
          mirror.data[(g.cols - 1 - j) * g.rows + (g.rows - 1 - i)] = g.data[i * g.cols + j]!
      const t = multiportTransfer(g, { wordSegment: w, bitSegment: b, driver: d, sense: s })!
      const other = multiportTransfer(mirror, { wordSegment: b, bitSegment: w, driver: s, sense: d })!
      const back = new Float64Array(t.data.length)
      for (let j = 0; j < g.cols; j++)
        for (let i = 0; i < g.rows; i++)
          back[j * g.rows + i] = other.data[(g.rows - 1 - i) * g.cols + (g.cols - 1 - j)]!
      expect(entrywise(t.data, back)).toBeLessThan(1e-13)
    },
  )

  property.prop([arrays(20), wiresOf(fc.constant('both-ends'))], { numRuns: 30 })(
    'driven from both ends: turning the word lines round only turns the order of the outputs',
    (g, wires) => {
      const turned = matrix(g.rows, g.cols)
      for (let i = 0; i < g.rows; i++)
        for (let j = 0; j < g.cols; j++) turned.data[i * g.cols + j] = g.data[i * g.cols + (g.cols - 1 - j)]!
      const t = multiportTransfer(g, wires)!
      const other = multiportTransfer(turned, wires)!
      for (let j = 0; j < g.cols; j++) {
        const row = (x: Matrix, at: number) => x.data.subarray(at * g.rows, (at + 1) * g.rows)
        expect(entrywise(row(t, j), row(other, g.cols - 1 - j))).toBeLessThan(1e-13)
      }
    },
  )

  it('large and long arrays: 70 x 90, 3 x 400, 300 x 5', () => {
    for (const [rows, cols] of [
      [70, 90],
      [3, 400],
      [300, 5],
    ] as const) {
      const g = matrix(rows, cols)
      for (let k = 0; k < g.data.length; k++) g.data[k] = 1e-6 + 99e-6 * ((k * 0.6180339887498949) % 1)
      const wires = { wordSegment: 2, bitSegment: 1, driver: 5, sense: 0 }
      expect(distance(multiportTransfer(g, wires)!.data, eliminationTransfer(g, wires).data)).toBeLessThan(1e-12)
    }
  })

  it('the same bits again, whatever was solved in between', () => {
    const g = matrix(23, 37)
    for (let k = 0; k < g.data.length; k++) g.data[k] = 1e-6 + 99e-6 * ((k * 0.6180339887498949) % 1)
    const wires = { wordSegment: 2, bitSegment: 3, driver: 0, sense: 0 }
    const t = multiportTransfer(g, wires)!
    multiportTransfer(matrix(60, 50, new Float64Array(3000).fill(1e-3)), { ...wires, drive: 'both-ends' })
    expect(multiportTransfer(g, wires)).toEqual(t)
  })

  it('the fused engine agrees to 1e-13 where it runs', () => {
    const g = matrix(50, 41)
    for (let k = 0; k < g.data.length; k++) g.data[k] = 1e-6 + 99e-6 * ((k * 0.6180339887498949) % 1)
    const wires = { wordSegment: 2, bitSegment: 3, driver: 0, sense: 0 }
    const t = multiportTransfer(g, wires)!
    if (!availableEngines().includes('relaxed')) return
    useEngine('relaxed')
    expect(entrywise(multiportTransfer(g, wires)!.data, t.data)).toBeLessThan(1e-13)
  })

  it('does not apply without a segment resistance, nor with plain TypeScript', () => {
    const g = fromRows([[1e-5, 2e-5]])
    const wires = { wordSegment: 1, bitSegment: 1, driver: 0, sense: 0 }
    expect(multiportTransfer(g, { ...wires, wordSegment: 0 })).toBeNull()
    expect(multiportReference(g, { ...wires, bitSegment: 0 })).toBeNull()
    expect(multiportTransfer(g, { ...wires, bitSegment: Number.MIN_VALUE })).toBeNull()
    expect(multiportTransfer(g, { ...wires, driver: Infinity })).toBeNull()
    useEngine('reference')
    expect(multiportTransfer(g, wires)).toBeNull()
    expect(multiportReference(g, wires)).not.toBeNull()
  })
})

describe('currents of many inputs', () => {
  const values = fc.double({ min: -1, max: 1, noNaN: true })
  const sizes = fc.record({
    words: fc.integer({ min: 1, max: 20 }),
    bits: fc.integer({ min: 1, max: 20 }),
    vectors: fc.integer({ min: 0, max: 20 }),
  })
  const filled = (rows: number, cols: number) =>
    fc
      .array(values, { minLength: rows * cols, maxLength: rows * cols })
      .map((x) => matrix(rows, cols, Float64Array.from(x)))
  property.prop([sizes.chain(({ words, bits, vectors }) => fc.tuple(filled(bits, words), filled(vectors, words)))])(
    'the same bits as the plain product',
    ([t, v]) => {
      expect(transferCurrents(t, v)).toEqual(affine(v, t, null))
    },
  )

  it('refuses inputs of another length', () => {
    expect(() => transferCurrents(matrix(2, 3), matrix(1, 2))).toThrow(RangeError)
    useEngine('reference')
    expect(() => transferCurrents(matrix(2, 3), matrix(1, 2))).toThrow(RangeError)
  })
})
