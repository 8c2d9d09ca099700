/**
 * Read noise: the standard deviation of one device's conductance from read to read, accumulated 1/f noise included
 * where the model knows the time.
 */
import type { Profile, ReadNoiseModel } from '../profile/profile.ts'
import { ANY, clamp, MICRO, type ModelFacts, sonosRange } from './model.ts'

interface ReadNoiseFacts extends ModelFacts {
  /** Standard deviation in microsiemens. */
  readonly sigma: (microsiemens: number, maximum: number, seconds: number, device: Profile['device']) => number
}

/** Accumulated 1/f noise since programming for a read of length t_read: sqrt(ln((t + t_read) / (2 t_read))). */
const flicker = (seconds: number, read: number) => Math.sqrt(Math.max(0, Math.log((seconds + read) / (2 * read))))

export const readNoiseModels: Readonly<Record<ReadNoiseModel, ReadNoiseFacts>> = {
  none: { source: 'ideal', valid: ANY, sigma: () => 0 },
  'pcm-nandakumar': {
    source: 'Nandakumar et al., Front. Neurosci. 2020; constants as in aihwkit PCMLikeNoiseModel, read 250 ns',
    valid: { low: 0, high: 25 },
    sigma: (g, maximum, seconds) =>
      // t counts from the drift reference t0 = 20 s
      g * Math.min(0.2, 0.0088 / Math.max((g / maximum) ** 0.65, 1e-3)) * flicker(seconds + 20, 250e-9),
  },
  'pcm-hermes-1': {
    source: 'IBM HERMES core, one device a side; constants as in aihwkit, read 512 ns',
    valid: { low: 0, high: 10.35 },
    sigma: (g, maximum, seconds) => {
      const x = g / maximum
      const q =
        x < 0.1591
          ? clamp(-0.0078 * Math.log(Math.max(x, 1e-7)) + 0.0038, 0.0179, 0.04)
          : 0.0664 * x ** 3 - 0.1352 * x ** 2 + 0.0768 * x + 0.0088
      return g * q * flicker(seconds + 200, 512e-9)
    },
  },
  'pcm-hermes-2': {
    source: 'IBM HERMES core, two devices a side; constants as in aihwkit, read 512 ns',
    valid: { low: 0, high: 20.7 },
    sigma: (g, maximum, seconds) => {
      const x = g / maximum
      const q =
        x < 0.16
          ? clamp(-0.0117 * Math.log(Math.max(x, 1e-7)) - 0.0069, 0.015, 0.04)
          : 0.0069 * x ** 3 - 0.028 * x ** 2 + 0.0211 * x + 0.0123
      return g * q * flicker(seconds + 300, 512e-9)
    },
  },
  'reram-cmo': {
    source: 'IBM CMO/HfOx ReRAM; constants as in aihwkit, additive in microsiemens',
    valid: { low: 8, high: 90 },
    sigma: (g, _, seconds) => 0.0277316483 * Math.log10(Math.max(g, 1)) * flicker(seconds, 1e-6),
  },
  sonos: {
    source:
      'SONOS charge-trap cell, up to 1600 nA (16 uS at 0.1 V); constants as in CrossSim; currents = g x referenceVoltage',
    valid: sonosRange(0.1),
    sigma: (g, _max, _t, device) => {
      const toNanoamps = device.programming.referenceVoltage * 1000
      return (12.58037 * (1 - Math.exp((-g * toNanoamps) / 215.36557))) / toNanoamps
    },
  },
  proportional: {
    source: 'generic: sigma g',
    valid: ANY,
    sigma: (g, _max, _t, device) => device.readNoise.sigma * g,
  },
  independent: {
    source: 'generic: sigma gMax',
    valid: ANY,
    sigma: (_g, maximum, _t, device) => device.readNoise.sigma * maximum,
  },
}

/** Source and valid range of the profile's model; one in currents covers what they are at the reference voltage. */
export function readNoiseFacts({ readNoise: { model }, programming }: Profile['device']): ModelFacts {
  const facts = readNoiseModels[model]
  return model === 'sonos' ? { ...facts, valid: sonosRange(programming.referenceVoltage) } : facts
}

/**
 * Standard deviation of one read of a device.
 *
 * @param g        siemens, at the time of the read
 * @param seconds  since programming
 * @returns        siemens
 */
export function readSigma(g: number, device: Profile['device'], seconds: number): number {
  const { model, scale } = device.readNoise
  if (model === 'none') return 0
  return scale * readNoiseModels[model].sigma(g / MICRO, device.conductanceMax / MICRO, seconds, device) * MICRO
}
