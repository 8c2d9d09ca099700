import { fc, test as property } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { eliminationTransfer } from '../../src/crossbar/elimination.ts'
import { eliminationSolver } from '../../src/crossbar/elimination-solver.ts'
import { type Combinations, transferMethod } from '../../src/crossbar/transfer.ts'
import { signedTransfer, transferMatrix, type Wires } from '../../src/crossbar/wires.ts'
import { availableEngines, useEngine } from '../../src/numerics/kernels/module.ts'
import { type Matrix, matrix, maxAbs, transpose } from '../../src/numerics/matrix.ts'
import { site, uniformAt } from '../../src/numerics/random.ts'

const usual = availableEngines().includes('simd') ? 'simd' : 'reference'
afterEach(() => useEngine(usual))

/** Devices uniform in 1-100 uS, every 17th open, one short. */
function array(m: number, n: number): Matrix {
  const g = matrix(m, n)
  for (let k = 0; k < m * n; k++)
    g.data[k] = k % 17 === 3 ? 0 : 1e-6 + 99e-6 * uniformAt({ seed: 3, chip: 0 }, site(0, 'fault'), k)
  g.data[0] = 1e-3
  return g
}

const combine = (t: Matrix, combinations: Combinations) =>
  combinations.map((lines) =>
    Array.from({ length: t.cols }, (_, i) => lines.reduce((sum, [j, w]) => sum + w * t.data[j * t.cols + i]!, 0)),
  )

/** Pairs of bit lines side by side, with a third of the weights twice as heavy. */
const pairs = (n: number): Combinations =>
  Array.from({ length: Math.floor(n / 2) }, (_, o) => [
    [2 * o, o % 3 === 0 ? 2 : 1],
    [2 * o + 1, o % 3 === 0 ? -2 : -1],
  ])

describe('the effective matrix, every way', () => {
  const plain = { driver: 0, sense: 0 }
  const cases: [number, number, Wires][] = [
    [64, 64, { wordSegment: 2, bitSegment: 2, ...plain }],
    [100, 24, { wordSegment: 0.5, bitSegment: 5, driver: 100, sense: 20 }],
    [5, 60, { wordSegment: 20, bitSegment: 0.1, driver: 0, sense: 3 }],
    [51, 20, { wordSegment: 2, bitSegment: 2, ...plain }],
    [51, 20, { wordSegment: 2, bitSegment: 3, driver: 5, sense: 1, drive: 'both-ends' }],
    [7, 9, { wordSegment: 2, bitSegment: 3, driver: 5, sense: 1, drive: 'both-ends' }],
    [12, 8, { wordSegment: 0, bitSegment: 3, ...plain }],
    [12, 8, { wordSegment: 3, bitSegment: 0, ...plain }],
    [12, 8, { wordSegment: 3, bitSegment: 0, ...plain, drive: 'both-ends' }],
    [12, 8, { wordSegment: 0, bitSegment: 0, driver: 10, sense: 20 }],
    [12, 8, { wordSegment: 0, bitSegment: 0, driver: 10, sense: 20, drive: 'both-ends' }],
    [1, 2, { wordSegment: 1, bitSegment: 1, ...plain }],
  ]
  for (const engine of availableEngines())
    for (const [m, n, wires] of cases)
      it(`${m} x ${n}, ${engine}, ${JSON.stringify(wires)}`, () => {
        useEngine(engine)
        const g = array(m, n)
        const unit = matrix(m, m)
        for (let i = 0; i < m; i++) unit.data[i * m + i] = 1
        const reference = transpose(eliminationSolver(g, wires, {}).solve(unit).outputAmps)
        const scale = maxAbs(reference)
        const t = transferMatrix(g, wires)
        for (const [k, x] of t.data.entries())
          expect(Math.abs(x - reference.data[k]!)).toBeLessThanOrEqual(1e-12 * scale)
        for (const count of [1, Math.floor(n / 2)]) {
          const combinations = pairs(n).slice(0, count)
          const ours = signedTransfer(g, wires, combinations)
          const folded = combine(reference, combinations).flat()
          for (const [k, x] of ours.data.entries()) expect(Math.abs(x - folded[k]!)).toBeLessThanOrEqual(1e-12 * scale)
        }
      })

  it('the method fits the shape', () => {
    const wires: Wires = { wordSegment: 1, bitSegment: 1, ...plain }
    expect(transferMethod(array(128, 128), wires, 128)).toBe('multiport')
    expect(transferMethod(array(128, 128), wires, 2)).toBe('schur-pcg')
    expect(transferMethod(array(100, 8), wires, 4)).toBe('schur-pcg')
    expect(transferMethod(array(8, 8), { ...wires, bitSegment: 0 }, 8)).toBe('block-elimination')
    expect(transferMethod(array(8, 8), { wordSegment: 0, bitSegment: 0, ...plain }, 8)).toBe('product')
    useEngine('reference')
    expect(transferMethod(array(128, 128), wires, 128)).toBe('schur-pcg')
  })

  it('a line that is combined with itself to nothing gives exactly nothing', () => {
    const t = signedTransfer(array(30, 4), { wordSegment: 1, bitSegment: 1, ...plain }, [
      [
        [1, 1],
        [1, -1],
      ],
    ])
    expect(Array.from(t.data)).toEqual(new Array(30).fill(0))
  })
})

describe('laws', () => {
  const ohms = fc.double({ min: -6, max: 4, noNaN: true }).map((x) => 10 ** x)
  property.prop([
    fc.integer({ min: 1, max: 14 }),
    fc.integer({ min: 1, max: 14 }),
    fc.record({ wordSegment: ohms, bitSegment: ohms, driver: fc.oneof(fc.constant(0), ohms), sense: ohms }),
    fc.constantFrom(...availableEngines()),
  ])('solves, reduction and elimination agree', (m, n, wires, engine) => {
    useEngine(engine)
    const g = array(m, n)
    const reference = eliminationTransfer(g, wires)
    const ours = signedTransfer(
      g,
      wires,
      Array.from({ length: n }, (_, j) => [[j, 1]] as const),
    )
    for (const t of [transferMatrix(g, wires), ours])
      for (const [k, x] of t.data.entries())
        expect(Math.abs(x - reference.data[k]!)).toBeLessThanOrEqual(1e-12 * maxAbs(reference))
  })
})
