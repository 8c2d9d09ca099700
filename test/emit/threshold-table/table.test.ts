import { createHash } from 'node:crypto'
import * as zlib from 'node:zlib'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { deadLevels, sourceProblem, tableWarnings } from '../../../src/emit/threshold-table/check.ts'
import {
  buildTable,
  codeFormat,
  jsonText,
  sourceOf,
  type TableSource,
  type ThresholdTable,
  thresholdCode,
} from '../../../src/emit/threshold-table/table.ts'
import { byHand, sources } from './sources.ts'

/** The documented layout, written out with another library's words and checksum. */
function crcOf(table: ThresholdTable): string {
  const words = [
    table.compare === 'ge' ? 1 : 0,
    table.numberFormat.frac,
    ...table.thresholds.codes,
    ...table.levels.words,
    ...table.dac.codes.map((c) => (c > 32767 ? c - 65536 : c)),
    ...table.scanOrder,
  ]
  const bytes = Buffer.alloc(2 * words.length)
  for (const [i, word] of words.entries()) bytes.writeInt16LE(word, 2 * i)
  // In node since 20.15; its type declarations lag behind.
  const crc32 = (zlib as unknown as { crc32: (data: Buffer) => number }).crc32
  return crc32(bytes).toString(16).padStart(8, '0')
}

describe('a table worked out by hand', () => {
  const table = buildTable(byHand)

  it('holds volts, 16-bit codes rounded down, DAC codes and level words', () => {
    expect(table.numberFormat).toEqual({ signed: true, bits: 16, frac: 14, rounding: 'floor', overflow: 'saturate' })
    expect(table.thresholds).toEqual({
      volts: [-0.50001, 0.1, 0.75],
      // -8192.16, 1638.4, 12288
      codes: [-8193, 1638, 12288],
      hex: ['0xdfff', '0x0666', '0x3000'],
    })
    expect(table.dac).toEqual({ bits: 3, codes: [2, 4, 7], volts: [-0.5, 0, 0.75] })
    expect(table.levels.words).toEqual([-24576, -4096, 6144, 20480])
    expect(table.range).toEqual({ low: -1, high: 1 })
    expect([table.levelCount, table.channels, table.scanOrder]).toEqual([4, 2, [0, 1]])
    expect(table.quantizationError.dacVolts).toBeCloseTo(0.1, 15)
    expect(table.quantizationError.codeVolts).toBeCloseTo(8193 / 16384 - 0.50001, 15)
    expect(table.quantizationError.level).toBe(0)
  })

  it('rounds up for ge', () => {
    const ge = buildTable({ ...byHand, compare: 'ge' })
    expect(ge.thresholds.codes).toEqual([-8192, 1639, 12288])
    expect(ge.numberFormat.rounding).toBe('ceil')
  })

  it('the CRC-32 is that of its documented layout, and of nothing else', () => {
    expect(table.crc32).toBe(crcOf(table))
    // compare 0, fraction 14, then the arrays
    const bytes = Buffer.from('00000e00ffdf6606003000a000f00018005002000400070000000100', 'hex')
    const crc32 = (zlib as unknown as { crc32: (data: Buffer) => number }).crc32
    expect(table.crc32).toBe(crc32(bytes).toString(16).padStart(8, '0'))
  })

  it('has no warnings', () => {
    expect(tableWarnings(table)).toEqual([])
  })
})

