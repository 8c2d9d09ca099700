import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import type { Network } from '../../src/network/network.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { type CircuitEngine, compareNetlist, openEngine } from '../../src/verify/index.ts'
import { netlistChecks } from '../../src/verify/netlist-checks.ts'
import { profileWith } from '../support/profile.ts'

let engine: CircuitEngine
beforeAll(async () => {
  engine = await openEngine('embedded')
})
afterAll(() => engine.close())

/** Three inputs, a tanh layer of four, two linear outputs, three thresholds. */
const network: Network = {
  name: 'small',
  encoder: [
    {
      weight: fromRows([
        [1, -0.5, 0.3],
        [0, 0.75, -0.2],
        [0.25, 0, 0.9],
        [-0.6, 0.1, 0],
      ]),
      bias: Float64Array.of(0.1, 0, -0.2, 0.4),
      activation: 'tanh',
    },
    {
      weight: fromRows([
        [1, -1, 0.5, 0],
        [0.2, 0, -0.7, 0.9],
      ]),
      bias: Float64Array.of(0.05, -0.1),
      activation: 'linear',
    },
  ],
  quantizer: {
    thresholds: Float64Array.of(-0.3, 0.1, 0.4),
    levels: Float64Array.of(-1, 0, 0.2, 1),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [{ weight: matrix(1, 2), bias: new Float64Array(1), activation: 'linear' }],
  task: null,
  provenance: {},
}
const calibration = fromRows([
  [0.5, -0.25, 0.1],
  [-1, 1, 0.6],
  [0.125, 0.75, -0.9],
])
const deployed = (changes: Partial<Record<FieldPath, FieldValue>>) =>
  deploy(
    network,
    profileWith({
      'device.conductanceMin': 1e-6,
      'device.conductanceMax': 40e-6,
      'device.programming.model': 'reram-wan2022-ibm',
      'device.faults.formingFailure': 0.05,
      'device.faults.deadWordLine': 0.05,
      'crossbar.wires.wordSegment': 20,
      'crossbar.wires.bitSegment': 30,
      'crossbar.wires.driver': 200,
      'crossbar.wires.sense': 100,
      'crossbar.slices': 3,
      'crossbar.lineOrder': 'heavy-first',
      'periphery.tia.offsetSigma': 1e-3,
      ...changes,
    }),
    { calibration },
  )

const cases = ['differential-one-sided', 'differential-two-sided', 'offset-column', 'dual-pair', 'bit-sliced'].flatMap(
  (mapping) =>
    (mapping === 'offset-column' ? ['adjacent', 'separate'] : ['adjacent', 'separate', 'interleaved']).flatMap(
      (layout) =>
        [
          { 'crossbar.wordLines': 128 },
          {
            'crossbar.wordLines': 3,
            'crossbar.bitLines': 14,
            'device.devicesPerSide': 2,
            'crossbar.wires.drive': 'both-ends',
          },
        ].map((array) => ({ mapping, layout, array })),
    ),
)

describe('the deck of every mapping and layout', () => {
  it.each(cases)('$mapping, $layout, $array', async ({ mapping, layout, array }) => {
    const room = mapping === 'bit-sliced' && 'crossbar.bitLines' in array ? { ...array, 'crossbar.slices': 2 } : array
    const deployment = deployed({ 'crossbar.mapping': mapping, 'crossbar.layout': layout, ...room })
    const { checks } = await netlistChecks(deployment, engine, { chips: 2, vectors: 3, seed: 4 })
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([])
    const chip = fabricate(deployment, { seed: 1 })
    const { largest } = await compareNetlist(chip, spiceNetlist(chip), engine)
    expect(largest.volts).toBeLessThan(1e-11)
  })

  it('pulses are drawn as their averages', async () => {
    const deployment = deployed({ 'periphery.input.encoding': 'pulse-width', 'crossbar.layout': 'interleaved' })
    const { checks } = await netlistChecks(deployment, engine, { chips: 1, vectors: 3, seed: 4 })
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([])
    expect(spiceNetlist(fabricate(deployment)).files[0]!.text).toMatch(/^\* drive: voltages are the pulses averaged/m)
  })
})

describe('drives that are no static circuit', () => {
  it.each([
    [{ 'crossbar.partialSums.kind': 'digitised', 'crossbar.partialSums.bits': 8 }, /converted before they are added/],
    [{ 'periphery.input.encoding': 'bit-serial', 'periphery.input.bits': 5 }, /sent bit after bit/],
  ])('%j', async (changes, reason) => {
    const deployment = deployed(changes)
    expect(() => spiceNetlist(fabricate(deployment))).toThrowError(reason)
    const { checks } = await netlistChecks(deployment, engine, { chips: 1, vectors: 2, seed: 4 })
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'netlist-lint pass',
      'netlist-devices skipped',
      'netlist-nominal skipped',
      'netlist-chip-0 skipped',
      'threshold-sweep pass',
      'netlist-transient pass',
    ])
    expect(checks[2]!.detail).toMatch(reason)
  })
})
