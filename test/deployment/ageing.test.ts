/** The same chip at another age. */
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encode } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { head } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { average } from '../support/distribution.ts'
import { loadNetwork } from '../support/fixtures.ts'

const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
const y = head(inputs, 200)
const x = head(truth, 200)
const pcm = await readProfile('pcm')
const TIMES = [0, 1, 60, 3600, 86400, 30 * 86400, 3650 * 86400]

describe('ageing a chip is a trajectory', () => {
  const deployment = deploy(network, pcm)
  const ages = TIMES.map((seconds) => fabricate(deployment, { seed: 2, chip: 5, seconds }))

  it('no healthy device ever gains conductance where the model is a power law, and none moves twice', () => {
    const fresh = ages[0]!
    for (const [l, layer] of fresh.layers.entries())
      for (const [t, array] of layer.arrays.entries())
        for (let k = 0; k < array.conductance.data.length; k++) {
          const g = ages.map((chip) => chip.layers[l]!.arrays[t]!.conductance.data[k]!)
          for (let a = 1; a < g.length; a++) expect(g[a]!).toBeLessThanOrEqual(g[a - 1]!)
          // ln g against ln(1 + t / 20 s) is one straight line: one exponent a device, drawn once
          if (g[0]! === 0 || g.at(-1) === g[0]) continue
          const nu = (a: number) => -Math.log(g[a]! / g[0]!) / Math.log(1 + TIMES[a]! / 20)
          expect(nu(3)).toBeCloseTo(nu(6), 9)
        }
  })

  it('is the chip that a profile of that age gives, in every part', async () => {
    for (const [a, seconds] of TIMES.entries()) {
      const aged = await setProfileValues(pcm, [`environment.timeSinceProgramming=${seconds}`])
      const made = fabricate(deploy(network, aged, { like: deployment }), { seed: 2, chip: 5 })
      expect(ages[a]!.layers).toEqual(made.layers)
      expect(ages[a]!.deployment.profile).toEqual(aged)
      expect(encode(ages[a]!, y).data).toEqual(encode(made, y).data)
    }
  })

  it('faults, mismatch and offsets stay', () => {
    for (const chip of ages) {
      expect(chip.faults).toEqual(ages[0]!.faults)
      expect(chip.adc).toEqual(ages[0]!.adc)
      for (const [l, layer] of chip.layers.entries())
        expect(layer.amplifierOffset).toEqual(ages[0]!.layers[l]!.amplifierOffset)
    }
  })

  it('an age that is none is refused', () => {
    for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => fabricate(deployment, { seconds })).toThrowError(/the age of a chip is from 0 to/)
  })
})

describe('the deployed task', () => {
  const score = async (...changes: string[]) => {
    const profile = await setProfileValues(await readProfile('ideal'), changes)
    return average(
      simulate(deploy(network, profile), { inputs: y, truth: x, chips: 6, seed: 1, waterfallChips: 1 }).metric.deployed
        .perChip,
    )
  }
  const device = ['device.conductanceMin=0.1 uS', 'device.conductanceMax=25 uS']

  it.each([
    ['programming error', 'device.programming.model=pcm-nandakumar', 'device.programming.scale'],
    ['lognormal error', 'device.programming.model=lognormal', 'device.programming.sigma'],
    ['drift', 'device.drift.model=pcm-nandakumar', 'device.drift.scale'],
    ['read noise', 'device.readNoise.model=pcm-nandakumar', 'device.readNoise.scale'],
    ['faults', 'device.faults.clustering=word-line', 'device.faults.stuckAtMax'],
    ['pulses', 'device.programming.model=write-verify', 'device.programming.writeVerify.tolerance'],
  ])('degrades with %s', async (_, model, path) => {
    const steps = path.endsWith('stuckAtMax')
      ? [0, 0.005, 0.05]
      : path.endsWith('tolerance')
        ? [0.0005, 0.02, 0.2]
        : path.endsWith('sigma')
          ? [0, 0.1, 0.5]
          : [0, 0.3, 2]
    const scores: number[] = []
    for (const step of steps)
      scores.push(await score(...device, model, `${path}=${step}`, 'environment.timeSinceProgramming=86400'))
    expect(scores[1]!).toBeGreaterThan(scores[0]!)
    expect(scores[2]!).toBeGreaterThan(scores[1]!)
  })

  it('counts pulses, mean and most of them, and failures, with a warning', async () => {
    const profile = await setProfileValues(await readProfile('ideal'), [
      ...device,
      'device.programming.model=write-verify',
      'device.programming.writeVerify.maximumPulses=40',
    ])
    const { counters, warnings } = simulate(deploy(network, profile), { inputs: y, truth: x, chips: 2, seed: 1 })
    const chips = [0, 1].map((chip) => fabricate(deploy(network, profile), { seed: 1, chip }).writes)
    expect(counters['writtenDevices']).toBe(chips[0]!.devices + chips[1]!.devices)
    expect(counters['writePulses']).toBe(chips[0]!.pulses + chips[1]!.pulses)
    expect(counters['meanWritePulses']).toBeCloseTo(counters['writePulses']! / counters['writtenDevices']!, 12)
    expect(counters['mostWritePulses']).toBe(40)
    expect(counters['writeFailures']).toBe(chips[0]!.failures + chips[1]!.failures)
    expect(counters['writeFailures']).toBeGreaterThan(0)
    expect(warnings.map((w) => w.code)).toContain('OHM2007')
  })
})
