import { describe, expect, it } from 'vitest'
import { OhmbitError, type Problem } from '../../src/base/errors.ts'
import { setProfileValues } from '../../src/profile/set.ts'
import { profileWith } from '../support/profile.ts'

const base = profileWith()
const problems = async (...assignments: string[]): Promise<readonly Problem[]> => {
  try {
    await setProfileValues(base, assignments)
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
  return []
}

describe('setProfileValues', () => {
  it('takes the rows of a programming table', async () => {
    const changed = await setProfileValues(profileWith(), [
      'device.programming.model=table',
      'device.programming.table=[[10 uS, 11 uS, 500 nS], ["20 uS", 2e-5, 0]]',
    ])
    expect(changed.device.programming.table).toEqual([
      [10e-6, 11e-6, 0.5e-6],
      [20e-6, 20e-6, 0],
    ])
    await expect(setProfileValues(profileWith(), ['device.programming.table=lot1.csv'])).rejects.toThrowError(
      /names the file "lot1.csv", which only a profile read from a file can do/,
    )
  })

  it('changes what is named and nothing else', async () => {
    const changed = await setProfileValues(base, [
      'crossbar.wires.wordSegment=5 ohm',
      ' crossbar.wires.bitSegment = 0.5 ',
      'device.levels=16',
      'device.programming.model=lognormal',
      'device.programming.sigma=5 %',
      'adc.clip=true',
      'adc.dac.bits=8',
      'adc.hold.capacitance=100 fF',
      'environment.timeSinceProgramming=1 day',
    ])
    expect(changed).toEqual(
      profileWith({
        'crossbar.wires.wordSegment': 5,
        'crossbar.wires.bitSegment': 0.5,
        'device.levels': 16,
        'device.programming.model': 'lognormal',
        'device.programming.sigma': 0.05,
        'adc.clip': true,
        'adc.dac.bits': 8,
        'adc.hold.capacitance': 100e-15,
        'environment.timeSinceProgramming': 86400,
      }),
    )
    expect(base).toEqual(profileWith())
    expect(await setProfileValues(base, [])).toEqual(base)
  })

  it('takes null, lists in three spellings, and the later of two', async () => {
    const levels = [1e-6, 5e-6, 1e-5]
    for (const list of ['[1 uS, 5 uS, 10 uS]', '1e-6,5e-6,1e-5', '["1 uS", \'5 uS\', 0.00001]'])
      expect((await setProfileValues(base, [`device.levels=${list}`])).device.levels).toEqual(levels)
    expect((await setProfileValues(base, ['adc.dac.bits=8', 'adc.dac.bits=null'])).adc.dac.bits).toBeNull()
    expect((await setProfileValues(base, ['device.levels=8', 'device.levels=null'])).device.levels).toBeNull()
  })

  it.each([
    ['crossbar.wires.wordsegment=1 ohm', 'OHM1204', /did you mean crossbar\.wires\.wordSegment\?/],
    ['wordSegment=1 ohm', 'OHM1204', /did you mean crossbar\.wires\.wordSegment\?/],
    ['gainSigma=1', 'OHM1204', /one of periphery\.tia\.gainSigma, periphery\.activation\.gainSigma, adc\.frontEnd/],
    ['crossbar.wires=1 ohm', 'OHM1204', /its keys: wordSegment, bitSegment, driver, sense/],
    ['something.else.entirely=1', 'OHM1204', /profiles show/],
    ['__proto__.polluted=1', 'OHM1204', /profiles show/],
    ['constructor=1', 'OHM1204', /profiles show/],
    ['crossbar.wires.wordSegment', 'OHM9001', /crossbar\.wires\.wordSegment="5 ohm"/],
    ['crossbar.wires.wordSegment=5 uS', 'OHM1203', /2 ohm/],
    ['crossbar.wires.wordSegment=-5 ohm', 'OHM1202', /word line resistance/],
    ['crossbar.wires.wordSegment=null', 'OHM1202', /./],
    ['device.devicesPerSide=1.5', 'OHM1202', /./],
    ['device.programming.model=reram-wan2022', 'OHM1202', /reram-wan2022-ibm/],
    ['adc.clip=yes', 'OHM1202', /./],
    ['device.levels=[1 uS, 5 ohm]', 'OHM1203', /100 uS/],
    ['device.levels=[5 uS, 1 uS]', 'OHM1205', /sort/],
    ['device.conductanceMin=1 mS', 'OHM1205', /exchange/],
    ['decoder.tableWords=256', 'OHM1202', /2\^m \+ 1/],
  ])('refuses %s', async (assignment, code, hint) => {
    const [found, ...rest] = await problems(assignment)
    expect(rest).toEqual([])
    expect(found!.code).toBe(code)
    expect(found!.hint).toMatch(hint)
  })

  it('reports everything at once and points at what was set', async () => {
    expect((await problems('a=1', 'adc.clip=2', 'x')).map((p) => p.code)).toEqual(['OHM1204', 'OHM1202', 'OHM9001'])
    expect((await problems('device.devicesPerSide=100'))[0]!.at).toEqual({ pointer: '/device/devicesPerSide' })
    expect((await problems('crossbar.bitLines=1'))[0]!.at).toEqual({ pointer: '/crossbar/bitLines' })
  })
})
