/**
 * Everything a study file may say, as one table: the reader checks by it, schemas/study.schema.json and
 * docs/study-fields.md are written from it.
 */
import type { KeyField, KeyTable } from '../../base/key-table.ts'
import { FIELD_PATHS } from '../../profile/fields.ts'
import { unknownPath } from '../../profile/set.ts'
import { metricNames } from '../../task/metric.ts'
import { EXPERIMENT_FIELDS } from '../../training/experiment-fields.ts'
import { ATTRIBUTIONS, STUDY_KINDS } from '../study.ts'

export const STUDY_FORMAT = 'ohmbit/study/1'

/** What a study may hold. */
export const MOST = {
  points: 100_000,
  rows: 1e9,
  chips: 2 ** 30,
  networks: 100,
  axes: 32,
  values: 10_000,
  shardChips: 1 << 20,
  shards: 1_000_000,
} as const

const must = (field: KeyField): KeyField => ({ ...field, required: true })
const whole = (meaning: string, low: number, high: number): KeyField => ({
  kind: 'number',
  whole: true,
  low,
  high,
  meaning,
})

/** A file in the study's folder or below. Where its links lead is checked when it is opened. */
const PLAIN_PATH = /^(\.\/)?(?!\.\.?(\/|$))[^/\\\0]+(\/(?!\.\.?(\/|$))[^/\\\0]+)*$/
const file = (meaning: string): KeyField => ({
  kind: 'text',
  most: 400,
  pattern: PLAIN_PATH,
  rule: 'a path inside the folder of the study, without ".."',
  meaning,
})

const PATH_RULE = 'a path of the profile'
const profilePath = (meaning: string): Extract<KeyField, { kind: 'word' }> => ({
  kind: 'word',
  words: FIELD_PATHS,
  rule: PATH_RULE,
  wayOut: (word) =>
    word === 'network' ? 'several "networks" are an axis by themselves' : (unknownPath(word).hint ?? undefined),
  required: true,
  meaning,
})
const quantity = (meaning: string): KeyField => ({
  kind: 'value',
  rule: 'a number (SI), or a text with a unit',
  meaning,
})
const profileValue: KeyField = {
  kind: 'value',
  plain: true,
  rule: 'a value of the profile: a number (SI), a text (with a unit, or a word), true, false, null or a list',
  meaning: 'a value of the profile',
}
const text = (meaning: string, rule: string, most = 200): KeyField => ({ kind: 'text', most, rule, meaning })

const SCALE: KeyField = {
  kind: 'word',
  words: ['linear', 'logarithmic'],
  meaning: 'how the range is spaced; default linear',
}
const EXPRESSION = 'an expression, e.g. "2 * crossbar.wires.wordSegment"'

const axis: KeyField = {
  kind: 'object',
  meaning: 'one dimension of the design',
  fields: {
    path: profilePath('what changes'),
    values: {
      kind: 'either',
      of: [
        { kind: 'list', of: profileValue, least: 1, most: MOST.values, meaning: 'values' },
        text('values', 'an expression that gives a list, e.g. "[0.5, 1, 2, 5] ohm"', 4000),
      ],
      meaning: 'values one by one; numbers are SI, texts carry their unit',
    },
    range: {
      kind: 'list',
      of: quantity('end'),
      least: 2,
      most: 2,
      meaning: '[low, high], to be sampled, or the ends of corners',
    },
    scale: SCALE,
    count: whole('with a range in grid and ageing: so many evenly spaced values, ends included', 2, MOST.values),
    expression: text('follows from the other axes and the profile; adds no points', EXPRESSION, 4000),
  },
}

