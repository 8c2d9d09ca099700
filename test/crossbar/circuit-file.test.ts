import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { crossbarFromJson } from '../../src/crossbar/circuit-file.ts'
import { OHMIC } from '../../src/crossbar/iv.ts'
import { solveCircuit } from '../../src/crossbar/solve-circuit.ts'
import { prepareSolver, type Wires } from '../../src/crossbar/wires.ts'
import { availableEngines, useEngine } from '../../src/numerics/kernels/module.ts'
import { matrix, rowRange } from '../../src/numerics/matrix.ts'

const file = {
  format: 'ohmbit/crossbar/1',
  wordLines: 2,
  bitLines: 2,
  wordSegmentOhms: 1,
  bitSegmentOhms: 2,
  conductancesSiemens: [
    [1e-5, 2e-5],
    [3e-5, 4e-5],
  ],
  inputsVolts: [
    [0.1, 0.2],
    [0.3, -0.1],
  ],
}

const problems = (value: unknown) => {
  try {
    crossbarFromJson(value)
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems.map((p) => `${p.at?.pointer}: ${p.message}`)
    throw error
  }
  return []
}

describe('crossbar files', () => {
  it('plain: driven from one end, nothing floats', () => {
    const c = crossbarFromJson(file)
    expect(c.wires).toEqual({ wordSegment: 1, bitSegment: 2, driver: 0, sense: 0, drive: 'one-end' })
    expect(c.terminations).toEqual({})
  })

  it('both ends, floating lines, held bit lines', () => {
    const c = crossbarFromJson({
      ...file,
      drive: 'both-ends',
      bitLineVolts: [0, null],
      inputsVolts: [
        [null, 0.2],
        [null, -0.1],
      ],
    })
    expect(c.wires.drive).toBe('both-ends')
    expect(c.terminations).toEqual({ wordDriven: [false, true], bitLineVolts: [0, null] })
    expect(Array.from(c.inputs.data)).toEqual([0, 0.2, 0, -0.1])
  })

  it('a line that floats in one vector and is driven in another is refused', () => {
    expect(
      problems({
        ...file,
        inputsVolts: [
          [0.1, 0.2],
          [0.1, null],
        ],
      }),
    ).toEqual(['/inputsVolts/1/1: word line 1 is driven in vector 0 and floats in vector 1'])
  })

  it('every wrong value is named', () => {
    const found = problems({
      ...file,
      drive: 'middle',
      bitLineVolts: [0, '1'],
      conductancesSiemens: [
        [1e-5, null],
        [3e-5, 4e-5],
      ],
    })
    expect(found.map((x) => x.slice(0, x.indexOf(':')))).toEqual([
      '/drive',
      '/conductancesSiemens/0/1',
      '/bitLineVolts/1',
    ])
    expect(problems({ ...file, bitLineVolts: [0] })).toHaveLength(1)
  })
})

describe('device', () => {
  it('is linear where left out; parameters have the defaults of a profile', () => {
    expect(crossbarFromJson(file).law).toEqual(OHMIC)
    expect(crossbarFromJson({ ...file, device: { model: 'sinh', seriesOhms: 100 } }).law).toEqual({
      model: 'sinh',
      cubic: 0,
      voltage: 0.2,
      gamma: 2,
      seriesOhms: 100,
    })
  })

  it('every wrong value is named', () => {
    const device = { model: 'diode', cubic: '1', voltage: 0, gamma: 1, seriesOhms: -1, colour: 1 }
    expect(problems({ ...file, device })!.map((x) => x.slice(0, x.indexOf(':')))).toEqual([
      '/device/colour',
      '/device/model',
      '/device/cubic',
      '/device/voltage',
      '/device/gamma',
      '/device/seriesOhms',
    ])
    expect(problems({ ...file, device: 'sinh' })).toHaveLength(1)
    expect(problems({ ...file, device: null })).toHaveLength(1)
  })

  it('lines that float or are held go with linear devices', () => {
    const floating = { ...file, bitLineVolts: [0, null] }
    expect(crossbarFromJson({ ...floating, device: { seriesOhms: 10 } }).law.seriesOhms).toBe(10)
    expect(problems({ ...floating, device: { model: 'sinh' } })).toEqual([
      '/device/model: model sinh is solved with every word line driven and every bit line at 0 V',
    ])
    expect(crossbarFromJson({ ...file, bitLineVolts: [0, 0], device: { model: 'sinh' } }).law.model).toBe('sinh')
  })
})

describe('the method for all vectors of a file', () => {
  it('very many vectors go through the whole matrix, and give what one by one gives', () => {
    if (!availableEngines().includes('simd')) return
    useEngine('simd')
    const side = 64
    const vectors = 5000
    const wave = (k: number) => Math.abs(Math.sin(k * 12.9898))
    const g = matrix(
      side,
      side,
      Float64Array.from({ length: side * side }, (_, k) => 1e-4 * wave(k)),
    )
    const wires: Wires = { wordSegment: 1, bitSegment: 2, driver: 3, sense: 4 }
    const inputs = matrix(
      vectors,
      side,
      Float64Array.from({ length: vectors * side }, (_, k) => wave(k) - 0.5),
    )
    const s = solveCircuit(g, wires, {}, inputs, false)
    expect(s.method).toBe('multiport')
    expect(s.inputAmps).toBeNull()
    expect(s.residual).toBeLessThan(1e-11)
    const few = rowRange(inputs, 0, 20)
    const one = prepareSolver(g, wires).solve(few)
    const largest = one.outputAmps.data.reduce((a, x) => Math.max(a, Math.abs(x)), 0)
    for (const [k, x] of one.outputAmps.data.entries())
      expect(Math.abs(x - s.outputAmps.data[k]!)).toBeLessThanOrEqual(1e-12 * largest)
    expect(solveCircuit(g, wires, {}, few, false).method).toBe('schur-pcg')
  })
})

describe('keys of a crossbar file', () => {
  const good = {
    format: 'ohmbit/crossbar/1',
    wordLines: 1,
    bitLines: 1,
    conductancesSiemens: [[1e-5]],
    inputsVolts: [[0.1]],
  }

  it('a misspelt one is refused with the one that was meant; what tells about the file may stand beside', () => {
    expect(() => crossbarFromJson({ ...good, wordSegmentOhm: 200 })).toThrow(/unknown key "wordSegmentOhm"/)
    expect(() => crossbarFromJson({ ...good, senseOhm: 500 })).toThrow(/unknown key "senseOhm"/)
    expect(
      crossbarFromJson({ ...good, convention: 'text', expected: {}, note: '', wordLineVolts: [], outputVolts: [] })
        .conductance.data[0],
    ).toBe(1e-5)
  })
})
