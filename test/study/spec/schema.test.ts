import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { parseStudy } from '../../../src/study/spec/file.ts'
import { studyPage, studySchema } from '../../../src/study/spec/schema.ts'
import { STUDY_KINDS } from '../../../src/study/study.ts'

const format = 'ohmbit/study/1'
const base = { format, network: 'a.onnx', profile: 'ideal' }
const axis = { path: 'adc.dac.bits', values: [4] }

const ACCEPTED: readonly object[] = [
  base,
  ...STUDY_KINDS.map((kind) => ({ ...base, kind })),
  { ...base, $schema: './study.schema.json', name: 'mine', chips: 1, firstChip: 0, seed: 2 ** 32 - 1, samples: 1 },
  { format, deployment: './dir/sub', set: { 'adc.dac.bits': 4, 'device.levels': [1e-6, '2 uS'], 'adc.clip': true } },
  {
    ...base,
    axes: [axis, { path: 'adc.dac.bits', values: '[4, 5]' }, { path: 'adc.search', values: ['binary', null] }],
  },
  { ...base, axes: [{ path: 'adc.fullScale', range: ['1 V', 2], scale: 'logarithmic', count: 3 }] },
  { ...base, axes: [{ path: 'adc.fullScale', expression: '2 V' }] },
  { ...base, require: 'ber <= 1', until: 'yield +- 1 %', points: 2, shardChips: 1, metric: 'ber' },
  { ...base, attributions: ['shapley'], importance: { path: 'adc.thresholdSigma', scale: 2 } },
  {
    ...base,
    loosest: { path: 'adc.fullScale', tight: 1, loose: '2 V', yield: '99 %', tolerance: 0.1, scale: 'linear' },
  },
  { ...base, task: { kind: 'sparse-recovery', N: 8, M: 4, S: 1, noiseVariance: 0 }, inputs: 'y.npy', truth: 'a/x.npy' },
]
const REFUSED: readonly unknown[] = [
  [],
  3,
  { ...base, format: 'ohmbit/study/2' },
  { ...base, kind: 'mc' },
  { ...base, network: '../a.onnx' },
  { ...base, network: '/a.onnx' },
  { ...base, networks: [] },
  { ...base, networks: ['a', '..'] },
  { ...base, deployment: 'a/../../b' },
  { ...base, chips: 0 },
  { ...base, chips: null },
  { ...base, axes: [] },
  { ...base, axes: {} },
  { ...base, axes: [{ values: [1] }] },
  { ...base, axes: [{ ...axis, path: 'adc.dac' }] },
  { ...base, axes: [{ ...axis, path: 'toString' }] },
  { ...base, axes: [{ ...axis, values: 3 }] },
  { ...base, axes: [{ ...axis, values: [{ value: 3 }] }] },
  { ...base, axes: [{ ...axis, step: 1 }] },
  { ...base, axes: [{ path: 'adc.fullScale', range: [1] }] },
  { ...base, axes: [{ path: 'adc.fullScale', range: [1, true] }] },
  { ...base, axes: [{ path: 'adc.fullScale', range: [1, 2], count: 1 }] },
  { ...base, axes: [{ path: 'adc.fullScale', expression: 2 }] },
  { ...base, set: ['adc.dac.bits=4'] },
  { ...base, set: { 'adc.dac': 4 } },
  { ...base, set: { 'adc.dac.bits': { value: 4 } } },
  { ...base, metric: 'nmse' },
  { ...base, require: 3 },
  { ...base, attributions: [] },
  { ...base, importance: { path: 'adc.thresholdSigma' } },
  { ...base, importance: { path: 'adc.thresholdSigma', scale: 1 } },
  { ...base, loosest: { path: 'adc.fullScale', tight: 1, loose: 2 } },
  { ...base, loosest: { path: 'adc.fullScale', tight: null, loose: 2, yield: 0.9 } },
  { ...base, task: 'sparse-recovery' },
  { ...base, task: { kind: 'sparse-recovery', N: 0, M: 4, S: 1, noiseVariance: 0 } },
  { ...base, shardChips: 0 },
  { ...base, name: '' },
  { ...base, name: 'a\nb' },
]

describe('reader and schema', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(studySchema())
  const accepts = (value: unknown) => {
    try {
      parseStudy(JSON.stringify(value), 's.json')
      return true
    } catch (error) {
      if (!(error instanceof OhmbitError)) throw error
      for (const { code, at } of error.problems) {
        expect(code).toBe('OHM8001')
        expect(at?.line).toBeGreaterThan(0)
      }
      return false
    }
  }
  for (const [i, value] of ACCEPTED.entries())
    it(`both accept case ${i}`, () => {
      expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
      expect(accepts(value)).toBe(true)
    })
  for (const value of REFUSED)
    it(`both refuse ${JSON.stringify(value).slice(0, 110)}`, () => {
      expect(validate(value)).toBe(false)
      expect(accepts(value)).toBe(false)
    })

  it('what is shipped is fresh', () => {
    const shipped = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
    expect(JSON.parse(shipped('schemas/study.schema.json'))).toEqual(JSON.parse(JSON.stringify(studySchema())))
    expect(shipped('docs/study-fields.md')).toBe(studyPage())
  })
})
