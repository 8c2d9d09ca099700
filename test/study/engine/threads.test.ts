import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { runShard, shardRunner } from '../../../src/study/engine/shard.ts'
import { threadEngine } from '../../../src/study/engine/threads.ts'
import { runInFolder } from '../../../src/study/run-study.ts'
import type { Row, Shard, Study } from '../../../src/study/study.ts'
import { emptyFolder } from '../../support/cli.ts'
import { folderHashes } from '../../support/folder.ts'
import { gridStudy, smallStudy } from '../../support/study.ts'

/** Compiled; `npm test` builds first. */
const WORKER = new URL('../../../dist/study/engine/shard-worker.js', import.meta.url)

let study: Study
let shards: Shard[]
let wanted: Row[][]
beforeAll(async () => {
  expect(existsSync(WORKER)).toBe(true)
  study = await gridStudy({ chips: 6, shardChips: 2 })
  shards = study.points.flatMap(({ index }) => [0, 2, 4].map((c) => ({ point: index, firstChip: c, chips: 2 })))
  const runner = shardRunner(study)
  wanted = shards.map((shard) => runShard(runner, study.points[shard.point]!, shard))
})

/** A worker file that does something before it works as ever. */
function worker(before: string): string {
  const path = join(emptyFolder(), 'worker.mjs')
  writeFileSync(
    path,
    `import { existsSync, writeFileSync } from 'node:fs'
import run from ${JSON.stringify(WORKER.href)}
const flag = new URL('flag', ${JSON.stringify(pathToFileURL(path).href)})
export default (task) => { ${before}; return run(task) }`,
  )
  return path
}

async function run(workers: number, file: string, signal = new AbortController().signal) {
  const engine = threadEngine(study, workers, file)
  const done = new Map<Shard, readonly Row[]>()
  let calls = 0
  try {
    await engine.run({
      points: study.points,
      shards,
      signal,
      onShard: async (shard, rows) => {
        calls++
        done.set(shard, rows!)
      },
    })
  } finally {
    await engine.close()
  }
  expect(calls).toBe(shards.length)
  return shards.map((shard) => done.get(shard)!)
}

describe('shards on threads', () => {
  it('give the same rows whatever their number', async () => {
    for (const workers of [1, 2, 4]) expect(await run(workers, WORKER.pathname)).toEqual(wanted)
  })

  it('of a worker that died are run again', async () => {
    // With a shard in its hands, that nobody else will take.
    const take = 'Atomics.add(new Int32Array(task.turn), 0, 1)'
    const dies = worker(`if (!existsSync(flag)) { writeFileSync(flag, ''); ${take}; process.exit(3) }`)
    expect(await run(3, dies)).toEqual(wanted)
    const always = worker(`${take}; process.exit(3)`)
    // The calling thread does what the others do not.
    expect(await run(2, always)).toEqual(wanted)
  })

  it('a mistake in the study ends the run, and says where', async () => {
    const points = study.points.map((point) =>
      point.index === 3 ? { ...point, values: { ...point.values, 'crossbar.bitLines': 1 } } : point,
    )
    const broken = await gridStudy({ chips: 6, shardChips: 2, points })
    for (const workers of [1, 2]) {
      const engine = threadEngine(broken, workers, WORKER.pathname)
      const work = { points, shards, signal: new AbortController().signal, onShard: async () => {} }
      await expect(engine.run(work)).rejects.toThrow(/point 3, .*crossbar.bitLines = 1: /)
      await expect(engine.run(work)).rejects.toMatchObject({ code: 'OHM2003' })
      await engine.close()
    }
  })

  it('stop at once when they are asked to', async () => {
    const abort = new AbortController()
    const stalls = worker('for (;;) ;')
    const running = run(2, stalls, abort.signal)
    setTimeout(() => abort.abort(new Error('enough')), 500)
    await expect(running).rejects.toThrow('enough')
  })

  it('write the same folder with 1, 2 and 4 workers', async () => {
    const many = await smallStudy({ chips: 60, shardChips: 4, until: { of: 'mean', halfWidth: 0.01 } })
    const folders = [1, 2, 4].map((workers) => ({ workers, folder: join(emptyFolder(), 'study') }))
    for (const { workers, folder } of folders)
      await runInFolder(many, folder, false, {
        engine: (it) => threadEngine(it, workers, WORKER.pathname),
      })
    const [first, ...others] = folders.map(({ folder }) => folderHashes(folder))
    for (const other of others) expect(other).toEqual(first)
  })
})
