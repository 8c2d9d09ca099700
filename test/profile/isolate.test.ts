import { test as check } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdBehaviour } from '../../src/adc/convert.ts'
import { FIELD_PATHS, type FieldPath, valueAt } from '../../src/profile/fields.ts'
import { idealised, isActive, isolate, STAGES, type Stage, withStages } from '../../src/profile/isolate.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { readProfile } from '../../src/profile/read.ts'
import { arbitraryProfile } from '../support/arbitrary-profile.ts'
import { profileWith } from '../support/profile.ts'

const changed = (a: Profile, b: Profile): FieldPath[] =>
  FIELD_PATHS.filter((path) => JSON.stringify(valueAt(a, path)) !== JSON.stringify(valueAt(b, path)))

describe('stages', () => {
  it('a curve without its coefficient is a straight line, and no stage', () => {
    const active = (changes: Parameters<typeof profileWith>[0]) => isActive(profileWith(changes), 'current-voltage')
    expect(active({ 'device.iv.model': 'cubic' })).toBe(false)
    expect(active({ 'device.iv.model': 'cubic', 'device.iv.cubic': 0.25 })).toBe(true)
    expect(active({ 'device.iv.model': 'power-law' })).toBe(false)
    expect(active({ 'device.iv.model': 'power-law', 'device.iv.gamma': 3 })).toBe(true)
    expect(active({ 'device.iv.cubic': 0.25 })).toBe(false)
    expect(active({ 'device.iv.model': 'sinh' })).toBe(true)
  })

  check.prop([arbitraryProfile, fc.constantFrom(...STAGES)])(
    'a stage the profile does not have, isolated, is the ideal profile; one it has is not',
    (profile, stage) => {
      const alone = isolate(profile, stage)
      if (isActive(profile, stage)) expect(alone).not.toEqual(idealised(profile))
      else expect(alone).toEqual(idealised(profile))
    },
  )

  check.prop([arbitraryProfile, fc.constantFrom(...STAGES)])(
    'an isolated profile has its stage if the profile has it, and no other',
    (profile, stage) => {
      expect(STAGES.filter((s) => isActive(isolate(profile, stage), s))).toEqual(
        isActive(profile, stage) ? [stage] : [],
      )
      expect(STAGES.filter((s) => isActive(idealised(profile), s))).toEqual([])
    },
  )

  check.prop([arbitraryProfile])('scales and geometry stay as they are', (profile) => {
    const kept: FieldPath[] = [
      'device.conductanceMin',
      'device.conductanceMax',
      'device.devicesPerSide',
      'device.programming.referenceVoltage',
      'crossbar.mapping',
      'crossbar.biasDrive',
      'crossbar.wordLines',
      'crossbar.bitLines',
      'periphery.input.fullScale',
      'periphery.activation.fullScale',
      'periphery.activation.saturation',
      'adc.fullScale',
      'adc.search',
      'adc.compareTime',
      'decoder.tableWords',
      'environment.timeSinceProgramming',
    ]
    for (const variant of [idealised(profile), ...STAGES.map((stage) => isolate(profile, stage))])
      expect(changed(profile, variant).filter((path) => kept.includes(path))).toEqual([])
  })

  check.prop([arbitraryProfile])('idealising twice is idealising once', (profile) => {
    expect(idealised(idealised(profile))).toEqual(idealised(profile))
  })

  it('every value that is off by default belongs to a stage', () => {
    // Scales, geometry and conditions: all other values are imperfections and must go with some stage.
    const scales =
      /^(device\.(conductance|devicesPerSide|programming\.(referenceVoltage|table|writeVerify)|retention\.(timeConstant|stretch|end)|temperature\.reference|iv\.(cubic|voltage|gamma)|faults\.cluster)|crossbar\.(mapping|significance|slice|layout|lineOrder|biasDrive|wordLines|bitLines|partialSums\.kind|wires\.drive$|wireCorrection|faultRepair|driftCompensation|outputCalibration)|periphery\.(input\.(fullScale|encoding)|tia\.readTime|activation\.(fullScale|saturation|transfer\.(function|table)))|adc\.(fullScale|search|memristor\.(levelBits|residualLimit)|compareTime|hold\.(switchResistance|sampleTime))|decoder\.(weight|activation|accumulator|table)|environment)/
    const all = profileWith({
      'device.levels': 4,
      'device.programming.model': 'lognormal',
      'device.programming.scale': 2,
      'device.programming.sigma': 0.1,
      'device.drift.model': 'fixed',
      'device.drift.scale': 2,
      'device.drift.exponent': 0.1,
      'device.drift.exponentSigma': 0.1,
      'device.drift.referenceTime': 20,
      'device.retention.model': 'stretched-exponential',
      'device.temperature.coefficient': 0.01,
      'device.temperature.activationEnergy': 1e-19,
      'device.iv.model': 'sinh',
      'device.accessTransistor.resistance': 1000,
      'device.readNoise.model': 'proportional',
      'device.readNoise.scale': 2,
      'device.readNoise.sigma': 0.1,
      'device.faults.stuckAtMin': 0.1,
      'device.faults.stuckAtMax': 0.1,
      'device.faults.stuckAtMid': 0.1,
      'device.faults.formingFailure': 0.1,
      'device.faults.deadWordLine': 0.1,
      'device.faults.deadBitLine': 0.1,
      'crossbar.scaling': 'percentile',
      'crossbar.percentile': 99,
      'crossbar.wires.wordSegment': 1,
      'crossbar.wires.bitSegment': 1,
      'crossbar.wires.driver': 1,
      'crossbar.wires.sense': 1,
      'periphery.input.bits': 8,
      'periphery.input.clip': true,
      'periphery.tia.swing': 1,
      'periphery.tia.gainSigma': 0.1,
      'periphery.tia.offsetSigma': 0.1,
      'periphery.tia.bandwidth': 1e6,
      'periphery.tia.shotNoise': true,
      'crossbar.partialSums.kind': 'digitised',
      'crossbar.partialSums.bits': 8,
      'periphery.activation.gainSigma': 0.1,
      'periphery.activation.offsetSigma': 0.1,
      'periphery.activation.transfer.model': 'measured',
      'periphery.activation.transfer.table': [
        [-1, -1],
        [1, 1],
      ],
      'adc.clip': true,
      'adc.architecture': 'memristive-sar',
      'adc.memristor.sigma': 0.1,
      'adc.dac.bits': 8,
      'adc.dac.unitSigma': 0.1,
      'adc.dac.settlingError': 0.1,
      'adc.thresholdSigma': 0.1,
      'adc.comparator.offsetSigma': 0.1,
      'adc.comparator.noise': 0.1,
      'adc.comparator.hysteresis': 0.1,
      'adc.comparator.metaWindow': 0.1,
      'adc.crosstalk': 0.1,
      'adc.hold.capacitance': 1e-13,
      'adc.hold.droop': 1,
      'adc.frontEnd.gainSigma': 0.1,
      'adc.frontEnd.offsetSigma': 0.1,
      'adc.frontEnd.cubic': 1,
      'decoder.arithmetic': 'fixed',
    })
    expect(changed(all, idealised(all))).toEqual(FIELD_PATHS.filter((path) => !scales.test(path)))
    for (const path of changed(all, idealised(all)))
      expect(
        STAGES.some((stage) => valueAt(isolate(all, stage), path) === valueAt(all, path)),
        path,
      ).toBe(true)
  })

  it('splits the hold capacitor into memory without noise and noise without memory', () => {
    const profile = profileWith({ 'adc.hold.capacitance': 1e-13 })
    expect(changed(isolate(profile, 'adc-thresholds'), idealised(profile))).toEqual([
      'adc.hold.capacitance',
      'environment.temperature',
    ])
    expect(isolate(profile, 'adc-thresholds').environment.temperature).toBe(0)
    expect(changed(isolate(profile, 'adc-noise'), idealised(profile))).toEqual([
      'adc.hold.capacitance',
      'adc.hold.switchResistance',
    ])
    expect(isolate(profile, 'adc-noise').adc.hold.switchResistance).toBe(0)
  })

  check.prop([arbitraryProfile])('all stages on are the profile itself, none the ideal one', (profile) => {
    const none = STAGES.every((stage) => !isActive(profile, stage))
    expect(withStages(profile, STAGES)).toEqual(none ? idealised(profile) : profile)
    expect(withStages(profile, [])).toEqual(idealised(profile))
  })

  check.prop([arbitraryProfile, fc.subarray([...STAGES]), fc.subarray([...STAGES])])(
    'of any set those that the profile has are on, and stages go together in any order',
    (profile, stages, others) => {
      const made = withStages(profile, stages)
      const remembered =
        made.adc.hold.capacitance !== profile.adc.hold.capacitance && made.adc.hold.capacitance !== null
      expect(STAGES.filter((s) => isActive(made, s) && !(remembered && s === 'adc-noise'))).toEqual(
        STAGES.filter((s) => stages.includes(s) && isActive(profile, s)),
      )
      expect(withStages(profile, [...stages].reverse())).toEqual(made)
      // A value is the profile's or the ideal one's, the hold capacitor's apart.
      const ideal = idealised(profile)
      const apart: readonly FieldPath[] = [
        'adc.hold.capacitance',
        'adc.hold.switchResistance',
        'environment.temperature',
      ]
      for (const path of FIELD_PATHS)
        if (!apart.includes(path))
          expect([valueAt(profile, path), valueAt(ideal, path)], path).toContainEqual(valueAt(made, path))
      // What both sets have on is on in both, and equal.
      const union = withStages(profile, [...stages, ...others])
      for (const path of changed(made, ideal))
        if (!apart.includes(path)) expect(valueAt(union, path), path).toEqual(valueAt(made, path))
    },
  )

  it('keeps the temperature where other stages need it, and the memory of the hold capacitor without its noise', () => {
    const profile = profileWith({
      'adc.hold.capacitance': 1e-13,
      'adc.comparator.noise': 1e-3,
      'periphery.tia.bandwidth': 1e6,
    })
    const of = (...stages: Stage[]) => withStages(profile, stages)
    const quiet = of('read-noise', 'adc-thresholds')
    expect(quiet.environment.temperature).toBe(profile.environment.temperature)
    expect(holdBehaviour(quiet).noise).toBeLessThan(1e-30)
    expect(holdBehaviour(quiet).settled).toBe(holdBehaviour(profile).settled)
    expect(holdBehaviour(of('adc-thresholds')).noise).toBe(0)
    expect(holdBehaviour(of('adc-thresholds')).settled).toBe(holdBehaviour(profile).settled)
    expect(holdBehaviour(of('read-noise', 'adc-noise'))).toEqual({ settled: 1, noise: holdBehaviour(profile).noise })
    expect(of('read-noise').adc.hold.capacitance).toBe(null)
  })

  it.each([
    ['ideal', []],
    ['wan2022-1s', ['programming-error']],
    ['reram-1t1r', ['programming-error', 'faults', 'wires', 'periphery', 'adc-thresholds', 'adc-noise', 'fixed-point']],
    [
      'pcm',
      ['programming-error', 'drift', 'read-noise', 'wires', 'periphery', 'adc-thresholds', 'adc-noise', 'fixed-point'],
    ],
  ])('of preset %s are %j', async (id, stages) => {
    const profile = await readProfile(id)
    expect(STAGES.filter((stage) => isActive(profile, stage))).toEqual(stages)
  })
})
