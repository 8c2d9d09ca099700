import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { driveCycles, noiseDrive } from '../../src/deployment/input-encoding.ts'
import { convertPart } from '../../src/deployment/partial-sums.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { forward } from '../../src/network/forward.ts'
import type { Network } from '../../src/network/network.ts'
import { fromRows, head, type Matrix, matrix, maxAbs } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectMoments } from '../support/distribution.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const real: Changes = {
  'device.conductanceMin': 1e-6,
  'device.conductanceMax': 40e-6,
  'device.programming.model': 'reram-wan2022-ibm',
  'crossbar.wires.wordSegment': 1,
  'crossbar.wires.bitSegment': 2,
  'periphery.input.bits': 6,
}
const network = fixtureNetwork('vqcs_n20_I4')
const deployed = (changes: Changes, of: Network = network, calibration?: Matrix) =>
  deploy(of, profileWith({ ...real, ...changes }), calibration === undefined ? {} : { calibration })
const trace = (changes: Changes) => {
  const deployment = deployed(changes)
  return encodeTrace(fabricate(deployment, { seed: 3, chip: 1 }), head(deployment.calibration, 40), { noise: false })
}

describe('zero non-ideality is exactly ideal', () => {
  const y = head(deployed({}).calibration, 100)
  const reference = forward(network, y)
  const mappings = ['differential-two-sided', 'offset-column', 'dual-pair', 'bit-sliced']
  const cases = mappings.flatMap((mapping) =>
    (mapping === 'offset-column' ? ['adjacent', 'separate'] : ['adjacent', 'separate', 'interleaved']).flatMap(
      (layout) => ['unit', 'matched'].map((bias) => [mapping, layout, bias] as const),
    ),
  )
  it.each(cases)('%s, %s, bias drive %s', (mapping, layout, bias) => {
    const profile = profileWith({
      'device.devicesPerSide': 2,
      'crossbar.mapping': mapping,
      'crossbar.layout': layout,
      'crossbar.biasDrive': bias,
      'crossbar.wordLines': 20,
      'crossbar.bitLines': 64,
      'crossbar.lineOrder': 'heavy-first',
    })
    const deployment = deploy(network, profile)
    const { codes, output } = encodeTrace(fabricate(deployment), y)
    expect(codes.data).toEqual(reference.codes.data)
    const volts = deployment.layers.at(-1)!.outputVoltsPerUnit
    for (const [k, v] of output.at(-1)!.data.entries())
      expect(Math.abs(v / volts - reference.analog.data[k]!)).toBeLessThanOrEqual(1e-12)
  })
})

describe('without noise', () => {
  const amplitude = trace({})
  it.each([
    ['pulse-width', 'differential-one-sided', 'adjacent'],
    ['pulse-width', 'bit-sliced', 'separate'],
    ['bit-serial', 'differential-one-sided', 'adjacent'],
    ['bit-serial', 'dual-pair', 'interleaved'],
    ['bit-serial', 'offset-column', 'separate'],
  ])('%s is amplitude with the same bits (%s, %s)', (encoding, mapping, layout) => {
    const mapped = { 'crossbar.mapping': mapping, 'crossbar.layout': layout }
    const one = mapping === 'differential-one-sided' ? amplitude : trace(mapped)
    const other = trace({ ...mapped, 'periphery.input.encoding': encoding })
    expect(other.codes.data).toEqual(one.codes.data)
    for (const [l, output] of one.output.entries())
      for (const [k, v] of output.data.entries())
        expect(Math.abs(other.output[l]!.data[k]! - v)).toBeLessThanOrEqual(1e-12)
  })

  it('bits of the first layer only, pulses on all', () => {
    const kinds = (encoding: string) =>
      deployed({ 'periphery.input.encoding': encoding }).layers.map((layer) => layer.encoding.kind)
    expect(kinds('bit-serial')).toEqual(['bit-serial', 'amplitude'])
    expect(kinds('pulse-width')).toEqual(['pulse-width', 'pulse-width'])
  })
})

describe('the bits of a word', () => {
  property.prop([fc.integer({ min: 2, max: 12 }), fc.array(fc.integer({ min: -2048, max: 2048 }), { minLength: 1 })])(
    'add up to it, each at full scale or 0, and the weights to 1',
    (bits, numbers) => {
      const largest = 2 ** (bits - 1) - 1
      const words = numbers.map((n) => n % (largest + 1))
      const volts = matrix(
        1,
        words.length,
        Float64Array.from(words, (n) => (0.3 * n) / largest),
      )
      const cycles = driveCycles({ kind: 'bit-serial', fullScale: 0.3, bits }, volts)
      expect(cycles).toHaveLength(bits - 1)
      expect(cycles.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 14)
      for (const [k, v] of volts.data.entries()) {
        const driven = cycles.map((cycle) => cycle.volts.data[k]!)
        expect(driven.every((x) => x === 0 || x === Math.sign(v) * 0.3)).toBe(true)
        expect(cycles.reduce((sum, { weight }, b) => sum + weight * driven[b]!, 0)).toBeCloseTo(v, 14)
      }
    },
  )
})

