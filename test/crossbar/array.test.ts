import { describe, expect, it } from 'vitest'
import { effectiveMatrix, fabricateArray } from '../../src/crossbar/array.ts'
import { drifted } from '../../src/crossbar/drift.ts'
import { NO_FAULTS } from '../../src/crossbar/fault-map.ts'
import { FAULT_KINDS, faultOf } from '../../src/crossbar/faults.ts'
import { mapLayer, type Tile } from '../../src/crossbar/mapping.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import { type ChipKey, normalAt, site, uniformAt } from '../../src/numerics/random.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectCount, expectMoments, expectUncorrelated, variance } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'
import { pairs } from '../support/tile.ts'

const key: ChipKey = { seed: 21, chip: 4 }
const LOW = 2e-6
const HIGH = 40e-6
type Changes = Partial<Record<FieldPath, FieldValue>>
const profileOf = (changes: Changes = {}) =>
  profileWith({
    'device.conductanceMin': LOW,
    'device.conductanceMax': HIGH,
    'environment.timeSinceProgramming': 3600,
    ...changes,
  })

/** A tile of many different targets; no weight sits exactly on 0, middle or maximum. */
function tileOf(rows: number, cols: number): Tile {
  const target = matrix(rows, cols)
  for (let k = 0; k < target.data.length; k++) target.data[k] = LOW + (HIGH - LOW) * (0.1 + 0.7 * ((k * 0.618) % 1))
  return pairs(target, 1)
}

const programming: Changes = { 'device.programming.model': 'reram-wan2022-ibm' }
const drift: Changes = { 'device.drift.model': 'pcm-nandakumar' }
const faults: Changes = {
  'device.faults.stuckAtMin': 0.02,
  'device.faults.stuckAtMax': 0.03,
  'device.faults.stuckAtMid': 0.01,
  'device.faults.formingFailure': 0.04,
}
const dead: Changes = { 'device.faults.deadWordLine': 0.1, 'device.faults.deadBitLine': 0.05 }

describe('a fabricated array', () => {
  const tile = tileOf(60, 60)
  const made = (changes: Changes, k = key, stage = 0, index = 0) =>
    fabricateArray(tile, profileOf(changes), k, stage, index)

  it('without imperfections conducts what was asked for, bit for bit, and the target is not touched', () => {
    const before = tile.target.data.slice()
    const { conductance, faults: counts } = made({})
    expect(conductance.data).toEqual(tile.target.data)
    expect(counts).toEqual(NO_FAULTS)
    made({ ...programming, ...drift, ...faults, ...dead })
    expect(tile.target.data).toEqual(before)
  })

  it('with every model at scale 0 is ideal, bit for bit', () => {
    const off = { 'device.programming.scale': 0, 'device.drift.scale': 0 }
    expect(made({ ...programming, ...drift, ...off }).conductance.data).toEqual(tile.target.data)
  })

  it('never conducts negatively, whatever is switched on', () => {
    const all = made({ ...programming, ...drift, ...faults, ...dead, 'device.programming.scale': 10 })
    expect(all.conductance.data.every((g) => g >= 0 && Number.isFinite(g))).toBe(true)
  })

  it('is the same again, and another for another chip, seed, layer or tile', () => {
    const one = made(programming).conductance.data
    expect(made(programming).conductance.data).toEqual(one)
    const errors = (g: Float64Array) => g.map((x, k) => x - tile.target.data[k]!)
    for (const other of [
      made(programming, { seed: 21, chip: 5 }),
      made(programming, { seed: 22, chip: 4 }),
      made(programming, key, 1),
      made(programming, key, 0, 1),
    ])
      expectUncorrelated(errors(other.conductance.data), errors(one))
  })
})

