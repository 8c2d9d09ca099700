import { afterEach, describe, expect, it } from 'vitest'
import { convert } from '../../src/adc/convert.ts'
import { OhmbitError } from '../../src/base/errors.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { type Chip, fabricate } from '../../src/deployment/fabricate.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import { staticAdc } from '../../src/emit/spice/expected.ts'
import type { Network } from '../../src/network/network.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { compareSolution } from '../../src/verify/compare.ts'
import { readLog } from '../../src/verify/engines/engine.ts'
import { type Check, type CircuitEngine, openEngine, verifyDeployment } from '../../src/verify/index.ts'
import { netlistChecks } from '../../src/verify/netlist-checks.ts'
import { thresholdSweep } from '../../src/verify/sweep.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { requireTool } from '../support/tools.ts'

const network = fixtureNetwork('det_R1_shq_snr12')
const deployment = deploy(
  network,
  profileWith({
    'crossbar.wires.wordSegment': 2,
    'crossbar.wires.bitSegment': 2,
    'device.conductanceMin': 1e-6,
    'device.conductanceMax': 40e-6,
    'device.programming.model': 'reram-wan2022-ibm',
    'device.faults.stuckAtMax': 0.01,
    'adc.comparator.offsetSigma': 5e-3,
  }),
)
const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

/** The digital half is not what these tests are about. */
const netlist = (checks: readonly Check[]) => checks.filter(({ id }) => !/^(threshold-table|c-)/.test(id))

describe('verifyDeployment', () => {
  it('passes embedded, nominal and sampled', async () => {
    const { checks, missing } = await verifyDeployment(deployment, { chips: 1, vectors: 2, only: ['netlist'] })
    expect(netlist(checks).map(({ id, status }) => `${id} ${status}`)).toEqual([
      'netlist-lint pass',
      'netlist-devices pass',
      'netlist-nominal pass',
      'netlist-chip-0 pass',
      'threshold-sweep pass',
      'netlist-transient pass',
    ])
    expect(missing).toEqual([])
  })

  it('passes in an installed ngspice', async () => {
    if (!requireTool('ngspice')) return
    const { checks } = await verifyDeployment(deployment, {
      engine: 'ngspice',
      chips: 2,
      vectors: 3,
      seed: 7,
      only: ['netlist'],
    })
    expect(netlist(checks).filter(({ status }) => status !== 'pass')).toEqual([])
  })

  it('skips and names a tool that is missing', async () => {
    process.env['PATH'] = '/nowhere'
    const { checks, missing } = await verifyDeployment(deployment, { engine: 'ngspice', chips: 1, only: ['netlist'] })
    expect(netlist(checks).map(({ status }) => status)).toEqual(new Array(6).fill('skipped'))
    expect(checks[0]!.detail).toMatch(/^ngspice: .*not installed/)
    expect(missing).toEqual([])
    await expect(openEngine('ngspice')).rejects.toMatchObject({ code: 'OHM6002' })
  })

  it('fails where the missing tool is required', async () => {
    process.env['PATH'] = '/nowhere'
    const { checks, missing } = await verifyDeployment(deployment, {
      require: ['ngspice'],
      chips: 0,
      only: ['netlist'],
    })
    expect(netlist(checks).map(({ status }) => status)).toEqual(new Array(5).fill('fail'))
    expect(missing).toEqual(['ngspice'])
  })

  it('asks for a required tool even where no check uses it', async () => {
    process.env['PATH'] = '/nowhere'
    const { checks, missing } = await verifyDeployment(deployment, {
      engine: 'ngspice',
      require: ['verilator'],
      chips: 0,
      only: ['netlist'],
    })
    expect(checks.at(-1)).toEqual({ id: 'tool-verilator', status: 'fail', detail: 'verilator is not installed' })
    expect(missing).toEqual(['verilator'])
  })

  it('hands required tools to the checks that use them', async () => {
    process.env['PATH'] = '/nowhere'
    const { checks, missing } = await verifyDeployment(deployment, {
      require: ['cc', 'iverilog', 'verilator'],
      only: ['threshold-table', 'c', 'verilog'],
    })
    expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['threshold-table', 'c-vectors', 'verilog-lint']))
    expect(checks.filter(({ id }) => /^(tool|netlist)-/.test(id))).toEqual([])
    expect([...missing].sort()).toEqual(['cc', 'iverilog', 'verilator'])
  })

  it('does not pass what an engine that fails never reached', async () => {
    const broken: CircuitEngine = {
      id: 'embedded',
      limits: { arrayNodes: 1e6, deckNodes: 1e6 },
      solve: () => Promise.reject(new OhmbitError({ code: 'OHM6002', message: 'it broke' })),
      close: () => Promise.resolve(),
    }
    const { checks } = await netlistChecks(deployment, broken, { chips: 0, vectors: 1, seed: 0 })
    expect(checks.map(({ id, status, detail }) => `${id} ${status} ${detail}`).slice(2)).toEqual([
      'netlist-nominal fail it broke',
      'threshold-sweep skipped not reached',
      'netlist-transient fail netlist-nominal: it broke',
    ])
  })

  it.each([{ chips: -1 }, { chips: 1.5 }, { vectors: 0 }, { vectors: 257 }])('refuses %o', async (options) => {
    await expect(verifyDeployment(deployment, options)).rejects.toMatchObject({ code: 'OHM5004' })
  })
})

