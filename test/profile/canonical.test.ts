import { test as check } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { profileFromJson, profileToJson } from '../../src/profile/canonical.ts'
import { parseProfile } from '../../src/profile/parse.ts'
import { arbitraryProfile } from '../support/arbitrary-profile.ts'
import { profileWith } from '../support/profile.ts'

type Section = Record<string, unknown>
const inside = (section: Section, key: string) => section[key] as Section

const refusal = (change: (profile: Section) => void) => {
  const profile = JSON.parse(profileToJson(profileWith()))
  change(profile)
  try {
    profileFromJson(JSON.stringify(profile), 'profile.json')
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems.map((p) => `${p.code} ${p.message}`)
    throw error
  }
  return []
}

describe('canonical JSON', () => {
  check.prop([arbitraryProfile])('holds a profile completely', async (profile) => {
    const text = profileToJson(profile)
    expect(profileFromJson(text)).toEqual(profile)
    expect(profileToJson(profileFromJson(text))).toBe(text)
    // A canonical text is a profile file too.
    expect((await parseProfile(text, 'x')).profile).toEqual(profile)
  })

  it('does not depend on the order in which a profile was built', () => {
    const profile = profileWith({ 'adc.dac.bits': 8 })
    const turned = (value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([k, v]) => [k, turned(v)]),
          )
        : value
    expect(profileToJson(turned(profile) as typeof profile)).toBe(profileToJson(profile))
  })

  it('is strict: nothing missing, nothing more, SI numbers only', () => {
    expect(refusal(() => {})).toEqual([])
    expect(refusal((p) => delete inside(inside(p, 'adc'), 'dac')['bits'])).toEqual(['OHM1202 adc.dac.bits is missing'])
    expect(refusal((p) => delete inside(p, 'adc')['hold'])).toEqual(['OHM1202 adc.hold must be an object'])
    expect(refusal((p) => Object.assign(inside(p, 'adc'), { more: 1 }))).toEqual(['OHM1204 unknown key "more"'])
    expect(refusal((p) => Object.assign(inside(p, 'adc'), { source: 'x' }))).toEqual(['OHM1204 unknown key "source"'])
    expect(refusal((p) => Object.assign(inside(p, 'device'), { conductanceMin: '1 uS' }))).toEqual([
      'OHM1202 device.conductanceMin must be a conductance from 0 S to 1 S',
    ])
    expect(refusal((p) => Object.assign(inside(p, 'device'), { conductanceMin: 1 }))).toEqual([
      'OHM1205 conductanceMin (1 S) is not below conductanceMax (100 uS)',
    ])
    expect(
      refusal((p) => Object.assign(p, { format: 'x', id: '../up', description: 1, source: null, notModelled: [1] })),
    ).toHaveLength(5)
    expect(() => profileFromJson('[]')).toThrow(OhmbitError)
    expect(() => profileFromJson('null')).toThrow(OhmbitError)
    expect(() => profileFromJson('{"__proto__": 1}')).toThrow(/refused/)
  })
})