/** One linear layer that adds up its four inputs; no bias. */
const adder: Network = {
  name: 'adder',
  encoder: [{ weight: fromRows([[1, 1, 1, 1]]), bias: new Float64Array(1), activation: 'linear' }],
  quantizer: { thresholds: Float64Array.of(0), levels: Float64Array.of(-1, 1), compare: 'gt', levelRule: 'given' },
  decoder: [{ weight: matrix(1, 1), bias: new Float64Array(1), activation: 'linear' }],
  task: null,
  provenance: {},
}
const VECTORS = 20_000
const same = (values: readonly number[]) => {
  const m = matrix(VECTORS, values.length)
  for (let v = 0; v < VECTORS; v++) m.data.set(values, v * values.length)
  return m
}

describe('read noise', () => {
  const SIGMA = 0.05
  const noisy = (encoding: string, x: readonly number[]) => {
    const deployment = deploy(
      adder,
      profileWith({
        'device.conductanceMin': 0,
        'device.conductanceMax': 40e-6,
        'device.readNoise.model': 'independent',
        'device.readNoise.sigma': SIGMA,
        'periphery.input.bits': 5,
        'periphery.input.encoding': encoding,
      }),
      { calibration: fromRows([[1, 1, 1, 1]]) },
    )
    const [layer] = deployment.layers
    const chip = fabricate(deployment, { seed: 9 })
    const amps = (noise: boolean, y: Matrix) =>
      encodeTrace(chip, y, { noise }).amplifier[0]!.data.map((z) => z / layer!.feedbackOhms)
    const volts = encodeTrace(chip, head(same(x), 1)).input.data
    const still = amps(false, head(same(x), 1))[0]!
    return { volts, excess: amps(true, same(x)).map((i) => i - still), sigma: SIGMA * 40e-6 }
  }
  const x = [1, -0.5, 0.25, 0]
  /** Two devices a weight, each with its own fluctuation; the bias line has drive but only resting devices. */
  const expected = (square: (v: number) => number, volts: Float64Array, bias: number, sigma: number) =>
    sigma * Math.sqrt(2 * ([...volts].reduce((sum, v) => sum + square(v), 0) + square(bias)))
  const bias = 0.2 / 1.1

  it('counts v^2 with amplitudes, full scale times |v| with pulses', () => {
    const amplitude = noisy('amplitude', x)
    expectMoments(
      amplitude.excess,
      0,
      expected((v) => v * v, amplitude.volts, bias, amplitude.sigma),
    )
    const pulses = noisy('pulse-width', x)
    expectMoments(
      pulses.excess,
      0,
      expected((v) => 0.2 * Math.abs(v), pulses.volts, bias, pulses.sigma),
    )
    expect(noiseDrive({ kind: 'pulse-width', fullScale: 0.2 }, -0.1)).toBeCloseTo(0.02, 15)
  })

  it('is drawn anew for every bit', () => {
    const serial = noisy('bit-serial', x)
    const words = serial.volts.map((v) => Math.round((Math.abs(v) / 0.2) * 15))
    let variance = 0
    for (let b = 0; b < 4; b++) {
      const active = words.filter((n) => (n >> b) & 1).length
      variance += (2 ** b / 15) ** 2 * (active * 0.2 ** 2 + bias ** 2)
    }
    expectMoments(serial.excess, 0, serial.sigma * Math.sqrt(2 * variance))
  })
})

