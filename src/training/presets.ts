/**
 * The networks of the two papers as experiments, and schedules by name: `budget` is scaled to the iterations that there
 * are; `paper` and its variants are those of [0], made for 1e7 iterations; `fine-tune` goes on from a trained network.
 */
import { fail } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import { LIMITS } from '../network/check.ts'
import { type Experiment, GRADIENT_RULES, type GradientRule } from './experiment.ts'
import type { LayerShape } from './model.ts'
import type { Schedule } from './schedule.ts'

export const PRESETS = [
  'deepvqcs-n20',
  'deepvqcs-n30',
  'deepvqcs-n60',
  'deepvqcs-n80',
  'deepvqcs-n7-1bit',
  'symbol-detection',
  'channel-estimation',
] as const
export type PresetName = (typeof PRESETS)[number]

export interface PresetOptions {
  /** I; default 4 (n7-1bit: 2, symbol-detection: 8) */
  readonly levels?: number
  /** K, scalar quantizers. Default M; symbol-detection 4, channel-estimation 80. */
  readonly channels?: number
  /** Symbol detection: SNR in dB. Default 12. */
  readonly snrDb?: number
  readonly iterations?: number
  readonly schedule?: ScheduleName
  readonly gradient?: GradientRule
}

const layers = (widths: readonly number[], ...activations: readonly LayerShape['activation'][]): LayerShape[] =>
  widths
    .slice(1)
    .map((outputs, l) => ({ inputs: widths[l]!, outputs, activation: activations[l] ?? activations.at(-1)! }))

/** [0] sec. V-A: weights and amplitudes fall with 1 / sqrt(t), h rises by 1e-5, beta by 1e-7 an iteration. */
const PAPER = {
  rate: { kind: 'inverse-root', first: 1e-2, least: 1e-4 },
  quantizerRate: { kind: 'inverse-root', first: 5e-5, least: 5e-7 },
  steepness: { kind: 'ramp', first: 5, rise: 1e-5, most: 300 },
  blend: { kind: 'ramp', first: 0, rise: 1e-7, most: 1 },
} as const satisfies Record<string, Schedule>

/**
 * Adam moves an amplitude by about the sum of its rates, whatever the gradient: with more iterations the rate has to
 * fall, or the amplitudes shrink while the gradient still passes straight through (I = 4, 1e6 iterations: -9.0 dB
 * with 1e-4, -11.5 dB with 1e-5).
 */
const amplitudeRate = (iterations: number): Schedule => {
  const first = Math.min(1e-4, 10 / iterations)
  return { kind: 'cosine', first, last: first / 2000 }
}

/**
 * Measured to be 2 dB better than the paper's at 1e5 iterations. The first rate, N = 20, I = 4: 3e-3 is 0.2 dB better than
 * 2e-3 at 1e4 and 1e5 iterations and 0.6 dB worse at 1e6; N = 80 at 6000 iterations: 2.5 dB worse.
 */
const BUDGET = {
  rate: { kind: 'cosine', first: 2e-3, last: 1e-6 },
  steepness: { kind: 'linear', first: 5, last: 105 },
  blend: { kind: 'linear', first: 0, last: 1 },
} as const satisfies Record<string, Schedule>
const QUICK = { kind: 'cosine', first: 3e-3, last: 1e-6 } as const

type Schedules = Pick<Experiment, 'rate' | 'quantizerRate' | 'steepness' | 'blend'>

/** Sets of schedules by name. The variants are those of [0] sec. V-B: DeepVQCS-STE, -Q and -QG. */
const BY_NAME = {
  budget: BUDGET,
  paper: PAPER,
  'paper-ste': { ...PAPER, steepness: { kind: 'constant', value: 400 }, blend: { kind: 'constant', value: 0 } },
  'paper-q': {
    ...PAPER,
    steepness: { kind: 'stairs', first: 5, rise: 0.05, every: 100, most: 300 },
    blend: { kind: 'constant', value: 1 },
  },
  'paper-qg': {
    ...PAPER,
    steepness: { kind: 'ramp', first: 5, rise: 1e-4, most: 300 },
    blend: { kind: 'ramp', first: 0, rise: 1e-6, most: 1 },
  },
  'fine-tune': {
    rate: { kind: 'cosine', first: 2e-3, last: 1e-6 },
    steepness: { kind: 'linear', first: 30, last: 105 },
    blend: { kind: 'linear', first: 0.5, last: 1 },
  },
} as const satisfies Record<string, Omit<Schedules, 'quantizerRate'> & Partial<Schedules>>

export type ScheduleName = keyof typeof BY_NAME
export const SCHEDULES = Object.keys(BY_NAME) as ScheduleName[]
export const schedulesOf = (name: ScheduleName, iterations: number): Schedules => ({
  quantizerRate: amplitudeRate(iterations),
  ...BY_NAME[name],
})

const COMMON = {
  batch: 100,
  seed: 0,
  restarts: 1,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  refit: false,
} as const

