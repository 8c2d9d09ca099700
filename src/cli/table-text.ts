import type { ThresholdTable } from '../emit/index.ts'
import { chipText } from '../emit/threshold-table/facts.ts'
import { columns } from './style.ts'

/** Rows that are shown of a longer table. */
const SHOWN = 16

/** A threshold table for a person: one row a level, with the threshold below it. */
export function tableText(table: ThresholdTable): string {
  const { thresholds, dac, levels, levelCount, compare, range, numberFormat, channels, search, chip } = table
  const rows = Array.from({ length: Math.min(levelCount, SHOWN) }, (_, code) => {
    const k = code - 1
    const below = k < 0 ? ['', '', ''] : [number(thresholds.volts[k]!), thresholds.hex[k]!, String(dac.codes[k])]
    return [`  ${code}`, ...below, number(levels.values[code]!)]
  })
  const more = levelCount > SHOWN ? [`  ... ${levelCount - SHOWN} more in adc_table.csv`] : []
  return [
    `${levelCount} levels, ${channels} channels, ${search} search on +-${range.high} V, ${dac.bits}-bit threshold DAC${chip === null ? '' : `, chip ${chipText(chip)}`}`,
    columns(
      [
        [
          '  code',
          `input ${compare === 'gt' ? '>' : '>='} [V]`,
          `word (${numberFormat.frac} bits of fraction)`,
          'DAC code',
          'level',
        ],
        ...rows,
      ],
      'lrrrr',
    ),
    ...more,
    `CRC-32 ${table.crc32}`,
  ].join('\n')
}

const number = (x: number) => String(Number(x.toPrecision(6)))
