import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { verilog } from '../../src/emit/index.ts'
import type { Check } from '../../src/verify/index.ts'
import { checkVerilog, verilogChecks } from '../../src/verify/verilog-checks.ts'
import { fixtureNames, fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { requireTool } from '../support/tools.ts'

const IDS = ['verilog-icarus', 'verilog-search', 'verilog-lint', 'verilog-verilator', 'verilog-synthesis']
const deployed = (name: (typeof fixtureNames)[number]) =>
  deploy(fixtureNetwork(name), profileWith({ 'decoder.arithmetic': 'fixed', 'adc.dac.bits': 10 }))
const small = deployed('det_R1_shq_snr12')
const statuses = (checks: readonly Check[]) => checks.map(({ id, status }) => `${id} ${status}`)
const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

describe('verilogChecks', () => {
  it.each(fixtureNames)(
    '%s: 0 mismatches over more than 1000 vectors in each simulator, lint clean, clocks as stated',
    async (name) => {
      const has = { iverilog: requireTool('iverilog'), verilator: requireTool('verilator') }
      const { checks, missing } = await verilogChecks(deployed(name), [])
      expect(missing).toEqual([])
      for (const { id, status, detail } of checks) {
        const tool = id === 'verilog-icarus' || id === 'verilog-search' ? 'iverilog' : 'verilator'
        if (id === 'verilog-synthesis' || !has[tool]) continue
        expect(`${id} ${status} ${detail}`).toContain(`${id} pass`)
        if (id !== 'verilog-icarus' && id !== 'verilog-verilator') continue
        const [, vectors, mismatches] = /; (\d+) vectors, (\d+) mismatches, latency \d+ clocks/.exec(detail)!
        expect(Number(vectors)).toBeGreaterThanOrEqual(1000)
        expect(Number(mismatches)).toBe(0)
      }
    },
    600_000,
  )

  it('skips and names missing tools, and fails where they are required', async () => {
    process.env['PATH'] = '/nowhere'
    const skipped = await verilogChecks(small, [])
    expect(statuses(skipped.checks)).toEqual(IDS.map((id) => `${id} skipped`))
    expect(skipped.checks.map(({ detail }) => detail.split(' ')[0])).toEqual([
      'iverilog',
      'iverilog',
      'verilator',
      'verilator',
      'yosys',
    ])
    expect(skipped.missing).toEqual([])
    const required = await verilogChecks(small, ['iverilog', 'verilator'])
    expect(statuses(required.checks)).toEqual(
      IDS.map((id) => `${id} ${id === 'verilog-synthesis' ? 'skipped' : 'fail'}`),
    )
    expect(required.missing).toEqual(['iverilog', 'verilator'])
  })

  it('says why a deployment has no Verilog', async () => {
    const narrow = deploy(fixtureNetwork('det_R1_shq_snr12'), profileWith({ 'decoder.accumulatorBits': 24 }))
    const { checks } = await verilogChecks(narrow, ['iverilog'])
    expect(statuses(checks)).toEqual(IDS.map((id) => `${id} skipped`))
    expect(checks[0]!.detail).toContain('accumulator')
  })
})

describe('what the checks see', () => {
  const { files } = verilog(small, { multipliers: 16, randomVectors: 20 })
  const changed = async (name: string, change: (text: string) => string) => {
    const other = files.map((f) => (f.name === name ? { name, text: change(f.text) } : f))
    expect(other).not.toEqual(files)
    return statuses((await checkVerilog({ wide: other, usual: other }, [])).checks).filter((s) => s.endsWith('fail'))
  }

  it('nothing in what is emitted, also for a float decoder', async () => {
    const float = verilog(deploy(fixtureNetwork('det_R1_shq_snr12'), profileWith()), { randomVectors: 20 })
    expect(float.warnings.map(({ code }) => code)).toEqual(['OHM4003', 'OHM4003'])
    const { checks } = await checkVerilog({ wide: float.files, usual: files }, [])
    expect(statuses(checks).filter((s) => s.endsWith('fail'))).toEqual([])
  })

  it('a constant one bit off, in both simulators', async () => {
    if (!requireTool('iverilog') || !requireTool('verilator')) return
    const odd = (text: string) => text.replace(/.\n$/, (end) => `${(Number.parseInt(end[0]!, 16) ^ 1).toString(16)}\n`)
    expect(await changed('decnet_weights_0.mem', odd)).toEqual(['verilog-icarus fail', 'verilog-verilator fail'])
  })

  it('what a linter minds', async () => {
    if (!requireTool('verilator')) return
    const unused = (text: string) => text.replace('reg [2:0] valid;', 'reg [2:0] valid;\n  wire nobody = clk;')
    expect(await changed('decnet_requantize.v', unused)).toEqual(['verilog-lint fail'])
  })
})
