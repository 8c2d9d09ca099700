/**
 * Programming error: what a device holds after it was written, against what was asked for.
 *
 * g = max(0, g_target + scale (shift(g_target) + sigma(g_target) xi)), xi standard normal (uniform with the same
 * standard deviation, or g exp(sigma xi), where the name says so). sigma is evaluated at the target; only `table` has a
 * shift. `write-verify` is a loop of its own (write-verify.ts).
 */
import type { Profile, ProgrammingModel } from '../profile/profile.ts'
import { ANY, type DeviceState, MICRO, type ModelFacts, sonosRange } from './model.ts'

interface ProgrammingFacts extends ModelFacts {
  /** Standard deviation in microsiemens; of ln g for `lognormal`. */
  readonly sigma: (state: DeviceState, parameters: Profile['device']['programming']) => number
  readonly shape: 'normal' | 'uniform' | 'lognormal'
}

const polynomial = (c: readonly number[], x: number) => c.reduceRight((s, a) => s * x + a, 0)

/** The fits of the Wan 2022 chip at three times, in microsiemens for a 40 uS device; x = g / gMax. */
const WAN_IBM = [
  { seconds: 1, c: [0.348, 16.03, -43.853, 45.393, -16.815] },
  { seconds: 86400, c: [0.701, 22.086, -50.773, 47.095, -16.458] },
  { seconds: 172800, c: [0.782, 20.274, -43.507, 37.062, -11.934] },
] as const

/** SONOS current spread in nA: A (1 - exp(-I / B)), at three times. */
const SONOS = [
  { seconds: 0, a: 19.88665, b: 176.3115 },
  { seconds: 86400, a: 25.59102, b: 186.85544 },
  { seconds: 432000, a: 34.57909, b: 207.34309 },
] as const

/** Interpolate between tabulated times (clamped at the ends) in the coordinate `axis`. */
function between<T extends { readonly seconds: number }>(
  table: readonly T[],
  seconds: number,
  axis: (s: number) => number,
  value: (entry: T) => number,
): number {
  const last = table.length - 1
  if (seconds <= table[0]!.seconds) return value(table[0]!)
  for (let i = 1; i <= last; i++) {
    const a = table[i - 1]!
    const b = table[i]!
    if (seconds <= b.seconds) {
      const f = (axis(seconds) - axis(a.seconds)) / (axis(b.seconds) - axis(a.seconds))
      return value(a) + f * (value(b) - value(a))
    }
  }
  return value(table[last]!)
}

