import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeCounted, encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { useEngine } from '../../src/numerics/kernels/module.ts'
import { head, rowRange } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'

afterEach(() => useEngine('simd'))

describe('the engines reference and simd', async () => {
  const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
  const other = await loadNetwork('chanest_M4')

  it('simulate a preset with every kind of mechanism to the same JSON', async () => {
    for (const [preset, net] of [
      ['reram-1t1r', { network, inputs, truth }],
      ['pcm', other],
    ] as const) {
      const deployment = deploy(net.network, await readProfile(preset))
      const run = () =>
        JSON.stringify(
          simulate(deployment, { inputs: head(net.inputs, 70), truth: head(net.truth, 70), chips: 2, seed: 9 }),
        )
      useEngine('reference')
      const wanted = run()
      useEngine('simd')
      expect(run()).toBe(wanted)
    }
  })

  // Each with what makes its path through the kernel different.
  const changes: Readonly<Record<string, readonly string[]>> = {
    'nothing but programming error': [],
    'read noise': ['device.readNoise.model=proportional', 'device.readNoise.sigma=0.05'],
    'pulse widths': [
      'periphery.input.encoding=pulse-width',
      'device.readNoise.model=proportional',
      'device.readNoise.sigma=0.05',
    ],
    'bits one by one': [
      'periphery.input.encoding=bit-serial',
      'periphery.input.bits=5',
      'device.readNoise.model=proportional',
      'device.readNoise.sigma=0.05',
    ],
    'column noise': ['periphery.tia.bandwidth=1 GHz', 'periphery.tia.shotNoise=true'],
    'swing and clipping': ['periphery.tia.swing=0.2 V', 'periphery.tia.offsetSigma=0.05 V', 'adc.clip=true'],
    'sampling and crosstalk': [
      'adc.crosstalk=0.02',
      'adc.hold.capacitance=1 fF',
      'adc.hold.switchResistance=1 kOhm',
      'adc.hold.sampleTime=3 ps',
      'adc.frontEnd.cubic=0.1',
    ],
    'comparator noise': [
      'adc.comparator.noise=0.05 V',
      'adc.comparator.hysteresis=0.01 V',
      'adc.comparator.metaWindow=0.01 V',
    ],
    'flash, thresholds out of order': ['adc.architecture=flash', 'adc.thresholdSigma=0.8 V'],
    'flash, noise': ['adc.architecture=flash', 'adc.comparator.noise=0.05 V', 'adc.comparator.hysteresis=0.01 V'],
    ramp: ['adc.search=ramp', 'adc.dac.bits=6', 'adc.thresholdSigma=0.2 V', 'adc.hold.droop=1e5 V/s'],
    'memristive SAR': ['adc.architecture=memristive-sar', 'adc.memristor.sigma=0.05'],
    'linear search': ['adc.search=linear', 'adc.thresholdSigma=0.8 V'],
    'binary search, thresholds out of order': ['adc.thresholdSigma=0.8 V'],
  }
  for (const [name, values] of Object.entries(changes))
    it(`give the same codes and counters: ${name}`, async () => {
      const profile = await setProfileValues(await readProfile('ideal'), [
        'device.programming.model=normal-proportional',
        'device.programming.sigma=0.05',
        ...values,
      ])
      const deployment = deploy(network, profile)
      const y = rowRange(inputs, 3, 134)
      useEngine('reference')
      const chip = fabricate(deployment, { seed: 3, chip: 1 })
      const { codes, counters } = encodeTrace(chip, y, { first: 3 })
      expect(encodeCounted(chip, y, { first: 3 })).toMatchObject({ codes, counters })
      const still = encodeTrace(chip, y, { noise: false })
      useEngine('simd')
      expect(fabricate(deployment, { seed: 3, chip: 1 })).toEqual(chip)
      expect(encodeCounted(chip, y, { first: 3 })).toEqual({ codes, counters })
      expect(encodeCounted(chip, y, { noise: false })).toEqual({ codes: still.codes, counters: still.counters })
    })
})
