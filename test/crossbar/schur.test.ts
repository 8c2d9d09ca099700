import { readdirSync, readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { eliminationSolver } from '../../src/crossbar/elimination-solver.ts'
import { type CrossbarSolution, prepareSolver, type Terminations, type Wires } from '../../src/crossbar/wires.ts'
import { availableEngines, useEngine } from '../../src/numerics/kernels/module.ts'
import { fromRows, type Matrix, matrix, maxAbs } from '../../src/numerics/matrix.ts'
import { normalAt, site, uniformAt } from '../../src/numerics/random.ts'

const usual = availableEngines().includes('simd') ? 'simd' : 'reference'
afterEach(() => useEngine(usual))

/** max |a - b| / max |b| */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]!)), 0) / Math.max(maxAbs(b), 1e-300)

/** Devices uniform in 1-100 uS, some open, one shorted. */
function array(m: number, n: number): Matrix {
  const g = matrix(m, n)
  for (let k = 0; k < m * n; k++)
    g.data[k] = k % 17 === 3 ? 0 : 1e-6 + 99e-6 * uniformAt({ seed: 3, chip: 0 }, site(0, 'fault'), k)
  if (m * n > 8) g.data[7] = 1e-2
  return g
}

const volts = (vectors: number, m: number) =>
  matrix(
    vectors,
    m,
    Float64Array.from({ length: vectors * m }, (_, k) => 0.3 * normalAt({ seed: 4, chip: 0 }, site(0, 'fault'), k)),
  )

describe('reference solutions (80-bit sparse direct solve), every engine', () => {
  const folder = new URL('../fixtures/crossbar/', import.meta.url)
  for (const engine of availableEngines())
    for (const file of readdirSync(folder).filter((f) => f.endsWith('.json')))
      it(`${file}, ${engine}: currents and node volts to 1e-12`, () => {
        useEngine(engine)
        const c = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
        const wires: Wires = {
          wordSegment: c.wordSegmentOhms,
          bitSegment: c.bitSegmentOhms,
          driver: c.driverOhms,
          sense: c.senseOhms,
        }
        const s = prepareSolver(fromRows(c.conductancesSiemens), wires).solve(fromRows(c.inputsVolts), { nodes: true })
        expect(s.method).toBe('schur-pcg')
        expect(distance(s.outputAmps.data, c.expected.outputAmps.flat())).toBeLessThan(1e-12)
        expect(distance(s.inputAmps.data, c.expected.inputAmps.flat())).toBeLessThan(1e-12)
        expect(s.residual).toBeLessThan(1e-9)
        for (const [k, nodes] of s.nodes.entries()) {
          expect(distance(nodes.word.data, c.expected.wordLineVolts[k].flat())).toBeLessThan(1e-12)
          expect(distance(nodes.bit.data, c.expected.bitLineVolts[k].flat())).toBeLessThan(1e-12)
        }
      })
})

/** Outputs, inputs and node volts to a bound, each relative to its largest, or currents to `carried` (amperes). */
function expectSame(a: CrossbarSolution, b: CrossbarSolution, bound: number, carried = 0): void {
  const scale = Math.max(maxAbs(b.outputAmps), maxAbs(b.inputAmps), carried)
  for (const [x, y] of [
    [a.outputAmps, b.outputAmps],
    [a.inputAmps, b.inputAmps],
  ] as const)
    for (let k = 0; k < x.data.length; k++) expect(Math.abs(x.data[k]! - y.data[k]!)).toBeLessThanOrEqual(bound * scale)
  for (const [v, nodes] of a.nodes.entries()) {
    const other = b.nodes[v]!
    const most = Math.max(maxAbs(other.word), maxAbs(other.bit))
    for (const side of ['word', 'bit'] as const)
      for (let k = 0; k < nodes[side].data.length; k++)
        expect(Math.abs(nodes[side].data[k]! - other[side].data[k]!)).toBeLessThanOrEqual(bound * most)
  }
}

