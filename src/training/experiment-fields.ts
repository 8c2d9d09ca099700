/**
 * Everything an experiment file may say, as one table: the reader checks by it, schemas/experiment.schema.json and
 * docs/experiment-fields.md are written from it.
 */
import type { KeyField, KeyTable } from '../base/key-table.ts'
import { LIMITS } from '../network/check.ts'
import { metricNames } from '../task/metric.ts'
import { GRADIENT_RULES } from './experiment.ts'
import { PRESETS, SCHEDULES } from './presets.ts'

export const EXPERIMENT_FORMAT = 'ohmbit/experiment/1'

const whole = (meaning: string, low: number, high: number): KeyField => ({
  kind: 'number',
  whole: true,
  low,
  high,
  meaning,
})
const number = (meaning: string, low: number, high: number): KeyField => ({ kind: 'number', low, high, meaning })
const positive = (meaning: string, high = 1e30): KeyField => ({
  kind: 'number',
  low: 0,
  above: true,
  high,
  meaning,
})
const yes = (meaning: string): KeyField => ({ kind: 'boolean', meaning })
const must = (field: KeyField): KeyField => ({ ...field, required: true })

/** A file inside the folder of the experiment. Where its links lead is checked when it is opened. */
const PLAIN_PATH = /^(\.\/)?(?!\.\.?(\/|$))[^/\\\0]+(\/(?!\.\.?(\/|$))[^/\\\0]+)*$/
const file = (meaning: string): KeyField => ({
  kind: 'text',
  most: 400,
  pattern: PLAIN_PATH,
  rule: 'a path inside the folder of the experiment, without ".."',
  meaning,
})

const schedule = (meaning: string, high: number): KeyField => {
  const value = (what: string) => must(number(what, 0, high))
  return {
    kind: 'choice',
    meaning,
    partial: 'keys that change the schedule there is',
    of: {
      constant: { value: value('the value') },
      linear: { first: value('at the begin'), last: value('at the end; a straight line over the budget') },
      cosine: { first: value('at the begin'), last: value('at the end; half a cosine over the budget') },
      'inverse-root': { first: value('first / sqrt(t)'), least: value('never below') },
      ramp: { first: value('first + rise t'), rise: value('an iteration'), most: value('never above') },
      stairs: {
        first: value('first + rise ceil(t / every)'),
        rise: value('a step'),
        every: must(whole('iterations a step', 1, 1e9)),
        most: value('never above'),
      },
    },
  }
}

const layers = (part: string): KeyField => ({
  kind: 'list',
  least: 1,
  most: LIMITS.layers,
  meaning: `layers of the ${part}, from its input on`,
  of: {
    kind: 'object',
    meaning: 'a dense layer',
    fields: {
      outputs: must(whole('units', 1, LIMITS.width)),
      activation: must({ kind: 'word', words: ['tanh', 'relu', 'sigmoid', 'linear'], meaning: 'behind the weights' }),
    },
  },
})

const size = (meaning: string, high: number = LIMITS.width) => must(whole(meaning, 1, high))
const range = (meaning: string, low: number, high: number, above?: true): KeyField => ({
  kind: 'number',
  low,
  high,
  ...(above === undefined ? {} : { above }),
  mayBeRange: true,
  required: true,
  meaning,
})

