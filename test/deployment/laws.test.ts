import { describe, expect, it } from 'vitest'
import { decode } from '../../src/deployment/decode.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { encode, encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { forward } from '../../src/network/forward.ts'
import type { Network } from '../../src/network/network.ts'
import { fromRows, head, type Matrix, rowRange } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork, NETWORKS } from '../support/fixtures.ts'

const ideal = await readProfile('ideal')
const real = await readProfile('reram-1t1r')

describe('zero non-ideality is exactly ideal', () => {
  for (const name of NETWORKS)
    it(name, async () => {
      const { network, inputs } = await loadNetwork(name)
      const y = head(inputs, 500)
      const deployment = deploy(network, ideal)
      const chip = fabricate(deployment, { seed: 5, chip: 3 })
      const reference = forward(network, y)
      const trace = encodeTrace(chip, y)
      expect(trace.codes.data).toEqual(reference.codes.data)
      expect(decode(deployment, trace.codes).data).toEqual(reference.estimate.data)
      const last = deployment.layers.at(-1)!
      const output = trace.output.at(-1)!
      for (const [i, v] of output.data.entries())
        expect(Math.abs(v / last.outputVoltsPerUnit - reference.analog.data[i]!)).toBeLessThanOrEqual(1e-12)
      expect(trace.counters).toEqual({
        inputClipped: 0,
        partialClipped: 0,
        amplifierSaturated: deployment.layers.map(() => 0),
        adcClipped: 0,
        metastable: 0,
      })
    })
})

describe('equal sides of a pair cancel exactly', () => {
  for (const k of [1, 2, 3, 5, 7])
    it(`${k} devices a side: a channel of zero weights stays at exactly 0 V`, async () => {
      const layer = (rows: number[][], bias: number[]) => ({
        weight: fromRows(rows),
        bias: Float64Array.from(bias),
        activation: 'linear' as const,
      })
      const network: Network = {
        name: 'zero channel',
        encoder: [
          layer(
            [
              [0, 0],
              [1, 2],
            ],
            [0, 0],
          ),
        ],
        quantizer: {
          thresholds: Float64Array.of(-1, 0, 1),
          levels: Float64Array.of(-2, -0.5, 0.5, 2),
          compare: 'gt',
          levelRule: 'given',
        },
        decoder: [
          layer(
            [
              [1, 0],
              [0, 1],
            ],
            [0, 0],
          ),
        ],
        task: null,
        provenance: {},
      }
      const profile = await setProfileValues(ideal, [`device.devicesPerSide=${k}`, 'device.conductanceMin=1 uS'])
      const y = fromRows([
        [0.3, -0.2],
        [0.7, 0.1],
        [0, 0],
        [3, -0.7],
      ])
      const codes = encode(fabricate(deploy(network, profile)), y)
      expect(Array.from(codes.data)).toEqual(Array.from(forward(network, y).codes.data))
    })
})

describe('a chip is its key', async () => {
  const { network, inputs } = await loadNetwork('vqcs_n20_I4')
  const y = head(inputs, 64)
  const deployment = deploy(network, real)

  it('the same key gives the same chip and the same noise, twice', () => {
    const once = fabricate(deployment, { seed: 7, chip: 2 })
    const again = fabricate(deployment, { seed: 7, chip: 2 })
    expect(again.layers).toEqual(once.layers)
    expect(again.adc).toEqual(once.adc)
    expect(encode(again, y).data).toEqual(encode(once, y).data)
  })

  it('other chips and other seeds give other devices', () => {
    const conductances = [
      { seed: 7, chip: 2 },
      { seed: 7, chip: 3 },
      { seed: 8, chip: 2 },
    ].map((key) => fabricate(deployment, key).layers[0]!.arrays[0]!.conductance.data)
    const equal = (a: Float64Array, b: Float64Array) => a.filter((g, i) => g === b[i]).length / a.length
    expect(equal(conductances[0]!, conductances[1]!)).toBeLessThan(0.6)
    expect(equal(conductances[0]!, conductances[2]!)).toBeLessThan(0.6)
  })

  it('a batch cut in two draws the same noise', () => {
    const chip = fabricate(deployment, { seed: 1 })
    const whole = encodeTrace(chip, y)
    const part = (from: number, to: number) => encodeTrace(chip, rowRange(y, from, to), { first: from })
    const joined = [part(0, 25), part(25, 64)]
    expect(joined.flatMap((t) => Array.from(t.codes.data))).toEqual(Array.from(whole.codes.data))
    expect(joined.flatMap((t) => Array.from(t.output[1]!.data))).toEqual(Array.from(whole.output[1]!.data))
  })

  it('switching a mechanism off leaves the other draws as they were', async () => {
    const without = async (...changes: string[]) =>
      fabricate(deploy(network, await setProfileValues(real, changes), { like: deployment }), { seed: 3, chip: 1 })
    const full = fabricate(deployment, { seed: 3, chip: 1 })
    const noWires = await without(
      'crossbar.wires.wordSegment=0',
      'crossbar.wires.bitSegment=0',
      'crossbar.wires.driver=0',
      'crossbar.wires.sense=0',
    )
    for (const [l, layer] of full.layers.entries())
      for (const [t, array] of layer.arrays.entries())
        expect(noWires.layers[l]!.arrays[t]!.conductance.data).toEqual(array.conductance.data)
    const noOffset = await without('periphery.tia.offsetSigma=0', 'adc.comparator.offsetSigma=0')
    expect(noOffset.adc.comparatorOffset).toBe(0)
    expect(noOffset.adc.thresholds).toEqual(full.adc.thresholds)
    for (const [l, layer] of full.layers.entries()) {
      expect(noOffset.layers[l]!.amplifierGain).toEqual(layer.amplifierGain)
      expect(noOffset.layers[l]!.parts).toEqual(layer.parts)
    }
    const noFaults = await without('device.faults.stuckAtMin=0', 'device.faults.stuckAtMax=0')
    const changed = full.layers.flatMap((layer, l) =>
      layer.arrays.flatMap((array, t) =>
        Array.from(array.conductance.data).filter((g, i) => g !== noFaults.layers[l]!.arrays[t]!.conductance.data[i]),
      ),
    )
    const { stuckAtMin, stuckAtMax } = full.faults
    expect(changed.length).toBeLessThanOrEqual(stuckAtMin + stuckAtMax)
    for (const g of changed) expect([real.device.conductanceMin, real.device.conductanceMax]).toContain(g)
  })
})