describe('the nominal chip', () => {
  it('is the targets, whatever is drawn', () => {
    const chip = nominalChip(deployment)
    for (const [l, layer] of deployment.layers.entries())
      for (const [t, tile] of layer.tiles.entries())
        expect(chip.layers[l]!.arrays[t]!.conductance.data).toEqual(tile.target.data)
    expect(chip.adc.comparatorOffset).toBe(0)
    expect(chip.deployment.profile.crossbar.wires.wordSegment).toBe(2)
  })
})

describe('reading a log', () => {
  const log =
    'Circuit: an error net\nv(a) = (  1.0e+00\t2.5e-01\t)\nReference value : 0.0v(b) = -3.0000e+00\nv(c) = ( 1.0e+00\n\t2.0e+00 )\n'
  it('takes values on one line or several', () => {
    const solution = readLog('tool', log, ['a', 'c'], 2)
    expect([...solution.get('a')!]).toEqual([1, 0.25])
    expect([...solution.get('c')!]).toEqual([1, 2])
    expect([...readLog('tool', log, ['b'], 1).get('b')!]).toEqual([-3])
  })
  it.each([
    ['a missing node', log, 'd'],
    ['too few values', log, 'b'],
    ['a warning', `${log}Warning: singular matrix: check node x\n`, 'a'],
    ['gmin stepping', `${log}Note: Starting dynamic gmin stepping\n`, 'a'],
    ['no number', 'v(a) = ( 1.0e+00 nan )', 'a'],
  ])('refuses %s', (_, text, node) => {
    expect(() => readLog('tool', text, [node], 2)).toThrow(expect.objectContaining({ code: 'OHM6002' }))
  })
})

describe('comparing', () => {
  const chip = fabricate(deployment)
  const { expected } = spiceNetlist(chip)
  const solution = (change: (node: string, v: number, x: number) => number) =>
    new Map(expected.map((p) => [p.node, Float64Array.from(p.values, (x, v) => change(p.node, v, x))]))

  it('accepts what is within 1e-6 relative and 1e-9 V', () => {
    expect(
      compareSolution(
        chip,
        expected,
        solution((node, _, x) => (node.startsWith('code') ? x : x * (1 + 9e-7))),
      ).problems,
    ).toEqual([])
    const { problems } = compareSolution(
      chip,
      expected,
      solution((node, v, x) => (node === 'l0_amp_3' && v === 1 ? x * (1 + 2e-6) + 2e-9 : x)),
    )
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^l0_amp_3, vector 1: /)
  })

  it('accepts another code only next to a threshold', () => {
    const wrong = solution((node, v, x) => (node === 'code_2' && v === 0 ? x + 1 : x))
    expect(compareSolution(chip, expected, wrong).problems).toEqual([expect.stringMatching(/^code_2, vector 0: code/)])
    const edge = chip.adc.thresholds[3]! + chip.adc.comparatorOffset
    const near = expected.map((p) =>
      p.node === 'held_2' ? { ...p, values: p.values.map((x, v) => (v === 0 ? edge + 1e-8 : x)) } : p,
    )
    wrong.set('held_2', Float64Array.from(near.find((p) => p.node === 'held_2')!.values))
    expect(compareSolution(chip, near, wrong)).toMatchObject({ problems: [], close: 1 })
    const half = solution((node, v, x) => (node === 'code_2' && v === 0 ? 0.5 : x))
    expect(compareSolution(chip, expected, half).problems).toHaveLength(1)
  })
})