/** The keys of an experiment file. */
export const EXPERIMENT_FIELDS: KeyTable = {
  $schema: { kind: 'text', most: 1000, meaning: 'path of the schema, for editors' },
  format: { kind: 'word', words: [EXPERIMENT_FORMAT], required: true, meaning: 'format and version of the file' },
  name: { kind: 'text', most: 200, meaning: 'of the network; default: the name of the preset, network or file' },
  preset: { kind: 'word', words: PRESETS, meaning: 'what all other keys change' },
  levels: whole('I, levels of the quantizer', 2, LIMITS.levels),
  channels: whole('K, scalar quantizers; with a preset. Else the last layer of the encoder says it', 1, LIMITS.width),
  snrDb: number('signal-to-noise ratio in dB; with preset symbol-detection', -200, 200),
  task: {
    kind: 'choice',
    meaning: 'what vectors are drawn from, and what the network says it is for',
    of: {
      'sparse-recovery': {
        N: size('length of the sparse signal'),
        M: size('measurements, at most N'),
        S: size('nonzeros, at most N'),
        noiseVariance: must(number('of each measurement', 0, 1e30)),
        sensing: { kind: 'word', words: ['dct', 'gaussian'], meaning: 'matrix; default dct' },
      },
      'channel-estimation': {
        antennas: size('of the receiver'),
        users: size('at most as many as pilots'),
        pilots: size('symbols'),
        snr: range('signal-to-noise ratio (linear), or [low, high]', 0, 1e30, true),
      },
      'symbol-detection': {
        antennas: size('of the receiver'),
        users: size('bits a vector', 15),
        snrDb: range('1 / noise variance in dB, or [low, high]', -200, 200),
        csiError: number('relative variance of the channel error; default 0', 0, 1e30),
      },
    },
  },
  data: {
    kind: 'object',
    meaning: 'own vectors, .npy, vectors x components, instead of those of a task',
    fields: {
      inputs: must(file('measurements')),
      truth: must(file('signals, k columns of +-1 or one column of class labels')),
      validationInputs: file('measurements training never sees; default: every tenth vector of `inputs`'),
      validationTruth: file('their truth'),
    },
  },
  from: file('network to go on from, in any format that `ohmbit import` reads'),
  encoder: layers('encoder'),
  decoder: layers('decoder'),
  metric: { kind: 'word', words: metricNames, meaning: "validation score; default: the task's, else by shape" },
  loss: {
    kind: 'word',
    words: ['squared-error', 'cross-entropy'],
    meaning: 'sum over components, or over 2^k classes; default: by metric',
  },
  quantizer: {
    kind: 'object',
    meaning: 'how the quantizer begins, and what of it learns',
    fields: {
      range: positive('thresholds begin evenly on +-range', 1e6),
      amplitude: positive('sum of the amplitudes at the begin', 1e6),
      learnAmplitudes: yes('levels learn'),
      learnThresholds: yes('thresholds learn'),
      levelRule: {
        kind: 'word',
        words: ['saturated', 'soft-midpoint'],
        meaning: 'levels of the hard quantizer: eq. (33) of [0], or eq. (5) of [1]',
      },
    },
  },
  gradient: { kind: 'word', words: GRADIENT_RULES, meaning: 'how the quantizer is trained through' },
  schedule: { kind: 'word', words: SCHEDULES, meaning: 'rate, quantizerRate, steepness and blend together' },
  rate: schedule('of weights and biases', 1e30),
  quantizerRate: schedule('of amplitudes and thresholds', 1e30),
  steepness: schedule('h', 1e6),
  blend: schedule("of the soft quantizer's own gradient, 0 to 1", 1e6),
  adam: {
    kind: 'object',
    meaning: 'constants of Adam; default 0.9, 0.999, 1e-8',
    fields: {
      beta1: number('below 1', 0, 0.999999),
      beta2: number('below 1', 0, 0.999999999),
      epsilon: positive('', 1),
    },
  },
  iterations: whole('of each run', 1, 1e9),
  batch: whole('vectors of a batch', 1, 65536),
  samples: whole('vectors of the training set, drawn from the task', 1, 2 ** 31),
  seed: whole('of beginnings, vectors and batches', 0, 2 ** 32 - 1),
  restarts: whole('runs from different beginnings; validation chooses', 1, 1000),
  validation: {
    kind: 'object',
    meaning: 'looks with the hard quantizer',
    fields: {
      samples: whole('vectors drawn from the task, none of them in the training set', 1, 2 ** 30),
      every: whole('iterations between two looks', 1, 1e9),
      patience: {
        ...whole('a run ends when more looks than this in a row bring no better score; null = never', 0, 1e9),
        nullable: true,
      } as KeyField,
    },
  },
  refit: yes('least squares for the last digital layer at the end, where it scores better'),
  profile: { kind: 'text', most: 400, meaning: 'hardware to train through: id of a preset, or a file beside' },
  hardware: {
    kind: 'object',
    meaning: 'with a profile',
    fields: {
      clip: {
        ...positive('encoder weights are kept within so many standard deviations; default 1.7, null = not', 1e6),
        nullable: true,
      } as KeyField,
      refresh: whole('iterations that share a chip; default 1', 1, 1e9),
      seed: whole("of the chips; default: the experiment's", 0, 2 ** 32 - 1),
      set: {
        kind: 'list',
        least: 0,
        most: 100,
        of: { kind: 'text', most: 1000, meaning: 'PATH=VALUE' },
        meaning: 'changed values of the profile, e.g. "device.devicesPerSide=4"',
      },
    },
  },
}