describe('every table', () => {
  property.prop([sources])(
    'carries the CRC-32 of its layout and the SHA-256 of its JSON without that field',
    (source) => {
      const table = buildTable(source)
      expect(table.crc32).toBe(crcOf(table))
      const { sha256, ...rest } = table
      expect(sha256).toBe(
        createHash('sha256')
          .update(`${JSON.stringify(rest, null, 2)}\n`)
          .digest('hex'),
      )
      expect(JSON.parse(jsonText(table))).toEqual(table)
    },
  )

  property.prop([sources])('is made of what it says it is made of', (source) => {
    expect(sourceProblem(source)).toBeNull()
    const again = sourceOf(buildTable(source))
    expect(again).toEqual({
      ...source,
      thresholds: source.thresholds.map((t) => t + 0),
      levels: source.levels.map((g) => g + 0),
    })
    expect(buildTable(again)).toEqual(buildTable(source))
  })

  property.prop([fc.double({ min: 1e-9, max: 1e9, noNaN: true })])(
    'its codes have the most fractional bits at which both ends of the range are words',
    (fullScale) => {
      const { frac } = codeFormat(fullScale)
      expect(fullScale * 2 ** frac).toBeLessThanOrEqual(32767)
      expect(fullScale * 2 ** (frac + 1)).toBeGreaterThan(32767)
    },
  )

  property.prop([
    fc.double({ min: 1e-3, max: 100, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.integer({ min: -32767, max: 32767 }),
    fc.constantFrom('gt' as const, 'ge' as const),
  ])('comparing a word with the code is comparing its value with the threshold', (fullScale, share, x, compare) => {
    const format = codeFormat(fullScale)
    const t = share * fullScale
    for (const word of [x, Math.floor(t * 2 ** format.frac), Math.ceil(t * 2 ** format.frac)]) {
      const value = word * 2 ** -format.frac
      const code = thresholdCode(t, compare, format)
      expect(compare === 'gt' ? word > code : word >= code).toBe(compare === 'gt' ? value > t : value >= t)
    }
  })
})

describe('warnings', () => {
  const warned = (changes: Partial<TableSource>) =>
    tableWarnings(buildTable({ ...byHand, ...changes })).map(({ code, at }) => [code, at?.pointer])
  const levels = (n: number) => Array.from({ length: n }, (_, i) => i / n)

  it('levels that no DAC threshold separates', () => {
    const [warning] = tableWarnings(buildTable({ ...byHand, thresholds: [0.1, 0.11, 0.5] }))
    expect(warning?.code).toBe('OHM3001')
    expect(warning?.message).toContain('threshold 1')
    expect(warning?.message).toContain('level 1')
  })

  it('levels that no 16-bit code separates', () => {
    // 1638.4 and 1638.9 steps of 2^-14 V; 3276.8 and 3277.8 of a 16-bit DAC
    expect(warned({ thresholds: [-0.5, 0.1, 0.1 + 2 ** -15], dacBits: 16 })).toEqual([['OHM3001', '/thresholds/codes']])
    expect(warned({ thresholds: [-0.5, 0.1, 0.1 + 2 ** -15], dacBits: 3 })).toEqual([
      ['OHM3001', '/dac/codes'],
      ['OHM3001', '/thresholds/codes'],
    ])
  })

  it('thresholds beyond the DAC, and beyond 16 bits', () => {
    expect(warned({ thresholds: [-0.5, 0.1, 0.76] })).toEqual([['OHM3002', '/dac/codes']])
    expect(warned({ thresholds: [-0.5, 0.1, 2.5] })).toEqual([
      ['OHM3001', '/thresholds/codes'],
      ['OHM3002', '/dac/codes'],
      ['OHM3002', '/thresholds/codes'],
    ])
    expect(buildTable({ ...byHand, thresholds: [-3, 0.1, 3] }).thresholds.codes).toEqual([-32768, 1638, 32767])
  })

  it('levels that no word reaches behind the last code', () => {
    const [above] = tableWarnings(buildTable({ ...byHand, thresholds: [-0.5, 0.1, 2.5] }))
    expect(above?.message).toContain('level 3 never produced')
    expect(above?.message).toContain('above threshold 2')
    const [below] = tableWarnings(buildTable({ ...byHand, compare: 'ge', thresholds: [-2.5, 0.1, 0.5] }))
    expect(below?.message).toContain('level 0 never produced')
    expect(below?.message).toContain('below threshold 0')
  })

  property.prop([sources])('dead levels are those that no word produces, and all are warned of', (source) => {
    const table = buildTable(source)
    const { compare, thresholds } = table
    const near = thresholds.codes.flatMap((t) => [t - 1, t, t + 1]).filter((x) => x >= -32768 && x <= 32767)
    const produced = new Set(
      [-32768, 32767, ...near].map((x) => thresholds.codes.filter((t) => (compare === 'gt' ? x > t : x >= t)).length),
    )
    const dead = [...Array(table.levelCount).keys()].filter((k) => !produced.has(k))
    expect(deadLevels(table).words).toEqual(dead)
    const pointers = tableWarnings(table).flatMap((w) => (w.code === 'OHM3001' ? [w.at?.pointer] : []))
    expect(pointers.includes('/thresholds/codes')).toBe(dead.length > 0)
    expect(pointers.includes('/dac/codes')).toBe(deadLevels(table).dac.length > 0)
    expect(new Set(table.dac.codes).size).toBe(table.dac.codes.length - deadLevels(table).dac.length)
  })

  it('many are counted, a few named', () => {
    const thresholds = Array.from({ length: 9 }, (_, k) => k / 1000)
    const [warning] = tableWarnings(buildTable({ ...byHand, thresholds, levels: levels(10) }))
    expect(warning?.message).toContain('thresholds 1, 2, 3, 4 and 4 more')
  })
})

describe('numbers that make no table', () => {
  it.each<[string, Partial<TableSource>]>([
    ['thresholds that do not ascend', { thresholds: [0, 0, 1] }],
    ['thresholds that are not numbers', { thresholds: [0, Number.NaN, 1] }],
    ['a threshold too few', { thresholds: [0, 1] }],
    ['one level', { thresholds: [], levels: [1] }],
    ['65537 levels', { thresholds: Array.from({ length: 65536 }, (_, k) => k), levels: new Array(65537).fill(0) }],
    ['an infinite level', { levels: [0, 1, 2, Infinity] }],
    ['no full scale', { fullScale: 0 }],
    ['a full scale beyond any words', { fullScale: 1e-305 }],
    ['no volts per unit', { voltsPerUnit: Number.NaN }],
    ['no DAC bits', { dacBits: 0 }],
    ['half a DAC bit', { dacBits: 1.5 }],
    ['more DAC bits than a word', { dacBits: 17 }],
    ['unsigned levels', { levelFormat: { signed: false, bits: 16, frac: 0 } }],
    ['wide levels', { levelFormat: { signed: true, bits: 17, frac: 0 } }],
    ['no channel', { scanOrder: [] }],
    ['a channel twice', { scanOrder: [0, 0] }],
    ['a channel that is not there', { scanOrder: [0, 2] }],
    ['more channels than words', { scanOrder: Array.from({ length: 32769 }, (_, n) => n) }],
    ['a short hash', { networkSha256: 'ab' }],
    ['a negative seed', { chip: { seed: -1, chip: 0 } }],
    ['a channel beyond the last', { chip: { seed: 0, chip: 0, calibrated: true, channel: 2 } }],
    ['one channel without calibration', { chip: { seed: 0, chip: 0, channel: 1 } }],
    ['an unknown comparison', { compare: 'lt' as 'gt' }],
    ['an unknown search', { search: '' as 'binary' }],
    ['an unknown level rule', { levelRule: '' as 'given' }],
  ])('%s', (_, changes) => {
    expect(sourceProblem({ ...byHand, ...changes })).toBeTypeOf('string')
  })

  it('65536 levels are a table', () => {
    const levels = Array.from({ length: 65536 }, (_, i) => i / 65536)
    const thresholds = Array.from({ length: 65535 }, (_, k) => (k - 32767) / 32768)
    const source = { ...byHand, levels, thresholds, dacBits: 16 }
    expect(sourceProblem(source)).toBeNull()
    expect(buildTable(source).levelCount).toBe(65536)
  })
})
