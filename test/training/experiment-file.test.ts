import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { parseExperiment, presetExperiment } from '../../src/training/experiment-file.ts'
import { experimentPage, experimentSchema } from '../../src/training/experiment-schema.ts'
import { PRESETS, preset, SCHEDULES, type schedulesOf } from '../../src/training/presets.ts'
import { resolveExperiment, shapeText } from '../../src/training/resolve-experiment.ts'

const format = 'ohmbit/experiment/1'
const parse = (value: unknown, set: string[] = []) => parseExperiment(JSON.stringify(value, null, 1), 'e.json', set)
const problemsOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
  return []
}
const resolve = (rest: object, given = {}) => resolveExperiment(parse({ format, ...rest }), given)

const task = { kind: 'sparse-recovery', N: 8, M: 4, S: 1, noiseVariance: 0.01 }
const spelt = {
  task,
  levels: 4,
  encoder: [
    { outputs: 9, activation: 'tanh' },
    { outputs: 3, activation: 'tanh' },
  ],
  decoder: [{ outputs: 8, activation: 'linear' }],
}

/** Structure: what the schema can say. */
const ACCEPTED: object[] = [
  { preset: 'deepvqcs-n20', levels: 4, iterations: 10000, seed: 3 },
  ...PRESETS.map((name) => ({ preset: name })),
  ...SCHEDULES.map((schedule) => ({ preset: 'deepvqcs-n20', schedule })),
  spelt,
  { ...spelt, task: { kind: 'symbol-detection', antennas: 4, users: 2, snrDb: [8, 12], csiError: 0.2 } },
  { ...spelt, task: { kind: 'channel-estimation', antennas: 2, users: 1, pilots: 3, snr: 4 } },
  { preset: 'deepvqcs-n20', rate: { kind: 'inverse-root', first: 1e-2, least: 1e-4 } },
  { preset: 'deepvqcs-n20', steepness: { kind: 'stairs', first: 5, rise: 0.05, every: 100, most: 300 } },
  { preset: 'deepvqcs-n20', validation: { patience: null }, quantizer: { learnThresholds: true, range: 1 } },
  { from: './networks/mine.safetensors', profile: 'wan2022-1s', hardware: { clip: null, refresh: 2, set: ['a=1'] } },
  { ...spelt, data: { inputs: './y.npy', truth: 'folder/x.npy' } },
  { $schema: './experiment.schema.json', name: 'mine', preset: 'deepvqcs-n20', refit: true, adam: { beta1: 0 } },
]
const REFUSED: unknown[] = [
  { preset: 'deepvqcs-n21' },
  { preset: 'deepvqcs-n20', levls: 4 },
  { preset: 'deepvqcs-n20', levels: 1 },
  { preset: 'deepvqcs-n20', levels: 4.5 },
  { preset: 'deepvqcs-n20', levels: '4' },
  { preset: 'deepvqcs-n20', levels: 65537 },
  { preset: 'deepvqcs-n20', iterations: 0 },
  { preset: 'deepvqcs-n20', iterations: 1e10 },
  { preset: 'deepvqcs-n20', seed: -1 },
  { preset: 'deepvqcs-n20', seed: 2 ** 32 },
  { preset: 'deepvqcs-n20', batch: 0 },
  { preset: 'deepvqcs-n20', rate: 1e-3 },
  { preset: 'deepvqcs-n20', rate: { kind: 'cosin', first: 1, last: 0 } },
  { preset: 'deepvqcs-n20', rate: { kind: 'cosine', first: 1 } },
  { preset: 'deepvqcs-n20', rate: { kind: 'cosine', first: 1, last: -1 } },
  { preset: 'deepvqcs-n20', rate: { kind: 'cosine', first: 1, last: 0, least: 0 } },
  { preset: 'deepvqcs-n20', adam: { beta1: 1 } },
  { preset: 'deepvqcs-n20', adam: { epsilon: 0 } },
  { preset: 'deepvqcs-n20', quantizer: { range: 0 } },
  { preset: 'deepvqcs-n20', quantizer: { learnAmplitudes: 1 } },
  { preset: 'deepvqcs-n20', quantizer: { levelRule: 'given' } },
  { preset: 'deepvqcs-n20', validation: { samples: null } },
  { preset: 'deepvqcs-n20', gradient: 'hard' },
  { preset: 'deepvqcs-n20', schedule: 'slow' },
  { preset: 'deepvqcs-n20', metric: 'nmse' },
  { preset: 'deepvqcs-n20', refit: null },
  { ...spelt, encoder: [] },
  { ...spelt, encoder: [{ outputs: 3 }] },
  { ...spelt, encoder: [{ outputs: 3, activation: 'softmax' }] },
  { ...spelt, encoder: 'tanh' },
  { ...spelt, decoder: [3] },
  { ...spelt, task: 'sparse-recovery' },
  { ...spelt, task: { ...task, N: 0 } },
  { ...spelt, task: { ...task, K: 3 } },
  { ...spelt, task: { kind: 'symbol-detection', antennas: 4, users: 2, snrDb: [8, 9, 10] } },
  { ...spelt, task: { kind: 'channel-estimation', antennas: 2, users: 1, pilots: 3, snr: 0 } },
  { from: '../mine.safetensors' },
  { from: '/etc/passwd' },
  { from: 'a/../../b' },
  { from: '' },
  { from: 'a\\..\\b' },
  { ...spelt, data: { inputs: './y.npy' } },
  { ...spelt, data: { inputs: './y.npy', truth: '..' } },
  { preset: 'deepvqcs-n20', hardware: { clip: 0 } },
  { preset: 'deepvqcs-n20', hardware: { set: 'a=1' } },
]

