import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { type FieldPath, type FieldValue, valueAt } from '../../../src/profile/fields.ts'
import { readProfile } from '../../../src/profile/read.ts'
import { parseExpression } from '../../../src/study/spec/expression.ts'

const profile = await readProfile('reram-1t1r')
const known: Partial<Record<FieldPath, FieldValue>> = {
  'crossbar.wires.wordSegment': 2.5,
  'adc.dac.bits': 6,
  'device.conductanceMax': 100e-6,
  'environment.temperature': 300,
  'adc.hold.capacitance': null,
}
const lookup = (path: FieldPath): FieldValue => (path in known ? known[path]! : valueAt(profile, path))
const value = async (text: string) => {
  const { numbers, list } = (await parseExpression(text)).evaluate(lookup)
  return list ? [...numbers] : numbers[0]!
}
const refusal = async (text: string): Promise<string> => {
  try {
    return `accepted: ${await value(text)}`
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems[0]!.code
    throw error
  }
}

describe('values', () => {
  const cases: readonly (readonly [string, number | readonly number[]])[] = [
    ['2 * crossbar.wires.wordSegment', 5],
    ['crossbar.wires.wordSegment + 500 mohm', 3],
    ['[0.5, 1, 2, 5] ohm', [0.5, 1, 2, 5]],
    ['[0.1, 0.3, 0.7, 3, 7, 110] uS', [0.1e-6, 0.3e-6, 0.7e-6, 3e-6, 7e-6, 110e-6]],
    ['[1 s, 1 hour, 1 day]', [1, 3600, 86400]],
    ['1 / device.conductanceMax / ohm', 1e4],
    ['sqrt(9 ohm^2) / (1 ohm)', 3],
    ['2 ^ adc.dac.bits - 1', 63],
    ['2 ^ -3', 0.125],
    ['-2 ^ 2', -4],
    ['2 ^ 3 ^ 2', 512],
    ['25 degC', 298.15],
    ['-5 degC', 268.15],
    ['[-40, 25, 85] degC', [233.15, 298.15, 358.15]],
    ['environment.temperature + 10 K', 310],
    ['5 %', 0.05],
    ['[0.1, 1, 7] %', [0.001, 0.01, 0.07]],
    ['10 V/s', 10],
    ['0.01 / V^2', 0.01],
    ['2 \u00b5S', 2e-6],
    ['3 k\u03a9', 3000],
    ['min(3 ohm, crossbar.wires.wordSegment)', 2.5],
    ['max([1, 5, 2])', 5],
    ['round(-2.5)', -3],
    ['floor(2.7) + ceil(0.2) + abs(-1)', 4],
    ['log10(1000)', 3],
    ['exp(log(2)) - 2', 0],
    ['10 ^ [0, 1, 2] s', [1, 10, 100]],
    ['[1, 2] + [10, 20]', [11, 22]],
    ['2 adc.dac.bits', 12],
    ['pi - pi', 0],
    ['1e-3 s', 1e-3],
  ]
  for (const [text, truth] of cases)
    it(text, async () => {
      expect(await value(text)).toEqual(truth)
    })

  it('says which paths it reads', async () => {
    const { paths } = await parseExpression('adc.dac.bits * crossbar.wires.wordSegment / crossbar.wires.wordSegment')
    expect(paths).toEqual(['adc.dac.bits', 'crossbar.wires.wordSegment'])
  })
})

