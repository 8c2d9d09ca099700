/** The write sequence, carried out on a converter that behaves as its register map says. */
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../../../src/base/hash.ts'
import { registerMap } from '../../../src/emit/threshold-table/register-map.ts'
import { type Transfer, transfers } from '../../../src/emit/threshold-table/spi.ts'
import { buildTable, type ThresholdTable } from '../../../src/emit/threshold-table/table.ts'
import { byHand, sources } from './sources.ts'

interface Live {
  readonly thresholds: readonly number[]
  readonly levels: readonly number[]
  readonly dacCodes: readonly number[]
  readonly scanOrder: readonly number[]
  readonly compare: number
}

/** A converter with the addresses of one table's map. */
function converter(table: ThresholdTable) {
  const at = new Map(registerMap(table).map(({ name, address }) => [name, address]))
  const shadow = new Map<number, number>()
  let status = 0
  let live: Live | null = null
  const enabledAt: (Live | null)[] = []
  const read = (name: string, k = 0) => shadow.get(at.get(name)! + 2 * k) ?? 0
  const signed = (word: number) => (word > 32767 ? word - 65536 : word)
  const commit = () => {
    const [thresholds, channels, compare] = [read('COUNT'), read('CHANNELS'), read('FORMAT') & 1]
    const list = (name: string, n: number) => Array.from({ length: n }, (_, k) => read(name, k))
    const arrays = {
      thresholds: list('THRESHOLD', thresholds),
      levels: list('LEVEL', thresholds + 1),
      dacCodes: list('DAC_CODE', thresholds),
      scanOrder: list('SCAN_ORDER', channels),
    }
    const words = [compare, read('FRAC'), ...Object.values(arrays).flat()]
    const crc = crc32(new Uint8Array(Uint16Array.from(words).buffer))
    if (crc !== read('CRC_HIGH') * 65536 + read('CRC_LOW')) {
      status = 2
      return
    }
    status = 1
    live = { ...arrays, compare, thresholds: arrays.thresholds.map(signed), levels: arrays.levels.map(signed) }
  }
  return {
    /** False where a poll would not end. */
    transfer({ operation, address, data, mask }: Transfer): boolean {
      if (operation === 'poll') return address === at.get('STATUS') && (status & mask) === data
      if (address === at.get('COMMIT')) commit()
      else if (address === at.get('CTRL')) {
        if (data === 1) enabledAt.push(live)
      } else {
        shadow.set(address, data)
        status = 0
      }
      return true
    },
    live: () => live,
    enabledAt,
  }
}

describe('the write sequence', () => {
  property.prop([sources])('brings any table to life, whole, and only then enables', (source) => {
    const table = buildTable(source)
    const adc = converter(table)
    const list = transfers(table)
    for (const step of list.slice(0, -3)) {
      expect(adc.transfer(step)).toBe(true)
      expect(adc.live()).toBeNull()
    }
    for (const step of list.slice(-3)) expect(adc.transfer(step)).toBe(true)
    expect(adc.live()).toEqual({
      thresholds: table.thresholds.codes,
      levels: table.levels.words,
      dacCodes: table.dac.codes,
      scanOrder: table.scanOrder,
      compare: table.compare === 'ge' ? 1 : 0,
    })
    expect(adc.enabledAt).toEqual([adc.live()])
  })

  const words = transfers(buildTable(byHand)).flatMap(({ register }, i) =>
    /^(THRESHOLD|LEVEL|DAC_CODE|SCAN_ORDER|CRC|FRAC|COUNT|CHANNELS)/.test(register) ? [i] : [],
  )
  it('one bit lost on the wire leaves the table before in force', () => {
    const before = buildTable(byHand)
    const table = buildTable({ ...byHand, thresholds: [-0.5, 0.2, 0.7] })
    for (const i of words)
      for (let bit = 0; bit < 16; bit++) {
        const adc = converter(table)
        for (const step of transfers(before)) adc.transfer(step)
        const kept = adc.live()
        const list = transfers(table).map((t, k) => (k === i ? { ...t, data: t.data ^ (1 << bit) } : t))
        const stopped = list.findIndex((step) => !adc.transfer(step))
        expect(list[stopped]?.register).toBe('STATUS')
        expect(adc.live()).toBe(kept)
      }
  })

  property.prop([fc.nat()])('a transfer left out is noticed too', (which) => {
    const table = buildTable({ ...byHand, thresholds: [-0.5, 0.2, 0.7], levels: [-1, -0.5, 0.5, 1], scanOrder: [1, 0] })
    const adc = converter(table)
    const list = transfers(table)
    // Scan order 0 is what an unwritten register holds.
    const left = words.filter((i) => list[i]!.data !== 0)[which % words.filter((i) => list[i]!.data !== 0).length]!
    expect(list.filter((_, k) => k !== left).findIndex((step) => !adc.transfer(step))).toBeGreaterThan(0)
  })

  it('starts with disable and ends with CRC, commit, poll, enable', () => {
    const list = transfers(buildTable(byHand)).map(
      ({ operation, register, data }) => `${operation} ${register} ${data}`,
    )
    expect(list[0]).toBe('write CTRL 0')
    expect(list.slice(-5).map((line) => line.replace(/ \d+$/, ''))).toEqual([
      'write CRC_LOW',
      'write CRC_HIGH',
      'write COMMIT',
      'poll STATUS',
      'write CTRL',
    ])
  })
})

describe('the register map', () => {
  property.prop([sources])('registers lie apart, aligned, each array in its own window', (source) => {
    const map = registerMap(buildTable(source))
    const taken = map.flatMap(({ address, count }) => Array.from({ length: count ?? 1 }, (_, k) => address + 2 * k))
    expect(new Set(taken).size).toBe(taken.length)
    expect(taken.every((address) => address % 2 === 0)).toBe(true)
    const arrays = map.filter(({ count }) => count !== null).map(({ address }) => address)
    expect(arrays).toEqual([1, 2, 3, 4].map((n) => n * arrays[0]!))
    expect(Math.log2(arrays[0]!) % 1).toBe(0)
  })
})
