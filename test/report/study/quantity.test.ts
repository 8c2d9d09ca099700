import { expect, it } from 'vitest'
import {
  axisName,
  axisTitle,
  percent,
  plainText,
  quantityText,
  scoreText,
  shortNumber,
  shownIn,
  timeText,
  toShown,
  valueText,
} from '../../../src/report/study/quantity.ts'

it('paths become words', () => {
  expect(axisName('crossbar.wires.wordSegment')).toBe('wires word segment')
  expect(axisName('environment.timeSinceProgramming')).toBe('time since programming')
  expect(axisName('adc.dac.bits')).toBe('ADC DAC bits')
  expect(axisName('network')).toBe('network')
})

it('quantities have the prefix that can be read', () => {
  expect(quantityText(0.5, 'ohm')).toBe('500 mΩ')
  expect(quantityText(2e-5, 'S')).toBe('20 µS')
  expect(quantityText(0, 'V')).toBe('0 V')
  expect(quantityText(358.15, 'K')).toBe('85 °C')
  expect(quantityText(0.05, '1')).toBe('0.05')
  expect(quantityText(1.5e3, 'Hz')).toBe('1.5 kHz')
  expect(axisTitle('wires word segment', shownIn('ohm', [0.5, 5]).unit)).toBe('wires word segment [Ω]')
  // One unit for a whole axis, and no digits that only the change of unit brings.
  const micro = shownIn('S', [1e-6, 40e-6])
  expect([1e-6, 40e-6, 3.3e-6].map((x) => toShown(x, micro))).toEqual([1, 40, 3.3])
})

it('times are said as people say them', () => {
  expect([1e-9, 0.5, 1, 59, 60, 3600, 5400, 86400, 30 * 86400].map(timeText)).toEqual([
    ...['1 ns', '500 ms', '1 s', '59 s', '1 min', '1 h', '1.5 h', '1 day', '30 days'],
  ])
  expect([365 * 86400, 365.25 * 86400, 3650 * 86400].map(timeText)).toEqual(['1 year', '1 year', '10 years'])
})

it('shares have as many digits as tell them from none and all', () => {
  expect([0, 1, 0.5, 0.885, 0.9995, 1e-6].map(percent)).toEqual([
    '0 %',
    '100 %',
    '50.0 %',
    '88.5 %',
    '99.950 %',
    '0.00010 %',
  ])
  expect(percent(Number.NaN)).toBe('unknown')
})

it('numbers are short', () => {
  expect([1234.5678, 1e-7, 12345678, 0, -0.5].map((x) => shortNumber(x))).toEqual([
    '1235',
    '1e-7',
    '1.235e7',
    '0',
    '-0.5',
  ])
  expect([scoreText('nmseDb', -8.005), scoreText('ber', 1.2345e-3), scoreText('ber', null)]).toEqual([
    ...['-8.01', '0.00123', 'unknown'],
  ])
  expect(scoreText('nmseDb', -Infinity)).toBe('-∞')
})

it('values that are no numbers', () => {
  expect([valueText(null, 's'), valueText('percentile', ''), valueText(true, ''), valueText([1, 2, 3], 'S')]).toEqual([
    ...['none', 'percentile', 'true', 'table of 3'],
  ])
  expect(valueText(undefined, '')).toBe('of the profile')
})

it('text from outside loses what is not to be seen', () => {
  expect(plainText('a\u0000b\u202ec\nd\u200b')).toBe('a b c d')
  expect(plainText('\ud83d')).toBe('\ufffd')
  expect(plainText('😀😀😀😀', 3)).toBe('😀😀…')
  expect(plainText('Wires, 2 Ω: "ü" <b>')).toBe('Wires, 2 Ω: "ü" <b>')
})
