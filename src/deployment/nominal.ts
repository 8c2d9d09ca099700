/**
 * The chip on which every random mechanism gives its centre: levels, wires, clipping and the DAC grid are in it,
 * programming error, drift, faults, mismatch and offsets are not.
 */

import { FIELDS, type FieldPath, type FieldValue, withValues } from '../profile/fields.ts'
import type { Deployment } from './deployment.ts'
import { type Chip, fabricate } from './fabricate.ts'

const RANDOM: readonly FieldPath[] = [
  'device.programming.model',
  'device.drift.model',
  'device.readNoise.model',
  'periphery.tia.bandwidth',
  'device.faults.stuckAtMin',
  'device.faults.stuckAtMax',
  'device.faults.stuckAtMid',
  'device.faults.formingFailure',
  'device.faults.deadWordLine',
  'device.faults.deadBitLine',
  'periphery.tia.gainSigma',
  'periphery.tia.offsetSigma',
  'periphery.activation.gainSigma',
  'periphery.activation.offsetSigma',
  'adc.dac.unitSigma',
  'adc.thresholdSigma',
  'adc.memristor.sigma',
  'adc.comparator.offsetSigma',
  'adc.comparator.noise',
  'adc.comparator.metaWindow',
  'adc.frontEnd.gainSigma',
  'adc.frontEnd.offsetSigma',
]

export function nominalChip(deployment: Deployment): Chip {
  const off: Partial<Record<FieldPath, FieldValue>> = {}
  for (const path of RANDOM) off[path] = FIELDS[path].default
  return fabricate({ ...deployment, profile: withValues(deployment.profile, off) })
}