export const programmingModels: Readonly<Record<ProgrammingModel, ProgrammingFacts>> = {
  none: { source: 'ideal', valid: ANY, shape: 'normal', sigma: () => 0 },
  'pcm-nandakumar': {
    source: 'Nandakumar et al., Front. Neurosci. 2020; constants as in aihwkit PCMLikeNoiseModel',
    valid: { low: 0, high: 25 },
    shape: 'normal',
    sigma: ({ microsiemens: g, maximum }) =>
      (maximum / 25) * Math.max(0, polynomial([0.26348, 1.965, -1.1731], g / maximum)),
  },
  'pcm-joshi': {
    source: 'Joshi et al., Nat. Commun. 11 (2020) 2473; constants as in CrossSim',
    valid: { low: 0, high: 25 },
    shape: 'normal',
    sigma: ({ microsiemens: g }) => Math.max(0, polynomial([0.28638599, 0.07585724, -0.00178767], g)),
  },
  'pcm-hermes-1': {
    source: 'IBM HERMES core, one device a side; constants as in aihwkit',
    valid: { low: 0, high: 10.35 },
    shape: 'normal',
    sigma: ({ microsiemens: g, maximum }) =>
      (maximum / 10.35) * Math.max(0, polynomial([0.15781817, 2.32443916, -2.16310839, 0.68841818], g / maximum)),
  },
  'pcm-hermes-2': {
    source: 'IBM HERMES core, two devices a side; constants as in aihwkit',
    valid: { low: 0, high: 20.7 },
    shape: 'normal',
    sigma: ({ microsiemens: g, maximum }) =>
      (maximum / 20.7) * Math.max(0, polynomial([0.16603222, 4.71806468, -8.48101252, 4.68961419], g / maximum)),
  },
  'reram-wan2022-ibm': {
    source:
      'Wan et al., Nature 608 (2022) 504, as fitted in aihwkit ReRamWan2022NoiseModel, scaled by gMax / 40 uS; log-time interpolation between 1 s, 1 day and 2 days is a choice of this project',
    valid: ANY,
    validSeconds: { low: 1, high: 172800 },
    shape: 'normal',
    sigma: ({ microsiemens: g, maximum, seconds }) =>
      (maximum / 40) *
      Math.max(
        0,
        between(WAN_IBM, Math.max(seconds, 1e-9), Math.log, (e) => polynomial(e.c, g / maximum)),
      ),
  },
  'reram-wan2022-sandia': {
    source: 'Wan et al., Nature 608 (2022) 504, as fitted in CrossSim; disagrees with reram-wan2022-ibm',
    valid: { low: 0, high: 39.26 },
    shape: 'normal',
    sigma: ({ microsiemens: g }) => Math.max(0, polynomial([1.053, 0.2374, -1.167e-2, 1.536e-4], g)),
  },
  'reram-milo2021': {
    source: 'Milo et al., IRPS 2021 (IGVVA-100); constants as in CrossSim',
    valid: { low: 50, high: 225 },
    shape: 'normal',
    sigma: ({ microsiemens: g }) => Math.max(0, polynomial([4.782321, -0.009107], g)),
  },
  'reram-cmo-0.2': {
    source: 'IBM CMO/HfOx ReRAM, acceptance range 0.2 %; constants as in aihwkit',
    valid: { low: 8, high: 90 },
    shape: 'normal',
    sigma: ({ microsiemens: g }) => Math.max(0, polynomial([0.00081107, 0.00106879], g)),
  },
  'reram-cmo-2': {
    source: 'IBM CMO/HfOx ReRAM, acceptance range 2 %; constants as in aihwkit',
    valid: { low: 8, high: 90 },
    shape: 'normal',
    sigma: ({ microsiemens: g }) => Math.max(0, polynomial([0.0112185391, 0.01129027418], g)),
  },
  sonos: {
    source:
      'SONOS charge-trap cell in the current domain, up to 1600 nA (16 uS at 0.1 V); constants as in CrossSim; currents = g x referenceVoltage',
    valid: sonosRange(0.1),
    validSeconds: { low: 0, high: 432000 },
    shape: 'normal',
    sigma: ({ microsiemens: g, seconds }, { referenceVoltage }) => {
      const nanoamps = g * referenceVoltage * 1000
      return (
        between(
          SONOS,
          seconds,
          (s) => s,
          (e) => e.a * (1 - Math.exp(-nanoamps / e.b)),
        ) /
        (referenceVoltage * 1000)
      )
    },
  },
  'state-independent': {
    source: 'aihwkit StateIndependentNoiseModel: 0.2 uS',
    valid: ANY,
    shape: 'normal',
    sigma: () => 0.2,
  },
  'normal-independent': {
    source: 'generic: sigma gMax',
    valid: ANY,
    shape: 'normal',
    sigma: ({ maximum }, p) => p.sigma * maximum,
  },
  'normal-proportional': {
    source: 'generic: sigma g',
    valid: ANY,
    shape: 'normal',
    sigma: ({ microsiemens: g }, p) => p.sigma * g,
  },
  'uniform-independent': {
    source: 'generic: uniform with standard deviation sigma gMax',
    valid: ANY,
    shape: 'uniform',
    sigma: ({ maximum }, p) => p.sigma * maximum,
  },
  'uniform-proportional': {
    source: 'generic: uniform with standard deviation sigma g',
    valid: ANY,
    shape: 'uniform',
    sigma: ({ microsiemens: g }, p) => p.sigma * g,
  },
  table: {
    source: 'measured at the targets of the profile, mean shift and spread interpolated linearly, held beyond the ends',
    valid: ANY,
    shape: 'normal',
    sigma: ({ microsiemens: g }, { table }) => tabulated(table, g * MICRO).sigma / MICRO,
  },
  'write-verify': {
    source: 'pulse response and spread as in NeuroSim, tolerance and largest number of pulses as in MemTorch',
    valid: ANY,
    shape: 'normal',
    sigma: () => 0,
  },
  lognormal: {
    source: 'generic: g exp(sigma xi)',
    valid: ANY,
    shape: 'lognormal',
    sigma: (_, p) => p.sigma,
  },
}

