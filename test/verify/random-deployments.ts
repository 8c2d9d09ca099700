import { fc } from '@fast-check/vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import type { Deployment } from '../../src/deployment/deployment.ts'
import type { Activation, DenseLayer, Network } from '../../src/network/network.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { profileWith } from '../support/profile.ts'

/** In steps of 1/1000: subnormal weights have no place on hardware. */
const within = (limit: number) => fc.integer({ min: -1000 * limit, max: 1000 * limit }).map((n) => n / 1000)
const weight = fc.oneof({ weight: 5, arbitrary: within(2) }, fc.constant(0))
const numbers = (count: number) =>
  fc.array(weight, { minLength: count, maxLength: count }).map((a) => Float64Array.from(a))
const activation = fc.constantFrom<Activation>('tanh', 'relu', 'sigmoid', 'linear')

function layer(inputs: number, outputs: number): fc.Arbitrary<DenseLayer> {
  return fc
    .tuple(numbers(inputs * outputs), numbers(outputs), activation)
    .map(([data, bias, f]) => ({ weight: matrix(outputs, inputs, data), bias, activation: f }))
}

/** One to three encoder layers of width 1 to 12, 2 to 6 levels, a linear decoder of one output. */
const networks: fc.Arbitrary<Network> = fc
  .array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 4 })
  .chain((widths) =>
    fc.tuple(
      fc.tuple(...widths.slice(1).map((outputs, l) => layer(widths[l]!, outputs))),
      fc.uniqueArray(within(0.9), { minLength: 1, maxLength: 5 }),
      fc.constantFrom<'gt' | 'ge'>('gt', 'ge'),
    ),
  )
  .map(([encoder, thresholds, compare]) => {
    const channels = encoder.at(-1)!.weight.rows
    const t = Float64Array.from(thresholds).sort()
    return {
      name: 'random',
      encoder,
      quantizer: {
        thresholds: t,
        levels: Float64Array.from({ length: t.length + 1 }, (_, k) => k),
        compare,
        levelRule: 'given',
      },
      decoder: [{ weight: matrix(1, channels), bias: new Float64Array(1), activation: 'linear' }],
      task: null,
      provenance: {},
    }
  })

const ohms = fc.oneof(fc.constant(0), fc.double({ min: 0.1, max: 500, noNaN: true }))
const changes: fc.Arbitrary<Partial<Record<FieldPath, FieldValue>>> = fc.record({
  'crossbar.wires.wordSegment': ohms,
  'crossbar.wires.bitSegment': ohms,
  'crossbar.wires.driver': ohms,
  'crossbar.wires.sense': ohms,
  'crossbar.wires.drive': fc.constantFrom('one-end', 'both-ends'),
  'crossbar.mapping': fc.constantFrom(
    'differential-one-sided',
    'differential-two-sided',
    'offset-column',
    'dual-pair',
    'bit-sliced',
  ),
  'crossbar.layout': fc.constantFrom('adjacent', 'separate', 'interleaved'),
  'crossbar.lineOrder': fc.constantFrom('natural', 'heavy-first'),
  'crossbar.wordLines': fc.integer({ min: 2, max: 16 }),
  'crossbar.bitLines': fc.integer({ min: 8, max: 28 }),
  'device.devicesPerSide': fc.constantFrom(1, 2),
  'device.accessTransistor.resistance': fc.constantFrom(0, 5e3),
  'device.iv.model': fc.oneof({ weight: 5, arbitrary: fc.constant('linear') }, fc.constantFrom('sinh', 'cubic')),
  'device.conductanceMin': fc.constantFrom(0, 1e-6),
  'device.conductanceMax': fc.constant(40e-6),
  'device.programming.model': fc.constantFrom('none', 'reram-wan2022-ibm'),
  'device.faults.formingFailure': fc.constantFrom(0, 0.2),
  'device.faults.deadWordLine': fc.constantFrom(0, 0.2),
  'device.faults.deadBitLine': fc.constantFrom(0, 0.2),
  'device.faults.stuckAtMax': fc.constantFrom(0, 0.1),
  'periphery.tia.bandwidth': fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constant(1e6)),
  'periphery.tia.shotNoise': fc.boolean(),
  'periphery.input.bits': fc.constantFrom(null, 6),
  'periphery.tia.swing': fc.constantFrom(null, 0.5),
  'periphery.tia.gainSigma': fc.constantFrom(0, 0.05),
  'periphery.tia.offsetSigma': fc.constantFrom(0, 0.01),
  'periphery.activation.gainSigma': fc.constantFrom(0, 0.05),
  'periphery.activation.offsetSigma': fc.constantFrom(0, 0.01),
  'adc.clip': fc.boolean(),
  'adc.search': fc.constantFrom('binary', 'linear', 'ramp'),
  'adc.architecture': fc.constantFrom('serial', 'flash'),
  'adc.dac.bits': fc.constantFrom(null, 6),
  'adc.thresholdSigma': fc.constantFrom(0, 0.2),
  'adc.crosstalk': fc.constantFrom(0, 0.01),
  'adc.hold.capacitance': fc.constantFrom(null, 1e-11),
  'adc.comparator.offsetSigma': fc.constantFrom(0, 0.01),
  'adc.frontEnd.gainSigma': fc.constantFrom(0, 0.02),
  'adc.frontEnd.offsetSigma': fc.constantFrom(0, 0.02),
  'adc.frontEnd.cubic': fc.constantFrom(0, -0.05),
})

const possible = changes.filter(
  (values) => !(values['crossbar.mapping'] === 'offset-column' && values['crossbar.layout'] === 'interleaved'),
)

/** Small deployments of every kind the deck writer has a branch for, calibrated on five vectors within +-1. */
export const deployments: fc.Arbitrary<Deployment> = fc.tuple(networks, possible).chain(([network, values]) => {
  const inputs = network.encoder[0]!.weight.cols
  return fc
    .array(within(1), { minLength: 5 * inputs, maxLength: 5 * inputs })
    .map((data) => deploy(network, profileWith(values), { calibration: matrix(5, inputs, Float64Array.from(data)) }))
})
