import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { calibrateAdc } from '../../src/deployment/calibrate-adc.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { encode, encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { channelTables, parseTable, thresholdTable } from '../../src/emit/index.ts'
import { head } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { adcCalibrationStudy } from '../../src/study/adc-calibration.ts'
import { fixtureTasks } from '../support/fixture-networks.ts'
import { loadNetwork } from '../support/fixtures.ts'

const ideal = await readProfile('ideal')
const loaded = await loadNetwork('vqcs_n20_I4')
const network = { ...loaded.network, task: fixtureTasks.vqcs_n20_I4 }

/** Offset, gain and DAC mismatch of a converter on an ideal encoder, with noise to measure through. */
const CONVERTER = [
  'adc.dac.bits=10',
  'adc.comparator.offsetSigma=15 mV',
  'adc.frontEnd.offsetSigma=15 mV',
  'adc.frontEnd.gainSigma=0.05',
  'adc.dac.unitSigma=0.1',
  'adc.comparator.noise=0.3 mV',
  'adc.hold.capacitance=100 fF',
]
/** Channels that differ. */
const CHANNELS = ['periphery.activation.gainSigma=0.1', 'periphery.activation.offsetSigma=30 mV']
const deployed = async (...values: string[]) => deploy(network, await setProfileValues(ideal, values))

describe('calibration over chips', () => {
  it('restores at least 90 % of what offset, gain and DAC mismatch cost, where that is at least 0.5 dB', {
    timeout: 120_000,
  }, async () => {
    const { before, after, restored, chips, interrupted } = await adcCalibrationStudy(await deployed(...CONVERTER), {
      chips: 200,
    })
    expect([chips.length, interrupted]).toEqual([200, false])
    expect(before.median).toBeGreaterThanOrEqual(0.5)
    expect(restored!).toBeGreaterThanOrEqual(0.9)
    expect(after.ci95![1]).toBeLessThan(0.1 * before.median)
    // Not by the median alone: the worst chips too.
    expect(Math.max(...chips.map((c) => c.lossAfter))).toBeLessThan(0.1 * Math.max(...chips.map((c) => c.lossBefore)))
  })

  it.each(['adc.architecture=flash', 'adc.search=ramp', 'adc.thresholdSigma=10 mV'])('%s too', async (more) => {
    const { restored } = await adcCalibrationStudy(await deployed(...CONVERTER, more), { chips: 10 })
    expect(restored!).toBeGreaterThanOrEqual(0.9)
  })

  it('channels that differ get tables of their own', async () => {
    const { before, after, chips } = await adcCalibrationStudy(await deployed(...CONVERTER, ...CHANNELS), { chips: 6 })
    expect(chips.filter((c) => c.chosen === 'per-channel').length).toBeGreaterThanOrEqual(5)
    expect(after.median).toBeLessThan(0.8 * before.median)
  })
})

describe('one chip', () => {
  it('without imperfections but the grid keeps its table', async () => {
    const chip = fabricate(await deployed('adc.dac.bits=10'))
    const { chip: same, shifts, chosen, levels } = calibrateAdc(chip)
    expect([chosen, levels]).toEqual(['thresholds', null])
    expect(same.deployment.adc.dacCodes).toEqual(chip.deployment.adc.dacCodes)
    for (const s of shifts) expect(Math.abs(s!)).toBeLessThan(1e-3)
  })

  it('is the same for the same chip, and what the chip draws in use is not touched', async () => {
    const deployment = await deployed(...CONVERTER)
    const made = () => calibrateAdc(fabricate(deployment, { seed: 1, chip: 2 }))
    expect(made()).toEqual(made())
    const y = head(loaded.inputs, 50)
    const volts = (chip: Parameters<typeof encode>[0]) => encodeTrace(chip, y).output
    expect(volts(made().chip)).toEqual(volts(fabricate(deployment, { seed: 1, chip: 2 })))
  })

  it('both engines encode with tables of channels alike', async () => {
    const { chip, chosen } = calibrateAdc(fabricate(await deployed(...CONVERTER, ...CHANNELS), { chip: 3 }))
    expect(chosen).toBe('per-channel')
    const y = head(loaded.inputs, 60)
    for (const noise of [true, false]) expect(encode(chip, y, { noise })).toEqual(encodeTrace(chip, y, { noise }).codes)
  })

  it('refitted levels and reoptimised thresholds are taken only where they prove themselves', async () => {
    const chip = fabricate(
      await deployed(...CONVERTER, ...CHANNELS, 'device.programming.model=lognormal', 'device.programming.sigma=0.1'),
      { chip: 3 },
    )
    const plain = calibrateAdc(chip)
    const more = calibrateAdc(chip, { reoptimise: true, refitLevels: true })
    const scoreOf = (c: typeof plain) => c.candidates.find(({ name }) => name === c.chosen)!.score
    expect(more.candidates.map(({ name }) => name)).toContain('reoptimised-per-channel')
    expect(scoreOf(more)).toBeLessThanOrEqual(scoreOf(plain))
    if (more.levels !== null)
      expect(more.chip.deployment.network.quantizer.levels).toEqual(Float64Array.from(more.levels))
  })

  it('its tables are written and read back, the shared one and one a channel', async () => {
    const { chip, codes } = calibrateAdc(fabricate(await deployed(...CONVERTER, ...CHANNELS), { chip: 3 }))
    const shared = thresholdTable(chip, { calibrated: true })
    expect(shared.table.chip).toEqual({ seed: 0, chip: 3, calibrated: true })
    const tables = channelTables(chip)
    expect(tables.map(({ table }) => table.dac.codes)).toEqual(codes)
    expect(tables[3]!.table.chip).toEqual({ seed: 0, chip: 3, calibrated: true, channel: 3 })
    for (const { table, files, binaries } of [shared, ...tables]) {
      for (const { name, text } of files) expect(parseTable(text, name, table)).toEqual(table)
      for (const { name, bytes } of binaries) expect(parseTable(bytes, name, table)).toEqual(table)
    }
  })

  it.each([
    ['an unquantized DAC', ['adc.dac.bits=null']],
    ['a memristive SAR', ['adc.dac.bits=10', 'adc.architecture=memristive-sar']],
  ])('is refused with %s', async (_, values) => {
    const chip = fabricate(await deployed(...values))
    let code: string | null = null
    try {
      calibrateAdc(chip)
    } catch (error) {
      code = error instanceof OhmbitError ? error.code : String(error)
    }
    expect(code).toBe('OHM3008')
  })
})
