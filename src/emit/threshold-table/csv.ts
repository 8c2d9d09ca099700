import { factLines, numberOf, readFacts } from './facts.ts'
import type { TableSource, ThresholdTable } from './table.ts'

const COLUMNS = 'index,threshold_V,code_dec,code_hex,dac_code,level_below,level_above'

/** adc_table.csv: the facts of the table behind `#`, then one row a threshold. */
export function renderCsv(table: ThresholdTable): string {
  const { thresholds, levels, dac } = table
  return [
    ...factLines(table).map((line) => `# ${line}`),
    COLUMNS,
    ...thresholds.volts.map((t, k) =>
      [k, t, thresholds.codes[k], thresholds.hex[k], dac.codes[k], levels.values[k], levels.values[k + 1]].join(','),
    ),
    '',
  ].join('\n')
}

/** What `renderCsv` was given, as far as it can be read. */
export function readCsv(text: string): TableSource {
  const lines = text.split('\n')
  const rows = lines.slice(lines.indexOf(COLUMNS) + 1, -1).map((line) => line.split(','))
  return {
    ...readFacts(lines, '# '),
    thresholds: rows.map((row) => numberOf(row[1])),
    levels: [numberOf(rows[0]?.[5]), ...rows.map((row) => numberOf(row[6]))],
  }
}