describe('the threshold sweep', () => {
  const pairsAround = (chip: Chip, channel: number) => {
    const { volts } = thresholdSweep(chip)
    const { codes } = convert(volts, chip.deployment.adc, chip.adc, staticAdc(chip.deployment.profile), null)
    const points = Array.from({ length: volts.rows }, (_, p) => ({
      x: volts.data[p * volts.cols]!,
      code: codes.data[p * volts.cols + channel]!,
    }))
    return points.sort((a, b) => a.x - b.x)
  }

  it('encloses every threshold of every channel within 2e-6 of full scale', () => {
    const chip = fabricate(deployment, { chip: 3 })
    expect(thresholdSweep(chip)).toMatchObject({
      found: 4 * 7,
      unreachable: 0,
      hidden: 0,
      skipped: 0,
      channels: { swept: 4, of: 4 },
    })
    const points = pairsAround(chip, 0).map(({ x }) => x)
    for (const t of chip.adc.thresholds) {
      const edge = t + chip.adc.comparatorOffset
      expect(points.some((x) => x < edge && edge - x < 2.1e-6)).toBe(true)
      expect(points.some((x) => x > edge && x - edge < 2.1e-6)).toBe(true)
    }
  })

  const other = (changes: Partial<Record<FieldPath, FieldValue>>) =>
    fabricate(deploy(network, profileWith({ 'adc.comparator.offsetSigma': 5e-3, ...changes })), { chip: 1 })
  const families: [string, Partial<Record<FieldPath, FieldValue>>][] = [
    ['linear search', { 'adc.search': 'linear' }],
    ['flash', { 'adc.architecture': 'flash' }],
    ['memristive SAR', { 'adc.architecture': 'memristive-sar', 'adc.memristor.sigma': 1e-3 }],
    ['memory of the sample before', { 'adc.hold.capacitance': 1e-11, 'adc.hold.switchResistance': 1e3 }],
    ['crosstalk and a bent front end', { 'adc.crosstalk': 0.02, 'adc.frontEnd.cubic': -0.05 }],
  ]
  it.each(families)('%s: where a code of the converter changes, a pair is around it', (_, changes) => {
    const chip = other(changes)
    const { found, unreachable, hidden } = thresholdSweep(chip)
    expect([found, unreachable, hidden]).toEqual([4 * 7, 0, 0])
    for (let channel = 0; channel < 4; channel++) {
      const points = pairsAround(chip, channel)
      const changesAt = points.filter(({ code }, p) => p > 0 && code !== points[p - 1]!.code)
      expect(changesAt).toHaveLength(7)
      for (const at of changesAt) {
        const before = points[points.indexOf(at) - 1]!
        // Twice 2e-6 of full scale at the comparator, and more at an input of which only a part settles.
        expect(at.x - before.x).toBeLessThan(2e-5)
      }
    }
  })

  it('gives each channel with a table of its own the pairs of that table', () => {
    const chip = fabricate(deployment)
    const perChannel = Array.from({ length: 4 }, (_, n) => chip.adc.thresholds.map((t) => t + 0.01 * n))
    const sweep = thresholdSweep({ ...chip, adc: { ...chip.adc, perChannel } })
    expect(sweep).toMatchObject({ found: 28, hidden: 0, channels: { swept: 4, of: 4 } })
    const points = Array.from({ length: sweep.volts.rows }, (_, p) => sweep.volts.data[p * 4]!)
    for (const table of perChannel)
      for (const t of table)
        expect(points.filter((x) => Math.abs(x - t - chip.adc.comparatorOffset) < 2.1e-6)).toHaveLength(2)
  })

  it('counts thresholds that decide nothing, and those out of reach', () => {
    const chip = fabricate(deployment)
    const thresholds = chip.adc.thresholds.slice()
    // The binary search asks for 3 first: below it, 4 and above are never asked for.
    thresholds[3] = thresholds[6]! + 0.05
    expect(thresholdSweep({ ...chip, adc: { ...chip.adc, thresholds } })).toMatchObject({ found: 16, hidden: 12 })
    thresholds[3] = 2
    expect(thresholdSweep({ ...chip, adc: { ...chip.adc, thresholds } })).toMatchObject({ unreachable: 4 })
  })

  it('of very many comparators takes the channels that fit, and says so', async () => {
    const t = Float64Array.from({ length: 600 }, (_, k) => -0.9 + 0.003 * k)
    const many: Network = {
      ...network,
      quantizer: { ...network.quantizer, thresholds: t, levels: Float64Array.from({ length: 601 }, (_, k) => k) },
    }
    const sweep = thresholdSweep(fabricate(deploy(many, profileWith())))
    expect(sweep.channels).toEqual({ swept: 1, of: 4 })
    expect(sweep.found + sweep.unreachable).toBe(600)
  })
})
