import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { type FaultMap, faultMap, NO_FAULTS } from '../../src/crossbar/fault-map.ts'
import { type Repaired, repairFaults } from '../../src/crossbar/fault-repair.ts'
import { mapLayer } from '../../src/crossbar/mapping.ts'
import { weightSums } from '../../src/crossbar/weight-devices.ts'
import { fromRows, type Matrix, matrix } from '../../src/numerics/matrix.ts'
import { profileWith } from '../support/profile.ts'

const LOW = 1e-6
const HIGH = 40e-6
const base = { 'device.conductanceMin': LOW, 'device.conductanceMax': HIGH } as const
type Changes = Parameters<typeof profileWith>[0]

/** A fault map of one array with these devices stuck, siemens. */
function stuckAt(
  { rows, cols }: Matrix,
  devices: readonly (readonly [row: number, line: number, g: number])[],
): FaultMap {
  const stuck = new Float64Array(rows * cols).fill(Number.NaN)
  for (const [i, j, g] of devices) stuck[i * cols + j] = g
  return { stuck, open: null, counts: NO_FAULTS }
}

/** Weights in siemens that a repaired layer holds, faults included: outputs x words. */
function held(repaired: Repaired, maps: readonly (FaultMap | null)[], like: Matrix): Float64Array {
  const g = repaired.tiles.map(({ target }, t) =>
    target.data.map((x, k) => (Number.isNaN(maps[t]?.stuck[k] ?? Number.NaN) ? x : maps[t]!.stuck[k]!)),
  )
  return weightSums(repaired.tiles, g, like.rows, like.cols)
}

describe('compensate', () => {
  const weights = fromRows([
    [0.5, -0.25],
    [1, -1],
  ])
  const repair = (devices: Parameters<typeof stuckAt>[1], changes: Changes = {}) => {
    const profile = profileWith({ ...base, 'crossbar.faultRepair': 'compensate', ...changes })
    const mapped = mapLayer(weights, profile.device, profile.crossbar)
    const maps = [stuckAt(mapped.tiles[0]!.target, devices)]
    const repaired = repairFaults({ tiles: mapped.tiles, outputs: 2, words: 2 }, maps, profile)
    return { repaired, sums: held(repaired, maps, weights), wanted: weights.data.map((w) => w * mapped.scale) }
  }
  const near = (actual: number, wanted: number) => expect(Math.abs(actual - wanted)).toBeLessThan(1e-15 * HIGH)

  it('a stuck device is made good exactly by its partner where the range allows', () => {
    // w = 0.5: G+ - G- = 19.5 uS
    for (const [line, g] of [
      [0, HIGH],
      [0, 30e-6],
      [1, (LOW + HIGH) / 2],
    ] as const) {
      const { repaired, sums, wanted } = repair([[0, line, g]])
      for (const [k, w] of wanted.entries()) near(sums[k]!, w)
      expect(repaired.report).toMatchObject({ faultyWeights: 1, repairedWeights: 1 })
      expect(repaired.report!.errorAfter).toBeLessThan(1e-14)
      expect(repaired.report!.errorBefore).toBeGreaterThan(0.05)
    }
  })

  it('where it does not, the partner goes as far as it can', () => {
    // w = 1: G+ stuck at 1 uS leaves G- at 1 uS, its least; nothing can be done.
    const low = repair([[0, 2, LOW]])
    near(low.sums[2]!, 0)
    expect(low.repaired.report).toMatchObject({ faultyWeights: 1, repairedWeights: 0 })
    // w = -1: G+ stuck at 40 uS, G- at its most.
    const high = repair([[1, 2, HIGH]])
    near(high.sums[3]!, 0)
  })

  it('several devices a side share what one of them lacks', () => {
    const { repaired, sums, wanted } = repair([[0, 0, LOW]], { 'device.devicesPerSide': 3 })
    for (const [k, w] of wanted.entries()) near(sums[k]!, w)
    const [, second, third] = repaired.tiles[0]!.target.data
    expect(second).toBe(third)
    expect(second! - LOW).toBeCloseTo((3 / 2) * 0.5 * (HIGH - LOW), 12)
  })

  it('on levels, to half a step', () => {
    const { sums, wanted } = repair([[0, 0, 23.7e-6]], { 'device.levels': 40 })
    expect(Math.abs(sums[0]! - wanted[0]!)).toBeLessThanOrEqual(0.5e-6 * (1 + 1e-9))
    expect(Math.abs(sums[0]! - wanted[0]!)).toBeGreaterThan(0)
  })

  it('a dead line of the interleaved layout leaves the other sign', () => {
    // Rows 0 and 1 are word 0 driven with + and -; row 1 is dead, so only positive weights remain.
    const { sums, wanted } = repair(
      [
        [1, 0, 0],
        [1, 1, 0],
        [0, 1, LOW],
      ],
      { 'crossbar.layout': 'interleaved', 'device.conductanceMin': 0 },
    )
    expect(sums[0]).toBeCloseTo(wanted[0]!, 15)
    expect(sums[2]).toBeCloseTo(LOW, 15)
  })
})