describe('reader and schema', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(experimentSchema())

  for (const [i, rest] of ACCEPTED.entries())
    it(`both accept case ${i}`, () => {
      const value = { format, ...rest }
      expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
      expect(problemsOf(() => parse(value))).toEqual([])
    })

  for (const [i, rest] of REFUSED.entries())
    it(`both refuse case ${i}: ${JSON.stringify(rest).slice(0, 90)}`, () => {
      const value = { format, ...(rest as object) }
      expect(validate(value)).toBe(false)
      const problems = problemsOf(() => parse(value))
      expect(problems.length).toBeGreaterThan(0)
      for (const { code, at } of problems) {
        expect(code).toBe('OHM7002')
        expect(at?.pointer).toMatch(/^(\/|$)/)
        expect(at?.line).toBeGreaterThan(0)
      }
    })

  it('both refuse what is no experiment', () => {
    for (const value of [null, [], 'x', 3, {}, { format: 'ohmbit/profile/1' }]) {
      expect(validate(value)).toBe(false)
      expect(problemsOf(() => parse(value)).length).toBe(1)
    }
  })

  it('shipped schema and page are those of the table', () => {
    const shipped = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
    expect(shipped('schemas/experiment.schema.json')).toBe(`${JSON.stringify(experimentSchema(), null, 2)}\n`)
    expect(shipped('docs/experiment-fields.md')).toBe(experimentPage())
  })
})

