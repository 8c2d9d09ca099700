import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { cellCurve, type DeviceLaw, deviceCurve, OHMIC } from '../../src/crossbar/iv.ts'
import { nonlinearSolver } from '../../src/crossbar/nonlinear.ts'
import { prepareSolver, type Wires } from '../../src/crossbar/wires.ts'
import { fromRows, type Matrix, matrix, maxAbs, row } from '../../src/numerics/matrix.ts'

const NONE: Wires = { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0 }
const ohms = fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 2000, noNaN: true }))
const wiring: fc.Arbitrary<Wires> = fc.record({
  wordSegment: ohms,
  bitSegment: ohms,
  driver: ohms,
  sense: ohms,
  drive: fc.constantFrom('one-end', 'both-ends'),
})
const laws: fc.Arbitrary<DeviceLaw> = fc.record({
  model: fc.constantFrom('milo2021', 'cubic', 'sinh', 'power-law'),
  cubic: fc.double({ min: -3, max: 3, noNaN: true }),
  voltage: fc.double({ min: 0.05, max: 1, noNaN: true }),
  gamma: fc.double({ min: 2, max: 8, noNaN: true }),
  seriesOhms: fc.oneof(fc.constant(0), fc.double({ min: 100, max: 1e5, noNaN: true })),
})
const siemens = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 1e-6, max: 3e-4, noNaN: true }) },
  fc.constant(0),
  fc.constant(1e-2),
)
const volts = fc.integer({ min: -500, max: 500 }).map((n) => n / 1000)

const arrays = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).chain(([m, n]) =>
  fc.record({
    g: fc.array(siemens, { minLength: m * n, maxLength: m * n }).map((data) => matrix(m, n, Float64Array.from(data))),
    inputs: fc
      .array(volts, { minLength: 2 * m, maxLength: 2 * m })
      .map((data) => matrix(2, m, Float64Array.from(data))),
    wires: wiring,
    law: laws,
  }),
)

/** max |a - b| over max |b| */
const distance = (a: Matrix, b: Matrix) =>
  a.data.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b.data[i]!)), 0) / Math.max(maxAbs(b), 1e-300)

