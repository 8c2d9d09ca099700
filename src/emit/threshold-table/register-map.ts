/** The registers through which a table reaches the converter: one map for adc_spi.csv and adc.svd. */
import type { ThresholdTable } from './table.ts'

/** Bytes a register takes: 16-bit data, byte addresses. */
export const REGISTER_BYTES = 2
export const MAP_VERSION = 1
export const MAP_ID = 0x0adc

export interface Field {
  readonly name: string
  readonly description: string
  readonly bit: number
  readonly width: number
  readonly values?: readonly { readonly name: string; readonly description: string; readonly value: number }[]
}

export interface Register {
  readonly name: string
  readonly description: string
  /** Of the first element; byte address. */
  readonly address: number
  /** Elements of an array; null for a single register. */
  readonly count: number | null
  readonly access: 'read-only' | 'write-only' | 'read-write'
  readonly type: 'uint16_t' | 'int16_t'
  readonly reset: number
  readonly fields: readonly Field[]
}

export const SEARCHES = ['binary', 'linear', 'ramp'] as const
const flag = (name: string, bit: number, description: string): Field => ({ name, description, bit, width: 1 })

type Single = Omit<Register, 'address' | 'count' | 'type' | 'reset' | 'fields'> & Partial<Register>

const SINGLES: readonly Single[] = [
  { name: 'ID', description: 'Identifies the converter', access: 'read-only', reset: MAP_ID },
  { name: 'MAP_VERSION', description: 'Version of this register map', access: 'read-only', reset: MAP_VERSION },
  {
    name: 'CTRL',
    description: 'Control',
    access: 'read-write',
    fields: [flag('ENABLE', 0, 'Convert with the live table; without one nothing is converted')],
  },
  {
    name: 'STATUS',
    description: 'What became of the last COMMIT',
    access: 'read-only',
    fields: [
      flag('LIVE', 0, 'The live table is what the shadow registers hold; cleared by a write to any of them'),
      flag('CRC_ERROR', 1, 'The CRC-32 did not agree: the live table is the one before'),
      flag('BUSY', 2, 'COMMIT is being carried out'),
    ],
  },
  {
    name: 'COMMIT',
    description: 'Check the CRC-32 of the shadow registers and make them live between two scans',
    access: 'write-only',
    fields: [flag('GO', 0, 'Write 1')],
  },
  {
    name: 'FORMAT',
    description: 'Shadow: how the thresholds are used',
    access: 'read-write',
    fields: [
      {
        name: 'COMPARE',
        description: 'Code = number of thresholds for which this holds',
        bit: 0,
        width: 1,
        values: [
          { name: 'GT', description: 'input above threshold', value: 0 },
          { name: 'GE', description: 'input not below threshold', value: 1 },
        ],
      },
      {
        name: 'SEARCH',
        description: 'Order of the comparisons',
        bit: 1,
        width: 2,
        values: SEARCHES.map((name, value) => ({ name: name.toUpperCase(), description: `${name} search`, value })),
      },
      { name: 'DAC_BITS', description: 'Bits of the threshold DAC, less one', bit: 4, width: 4 },
    ],
  },
  { name: 'COUNT', description: 'Shadow: number of thresholds, levels less one', access: 'read-write' },
  { name: 'CHANNELS', description: 'Shadow: number of channels', access: 'read-write' },
  { name: 'FRAC', description: 'Shadow: fraction bits of THRESHOLD', access: 'read-write', type: 'int16_t' },
  { name: 'CRC_LOW', description: 'Shadow: CRC-32 of the table, bits 15 to 0', access: 'read-write' },
  { name: 'CRC_HIGH', description: 'Shadow: CRC-32 of the table, bits 31 to 16', access: 'read-write' },
]

/**
 * All registers of a converter for this table, by ascending address.
 *
 * Single registers from 0; each array at its own multiple of a window: a power of two, at least 256 bytes, in which the
 * longest array fits. A window's number is the upper part of an address.
 */
export function registerMap(table: ThresholdTable): readonly Register[] {
  const arrays: readonly (Pick<Register, 'name' | 'description' | 'type'> & { count: number })[] = [
    {
      name: 'THRESHOLD',
      description: 'Shadow: thresholds of a comparison of words, ascending',
      type: 'int16_t',
      count: table.thresholds.codes.length,
    },
    {
      name: 'LEVEL',
      description: 'Shadow: reproduction level of each code',
      type: 'int16_t',
      count: table.levels.words.length,
    },
    {
      name: 'DAC_CODE',
      description: 'Shadow: threshold DAC, offset binary',
      type: 'uint16_t',
      count: table.dac.codes.length,
    },
    {
      name: 'SCAN_ORDER',
      description: 'Shadow: channels in the order in which they are converted',
      type: 'uint16_t',
      count: table.scanOrder.length,
    },
  ]
  const size = windowBytes(table)
  return [
    ...SINGLES.map(
      (register, i): Register => ({
        count: null,
        type: 'uint16_t',
        reset: 0,
        fields: [],
        ...register,
        address: i * REGISTER_BYTES,
      }),
    ),
    ...arrays.map(
      (array, i): Register => ({ ...array, address: (i + 1) * size, access: 'read-write', reset: 0, fields: [] }),
    ),
  ]
}

/** Bytes between two arrays. */
export function windowBytes({ thresholds, levels, dac, scanOrder }: ThresholdTable): number {
  const longest = Math.max(thresholds.codes.length, levels.words.length, dac.codes.length, scanOrder.length)
  let size = 256
  while (size < longest * REGISTER_BYTES) size *= 2
  return size
}

/** The word of a register whose fields have these values. */
export function fieldsWord(register: Register, values: Readonly<Record<string, number>>): number {
  return register.fields.reduce((word, { name, bit }) => word | ((values[name] ?? 0) << bit), 0)
}
