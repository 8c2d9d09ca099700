import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import type { EmittedTable } from '../../src/emit/index.ts'
import { thresholdTable } from '../../src/emit/index.ts'
import { readProfile } from '../../src/profile/read.ts'
import { emittedChecks, tableChecks } from '../../src/verify/table-checks.ts'
import { loadNetwork } from '../support/fixtures.ts'
import { requireTool } from '../support/tools.ts'

const { network } = await loadNetwork('vqcs_n20_I16')
const deployment = deploy(network, await readProfile('reram-1t1r'))
const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

const OWN = ['threshold-table', 'threshold-table-schema', 'threshold-table-svd', 'threshold-table-onnx']
const TOOLS = ['threshold-table-header', 'threshold-table-objcopy']

describe('tableChecks', () => {
  it('reads every rendering back, checks schema, registers and node, runs header and HEX through their tools', async () => {
    if (!requireTool('cc') || !requireTool('objcopy')) return
    const { checks, missing } = await tableChecks(deployment, ['cc', 'objcopy'])
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([...OWN, ...TOOLS].map((id) => `${id} pass`))
    expect(missing).toEqual([])
  })

  it('skips by name what needs a missing tool, and fails it where one is required', async () => {
    process.env['PATH'] = '/nowhere'
    const skipped = await tableChecks(deployment, [])
    expect(skipped.checks.map(({ status }) => status)).toEqual([...OWN.map(() => 'pass'), 'skipped', 'skipped'])
    expect(skipped.checks.slice(-2).map(({ detail }) => detail.split(' ')[0])).toEqual(['cc', 'objcopy'])
    const required = await tableChecks(deployment, ['cc', 'objcopy'])
    expect(required.checks.slice(-2).map(({ status }) => status)).toEqual(['fail', 'fail'])
    expect(required.missing).toEqual(['cc', 'objcopy'])
  })

  it('says why an unquantized DAC has no table', async () => {
    const { checks } = await tableChecks(deploy(network, await readProfile('ideal')), [])
    expect(checks.map(({ status }) => status)).toEqual([...OWN, ...TOOLS].map(() => 'skipped'))
    expect(checks[0]!.detail).toContain('adc.dac.bits is null')
  })
})

describe('a file that is not what it should be fails its check', () => {
  const emitted = thresholdTable(deployment)
  const edited = (name: string, edit: (text: string) => string): EmittedTable => ({
    ...emitted,
    files: emitted.files.map((f) => (f.name === name ? { ...f, text: edit(f.text) } : f)),
  })
  const failed = async (broken: EmittedTable) => {
    process.env['PATH'] = '/nowhere'
    return (await emittedChecks(broken, [])).checks.filter(({ status }) => status === 'fail').map(({ id }) => id)
  }

  it.each<[string, string, (text: string) => string, string]>([
    ['another level count', 'adc-table.json', (t) => t.replace('"levelCount": 16', '"levelCount": "16"'), OWN[1]!],
    ['no JSON', 'adc-table.json', (t) => t.slice(1), OWN[1]!],
    ['an address that moved', 'adc.svd', (t) => t.replace('<addressOffset>0x0200', '<addressOffset>0x0280'), OWN[2]!],
    ['an element left open', 'adc.svd', (t) => t.replace('</fields>', ''), OWN[2]!],
    [
      'elements in the wrong order',
      'adc.svd',
      (t) => t.replace(/(<version>.*)\n(.*<description>.*)/, '$2\n$1'),
      OWN[2]!,
    ],
    ['a write to another register', 'adc_spi.csv', (t) => t.replace('0x0010,', '0x0012,'), OWN[2]!],
  ])('%s', async (_, name, edit, id) => {
    expect(await failed(edited(name, edit))).toEqual([OWN[0], id])
  })

  it('a threshold one too high in the ONNX model', async () => {
    const binaries = emitted.binaries.map((f) => {
      if (f.name !== 'adc_multithreshold.onnx') return f
      const bytes = f.bytes.slice()
      const first = new Uint8Array(Float32Array.of(emitted.table.thresholds.codes[0]! + 1).buffer)
      const at = bytes.findIndex((_, i) => first.every((byte, k) => bytes[i + k] === byte))
      bytes.set(new Uint8Array(Float32Array.of(emitted.table.thresholds.codes[0]! + 2).buffer), at)
      return { ...f, bytes }
    })
    expect(await failed({ ...emitted, binaries })).toEqual([OWN[0], OWN[3]])
  })
})