describe('laws of any array', () => {
  property.prop([arrays], { numRuns: 200 })(
    'every device carries what its law says at the volts between its nodes, and current is conserved',
    ({ g, inputs, wires, law }) => {
      const s = nonlinearSolver({ conductance: g, wires, law }).solve(inputs, { nodes: true })
      expect(s.residual).toBeLessThanOrEqual(1e-12)
      const cell = cellCurve(law)
      const out = new Float64Array(2)
      for (let v = 0; v < inputs.rows; v++) {
        const scale = Math.max(maxAbs(row(s.outputAmps, v)), maxAbs(row(s.inputAmps, v)))
        const bits = new Float64Array(g.cols)
        const words = new Float64Array(g.rows)
        const { word, bit } = s.nodes[v]!
        for (let i = 0; i < g.rows; i++)
          for (let j = 0; j < g.cols; j++) {
            const k = i * g.cols + j
            cell(g.data[k]!, word.data[k]! - bit.data[k]!, out)
            words[i]! += out[0]!
            bits[j]! += out[0]!
          }
        // Volts between nodes of a good conductor round off: 1e-16 V times its conductance.
        const rounding = 1e-15 * maxAbs(g) * Math.max(1, 0.5 / law.voltage)
        for (let j = 0; j < g.cols; j++)
          expect(Math.abs(bits[j]! - s.outputAmps.data[v * g.cols + j]!)).toBeLessThanOrEqual(
            1e-9 * scale + 100 * rounding,
          )
        for (let i = 0; i < g.rows; i++)
          expect(Math.abs(words[i]! - s.inputAmps.data[v * g.rows + i]!)).toBeLessThanOrEqual(
            1e-9 * scale + 100 * rounding,
          )
        const sum = (a: Float64Array) => a.reduce((x, y) => x + y, 0)
        expect(Math.abs(sum(row(s.outputAmps, v)) - sum(row(s.inputAmps, v)))).toBeLessThanOrEqual(1e-13 * scale)
      }
    },
  )

  property.prop([arrays])('no non-linearity: the linear solver to 1e-12', ({ g, inputs, wires }) => {
    const linear = prepareSolver(g, wires).solve(inputs)
    for (const law of [OHMIC, { ...OHMIC, model: 'cubic' } as const, { ...OHMIC, model: 'power-law' } as const])
      expect(
        distance(nonlinearSolver({ conductance: g, wires, law }).solve(inputs).outputAmps, linear.outputAmps),
      ).toBeLessThanOrEqual(1e-12 * Math.max(1, maxAbs(linear.inputAmps) / Math.max(maxAbs(linear.outputAmps), 1e-300)))
  })

  property.prop([arrays])('sinh with a large V0 tends to linear as 1 / V0^2', ({ g, inputs, wires }) => {
    const solve = (voltage: number) =>
      nonlinearSolver({ conductance: g, wires, law: { ...OHMIC, model: 'sinh', voltage } }).solve(inputs)
    const linear = nonlinearSolver({ conductance: g, wires, law: OHMIC }).solve(inputs)
    const scale = maxAbs(linear.inputAmps) + 1e-300
    const off = (s: { outputAmps: Matrix }) =>
      s.outputAmps.data.reduce((w, x, i) => Math.max(w, Math.abs(x - linear.outputAmps.data[i]!)), 0) / scale
    expect(off(solve(50))).toBeLessThanOrEqual(0.5 ** 2 / 50 ** 2)
    expect(off(solve(5000))).toBeLessThanOrEqual(0.5 ** 2 / 5000 ** 2 + 4e-12)
  })

  property.prop([arrays, fc.nat(), fc.double({ min: 0, max: 0.3, noNaN: true })])(
    'more volts on a word line: no less current from its driver',
    ({ g, inputs, wires, law }, pick, more) => {
      const i = pick % g.rows
      const raised = matrix(1, g.rows, row(inputs, 0).slice())
      raised.data[i]! += more
      const solver = nonlinearSolver({ conductance: g, wires, law })
      const before = solver.solve(inputs)
      const after = solver.solve(raised)
      const scale = Math.max(maxAbs(before.inputAmps), maxAbs(after.inputAmps))
      expect(after.inputAmps.data[i]! - before.inputAmps.data[i]!).toBeGreaterThanOrEqual(-1e-11 * scale)
      if (maxAbs([wires.wordSegment, wires.driver]) === 0 || g.cols === 1)
        // Each bit line then stands by itself and takes no less either.
        for (let j = 0; j < g.cols; j++)
          expect(after.outputAmps.data[j]! - before.outputAmps.data[j]!).toBeGreaterThanOrEqual(-1e-11 * scale)
    },
  )

  property.prop([arrays])('the currents of a vector do not depend on the batch, bit for bit', (array) => {
    const { g: conductance, wires, law, inputs } = array
    const both = nonlinearSolver({ conductance, wires, law }).solve(inputs)
    const second = nonlinearSolver({ conductance, wires, law }).solve(matrix(1, inputs.cols, row(inputs, 1)))
    expect(Array.from(row(both.outputAmps, 1))).toEqual(Array.from(second.outputAmps.data))
  })

  property.prop([arrays])(
    'starting from the vector before gives the same',
    ({ g: conductance, wires, law, inputs }) => {
      const near = matrix(2, inputs.cols, inputs.data.slice())
      near.data.set(
        row(inputs, 0).map((x) => 0.9 * x),
        inputs.cols,
      )
      const solver = nonlinearSolver({ conductance, wires, law })
      const fresh = solver.solve(near)
      const warm = solver.solve(near, { continuing: true })
      const scale = Math.max(maxAbs(fresh.inputAmps), 1e-300)
      for (const [k, a] of warm.outputAmps.data.entries())
        expect(Math.abs(a - fresh.outputAmps.data[k]!)).toBeLessThanOrEqual(1e-10 * scale)
    },
  )
})

