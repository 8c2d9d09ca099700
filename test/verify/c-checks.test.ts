import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import type { Deployment } from '../../src/deployment/deployment.ts'
import { cSource } from '../../src/emit/index.ts'
import { cChecks, checkFiles, questionsOf } from '../../src/verify/c-checks.ts'
import type { Check } from '../../src/verify/index.ts'
import { fixtureNames, fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { requireTool } from '../support/tools.ts'

const IDS = ['c-compile', 'c-selftest', 'c-vectors', 'c-sanitizers', 'c-cortex-m4']
const deployed = (name: (typeof fixtureNames)[number]) =>
  deploy(fixtureNetwork(name), profileWith({ 'decoder.arithmetic': 'fixed', 'adc.dac.bits': 10 }))
const small = deployed('det_R1_shq_snr12')
const statuses = (checks: readonly Check[]) => checks.map(({ id, status }) => `${id} ${status}`)
const host = (checks: readonly Check[]) => statuses(checks).slice(0, 4)
const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

describe('cChecks', () => {
  it.each(fixtureNames)(
    '%s: 0 mismatches over more than 1000 vectors, sanitizers quiet, size as estimated',
    async (name) => {
      if (!requireTool('cc')) return
      const deployment = deployed(name)
      const { checks, missing } = await cChecks(deployment, ['cc'])
      expect(host(checks)).toEqual(IDS.slice(0, 4).map((id) => `${id} pass`))
      expect(Number(/^(\d+) vectors/.exec(checks[2]!.detail)![1])).toBeGreaterThanOrEqual(1000)
      expect(missing).toEqual([])
      if (!requireTool('arm-none-eabi-gcc')) return
      expect(checks[4]).toMatchObject({ id: 'c-cortex-m4', status: 'pass' })
      const [flash, ram] = /(\d+) bytes of flash, (\d+) bytes of static RAM/
        .exec(checks[4]!.detail)!
        .slice(1)
        .map(Number)
      expect(ram).toBe(0)
      expect(Math.abs(flash! - cSource(deployment).footprint.flashBytes)).toBeLessThan(400)
    },
  )

  it('checks what is emitted for a float decoder', async () => {
    if (!requireTool('cc')) return
    const { checks } = await cChecks(deploy(fixtureNetwork('det_R1_shq_snr12'), profileWith()), [])
    expect(host(checks)).toEqual(IDS.slice(0, 4).map((id) => `${id} pass`))
  })

  it('codes of 16 bits, and the comparison >=', async () => {
    if (!requireTool('cc')) return
    const network = fixtureNetwork('det_R1_shq_snr12')
    const quantizer = {
      ...network.quantizer,
      compare: 'ge' as const,
      levels: Float64Array.from({ length: 300 }, (_, k) => k / 100),
      thresholds: Float64Array.from({ length: 299 }, (_, k) => (k - 149) / 150),
    }
    const { checks } = await cChecks(deploy({ ...network, quantizer }, profileWith({ 'adc.dac.bits': 12 })), ['cc'])
    expect(host(checks)).toEqual(IDS.slice(0, 4).map((id) => `${id} pass`))
  })

  it('skips and names missing compilers, and fails where they are required', async () => {
    process.env['PATH'] = '/nowhere'
    const skipped = await cChecks(small, [])
    expect(statuses(skipped.checks)).toEqual(IDS.map((id) => `${id} skipped`))
    expect(skipped.checks[0]!.detail).toBe('cc (a C compiler) is not installed')
    expect(skipped.checks[4]!.detail).toContain('arm-none-eabi-gcc')
    expect(skipped.missing).toEqual([])
    const required = await cChecks(small, ['cc'])
    expect(statuses(required.checks)).toEqual(IDS.map((id) => `${id} ${id === 'c-cortex-m4' ? 'skipped' : 'fail'}`))
    expect(required.missing).toEqual(['cc'])
    expect((await cChecks(small, ['arm-none-eabi-gcc'])).missing).toEqual(['arm-none-eabi-gcc'])
  })

  it('says why a deployment has no C', async () => {
    const narrow: Deployment = {
      ...deploy(fixtureNetwork('det_R1_shq_snr12'), profileWith({ 'decoder.accumulatorBits': 24 })),
    }
    const { checks } = await cChecks(narrow, ['cc'])
    expect(statuses(checks)).toEqual(IDS.map((id) => `${id} skipped`))
    expect(checks[0]!.detail).toContain('accumulator')
  })
})

describe('what the checks see', () => {
  const { files } = cSource(small)
  const questions = questionsOf(small)
  const changed = async (name: string, change: (text: string) => string) => {
    const other = files.map((f) => (f.name === name ? { name, text: change(f.text) } : f))
    expect(other).not.toEqual(files)
    return host((await checkFiles(other, questions, [])).checks).filter((line) => !line.endsWith('pass'))
  }

  it('a weight one unit off, where the self-test is left as it is', async () => {
    if (!requireTool('cc')) return
    const failures = await changed('decnet.c', (text) =>
      text.replace(/(decnet_weight_0\[\d+\] = \{\n {2})(-?\d+)/, (_, before, word) => before + (Number(word) + 1)),
    )
    expect(failures).toContain('c-selftest fail')
  })

  it('a rounding left out, by the vectors', async () => {
    if (!requireTool('cc')) return
    const failures = await changed('decnet.c', (text) =>
      text.replaceAll('(acc + (INT64_C(1) << (r - 1))) >> r', 'acc >> r'),
    )
    expect(failures).toContain('c-vectors fail')
    expect(failures).toContain('c-selftest fail')
  })

  it('a comparison the wrong way round, by the conversions', async () => {
    if (!requireTool('cc')) return
    const failures = await changed('adc_table.c', (text) =>
      text.replace('x > adc_table_threshold[middle]', 'x >= adc_table_threshold[middle]'),
    )
    expect(failures).toContain('c-vectors fail')
  })

  it('a warning of the compiler; what could not run then is not passed', async () => {
    if (!requireTool('cc')) return
    const failures = await changed('decnet.c', (text) => text.replace('size_t o, i;', 'size_t o, i; int unused;'))
    expect(failures).toEqual(['c-compile fail', 'c-selftest skipped', 'c-vectors skipped', 'c-sanitizers skipped'])
  })

  it('a read beyond an array, by the sanitizers', async () => {
    if (!requireTool('cc')) return
    const failures = await changed('adc_table.c', (text) =>
      text.replace(
        'size_t low = 0;',
        'size_t low = 0;\n  if (adc_table_threshold[x & 15] == x && x == 12345)\n    return 0;',
      ),
    )
    expect(failures).toEqual(['c-sanitizers fail'])
  })
})