describe('conjugate gradients equal block elimination', () => {
  const plain = { driver: 0, sense: 0 }
  const cases: [string, number, number, Wires, Terminations][] = [
    ['square', 64, 64, { wordSegment: 2, bitSegment: 2, ...plain }, {}],
    ['odd sides, driver and sense', 37, 23, { wordSegment: 0.5, bitSegment: 5, driver: 100, sense: 20 }, {}],
    ['short side', 5, 61, { wordSegment: 20, bitSegment: 0.1, driver: 0, sense: 3 }, {}],
    ['one device', 1, 1, { wordSegment: 1, bitSegment: 3, driver: 7, sense: 2 }, {}],
    ['one word line', 1, 9, { wordSegment: 10, bitSegment: 1, ...plain }, {}],
    ['one bit line', 9, 1, { wordSegment: 10, bitSegment: 1, ...plain }, {}],
    ['micro-ohms', 30, 20, { wordSegment: 1e-6, bitSegment: 1e-6, ...plain }, {}],
    ['ten kilo-ohms', 20, 30, { wordSegment: 1e4, bitSegment: 1e4, ...plain }, {}],
    ['very unequal', 20, 30, { wordSegment: 1e-6, bitSegment: 1e4, ...plain }, {}],
    ['the other way round', 20, 30, { wordSegment: 1e4, bitSegment: 1e-6, driver: 1, sense: 1e3 }, {}],
    ['both ends', 33, 40, { wordSegment: 5, bitSegment: 2, driver: 3, sense: 1, drive: 'both-ends' }, {}],
    ['both ends of one column', 12, 1, { wordSegment: 5, bitSegment: 2, driver: 3, sense: 1, drive: 'both-ends' }, {}],
    [
      'floating word lines',
      16,
      12,
      { wordSegment: 2, bitSegment: 2, ...plain },
      { wordDriven: Array.from({ length: 16 }, (_, i) => i % 3 !== 1) },
    ],
    [
      'floating and held bit lines',
      15,
      12,
      { wordSegment: 2, bitSegment: 2, driver: 5, sense: 5 },
      { bitLineVolts: Array.from({ length: 12 }, (_, j) => [0, null, 0.3, -0.1][j % 4]!) },
    ],
    [
      'one word line read, all others floating, half of the bit lines too',
      16,
      16,
      { wordSegment: 2, bitSegment: 2, ...plain },
      {
        wordDriven: Array.from({ length: 16 }, (_, i) => i === 5),
        bitLineVolts: Array.from({ length: 16 }, (_, j) => (j % 2 === 0 ? 0 : null)),
      },
    ],
  ]
  for (const engine of availableEngines())
    for (const [name, m, n, wires, terminations] of cases)
      it(`${name}: ${m} x ${n}, ${engine}`, () => {
        useEngine(engine)
        const g = array(m, n)
        const inputs = volts(2, m)
        const s = prepareSolver(g, wires, terminations).solve(inputs, { nodes: true })
        expect(s.method).toBe('schur-pcg')
        expectSame(s, eliminationSolver(g, wires, terminations).solve(inputs, { nodes: true }), 1e-12)
      })

  it('current sources beside the devices', () => {
    const g = array(21, 14)
    const wires: Wires = { wordSegment: 3, bitSegment: 2, driver: 1, sense: 4 }
    const inputs = volts(2, 21)
    const injection = [0, 1].map((v) =>
      Float64Array.from({ length: 21 * 14 }, (_, k) => 1e-6 * normalAt({ seed: 5, chip: v }, site(0, 'fault'), k)),
    )
    for (const terminations of [{}, { bitLineVolts: Array.from({ length: 14 }, (_, j) => (j === 3 ? null : 0.1 * j)) }])
      for (const engine of availableEngines()) {
        useEngine(engine)
        const s = prepareSolver(g, wires, terminations).solve(inputs, { nodes: true, injection })
        expectSame(s, eliminationSolver(g, wires, terminations).solve(inputs, { nodes: true, injection }), 1e-12)
      }
  })

  it('a solver keeps its array when another one was solved in between', () => {
    const wires: Wires = { wordSegment: 2, bitSegment: 2, ...plain }
    const first = prepareSolver(array(10, 11), wires)
    const inputs = volts(1, 10)
    const before = first.solve(inputs, { nodes: true })
    prepareSolver(array(31, 7), wires).solve(volts(1, 31))
    expect(first.solve(inputs, { nodes: true })).toEqual(before)
  })

  it('no input: exactly no current', () => {
    const s = prepareSolver(array(6, 5), { wordSegment: 1, bitSegment: 1, ...plain }).solve(matrix(1, 6))
    expect(Array.from(s.outputAmps.data)).toEqual(new Array(5).fill(0))
    expect(s.residual).toBe(0)
  })

  it('no device conducts', () => {
    const s = prepareSolver(matrix(6, 5), { wordSegment: 1, bitSegment: 1, ...plain }).solve(volts(1, 6))
    expect(Array.from(s.outputAmps.data)).toEqual(new Array(5).fill(0))
  })

  it('segments without resistance: block elimination', () => {
    const s = prepareSolver(array(6, 5), { wordSegment: 0, bitSegment: 1, ...plain }).solve(volts(1, 6))
    expect(s.method).toBe('block-elimination')
    expect(s.residual).toBeLessThan(1e-12)
  })

  it('numbers beyond what fits are refused, never returned', () => {
    for (const engine of availableEngines()) {
      useEngine(engine)
      const g = array(6, 5)
      g.data[3] = 1e308
      const solver = prepareSolver(g, { wordSegment: 10, bitSegment: 1, ...plain })
      expect(() => solver.solve(volts(1, 6))).toThrow(/not finite/)
      const far = prepareSolver(array(6, 5), { wordSegment: 1, bitSegment: 1, ...plain })
      expect(() => far.solve(matrix(1, 6, new Float64Array(6).fill(Number.NaN)))).toThrow(/not finite/)
    }
  })

  it('terminations of another size are refused', () => {
    expect(() =>
      prepareSolver(array(6, 5), { wordSegment: 1, bitSegment: 1, ...plain }, { wordDriven: [true] }),
    ).toThrow(RangeError)
  })
})

