import { factLines, numberOf, readFacts } from './facts.ts'
import { fieldsWord, REGISTER_BYTES, type Register, registerMap, SEARCHES } from './register-map.ts'
import type { TableSource, ThresholdTable } from './table.ts'

const COLUMNS = 'step,operation,address,data,mask,register,meaning'

/** One transfer over SPI: a write, or reads until (register & mask) = data. */
export interface Transfer {
  readonly operation: 'write' | 'poll'
  readonly address: number
  /** 16 bits */
  readonly data: number
  readonly mask: number
  readonly register: string
  readonly meaning: string
}

/**
 * What brings a table into the converter: disable, fill the shadow registers, CRC, commit, poll, enable.
 *
 * All of it goes to shadow registers; COMMIT makes them live at once if the CRC agrees, so half a table is never live.
 */
export function transfers(table: ThresholdTable): Transfer[] {
  const map = new Map(registerMap(table).map((register) => [register.name, register]))
  const of = (name: string): Register => map.get(name)!
  const write = (name: string, data: number, meaning: string): Transfer => ({
    operation: 'write',
    address: of(name).address,
    data: data & 0xffff,
    mask: 0xffff,
    register: name,
    meaning,
  })
  const writeAll = (name: string, data: readonly number[], meaning: (k: number) => string): Transfer[] =>
    data.map((word, k) => ({
      ...write(name, word, meaning(k)),
      address: of(name).address + k * REGISTER_BYTES,
      register: `${name}[${k}]`,
    }))
  const bits = (name: string, values: Readonly<Record<string, number>>) => fieldsWord(of(name), values)
  const { compare, search, dac, thresholds, levels, scanOrder, numberFormat } = table
  const crc = Number.parseInt(table.crc32, 16)
  return [
    write('CTRL', bits('CTRL', { ENABLE: 0 }), 'disable'),
    write(
      'FORMAT',
      bits('FORMAT', {
        COMPARE: compare === 'ge' ? 1 : 0,
        SEARCH: SEARCHES.indexOf(search),
        DAC_BITS: dac.bits - 1,
      }),
      `${compare} ${search} ${dac.bits} DAC bits`,
    ),
    write('COUNT', thresholds.codes.length, `${thresholds.codes.length} thresholds`),
    write('CHANNELS', table.channels, `${table.channels} channels`),
    write('FRAC', numberFormat.frac, `${numberFormat.frac} fraction bits`),
    ...writeAll('THRESHOLD', thresholds.codes, (k) => `${thresholds.volts[k]} V`),
    ...writeAll('LEVEL', levels.words, (k) => String(levels.values[k])),
    ...writeAll('DAC_CODE', dac.codes, (k) => `${dac.volts[k]} V`),
    ...writeAll('SCAN_ORDER', scanOrder, (k) => `channel ${scanOrder[k]}`),
    write('CRC_LOW', crc, `crc32 ${table.crc32}`),
    write('CRC_HIGH', crc >>> 16, `crc32 ${table.crc32}`),
    write('COMMIT', bits('COMMIT', { GO: 1 }), 'commit'),
    {
      ...write('STATUS', bits('STATUS', { LIVE: 1 }), 'until live; stop if CRC_ERROR is set'),
      operation: 'poll',
      mask: bits('STATUS', { LIVE: 1, CRC_ERROR: 1, BUSY: 1 }),
    },
    write('CTRL', bits('CTRL', { ENABLE: 1 }), 'enable'),
  ]
}

/** adc_spi.csv: the facts of the table behind `#`, then one row a transfer. */
export function renderSpi(table: ThresholdTable): string {
  const list = transfers(table)
  const digits = list.every(({ address }) => address < 0x10000) ? 4 : 8
  const hex = (word: number, width = 4) => `0x${word.toString(16).padStart(width, '0')}`
  return [
    ...factLines(table).map((line) => `# ${line}`),
    COLUMNS,
    ...list.map(({ operation, address, data, mask, register, meaning }, step) =>
      [step, operation, hex(address, digits), hex(data), hex(mask), register, meaning].join(','),
    ),
    '',
  ].join('\n')
}

/** What `renderSpi` was given, as far as it can be read: the exact numbers stand in the last column. */
export function readSpi(text: string): TableSource {
  const lines = text.split('\n')
  const rows = lines.slice(lines.indexOf(COLUMNS) + 1, -1).map((line) => line.split(','))
  const column = (name: string) =>
    rows.filter((row) => row[5]?.startsWith(`${name}[`)).map((row) => numberOf(row[6]?.split(' ')[0]))
  return { ...readFacts(lines, '# '), thresholds: column('THRESHOLD'), levels: column('LEVEL') }
}