type Table = Profile['device']['programming']['table']

/** Mean shift and standard deviation, siemens, at a target; the end rows hold beyond the table. */
function tabulated(table: Table, target: number): { readonly shift: number; readonly sigma: number } {
  if (table === null || table.length === 0) return { shift: 0, sigma: 0 }
  const next = table.findIndex(([at]) => at >= target)
  const b = table[next < 0 ? table.length - 1 : next]!
  const a = next <= 0 ? b : table[next - 1]!
  const f = a === b ? 0 : (target - a[0]) / (b[0] - a[0])
  const shift = (row: typeof a) => row[1] - row[0]
  return { shift: shift(a) + f * (shift(b) - shift(a)), sigma: a[2] + f * (b[2] - a[2]) }
}

/**
 * Source and valid range of the profile's model, or of another with its values; a table covers what it lists, a model in
 * currents what they are at the reference voltage.
 */
export function programmingFacts(
  { model: own, table, referenceVoltage }: Profile['device']['programming'],
  model: ProgrammingModel = own,
): ModelFacts {
  const facts = programmingModels[model]
  if (model === 'sonos') return { ...facts, valid: sonosRange(referenceVoltage) }
  if (model !== 'table' || table === null) return facts
  return { ...facts, valid: { low: table[0]![0] / MICRO, high: table.at(-1)![0] / MICRO } }
}

/**
 * Standard deviation of the programmed conductance at a target (of ln g for `lognormal`).
 *
 * @param target  siemens
 * @returns       siemens, the profile's scale included (dimensionless for `lognormal`)
 */
export function programmingSigma(target: number, device: Profile['device'], seconds: number): number {
  const p = device.programming
  const facts = programmingModels[p.model]
  const sigma = facts.sigma({ microsiemens: target / MICRO, maximum: device.conductanceMax / MICRO, seconds }, p)
  return p.scale * (facts.shape === 'lognormal' ? sigma : sigma * MICRO)
}

/**
 * The conductance a write ends at, from one standard normal and one uniform draw. For `write-verify` see there.
 *
 * @param target  siemens
 * @returns       siemens, >= 0; the target itself, bit for bit, with scale 0 or no spread and no shift
 */
export function programmed(
  target: number,
  device: Profile['device'],
  seconds: number,
  normal: () => number,
  uniform: () => number,
): number {
  const { model } = device.programming
  if (model === 'none') return target
  return held(target, programmingSpread(target, device, seconds), programmingModels[model].shape, normal, uniform)
}

/** What a write misses its target by: standard deviation (of ln g for `lognormal`) and mean, siemens. */
export interface Spread {
  readonly sigma: number
  readonly shift: number
}

/** The spread at a target, siemens; the same on every chip. */
export function programmingSpread(target: number, device: Profile['device'], seconds: number): Spread {
  const { model, scale, table } = device.programming
  return {
    sigma: model === 'none' ? 0 : programmingSigma(target, device, seconds),
    shift: model === 'table' ? scale * tabulated(table, target).shift : 0,
  }
}

/** The conductance a write with a known spread ends at; see `programmed`. */
export function held(
  target: number,
  { sigma, shift }: Spread,
  shape: 'normal' | 'uniform' | 'lognormal',
  normal: () => number,
  uniform: () => number,
): number {
  if (sigma === 0 && shift === 0) return target
  switch (shape) {
    case 'lognormal':
      return target * Math.exp(sigma * normal())
    case 'uniform':
      return Math.max(0, target + sigma * Math.sqrt(12) * (uniform() - 0.5))
    case 'normal':
      return Math.max(0, target + shift + (sigma === 0 ? 0 : sigma * normal()))
  }
}
