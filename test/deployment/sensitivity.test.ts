/** What the trained networks lose to one imperfection: independent figures that a simulator must show. */
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'

const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')

/** Mean over chips of deployed minus ideal, dB, on the ideal profile with conductanceMin 0 and these changes. */
async function loss(changes: readonly string[], chips: number): Promise<number> {
  const profile = await setProfileValues(await readProfile('ideal'), ['device.conductanceMin=0', ...changes])
  const { metric } = simulate(deploy(network, profile), { inputs, truth, chips, seed: 1, waterfallChips: 1 })
  return metric.deployed.mean - metric.ideal
}

describe('vqcs_n20_I4, one-sided, layer-maximum scaling', () => {
  it('128 levels a device (8-bit weights) lose 0.26 dB', async () => {
    expect(await loss(['device.levels=128'], 1)).toBeCloseTo(0.26, 2)
  })
  it('32 levels a device (6-bit weights) lose 3.6 dB', async () => {
    expect(await loss(['device.levels=32'], 1)).toBeCloseTo(3.6, 1)
  })
  it('5 % multiplicative error loses 1.27 +- 0.1 dB', async () => {
    const changes = ['device.programming.model=normal-proportional', 'device.programming.sigma=0.05']
    expect(Math.abs((await loss(changes, 40)) - 1.27)).toBeLessThan(0.1)
  })
  it('thresholds off by sigma 0.05 lose 0.8 +- 0.25 dB', async () => {
    const { adc } = await readProfile('ideal')
    expect(Math.abs((await loss([`adc.thresholdSigma=${0.05 * adc.fullScale}`], 40)) - 0.8)).toBeLessThan(0.25)
  })
  it('profile wan2022-1s scores +0.5 to +1.5 dB', async () => {
    const deployment = deploy(network, await readProfile('wan2022-1s'))
    const { metric } = simulate(deployment, { inputs, truth, chips: 20, seed: 1, waterfallChips: 1 })
    expect(metric.deployed.mean).toBeGreaterThan(0.5)
    expect(metric.deployed.mean).toBeLessThan(1.5)
  })
})
