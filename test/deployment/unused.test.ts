import { describe, expect, it } from 'vitest'
import { programmingModels } from '../../src/crossbar/programming.ts'
import { readNoiseModels } from '../../src/crossbar/read-noise.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { rowRange } from '../../src/numerics/matrix.ts'
import { profileWarnings } from '../../src/profile/doubts.ts'
import {
  GENERIC_READ_NOISE,
  GENERIC_SPREADS,
  TIMED_PROGRAMMING,
  TIMED_READ_NOISE,
} from '../../src/profile/fields/need.ts'
import {
  FIELD_PATHS,
  FIELDS,
  type Field,
  type FieldPath,
  type FieldValue,
  withValues,
} from '../../src/profile/fields.ts'
import { parseProfile } from '../../src/profile/parse.ts'
import { presetFile, presetIds, TEMPLATE } from '../../src/profile/preset-files.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { unusedValues, unusedWarnings } from '../../src/profile/unused.ts'
import { fixtureArray, fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'

const messages = (changes: Partial<Record<FieldPath, FieldValue>>) =>
  unusedWarnings(profileWith(changes)).map(({ message }) => message)

describe('values without effect', () => {
  it('are named with their value and the switch that is missing', () => {
    expect(unusedWarnings(profileWith({ 'device.programming.sigma': 0.05 }))).toEqual([
      {
        code: 'OHM1207',
        message: 'device.programming.sigma = 0.05 has no effect: device.programming.model is none',
        at: { pointer: '/device/programming/sigma' },
      },
    ])
    expect(messages({ 'device.programming.model': 'normal-proportional' })).toEqual([
      'device.programming.model = normal-proportional has no effect: device.programming.sigma is 0',
    ])
    expect(messages({ 'device.iv.model': 'cubic' })).toEqual([
      'device.iv.model = cubic has no effect: device.iv.cubic is 0 / V^2',
    ])
    expect(messages({ 'device.faults.clustering': 'word-line' })).toEqual([
      'device.faults.clustering = word-line has no effect: device.faults.stuckAtMin, stuckAtMax, stuckAtMid and formingFailure are 0',
    ])
    expect(messages({ 'decoder.weightBits': 8 })).toEqual([
      'decoder.weightBits = 8 has no effect but on emitted C and Verilog: decoder.arithmetic is float',
    ])
    expect(messages({ 'adc.dac.unitSigma': 0.01 })).toEqual([
      'adc.dac.unitSigma = 0.01 has no effect: adc.dac.bits is null',
    ])
    expect(messages({ 'device.programming.table': [[1e-6, 1e-6, 0]] })).toEqual([
      'device.programming.table = a list of 1 has no effect: device.programming.model is none',
    ])
    expect(messages({ 'environment.timeSinceProgramming': 86400 })).toEqual([
      expect.stringMatching(/^environment\.timeSinceProgramming = .* has no effect: device\.drift\.model, .* none/),
    ])
  })

  it('are none where the switch is on, or the value is its default', () => {
    expect(messages({})).toEqual([])
    expect(messages({ 'device.programming.sigma': 0.05, 'device.programming.model': 'lognormal' })).toEqual([])
    expect(messages({ 'device.programming.sigma': 0, 'adc.memristor.levelBits': 4 })).toEqual([])
    expect(messages({ 'environment.timeSinceProgramming': 86400, 'device.drift.model': 'pcm-nandakumar' })).toEqual([])
    expect(messages({ 'device.faults.clustering': 'word-line', 'device.faults.stuckAtMid': 0.1 })).toEqual([])
  })

  it('no shipped profile has one', async () => {
    for (const id of [...(await presetIds()), TEMPLATE])
      expect(unusedValues(await readProfile(presetFile(id), { fileOnly: true })), id).toEqual([])
  })

  it('models whose spread follows sigma or the time are those that the fields name', () => {
    const device = (changes: Partial<Record<FieldPath, FieldValue>>) => profileWith(changes).device
    const state = { microsiemens: 10, maximum: 40, seconds: 1 }
    const spread = Object.entries(programmingModels).map(([name, { sigma }]) => {
      const at = (s: number, seconds: number) =>
        sigma({ ...state, seconds }, device({ 'device.programming.sigma': s }).programming)
      return { name, generic: at(0.1, 1) !== at(0.2, 1), timed: at(0.1, 1) !== at(0.1, 86400) }
    })
    expect(
      spread
        .filter((m) => m.generic)
        .map((m) => m.name)
        .sort(),
    ).toEqual([...GENERIC_SPREADS].sort())
    expect(
      spread
        .filter((m) => m.timed)
        .map((m) => m.name)
        .sort(),
    ).toEqual([...TIMED_PROGRAMMING].sort())
    const reads = Object.entries(readNoiseModels).map(([name, { sigma }]) => {
      const at = (s: number, seconds: number) => sigma(10, 40, seconds, device({ 'device.readNoise.sigma': s }))
      return { name, generic: at(0.1, 1) !== at(0.2, 1), timed: at(0.1, 1) !== at(0.1, 86400) }
    })
    expect(
      reads
        .filter((m) => m.generic)
        .map((m) => m.name)
        .sort(),
    ).toEqual([...GENERIC_READ_NOISE].sort())
    expect(
      reads
        .filter((m) => m.timed)
        .map((m) => m.name)
        .sort(),
    ).toEqual([...TIMED_READ_NOISE].sort())
  })
})

describe('measured tables', () => {
  const warned = (table: readonly (readonly [number, number, number])[], model: 'table' | 'none' = 'table') =>
    profileWarnings(profileWith({ 'device.programming.model': model, 'device.programming.table': table }))
      .filter(({ code }) => code === 'OHM1208')
      .map(({ message }) => message)

  it('of shifts in place of means are warned of', () => {
    const shifts = [1, 10, 20, 40].map((g) => [g * 1e-6, 0.3e-6, 0.5e-6] as const)
    expect(warned(shifts)).toEqual([expect.stringMatching(/^in 4 of 4 rows .* not their shifts$/)])
    expect(warned(shifts, 'none')).toEqual([])
  })

  it('of means are not, nor where few rows are odd', () => {
    const means = [0, 1, 10, 20, 40].map((g) => [g * 1e-6, (g + 0.3) * 1e-6, 0.5e-6] as const)
    expect(warned(means)).toEqual([])
    expect(warned([...means, [50e-6, 1e-6, 1e-6], [60e-6, 1e-6, 1e-6]])).toEqual([])
  })

  it('in siemens that were meant as microsiemens are refused with the way out', async () => {
    const refusal = expect.objectContaining({
      code: 'OHM1202',
      message: expect.stringContaining('conductances of at most 1 S'),
      hint: expect.stringContaining('are these microsiemens?'),
    })
    await expect(setProfileValues(profileWith(), ['device.programming.table=[[10, 11, 1]]'])).rejects.toThrow(refusal)
    await expect(
      parseProfile('{"format":"ohmbit/profile/1","device":{"programming":{"table":[[10,11,1]]}}}', 'p.json'),
    ).rejects.toThrow(refusal)
    await expect(
      setProfileValues(profileWith(), ['device.programming.table=[[10 uS, 11 uS, 1 uS]]']),
    ).resolves.toBeDefined()
  })
})

/** A value other than the default that goes with everything. */
function another(field: Field): FieldValue {
  switch (field.kind) {
    case 'word':
      return Object.keys(field.words).find((word) => word !== field.default)!
    case 'boolean':
      return !field.default
    case 'table':
      return [[1e-6, 2e-6, 1e-6]]
    case 'curve':
      return [
        [-1, -1],
        [1, 1],
      ]
    case 'levels':
      return 8
    case 'integer':
      return field.allowed?.[0] ?? field.min! + 1
    default:
      return field.default === null || field.default === 0 ? Math.min(field.max ?? 0.5, 0.5) : field.default * 0.7
  }
}

describe('what is said to have no effect', () => {
  const network = fixtureNetwork('vqcs_n7_K10_1bit')
  const y = rowRange(fixtureArray('vqcs_n7_K10_1bit', 'test_y'), 0, 16)
  const signals = (profile: Profile) => {
    const { codes, output, counters } = encodeTrace(fabricate(deploy(network, profile), { seed: 3 }), y)
    return { codes, output, counters }
  }
  const rough = withValues(profileWith(), {
    'device.programming.model': 'state-independent',
    'device.accessTransistor.resistance': 1000,
    'adc.comparator.noise': 1e-3,
  })

  it('changes no voltage and no code', async () => {
    let tried = 0
    for (const base of [profileWith(), rough, await readProfile('pcm'), await readProfile('reram-1t1r')]) {
      const before = signals(base)
      for (const path of FIELD_PATHS) {
        const changed = withValues(base, { [path]: another(FIELDS[path]) })
        if (!unusedValues(changed).some((value) => value.path === path)) continue
        tried++
        expect(signals(changed), `${base.id} ${path}`).toEqual(before)
      }
    }
    expect(tried).toBeGreaterThan(100)
  }, 60_000)
})
