/**
 * Write-verify: pulse and read until the read is close enough to the target.
 *
 * Pulses move a device along G(P) = B (1 - exp(-P / A)) + gMin, B = (gMax - gMin) / (1 - exp(-Pmax / A)), when they set
 * it, and along the mirror image of that curve when they reset it; each step gets a spread of
 * pulseSigma (gMax - gMin) sqrt(|dP|) xi, dP = 1. What has been accepted may still relax.
 *
 * Source: pulse response and spread as in NeuroSim (MLP); tolerance and largest number of pulses as in MemTorch. The
 * mirrored reset, the erased start at gMin and the states held within [gMin, gMax] are choices of this project.
 */
import type { Profile } from '../profile/profile.ts'
import { clamp, MICRO } from './model.ts'
import { programmingModels } from './programming.ts'

/** Standard normal draws of one device. */
export interface WriteDraws {
  readonly pulse: (index: number) => number
  readonly read: (index: number) => number
  readonly relaxation: () => number
}

export interface Written {
  /** siemens, >= 0 */
  readonly conductance: number
  readonly pulses: number
  /** false: given up after maximumPulses */
  readonly accepted: boolean
}

/** Pulses and failures of the devices of an array, or of a chip. */
export interface WriteCounts {
  readonly devices: number
  readonly pulses: number
  /** The largest number a device took. */
  readonly mostPulses: number
  readonly failures: number
}

export const NO_WRITES: WriteCounts = { devices: 0, pulses: 0, mostPulses: 0, failures: 0 }

export function addWrites(a: WriteCounts, b: WriteCounts): WriteCounts {
  return {
    devices: a.devices + b.devices,
    pulses: a.pulses + b.pulses,
    mostPulses: Math.max(a.mostPulses, b.mostPulses),
    failures: a.failures + b.failures,
  }
}

/**
 * Write one device, erased before, by the loop of `device.programming.writeVerify`.
 *
 * `device.programming.scale` multiplies what remains between result and target, so that 0 is exact.
 *
 * @param target   siemens, in [gMin, gMax]
 * @param seconds  since programming, for a relaxation whose spread grows with time
 */
export function writeVerify(target: number, device: Profile['device'], seconds: number, draws: WriteDraws): Written {
  const { conductanceMin: low, conductanceMax: high, programming } = device
  const { tolerance, maximumPulses, fullRangePulses, curvature, pulseSigma, readSigma } = programming.writeVerify
  const span = high - low
  const a = curvature * fullRangePulses
  const b = span / -Math.expm1(-fullRangePulses / a)
  const share = -Math.expm1(-1 / a)
  const window = tolerance * high
  let g = low
  let pulses = 0
  let accepted = false
  for (;;) {
    const read = readSigma === 0 ? g : g + readSigma * high * draws.read(pulses)
    accepted = Math.abs(read - target) <= window
    if (accepted || pulses === maximumPulses) break
    const step = read < target ? (low + b - g) * share : -(g - (high - b)) * share
    g = clamp(g + step + (pulseSigma === 0 ? 0 : pulseSigma * span * draws.pulse(pulses)), low, high)
    pulses++
  }
  const sigma = relaxationSigma(target, device, seconds)
  if (sigma > 0) g = Math.max(0, g + sigma * draws.relaxation())
  const { scale } = programming
  return { conductance: scale === 1 ? g : Math.max(0, target + scale * (g - target)), pulses, accepted }
}

/** Standard deviation, siemens, of what moves a device after the loop; the named models are evaluated at the target. */
export function relaxationSigma(target: number, device: Profile['device'], seconds: number): number {
  const { programming, conductanceMax } = device
  const { sigma } = programmingModels[programming.writeVerify.relaxation]
  return sigma({ microsiemens: target / MICRO, maximum: conductanceMax / MICRO, seconds }, programming) * MICRO
}
