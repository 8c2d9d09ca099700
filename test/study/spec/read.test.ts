import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256Hex } from '../../../src/base/hash.ts'
import { deploy } from '../../../src/deployment/deploy.ts'
import { planSimulation } from '../../../src/deployment/simulate.ts'
import { writeDeployment } from '../../../src/deployment/store.ts'
import { readMatrix } from '../../../src/network/data.ts'
import { readNetwork } from '../../../src/network/read.ts'
import { readProfile, setProfileValues } from '../../../src/profile/read.ts'
import { programOf } from '../../../src/study/program.ts'
import { readStudy } from '../../../src/study/spec/read.ts'
import { studyFiles } from '../../../src/study/store/study-file.ts'

const base = { format: 'ohmbit/study/1', network: 'model.onnx', profile: 'reram-1t1r', samples: 30 }
const WORD = 'crossbar.wires.wordSegment'
const BIT = 'crossbar.wires.bitSegment'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohmbit-study-'))
  await cp('examples/vqcs_n20_I4', folder, { recursive: true })
  await cp('examples/vqcs_n20_I4', join(folder, 'other'), { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const read = async (spec: object, overrides = {}) => {
  const file = join(folder, 'study.json')
  await writeFile(file, JSON.stringify(spec))
  return readStudy(file, overrides)
}
const network = await readNetwork('examples/vqcs_n20_I4/model.onnx')
const profile = await readProfile('reram-1t1r')

describe('a study file', () => {
  it('says everything: by default 100 chips, 500 vectors, seed 0, the metric of the task', async () => {
    const { study, cost, warnings } = await read({ ...base, samples: undefined })
    expect(study).toMatchObject({
      ...{ name: 'study', kind: 'monte-carlo', chips: 100, firstChip: 0, seed: 0, metric: 'nmseDb', axes: [] },
      ...{ requirement: null, until: null, attributions: [], importance: null, loosest: null, shardChips: 2 },
      points: [{ index: 0, network: 0, values: {}, mechanisms: 'all' }],
    })
    expect(study.profile).toEqual(profile)
    expect(cost).toEqual({ points: 1, chipRuns: 100, vectors: 50_000, shards: 50, atMost: false })
    expect(warnings).toEqual([])
  })

  it('vectors and ranges are those of simulate --samples', async () => {
    const { study } = await read({ ...base, seed: 5 })
    const deployment = deploy(network, profile)
    const plan = planSimulation(deployment, { samples: 30, seed: 5 })
    const [one] = study.networks
    expect(one!.inputs).toEqual(plan.inputs)
    expect(one!.truth).toEqual(plan.truth)
    expect(one!.scales).toEqual(deployment.scales)
    expect(one!.calibration).toEqual(deployment.calibration)
    expect(study.metric).toBe(plan.metric)
  })

  it('the same file gives the same bytes', async () => {
    const spec = {
      ...base,
      kind: 'sobol',
      points: 16,
      axes: [
        { path: WORD, range: ['0.5 ohm', '5 ohm'], scale: 'logarithmic' },
        { path: BIT, expression: `2 * ${WORD}` },
      ],
      seed: 9,
    }
    const bytes = async () => [...studyFiles((await read(spec)).study, '0', 'simd')]
    const first = await bytes()
    expect(first.length).toBeGreaterThan(4)
    expect(await bytes()).toEqual(first)
    const other = await read({ ...spec, seed: 10 })
    expect(other.study.points).not.toEqual((await read(spec)).study.points)
  })

  it('derived axes follow the point, and the profile where the point says nothing', async () => {
    const { study } = await read({
      ...base,
      axes: [
        { path: BIT, expression: `2 * crossbar.wires.driver + ${WORD}` },
        { path: 'crossbar.wires.driver', expression: `${WORD} * adc.dac.bits / 3` },
        { path: WORD, values: '1, 2.5 ohm' },
      ],
      set: { 'adc.dac.bits': 6 },
    })
    expect(study.kind).toBe('grid')
    expect(study.points.map(({ values }) => values)).toEqual([
      { [WORD]: 1, 'crossbar.wires.driver': 2, [BIT]: 5 },
      { [WORD]: 2.5, 'crossbar.wires.driver': 5, [BIT]: 12.5 },
    ])
    expect(study.axes).toEqual([
      { path: BIT, derived: true },
      { path: 'crossbar.wires.driver', derived: true },
      { path: WORD, values: [1, 2.5], derived: false },
    ])
    expect(study.profile.adc.dac.bits).toBe(6)
  })

  it('lists, texts and units are the same values', async () => {
    const valuesOf = async (values: unknown) =>
      (await read({ ...base, axes: [{ path: WORD, values }] })).study.axes[0]!.values
    const truth = [0.1, 0.3, 0.7, 1000]
    for (const values of [
      truth,
      ['100 mohm', '0.3 ohm', '0.7 ohm', '1 kohm'],
      '[0.1, 0.3, 0.7, 1000] ohm',
      '0.1, 0.3, 0.7, 1000 ohm',
      '100 mohm, 300 mohm, 700 mohm, 1 kohm',
      '[100 mohm, 300 mohm, 700 mohm, 1 kohm]',
    ])
      expect(await valuesOf(values)).toEqual(truth)
  })

  it('a range with a count is spaced evenly, its ends exact', async () => {
    const { study } = await read({
      ...base,
      axes: [
        { path: WORD, range: ['1 ohm', '100 ohm'], scale: 'logarithmic', count: 5 },
        { path: 'adc.dac.bits', range: [4, 8], count: 3 },
      ],
    })
    const [ohms, bits] = study.axes
    expect(bits!.values).toEqual([4, 6, 8])
    expect(ohms!.values![0]).toBe(1)
    expect(ohms!.values!.at(-1)).toBe(100)
    for (const [k, x] of ohms!.values!.entries()) expect(x).toBeCloseTo(10 ** (k / 2), 10)
  })

  it('words, null and tables are values too', async () => {
    const { study, warnings } = await read({
      ...base,
      axes: [
        { path: 'adc.search', values: 'linear, binary' },
        { path: 'adc.dac.bits', values: '4, null' },
      ],
    })
    expect(study.points.map(({ values }) => Object.values(values))).toEqual([
      ['linear', 4],
      ['linear', null],
      ['binary', 4],
      ['binary', null],
    ])
    expect(warnings).toEqual([])
  })

  it('several networks are an axis that changes last, on the same vectors', async () => {
    const { study, files } = await read({
      ...base,
      network: undefined,
      networks: ['model.onnx', 'other/model.onnx'],
      kind: 'corners',
      axes: [{ path: WORD, range: [1, 2] }],
    })
    expect(study.points.map(({ network, values }) => [network, values[WORD]])).toEqual([
      [0, profile.crossbar.wires.wordSegment],
      [0, 1],
      [0, 2],
      [1, profile.crossbar.wires.wordSegment],
      [1, 1],
      [1, 2],
    ])
    expect(study.points.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
    // Same name inside, same name of the file.
    expect(study.axes[0]).toEqual({ path: 'network', values: ['model.onnx', 'other/model.onnx'], derived: false })
    expect(study.networks[1]!.inputs).toBe(study.networks[0]!.inputs)
    expect(files.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      'study.json',
      'model.onnx',
      'manifest.json',
      'other/model.onnx',
      'other/manifest.json',
    ])
    for (const { path, sha256 } of files) expect(sha256).toBe(sha256Hex(new Uint8Array(await readFile(path))))
  })

  it('own vectors', async () => {
    const { study, cost } = await read({ ...base, samples: undefined, inputs: 'y.npy', truth: 'x.npy', chips: 10 })
    expect(study.networks[0]!.inputs).toEqual(await readMatrix(join(folder, 'y.npy')))
    expect(study.networks[0]!.truth).toEqual(await readMatrix(join(folder, 'x.npy')))
    expect(cost).toMatchObject({ chipRuns: 10, vectors: 20_000 })
  })

  it('goals', async () => {
    const { study, cost } = await read({ ...base, require: 'nmseDb <= -8', until: 'yield \u00b1 0.7 %' })
    expect(study.requirement).toEqual({ metric: 'nmseDb', loss: false, limit: -8 })
    expect(study.until).toEqual({ of: 'yield', halfWidth: 0.007 })
    expect(study.chips).toBe(10_000)
    expect(cost.atMost).toBe(true)
    expect((await read({ ...base, until: 'median +- 0.05 dB' })).study.until).toEqual({ of: 'median', halfWidth: 0.05 })
    expect((await read({ ...base, metric: 'mse', until: 'mean +- 1e-4' })).study).toMatchObject({
      metric: 'mse',
      until: { of: 'mean', halfWidth: 1e-4 },
    })
  })

  it('loosest, importance and attributions', async () => {
    const loosest = { path: WORD, tight: '100 mohm', loose: '20 ohm', yield: '99 %', scale: 'logarithmic' }
    const found = await read({ ...base, kind: 'loosest', require: 'nmseDb <= -8', loosest })
    expect(found.study.loosest).toEqual({
      ...{ path: WORD, tight: 0.1, loose: 20, logarithmic: true, yield: 0.99, tolerance: 0.05 },
    })
    expect(found.study.points).toEqual([])
    expect(programOf(found.study).next(0, () => [])!.points.length).toBeGreaterThan(1)
    expect(found.cost.points).toBeGreaterThan(5)
    const importance = { path: 'adc.comparator.offsetSigma', scale: 3 }
    const set = { 'adc.comparator.offsetSigma': '1 mV' }
    const rare = await read({ ...base, require: 'nmseDb <= -8', importance, set })
    expect(rare.study.importance).toEqual(importance)
    const sensitivity = await read({ ...base, kind: 'sensitivity', attributions: ['one-at-a-time'] })
    expect(sensitivity.study.points.map(({ mechanisms }) => mechanisms).slice(0, 3)).toEqual([
      [],
      'all',
      ['programming-error'],
    ])
    expect(sensitivity.study.attributions).toEqual(['one-at-a-time'])
  })

  it('an axis without effect is said', async () => {
    const { warnings } = await read({
      ...base,
      profile: 'ideal',
      axes: [{ path: 'device.programming.writeVerify.tolerance', values: [0.02, 0.05] }],
    })
    expect(warnings).toMatchObject([{ code: 'OHM1207', at: { pointer: '/axes/0' } }])
  })

  it('the command line wins', async () => {
    const { study } = await read(
      { ...base, chips: 3, seed: 1, set: { [WORD]: 2 } },
      { chips: 7, seed: 2, samples: 11, require: 'nmseDb <= -5', set: [`${WORD}=3 ohm`, 'adc.dac.bits=5'] },
    )
    expect(study).toMatchObject({ chips: 7, seed: 2, requirement: { limit: -5 } })
    expect(study.networks[0]!.inputs.rows).toBe(11)
    expect(study.profile).toEqual(await setProfileValues(profile, [`${WORD}=3 ohm`, 'adc.dac.bits=5']))
    const own = await read(
      { ...base, samples: undefined },
      {
        inputs: 'examples/vqcs_n20_I4/y.npy',
        truth: 'examples/vqcs_n20_I4/x.npy',
      },
    )
    expect(own.study.networks[0]!.inputs.rows).toBe(2000)
  })
})

describe('a deployment folder', () => {
  const made = deploy(network, profile, { calibration: { rows: 1, cols: 10, data: new Float64Array(10).fill(3) } })

  it('is a monte-carlo of it, on its own signal ranges', async () => {
    const dir = join(folder, 'deployed')
    await writeDeployment(dir, made)
    const { study, files } = await readStudy(dir, { chips: 5, set: ['adc.dac.bits=4'] })
    expect(study).toMatchObject({ name: 'deployed', kind: 'monte-carlo', chips: 5 })
    expect(study.networks[0]!.scales).toEqual(made.scales)
    expect(study.networks[0]!.calibration).toEqual(made.calibration)
    expect(study.profile).toEqual(await setProfileValues(profile, ['adc.dac.bits=4']))
    expect(files.map(({ path }) => path)).toEqual([join(dir, 'deployment.json')])
    const named = await read({ format: base.format, deployment: 'deployed', chips: 5, set: { 'adc.dac.bits': 4 } })
    expect({ ...named.study, name: 'deployed' }).toEqual(study)
    const grid = await readStudy(dir, { kind: 'grid', axes: [{ path: WORD, values: '[1, 2] ohm' }] })
    expect(grid.study.points.length).toBe(2)
  })
})

describe('shipped studies', async () => {
  const names = (await readdir('examples')).filter((name) => /^study-.*\.json$/.test(name))
  it('there are four', () => expect(names.length).toBeGreaterThanOrEqual(4))
  for (const name of names)
    it(name, async () => {
      const { study, warnings } = await readStudy(`examples/${name}`)
      // No axis without effect, no vectors out of thin air.
      expect(warnings.filter(({ code }) => code === 'OHM1207' || code === 'OHM5001')).toEqual([])
      const first = programOf(study).next(0, () => [])
      expect(first!.shards.length).toBeGreaterThan(0)
    })
})

describe('ends of the axes are deployed before anything runs', () => {
  const AGE = 'environment.timeSinceProgramming'
  it('what is to be known there is said once, with the point', async () => {
    const { warnings } = await read({
      ...base,
      kind: 'ageing',
      axes: [{ path: AGE, values: ['1 day', '30 day', '365 day', '3650 day'] }],
    })
    expect(warnings.length).toBe(1)
    expect(warnings[0]).toMatchObject({ code: 'OHM2001' })
    expect(warnings[0]!.message).toMatch(/at point 3 \(environment.timeSinceProgramming = 3650 days\)$/)
  })

  it('what cannot be deployed is refused', async () => {
    const axes = [
      { path: 'decoder.accumulatorBits', values: [32, 12] },
      { path: 'adc.dac.bits', values: [4, 8] },
    ]
    await expect(read({ ...base, axes })).rejects.toMatchObject({
      code: 'OHM4001',
      message: expect.stringMatching(/at point 2 \(decoder.accumulatorBits = 12, adc.dac.bits = 4\)$/),
      at: { pointer: '/axes' },
    })
  })
})
