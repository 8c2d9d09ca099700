import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseTable } from '../../src/emit/index.ts'
import { tableFiles } from '../../src/emit/threshold-table/renderings.ts'
import { emptyFolder, ohmbit } from '../support/cli.ts'

const folder = emptyFolder()
const tables = join(folder, 'tables')
const emit = (...more: string[]) => ohmbit(['emit', 'thresholds', join(folder, 'deployed'), '-o', tables, ...more])

beforeAll(async () => {
  const example = fileURLToPath(new URL('../../examples/vqcs_n20_I4/model.onnx', import.meta.url))
  await ohmbit(['deploy', example, '--profile', 'reram-1t1r', '-o', join(folder, 'deployed')])
})

describe('emit thresholds', () => {
  it('writes every rendering of one table and prints it', async () => {
    const { status, stdout } = await emit()
    expect(status).toBe(0)
    const table = parseTable(readFileSync(join(tables, 'adc-table.json')), 'adc-table.json')
    for (const file of tableFiles) expect(parseTable(readFileSync(join(tables, file)), file, table)).toEqual(table)
    for (const [k, hex] of table.thresholds.hex.entries())
      expect(stdout).toMatch(new RegExp(`^  ${k + 1} .* ${hex} +${table.dac.codes[k]} `, 'm'))
    expect(stdout).toContain(`CRC-32 ${table.crc32}`)
  })

  it('replaces its own files, also those that cannot say whose they are, and no others', async () => {
    expect((await emit('--chip', '3')).status).toBe(0)
    expect(readFileSync(join(tables, 'adc-table.json'), 'utf8')).toContain('"chip": 3')
    rmSync(join(tables, 'adc-table.json'))
    writeFileSync(join(tables, 'adc_thr.bin'), 'of someone else')
    const { json } = await emit('--json')
    expect(json.error.code).toBe('OHM1006')
    expect(readFileSync(join(tables, 'adc_thr.bin'), 'utf8')).toBe('of someone else')
    expect((await emit('--force')).status).toBe(0)
  })
})
