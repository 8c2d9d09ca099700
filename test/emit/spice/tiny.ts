import { deploy } from '../../../src/deployment/deploy.ts'
import type { Deployment } from '../../../src/deployment/deployment.ts'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import type { Network } from '../../../src/network/network.ts'
import { fromRows, matrix } from '../../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../../src/profile/fields.ts'
import { profileWith } from '../../support/profile.ts'

/** Two inputs, a tanh layer of three, one linear output, two thresholds. */
export const tiny: Network = {
  name: 'tiny',
  encoder: [
    {
      weight: fromRows([
        [1, -0.5],
        [0, 0.75],
        [0.25, 0],
      ]),
      bias: Float64Array.of(0.1, 0, -0.2),
      activation: 'tanh',
    },
    { weight: fromRows([[1, -1, 0.5]]), bias: Float64Array.of(0.05), activation: 'linear' },
  ],
  quantizer: {
    thresholds: Float64Array.of(-0.25, 0.3),
    levels: Float64Array.of(-1, 0, 1),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [{ weight: matrix(1, 1), bias: new Float64Array(1), activation: 'linear' }],
  task: null,
  provenance: {},
}
export const vectors = fromRows([
  [0.5, -0.25],
  [-1, 1],
  [0.125, 0.75],
])

export const deployed = (changes: Partial<Record<FieldPath, FieldValue>> = {}, network = tiny): Deployment =>
  deploy(network, profileWith({ 'device.conductanceMin': 1e-6, 'device.conductanceMax': 40e-6, ...changes }), {
    calibration: vectors,
  })
export const WIRES = {
  'crossbar.wires.wordSegment': 2,
  'crossbar.wires.bitSegment': 3,
  'crossbar.wires.driver': 20,
  'crossbar.wires.sense': 10,
}

/** The chip of the decks in netlists/golden. */
export const goldenChip = () =>
  fabricate(
    deployed({ ...WIRES, 'periphery.tia.swing': 1, 'adc.dac.bits': 6, 'adc.crosstalk': 1e-3, 'device.levels': 40 }),
  )