describe('digitised partial sums', () => {
  const digitised = (bits: number | null, changes: Changes = {}): Changes => ({
    'crossbar.partialSums.kind': 'digitised',
    'crossbar.partialSums.bits': bits,
    'crossbar.wordLines': 4,
    ...changes,
  })
  const outputs = (changes: Changes) => trace(changes).output.at(-1)!

  it('converted exactly are the sum of the currents', () => {
    const tiles = { 'crossbar.wordLines': 4 }
    for (const mapping of ['differential-one-sided', 'bit-sliced', 'offset-column']) {
      const sum = outputs({
        ...tiles,
        'crossbar.mapping': mapping,
        'crossbar.wires.wordSegment': 0,
        'crossbar.wires.bitSegment': 0,
        'device.programming.model': 'none',
      })
      const parts = outputs(
        digitised(null, {
          'crossbar.mapping': mapping,
          'crossbar.wires.wordSegment': 0,
          'crossbar.wires.bitSegment': 0,
          'device.programming.model': 'none',
        }),
      )
      for (const [k, v] of sum.data.entries()) expect(Math.abs(parts.data[k]! - v)).toBeLessThanOrEqual(1e-12)
    }
  })

  it('approach that as their bits grow', () => {
    const exact = outputs(digitised(null))
    const error = (bits: number) => maxAbs(outputs(digitised(bits)).data.map((v, k) => v - exact.data[k]!))
    const errors = [4, 8, 12, 16].map(error)
    for (let k = 1; k < errors.length; k++) expect(errors[k]!).toBeLessThan(errors[k - 1]! / 4)
  })

  it('range to 1.1 times the largest partial current of calibration, slices by their weight', () => {
    const one = deploy(
      adder,
      profileWith({ 'device.conductanceMin': 0, 'device.conductanceMax': 40e-6, ...digitised(8) }),
      {
        calibration: fromRows([
          [1, 0.5, 0, 0],
          [0, 0, -1, 0],
        ]),
      },
    )
    // 4 inputs and the bias in two arrays of 2 and 3 word lines; full scale 1.1 units at 0.2 V
    expect(one.layers[0]!.partialSums!.fullScaleAmps).toBeCloseTo(1.1 * 1.5 * 40e-6 * (0.2 / 1.1), 15)
    expect(one.layers[0]!.partialSums!.weights).toEqual([1, 1])
    const sliced = deployed(
      digitised(8, { 'crossbar.mapping': 'bit-sliced', 'crossbar.slices': 3, 'crossbar.sliceBits': 2 }),
    )
    const { weights } = sliced.layers[0]!.partialSums!
    expect([weights.slice(0, 3), weights.length]).toEqual([[1, 4, 16], sliced.layers[0]!.parts])
  })

  it('round symmetrically, clip and count', () => {
    const current = fromRows([[0, 0.2, -0.2, 0.25, -0.25, 1, -1, 1.1, -2]])
    // bits 3: codes -3 .. 3 of 1/3 each
    expect(convertPart(current, { bits: 3, fullScaleAmps: 0.5, weights: [2] }, 0)).toBe(2)
    const codes = Array.from(current.data, (i) => Math.round(3 * i) + 0)
    expect(codes).toEqual([0, 1, -1, 1, -1, 3, -3, 3, -3])
  })

  it('count currents beyond the converter, with a warning', () => {
    const deployment = deploy(adder, profileWith(digitised(6, { 'periphery.input.bits': null })), {
      calibration: fromRows([[0.1, 0.1, 0.1, 0.1]]),
    })
    const inputs = fromRows([
      [1, 1, 0, 0],
      [0.1, 0.1, 0.1, 0.1],
    ])
    const { counters } = encodeTrace(fabricate(deployment), inputs)
    expect(counters.partialClipped).toBe(1)
    const result = simulate(deployment, {
      inputs,
      truth: fromRows([[1], [1]]),
      metric: 'mse',
      chips: 2,
      waterfallChips: 1,
    })
    expect(result.counters['partialClipped']).toBe(2)
    expect(result.warnings.map(({ message }) => message).join()).toMatch(/converters of the partial sums/)
  })

  it('have their own read noise: parts are independent', () => {
    const noisy = (kind: string) => {
      const deployment = deploy(
        adder,
        profileWith({
          'device.conductanceMin': 0,
          'device.conductanceMax': 40e-6,
          'device.readNoise.model': 'independent',
          'device.readNoise.sigma': 0.05,
          'crossbar.wordLines': 2,
          'crossbar.partialSums.kind': kind,
        }),
        { calibration: fromRows([[1, 1, 1, 1]]) },
      )
      const chip = fabricate(deployment, { seed: 2 })
      const z = encodeTrace(chip, same([1, 1, 1, 1])).amplifier[0]!.data
      const still = encodeTrace(chip, head(same([1, 1, 1, 1]), 1), { noise: false }).amplifier[0]!.data[0]!
      return { z: z.map((x) => (x - still) / deployment.layers[0]!.feedbackOhms), parts: chip.layers[0]!.parts.length }
    }
    const sigma = 0.05 * 40e-6 * (0.2 / 1.1) * Math.sqrt(2 * 5)
    for (const [kind, parts] of [
      ['current', 1],
      ['digitised', 3],
    ] as const) {
      const made = noisy(kind)
      expect(made.parts).toBe(parts)
      expectMoments(made.z, 0, sigma)
    }
  })
})
