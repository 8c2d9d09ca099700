import { describe, expect, it } from 'vitest'
import { formatQuantity, parseQuantity } from '../../src/base/quantity.ts'
import { mismatch } from '../../src/profile/check.ts'
import { adcFields } from '../../src/profile/fields/adc.ts'
import type { FieldsOf } from '../../src/profile/fields/field.ts'
import { FIELD_PATHS, FIELDS, type FieldPath, formatValue, GROUPS } from '../../src/profile/fields.ts'
import { parseProfile } from '../../src/profile/parse.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { profileWith } from '../support/profile.ts'

/** Every leaf of a profile, found by walking it. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}

const HEADER = ['format', 'id', 'description', 'source', 'notModelled']

describe('the table of fields', () => {
  it('has one entry for every leaf of a profile, in the order of the profile', () => {
    const profile = profileWith()
    expect(leaves(profile, '').filter((path) => !HEADER.includes(path))).toEqual(FIELD_PATHS)
    expect(Object.keys(profile)).toEqual([...HEADER, ...GROUPS.get('')!])
  })

  it('does not compile with a path missing, superfluous or of another kind', () => {
    const { 'adc.search': search, ...rest } = adcFields
    // @ts-expect-error a path is missing
    const missing: FieldsOf<'adc'> = rest
    // @ts-expect-error a word that Profile does not know is missing from the words, or too many
    const wrongWords: FieldsOf<'adc'> = { ...rest, 'adc.search': { ...search, words: { binary: '' } } }
    // @ts-expect-error a value that may be null must say so
    const notNullable: FieldsOf<'adc'>['adc.dac.bits'] = { ...adcFields['adc.compareTime'] }
    // @ts-expect-error profiles have no such path
    const path: FieldPath = 'adc.dac.bit'
    // @ts-expect-error a section is no value
    const section: FieldPath = 'adc.dac'
    expect([missing, wrongWords, notNullable, path, section]).toHaveLength(5)
  })

  it.each(FIELD_PATHS)('%s: default within its own range, meaning and source stated', (path) => {
    const field = FIELDS[path]
    expect(mismatch(field, field.default)).toBeNull()
    expect(field.meaning).toMatch(/\w/)
    expect(field.source).toMatch(/\w/)
    expect(`${field.meaning}${field.source}`).not.toMatch(/[\n|]{2}/)
  })

  it('prints every default quantity so that it reads back exactly', async () => {
    for (const path of FIELD_PATHS) {
      const field = FIELDS[path]
      if (field.kind !== 'quantity' || field.default === null) continue
      expect(await parseQuantity(formatValue(field, field.default), field.unit)).toBe(field.default)
      expect(formatQuantity(field.default, field.unit)).toBe(formatValue(field, field.default))
    }
  })
})

describe('defaults', () => {
  it('are a near-ideal profile: every imperfection off', async () => {
    const { profile, sources } = await parseProfile('{"format":"ohmbit/profile/1"}', 'folder/my chip.json')
    const wanted: Profile = {
      format: 'ohmbit/profile/1',
      id: 'my-chip',
      description: '',
      source: '',
      notModelled: [],
      device: {
        conductanceMin: 1e-6,
        conductanceMax: 1e-4,
        levels: null,
        devicesPerSide: 1,
        programming: {
          model: 'none',
          scale: 1,
          sigma: 0,
          referenceVoltage: 0.1,
          table: null,
          writeVerify: {
            tolerance: 0.01,
            maximumPulses: 1000,
            fullRangePulses: 100,
            curvature: 1,
            pulseSigma: 0.035,
            readSigma: 0,
            relaxation: 'none',
          },
        },
        drift: { model: 'none', scale: 1, exponent: 0, exponentSigma: 0, referenceTime: 1 },
        readNoise: { model: 'none', scale: 1, sigma: 0 },
        retention: { model: 'none', timeConstant: 315_360_000, stretch: 1, end: 0 },
        temperature: { coefficient: 0, reference: 300, activationEnergy: 0 },
        iv: { model: 'linear', cubic: 0, voltage: 0.2, gamma: 2 },
        accessTransistor: { resistance: 0 },
        faults: {
          stuckAtMin: 0,
          stuckAtMax: 0,
          stuckAtMid: 0,
          formingFailure: 0,
          deadWordLine: 0,
          deadBitLine: 0,
          clustering: 'independent',
          clusterLength: 4,
        },
      },
      crossbar: {
        mapping: 'differential-one-sided',
        significance: 4,
        slices: 2,
        sliceBits: 2,
        layout: 'adjacent',
        lineOrder: 'natural',
        scaling: 'layer-maximum',
        percentile: 100,
        biasDrive: 'unit',
        wordLines: 128,
        bitLines: 128,
        partialSums: { kind: 'current', bits: null },
        wires: { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0, drive: 'one-end' },
        wireCorrection: 'none',
        faultRepair: 'none',
        driftCompensation: { kind: 'none', reads: 'measured' },
        outputCalibration: { kind: 'none', vectors: 64, reads: 'measured' },
      },
      periphery: {
        input: { fullScale: 0.2, bits: null, clip: false, encoding: 'amplitude' },
        tia: { swing: null, gainSigma: 0, offsetSigma: 0, bandwidth: null, shotNoise: false, readTime: 100e-9 },
        activation: {
          fullScale: 0.5,
          saturation: 4,
          gainSigma: 0,
          offsetSigma: 0,
          transfer: { model: 'ideal', function: 'tanh', table: null },
        },
      },
      adc: {
        fullScale: 0.5,
        clip: false,
        architecture: 'serial',
        search: 'binary',
        memristor: { levelBits: 4, sigma: 0, residualLimit: 0.5 },
        dac: { bits: null, unitSigma: 0, settlingError: 0 },
        thresholdSigma: 0,
        comparator: { offsetSigma: 0, noise: 0, hysteresis: 0, metaWindow: 0 },
        crosstalk: 0,
        hold: { capacitance: null, switchResistance: 1000, sampleTime: 20e-9, droop: 0 },
        frontEnd: { gainSigma: 0, offsetSigma: 0, cubic: 0 },
        compareTime: 10e-9,
      },
      decoder: {
        arithmetic: 'float',
        weightBits: 16,
        weightScale: 'per-tensor',
        activationBits: 16,
        accumulatorBits: 48,
        tableWords: 257,
      },
      environment: { temperature: 300, timeSinceProgramming: 1 },
    }
    expect(profile).toEqual(wanted)
    expect(sources).toEqual({})
  })
})
