import { test as check, fc } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { formatQuantity, parseQuantity, UNITS, type Unit } from '../../src/base/quantity.ts'

const refusal = async (text: string | number, unit: Unit) => {
  try {
    const value = await parseQuantity(text, unit)
    throw new Error(`accepted as ${value}`)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    return { code: error.code, message: error.message, hint: error.hint }
  }
}

describe('parseQuantity', () => {
  // Exact equality: prefixes are decimal shifts, not multiplications by a rounded 1e-6.
  it.each([
    ['100 uS', 'S', 100e-6],
    ['40 uS', 'S', 40e-6],
    ['0.1uS', 'S', 0.1e-6],
    ['5 \u00b5S', 'S', 5e-6],
    ['5 \u03bcS', 'S', 5e-6],
    ['25 mA/V', 'S', 0.025],
    ['2 ohm', 'ohm', 2],
    ['2 \u03a9', 'ohm', 2],
    ['2 \u2126', 'ohm', 2],
    ['1 k\u03a9', 'ohm', 1000],
    ['1 kohm', 'ohm', 1000],
    ['1.5 kOhm', 'ohm', 1500],
    ['2 Mohm', 'ohm', 2e6],
    ['3 mohm', 'ohm', 3e-3],
    ['10 mV', 'V', 0.01],
    ['-3e2 mV', 'V', -0.3],
    ['.5 V', 'V', 0.5],
    ['1e-13 F', 'F', 1e-13],
    ['100 fF', 'F', 100e-15],
    ['20 ns', 's', 20e-9],
    ['1 day', 's', 86400],
    ['2 days', 's', 172800],
    ['1.5 hour', 's', 5400],
    ['10 V/s', 'V/s', 10],
    ['10 mV/ms', 'V/s', 10],
    ['0.01 / V^2', '1/V^2', 0.01],
    ['0.01 V^-2', '1/V^2', 0.01],
    ['300 K', 'K', 300],
    ['85 degC', 'K', 358.15],
    ['-40 \u00b0C', 'K', 233.15],
    ['25 celsius', 'K', 298.15],
    ['77 degF', 'K', 298.15],
    ['0.05 %', '1', 0.0005],
    ['20 ppm', '1', 20e-6],
    ['0.25', '1', 0.25],
  ] as const)('%s is exactly %s %d', async (text, unit, value) => {
    expect(await parseQuantity(text, unit)).toBe(value)
  })

  it('takes plain numbers as SI, without a negative zero', async () => {
    expect(await parseQuantity(0.2, 'V')).toBe(0.2)
    expect(Object.is(await parseQuantity(-0, 'V'), 0)).toBe(true)
    expect(Object.is(await parseQuantity('-0 V', 'V'), 0)).toBe(true)
  })

  it('names both dimensions, the unit and an example when they differ', async () => {
    expect(await refusal('5 us', 'S')).toEqual({
      code: 'OHM1203',
      message: '"5 us" is a time, not a conductance in S',
      hint: 'write a conductance in S, for instance "100 uS", or a plain number in S without quotes',
    })
    expect((await refusal('5 kg', 'V')).message).toBe('"5 kg" is of another kind, not a voltage in V')
    expect((await refusal('5 V', '1')).message).toBe('"5 V" is a voltage, not a plain number')
    expect((await refusal('5 %', 'V')).message).toBe('"5 %" is a share, not a voltage in V')
    expect((await refusal('10 deg', '1')).code).toBe('OHM1203')
  })

  it.each([
    ['5', 'V', '"5" has no unit'],
    ['', 'V', '"" is not a number with a unit'],
    ['V', 'V', '"V" is not a number with a unit'],
    ['1,5 V', 'V', 'the unit of "1,5 V" is not known'],
    ['5 volts5', 'V', 'the unit of "5 volts5" is not known'],
    ['5 constructor', 'V', 'the unit of "5 constructor" is not known'],
    ['5 constructor', '1', 'the unit of "5 constructor" is not known'],
    ['5 __proto__', 'V', 'the unit of "5 __proto__" is not known'],
    ['5 toString', 'V', 'the unit of "5 toString" is not known'],
    ['NaN V', 'V', '"NaN V" is not a number with a unit'],
    ['1e400 V', 'V', '"1e400 V" is too large'],
    ['1e308 kV', 'V', '"1e308 kV" is too large'],
    ['2 V; import("x")', 'V', 'the unit of "2 V; import(\\"x\\")" is not known'],
    ['5 degC s / s', 'K', 'the unit of "5 degC s / s" is not known'],
    ['5 V^1e9', 'V', '"5 V^1e9" is of another kind, not a voltage in V'],
  ] as const)('refuses %j as %s', async (text, unit, message) => {
    const found = await refusal(text, unit)
    expect(found.code).toBe('OHM1203')
    expect(found.message).toBe(message)
  })

  it('refuses long texts at once and numbers that are not finite', async () => {
    expect((await refusal(`1 ${'V'.repeat(1e6)}`, 'V')).message.length).toBeLessThan(120)
    expect((await refusal(Number.NaN, 'V')).code).toBe('OHM1203')
    expect((await refusal(Number.POSITIVE_INFINITY, 'V')).code).toBe('OHM1203')
  })

  check.prop([fc.string({ maxLength: 30 }), fc.constantFrom(...(Object.keys(UNITS) as Unit[]))])(
    'never throws anything but OHM1203, and never gives anything but a finite number',
    async (text, unit) => {
      const value = await parseQuantity(text, unit).catch((error: unknown) => {
        expect(error).toBeInstanceOf(OhmbitError)
        expect((error as OhmbitError).code).toBe('OHM1203')
        return 0
      })
      expect(Number.isFinite(value)).toBe(true)
    },
  )
})

describe('formatQuantity', () => {
  it.each([
    [1e-4, 'S', '100 uS'],
    [1.5e-6, 'S', '1.5 uS'],
    [0, 'S', '0 S'],
    [0.87, 'ohm', '870 mohm'],
    [1000, 'ohm', '1 kohm'],
    [-0.25, 'V', '-250 mV'],
    [1e-13, 'F', '100 fF'],
    [2e-8, 's', '20 ns'],
    [1, 's', '1 s'],
    [86400, 's', '1 day'],
    [7200, 's', '2 hours'],
    [5400, 's', '5400 s'],
    [300, 'K', '300 K'],
    [10, 'V/s', '10 V/s'],
    [0.01, '1/V^2', '0.01 / V^2'],
    [0.001, '1', '0.001'],
  ] as const)('%d %s is written %s', (value, unit, text) => {
    expect(formatQuantity(value, unit)).toBe(text)
  })

  check.prop([
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    fc.constantFrom(...(Object.keys(UNITS) as Unit[])),
  ])('is read back as the very same number', async (value, unit) => {
    expect(await parseQuantity(formatQuantity(value, unit), unit)).toBe(value)
  })
})
