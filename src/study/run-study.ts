/** Run a study: in memory, or in a folder that can be interrupted at any moment and gone on with. */
import { join } from 'node:path'
import { removeFile, writeAtomic } from '../base/files.ts'
import { knownOptions, type OptionNames } from '../base/options.ts'
import { type Engine, engine as kernels, useEngine } from '../numerics/kernels/module.ts'
import { analyse } from './analysis/analyse.ts'
import type { ShardEngine } from './engine/engine.ts'
import { threadEngine } from './engine/threads.ts'
import { type LiveEstimate, liveEstimate } from './live.ts'
import { programOf } from './program.ts'
import type { StudyResult } from './result.ts'
import { makeStudyFolder, openStudyFolder, RESULT_FILE, writeRound } from './store/folder.ts'
import { takeLock } from './store/lock.ts'
import { isStudy, readStudyFolder, type StudyOnDisk } from './store/read-study-file.ts'
import { folderRows, memoryRows, type RowStore, tidyFolder } from './store/rows.ts'
import { removeStop, watchStop } from './store/stop.ts'
import type { Point, Shard, Study } from './study.ts'
import { type Walked, walk } from './walk.ts'

export interface StudyProgress {
  readonly round: number
  /** Chips that are done, of these that stood in the folder before, and of all rounds begun. */
  readonly chips: number
  readonly before: number
  readonly of: number
  /** Shards that were not as written and run again. */
  readonly damaged: number
  /** Of the point that had chips last. */
  readonly live: LiveEstimate | null
}

export interface RunStudyOptions {
  /** Threads at work, the calling one included. Default 1. */
  readonly workers?: number
  /** Runs the shards in place of threads. */
  readonly engine?: (study: Study) => ShardEngine
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: StudyProgress) => void
  /** Further files of a finished folder, by name: figures and a page. */
  readonly report?: (study: Study, result: StudyResult) => Promise<ReadonlyMap<string, string | Uint8Array>>
}

export const RUN_OPTIONS: OptionNames<RunStudyOptions> = {
  workers: true,
  engine: true,
  signal: true,
  onProgress: true,
  report: true,
}

/** Run a study in memory. @throws the signal's reason when it aborts */
export async function runInMemory(study: Study, options: RunStudyOptions = {}): Promise<StudyResult> {
  knownOptions<RunStudyOptions>('runStudy', options, RUN_OPTIONS)
  const engine = options.engine?.(study) ?? threadEngine(study, options.workers ?? 1)
  try {
    const walked = await run(study, memoryRows(), engine, options.signal ?? new AbortController().signal, options)
    return analyse(study, walked.points, walked.rowsOf)
  } finally {
    await engine.close()
  }
}

/**
 * Make a study's folder and run it; the same study that stands there is gone on with.
 *
 * @param force  replace what stands there
 * @throws OHM8002 another study stands there, OHM8003 another run has the folder, the signal's reason when it aborts
 */
export async function runInFolder(
  study: Study,
  folder: string,
  force: boolean,
  options: RunStudyOptions = {},
): Promise<StudyResult> {
  // Nobody's folder is replaced while it runs.
  if (force && (await isStudy(folder))) await (await takeLock(folder)).release()
  await makeStudyFolder(folder, study, force)
  return resumeStudy(folder, options)
}

/**
 * Go on with the study of a folder, to its end.
 *
 * The finished folder has the same bytes whatever the number of workers and of interruptions.
 */
export async function resumeStudy(folder: string, options: RunStudyOptions = {}): Promise<StudyResult> {
  knownOptions<RunStudyOptions>('runStudy', options, RUN_OPTIONS)
  const disk = await openStudyFolder(folder)
  const lock = await takeLock(folder)
  await removeStop(folder)
  const stop = watchStop(folder, lock.owner)
  const signal = AbortSignal.any([lock.lost, stop.signal, ...(options.signal === undefined ? [] : [options.signal])])
  try {
    return await withKernels(disk.engine, () => finish(folder, disk, signal, options))
  } finally {
    stop.end()
    await removeStop(folder)
    await lock.release()
  }
}

async function finish(
  folder: string,
  disk: StudyOnDisk,
  signal: AbortSignal,
  options: RunStudyOptions,
): Promise<StudyResult> {
  const { study } = disk
  const rows = folderRows(folder, disk)
  const engine = options.engine?.(study) ?? threadEngine(study, options.workers ?? 1)
  try {
    const walked = await run(study, rows, engine, signal, options, folder)
    const result = analyse(study, walked.points, walked.rowsOf)
    for (const [name, content] of (await options.report?.(study, result)) ?? [])
      await writeAtomic(join(folder, name), content)
    await tidyFolder(folder, walked.shards)
    await writeAtomic(join(folder, RESULT_FILE), `${JSON.stringify(result, null, 2)}\n`)
    return result
  } finally {
    await engine.close()
  }
}

async function run(
  study: Study,
  rows: RowStore,
  engine: ShardEngine,
  signal: AbortSignal,
  { onProgress }: RunStudyOptions,
  folder?: string,
): Promise<Walked> {
  const live = liveEstimate(study)
  const at = { round: 0, chips: 0, before: 0, of: 0 }
  const added = new Map<number, Point>()
  const points = ({ point }: Shard) => added.get(point) ?? study.points[point]!
  const tell = () => onProgress?.({ ...at, damaged: rows.damaged.size, live: live.latest() })
  return walk(
    study,
    programOf(study),
    rows,
    { engine, signal },
    {
      async onRound(round, what, there, missing) {
        for (const point of what.points) added.set(point.index, point)
        // A result of fewer rows is none.
        if (folder !== undefined && missing.length > 0) await removeFile(join(folder, RESULT_FILE))
        if (folder !== undefined) await writeRound(folder, round, what)
        const count = (shards: typeof there) => shards.reduce((n, { chips }) => n + chips, 0)
        at.round = round
        at.before += count(there)
        at.chips += count(there)
        at.of += count(there) + count(missing)
        for (const shard of there) live.add(points(shard), rows.read(shard)!)
        tell()
      },
      onShard(shard, made) {
        at.chips += shard.chips
        live.add(points(shard), made ?? rows.read(shard) ?? [])
        tell()
      },
      onChips(chips) {
        at.chips += chips
        tell()
      },
    },
  )
}

/**
 * How far the study of a folder is; runs nothing.
 *
 * @param anyVersion  also of one that another version made
 */
export async function studyState(
  folder: string,
  anyVersion = false,
): Promise<{ disk: StudyOnDisk; walked: Walked; damaged: readonly string[] }> {
  const disk = await (anyVersion ? readStudyFolder(folder) : openStudyFolder(folder))
  const rows = folderRows(folder, disk)
  const walked = await withKernels(disk.engine, () => walk(disk.study, programOf(disk.study), rows, null))
  return { disk, walked, damaged: [...rows.damaged] }
}

/** Run with the kernels that the study was begun with. */
async function withKernels<T>(wanted: Engine, work: () => Promise<T>): Promise<T> {
  const before = kernels()
  useEngine(wanted)
  try {
    return await work()
  } finally {
    useEngine(before)
  }
}
