import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import type { Network } from '../../src/network/network.ts'
import { fromRows, matrix } from '../../src/numerics/matrix.ts'
import { contradictions } from '../../src/profile/check.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { CHOICES, type ChoiceId, MECHANISMS } from '../../src/profile/support.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>

/** A profile in which a mechanism is at work. */
const MECHANISM: Readonly<Record<string, Changes>> = {
  'layout interleaved': { 'crossbar.layout': 'interleaved' },
  'conductance levels': { 'device.levels': 8 },
  'devices in parallel': { 'device.devicesPerSide': 3 },
  'programming error, write-verify': { 'device.programming.model': 'write-verify' },
  'faults, clustered or not': { 'device.faults.stuckAtMin': 0.2, 'device.faults.clustering': 'word-line' },
  'fault repair': { 'device.faults.stuckAtMax': 0.2, 'crossbar.faultRepair': 'reassign' },
  'drift, relaxation, retention, temperature': {
    'device.drift.model': 'pcm-nandakumar',
    'device.retention.model': 'stretched-exponential',
    'environment.timeSinceProgramming': 1e5,
  },
  'drift compensation': {
    'device.drift.model': 'pcm-nandakumar',
    'device.readNoise.model': 'proportional',
    'device.readNoise.sigma': 0.01,
    'crossbar.driftCompensation.kind': 'per-output',
    'environment.timeSinceProgramming': 1e5,
  },
  'output calibration': {
    'crossbar.outputCalibration.kind': 'gain-and-offset',
    'device.programming.model': 'pcm-joshi',
  },
  'read noise': { 'device.readNoise.model': 'proportional', 'device.readNoise.sigma': 0.02 },
  'thermal and shot noise of columns': { 'periphery.tia.bandwidth': 1e7, 'periphery.tia.shotNoise': true },
  wires: { 'crossbar.wires.wordSegment': 5, 'crossbar.wires.bitSegment': 5, 'crossbar.wires.drive': 'both-ends' },
  'wire correction': {
    'crossbar.wires.wordSegment': 5,
    'crossbar.wires.bitSegment': 5,
    'crossbar.wireCorrection': 'programming',
  },
  'heavy lines first': { 'crossbar.lineOrder': 'heavy-first' },
  'digitised partial sums': { 'crossbar.partialSums.kind': 'digitised', 'crossbar.partialSums.bits': 8 },
  'bits sent one by one': { 'periphery.input.encoding': 'bit-serial', 'periphery.input.bits': 6 },
  'amplifier swing': { 'periphery.tia.swing': 0.3 },
  'non-linear devices': { 'device.iv.model': 'sinh', 'device.iv.voltage': 0.5 },
  'non-linear devices with pulses': { 'device.iv.model': 'sinh', 'periphery.input.encoding': 'pulse-width' },
  'access transistor': { 'device.accessTransistor.resistance': 1000 },
  'noise, droop, hysteresis and settling of the ADC': { 'adc.comparator.noise': 1e-3, 'adc.hold.droop': 10 },
}

const CHOICE: Readonly<Record<ChoiceId, Changes>> = {
  'one-sided': {},
  'two-sided': { 'crossbar.mapping': 'differential-two-sided' },
  'offset-column': { 'crossbar.mapping': 'offset-column' },
  'dual-pair': { 'crossbar.mapping': 'dual-pair' },
  'bit-sliced': { 'crossbar.mapping': 'bit-sliced' },
  adjacent: {},
  separate: { 'crossbar.layout': 'separate' },
  interleaved: { 'crossbar.layout': 'interleaved' },
  amplitude: { 'periphery.input.bits': 6 },
  'pulse-width': { 'periphery.input.encoding': 'pulse-width', 'periphery.input.bits': 6 },
  'bit-serial': { 'periphery.input.encoding': 'bit-serial', 'periphery.input.bits': 6 },
  digitised: { 'crossbar.partialSums.kind': 'digitised', 'crossbar.partialSums.bits': 10 },
  netlist: {},
}

const network: Network = {
  name: 'small',
  encoder: [
    {
      weight: fromRows([
        [1, -0.5, 0.3],
        [0, 0.75, -0.2],
        [-0.6, 0.1, 0],
      ]),
      bias: Float64Array.of(0.1, 0, -0.2),
      activation: 'tanh',
    },
    { weight: fromRows([[1, -1, 0.5]]), bias: Float64Array.of(0.05), activation: 'linear' },
  ],
  quantizer: {
    thresholds: Float64Array.of(-0.3, 0.1, 0.4),
    levels: Float64Array.of(-1, 0, 0.2, 1),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [{ weight: matrix(1, 1), bias: new Float64Array(1), activation: 'linear' }],
  task: null,
  provenance: {},
}
const calibration = fromRows([
  [0.5, -0.25, 0.1],
  [-1, 1, 0.6],
  [0.125, 0.75, -0.9],
])
const base: Changes = {
  'device.conductanceMin': 1e-6,
  'device.conductanceMax': 25e-6,
  'crossbar.wordLines': 4,
  'crossbar.bitLines': 16,
}

it('every mechanism of the table has a profile here, and is at work in it', () => {
  expect(Object.keys(MECHANISM)).toEqual(MECHANISMS.map(({ label }) => label))
  for (const { label, active } of MECHANISMS) expect(active(profileWith({ ...base, ...MECHANISM[label] }))).toBe(true)
})

describe.each(MECHANISMS.map((mechanism) => [mechanism.label, mechanism] as const))('%s', (label, { limits }) => {
  it.each(CHOICES.filter(({ id }) => id !== 'netlist').map(({ id }) => id))('with %s', (id) => {
    // A mechanism that is itself an encoding or a layout keeps its own.
    const profile = profileWith({ ...base, ...CHOICE[id], ...MECHANISM[label] })
    if (limits[id]?.kind === 'refused') {
      expect(contradictions(profile).map(({ message }) => message)).toContain(limits[id].reason)
      return
    }
    expect(contradictions(profile)).toEqual([])
    const chip = fabricate(deploy(network, profile, { calibration }), { seed: 3 })
    const { codes, output, amplifier } = encodeTrace(chip, calibration)
    for (const signal of [...amplifier, ...output]) expect(signal.data.every(Number.isFinite)).toBe(true)
    expect(codes.data.every((code) => code <= 3)).toBe(true)
    expect(encodeTrace(chip, calibration).codes.data).toEqual(codes.data)
  })

  it('as a netlist', () => {
    const chip = fabricate(deploy(network, profileWith({ ...base, ...MECHANISM[label] }), { calibration }))
    const limit = limits.netlist
    if (limit?.kind === 'refused') {
      expect(() => spiceNetlist(chip)).toThrowError(limit.reason)
      return
    }
    const header = /^\* not in this deck: (.*)$/m.exec(spiceNetlist(chip).files[0]!.text)![1]!
    expect(header === 'nothing of the profile').toBe(limit?.kind !== 'left-out' && label !== 'drift compensation')
  })
})
