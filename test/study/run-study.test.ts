import { appendFileSync, copyFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { engine, withEngine } from '../../src/numerics/kernels/module.ts'
import type { ShardEngine } from '../../src/study/engine/engine.ts'
import { runShard, shardRunner } from '../../src/study/engine/shard.ts'
import { runStudy } from '../../src/study/run.ts'
import { resumeStudy, runInFolder, runInMemory, type StudyProgress, studyState } from '../../src/study/run-study.ts'
import { readStudyFolder } from '../../src/study/store/read-study-file.ts'
import { generateSamples } from '../../src/task/generate.ts'
import { FIRST } from '../../src/task/stream.ts'
import { emptyFolder } from '../support/cli.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { folderHashes } from '../support/folder.ts'
import { gridStudy, quickProfile, smallStudy } from '../support/study.ts'

const fresh = () => join(emptyFolder(), 'study')

describe('a study in memory and in a folder', () => {
  it('gives the same result', async () => {
    const study = await gridStudy()
    const folder = fresh()
    const inMemory = await runInMemory(study)
    expect(await runInFolder(study, folder, false)).toEqual(inMemory)
    expect(inMemory.points).toHaveLength(4)
    expect(inMemory.points.every(({ chips }) => chips === 8)).toBe(true)
    expect(Object.keys(folderHashes(folder))).toEqual([
      'inputs/network0.calibration.npy',
      'inputs/network0.inputs.npy',
      'inputs/network0.safetensors',
      'inputs/network0.truth.npy',
      'inputs/profile.json',
      'result.json',
      'rounds/0000.json',
      ...[0, 1, 2, 3].flatMap((p) => [`c0000000-n5`, `c0000005-n3`].map((c) => `shards/p0000${p}-${c}.parquet`)),
      'study.json',
    ])
  })

  it('the study that is read back is the study', async () => {
    const study = await gridStudy({
      until: { of: 'yield', halfWidth: 0.01 },
      attributions: ['shapley'],
      importance: { path: 'adc.comparator.offsetSigma', scale: 2 },
      requirement: null,
    })
    const folder = fresh()
    await runInFolder({ ...study, until: null, importance: null, attributions: [] }, folder, false)
    const read = (await readStudyFolder(folder)).study
    expect(read).toEqual({ ...study, until: null, importance: null, attributions: [] })
  })

  it('chips are those of their key: another first chip, another shard size, the same rows', async () => {
    const study = await smallStudy({ chips: 6, shardChips: 6 })
    const point = study.points[0]!
    const all = runShard(shardRunner(study), point, { point: 0, firstChip: 0, chips: 6 })
    const runner = shardRunner(study)
    const later = runShard(runner, point, { point: 0, firstChip: 4, chips: 2 })
    const earlier = runShard(runner, point, { point: 0, firstChip: 0, chips: 4 })
    expect([...earlier, ...later]).toEqual(all)
    expect(new Set(all.map(({ value }) => value)).size).toBe(6)
  })

  it('a study of no loss scores what the ideal network scores', async () => {
    const { profile } = await smallStudy()
    const study = await smallStudy({
      profile,
      chips: 2,
      points: [{ index: 0, network: 0, values: {}, mechanisms: [] }],
    })
    const result = await runInMemory(study)
    expect(result.metric.mean).toBe(result.networks[0]!.ideal)
    expect(result.metric.standardDeviation).toBe(0)
  })
})

describe('runStudy', () => {
  it('takes a deployment and the keys of a study file', async () => {
    const network = fixtureNetwork('vqcs_n7_K10_1bit')
    const deployment = deploy(network, await quickProfile())
    const result = await runStudy(deployment, { chips: 30, seed: 4, samples: 40, require: 'nmseDb <= -3' })
    expect(result).toMatchObject({ kind: 'monte-carlo', chips: 30, seed: 4, vectors: 40 })
    expect(result.yield!.requirement).toBe('nmseDb <= -3')
    // The same chips, the same vectors.
    const { inputs, truth } = generateSamples(network.task!, { samples: 40, seed: 4, first: FIRST.test })
    const simulated = simulate(deployment, { chips: 30, seed: 4, inputs, truth, waterfallChips: 1 })
    expect(result.metric.mean).toBeCloseTo(simulated.metric.deployed.mean, 12)
    expect(result.metric.quantiles.at(-1)!.value).toBeLessThanOrEqual(Math.max(...simulated.metric.deployed.perChip))
    const folder = fresh()
    const options = { chips: 30, seed: 4, inputs, truth, require: 'nmseDb <= -3', folder }
    expect(await runStudy(deployment, options)).toEqual({ ...result })
    expect((await runStudy((await readStudyFolder(folder)).study)).metric).toEqual(result.metric)
    const axes = [{ path: 'device.programming.sigma', values: [0.01, 0.1] }] as const
    expect((await runStudy(deployment, { chips: 4, samples: 20, axes })).points).toHaveLength(2)
  })

  it('refuses keys that it does not know, or that do not fit', async () => {
    const deployment = deploy(fixtureNetwork('vqcs_n7_K10_1bit'), await quickProfile())
    await expect(runStudy(deployment, { chip: 3 } as object)).rejects.toMatchObject({ code: 'OHM8001' })
    await expect(runStudy(deployment, { chips: 0 })).rejects.toMatchObject({ code: 'OHM8001' })
    await expect(runStudy(deployment, { require: 'nmse < 3' })).rejects.toMatchObject({ code: 'OHM8001' })
    await expect(runStudy(await smallStudy(), { chips: 3 } as object)).rejects.toMatchObject({ code: 'OHM1204' })
    await expect(runStudy(deployment, { workers: 0 })).rejects.toMatchObject({ code: 'OHM5004' })
    const stopped = runStudy(deployment, { signal: AbortSignal.abort(new Error('never')) })
    await expect(stopped).rejects.toThrow('never')
  })
})

describe('a folder that was interrupted', () => {
  it('is gone on with at any moment, to the same bytes', async () => {
    const study = await gridStudy({ kind: 'grid', until: { of: 'mean', halfWidth: 0.001 }, chips: 24 })
    const whole = fresh()
    await runInFolder(study, whole, false)
    const folder = fresh()
    let stops = 0
    for (let chips = 3; stops < 40; chips += 7) {
      const abort = new AbortController()
      const onProgress = (p: StudyProgress) => {
        if (p.chips - p.before >= chips) abort.abort(new Error('enough'))
      }
      const done = await runInFolder(study, folder, false, { signal: abort.signal, onProgress }).then(
        () => true,
        (error) => {
          expect(error.message).toBe('enough')
          return false
        },
      )
      if (done) break
      stops++
    }
    expect(stops).toBeGreaterThan(3)
    expect(folderHashes(folder)).toEqual(folderHashes(whole))
  })

  it('damaged, cut, foreign and stray shards are run again, and counted', async () => {
    const study = await gridStudy()
    const whole = fresh()
    await runInFolder(study, whole, false)
    const wanted = folderHashes(whole)
    const shards = join(whole, 'shards')
    const [a, b, c, d] = readdirSync(shards)
      .sort()
      .map((name) => join(shards, name)) as [string, string, string, string]
    appendFileSync(a, 'x')
    truncateSync(b, 100)
    copyFileSync(d, c)
    rmSync(d)
    copyFileSync(c, join(shards, 'p00009-c0000000-n5.parquet'))
    writeFileSync(`${a}.0123456789ab.tmp`, 'half')
    writeFileSync(join(whole, 'result.json.0123456789ab.tmp'), 'half')
    const state = await studyState(whole)
    expect(state.damaged).toHaveLength(3)
    expect(state.walked).toMatchObject({ chips: 32, done: 32 - 5 - 3 - 5 - 3 })
    let latest: StudyProgress | null = null
    await resumeStudy(whole, {
      onProgress: (progress) => {
        latest = progress
      },
    })
    expect(latest).toMatchObject({ chips: 32, before: 16, of: 32, damaged: 3 })
    expect(folderHashes(whole)).toEqual(wanted)
  })

  it('a finished folder is read and stays as it is', async () => {
    const study = await gridStudy()
    const folder = fresh()
    const result = await runInFolder(study, folder, false)
    const before = folderHashes(folder)
    let ran = 0
    const engineOf = (): ShardEngine => ({ run: async () => void ran++, close: async () => {} })
    expect(await resumeStudy(folder, { engine: engineOf })).toEqual(result)
    expect(ran).toBe(0)
    expect(folderHashes(folder)).toEqual(before)
  })
})

describe('folders that are refused', () => {
  it('of another study, unless it is to be replaced', async () => {
    const folder = fresh()
    await runInFolder(await smallStudy(), folder, false)
    const other = await smallStudy({ seed: 2 })
    await expect(runInFolder(other, folder, false)).rejects.toMatchObject({ code: 'OHM8002' })
    const forced = await runInFolder(other, folder, true)
    expect(forced.seed).toBe(2)
    const anew = fresh()
    await runInFolder(other, anew, false)
    expect(folderHashes(folder)).toEqual(folderHashes(anew))
  })

  it('that are no study, or not a whole one', async () => {
    await expect(resumeStudy(emptyFolder())).rejects.toMatchObject({ code: 'OHM8002' })
    await expect(resumeStudy('/nowhere/at/all')).rejects.toMatchObject({ code: 'OHM8002' })
    const folder = fresh()
    await runInFolder(await smallStudy(), folder, false)
    appendFileSync(join(folder, 'inputs', 'profile.json'), ' ')
    await expect(resumeStudy(folder)).rejects.toThrow(/inputs\/profile\.json does not have the SHA-256/)
    await expect(runInFolder(await smallStudy(), emptyFolder().replace(/[^/]*$/, ''), false)).rejects.toMatchObject({
      code: 'OHM1006',
    })
  })

  it('while another run has them', async () => {
    const study = await smallStudy({ chips: 200 })
    const folder = fresh()
    const abort = new AbortController()
    let refused: unknown = null
    let asked: Promise<void> | null = null
    const onProgress = () => {
      asked ??= resumeStudy(folder).then(
        () => {},
        (error) => {
          refused = error.code
          abort.abort(new Error('enough'))
        },
      )
    }
    const settled = runInFolder(study, folder, false, { signal: abort.signal, onProgress }).catch((e) => e.message)
    expect(await settled).toBe('enough')
    await asked
    expect(refused).toBe('OHM8003')
  })
})

describe('kernels', () => {
  it('a folder is gone on with by the kernels it was begun with', async () => {
    const study = await smallStudy({ chips: 10 })
    const whole = fresh()
    const folder = fresh()
    await withEngineAsync('reference', () => runInFolder(study, whole, false))
    const abort = new AbortController()
    const onProgress = (p: StudyProgress) => p.chips >= 5 && abort.abort(new Error('enough'))
    await withEngineAsync('reference', () =>
      runInFolder(study, folder, false, { signal: abort.signal, onProgress }),
    ).catch(() => {})
    expect(engine()).toBe('simd')
    await resumeStudy(folder)
    expect(engine()).toBe('simd')
    expect(folderHashes(folder)).toEqual(folderHashes(whole))
  })
})

async function withEngineAsync<T>(name: 'reference' | 'simd', work: () => Promise<T>): Promise<T> {
  const before = engine()
  withEngine(name, () => {})
  const { useEngine } = await import('../../src/numerics/kernels/module.ts')
  useEngine(name)
  try {
    return await work()
  } finally {
    useEngine(before)
  }
}