describe('problems', () => {
  it('come together, with place and suggestion', () => {
    const problems = problemsOf(() =>
      parse({ format, preset: 'deepvqcs-n20', levls: 4, seed: -1, rate: { kind: 'x' } }),
    )
    expect(problems.map((p) => p.at?.pointer)).toEqual(['/levls', '/seed', '/rate'])
    expect(problems[0]!.hint).toMatch(/^did you mean "levels"\?/)
    expect(problems[0]!.at).toMatchObject({ file: 'e.json', line: 4 })
  })

  it('of hostile texts are few and short', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`.padEnd(100, 'x'), 1]))
    const problems = problemsOf(() => parse({ format, ...many }))
    expect(problems.length).toBe(50)
    for (const text of ['{"format":"ohmbit/experiment/1","__proto__":{"preset":"x"}}', `${'['.repeat(100)}`, '{'])
      expect(problemsOf(() => parseExperiment(text, 'e.json'))[0]!.code).toBe('OHM1005')
    expect(problemsOf(() => parseExperiment(' '.repeat(2 << 20), 'e.json'))[0]!.code).toBe('OHM1002')
  })

  it('changes from outside: dots lead inwards, later ones win, nothing reaches a prototype', () => {
    const { keys } = parse({ format, preset: 'deepvqcs-n20' }, [
      'levels=8',
      'levels=16',
      'rate={"kind":"constant","value":1}',
      'rate.value=0.5',
      'schedule=paper',
    ])
    expect(keys).toEqual({
      format,
      preset: 'deepvqcs-n20',
      levels: 16,
      rate: { kind: 'constant', value: 0.5 },
      schedule: 'paper',
    })
    expect(parse({ format, ...spelt }, ['encoder.1.outputs=5']).keys.encoder![1]!.outputs).toBe(5)
    const part = (...set: string[]) => resolveExperiment(presetExperiment('deepvqcs-n20', set))
    expect(shapeText(part('encoder.0.outputs=60', 'decoder.1.activation=relu').shape)).toBe(
      '10 -> 60 tanh -> 10 tanh | 4 levels | 80 tanh -> 80 relu -> 80 tanh -> 20 linear',
    )
    expect(part('task.noiseVariance=1e-3').task).toEqual({ ...preset('deepvqcs-n20').task, noiseVariance: 1e-3 })
    for (const bad of ['levels', '=4', '__proto__.x=1', 'a b=1'])
      expect(problemsOf(() => parse({ format }, [bad]))[0]!.code).toBe('OHM9001')
    expect(problemsOf(() => parse({ format }, ['constructor.prototype.x=1']))[0]!.code).toBe('OHM7002')
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})

describe('what an experiment means', () => {
  it('a preset alone is the preset, and every key changes it', () => {
    for (const name of PRESETS) expect(resolveExperiment(presetExperiment(name))).toEqual(preset(name))
    const e = resolve({ preset: 'deepvqcs-n20', levels: 16, channels: 15, iterations: 1000, seed: 3, batch: 10 })
    expect(shapeText(e.shape)).toBe('10 -> 75 tanh -> 15 tanh | 16 levels | 80 tanh -> 80 tanh -> 80 tanh -> 20 linear')
    expect(e).toMatchObject({ iterations: 1000, seed: 3, batch: 10, validation: { every: 50 } })
    expect(resolve({ preset: 'symbol-detection', snrDb: 13 }).task).toMatchObject({ snrDb: 13 })
    expect(resolve({ preset: 'symbol-detection', schedule: 'budget' })).toEqual(preset('symbol-detection'))
  })

  it('the variants of [0]: STE, Q and QG', () => {
    const at = (name: Parameters<typeof schedulesOf>[0]) => resolve({ preset: 'deepvqcs-n20', schedule: name })
    expect(at('paper-ste')).toMatchObject({ steepness: { value: 400 }, blend: { value: 0 } })
    expect(at('paper-q')).toMatchObject({ steepness: { rise: 0.05, every: 100, most: 300 }, blend: { value: 1 } })
    expect(at('paper-qg')).toMatchObject({ steepness: { rise: 1e-4 }, blend: { rise: 1e-6 } })
    expect(at('paper').steepness).toEqual({ kind: 'ramp', first: 5, rise: 1e-5, most: 300 })
  })

  it('some numbers of a schedule change the one there is; numbers that it does not have are refused', () => {
    const e = resolve({ preset: 'deepvqcs-n20', rate: { first: 1e-3 }, steepness: { last: 200 } })
    expect(e.rate).toEqual({ kind: 'cosine', first: 1e-3, last: 1e-6 })
    expect(e.steepness).toEqual({ kind: 'linear', first: 5, last: 200 })
    expect(resolve({ preset: 'deepvqcs-n20', schedule: 'paper', rate: { least: 1e-5 } }).rate).toEqual({
      kind: 'inverse-root',
      first: 1e-2,
      least: 1e-5,
    })
    for (const [rate, pointer] of [
      [{ rise: 1 }, '/rate/rise'],
      [{ frist: 1 }, '/rate/frist'],
      [{ first: -1 }, '/rate/first'],
      [{}, '/rate'],
    ] as const)
      expect(() => resolve({ preset: 'deepvqcs-n20', rate })).toThrow(
        expect.objectContaining({ problems: [expect.objectContaining({ at: expect.objectContaining({ pointer }) })] }),
      )
  })

  it('amplitudes move as far in long runs as in short ones', () => {
    const first = (iterations: number) => resolve({ preset: 'deepvqcs-n20', iterations }).quantizerRate
    expect(first(1e4)).toMatchObject({ first: 1e-4 })
    expect(first(1e6)).toEqual({ kind: 'cosine', first: 1e-5, last: 5e-9 })
  })

  it('everything spelt out', () => {
    const e = resolve(spelt)
    expect(shapeText(e.shape)).toBe('4 -> 9 tanh -> 3 tanh | 4 levels | 8 linear')
    expect(e).toMatchObject({ name: 'e', metric: 'nmseDb', loss: 'squared-error', task: { sensing: 'dct' } })
    const classes = { ...spelt, task: { kind: 'symbol-detection', antennas: 4, users: 3, snrDb: 9 } }
    expect(resolve(classes)).toMatchObject({ metric: 'ber', loss: 'cross-entropy' })
  })

  it('keys that contradict each other are refused', () => {
    const wrong: [object, string][] = [
      [{}, ''],
      [{ ...spelt, decoder: undefined }, ''],
      [{ ...spelt, channels: 3 }, '/channels'],
      [{ preset: 'deepvqcs-n20', snrDb: 3 }, '/snrDb'],
      [{ preset: 'deepvqcs-n20', hardware: {} }, '/hardware'],
      [{ ...spelt, task: { ...task, M: 9 } }, '/task/M'],
      [{ ...spelt, decoder: [{ outputs: 7, activation: 'linear' }] }, '/decoder/0/outputs'],
      [{ ...spelt, decoder: [{ outputs: 8, activation: 'tanh' }], refit: true }, '/refit'],
      [{ ...spelt, loss: 'cross-entropy' }, '/loss'],
      [{ preset: 'symbol-detection', refit: true }, '/refit'],
      [{ preset: 'deepvqcs-n80', samples: 2 ** 31 }, '/samples'],
      [{ preset: 'deepvqcs-n20', batch: 65536, encoder: [{ outputs: 32768, activation: 'tanh' }] }, '/batch'],
    ]
    for (const [rest, pointer] of wrong) {
      const problems = problemsOf(() => resolve(rest))
      expect(
        problems.map((p) => p.at?.pointer),
        JSON.stringify(rest),
      ).toContain(pointer)
    }
  })

  it('own data give the widths', () => {
    const own = { ...spelt, task: undefined, data: { inputs: 'y.npy', truth: 'x.npy' } }
    const e = resolve(own, { data: { count: 500, inputs: 6, truth: 8 } })
    expect(e).toMatchObject({ task: null, samples: 500, metric: 'nmseDb' })
    expect(e.shape.encoder[0]!.inputs).toBe(6)
    expect(resolve(own, { data: { count: 500, inputs: 6, truth: 3 } })).toMatchObject({ metric: 'ber' })
    expect(problemsOf(() => resolve(own, { data: { count: 500, inputs: 6, truth: 5 } })).length).toBeGreaterThan(0)
  })
})