describe('against Newton by the linear solver of the wires', () => {
  // Device slopes as conductances and the rest as sources beside them: another formulation, another solver.
  it.each<DeviceLaw>([
    { ...OHMIC, model: 'milo2021' },
    { ...OHMIC, model: 'cubic', cubic: 0.25 },
    { ...OHMIC, model: 'sinh', voltage: 0.1 },
    { ...OHMIC, model: 'power-law', voltage: 0.2, gamma: 3 },
  ])('$model', (law) => {
    const [m, n] = [12, 9]
    const g = matrix(
      m,
      n,
      Float64Array.from({ length: m * n }, (_, k) => 1e-6 * (50 + ((k * 37) % 170))),
    )
    const wires: Wires = { wordSegment: 5, bitSegment: 3, driver: 40, sense: 25 }
    const inputs = fromRows([Array.from({ length: m }, (_, i) => 0.4 * Math.sin(1 + 2 * i))])
    const curve = deviceCurve(law)
    const out = new Float64Array(2)
    const at = new Float64Array(m * n)
    let amps = new Float64Array(n)
    for (let step = 0; step < 12; step++) {
      const slope = matrix(m, n)
      const injection = at.map((v, k) => {
        curve(g.data[k]!, v, out)
        slope.data[k] = Math.max(out[1]!, 1e-9)
        return out[0]! - slope.data[k]! * v
      })
      const s = prepareSolver(slope, wires).solve(inputs, { injection: [injection], nodes: true })
      for (let k = 0; k < m * n; k++) at[k] = s.nodes[0]!.word.data[k]! - s.nodes[0]!.bit.data[k]!
      amps = s.outputAmps.data.slice()
    }
    const ours = nonlinearSolver({ conductance: g, wires, law }).solve(inputs)
    for (const [j, a] of amps.entries())
      expect(Math.abs(a - ours.outputAmps.data[j]!)).toBeLessThan(1e-11 * maxAbs(amps))
  })
})

describe('extremes', () => {
  const law: DeviceLaw = { ...OHMIC, model: 'sinh', voltage: 0.02 }
  const g = matrix(
    16,
    16,
    Float64Array.from({ length: 256 }, (_, k) => (k % 19 === 0 ? 1 : k % 17 === 0 ? 0 : 1e-6 * (1 + (k % 100)))),
  )
  const inputs = fromRows([Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 0.5 : -0.4))])

  it('shorts, open devices, steep laws and bad wires still converge', () => {
    for (const segment of [1e-4, 1, 1000, 1e5]) {
      const wires = { wordSegment: segment, bitSegment: segment, driver: 50, sense: 20 }
      const s = nonlinearSolver({ conductance: g, wires, law }).solve(inputs)
      expect(s.residual).toBeLessThanOrEqual(1e-12)
      expect(s.steps).toBeLessThan(100)
    }
  })

  it('no volts, no current, no steps', () => {
    const s = nonlinearSolver({ conductance: g, wires: { ...NONE, driver: 10 }, law }).solve(matrix(2, 16))
    expect([maxAbs(s.outputAmps), s.residual, s.steps]).toEqual([0, 0, 0])
  })

  it('what does not converge is refused with the vector and the residual', () => {
    const wires = { wordSegment: 1, bitSegment: 1, driver: 0, sense: 0 }
    const solver = nonlinearSolver({ conductance: g, wires, law })
    expect(() => solver.solve(matrix(1, 16, new Float64Array(16).fill(Number.NaN)))).toThrow(
      expect.objectContaining({ code: 'OHM2004' }),
    )
    expect(solver.solve(inputs).residual).toBeLessThanOrEqual(1e-12)
  })

  it('devices beyond the voltage of their model are counted', () => {
    const cubic: DeviceLaw = { ...OHMIC, model: 'cubic', cubic: 4 }
    const one = matrix(2, 2, Float64Array.of(1e-5, 1e-5, 1e-5, 0))
    const solver = (wires: Wires) => nonlinearSolver({ conductance: one, wires, law: cubic })
    // It turns over at 0.2887 V.
    for (const wires of [NONE, { ...NONE, driver: 1 }]) {
      expect(solver(wires).solve(fromRows([[0.3, 0.2]])).beyond).toBe(2)
      expect(solver(wires).solve(fromRows([[0.2, -0.3]])).beyond).toBe(1)
    }
  })
})