const ohms = fc.double({ min: -6, max: 4, noNaN: true }).map((x) => 10 ** x)
const circuits = fc
  .record({ m: fc.integer({ min: 1, max: 12 }), n: fc.integer({ min: 1, max: 12 }) })
  .chain(({ m, n }) =>
    fc.record({
      g: fc
        .array(fc.oneof({ weight: 8, arbitrary: fc.double({ min: 1e-7, max: 1e-3, noNaN: true }) }, fc.constant(0)), {
          minLength: m * n,
          maxLength: m * n,
        })
        .map((d) => matrix(m, n, Float64Array.from(d))),
      v: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: m, maxLength: m }).map((x) =>
        matrix(
          1,
          m,
          Float64Array.from(x, (y) => (Math.abs(y) < 1e-9 ? 0 : y)),
        ),
      ),
      wires: fc.record({
        wordSegment: ohms,
        bitSegment: ohms,
        driver: fc.oneof(fc.constant(0), ohms),
        sense: fc.oneof(fc.constant(0), ohms),
        drive: fc.constantFrom('one-end' as const, 'both-ends' as const),
      }),
      wordDriven: fc.array(fc.boolean(), { minLength: m, maxLength: m }),
      bitLineVolts: fc.array(fc.oneof(fc.constant(0), fc.constant(null), fc.double({ min: -1, max: 1, noNaN: true })), {
        minLength: n,
        maxLength: n,
      }),
    }),
  )

/**
 * Assembled nodal equations and Gaussian elimination: slow, plain, independent. Bit lines' currents; what nothing holds
 * (a pivot that vanishes) is at zero volts.
 */