describe('mechanisms do not disturb each other', () => {
  const tile = tileOf(80, 80)
  const made = (changes: Changes) => fabricateArray(tile, profileOf(changes), key, 0, 0).conductance.data

  it('faults override the faulty devices and leave the others bit for bit', () => {
    const without = made({ ...programming, ...drift })
    const withFaults = made({ ...programming, ...drift, ...faults })
    const { device } = profileOf(faults)
    let faulty = 0
    for (const [k, g] of withFaults.entries()) {
      const kind = faultOf(uniformAt(key, site(0, 'fault'), Math.floor(k / 80), k % 80), device.faults)
      if (kind === null) expect(g).toBe(without[k])
      else {
        faulty++
        expect(g).toBe({ stuckAtMin: LOW, stuckAtMax: HIGH, stuckAtMid: (LOW + HIGH) / 2, formingFailure: 0 }[kind])
      }
    }
    expect(faulty).toBeGreaterThan(0)
  })

  it('faulty devices are the same with and without programming error and drift', () => {
    const places = (changes: Changes) => {
      const clean = made(changes)
      return Array.from(made({ ...changes, ...faults }), (g, k) => (g === clean[k] ? 0 : g))
    }
    expect(places({ ...programming, ...drift })).toEqual(places({}))
  })

  it('drift ages what was programmed, with the exponents it has without programming error', () => {
    const { device } = profileOf(drift)
    const age = (g: number, k: number) =>
      drifted(g, tile.target.data[k]!, device, 3600, () =>
        normalAt(key, site(0, 'driftExponent'), Math.floor(k / 80), k % 80),
      )
    expect(made({ ...programming, ...drift })).toEqual(made(programming).map(age))
    expect(made(drift)).toEqual(tile.target.data.map(age))
  })

  it('programming error is the same at another scale of drift and in the presence of dead lines', () => {
    const plain = made(programming)
    const cut = made({ ...programming, ...dead })
    let open = 0
    for (const [k, g] of cut.entries()) {
      if (g === 0) open++
      else expect(g).toBe(plain[k])
    }
    expect(open).toBeGreaterThan(0)
  })

  it('a class of faults switched off leaves the classes before it where they were', () => {
    const { stuckAtMin, stuckAtMax } = profileOf(faults).device.faults
    const fewer = { stuckAtMin, stuckAtMax, stuckAtMid: 0, formingFailure: 0, deadWordLine: 0, deadBitLine: 0 }
    const all = profileOf(faults).device.faults
    for (let k = 0; k < 5000; k++) {
      const u = uniformAt(key, site(0, 'fault'), k)
      const kind = faultOf(u, all)
      expect(faultOf(u, fewer)).toBe(kind === 'stuckAtMin' || kind === 'stuckAtMax' ? kind : null)
    }
  })

  it('ageing one chip is a trajectory: every device falls monotonically', () => {
    const times = [0, 1, 20, 3600, 86400, 1e7]
    const series = times.map((t) =>
      made({
        ...programming,
        ...drift,
        'environment.timeSinceProgramming': t,
        'device.programming.model': 'pcm-joshi',
      }),
    )
    for (let t = 1; t < times.length; t++) expect(series[t]!.findIndex((g, k) => !(g <= series[t - 1]![k]!))).toBe(-1)
  })
})

describe('faults', () => {
  const tile = tileOf(300, 300)
  const { faults: counts, conductance } = fabricateArray(tile, profileOf(faults), key, 0, 0)
  const n = 90_000

  it.each([
    ['stuckAtMin', 0.02, LOW],
    ['stuckAtMax', 0.03, HIGH],
    ['stuckAtMid', 0.01, (LOW + HIGH) / 2],
    ['formingFailure', 0.04, 0],
  ] as const)('%s: its share of the devices, at its conductance', (kind, p, g) => {
    expectCount(counts[kind], n, p)
    expect(conductance.data.filter((x) => x === g).length).toBe(counts[kind])
  })

  it('a device is in one class at most', () => {
    const changed = conductance.data.filter((g, k) => g !== tile.target.data[k]).length
    expect(changed).toBe(FAULT_KINDS.reduce((sum, kind) => sum + counts[kind], 0))
  })

  it('the intervals fill (0, 1) when the probabilities do', () => {
    const all = { stuckAtMin: 0.25, stuckAtMax: 0.25, stuckAtMid: 0.25, formingFailure: 0.25 }
    const lines = { deadWordLine: 0, deadBitLine: 0 }
    expect([0.1, 0.3, 0.6, 0.99999].map((u) => faultOf(u, { ...all, ...lines }))).toEqual(FAULT_KINDS)
    expect(faultOf(0.5, { ...NO_FAULTS })).toBeNull()
  })

  it('a dead line is open from end to end, the others are whole; their share is binomial', () => {
    const wide = tileOf(800, 400)
    const { faults: lost, conductance: g } = fabricateArray(wide, profileOf(dead), key, 0, 0)
    const openRow = Array.from({ length: 800 }, (_, i) => g.data.subarray(i * 400, (i + 1) * 400).every((x) => x === 0))
    const openCol = Array.from({ length: 400 }, (_, j) => openRow.every((_, i) => g.data[i * 400 + j] === 0))
    expect(openRow.filter(Boolean).length).toBe(lost.deadWordLine)
    expect(openCol.filter(Boolean).length).toBe(lost.deadBitLine)
    expectCount(lost.deadWordLine, 800, 0.1)
    expectCount(lost.deadBitLine, 400, 0.05)
    const wrong = g.data.findIndex((x, k) => (x === 0) !== (openRow[Math.floor(k / 400)]! || openCol[k % 400]!))
    expect(wrong).toBe(-1)
  })
})

describe('devices in parallel', () => {
  it('k a side divide the independent error by sqrt(k)', () => {
    const outputs = 60
    const words = 100
    const weights = matrix(outputs, words)
    for (let k = 0; k < weights.data.length; k++) weights.data[k] = 2 * ((k * 0.618) % 1) - 1
    for (const k of [1, 4, 16]) {
      const profile = profileOf({
        'device.devicesPerSide': k,
        'device.programming.model': 'normal-independent',
        'device.programming.sigma': 0.005,
        'device.conductanceMin': 10e-6,
        'crossbar.wordLines': 4096,
        'crossbar.bitLines': 4096,
      })
      const layer = mapLayer(weights, profile.device, profile.crossbar)
      const { conductance } = fabricateArray(layer.tiles[0]!, profile, key, 0, 0)
      const effective = effectiveMatrix(conductance, layer.tiles[0]!, profile.crossbar.wires)
      const error = effective.data.map((s, i) => s / layer.scale - weights.data[i]!)
      // two sides of k devices, sigma = 0.005 gMax each
      expectMoments(error, 0, (Math.sqrt(2 * k) * 0.005 * HIGH) / layer.scale)
      expect(variance(error)).toBeGreaterThan(0)
    }
  })
})
