import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { readProfile } from '../../src/profile/read.ts'
import { tableChecks } from '../../src/verify/table-checks.ts'
import { loadNetwork } from '../support/fixtures.ts'
import { requireTool } from '../support/tools.ts'

const { network } = await loadNetwork('vqcs_n20_I16')
const deployment = deploy(network, await readProfile('reram-1t1r'))
const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

describe('tableChecks', () => {
  it('reads every rendering back, and compiles and runs the header', async () => {
    if (!requireTool('cc')) return
    const { checks, missing } = await tableChecks(deployment, ['cc'])
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'threshold-table pass',
      'threshold-table-header pass',
    ])
    expect(missing).toEqual([])
  })

  it('skips the header without a compiler, and fails it where one is required', async () => {
    process.env['PATH'] = '/nowhere'
    const skipped = await tableChecks(deployment, [])
    expect(skipped.checks.map(({ status }) => status)).toEqual(['pass', 'skipped'])
    expect(skipped.checks[1]!.detail).toContain('cc')
    const required = await tableChecks(deployment, ['cc'])
    expect(required.checks.map(({ status }) => status)).toEqual(['pass', 'fail'])
    expect(required.missing).toEqual(['cc'])
  })

  it('says why an unquantized DAC has no table', async () => {
    const { checks } = await tableChecks(deploy(network, await readProfile('ideal')), [])
    expect(checks.map(({ status }) => status)).toEqual(['skipped', 'skipped'])
    expect(checks[0]!.detail).toContain('adc.dac.bits is null')
  })
})
