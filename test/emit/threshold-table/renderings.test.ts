import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import {
  completeFiles,
  parseTable,
  renderTable,
  type TableFile,
  tableFiles,
  textFiles,
  wordFiles,
} from '../../../src/emit/threshold-table/renderings.ts'
import { buildTable, type ThresholdTable } from '../../../src/emit/threshold-table/table.ts'
import { requireTool } from '../../support/tools.ts'
import { byHand, sources } from './sources.ts'

const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content
const rendered = (table: ThresholdTable, file: TableFile) => renderTable(table, file as 'adc_table.h')
const byHandTable = buildTable(byHand)

function codeOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof OhmbitError ? error.code : String(error)
  }
}

describe.each(tableFiles)('%s', (file) => {
  const content = rendered(byHandTable, file)
  const bytes = bytesOf(content)
  /** Files of words alone are read beside their table; for the others it makes no difference. */
  const refused = (damaged: string | Uint8Array, table = byHandTable): void => {
    expect(codeOf(() => parseTable(damaged, file, table))).toBe('OHM3006')
  }

  property.prop([sources])('any table survives the round trip, and its file is the same again', (source) => {
    const table = buildTable(source)
    const written = rendered(table, file)
    const parsed = parseTable(written, file, table)
    expect(parsed).toEqual(table)
    expect(rendered(parsed, file)).toEqual(written)
    expect(parseTable(bytesOf(written), file, table)).toEqual(table)
  })

  it('one flipped bit is detected, wherever it stands', () => {
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice()
      damaged[i]! ^= 1 << (i % 8)
      refused(damaged)
    }
  })

  property.prop([sources, fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 300 })(
    'one changed byte is detected in any table',
    (source, where, change) => {
      const table = buildTable(source)
      const damaged = bytesOf(rendered(table, file)).slice()
      damaged[where % damaged.length]! ^= change
      refused(damaged, table)
    },
  )

  property.prop([fc.nat(), fc.nat()])('cut short, doubled or with a part left out it is refused', (a, b) => {
    const [from, to] = [a % bytes.length, b % bytes.length].sort((x, y) => x - y) as [number, number]
    refused(bytes.slice(0, from))
    if (to > from) refused(Uint8Array.of(...bytes.slice(0, from), ...bytes.slice(to)))
    refused(Uint8Array.of(...bytes, ...bytes.slice(from)))
  })

  property.prop([fc.string()])('anything else is refused', (other) => {
    refused(other)
  })
  property.prop([fc.uint8Array({ maxLength: 200 })])('any other bytes are refused', (other) => {
    refused(other)
  })

  it('broken UTF-8 and a byte-order mark are differences', () => {
    refused(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes))
    refused(Uint8Array.of(...bytes, 0xff))
  })

  it('a hostile length is refused unread', () => {
    refused(' '.repeat((64 << 20) + 1))
  })

  it('the file of another table is refused beside this one', () => {
    const other = buildTable({ ...byHand, thresholds: [-0.5, 0.1, 0.75] })
    refused(rendered(other, file))
  })
})

describe.each(textFiles)('%s', (file) => {
  const text = renderTable(byHandTable, file)

  it('is plain ASCII with a newline at the end', () => {
    expect(text).toMatch(/^[\n\x20-\x7e]+\n$/)
  })

  it('Windows line ends are a difference', () => {
    expect(codeOf(() => parseTable(text.replaceAll('\n', '\r\n'), file, byHandTable))).toBe('OHM3006')
  })

  it('the error names the line', () => {
    const lines = text.split('\n')
    const at = Math.max(
      0,
      lines.findIndex((line) => /channels/i.test(line)),
    )
    lines[at] = `${lines[at]} `
    try {
      parseTable(lines.join('\n'), file, byHandTable)
      expect.unreachable()
    } catch (error) {
      expect((error as OhmbitError).at).toEqual({ file, line: at + 1 })
    }
  })
})

