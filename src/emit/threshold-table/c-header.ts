import { codeType } from '../c/integers.ts'
import { factLines, numberOf, readFacts } from './facts.ts'
import type { TableSource, ThresholdTable } from './table.ts'

const THRESHOLD = 'adc_table_threshold'
const LEVEL = 'adc_table_level'

/** adc_table.h: C99 constants, the facts of the table in the comment at its head. */
export function renderHeader(table: ThresholdTable): string {
  const { thresholds, levels, dac, scanOrder } = table
  const array = (type: string, name: string, size: string, rows: readonly string[]) => [
    `static const ${type} ${name}[${size}] = {`,
    ...rows.map((row) => `  ${row}`),
    '};',
    '',
  ]
  return [
    '/*',
    ' * Threshold table of a serial ADC. Not to be edited: a reader compares it byte for byte with its re-emission.',
    ` * code = number of k with x ${table.compare === 'gt' ? '>' : '>='} ${THRESHOLD}[k], x = volts 2^ADC_TABLE_FRAC`,
    ' *',
    ...factLines(table).map((line) => ` * ${line}`),
    ' */',
    '#ifndef ADC_TABLE_H',
    '#define ADC_TABLE_H',
    '',
    '#include <stdint.h>',
    '',
    '#define ADC_TABLE_VERSION 1',
    `#define ADC_TABLE_LEVELS ${table.levelCount}`,
    `#define ADC_TABLE_THRESHOLDS ${table.levelCount - 1}`,
    `#define ADC_TABLE_COMPARE_GE ${table.compare === 'ge' ? 1 : 0}`,
    `#define ADC_TABLE_FRAC (${table.numberFormat.frac})`,
    `#define ADC_TABLE_LEVEL_FRAC (${levels.format.frac})`,
    `#define ADC_TABLE_DAC_BITS ${dac.bits}`,
    `#define ADC_TABLE_CHANNELS ${table.channels}`,
    `#define ADC_TABLE_CRC32 UINT32_C(0x${table.crc32})`,
    '',
    `/* volts 2^ADC_TABLE_FRAC, rounded ${table.compare === 'gt' ? 'down' : 'up'} */`,
    ...array(
      'int16_t',
      THRESHOLD,
      'ADC_TABLE_THRESHOLDS',
      thresholds.codes.map((c, k) => `${c}, /* ${k}: ${thresholds.volts[k]} V = ${thresholds.hex[k]} */`),
    ),
    '/* reproduction level 2^ADC_TABLE_LEVEL_FRAC, rounded half to even */',
    ...array(
      'int16_t',
      LEVEL,
      'ADC_TABLE_LEVELS',
      levels.words.map((w, k) => `${w}, /* ${k}: ${levels.values[k]} */`),
    ),
    '/* threshold DAC, offset binary: volts = (code - 2^(bits - 1)) full scale / 2^(bits - 1) */',
    ...array(
      'uint16_t',
      'adc_table_dac_code',
      'ADC_TABLE_THRESHOLDS',
      dac.codes.map((c, k) => `${c}, /* ${k}: ${dac.volts[k]} V */`),
    ),
    '/* channels in the order in which they are converted */',
    ...array(
      'uint16_t',
      'adc_table_scan_order',
      'ADC_TABLE_CHANNELS',
      scanOrder.map((n) => `${n},`),
    ),
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    '',
    '/* in adc_table.c: the code of a word */',
    `${codeType(table.levelCount)} adc_table_code(int16_t x);`,
    '/* 0 = pass, 1 = CRC-32 differs, 2 = thresholds do not ascend, 3 = a threshold gives a wrong code */',
    'int adc_table_selftest(void);',
    '',
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '',
    '#endif',
    '',
  ].join('\n')
}

/** What `renderHeader` was given, as far as it can be read. */
export function readHeader(text: string): TableSource {
  const lines = text.split('\n')
  // The exact numbers stand in the comment behind each word.
  const column = (name: string) => {
    const start = lines.findIndex((line) => line.startsWith(`static const int16_t ${name}[`))
    const end = lines.indexOf('};', start)
    return lines.slice(start + 1, end).map((line) => numberOf(line.split(' ')[5]))
  }
  return { ...readFacts(lines, ' * '), thresholds: column(THRESHOLD), levels: column(LEVEL) }
}