function nodal(g: Matrix, wires: Wires, ends: Required<Terminations>, v: Float64Array, beside: Float64Array): number[] {
  const { rows: m, cols: n } = g
  const size = 2 * m * n
  const a = Array.from({ length: size }, () => new Float64Array(size + 1))
  const U = (i: number, j: number) => i * n + j
  const B = (i: number, j: number) => m * n + i * n + j
  const join = (p: number, q: number, c: number) => {
    a[p]![p]! += c
    a[q]![q]! += c
    a[p]![q]! -= c
    a[q]![p]! -= c
  }
  const hold = (p: number, c: number, volts: number) => {
    a[p]![p]! += c
    a[p]![size]! += c * volts
  }
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      join(U(i, j), B(i, j), g.data[i * n + j]!)
      a[U(i, j)]![size]! -= beside[i * n + j]!
      a[B(i, j)]![size]! += beside[i * n + j]!
      if (j > 0) join(U(i, j - 1), U(i, j), 1 / wires.wordSegment)
      if (i > 0) join(B(i - 1, j), B(i, j), 1 / wires.bitSegment)
      const entry = 1 / (wires.wordSegment + wires.driver)
      if (j === 0 && ends.wordDriven[i]) hold(U(i, 0), entry, v[i]!)
      if (j === n - 1 && ends.wordDriven[i] && wires.drive === 'both-ends') hold(U(i, j), entry, v[i]!)
      const ground = ends.bitLineVolts[j]
      if (i === m - 1 && ground != null) hold(B(i, j), 1 / (wires.bitSegment + wires.sense), ground)
    }
  const largest = a.reduce((most, row, k) => Math.max(most, row[k]!), 0)
  for (let k = 0; k < size; k++) {
    if (a[k]![k]! < 1e-13 * largest) a[k]!.fill(0).fill(1, k, k + 1)
    for (let r = k + 1; r < size; r++) {
      const f = a[r]![k]! / a[k]![k]!
      if (f !== 0) for (let c = k; c <= size; c++) a[r]![c]! -= f * a[k]![c]!
    }
  }
  const x = new Float64Array(size)
  for (let k = size - 1; k >= 0; k--) {
    let s = a[k]![size]!
    for (let c = k + 1; c < size; c++) s -= a[k]![c]! * x[c]!
    x[k] = s / a[k]![k]!
  }
  return Array.from({ length: n }, (_, j) => {
    let sum = 0
    for (let i = 0; i < m; i++) sum += g.data[i * n + j]! * (x[U(i, j)]! - x[B(i, j)]!) + beside[i * n + j]!
    return ends.bitLineVolts[j] === null ? 0 : sum
  })
}

/** Currents that cancel to less than 1e-4 of what a line carries are noise to the solver: amperes. */
function cancelling(g: Matrix, v: Matrix): number {
  let most = 0
  for (let i = 0; i < g.rows; i++)
    most = Math.max(
      most,
      Math.abs(v.data[i]!) * g.data.subarray(i * g.cols, (i + 1) * g.cols).reduce((a, b) => a + b, 0),
    )
  return 1e-4 * most
}

