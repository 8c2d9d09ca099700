import { fc, test as prop } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { parseRequirement, requirementText } from '../../src/study/requirement.ts'
import { metricNames } from '../../src/task/metric.ts'

describe('requirements', () => {
  test('both forms', () => {
    expect(parseRequirement('nmseDb loss <= 0.1')).toEqual({ metric: 'nmseDb', loss: true, limit: 0.1 })
    expect(parseRequirement(' ber<=1e-3 ')).toEqual({ metric: 'ber', loss: false, limit: 1e-3 })
    expect(parseRequirement('nmseDb <= -10.5')).toEqual({ metric: 'nmseDb', loss: false, limit: -10.5 })
  })

  prop.prop([fc.constantFrom(...metricNames), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true })])(
    'what is written is read back',
    (metric, loss, number) => {
      const limit = Number(number.toPrecision(12)) + 0
      expect(parseRequirement(requirementText({ metric, loss, limit }))).toEqual({ metric, loss, limit })
    },
  )

  test('nothing else is understood', () => {
    for (const text of [
      '',
      'nmseDb',
      'nmseDb loss < 0.1',
      'nmseDb loss >= 0.1',
      'nmsedb loss <= 0.1',
      'constructor <= 1',
      'nmseDb gain <= 1',
      'nmseDbloss <= 1',
      'nmseDb loss <= 0.1 dB',
      'nmseDb loss <= 1e999',
      'nmseDb loss <= 0x10',
      'nmseDb loss <= 1 + 1',
      'nmseDb loss <= .',
      'nmseDb loss <= process.exit()',
      `nmseDb${' '.repeat(300)}<= 1`,
    ])
      expect(() => parseRequirement(text), text).toThrow(/is not a requirement/)
  })

  prop.prop([fc.string({ maxLength: 300 })])('whatever comes, it is read or refused', (text) => {
    try {
      expect(Number.isFinite(parseRequirement(text).limit)).toBe(true)
    } catch (error) {
      expect(error).toMatchObject({ code: 'OHM9001' })
    }
  })
})
