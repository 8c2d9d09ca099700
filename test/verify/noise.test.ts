/** Noise of a column: the circuit has what the simulator draws, and what it leaves out is as large as the deck says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { columnNoiseNetlist } from '../../src/emit/spice/noise.ts'
import { readCircuit } from '../../src/emit/spice/read.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { compareNetlist } from '../../src/verify/compare.ts'
import { type CircuitEngine, openEngine } from '../../src/verify/index.ts'
import { lintNetlist } from '../../src/verify/netlist/lint.ts'
import { noiseCheck } from '../../src/verify/noise-checks.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { requireTool } from '../support/tools.ts'

const engines: CircuitEngine[] = []
beforeAll(async () => {
  engines.push(await openEngine('embedded'))
  if (requireTool('ngspice')) engines.push(await openEngine('ngspice'))
})
afterAll(() => Promise.all(engines.map((engine) => engine.close())))

const network = fixtureNetwork('det_R1_shq_snr12')
const base: Partial<Record<FieldPath, FieldValue>> = {
  'device.conductanceMin': 1e-6,
  'device.conductanceMax': 40e-6,
  'device.programming.model': 'reram-wan2022-ibm',
  'periphery.tia.bandwidth': 1e6,
  'periphery.tia.gainSigma': 0.05,
  'environment.temperature': 350,
}
const wired = {
  'crossbar.wires.wordSegment': 20,
  'crossbar.wires.bitSegment': 30,
  'crossbar.wires.driver': 200,
  'crossbar.wires.sense': 100,
}
const made = (changes: Partial<Record<FieldPath, FieldValue>>, withoutWires = false) => {
  const deployment = deploy(network, profileWith({ ...base, ...changes }))
  const chip = fabricate(deployment, { seed: 3 })
  const inputs = deployment.calibration.data.slice(0, deployment.layers[0]!.inputs)
  return { chip, inputs, netlist: columnNoiseNetlist(chip, { layer: 0, output: 2, inputs, withoutWires }) }
}

const cases: [string, Partial<Record<FieldPath, FieldValue>>][] = [
  ['devices alone', {}],
  ['access transistors', { 'device.accessTransistor.resistance': 5e3 }],
  ['wires', wired],
  ['shot noise', { 'periphery.tia.shotNoise': true }],
  [
    'shot noise, wires and access transistors',
    { ...wired, 'periphery.tia.shotNoise': true, 'device.accessTransistor.resistance': 5e3 },
  ],
  ['a reference column', { ...wired, 'crossbar.mapping': 'offset-column' }],
  ['slices', { 'crossbar.mapping': 'bit-sliced', 'crossbar.slices': 3 }],
  ['several arrays', { ...wired, 'crossbar.wordLines': 5, 'crossbar.bitLines': 14 }],
]

describe('the noise of a column', () => {
  it.each(cases)('%s: solved, it is what the deck expects', async (_, changes) => {
    const { netlist, chip } = made(changes)
    expect(lintNetlist(netlist.files[0]!.text, { conductanceMax: 1 }).problems).toEqual([])
    for (const engine of engines) expect((await compareNetlist(chip, netlist, engine)).problems).toEqual([])
  })

  it.each(cases)('%s: without wires, it is what the simulator draws', (_, changes) => {
    const { rms } = made(changes, true).netlist
    expect(rms.devices / rms.simulator).toBeCloseTo(1, 12)
  })

  it('is what the textbook says', () => {
    const { netlist, chip } = made({ 'crossbar.mapping': 'differential-one-sided' })
    const { tiles, feedbackOhms } = chip.deployment.layers[0]!
    const { conductance, lineOutputs } = chip.layers[0]!.arrays[0]!
    let siemens = 0
    for (let k = 0; k < conductance.data.length; k++)
      if (lineOutputs[k % conductance.cols] === 2) siemens += conductance.data[k]!
    expect(tiles).toHaveLength(1)
    const fourKTB = 4 * 1.380649e-23 * 350 * 1e6
    const gain = chip.layers[0]!.amplifierGain[2]!
    expect(netlist.rms.devices).toBeCloseTo(gain * feedbackOhms * Math.sqrt(fourKTB * siemens), 15)
    expect(netlist.rms.feedback).toBeCloseTo(gain * Math.sqrt(fourKTB * 2 * feedbackOhms), 15)
  })

  it('is lowered by wires', () => {
    const { rms } = made(wired).netlist
    expect(rms.devices).toBeLessThan(rms.simulator)
    expect(rms.devices).toBeGreaterThan(0.9 * rms.simulator)
  })

  it('is a deck that our reader gives back', () => {
    const { netlist } = made({ ...wired, 'periphery.tia.shotNoise': true })
    const { circuit, problems } = readCircuit(netlist.files[0]!.text)
    expect(problems).toEqual([])
    expect(circuit.analysis).toEqual(netlist.circuit.analysis)
  })

  it('has no deck without a bandwidth, or for an output that is not there', () => {
    expect(() => made({ 'periphery.tia.bandwidth': null })).toThrow(expect.objectContaining({ code: 'OHM5004' }))
    const { chip, inputs } = made({})
    expect(() => columnNoiseNetlist(chip, { layer: 0, output: 99, inputs })).toThrow(
      expect.objectContaining({ code: 'OHM5004' }),
    )
  })
})

describe('verify', () => {
  const deployment = deploy(
    network,
    profileWith({ ...base, ...wired, 'periphery.tia.shotNoise': true, 'device.accessTransistor.resistance': 5e3 }),
  )

  it('checks a column of each layer', async () => {
    const chip = fabricate(deployment)
    const check = await noiseCheck(chip, deployment.calibration, engines[0]!)
    expect(check).toMatchObject({ id: 'netlist-noise', status: 'pass' })
    expect(check.detail).toMatch(
      /^layer 0, output 12: .* V rms, of it .* of feedback resistors; .*; layer 1, output 2: /,
    )
  })

  it('fails where the simulator draws another noise', async () => {
    const chip = fabricate(deployment)
    const [layer, ...others] = chip.layers
    const parts = layer!.parts.map((part) => ({
      ...part,
      columnVariance: { thermal: part.columnVariance!.thermal.map((x) => 1.01 * x), shot: part.columnVariance!.shot },
    }))
    const wrong = { ...chip, layers: [{ ...layer!, parts }, ...others] }
    const check = await noiseCheck(wrong, deployment.calibration, engines[0]!)
    expect(check.status).toBe('fail')
    expect(check.detail).toMatch(/^layer 0, output 12, without wires: the simulator draws/)
  })

  it('fails where the circuit has another temperature, or a device too few', async () => {
    const chip = fabricate(deployment)
    for (const change of [
      (deck: string) => deck.replace(/^option temp=.*$/m, 'option temp=27'),
      (deck: string) => deck.replace(/^xd_3_0 .*\n/m, ''),
      (deck: string) => deck.replace(/^xs_3_0 .*\n/m, ''),
    ]) {
      const engine: CircuitEngine = {
        ...engines[0]!,
        solve: (deck, ...rest) => {
          expect(change(deck)).not.toBe(deck)
          return engines[0]!.solve(change(deck), ...rest)
        },
      }
      expect((await noiseCheck(chip, deployment.calibration, engine)).status).toBe('fail')
    }
  })
})
