import { fc, test as property } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OhmbitError } from '../../src/base/errors.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { type Chip, fabricate } from '../../src/deployment/fabricate.ts'
import { channelVolts, conversionNetlist } from '../../src/emit/spice/conversion.ts'
import { readCircuit } from '../../src/emit/spice/read.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { compareConversion, conversionCheck, solveConversion } from '../../src/verify/conversion-checks.ts'
import { conversionWaveform } from '../../src/verify/conversion-waveform.ts'
import { type CircuitEngine, lintNetlist, openEngine } from '../../src/verify/index.ts'
import { converterChip } from '../support/converters.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { requireTool } from '../support/tools.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>

let engine: CircuitEngine
beforeAll(async () => {
  engine = await openEngine('embedded')
})
afterAll(() => engine.close())

/** Everything that a conversion can suffer, of a size that it shows. */
const worn: Changes = {
  'adc.dac.bits': 10,
  'adc.dac.unitSigma': 0.01,
  'adc.dac.settlingError': 0.1,
  'adc.comparator.offsetSigma': 5e-3,
  'adc.comparator.hysteresis': 5e-3,
  'adc.crosstalk': 0.01,
  'adc.hold.capacitance': 1e-13,
  'adc.hold.switchResistance': 5e4,
  'adc.hold.droop': 1e5,
  'adc.frontEnd.gainSigma': 0.02,
  'adc.frontEnd.offsetSigma': 5e-3,
  'adc.frontEnd.cubic': -0.05,
}

describe('vqcs_n20_I16', () => {
  const network = fixtureNetwork('vqcs_n20_I16')
  const cases: [string, number, Changes][] = [
    ['binary, nothing wrong with the converter', 10, {}],
    ['binary, comparator offset and droop', 10, { 'adc.comparator.offsetSigma': 5e-3, 'adc.hold.droop': 1e6 }],
    ['binary, all of it', 10, worn],
    ['linear, all of it, three channels', 3, { ...worn, 'adc.search': 'linear' }],
    ['ramp, all of it, three channels', 3, { ...worn, 'adc.search': 'ramp', 'adc.hold.droop': 1e3 }],
  ]
  const converted = (channels: number, changes: Changes) => {
    const deployment = deploy(network, profileWith(changes))
    const chip = fabricate(deployment, { seed: 1 })
    return { chip, netlist: conversionNetlist(chip, channelVolts(chip, deployment.calibration).slice(0, channels)) }
  }

  it.each(cases)('%s', async (_, channels, changes) => {
    const { chip, netlist } = converted(channels, changes)
    expect(lintNetlist(netlist.files[0]!.text, { conductanceMax: 0 }).problems).toEqual([])
    const comparison = await compareConversion(chip, netlist, engine)
    expect(comparison).toMatchObject({ problems: [], codes: channels, close: 0 })
    // Steps, not model: a tenth of the tolerance would not hold, a half does.
    expect(comparison.largest.volts).toBeLessThan(5e-5)
  })

  it('in an installed ngspice', async () => {
    if (!requireTool('ngspice')) return
    const installed = await openEngine('ngspice')
    for (const [, channels, changes] of cases) {
      const { chip, netlist } = converted(channels, changes)
      expect(await compareConversion(chip, netlist, installed)).toMatchObject({
        problems: [],
        codes: channels,
        close: 0,
      })
    }
  })

  it('the deck reads back as the circuit it was written from', () => {
    const { netlist } = converted(10, worn)
    const { circuit, problems } = readCircuit(netlist.files[0]!.text)
    expect(problems).toEqual([])
    expect(circuit).toEqual(netlist.circuit)
  })
})