describe('refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['crossbar.wires.wordSegment + 1 V', 'OHM1203'],
    ['crossbar.wires.wordSegment + 1', 'OHM1203'],
    ['[1 ohm, 2 V]', 'OHM1203'],
    ['[1, 2 V]', 'OHM1203'],
    ['max(1 ohm, 2)', 'OHM1203'],
    ['round(2.5 ohm)', 'OHM1203'],
    ['exp(1 V)', 'OHM1203'],
    ['2 ^ (1 ohm)', 'OHM1203'],
    ['1 ohm degC', 'OHM1203'],
  ]
  for (const [text, code] of cases) it(text, async () => expect(await refusal(text)).toBe(code))

  for (const text of [
    '',
    ' ',
    '1 +',
    '1 / 0',
    '1 / (1 - 1)',
    'sqrt(-1)',
    'log(0)',
    '1e400',
    '10 ^ 400',
    'exp(1000)',
    'degC',
    '2 * degC',
    '1 + 5 %',
    '7 % 3',
    'adc.hold.capacitance * 2',
    'device.programming.model',
    'crossbar.wires',
    'crossbar.wires.wordSegmnt',
    'crossbar',
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__proto__',
    'crossbar.constructor',
    'crossbar.wires.wordSegment.constructor',
    'crossbar.__proto__.polluted',
    'sqrt.constructor',
    'sqrt.constructor(1)',
    'constructor(1)',
    'crossbar["constructor"]',
    'crossbar.wires["wordSegment"]',
    'import(1)',
    'import',
    'eval("1")',
    'eval(1)',
    'parse(1)',
    'evaluate(1)',
    'simplify(1)',
    'createUnit("foo")',
    'createUnit(foo)',
    'unit(1)',
    'random()',
    'factorial(1e9)',
    'zeros(1e9)',
    'ones(1e5, 1e5)',
    'range(0, 1e9)',
    '0:1e9',
    '1:2',
    '[0:1e9]',
    'f(x) = x',
    'x = 1',
    'adc.dac.bits = 3',
    '1; 2',
    '1\n2',
    '[1; 2]',
    '[[1, 2], [3]]',
    '[1, [2]]',
    '{a: 1}',
    '{"a": 1}.a',
    '1 ? 2 : 3',
    '1 == 1',
    '1 < 2',
    'true',
    'null',
    'undefined',
    'NaN',
    'Infinity',
    '"text"',
    "'text'",
    '`text`',
    '5!',
    "[1,2]'",
    '1 and 2',
    '1 or 2',
    'not 1',
    '5 mod 3',
    '5 xor 3',
    '1 to 2',
    '5 ohm to V',
    '[1,2] .* [3,4]',
    '2 .^ 3',
    '~1',
    '1 | 2',
    '1 << 2',
    '# comment',
    'sqrt',
    'sqrt()',
    'sqrt(1, 2)',
    'min()',
    'end',
    'i',
    '2i',
    'ans',
    '[1, 2] + [1, 2, 3]',
    '1'.repeat(5000),
    `${'('.repeat(500)}1${')'.repeat(500)}`,
    `${'-'.repeat(500)}1`,
    `${'2^'.repeat(500)}2`,
    `${'sqrt('.repeat(100)}2${')'.repeat(100)}`,
    `[${'1,'.repeat(1500)}1]`,
  ])
    it(text.length > 60 ? `${text.slice(0, 30)}... (${text.length})` : JSON.stringify(text), async () => {
      expect(await refusal(text)).toBe('OHM8001')
    })

  it('with the path that was meant', async () => {
    await expect(parseExpression('crossbar.wires.wordSegmnt')).rejects.toMatchObject({
      hint: 'did you mean crossbar.wires.wordSegment?',
    })
  })

  it('percentages that mathjs writes twice do not grow', async () => {
    expect(await refusal(`1${' + 1%'.repeat(30)}`)).toBe('OHM8001')
  })
})

describe('properties', () => {
  const words = fc.constantFrom(
    ...['constructor', '__proto__', 'prototype', 'toString', 'import', 'eval', 'createUnit', 'sqrt', 'min', 'ohm', 'V'],
    ...['crossbar.wires.wordSegment', 'crossbar', '.', '+', '-', '*', '/', '^', '(', ')', '[', ']', ',', ' ', '%'],
    ...['1', '2', '1e9', ':', ';', '=', '"', "'", '{', '}', '?', '!', '#', '\\', 'degC', 'x', 'i', 'e', '=>', '\n'],
  )

  it('any text is a list of finite numbers or a refusal, and no prototype is touched', async () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(words, { maxLength: 20 }).map((w) => w.join('')),
          fc.string(),
        ),
        async (text) => {
          const found = await value(text).catch((error: unknown) => error)
          if (found instanceof OhmbitError) return ['OHM8001', 'OHM1203'].includes(found.code)
          return [found].flat().every((x) => Number.isFinite(x))
        },
      ),
      { numRuns: 2000 },
    )
    expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(before)
  })

  it('arithmetic is that of JavaScript', async () => {
    const number = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 8)
    const tree: fc.Arbitrary<readonly [string, number]> = fc.letrec<{ t: readonly [string, number] }>((tie) => ({
      t: fc.oneof(
        { maxDepth: 4 },
        number.map((x) => [`(${x})`, x] as const),
        fc
          .tuple(fc.constantFrom('+', '-', '*'), tie('t'), tie('t'))
          .map(
            ([op, [a, x], [b, y]]) => [`(${a} ${op} ${b})`, op === '+' ? x + y : op === '-' ? x - y : x * y] as const,
          ),
      ),
    })).t
    await fc.assert(
      fc.asyncProperty(tree, async ([text, truth]) => {
        expect(await value(text)).toBe(truth + 0)
      }),
      { numRuns: 200 },
    )
  })

  it('a number with a unit is read to the last digit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 99999 }),
        fc.integer({ min: 0, max: 4 }),
        fc.constantFrom(['f', -15], ['p', -12], ['n', -9], ['u', -6], ['m', -3], ['k', 3], ['M', 6]) as fc.Arbitrary<
          [string, number]
        >,
        async (digits, point, [prefix, decades]) => {
          const x = Number(`${digits}e-${point}`)
          expect(await value(`${x} ${prefix}V`)).toBe(Number(`${x}e${decades}`))
        },
      ),
      { numRuns: 200 },
    )
  })
})
