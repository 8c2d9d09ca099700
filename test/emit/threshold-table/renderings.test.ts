import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { parseTable, renderTable, tableFiles } from '../../../src/emit/threshold-table/renderings.ts'
import { buildTable, type ThresholdTable } from '../../../src/emit/threshold-table/table.ts'
import { requireTool } from '../../support/tools.ts'
import { byHand, sources } from './sources.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function codeOf(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof OhmbitError ? error.code : String(error)
  }
}

describe.each(tableFiles)('%s', (file) => {
  const text = renderTable(buildTable(byHand), file)

  property.prop([sources])('any table survives the round trip, and its text is the same again', (source) => {
    const table = buildTable(source)
    const rendered = renderTable(table, file)
    const parsed = parseTable(rendered, file)
    expect(parsed).toEqual(table)
    expect(renderTable(parsed, file)).toBe(rendered)
    expect(parseTable(bytesOf(rendered), file)).toEqual(table)
  })

  it('is plain ASCII with a newline at the end', () => {
    expect(text).toMatch(/^[\n\x20-\x7e]+\n$/)
  })

  it('one changed byte is detected, wherever it stands', () => {
    const bytes = bytesOf(text)
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice()
      damaged[i]! ^= 1 << (i % 8)
      expect(codeOf(() => parseTable(damaged, file))).toBe('OHM3006')
    }
  })

  property.prop([sources, fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 300 })(
    'one changed byte is detected in any table',
    (source, where, change) => {
      const damaged = bytesOf(renderTable(buildTable(source), file))
      damaged[where % damaged.length]! ^= change
      expect(codeOf(() => parseTable(damaged, file))).toBe('OHM3006')
    },
  )

  property.prop([fc.nat(), fc.nat()])('cut short, doubled or with a part left out it is refused', (a, b) => {
    const [from, to] = [a % text.length, b % text.length].sort((x, y) => x - y) as [number, number]
    expect(codeOf(() => parseTable(text.slice(0, from), file))).toBe('OHM3006')
    if (to > from) expect(codeOf(() => parseTable(text.slice(0, from) + text.slice(to), file))).toBe('OHM3006')
    expect(codeOf(() => parseTable(text + text.slice(from), file))).toBe('OHM3006')
  })

  property.prop([fc.string()])('anything else is refused', (other) => {
    expect(codeOf(() => parseTable(other, file))).toBe('OHM3006')
  })

  it('Windows line ends, a byte-order mark and broken UTF-8 are differences', () => {
    expect(codeOf(() => parseTable(text.replaceAll('\n', '\r\n'), file))).toBe('OHM3006')
    expect(codeOf(() => parseTable(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytesOf(text)), file))).toBe('OHM3006')
    expect(codeOf(() => parseTable(Uint8Array.of(...bytesOf(text), 0xff), file))).toBe('OHM3006')
  })

  it('a hostile length is refused unread', () => {
    expect(codeOf(() => parseTable(' '.repeat((64 << 20) + 1), file))).toBe('OHM3006')
  })

  it('the error names the line', () => {
    const lines = text.split('\n')
    const at = lines.findIndex((line) => /channels/i.test(line))
    lines[at] = `${lines[at]} `
    try {
      parseTable(lines.join('\n'), file)
      expect.unreachable()
    } catch (error) {
      expect((error as OhmbitError).at).toEqual({ file, line: at + 1 })
    }
  })
})

describe('consistent forgeries', () => {
  const table = buildTable(byHand)
  it('a changed threshold with all checksums made good is another valid table, not this one', () => {
    const forged = buildTable({ ...byHand, thresholds: [-0.5, 0.1, 0.75] })
    expect(parseTable(renderTable(forged, 'adc-table.json'), 'adc-table.json').sha256).not.toBe(table.sha256)
  })

  it.each(tableFiles)('%s: every rendering carries the same CRC-32 and SHA-256', (file) => {
    const text = renderTable(table, file)
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
