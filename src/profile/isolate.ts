/**
 * Stages of imperfection, switched on and off: one at a time in the waterfall, in any combination in a study.
 */
import type { FieldPath, FieldValue } from './fields.ts'
import { FIELDS, valueAt, withValues } from './fields.ts'
import type { Profile } from './profile.ts'

/** The stages of imperfection, in the order in which the signal meets them. */
export const STAGES = [
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
] as const

export type Stage = (typeof STAGES)[number]

/**
 * The values that make up each stage. Everything else is scale and geometry (conductance range, devices a side, array
 * size, full scales, saturation, search, times, word lengths, age) and stays as it is.
 *
 * The hold capacitor belongs to two stages: its memory of the sample before to the thresholds, its kT/C noise to the
 * noise; `withStages` tells them apart.
 */
const VALUES: Readonly<Record<Stage, readonly FieldPath[]>> = {
  'conductance-levels': ['device.levels', 'crossbar.scaling', 'crossbar.percentile'],
  'programming-error': ['device.programming.model', 'device.programming.scale', 'device.programming.sigma'],
  faults: [
    'device.faults.stuckAtMin',
    'device.faults.stuckAtMax',
    'device.faults.stuckAtMid',
    'device.faults.formingFailure',
    'device.faults.deadWordLine',
    'device.faults.deadBitLine',
  ],
  drift: [
    'device.drift.model',
    'device.drift.scale',
    'device.drift.exponent',
    'device.drift.exponentSigma',
    'device.drift.referenceTime',
    'device.retention.model',
    'device.temperature.coefficient',
    'device.temperature.activationEnergy',
  ],
  'current-voltage': ['device.iv.model', 'device.accessTransistor.resistance'],
  'read-noise': [
    'device.readNoise.model',
    'device.readNoise.scale',
    'device.readNoise.sigma',
    'periphery.tia.bandwidth',
    'periphery.tia.shotNoise',
  ],
  wires: ['crossbar.wires.wordSegment', 'crossbar.wires.bitSegment', 'crossbar.wires.driver', 'crossbar.wires.sense'],
  periphery: [
    'periphery.input.bits',
    'periphery.input.clip',
    'periphery.tia.swing',
    'periphery.tia.gainSigma',
    'periphery.tia.offsetSigma',
    'periphery.activation.gainSigma',
    'periphery.activation.offsetSigma',
    'periphery.activation.transfer.model',
    'crossbar.partialSums.bits',
  ],
  'adc-thresholds': [
    'adc.clip',
    'adc.architecture',
    'adc.memristor.sigma',
    'adc.dac.bits',
    'adc.dac.unitSigma',
    'adc.dac.settlingError',
    'adc.thresholdSigma',
    'adc.comparator.offsetSigma',
    'adc.comparator.hysteresis',
    'adc.crosstalk',
    'adc.hold.capacitance',
    'adc.hold.droop',
    'adc.frontEnd.gainSigma',
    'adc.frontEnd.offsetSigma',
    'adc.frontEnd.cubic',
  ],
  'adc-noise': ['adc.comparator.noise', 'adc.comparator.metaWindow', 'adc.hold.capacitance'],
  'fixed-point': ['decoder.arithmetic'],
}

/** The profile with every imperfection switched off; scales and geometry are kept. */
export function idealised(profile: Profile): Profile {
  const off: Partial<Record<FieldPath, FieldValue>> = {}
  for (const stage of STAGES) for (const path of VALUES[stage]) off[path] = FIELDS[path].default
  return withValues(profile, off)
}

/**
 * The profile with one stage of imperfection alone. A stage that the profile does not have gives `idealised(profile)`.
 */
export function isolate(profile: Profile, stage: Stage): Profile {
  return withStages(profile, [stage])
}

/**
 * The profile with these stages of imperfection and no other. All that it has give the profile itself, none of them
 * `idealised(profile)`.
 *
 * Of the hold capacitor, `adc-thresholds` without `adc-noise` keeps the memory and not the noise: it is at 0 K, or,
 * where a stage that is on needs the temperature, 2^200 times as large behind a switch that much smaller.
 * `adc-noise` without `adc-thresholds` keeps it behind a switch of 0 ohm, so that it makes noise but does not remember.
 */
