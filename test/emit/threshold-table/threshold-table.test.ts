import { readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { designAdc } from '../../../src/adc/design.ts'
import { OhmbitError } from '../../../src/base/errors.ts'
import { deploy } from '../../../src/deployment/deploy.ts'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import { networkHash, profileHash } from '../../../src/deployment/store.ts'
import { parseTable, thresholdTable } from '../../../src/emit/index.ts'
import { codeOf } from '../../../src/network/forward.ts'
import type { Network } from '../../../src/network/network.ts'
import { matrix } from '../../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../../src/profile/fields.ts'
import { loadNetwork, NETWORKS } from '../../support/fixtures.ts'
import { profileWith } from '../../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const networks = new Map(
  await Promise.all(NETWORKS.map(async (name) => [name, (await loadNetwork(name)).network] as const)),
)
const network = networks.get('vqcs_n20_I4')!
/** The signal ranges of the first deployment serve all of one network: no samples are drawn again. */
const ranges = new Map([...networks.values()].map((of) => [of.name, deploy(of, profileWith())]))
const deployed = (changes: Changes = {}, of: Network = network) =>
  deploy(of, profileWith({ 'adc.dac.bits': 10, ...changes }), { like: ranges.get(of.name)! })

const problem = (work: () => unknown): OhmbitError => {
  try {
    work()
  } catch (error) {
    if (error instanceof OhmbitError) return error
  }
  throw new Error('no OhmbitError was thrown')
}

describe('the table of a deployment', () => {
  it.each(NETWORKS)('%s: thresholds, DAC codes and volts are those of the deployment', (name) => {
    const deployment = deployed({}, networks.get(name)!)
    const { table } = thresholdTable(deployment)
    const { network: of, adc, profile } = deployment
    expect(table.thresholds.volts).toEqual(Array.from(adc.thresholds))
    expect(table.dac.codes).toEqual(Array.from(adc.dacCodes!))
    expect(table.dac.volts).toEqual(Array.from(adc.nominal))
    expect(table.compare).toBe(adc.compare)
    expect(table.range.high).toBe(profile.adc.fullScale)
    expect(table.levels.values).toEqual(Array.from(of.quantizer.levels))
    expect(table.channels).toBe(of.encoder.at(-1)!.weight.rows)
    expect(table.scanOrder).toEqual([...Array(table.channels).keys()])
    expect(table.network.sha256).toBe(networkHash(of))
    expect(table.profile.sha256).toBe(profileHash(profile))
    expect(table.chip).toBeNull()
  })

  it.each(NETWORKS)('%s: a word compared with the codes gives the code of the network', (name) => {
    const { table } = thresholdTable(deployed({}, networks.get(name)!))
    const { quantizer } = networks.get(name)!
    for (let word = -32000; word <= 32000; word += 97) {
      const units = (word * 2 ** -table.numberFormat.frac) / table.voltsPerUnit
      expect(table.thresholds.codes.filter((t) => word > t).length).toBe(codeOf(quantizer, units))
    }
  })

  it('files are the canonical JSON and its renderings, each read back to the same table', () => {
    const { table, files, binaries } = thresholdTable(deployed())
    expect([...files, ...binaries].map((f) => f.name)).toEqual([
      'adc-table.json',
      'adc_table.h',
      'adc_table.csv',
      'adc_spi.csv',
      'adc.svd',
      'adc_thr.mem',
      'adc_thr.hex',
      'adc_multithreshold.onnx',
      'adc_thr.bin',
    ])
    for (const { name, text } of files) expect(parseTable(text, name, table)).toEqual(table)
    for (const { name, bytes } of binaries) expect(parseTable(bytes, name, table)).toEqual(table)
  })

  it('the JSON satisfies its schema, and the schema refuses a missing or unknown field', () => {
    const schema = JSON.parse(readFileSync(new URL('../../../schemas/adc-table.schema.json', import.meta.url), 'utf8'))
    const valid = new Ajv({ allErrors: true, strict: true }).compile(schema)
    for (const source of [deployed(), fabricate(deployed({ 'adc.search': 'linear' }), { seed: 4, chip: 2 })]) {
      const json = JSON.parse(thresholdTable(source).files[0]!.text)
      expect(valid(json) ? [] : valid.errors).toEqual([])
      for (const key of Object.keys(json)) {
        const { [key]: _, ...rest } = json
        expect(valid(rest)).toBe(false)
      }
      expect(valid({ ...json, more: 1 })).toBe(false)
    }
  })

  it('is the same twice, byte for byte', () => {
    expect(thresholdTable(deployed()).files).toEqual(thresholdTable(deployed()).files)
  })

  it('level words are those a fixed-point decoder starts from', () => {
    const deployment = deployed({
      'decoder.arithmetic': 'fixed',
      'decoder.activationBits': 12,
      'decoder.accumulatorBits': 40,
    })
    const { levels } = thresholdTable(deployment).table
    expect(levels.words).toEqual(Array.from(deployment.decoder!.levels.words))
    expect(levels.format).toMatchObject(deployment.decoder!.levels.format)
  })

  it('a chip is named by seed and number; its table is otherwise that of the deployment', () => {
    const deployment = deployed()
    const ofChip = thresholdTable(fabricate(deployment, { seed: 4, chip: 2 })).table
    const { chip, sha256, ...rest } = ofChip
    const { chip: none, sha256: other, ...same } = thresholdTable(deployment).table
    expect(chip).toEqual({ seed: 4, chip: 2 })
    expect(none).toBeNull()
    expect(rest).toEqual(same)
    expect(sha256).not.toBe(other)
  })

  property.prop([
    fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 }),
    fc.integer({ min: 1, max: 16 }),
  ])(
    'warns of as many merged and outlying thresholds as the design counts',
    (grid, bits) => {
      const thresholds = Float64Array.from(
        grid.sort((a, b) => a - b),
        (t) => t / 500,
      )
      const quantizer = { ...network.quantizer, thresholds, levels: new Float64Array(thresholds.length + 1) }
      const deployment = deployed({ 'adc.dac.bits': bits }, { ...network, quantizer })
      const codes = thresholdTable(deployment).warnings.map((w) => [w.code, w.at?.pointer].join(' '))
      expect(codes.includes('OHM3001 /dac/codes')).toBe(deployment.adc.merged > 0)
      expect(codes.includes('OHM3002 /dac/codes')).toBe(deployment.adc.outside > 0)
    },
    20_000,
  )
})

