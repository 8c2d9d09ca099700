import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../base/errors.ts'
import { kindOfPath, writeAtomic } from '../base/files.ts'
import { analyse } from '../study/analysis/analyse.ts'
import { studyState } from '../study/run-study.ts'
import { CSV_BEGINS, pointsCsv, rowsCsv } from '../study/store/csv.ts'
import type { Run } from './command.ts'
import { ending, inputOf } from './shared.ts'
import { studyText } from './study-text.ts'

export const run: Run = async (invocation) => {
  const { args, options, style } = invocation
  const folder = args[0]!
  const [csv, points] = [options['csv'], options['points']] as (string | undefined)[]
  for (const file of [csv, points]) if (file !== undefined) ending(file, '.csv', 'a table')
  const { disk, walked, damaged } = await studyState(folder, true)
  const { study } = disk
  if (walked.done === 0)
    fail('OHM8002', `${folder} has no rows yet`, { at: { file: folder }, hint: `ohmbit study resume ${folder}` })
  const result = analyse(study, walked.points, walked.rowsOf)
  const force = options['force'] === true
  if (points !== undefined) {
    await mayWriteTable(points, force)
    await writeAtomic(points, pointsCsv(study, walked.points, result))
  }
  if (csv !== undefined) {
    await mayWriteTable(csv, force)
    await writePieces(csv, rowsCsv(study, walked.points, walked.rowsOf))
  }
  const finished = walked.open.length === 0
  const partial = finished
    ? []
    : [`not finished: ${walked.done} of ${walked.chips} chips; ohmbit study resume ${folder}`]
  const lost = damaged.length === 0 ? [] : [`${damaged.length} damaged shards are left out; resume runs them again`]
  return {
    result: { ...result, finished, damagedShards: damaged.length },
    text: [
      studyText(result, style),
      ...(partial.length + lost.length > 0 ? [[...partial, ...lost].join('\n')] : []),
      ...(csv === undefined && points === undefined
        ? []
        : [
            [points, csv]
              .filter((f) => f)
              .map((f) => `written: ${f}`)
              .join('\n'),
          ]),
    ].join('\n\n'),
    warnings: result.warnings,
    inputs: [await inputOf(join(folder, 'study.json'))],
    seed: study.seed,
  }
}

/** A table of ours begins as ours do; it may be written again. */
async function mayWriteTable(path: string, force: boolean): Promise<void> {
  const there = await kindOfPath(path)
  if (there === 'nothing' || (there === 'file' && (force || (await beginsAs(path, CSV_BEGINS))))) return
  fail('OHM1006', `${path} exists and was not made by ohmbit`, {
    at: { file: path },
    hint: 'choose another name, or pass --force',
  })
}

async function beginsAs(path: string, text: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(text.length), 0, text.length, 0)
    return new TextDecoder('latin1').decode(buffer.subarray(0, bytesRead)) === text
  } finally {
    await handle.close()
  }
}

/** A file that may be larger than memory, piece by piece into a temporary one, then renamed. */
async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const handle = await open(temporary, 'w')
    try {
      for (const piece of pieces) await handle.appendFile(piece)
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    fail('OHM1007', `cannot write ${path}: ${(error as Error).message}`, { at: { file: path } })
  }
}
