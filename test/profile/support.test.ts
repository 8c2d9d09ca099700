import { describe, expect, it } from 'vitest'
import { contradictions } from '../../src/profile/check.ts'
import { FIELDS, type FieldPath, type FieldValue } from '../../src/profile/fields.ts'
import { profileProblems } from '../../src/profile/parse.ts'
import { CHOICES, clashes, MECHANISMS, notStatic } from '../../src/profile/support.ts'
import { profileWith } from '../support/profile.ts'

const messages = (changes: Partial<Record<FieldPath, FieldValue>>) =>
  contradictions(profileWith(changes)).map(({ message }) => message)

describe('the table of what goes with what', () => {
  it('has a column for every mapping, layout and encoding, and names fields that exist', () => {
    for (const path of ['crossbar.mapping', 'crossbar.layout', 'periphery.input.encoding'] as const)
      for (const word of Object.keys((FIELDS[path] as { words: Record<string, string> }).words))
        expect(CHOICES.filter(({ chosen }) => chosen(profileWith({ [path]: word })))).toContainEqual(
          expect.objectContaining({ paths: [path], label: expect.stringContaining(word) }),
        )
    for (const { paths } of [...CHOICES, ...MECHANISMS]) for (const path of paths) expect(FIELDS).toHaveProperty([path])
    const ids = CHOICES.map(({ id }) => id)
    for (const { limits } of MECHANISMS) expect(ids).toEqual(expect.arrayContaining(Object.keys(limits)))
  })

  it('has no mechanism that an ideal profile uses, and no clash in it', () => {
    const ideal = profileWith()
    expect(MECHANISMS.filter(({ active }) => active(ideal))).toEqual([])
    expect(clashes(ideal)).toEqual([])
    expect(notStatic(ideal)).toBeNull()
  })

  it('refuses a refused pair where the profile is read, with place and way out', async () => {
    const text = JSON.stringify(
      { format: 'ohmbit/profile/1', crossbar: { mapping: 'offset-column', layout: 'interleaved' } },
      null,
      1,
    )
    const problems = await profileProblems(text, 'mine.json')
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'OHM1205',
        message: expect.stringContaining('no partner to share its bit line with'),
        hint: expect.stringContaining('adjacent or separate'),
        at: expect.objectContaining({ pointer: '/crossbar/layout', line: 5 }),
      }),
    ])
  })

  it('says which profiles are no static circuit', () => {
    const reason = (changes: Partial<Record<FieldPath, FieldValue>>) => notStatic(profileWith(changes))?.reason
    expect(reason({ 'crossbar.partialSums.kind': 'digitised' })).toMatch(/converted/)
    expect(reason({ 'periphery.input.encoding': 'bit-serial', 'periphery.input.bits': 4 })).toMatch(/bit after bit/)
    expect(reason({ 'periphery.input.encoding': 'pulse-width' })).toBeUndefined()
    expect(reason({ 'periphery.input.encoding': 'pulse-width', 'device.iv.model': 'sinh' })).toMatch(/pulses/)
    expect(reason({ 'device.readNoise.model': 'proportional' })).toBeUndefined()
  })
})

describe('values that do not go together', () => {
  it.each([
    [
      { 'crossbar.bitLines': 3, 'device.devicesPerSide': 2 },
      /3 bit lines have no room for one output of 2 x 2 devices$/,
    ],
    [{ 'crossbar.bitLines': 3, 'crossbar.mapping': 'dual-pair' }, /one output of 4 x 1 devices$/],
    [
      { 'crossbar.bitLines': 3, 'crossbar.mapping': 'offset-column', 'device.devicesPerSide': 2 },
      /one output of 1 x 2 devices and a reference of 2$/,
    ],
    [{ 'crossbar.wordLines': 1, 'crossbar.layout': 'interleaved' }, /takes 2 word lines a word; the array has 1$/],
    [{ 'crossbar.mapping': 'bit-sliced', 'crossbar.slices': 7, 'crossbar.sliceBits': 4 }, /are 28 bits a weight/],
    [{ 'periphery.input.encoding': 'bit-serial' }, /the input DAC has no number of bits/],
  ])('%j', (changes, message) => {
    expect(messages(changes)).toEqual([expect.stringMatching(message)])
  })

  it('and their neighbours that do', () => {
    expect(messages({ 'crossbar.bitLines': 2, 'device.devicesPerSide': 2, 'crossbar.layout': 'separate' })).toEqual([])
    expect(
      messages({ 'crossbar.bitLines': 2, 'crossbar.mapping': 'dual-pair', 'crossbar.layout': 'interleaved' }),
    ).toEqual([])
    expect(messages({ 'crossbar.bitLines': 4, 'crossbar.mapping': 'bit-sliced' })).toEqual([])
    expect(
      messages({ 'crossbar.bitLines': 2, 'crossbar.mapping': 'bit-sliced', 'crossbar.partialSums.kind': 'digitised' }),
    ).toEqual([])
    expect(messages({ 'crossbar.slices': 16, 'crossbar.sliceBits': 8 })).toEqual([])
  })
})