describe('laws of any crossbar', () => {
  property.prop([
    circuits.filter(
      ({ wires, g }) =>
        // What the oracle can resolve: an assembled diagonal loses the digits between segments and devices.
        [wires.wordSegment, wires.bitSegment].every((r) => r >= 0.01) && g.rows * g.cols <= 36,
    ),
  ])('equal a dense nodal solve, whatever the ends', ({ g, v, wires, wordDriven, bitLineVolts }) => {
    const conducting = { ...g, data: g.data.map((x) => x + 1e-7) }
    const beside = Float64Array.from(g.data, (_, k) => 1e-6 * Math.sin(k))
    const ends = { wordDriven, bitLineVolts }
    // Something must hold the volts of a connected array.
    if (!wordDriven.some((x) => x) && bitLineVolts.every((x) => x === null)) return
    const expected = nodal(conducting, wires, ends, v.data, beside)
    for (const s of [prepareSolver, eliminationSolver]) {
      const { outputAmps } = s(conducting, wires, ends).solve(v, { injection: [beside] })
      for (const [j, x] of expected.entries()) expect(Math.abs(outputAmps.data[j]! - x)).toBeLessThanOrEqual(1e-10)
    }
  })

  property.prop([circuits])('all engines and block elimination agree', ({ g, v, wires }) => {
    const direct = eliminationSolver(g, wires, {}).solve(v)
    for (const engine of availableEngines()) {
      useEngine(engine)
      expectSame(prepareSolver(g, wires).solve(v), direct, 1e-12, cancelling(g, v))
    }
  })

  property.prop([circuits])('simd gives what plain TypeScript gives, to 1e-13', ({ g, v, wires }) => {
    const [plain, fast] = (['reference', usual] as const).map((engine) => {
      useEngine(engine)
      return prepareSolver(g, wires).solve(v, { nodes: true })
    })
    expectSame(fast!, plain!, 1e-13, cancelling(g, v))
  })

  property.prop([circuits])(
    'currents are conserved, whatever the ends',
    ({ g, v, wires, wordDriven, bitLineVolts }) => {
      const s = prepareSolver(g, wires, { wordDriven, bitLineVolts }).solve(v)
      const sum = (d: Float64Array) => d.reduce((a, b) => a + b, 0)
      const scale = maxAbs(s.inputAmps) + maxAbs(s.outputAmps)
      // What floats carries nothing, up to the rounding of volts of order one over its devices.
      const rounding = 1e-15 * g.data.reduce((a, b) => a + b, 0)
      expect(Math.abs(sum(s.inputAmps.data) - sum(s.outputAmps.data))).toBeLessThanOrEqual(1e-12 * scale + rounding)
    },
  )

  it('microvolts held at one bit line between word lines driven at both ends keep their digits', () => {
    const g = { rows: 2, cols: 2, data: Float64Array.from([1e-7, 1e-7, 1e-7, 1.7e-4]) }
    const wires: Wires = { wordSegment: 2e-5, bitSegment: 1, driver: 0, sense: 1, drive: 'both-ends' }
    const ends: Terminations = { wordDriven: [true, false], bitLineVolts: [-2e-6, 0] }
    const exact = eliminationSolver(g, wires, ends).solve(matrix(1, 2))
    for (const engine of availableEngines()) {
      useEngine(engine)
      const { outputAmps } = prepareSolver(g, wires, ends).solve(matrix(1, 2))
      for (const [j, x] of exact.outputAmps.data.entries())
        expect(Math.abs(outputAmps.data[j]! - x)).toBeLessThanOrEqual(1e-11 * maxAbs(exact.outputAmps))
    }
  })

  property.prop([circuits])('reciprocity: inputs and outputs may change places', ({ g, wires }) => {
    const { drive: _, ...ends } = wires
    const { rows: m, cols: n } = g
    const turned = matrix(n, m)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) turned.data[(n - 1 - j) * m + (m - 1 - i)] = g.data[i * n + j]!
    const other = { wordSegment: ends.bitSegment, bitSegment: ends.wordSegment, driver: ends.sense, sense: ends.driver }
    const unit = (size: number) =>
      matrix(
        size,
        size,
        Float64Array.from({ length: size * size }, (_, k) => (k % (size + 1) === 0 ? 1 : 0)),
      )
    const t = prepareSolver(g, ends).solve(unit(m)).outputAmps
    const back = prepareSolver(turned, other).solve(unit(n)).outputAmps
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        expect(Math.abs(t.data[i * n + j]! - back.data[(n - 1 - j) * m + (m - 1 - i)]!)).toBeLessThanOrEqual(
          1e-12 * maxAbs(t),
        )
  })
})
