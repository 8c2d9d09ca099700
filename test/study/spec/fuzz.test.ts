import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { STUDY_FIELDS } from '../../../src/study/spec/fields.ts'
import { parseStudy } from '../../../src/study/spec/file.ts'
import { outlineOf } from '../../../src/study/spec/resolve.ts'
import { STUDY_KINDS } from '../../../src/study/study.ts'

const paths = ['crossbar.wires.wordSegment', 'adc.dac.bits', 'device.levels', 'adc.search', 'adc.clip'] as const
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1e308, 5e-324, '', '1 ohm', 'NaN', '[1, 2] ohm', '0:1e9', '__proto__'),
  fc.constantFrom<unknown>(
    [],
    [[]],
    {},
    [1, 2],
    ['1 ohm', '2 ohm'],
    [null],
    [[1e-6, 2e-6]],
    'constructor',
    'a'.repeat(500),
  ),
  fc.integer({ min: -3, max: 12 }),
  fc.string({ maxLength: 12 }),
  fc.jsonValue({ maxDepth: 3 }),
)
const path = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...paths) }, { weight: 1, arbitrary: fc.string() })
const part = (keys: Record<string, fc.Arbitrary<unknown>>) => fc.record(keys, { requiredKeys: [] })
const axis = part({
  path,
  values: odd,
  range: fc.oneof(odd, fc.tuple(odd, odd)),
  scale: fc.constantFrom('linear', 'logarithmic', 'log'),
  count: odd,
  expression: fc.oneof(fc.constantFrom(...paths.map((p) => `2 * ${p}`)), fc.string()),
})
const base = { network: 'a.onnx', profile: 'ideal' }
const any = part({
  ...Object.fromEntries(Object.keys(STUDY_FIELDS).map((key) => [key, odd])),
  kind: fc.constantFrom(...STUDY_KINDS),
  axes: fc.array(axis, { maxLength: 4 }),
  set: fc.dictionary(path, odd, { maxKeys: 3 }),
  loosest: part({ path, tight: odd, loose: odd, yield: odd, tolerance: odd, scale: odd }),
  importance: part({ path, scale: odd }),
})
/** One thing that is odd, in a study that is good otherwise. */
const almost = fc.oneof(
  fc.record({ axes: fc.tuple(fc.record({ path, values: odd })) }),
  fc.record({ axes: fc.constant([{ path: paths[0], values: [1, 2] }]), set: fc.dictionary(path, odd, { maxKeys: 1 }) }),
  fc.record({
    axes: fc.constant([{ path: paths[0], range: [1, 2] }]),
    points: fc.integer({ min: -1, max: 4 }),
    kind: fc.constantFrom(...STUDY_KINDS),
  }),
  fc.record({ set: fc.dictionary(path, odd, { maxKeys: 1 }), chips: odd }),
  fc.record({ require: fc.constant('ber <= 1'), until: fc.oneof(fc.constantFrom('yield +- 1 %', 'mean +- 1'), odd) }),
  fc.record({
    kind: fc.constant('loosest'),
    require: fc.constant('ber <= 1'),
    loosest: fc.record({ path, tight: odd, loose: odd, yield: fc.constantFrom(0.5, '99 %') }),
  }),
)
const study = fc.oneof(
  any,
  almost.map((keys) => ({ ...base, ...keys })),
)

it('any study file is understood or refused, with its places', async () => {
  let understood = 0
  await fc.assert(
    fc.asyncProperty(study, async (keys) => {
      const text = JSON.stringify({ ...keys, format: 'ohmbit/study/1' })
      try {
        const { chips, axes } = await outlineOf(parseStudy(text, 's.json'))
        understood++
        expect(chips).toBeGreaterThan(0)
        for (const { axis: found } of axes)
          if (found.range !== undefined) expect(found.range.low).toBeLessThan(found.range.high)
      } catch (error) {
        if (!(error instanceof OhmbitError)) throw error
        for (const { code, message } of error.problems) {
          expect(code).toMatch(/^OHM(1005|12\d\d|800[14])$/)
          expect(message).not.toMatch(/undefined|\[object/)
        }
      }
    }),
    { numRuns: 3000 },
  )
  expect(understood).toBeGreaterThan(50)
  expect(Object.keys({}.constructor.prototype)).toEqual([])
})
