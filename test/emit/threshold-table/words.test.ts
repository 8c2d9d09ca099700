/** Files of words alone, as other tools read them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { crc32 } from '../../../src/base/hash.ts'
import { imageProblem, renderImage, THRESHOLDS_AT } from '../../../src/emit/threshold-table/image.ts'
import { readIntelHex, renderIntelHex } from '../../../src/emit/threshold-table/intel-hex.ts'
import { renderTable } from '../../../src/emit/threshold-table/renderings.ts'
import { buildTable } from '../../../src/emit/threshold-table/table.ts'
import { requireTool } from '../../support/tools.ts'
import { byHand, sources } from './sources.ts'

const table = buildTable(byHand)
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'ohmbit-table-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('adc_thr.bin', () => {
  it('is the words under the CRC, then the CRC, low byte first', () => {
    const crc = Buffer.from(table.crc32, 'hex').reverse().toString('hex')
    expect(hexOf(renderImage(table))).toBe(`00000e00ffdf6606003000a000f00018005002000400070000000100${crc}`)
  })

  property.prop([sources])(
    'the CRC-32 of the whole is the residue 2144df1c; thresholds stand from byte 4',
    (source) => {
      const of = buildTable(source)
      const image = renderImage(of)
      expect(crc32(image)).toBe(0x2144df1c)
      const view = new DataView(image.buffer)
      expect(of.thresholds.codes.map((_, k) => view.getInt16(THRESHOLDS_AT + 2 * k, true))).toEqual(of.thresholds.codes)
    },
  )

  it('every flipped bit fails its own CRC-32', () => {
    const image = renderImage(table)
    for (let bit = 0; bit < 8 * image.length; bit++) {
      const damaged = image.slice()
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(imageProblem(damaged, table)).toContain('not that of its words')
    }
  })
})

describe('Intel HEX', () => {
  it('a record as the specification writes it', () => {
    // The 16 bytes that Intel's document and everyone after it use, at address 0 here.
    const data = Buffer.from('214601360121470136007EFE09D21901', 'hex')
    expect(renderIntelHex(data)).toBe(':10000000214601360121470136007EFE09D2190141\n:00000001FF\n')
  })

  property.prop([fc.uint8Array({ maxLength: 100 })])('bytes survive', (bytes) => {
    expect(readIntelHex(renderIntelHex(bytes))).toEqual(Uint8Array.from(bytes))
  })

  it('bytes beyond 64 KiB survive, behind address records', () => {
    const bytes = Uint8Array.from({ length: 3 * 65536 + 5 }, (_, i) => (i * 7) >> 3)
    const text = renderIntelHex(bytes)
    expect(text.match(/^:02000004.*$/gm)).toEqual([':020000040001F9', ':020000040002F8', ':020000040003F7'])
    expect(readIntelHex(text)).toEqual(bytes)
  })

  it.each([
    ['a wrong sum', ':0100000000FE\n:00000001FF\n', 1, 'sum'],
    ['a wrong count', ':0200000000FE\n:00000001FF\n', 1, 'says 2'],
    ['a gap', ':0100000000FF\n:0100020000FD\n:00000001FF\n', 2, 'follow'],
    ['no end', ':0100000000FF\n', 2, 'missing'],
    ['something behind the end', ':00000001FF\n:0100000000FF\n', 2, 'behind'],
    ['no record', 'hello\n', 1, 'no record'],
    ['a start address', ':0400000500000000F7\n:00000001FF\n', 1, 'type 5'],
  ])('%s is named by its line', (_, text, line, problem) => {
    const found = readIntelHex(text) as { line: number; problem: string }
    expect(found.line).toBe(line)
    expect(found.problem).toContain(problem)
  })

  it.each([4, 30000])('objcopy makes the bytes of %i levels from it, and the same records from the bytes', (n) => {
    if (!requireTool('objcopy')) return
    const levels = Array.from({ length: n }, (_, i) => i / n)
    const thresholds = Array.from({ length: n - 1 }, (_, k) => (k - n / 2) / n)
    const of = n === 4 ? table : buildTable({ ...byHand, levels, thresholds, dacBits: 16 })
    inFolder((folder) => {
      writeFileSync(join(folder, 'a.hex'), renderTable(of, 'adc_thr.hex'))
      writeFileSync(join(folder, 'a.bin'), renderTable(of, 'adc_thr.bin'))
      const objcopy = (...args: string[]) => execFileSync('objcopy', args, { cwd: folder })
      objcopy('-I', 'ihex', '-O', 'binary', 'a.hex', 'b.bin')
      expect(Buffer.compare(readFileSync(join(folder, 'b.bin')), Buffer.from(renderTable(of, 'adc_thr.bin')))).toBe(0)
      objcopy('-I', 'binary', '-O', 'ihex', 'a.bin', 'b.hex')
      const again = readFileSync(join(folder, 'b.hex'), 'utf8').replaceAll('\r\n', '\n')
      // Beyond 64 KiB objcopy writes segment records (type 2) where ours are linear ones (type 4).
      const data = (text: string) => text.split('\n').filter((line) => line.slice(7, 9) === '00')
      expect(data(again)).toEqual(data(renderTable(of, 'adc_thr.hex')))
    })
  })
})

describe('adc_thr.mem', () => {
  it('is one comment, then one word a line', () => {
    const lines = renderTable(table, 'adc_thr.mem').split('\n')
    expect(lines[0]).toMatch(/^\/\/ .*3 thresholds/)
    expect(lines[0]).toContain(table.crc32)
    expect(lines.slice(1)).toEqual(['dfff', '0666', '3000', ''])
  })

  it('Icarus Verilog reads the thresholds with $readmemh', () => {
    if (!requireTool('iverilog')) return
    inFolder((folder) => {
      writeFileSync(join(folder, 'adc_thr.mem'), renderTable(table, 'adc_thr.mem'))
      writeFileSync(
        join(folder, 'read.v'),
        `module read;
  reg signed [15:0] threshold [0:2];
  initial begin
    $readmemh("adc_thr.mem", threshold);
    $display("%0d %0d %0d", threshold[0], threshold[1], threshold[2]);
  end
endmodule
`,
      )
      execFileSync('iverilog', ['-o', 'read', 'read.v'], { cwd: folder })
      const shown = execFileSync('vvp', ['read'], { cwd: folder, encoding: 'utf8' })
      expect(shown.trim()).toBe(table.thresholds.codes.join(' '))
    })
  })
})
