/**
 * Drift: conductance as a function of time since programming, with the exponent drawn once a device, so that ageing
 * one chip is a trajectory.
 *
 * g(t) = g_prog ((t + t0) / t0)^-nu, nu = |mu(x) + sigma(x) xi|, x = g_target / gMax
 */
import type { DriftModel, Profile } from '../profile/profile.ts'
import { ANY, clamp, MICRO, type ModelFacts } from './model.ts'

interface DriftFacts extends ModelFacts {
  /** t0 in seconds. */
  readonly reference: number
  /** Mean and spread of the exponent at x = g / gMax. */
  readonly exponent: (x: number) => { readonly mu: number; readonly sigma: number }
}

const log = (x: number) => Math.log(Math.max(x, 1e-7))

const powerLaws: Readonly<Record<Exclude<DriftModel, 'none' | 'fixed' | 'reram-cmo'>, DriftFacts>> = {
  'pcm-nandakumar': {
    source: 'Nandakumar et al., Front. Neurosci. 2020; constants as in aihwkit PCMLikeNoiseModel',
    valid: { low: 0, high: 25 },
    reference: 20,
    exponent: (x) => ({
      mu: clamp(-0.0155 * log(x) + 0.0244, 0.049, 0.1),
      sigma: clamp(-0.0125 * log(x) - 0.0059, 0.008, 0.045),
    }),
  },
  'pcm-hermes-1': {
    source: 'IBM HERMES core, one device a side; constants as in aihwkit',
    valid: { low: 0, high: 10.35 },
    reference: 200,
    exponent: (x) => ({
      mu: x < 0.0945 ? clamp(-0.0387 * log(x) - 0.0182, 0.072, 0.13) : -0.0436 * x * x - 0.0126 * x + 0.0736,
      sigma: x < 0.3039 ? clamp(-0.012 * log(x) - 0.0023, 0.0124, 0.04) : -0.0165 * x * x + 0.0116 * x + 0.0104,
    }),
  },
  'pcm-hermes-2': {
    source: 'IBM HERMES core, two devices a side; constants as in aihwkit',
    valid: { low: 0, high: 20.7 },
    reference: 300,
    exponent: (x) => ({
      mu: x < 0.0945 ? clamp(-0.0387 * log(x) - 0.0182, 0.072, 0.13) : -0.0436 * x * x - 0.0126 * x + 0.0736,
      sigma: x < 0.3055 ? clamp(-0.0117 * log(x) - 0.0057, 0.0091, 0.04) : -0.0118 * x * x + 0.0093 * x + 0.0073,
    }),
  },
  'state-independent': {
    source: 'aihwkit StateIndependentNoiseModel: nu = |0.1 + 0.05 xi|',
    valid: ANY,
    reference: 20,
    exponent: () => ({ mu: 0.1, sigma: 0.05 }),
  },
}

/** Source and valid range of every drift model. */
export const driftModels: Readonly<Record<DriftModel, ModelFacts>> = {
  ...powerLaws,
  none: { source: 'ideal', valid: ANY },
  fixed: { source: 'generic: exponent and spread from the profile', valid: ANY },
  'reram-cmo': {
    source: 'IBM CMO/HfOx ReRAM relaxation; constants as in aihwkit (reference level 50 uS)',
    valid: { low: 8, high: 90 },
    validSeconds: { low: 1, high: Number.POSITIVE_INFINITY },
  },
}

/**
 * A device's conductance at time t.
 *
 * @param g       siemens, as programmed
 * @param target  siemens, what was asked for (sets the exponent's law)
 * @param normal  the device's one standard normal draw for its exponent or relaxation
 * @returns       siemens, >= 0
 */
export function drifted(
  g: number,
  target: number,
  device: Profile['device'],
  seconds: number,
  normal: () => number,
): number {
  const { model, scale, exponent, exponentSigma, referenceTime } = device.drift
  if (model === 'none' || scale === 0) return g
  if (model === 'reram-cmo') {
    // Relaxation in microsiemens, ln t; the fit starts at one second.
    const lnT = Math.log(Math.max(seconds, 1))
    const shift = -0.08900206 * lnT + (0.04201137 * lnT + 0.41183342) * normal()
    return clamp(g / MICRO + scale * shift, 8, 90) * MICRO
  }
  if (seconds <= 0) return g
  const law =
    model === 'fixed'
      ? { reference: referenceTime, mu: exponent, sigma: exponentSigma }
      : { reference: powerLaws[model].reference, ...powerLaws[model].exponent(target / device.conductanceMax) }
  const nu = Math.abs(law.mu + (law.sigma === 0 ? 0 : law.sigma * normal()))
  return g * ((seconds + law.reference) / law.reference) ** (-scale * nu)
}