describe('files that hold words only', () => {
  it.each(wordFiles)('%s needs its table', (file) => {
    const content = renderTable(byHandTable, file as 'adc_thr.hex')
    expect(codeOf(() => parseTable(content, file as 'adc_table.h'))).toBe('OHM5004')
  })
})

describe('consistent forgeries', () => {
  const table = buildTable(byHand)
  it('a changed threshold with all checksums made good is another valid table, not this one', () => {
    const forged = buildTable({ ...byHand, thresholds: [-0.5, 0.1, 0.75] })
    expect(parseTable(renderTable(forged, 'adc-table.json'), 'adc-table.json').sha256).not.toBe(table.sha256)
  })

  it.each(completeFiles)('%s carries the CRC-32 and SHA-256', (file) => {
    const text = new TextDecoder('latin1').decode(bytesOf(rendered(table, file)))
    expect(text).toContain(table.crc32)
    expect(text).toContain(table.sha256)
  })

  it('keys that reach for prototypes change nothing', () => {
    const text = renderTable(table, 'adc-table.json').replace('{', '{"__proto__": {"polluted": true}, ')
    expect(codeOf(() => parseTable(text, 'adc-table.json'))).toBe('OHM3006')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('the C header', () => {
  const program = (table: ThresholdTable) => `#include <stdio.h>
#include "adc_table.h"
#include "adc_table.h"
int main(void) {
  long k;
  printf("%d %ld %ld %d %d %d %d %ld %08lx\\n", ADC_TABLE_VERSION, (long)ADC_TABLE_LEVELS, (long)ADC_TABLE_THRESHOLDS,
         ADC_TABLE_COMPARE_GE, ADC_TABLE_FRAC, ADC_TABLE_LEVEL_FRAC, ADC_TABLE_DAC_BITS, (long)ADC_TABLE_CHANNELS,
         (unsigned long)ADC_TABLE_CRC32);
  for (k = 0; k < ADC_TABLE_THRESHOLDS; k++) printf("%d %u\\n", adc_table_threshold[k], (unsigned)adc_table_dac_code[k]);
  for (k = 0; k < ADC_TABLE_LEVELS; k++) printf("%d\\n", adc_table_level[k]);
  for (k = 0; k < ADC_TABLE_CHANNELS; k++) printf("%u\\n", (unsigned)adc_table_scan_order[k]);
  return sizeof adc_table_threshold == 2 * ${table.levelCount - 1} ? 0 : 1;
}
`
  const tables = [
    buildTable(byHand),
    buildTable({
      ...byHand,
      compare: 'ge',
      thresholds: [-3, 0, 5],
      dacBits: 16,
      fullScale: 1e-3,
      scanOrder: [1, 0],
      chip: null,
    }),
    buildTable({
      ...byHand,
      thresholds: [0.2],
      levels: [-1e6, 1e6],
      levelFormat: { signed: true, bits: 16, frac: -5 },
    }),
  ]
  it.each([0, 1, 2])('compiles as strict C99 without a warning and holds the numbers of table %i', (i) => {
    if (!requireTool('gcc')) return
    const table = tables[i]!
    const folder = mkdtempSync(join(tmpdir(), 'ohmbit-table-'))
    try {
      writeFileSync(join(folder, 'adc_table.h'), renderTable(table, 'adc_table.h'))
      writeFileSync(join(folder, 'main.c'), program(table))
      const flags = '-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Werror'.split(' ')
      execFileSync('gcc', [...flags, '-o', 'main', 'main.c'], { cwd: folder })
      const lines = execFileSync(join(folder, 'main'), { encoding: 'utf8' }).trimEnd().split('\n')
      expect(lines).toEqual([
        [
          1,
          table.levelCount,
          table.levelCount - 1,
          table.compare === 'ge' ? 1 : 0,
          table.numberFormat.frac,
          table.levels.format.frac,
          table.dac.bits,
          table.channels,
          table.crc32,
        ].join(' '),
        ...table.thresholds.codes.map((c, k) => `${c} ${table.dac.codes[k]}`),
        ...table.levels.words.map(String),
        ...table.scanOrder.map(String),
      ])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
