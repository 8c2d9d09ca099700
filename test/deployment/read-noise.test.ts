/** What an output reads again and again: every noise model, as it reaches the amplifier. */
import { describe, expect, it } from 'vitest'
import { readSigma } from '../../src/crossbar/read-noise.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import type { Network } from '../../src/network/network.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { expectLaw, expectMoments, phi, variance } from '../support/distribution.ts'
import { profileWith } from '../support/profile.ts'

const DRAWS = 100_000
const network: Network = {
  name: 'one output',
  encoder: [{ weight: fromRows([[1, -0.4]]), bias: Float64Array.of(0.3), activation: 'linear' }],
  quantizer: {
    thresholds: Float64Array.of(0),
    levels: Float64Array.of(-1, 1),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [{ weight: fromRows([[1]]), bias: Float64Array.of(0), activation: 'linear' }],
  task: null,
  provenance: {},
}
const y = matrix(DRAWS, 2)
for (let v = 0; v < DRAWS; v++) y.data.set([1, 0.5], 2 * v)
const calibration = fromRows([[2, 2]])

type Changes = Partial<Record<FieldPath, FieldValue>>
/** Currents of every read, and the chip that made them. */
function reads(changes: Changes, noise = true) {
  const profile = profileWith({
    'device.conductanceMin': 8e-6,
    'device.conductanceMax': 90e-6,
    'device.readNoise.sigma': 0.02,
    ...changes,
  })
  const deployment = deploy(network, profile, { calibration })
  const chip = fabricate(deployment, { seed: 8 })
  const { amplifier, input } = encodeTrace(chip, y, { noise })
  const layer = deployment.layers[0]!
  const current = amplifier[0]!.data.map((z) => z / layer.feedbackOhms)
  return { chip, layer, volts: [input.data[0]!, input.data[1]!, layer.biasVolts], current }
}

describe('every read noise model: mean, spread and law of what an output reads', () => {
  it.each([
    ['pcm-nandakumar', 25, 0.25, 3600],
    ['pcm-hermes-1', 10.35, 0.1, 3600],
    ['pcm-hermes-2', 20.7, 0.2, 3600],
    ['reram-cmo', 90, 8, 3600],
    ['sonos', 16, 0, 1],
    ['proportional', 90, 8, 1],
    ['independent', 90, 8, 1],
  ])('%s', (model, maximum, minimum, seconds) => {
    const changes: Changes = {
      'device.readNoise.model': model,
      'device.conductanceMax': maximum * 1e-6,
      'device.conductanceMin': minimum * 1e-6,
      'environment.timeSinceProgramming': seconds,
    }
    const { chip, volts, current } = reads(changes)
    const { conductance } = chip.layers[0]!.arrays[0]!
    let squares = 0
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 2; j++)
        squares += (readSigma(conductance.data[2 * i + j]!, chip.deployment.profile.device, seconds) * volts[i]!) ** 2
    const ideal = volts.reduce((s, v, i) => s + v * (conductance.data[2 * i]! - conductance.data[2 * i + 1]!), 0)
    const sigma = Math.sqrt(squares)
    expectMoments(current, ideal, sigma)
    expectLaw(current, (x) => phi((x - ideal) / sigma))
    // Without noise, and at scale 0, the same circuit: bit for bit.
    const quiet = reads(changes, false).current
    expect(quiet[0]).toBeCloseTo(ideal, 18)
    expect(reads({ ...changes, 'device.readNoise.scale': 0 }).current).toEqual(quiet)
    // Degradation grows with the scale.
    const twice = reads({ ...changes, 'device.readNoise.scale': 2 }).current
    expect(variance(twice) / variance(current)).toBeCloseTo(4, 6)
  })
})

describe('noise of the column', () => {
  const bandwidth = 1e9
  const hot: Changes = { 'periphery.tia.bandwidth': bandwidth, 'environment.temperature': 350 }
  const conductances = (chip: ReturnType<typeof reads>['chip']) => chip.layers[0]!.arrays[0]!.conductance.data

  it('thermal: 4 k T B sum(g), whatever is read', () => {
    const { chip, current } = reads(hot)
    const sum = conductances(chip).reduce((a, b) => a + b, 0)
    const sigma = Math.sqrt(4 * 1.380649e-23 * 350 * bandwidth * sum)
    const ideal = reads(hot, false).current[0]!
    expectMoments(current, ideal, sigma)
    expectLaw(current, (x) => phi((x - ideal) / sigma))
  })

  it('shot: 2 q B sum(g |v|) on top', () => {
    const cold: Changes = { ...hot, 'environment.temperature': 0, 'periphery.tia.shotNoise': true }
    const { chip, volts, current } = reads(cold)
    const g = conductances(chip)
    const amperes = volts.reduce((s, v, i) => s + Math.abs(v) * (g[2 * i]! + g[2 * i + 1]!), 0)
    const shot = 2 * 1.602176634e-19 * bandwidth * amperes
    const ideal = reads(cold, false).current[0]!
    expectMoments(current, ideal, Math.sqrt(shot))
    const both = reads({ ...hot, 'periphery.tia.shotNoise': true, 'device.readNoise.model': 'proportional' })
    const thermal = 4 * 1.380649e-23 * 350 * bandwidth * g.reduce((a, b) => a + b, 0)
    const device = volts.reduce((s, v, i) => s + (0.02 * v) ** 2 * (g[2 * i]! ** 2 + g[2 * i + 1]! ** 2), 0)
    expectMoments(both.current, ideal, Math.sqrt(shot + thermal + device))
  })

  it('two devices a side in parallel: twice the conductance, twice the variance', () => {
    const one = variance(reads(hot).current)
    const two = variance(reads({ ...hot, 'device.devicesPerSide': 2 }).current)
    expect(two / one).toBeCloseTo(2, 6)
  })

  it('is drawn anew for each vector, and for nothing else: the same read twice', () => {
    expect(reads(hot).current).toEqual(reads(hot).current)
    expect(new Set(reads(hot).current.slice(0, 1000)).size).toBe(1000)
  })
})
