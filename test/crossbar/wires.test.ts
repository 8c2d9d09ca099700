import { readdirSync, readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { all, create } from 'mathjs'
import { describe, expect, it } from 'vitest'
import { eliminationTransfer } from '../../src/crossbar/elimination.ts'
import { eliminationSolver } from '../../src/crossbar/elimination-solver.ts'
import { transferMatrix, type Wires } from '../../src/crossbar/wires.ts'
import { affine, fromRows, type Matrix, matrix, maxAbs } from '../../src/numerics/matrix.ts'

const folder = new URL('../fixtures/crossbar/', import.meta.url)

/** max |a - b| / max |b| */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0) / Math.max(maxAbs(b), 1e-300)

describe('reference solutions (80-bit sparse direct solve)', () => {
  for (const file of readdirSync(folder).filter((f) => f.endsWith('.json'))) {
    const c = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    const g = fromRows(c.conductancesSiemens)
    const v = fromRows(c.inputsVolts)
    const wires: Wires = {
      wordSegment: c.wordSegmentOhms,
      bitSegment: c.bitSegmentOhms,
      driver: c.driverOhms,
      sense: c.senseOhms,
    }
    it(`${file}: currents through the transfer matrix to 1e-12`, () => {
      const currents = affine(v, transferMatrix(g, wires), null)
      expect(distance(currents.data, c.expected.outputAmps.flat())).toBeLessThan(1e-12)
    })
    it(`${file}: currents and nodes of the full solution to 1e-12`, () => {
      const s = eliminationSolver(g, wires, {}).solve(v, { nodes: true })
      expect(distance(s.outputAmps.data, c.expected.outputAmps.flat())).toBeLessThan(1e-12)
      expect(distance(s.inputAmps.data, c.expected.inputAmps.flat())).toBeLessThan(1e-12)
      expect(s.residual).toBeLessThan(1e-9)
      for (const [k, nodes] of s.nodes.entries()) {
        expect(distance(nodes.word.data, c.expected.wordLineVolts[k].flat())).toBeLessThan(1e-12)
        expect(distance(nodes.bit.data, c.expected.bitLineVolts[k].flat())).toBeLessThan(1e-12)
      }
    })
  }
})

// By default the library takes anything below 1e-15 for zero.
const math = create(all!, { absTol: 0 })

/**
 * Assembled nodal matrix and a library's LU: slow, plain, independent. In units of 1e-12 V, because the library takes
 * intermediate values below 1e-15 for zero.
 */
function nodalOracle(g: Matrix, wires: Wires, v: readonly number[]): number[] {
  const m = g.rows
  const n = g.cols
  const size = 2 * m * n
  const a = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  const rhs = new Array<number>(size).fill(0)
  const U = (i: number, j: number) => i * n + j
  const B = (i: number, j: number) => m * n + i * n + j
  const join = (p: number, q: number, c: number) => {
    a[p]![p]! += c
    a[q]![q]! += c
    a[p]![q]! -= c
    a[q]![p]! -= c
  }
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      join(U(i, j), B(i, j), g.data[i * n + j]!)
      if (j > 0) join(U(i, j - 1), U(i, j), 1 / wires.wordSegment)
      else {
        const c = 1 / (wires.wordSegment + wires.driver)
        a[U(i, 0)]![U(i, 0)]! += c
        rhs[U(i, 0)]! += c * v[i]! * 1e12
      }
      if (i > 0) join(B(i - 1, j), B(i, j), 1 / wires.bitSegment)
      if (i === m - 1) a[B(i, j)]![B(i, j)]! += 1 / (wires.bitSegment + wires.sense)
    }
  const x = (math.lusolve(a, rhs) as number[][]).map((r) => r[0]!)
  return Array.from({ length: n }, (_, j) => (x[B(m - 1, j)]! * 1e-12) / (wires.bitSegment + wires.sense))
}

const ohms = fc.double({ min: 0.01, max: 100, noNaN: true })
const arrays = fc.record({ m: fc.integer({ min: 1, max: 6 }), n: fc.integer({ min: 1, max: 6 }) }).chain(({ m, n }) =>
  fc.record({
    g: fc
      .array(fc.oneof({ weight: 8, arbitrary: fc.double({ min: 1e-7, max: 1e-3, noNaN: true }) }, fc.constant(0)), {
        minLength: m * n,
        maxLength: m * n,
      })
      .map((d) => matrix(m, n, Float64Array.from(d))),
    // Nanovolts at least, or nothing: below, products reach the smallest numbers there are.
    v: fc.array(
      fc.double({ min: -1, max: 1, noNaN: true }).map((x) => (Math.abs(x) < 1e-9 ? 0 : x)),
      { minLength: m, maxLength: m },
    ),
    wires: fc.record({
      wordSegment: ohms,
      bitSegment: ohms,
      driver: fc.oneof(fc.constant(0), ohms),
      sense: fc.oneof(fc.constant(0), ohms),
    }),
  }),
)

describe('laws of any linear crossbar', () => {
  property.prop([arrays])('equals a dense nodal solve', ({ g, v, wires }) => {
    const ours = affine(fromRows([v]), transferMatrix(g, wires), null).data
    const reference = nodalOracle(g, wires, v)
    const scale = Math.max(maxAbs(reference), maxAbs(g) * maxAbs(v) * 1e-3)
    for (const [j, x] of reference.entries()) expect(Math.abs(ours[j]! - x)).toBeLessThanOrEqual(1e-8 * scale + 1e-300)
  })

  property.prop([arrays])(
    'current is conserved: what the drivers give, the virtual grounds take',
    ({ g, v, wires }) => {
      const s = eliminationSolver(g, wires, {}).solve(fromRows([v]))
      const sum = (d: Float64Array) => d.reduce((a, b) => a + b, 0)
      const scale = Math.max(maxAbs(s.inputAmps), maxAbs(s.outputAmps))
      expect(Math.abs(sum(s.inputAmps.data) - sum(s.outputAmps.data))).toBeLessThanOrEqual(1e-12 * scale + 1e-300)
    },
  )

  property.prop([arrays])('both solvers give the same matrix, mirrored or not', ({ g, wires }) => {
    const t = eliminationTransfer(g, wires)
    const unit = matrix(g.rows, g.rows)
    for (let i = 0; i < g.rows; i++) unit.data[i * g.rows + i] = 1
    const s = eliminationSolver(g, wires, {}).solve(unit)
    for (let i = 0; i < g.rows; i++)
      for (let j = 0; j < g.cols; j++)
        expect(Math.abs(s.outputAmps.data[i * g.cols + j]! - t.data[j * g.rows + i]!)).toBeLessThanOrEqual(
          1e-13 * maxAbs(t),
        )
  })

  property.prop([arrays])('no wires: exactly the transposed conductances', ({ g }) => {
    const t = transferMatrix(g, { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0 })
    for (let i = 0; i < g.rows; i++)
      for (let j = 0; j < g.cols; j++) expect(t.data[j * g.rows + i]).toBe(g.data[i * g.cols + j])
  })

  property.prop([arrays, fc.constantFrom('wordSegment', 'bitSegment', 'driver', 'sense')])(
    'vanishing resistance is the limit of small resistance',
    ({ g, wires }, which) => {
      const zero = transferMatrix(g, { ...wires, [which]: 0 })
      const tiny = transferMatrix(g, { ...wires, [which]: 1e-9 })
      expect(distance(tiny.data, zero.data)).toBeLessThan(1e-9)
    },
  )
})