/** The keys of a study file. */
export const STUDY_FIELDS: KeyTable = {
  $schema: { kind: 'text', most: 1000, meaning: 'path of the schema, for editors' },
  format: { kind: 'word', words: [STUDY_FORMAT], required: true, meaning: 'format and version of the file' },
  name: {
    kind: 'text',
    most: 200,
    pattern: /^\P{Cc}+$/u,
    rule: 'a text of at most 200 characters, without control characters',
    meaning: 'title of figures and pages; default: the name of the file',
  },
  kind: {
    kind: 'word',
    words: STUDY_KINDS,
    meaning: 'how points are placed on the axes, or what else is asked; default: grid with axes, monte-carlo without',
  },
  network: file('network, in any format that `ohmbit import` reads'),
  networks: {
    kind: 'list',
    of: file('network'),
    least: 1,
    most: MOST.networks,
    meaning: 'several networks, an axis by themselves: every point is run with each',
  },
  deployment: file('folder made by `ohmbit deploy`, in place of network and profile'),
  profile: { kind: 'text', most: 400, meaning: 'hardware: id of a preset, or a file beside' },
  set: {
    kind: 'map',
    words: profilePath('path'),
    of: profileValue,
    most: 200,
    meaning: 'changed values of the profile, for all points: {"adc.dac.bits": 8}',
  },
  task: { ...EXPERIMENT_FIELDS['task']!, meaning: 'what vectors are drawn from; default: the task of each network' },
  calibration: file('.npy, vectors that signal ranges are taken from; default: drawn from the task'),
  samples: whole('vectors drawn from the task that each chip is scored on; default 500', 1, 10_000_000),
  inputs: file('.npy, own vectors in place of drawn ones, vectors x measurements'),
  truth: file('.npy, signals behind `inputs`, or class labels'),
  metric: { kind: 'word', words: metricNames, meaning: "score; default: the task's, else by shape" },
  axes: { kind: 'list', of: axis, least: 1, most: MOST.axes, meaning: 'what changes from point to point' },
  points: whole(
    'number of points (latin-hypercube, sobol), or of base points (sobol-indices: n (axes + 2) points in all); powers of two are best',
    2,
    MOST.points,
  ),
  chips: whole('of each point; with until at most so many; default 100, with until 10000', 1, MOST.chips),
  firstChip: whole('number of the first chip; default 0', 0, 2 ** 32 - 1),
  seed: whole('of chips, vectors and sampled points; default 0', 0, 2 ** 32 - 1),
  require: text(
    'what a good chip keeps: gives the yield',
    'a requirement such as "nmseDb <= -8" or "nmseDb loss <= 0.5"',
  ),
  until: text(
    'chips are added to each point until the half width of a 95 % interval is so small',
    'a target such as "yield +- 1 %", "median +- 0.05 dB" or "mean +- 0.05 dB"',
  ),
  attributions: {
    kind: 'list',
    of: { kind: 'word', words: ATTRIBUTIONS, meaning: 'how losses are attributed' },
    least: 1,
    most: ATTRIBUTIONS.length,
    meaning: 'of kind sensitivity: how the loss is attributed to the mechanisms; default: all',
  },
  importance: {
    kind: 'object',
    meaning: 'draws one standard deviation wider, so that rare failures are seen more often',
    fields: {
      path: profilePath('the standard deviation'),
      scale: must({ kind: 'number', low: 1, above: true, high: 100, meaning: 'factor on it' }),
    },
  },
  loosest: {
    kind: 'object',
    meaning: 'of kind loosest: the value that is looked for',
    fields: {
      path: profilePath('the parameter'),
      tight: must(quantity('end at which the requirement is kept more easily')),
      loose: must(quantity('the other end; either may be the larger')),
      scale: SCALE,
      yield: must(quantity('share of the chips that must keep the requirement, e.g. "99 %"')),
      tolerance: {
        kind: 'number',
        low: 1e-6,
        high: 1,
        meaning: 'relative width of the answer at which the search ends; default 0.05',
      },
    },
  },
  shardChips: whole(
    'chips of a shard, the unit of work; default: by the number of vectors, chips and points',
    1,
    MOST.shardChips,
  ),
}