describe('an unquantized DAC', () => {
  const unquantized = deployed({ 'adc.dac.bits': null })

  it('needs dacBits: OHM3004, infeasible', () => {
    const error = problem(() => thresholdTable(unquantized))
    expect([error.code, error.kind]).toEqual(['OHM3004', 'infeasible'])
    expect(error.hint).toContain('--dac-bits')
  })

  it('with dacBits gets the codes of a DAC of that resolution', () => {
    const { table } = thresholdTable(unquantized, { dacBits: 7 })
    const { profile, layers } = unquantized
    const design = designAdc(network.quantizer, layers.at(-1)!.outputVoltsPerUnit, profile.adc, 7)
    expect(table.dac).toEqual({ bits: 7, codes: Array.from(design.dacCodes!), volts: Array.from(design.nominal) })
  })
})

describe('requests that cannot be met', () => {
  it.each([0, -3, 2.5, Number.NaN])('%d DAC bits: OHM5004', (dacBits) => {
    expect(problem(() => thresholdTable(deployed({ 'adc.dac.bits': null }), { dacBits })).code).toBe('OHM5004')
  })

  it('another resolution than the deployment has: OHM5004, and the way to it', () => {
    const error = problem(() => thresholdTable(deployed(), { dacBits: 8 }))
    expect(error.code).toBe('OHM5004')
    expect(error.hint).toContain('adc.dac.bits=8')
    expect(thresholdTable(deployed(), { dacBits: 10 }).table.dac.bits).toBe(10)
  })

  it('codes that 16 bits do not hold: OHM3005, infeasible', () => {
    const error = problem(() => thresholdTable(deployed({ 'adc.dac.bits': 17 })))
    expect([error.code, error.kind]).toEqual(['OHM3005', 'infeasible'])
    expect(problem(() => thresholdTable(deployed({ 'adc.dac.bits': null }), { dacBits: 24 })).code).toBe('OHM3005')
  })

  it('more channels than a table counts: OHM3005', () => {
    const wide = 32769
    const layer = (rows: number, cols: number) => ({
      weight: matrix(rows, cols),
      bias: new Float64Array(rows),
      activation: 'linear' as const,
    })
    const deployment = { ...deployed(), network: { ...network, encoder: [layer(wide, 1)], decoder: [layer(1, wide)] } }
    expect(problem(() => thresholdTable(deployment)).code).toBe('OHM3005')
  })
})
