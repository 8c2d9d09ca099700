import { afterEach, describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
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
    expect(netlist(checks).map(({ status }) => status)).toEqual(new Array(5).fill('skipped'))
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
    expect(netlist(checks).map(({ status }) => status)).toEqual(new Array(4).fill('fail'))
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
  it('encloses every threshold within 2e-6 of full scale', () => {
    const chip = fabricate(deployment, { chip: 3 })
    const { volts, found, unreachable } = thresholdSweep(chip)
    expect([found, unreachable]).toEqual([7, 0])
    const points = Array.from({ length: volts.rows }, (_, p) => volts.data[p * volts.cols]!)
    for (const t of chip.adc.thresholds) {
      const edge = t + chip.adc.comparatorOffset
      expect(points.some((x) => x < edge && edge - x < 1.1e-6)).toBe(true)
      expect(points.some((x) => x > edge && x - edge < 1.1e-6)).toBe(true)
    }
  })
})