export function withStages(profile: Profile, stages: readonly Stage[]): Profile {
  const active = STAGES.filter((stage) => isActive(profile, stage))
  const kept = active.filter((stage) => stages.includes(stage))
  const ideal = idealised(profile)
  if (kept.length === 0) return ideal
  if (kept.length === active.length) return profile
  const has = (stage: Stage) => kept.includes(stage)
  const on: Partial<Record<FieldPath, FieldValue>> = {}
  for (const stage of kept) for (const path of VALUES[stage]) on[path] = valueAt(profile, path)
  const { capacitance, switchResistance } = profile.adc.hold
  if (capacitance !== null) {
    if (has('adc-thresholds') && !has('adc-noise')) {
      if (has('drift') || has('read-noise')) {
        on['adc.hold.capacitance'] = capacitance * HUGE
        on['adc.hold.switchResistance'] = switchResistance / HUGE
      } else on['environment.temperature'] = 0
    }
    if (has('adc-noise') && !has('adc-thresholds')) on['adc.hold.switchResistance'] = 0
  }
  // Which comparators make the noise is no imperfection of the thresholds.
  if (has('adc-noise') && profile.adc.architecture === 'flash') on['adc.architecture'] = 'flash'
  return withValues(ideal, on)
}

/** Leaves no noise that a sum of volts could show, and, as a power of two, every time constant to the bit. */
const HUGE = 2 ** 200

/** Whether a stage of the profile differs from ideal. */
export function isActive(profile: Profile, stage: Stage): boolean {
  const { device, crossbar, periphery, adc, decoder, environment } = profile
  switch (stage) {
    case 'conductance-levels':
      return device.levels !== null || (crossbar.scaling === 'percentile' && crossbar.percentile < 100)
    case 'programming-error':
      return spreads(device.programming)
    case 'faults':
      return FAULT_CHANCES.some((kind) => device.faults[kind] > 0)
    case 'drift': {
      const { model, scale, exponent, exponentSigma } = device.drift
      const drifts = model !== 'none' && scale > 0 && (model !== 'fixed' || exponent > 0 || exponentSigma > 0)
      const { coefficient, reference } = device.temperature
      const warm = coefficient !== 0 && environment.temperature !== reference
      return drifts || device.retention.model !== 'none' || warm
    }
    case 'current-voltage':
      return bends(device.iv) || device.accessTransistor.resistance > 0
    case 'read-noise':
      return spreads(device.readNoise) || periphery.tia.bandwidth !== null
    case 'wires':
      return WIRE_RESISTANCES.some((part) => crossbar.wires[part] > 0)
    case 'periphery': {
      const { input, tia, activation } = periphery
      return (
        input.bits !== null ||
        (crossbar.partialSums.kind === 'digitised' && crossbar.partialSums.bits !== null) ||
        input.clip ||
        tia.swing !== null ||
        activation.transfer.model === 'measured' ||
        [tia.gainSigma, tia.offsetSigma, activation.gainSigma, activation.offsetSigma].some((s) => s > 0)
      )
    }
    case 'adc-thresholds':
      return (
        adc.clip ||
        adc.architecture === 'memristive-sar' ||
        adc.dac.bits !== null ||
        (adc.hold.capacitance !== null && adc.hold.switchResistance > 0) ||
        [
          adc.dac.settlingError,
          adc.thresholdSigma,
          adc.comparator.offsetSigma,
          adc.comparator.hysteresis,
          adc.crosstalk,
          adc.hold.droop,
          adc.frontEnd.gainSigma,
          adc.frontEnd.offsetSigma,
          adc.frontEnd.cubic,
        ].some((x) => x !== 0)
      )
    case 'adc-noise':
      return (
        adc.comparator.noise > 0 ||
        adc.comparator.metaWindow > 0 ||
        (adc.hold.capacitance !== null && environment.temperature > 0)
      )
    case 'fixed-point':
      return decoder.arithmetic === 'fixed'
  }
}

/** Whether the current is not proportional to the voltage. */
function bends({ model, cubic, gamma }: Profile['device']['iv']): boolean {
  return model !== 'linear' && (model !== 'cubic' || cubic !== 0) && (model !== 'power-law' || gamma !== 2)
}

const FAULT_CHANCES = [
  'stuckAtMin',
  'stuckAtMax',
  'stuckAtMid',
  'formingFailure',
  'deadWordLine',
  'deadBitLine',
] as const
const WIRE_RESISTANCES = ['wordSegment', 'bitSegment', 'driver', 'sense'] as const

/** Models whose spread is the profile's own sigma. */
const GENERIC: ReadonlySet<string> = new Set([
  'normal-independent',
  'normal-proportional',
  'uniform-independent',
  'uniform-proportional',
  'lognormal',
  'proportional',
  'independent',
])

function spreads({ model, scale, sigma }: { model: string; scale: number; sigma: number }): boolean {
  return model !== 'none' && scale > 0 && (!GENERIC.has(model) || sigma > 0)
}