describe('each mechanism changes codes, in both alike', () => {
  const thresholds = [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75]
  const full = 0.5
  /** Close above a threshold, so that little brings them below; the first channel far from the second. */
  const volts = [-0.9, 0.27, -0.24, 0.52, 0.02].map((x) => x * full)
  const codes = async (changes: Changes) => {
    const chip = converterChip(5, thresholds, { 'adc.fullScale': full, ...changes })
    const netlist = conversionNetlist(chip, volts)
    expect(await compareConversion(chip, netlist, engine)).toMatchObject({ problems: [], codes: 5, close: 0 })
    return netlist.converted.map(({ code }) => code)
  }
  const plain = [0, 5, 3, 6, 4]

  it('none', async () => expect(await codes({})).toEqual(plain))

  const cases: [string, Changes, number[]][] = [
    ['droop', { 'adc.hold.droop': -1.2e6 }, [0, 4, 2, 5, 3]],
    ['droop up', { 'adc.hold.droop': 1.2e7, 'adc.search': 'linear' }, [7, 7, 7, 7, 7]],
    ['hysteresis', { 'adc.comparator.hysteresis': 0.05 }, [0, 4, 3, 6, 3]],
    ['crosstalk', { 'adc.crosstalk': 0.05 }, [0, 4, 3, 5, 4]],
    ['a slow switch', { 'adc.hold.capacitance': 1e-12, 'adc.hold.switchResistance': 6e3 }, [0, 4, 3, 5, 4]],
    ['a slow DAC', { 'adc.dac.settlingError': 0.3 }, [0, 4, 3, 6, 4]],
    ['a ramp that lags', { 'adc.search': 'ramp', 'adc.dac.bits': 6, 'adc.dac.settlingError': 0.9 }, [1, 6, 4, 7, 5]],
    ['compression', { 'adc.frontEnd.cubic': -1 }, [1, 5, 3, 5, 4]],
  ]
  it.each(cases)('%s', async (_, changes, expected) => expect(await codes(changes)).toEqual(expected))
})

describe('random converters', () => {
  const share = (limit: number) => fc.integer({ min: -1000 * limit, max: 1000 * limit }).map((n) => n / 1000)
  const changes = fc.record({
    'adc.clip': fc.boolean(),
    'adc.dac.bits': fc.constantFrom(null, 5, 9),
    'adc.dac.unitSigma': fc.constantFrom(0, 0.05),
    'adc.dac.settlingError': fc.constantFrom(0, 0.05, 0.4),
    'adc.thresholdSigma': fc.constantFrom(0, 0.1),
    'adc.comparator.offsetSigma': fc.constantFrom(0, 0.02),
    'adc.comparator.hysteresis': fc.constantFrom(0, 0.03),
    'adc.crosstalk': fc.constantFrom(0, 0.05),
    'adc.hold.capacitance': fc.constantFrom(null, 1e-13),
    'adc.hold.switchResistance': fc.constantFrom(0, 1e3, 1e5),
    'adc.hold.sampleTime': fc.constantFrom(20e-9, 1e-6, 1e-10),
    'adc.hold.droop': fc.constantFrom(0, 2e5, -1e6),
    'adc.compareTime': fc.constantFrom(0, 10e-9, 1e-6, 1e-13),
    'adc.frontEnd.gainSigma': fc.constantFrom(0, 0.05),
    'adc.frontEnd.offsetSigma': fc.constantFrom(0, 0.02),
    'adc.frontEnd.cubic': fc.constantFrom(0, -0.1),
  })
  const kinds = fc.constantFrom<Changes>(
    { 'adc.search': 'binary' },
    { 'adc.search': 'linear' },
    { 'adc.search': 'ramp' },
    { 'adc.architecture': 'flash' },
    { 'adc.architecture': 'memristive-sar', 'adc.memristor.levelBits': 7, 'adc.memristor.residualLimit': 1 },
  )
  const converters = fc.record({
    channels: fc.integer({ min: 1, max: 4 }),
    thresholds: fc.uniqueArray(share(0.9), { minLength: 1, maxLength: 15 }).map((t) => t.toSorted((a, b) => a - b)),
    volts: fc.array(share(0.6), { minLength: 4, maxLength: 4 }),
    seed: fc.integer({ min: 0, max: 1000 }),
    compare: fc.constantFrom<'gt' | 'ge'>('gt', 'ge'),
    changes,
    kind: kinds,
    perChannel: fc.boolean(),
  })
  // OHMBIT_RANDOM_CONVERSIONS=300 runs as many.
  const numRuns = Number(process.env['OHMBIT_RANDOM_CONVERSIONS'] ?? 12)

  property.prop([converters], { numRuns })(
    'the circuit decides as the simulator does',
    async ({ channels, thresholds, volts, seed, compare, changes, kind, perChannel }) => {
      let chip: Chip
      let netlist: ReturnType<typeof conversionNetlist>
      try {
        chip = converterChip(channels, thresholds, { ...changes, ...kind }, { compare, seed })
        // Tables of channels as a calibration makes them, without DAC codes of their own.
        if (perChannel && kind['adc.search'] !== 'ramp')
          chip = {
            ...chip,
            adc: {
              ...chip.adc,
              perChannel: Array.from({ length: channels }, (_, n) => chip.adc.thresholds.map((t) => t + 0.013 * n)),
            },
          }
        netlist = conversionNetlist(chip, volts.slice(0, channels))
      } catch (error) {
        // A number of levels that is no power of two; a ramp over thresholds that no DAC gives.
        expect((error as OhmbitError).code).toBe(kind['adc.search'] === 'ramp' ? 'OHM6005' : 'OHM3007')
        return
      }
      expect(lintNetlist(netlist.files[0]!.text, { conductanceMax: 0 }).problems).toEqual([])
      const { problems, codes, close } = await compareConversion(chip, netlist, engine)
      expect(problems).toEqual([])
      expect(codes + close).toBe(channels)
    },
    600_000,
  )
})