/** @throws OHM7002 for a name that is no preset, no schedule or no gradient rule; OHM1204, OHM5004 the other options */
export function preset(name: string, options: PresetOptions = {}): Experiment {
  checkOptions(name, options)
  const iterations = options.iterations ?? 100_000
  const schedules = schedulesOf(options.schedule ?? 'budget', iterations)
  /** What differs in the presets of [1]; schedules that are asked for by name stay as they are. */
  const own = (differing: Partial<Schedules>) => ((options.schedule ?? 'budget') === 'budget' ? differing : {})
  const every = Math.max(1, Math.ceil(iterations / 20))
  const gradient = options.gradient ?? 'blend'
  const rest = { ...COMMON, ...schedules, gradient, iterations }
  const size = /^deepvqcs-n(20|30|60|80)$/.exec(name)
  if (size !== null || name === 'deepvqcs-n7-1bit') {
    const one = size === null
    const N = one ? 7 : Number(size[1])
    const M = one ? 4 : N / 2
    const S = { 7: 1, 20: 2, 30: 3, 60: 6, 80: 8 }[N]!
    const K = options.channels ?? (one ? 10 : M)
    const levels = options.levels ?? (one ? 2 : 4)
    return {
      ...rest,
      name: `vqcs_n${N}_I${levels}`,
      task: { kind: 'sparse-recovery', N, M, S, noiseVariance: one ? 1e-2 : 1e-4, sensing: 'dct' },
      metric: 'nmseDb',
      shape: {
        encoder: layers(one ? [M, 5 * K, 5 * K, K] : [M, 5 * K, K], 'tanh'),
        steps: levels - 1,
        decoder: one
          ? layers([K, 5 * N, 5 * N, N], 'tanh', 'tanh', 'linear')
          : layers([K, 4 * N, 4 * N, 4 * N, N], 'tanh', 'tanh', 'tanh', 'linear'),
      },
      loss: 'squared-error',
      quantizer: { range: 0.8, amplitude: 0.8, learnAmplitudes: true, learnThresholds: false, levelRule: 'saturated' },
      ...own(N <= 40 && iterations <= 300_000 ? { rate: QUICK } : {}),
      samples: N > 40 ? 200_000 : 500_000,
      validation: { samples: 20_000, every, patience: null },
    }
  }
  if (name === 'symbol-detection') {
    const levels = options.levels ?? 8
    const p = options.channels ?? 4
    return {
      ...rest,
      name: `detector_I${levels}`,
      task: { kind: 'symbol-detection', antennas: 12, users: 4, snrDb: options.snrDb ?? 12 },
      metric: 'ber',
      shape: {
        encoder: layers([12, 24, p], 'relu', 'linear'),
        steps: levels - 1,
        decoder: layers([p, 16, 16], 'relu', 'linear'),
      },
      loss: 'cross-entropy',
      quantizer: { range: 2, amplitude: 2, learnAmplitudes: true, learnThresholds: true, levelRule: 'soft-midpoint' },
      ...own({
        quantizerRate: { kind: 'cosine', first: 1e-3, last: 1e-6 },
        steepness: { kind: 'linear', first: 2, last: 60 },
      }),
      samples: 200_000,
      restarts: 3,
      validation: { samples: 100_000, every, patience: null },
    }
  }
  if (name === 'channel-estimation') {
    const levels = options.levels ?? 4
    const channels = options.channels ?? 80
    return {
      ...rest,
      name: `chanest_I${levels}`,
      task: { kind: 'channel-estimation', antennas: 10, users: 4, pilots: 12, snr: 4 },
      metric: 'mse',
      shape: {
        encoder: layers([240, channels], 'linear'),
        steps: levels - 1,
        decoder: layers([channels, 80], 'linear'),
      },
      loss: 'squared-error',
      quantizer: { range: 1, amplitude: 1, learnAmplitudes: true, learnThresholds: true, levelRule: 'soft-midpoint' },
      ...own({
        quantizerRate: { kind: 'cosine', first: 1e-3, last: 1e-6 },
        steepness: { kind: 'linear', first: 3, last: 100 },
      }),
      samples: 32_768,
      refit: true,
      validation: { samples: 10_000, every, patience: null },
    }
  }
  return fail('OHM7002', `there is no preset ${JSON.stringify(name.slice(0, 60))}`, {
    hint: `presets: ${PRESETS.join(', ')}`,
  })
}

function checkOptions(name: string, options: PresetOptions): void {
  knownOptions<PresetOptions>('preset', options, {
    levels: true,
    channels: true,
    snrDb: true,
    iterations: true,
    schedule: true,
    gradient: true,
  })
  const { levels = 2, channels = 1, snrDb, iterations = 1, schedule, gradient } = options
  wholeNumber('levels', levels, 2, LIMITS.levels)
  wholeNumber('channels', channels, 1, LIMITS.width)
  wholeNumber('iterations', iterations, 1, 1e9)
  if (snrDb !== undefined && (name !== 'symbol-detection' || !(Math.abs(snrDb) <= 200)))
    fail('OHM7002', `snrDb is ${snrDb}; it goes with symbol-detection, from -200 to 200`)
  const word = (key: string, value: string | undefined, words: readonly string[]) => {
    if (value !== undefined && !words.includes(value))
      fail('OHM7002', `${key} is ${JSON.stringify(value)}; it must be one of ${words.join(', ')}`)
  }
  word('schedule', schedule, SCHEDULES)
  word('gradient', gradient, GRADIENT_RULES)
}