describe('the waterfall', async () => {
  const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
  const deployment = deploy(network, real)
  const result = simulate(deployment, { inputs: head(inputs, 200), truth: head(truth, 200), chips: 3, seed: 2 })

  it('starts at the ideal metric, ends at the deployed mean, and its deltas close the sum', () => {
    const { waterfall, metric } = result
    expect(waterfall[0]).toMatchObject({ stage: 'ideal', value: metric.ideal, delta: 0 })
    expect(waterfall.at(-1)!.stage).toBe('interaction')
    expect(waterfall.at(-1)!.value).toBeCloseTo(metric.deployed.mean, 12)
    expect(metric.ideal + waterfall.reduce((s, row) => s + row.delta, 0)).toBeCloseTo(metric.deployed.mean, 10)
    const perChip = metric.deployed.perChip
    expect(metric.deployed.mean).toBeCloseTo(perChip.reduce((a, b) => a + b, 0) / perChip.length, 12)
  })

  it('names every stage, in signal order', () => {
    expect(result.waterfall.map((row) => row.stage)).toEqual([
      'ideal',
      'conductance-levels',
      'programming-error',
      'faults',
      'drift',
      'current-voltage',
      'read-noise',
      'wires',
      'periphery',
      'adc-thresholds',
      'adc-noise',
      'fixed-point',
      'interaction',
    ])
  })

  it('a stage alone equals a profile that has only that stage', async () => {
    const only = await setProfileValues(await readProfile('ideal'), [
      `device.conductanceMin=${real.device.conductanceMin}`,
      `device.conductanceMax=${real.device.conductanceMax}`,
      `device.devicesPerSide=${real.device.devicesPerSide}`,
      ...(['wordSegment', 'bitSegment', 'driver', 'sense'] as const).map(
        (k) => `crossbar.wires.${k}=${real.crossbar.wires[k]}`,
      ),
    ])
    const alone = simulate(deploy(network, only), { inputs: head(inputs, 200), truth: head(truth, 200), chips: 1 })
    const row = result.waterfall.find((r) => r.stage === 'wires')!
    expect(alone.metric.deployed.mean - alone.metric.ideal).toBeCloseTo(row.delta, 9)
  })
})

describe('degenerate data', () => {
  it('a score without a value is refused, not printed as null', async () => {
    const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
    const deployment = deploy(network, ideal)
    const y = head(inputs, 8)
    const zeros = { ...head(truth, 8), data: new Float64Array(8 * truth.cols) }
    for (const x of [zeros, forward(network, y).estimate])
      expect(() => simulate(deployment, { inputs: y, truth: x, chips: 2 })).toThrowError(
        /a loss against it has no value/,
      )
  })
})

describe('deploy', () => {
  it('is deterministic', async () => {
    const { network } = await loadNetwork('det_R1_shq_snr12')
    expect(deploy(network, real)).toEqual(deploy(network, real))
  })

  it('refuses calibration vectors of the wrong width', async () => {
    const { network, truth } = await loadNetwork('vqcs_n20_I4')
    expect(() => deploy(network, ideal, { calibration: truth as Matrix })).toThrowError(
      /20 entries; the network takes 10/,
    )
  })

  it('refuses a task of other sizes than the network', async () => {
    const { network } = await loadNetwork('vqcs_n20_I4')
    const task = { kind: 'symbol-detection', antennas: 12, users: 4, snrDb: 12 } as const
    expect(() => deploy({ ...network, task }, ideal)).toThrowError(/gives 12 measurements; the network takes 10/)
  })

  it('warns when signal ranges come from standard normal vectors', async () => {
    const { network } = await loadNetwork('vqcs_n20_I4')
    const { warnings } = deploy({ ...network, task: null }, ideal)
    expect(warnings.map((w) => w.code)).toContain('OHM5001')
  })
})
