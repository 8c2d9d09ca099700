import { fc, test as property } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { addTile, effectiveMatrix } from '../../src/crossbar/array.ts'
import { mapLayer } from '../../src/crossbar/mapping.ts'
import { moveWeight, room, snapWeight, weightDevices, weightSums } from '../../src/crossbar/weight-devices.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import { profileWith } from '../support/profile.ts'

const LOW = 1e-6
const HIGH = 40e-6

const layers = fc
  .record({
    outputs: fc.integer({ min: 1, max: 5 }),
    words: fc.integer({ min: 1, max: 5 }),
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
    bitLines: fc.constantFrom(128, 12),
    kind: fc.constantFrom('current', 'digitised'),
  })
  .map((c) => {
    const profile = profileWith({
      'device.conductanceMin': LOW,
      'device.conductanceMax': HIGH,
      'device.devicesPerSide': c.devices,
      'crossbar.mapping': c.mapping,
      'crossbar.layout': c.mapping === 'offset-column' && c.layout === 'interleaved' ? 'adjacent' : c.layout,
      'crossbar.wordLines': 4,
      'crossbar.bitLines': Math.max(c.bitLines, 4 * c.devices),
      'crossbar.partialSums.kind': c.kind,
    })
    const data = Float64Array.from({ length: c.outputs * c.words }, (_, k) => Math.sin((k + 1) * 7.77 + c.seed))
    const weights = matrix(c.outputs, c.words, data)
    const mapped = mapLayer(weights, profile.device, profile.crossbar)
    return { ...c, profile, weights, mapped, g: mapped.tiles.map((t) => t.target.data.slice()) }
  })

describe('the devices of a weight, in every mapping and layout', () => {
  property.prop([layers])('add up, counted, to the effective matrix and to scale x weight', (c) => {
    const sums = weightSums(c.mapped.tiles, c.g, c.outputs, c.words)
    const whole = matrix(c.outputs, c.words)
    for (const tile of c.mapped.tiles)
      addTile(whole, effectiveMatrix(tile.target, tile, c.profile.crossbar.wires), tile, 1)
    for (const [k, sum] of sums.entries()) {
      expect(Math.abs(sum - whole.data[k]!)).toBeLessThan(1e-13 * c.mapped.scale)
      expect(Math.abs(sum - c.mapped.scale * c.weights.data[k]!)).toBeLessThan(1e-13 * c.mapped.scale)
    }
  })

  property.prop([layers, fc.double({ min: -1, max: 1, noNaN: true }), fc.boolean()])(
    'a change is reached, or all of the range is used; other weights stay; equal devices stay equal',
    (c, share, symmetric) => {
      const devices = weightDevices(c.mapped.tiles, c.outputs, c.words)
      const k = c.seed % (c.outputs * c.words)
      const before = weightSums(c.mapped.tiles, c.g, c.outputs, c.words)
      const change = share * 2 * c.mapped.scale
      const { lower, raise } = room(devices, k, c.g, change, c.profile.device)
      const missing = moveWeight(devices, k, c.g, change, symmetric ? 'symmetric' : 'spare', c.profile.device)
      const after = weightSums(c.mapped.tiles, c.g, c.outputs, c.words)
      const grain = 1e-12 * c.mapped.scale * Math.max(1, ...c.mapped.tiles.flatMap((t) => t.lineWeights))
      for (const [i, sum] of after.entries())
        expect(Math.abs(sum - before[i]! - (i === k ? change - missing : 0))).toBeLessThan(grain)
      expect(Math.abs(Math.abs(missing) - Math.max(0, Math.abs(change) - lower - raise))).toBeLessThan(grain)
      for (const g of c.g) for (const x of g) expect(x >= LOW && x <= HIGH).toBe(true)
      for (const [t, tile] of c.mapped.tiles.entries())
        for (let i = 0; i < tile.target.data.length; i += c.devices)
          expect(new Set(c.g[t]!.subarray(i, i + c.devices)).size).toBe(1)
    },
  )

  property.prop([layers, fc.integer({ min: 2, max: 40 })])(
    'on levels: every device on one, and the sum within half a step of the device that counts least',
    (c, levels) => {
      const device = { ...c.profile.device, levels }
      const devices = weightDevices(c.mapped.tiles, c.outputs, c.words)
      const step = (HIGH - LOW) / (levels - 1)
      for (let k = 0; k < c.outputs * c.words; k++) {
        const own = Array.from({ length: devices.start[k + 1]! - devices.start[k]! }, (_, n) => devices.start[k]! + n)
        const sum = () => own.reduce((s, d) => s + devices.count[d]! * c.g[devices.tile[d]!]![devices.index[d]!]!, 0)
        const wanted = sum()
        snapWeight(devices, k, c.g, wanted, device)
        for (const d of own) {
          const x = (c.g[devices.tile[d]!]![devices.index[d]!]! - LOW) / step
          expect(Math.abs(x - Math.round(x))).toBeLessThan(1e-9)
        }
        // With coarse digits the devices that count less cannot fill every gap above them.
        const gap = c.mapping === 'dual-pair' || c.mapping === 'bit-sliced' ? 4 : 1
        expect(Math.abs(sum() - wanted)).toBeLessThanOrEqual(gap * (step / 2) * (1 + 1e-9))
      }
    },
  )
})
