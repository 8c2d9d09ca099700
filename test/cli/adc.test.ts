/** The bench for converters, as its users call it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture } from '../support/fixtures.ts'

const folder = emptyFolder()
const run = (...args: string[]) => ohmbit(args, { cwd: folder })
const task = 'sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4,sensing=dct'

beforeAll(async () => {
  for (const levels of ['I2', 'I4'])
    await run(
      ...['deploy', fixture(`networks/vqcs_n20_${levels}/model.onnx`), '--profile', 'ideal', '--task', task],
      ...['--set', 'adc.dac.bits=10', '--set', 'adc.comparator.offsetSigma=20 mV', '-o', levels],
    )
})

describe('adc characterise', () => {
  it('prints thresholds first, with n/a where a figure has no meaning', async () => {
    const two = await run('adc', 'characterise', 'I2', '--chip', '1')
    expect(two.status).toBe(0)
    expect(two.stdout).toMatch(/gain and offset +n\/a, /)
    expect(two.stdout).toMatch(/INL, DNL +n\/a, n\/a/)
    const { json } = await run('adc', 'characterise', 'I2', '--chip', '1', '--json')
    expect(json.result).toMatchObject({ chip: 1, levels: 2, gain: null, inl: null, dnl: null, monotone: true })
    expect(json.result.time).toEqual({ cycles: 1, totalCycles: 10, seconds: expect.closeTo(1e-7, 12) })
  })

  it('draws the transfer, the same bytes each time', async () => {
    for (const name of ['a.svg', 'b.svg'])
      expect((await run('adc', 'characterise', 'I4', '--chip', '3', '--svg', name)).stdout).toContain(
        `written: ${name}`,
      )
    const [a, b] = ['a.svg', 'b.svg'].map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(a).toBe(b)
    expect(a).toContain('realised thresholds lie up to')
  })

  it('refuses a channel there is not', async () => {
    const { status, json } = await run('adc', 'characterise', 'I4', '--channel', '10', '--json')
    expect([status, json.error.code]).toEqual([2, 'OHM9001'])
  })
})

describe('adc calibrate', () => {
  it('brings an offset back, writes the table, and says so', async () => {
    const { status, json } = await run(
      ...['adc', 'calibrate', 'I4', '--chip', '4', '--samples', '300', '-o', 'tables', '--json'],
    )
    expect(status).toBe(0)
    const { study, shifts, codes } = json.result
    // A chip whose offset costs 0.7 dB.
    expect(study.before.median).toBeGreaterThan(0.4)
    expect(study.after.median).toBeLessThan(0.3 * study.before.median)
    const table = JSON.parse(readFileSync(join(folder, 'tables', 'adc-table.json'), 'utf8'))
    expect(table.chip).toEqual({ seed: 0, chip: 4, calibrated: true })
    expect(table.dac.codes).toEqual(codes[0])
    // One comparator: one shift for all, up to the grid of the DAC.
    expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThan(2e-3)
    await run('emit', 'thresholds', 'I4', '--chip', '4', '--calibrated', '-o', 'again')
    expect(readFileSync(join(folder, 'again', 'adc-table.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'tables', 'adc-table.json'), 'utf8'),
    )
  })

  it('writes a folder a channel where each has its own table', async () => {
    const { json } = await run(
      ...['adc', 'calibrate', 'I4', '--set', 'periphery.activation.offsetSigma=60 mV', '-o', 'own', '--json'],
      ...['--samples', '100'],
    )
    expect(json.result.chosen).toBe('per-channel')
    expect(existsSync(join(folder, 'own', 'channel9', 'adc_table.h'))).toBe(true)
  })

  it('is refused without codes to write, and --calibrated without a chip', async () => {
    const { status, json } = await run('adc', 'calibrate', 'I4', '--set', 'adc.dac.bits=null', '--json')
    expect([status, json.error.code]).toEqual([4, 'OHM3008'])
    expect((await run('emit', 'thresholds', 'I4', '--calibrated', '-o', 'none', '--json')).json.error.code).toBe(
      'OHM9001',
    )
  })
})