describe('a waveform', () => {
  const chip = converterChip(3, [-0.5, 0, 0.5], worn)
  const netlist = conversionNetlist(chip, [0.2, -0.05, 0.4], { points: 2000 })

  it('of more times than ngspice lists at once is printed in windows, which read back as one list', () => {
    const { circuit, problems } = readCircuit(netlist.files[0]!.text)
    expect(problems).toEqual([])
    expect(circuit).toEqual(netlist.circuit)
    expect(netlist.files[0]!.text.match(/^compose/gm)).toHaveLength(3)
  })

  it('rises and falls with its clocks, holds what was sampled, and ends in the codes', async () => {
    const wave = conversionWaveform(netlist, await solveConversion(netlist, engine), 4)
    expect(wave.seconds).toEqual(netlist.times)
    expect(wave.channels.map(({ code }) => code)).toEqual(netlist.converted.map(({ code }) => code))
    const risings = (clock: readonly number[]) => clock.filter((v, k) => v > 0.5 && !(clock[k - 1]! > 0.5)).length
    expect([risings(wave.sample), risings(wave.strobe)]).toEqual([3, 6])
    expect(wave.decisions).toHaveLength(6)
    for (const { seconds, threshold } of wave.decisions)
      expect(Math.abs(wave.threshold![wave.seconds.indexOf(seconds)]! - threshold)).toBeLessThan(1e-4)
  })
})

describe('the check', () => {
  it('fails when a threshold of the circuit is another', async () => {
    const chip = converterChip(2, [-0.5, 0, 0.5])
    const moved = { ...chip, adc: { ...chip.adc, thresholds: chip.adc.thresholds.map((t) => t + 0.01) } }
    const volts = [0.2, -0.2]
    const netlist = { ...conversionNetlist(chip, volts), files: conversionNetlist(moved, volts).files }
    const { problems } = await compareConversion(chip, netlist, engine)
    expect(problems.join()).toMatch(/threshold, channel 0, decision 0: 0\.0\d+ V, expected 0 V/)
  })

  it('fails when a code is another, and names it', async () => {
    const chip = converterChip(2, [-0.5, 0, 0.5])
    const netlist = conversionNetlist(chip, [0.2, -0.2])
    const other = { ...netlist, files: conversionNetlist(chip, [0.2, 0.2]).files }
    const { problems, codes } = await compareConversion(chip, other, engine)
    expect(problems).toEqual(
      expect.arrayContaining([expect.stringMatching(/^code_1, channel 1: (2|1\.99).* V, expected code 1$/)]),
    )
    expect(codes).toBe(1)
  })

  it('does not judge a decision within its tolerance', async () => {
    const chip = converterChip(2, [-0.5, 0, 0.5])
    const comparison = await compareConversion(chip, conversionNetlist(chip, [1e-6, 0.2]), engine)
    expect(comparison).toMatchObject({ problems: [], codes: 1, close: 1 })
  })

  it('says which channels it ran, and skips what no circuit does', async () => {
    const many = Array.from({ length: 15 }, (_, k) => -0.875 + k / 8)
    const chip = converterChip(6, many, { 'adc.search': 'linear' })
    const check = await conversionCheck([{ name: 'nominal', chip }], chip.deployment.calibration, engine)
    expect(check).toMatchObject({ status: 'pass', detail: expect.stringContaining('channels 0 to 1 of 6') })
    const ramp = converterChip(1, [0.01, 0.02], {
      'adc.search': 'ramp',
      'adc.dac.bits': 3,
      'adc.thresholdSigma': 0.01,
    })
    const skipped = await conversionCheck([{ name: 'nominal', chip: ramp }], ramp.deployment.calibration, engine)
    expect(skipped).toMatchObject({ status: 'skipped', detail: expect.stringContaining('share a DAC code') })
  })
})
