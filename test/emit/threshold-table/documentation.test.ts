/** docs/threshold-table.md: its program does what adc_spi.csv says, its registers are those of the map. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { registerMap } from '../../../src/emit/threshold-table/register-map.ts'
import { renderTable } from '../../../src/emit/threshold-table/renderings.ts'
import { transfers } from '../../../src/emit/threshold-table/spi.ts'
import { buildTable } from '../../../src/emit/threshold-table/table.ts'
import { requireTool } from '../../support/tools.ts'
import { byHand } from './sources.ts'

const page = readFileSync(new URL('../../../docs/threshold-table.md', import.meta.url), 'utf8')

describe('docs/threshold-table.md', () => {
  it.each(['gt', 'ge'] as const)('the loader makes the transfers of adc_spi.csv (%s)', (compare) => {
    if (!requireTool('gcc')) return
    const table = buildTable({ ...byHand, compare })
    const program = /^```c\n([\s\S]*?)^```$/m.exec(page)![1]!
    const bench = `#include <stdio.h>
void spi_write(uint16_t address, uint16_t data) { printf("%u %u\\n", (unsigned)address, (unsigned)data); }
uint16_t spi_read(uint16_t address) { return address == STATUS ? LIVE : 0; }
int main(void) { return adc_load(); }
`
    const folder = mkdtempSync(join(tmpdir(), 'ohmbit-table-'))
    try {
      writeFileSync(join(folder, 'adc_table.h'), renderTable(table, 'adc_table.h'))
      writeFileSync(join(folder, 'main.c'), program + bench)
      execFileSync('gcc', ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-o', 'main', 'main.c'], {
        cwd: folder,
      })
      const lines = execFileSync(join(folder, 'main'), { encoding: 'utf8' }).trimEnd().split('\n')
      const writes = transfers(table).filter(({ operation }) => operation === 'write')
      expect(lines).toEqual(writes.map(({ address, data }) => `${address} ${data}`))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('its registers are those of the map', () => {
    const map = registerMap(buildTable(byHand))
    for (const { name, address, count } of map) {
      const row = page.split('\n').find((line) => new RegExp(`^\\|[^|]*\\|[^|]*\\b${name}\\b`).test(line))!
      expect(row, name).toBeDefined()
      const at = row.split('|')[1]!.trim()
      if (count === null) expect(at.split(', ').map(Number)).toContain(address)
      else expect((Number.parseInt(at, 10) || 1) * 256).toBe(address)
    }
  })

  it('names every file of a table', async () => {
    const { tableFiles } = await import('../../../src/emit/threshold-table/renderings.ts')
    for (const file of tableFiles) expect(page).toContain(`| \`${file}\` |`)
  })
})
