/** adc_thr.mem: the threshold words for `$readmemh` of Verilog. */
import type { ThresholdTable } from './table.ts'

/** One `//` line, then one word a line, two's complement. */
export function renderMemory(table: ThresholdTable): string {
  const { compare, numberFormat, thresholds, crc32, sha256 } = table
  const { codes } = thresholds
  return [
    `// ohmbit adc_thr.mem: ${codes.length} thresholds, 16 bits, ${numberFormat.frac} of them fraction; code = how many have x ${compare === 'gt' ? '>' : '>='} threshold; crc32 ${crc32} sha256 ${sha256}`,
    ...codes.map(hexWord),
    '',
  ].join('\n')
}

/** Why a text is not that of a table, with the line, or null. */
export function memoryProblem(text: string, table: ThresholdTable): { problem: string; line: number } | null {
  const lines = text.split('\n')
  const crc = / crc32 ([0-9a-f]{8}) /.exec(lines[0]!)?.[1]
  if (crc === undefined) return { problem: 'the first line names no CRC-32', line: 1 }
  if (crc !== table.crc32)
    return { problem: `it is another table: its CRC-32 is ${crc}, that of adc-table.json ${table.crc32}`, line: 1 }
  const wanted = renderMemory(table).split('\n')
  for (let i = 0; i < Math.max(lines.length, wanted.length); i++)
    if (lines[i] !== wanted[i])
      return {
        problem: i === 0 ? 'the first line is not that of adc-table.json' : differs(i - 1, lines[i], wanted[i]),
        line: i + 1,
      }
  return null
}

function differs(k: number, found: string | undefined, wanted: string | undefined): string {
  if (wanted === undefined || wanted === '') return 'there are more words than thresholds'
  if (found === undefined || found === '') return `threshold ${k} is missing`
  return /^[0-9a-f]{4}$/.test(found)
    ? `threshold ${k} is ${found}, adc-table.json has ${wanted}`
    : `threshold ${k} is no word of four hex digits`
}

const hexWord = (word: number) => (word & 0xffff).toString(16).padStart(4, '0')