describe('reassign', () => {
  it('gives stuck devices to the weights that want them', () => {
    // Output 0 is all positive, output 1 all negative; the + devices of the first pair of lines are stuck at the least.
    const weights = fromRows([
      [0.9, 0.8, 0.7],
      [-0.9, -0.8, -1],
      [0.5, 0.1, 0],
    ])
    const profile = profileWith({ ...base, 'crossbar.faultRepair': 'reassign' })
    const mapped = mapLayer(weights, profile.device, profile.crossbar)
    const maps = [
      stuckAt(
        mapped.tiles[0]!.target,
        [0, 1, 2].map((i) => [i, 0, LOW] as const),
      ),
    ]
    const repaired = repairFaults({ tiles: mapped.tiles, outputs: 3, words: 3 }, maps, profile)
    expect(repaired.tiles[0]!.lineOutputs).toEqual([1, 1, 0, 0, 2, 2])
    expect(repaired.report!.errorAfter).toBeLessThan(1e-14)
    for (const [k, w] of weights.data.entries())
      expect(Math.abs(held(repaired, maps, weights)[k]! - w * mapped.scale)).toBeLessThan(1e-15 * HIGH)
  })

  it('moves nothing without a gain', () => {
    const weights = fromRows([
      [0.5, 0.5],
      [0.4, 0.4],
      [1, -1],
    ])
    const profile = profileWith({ ...base, 'crossbar.faultRepair': 'reassign' })
    const mapped = mapLayer(weights, profile.device, profile.crossbar)
    const maps = [stuckAt(mapped.tiles[0]!.target, [[0, 1, 2e-6]])]
    const repaired = repairFaults({ tiles: mapped.tiles, outputs: 3, words: 2 }, maps, profile)
    expect(repaired.tiles[0]!.lineOutputs).toEqual(mapped.tiles[0]!.lineOutputs)
  })
})

const cases = fc.record({
  outputs: fc.integer({ min: 1, max: 6 }),
  words: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
  mapping: fc.constantFrom(
    'differential-one-sided',
    'differential-two-sided',
    'offset-column',
    'dual-pair',
    'bit-sliced',
  ),
  layout: fc.constantFrom('adjacent', 'separate', 'interleaved'),
  devices: fc.integer({ min: 1, max: 3 }),
  levels: fc.constantFrom(null, 2, 5, 33),
  kinds: fc.constantFrom<Changes>(
    { 'device.faults.stuckAtMin': 0.2 },
    { 'device.faults.stuckAtMax': 0.2, 'device.faults.formingFailure': 0.1 },
    { 'device.faults.stuckAtMid': 0.3 },
    { 'device.faults.deadBitLine': 0.2, 'device.faults.deadWordLine': 0.1 },
  ),
  bitLines: fc.constantFrom(128, 12),
})

describe('squared weight error', () => {
  property.prop([cases], { numRuns: 150 })('reassign <= compensate <= none', (c) => {
    const layout = c.mapping === 'offset-column' && c.layout === 'interleaved' ? 'adjacent' : c.layout
    const profileOf = (repair: 'none' | 'compensate' | 'reassign') =>
      profileWith({
        ...base,
        ...c.kinds,
        'device.devicesPerSide': c.devices,
        'device.levels': c.levels,
        'crossbar.mapping': c.mapping,
        'crossbar.layout': layout,
        'crossbar.bitLines': Math.max(c.bitLines, 4 * c.devices),
        'crossbar.faultRepair': repair,
      })
    const draw = (k: number) => Math.sin((k + 1) * 12.9898 + c.seed) * 0.999
    const weights = matrix(
      c.outputs,
      c.words,
      Float64Array.from({ length: c.outputs * c.words }, (_, k) => draw(k)),
    )
    const { device, crossbar } = profileOf('none')
    const mapped = mapLayer(weights, device, crossbar)
    const maps = mapped.tiles.map((tile, t) => faultMap(tile.target, device, { seed: c.seed, chip: 0 }, 0, t))
    const layer = { tiles: mapped.tiles, outputs: c.outputs, words: c.words }
    const wanted = weightSums(
      mapped.tiles,
      mapped.tiles.map((t) => t.target.data),
      c.outputs,
      c.words,
    )
    const error = (repair: 'none' | 'compensate' | 'reassign') => {
      const repaired = repairFaults(layer, maps, profileOf(repair))
      for (const [t, { target, lineOutputs }] of repaired.tiles.entries()) {
        for (const g of target.data) expect(g >= LOW && g <= HIGH).toBe(true)
        expect([...lineOutputs].sort()).toEqual([...mapped.tiles[t]!.lineOutputs].sort())
      }
      const sums = held(repaired, maps, weights)
      return sums.reduce((s, x, k) => s + (x - wanted[k]!) ** 2, 0)
    }
    const slack = 1e-12 * HIGH * HIGH
    expect(error('compensate')).toBeLessThanOrEqual(error('none') + slack)
    expect(error('reassign')).toBeLessThanOrEqual(error('compensate') + slack)
  })
})
