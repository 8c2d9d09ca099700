/** Short forms of the conditions under which values are used, and those that several fields share. */
import type { FieldPath, FieldValue, Need } from './field.ts'

export const is = (path: FieldPath, ...values: readonly FieldValue[]): Need => ({ path, is: values })
export const isNot = (path: FieldPath, ...values: readonly FieldValue[]): Need => ({ path, isNot: values })
export const anyOf = (...needs: readonly Need[]): Need => ({ anyOf: needs })

/** Models whose spread is the profile's own sigma. */
export const GENERIC_SPREADS = [
  'normal-independent',
  'normal-proportional',
  'uniform-independent',
  'uniform-proportional',
  'lognormal',
] as const
export const GENERIC_READ_NOISE = ['proportional', 'independent'] as const

/** Models whose spread depends on the time since programming. */
export const TIMED_PROGRAMMING = ['reram-wan2022-ibm', 'sonos'] as const
export const TIMED_READ_NOISE = ['pcm-nandakumar', 'pcm-hermes-1', 'pcm-hermes-2', 'reram-cmo'] as const

/** Drift and retention: what temperature accelerates. */
export const LOSSES: readonly Need[] = [isNot('device.drift.model', 'none'), isNot('device.retention.model', 'none')]
/** What makes the mean of a device depend on its age. */
const AGED_STATES: readonly Need[] = [
  ...LOSSES,
  is('device.programming.model', ...TIMED_PROGRAMMING),
  is('device.programming.writeVerify.relaxation', ...TIMED_PROGRAMMING),
]
export const AGEING = anyOf(...AGED_STATES, is('device.readNoise.model', ...TIMED_READ_NOISE))
/** What makes reads differ from those right after programming at the reference temperature. */
export const CHANGED_READS = anyOf(
  ...AGED_STATES,
  isNot('device.temperature.coefficient', 0),
  isNot('device.readNoise.model', 'none'),
  isNot('periphery.tia.bandwidth', null),
)

export const DEVICE_FAULTS: readonly Need[] = [
  isNot('device.faults.stuckAtMin', 0),
  isNot('device.faults.stuckAtMax', 0),
  isNot('device.faults.stuckAtMid', 0),
  isNot('device.faults.formingFailure', 0),
]
export const LINE_FAULTS: readonly Need[] = [
  isNot('device.faults.deadWordLine', 0),
  isNot('device.faults.deadBitLine', 0),
]
export const WIRES: readonly Need[] = [
  isNot('crossbar.wires.wordSegment', 0),
  isNot('crossbar.wires.bitSegment', 0),
  isNot('crossbar.wires.driver', 0),
  isNot('crossbar.wires.sense', 0),
]
