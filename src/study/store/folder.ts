/** The folder of a study: made, opened, tidied. */
import { join } from 'node:path'
import { fail } from '../../base/errors.ts'
import { kindOfPath, readBounded, writeAtomic, writeFolder } from '../../base/files.ts'
import { engine } from '../../numerics/kernels/module.ts'
import type { Round, Study } from '../study.ts'
import { version } from '../version.ts'
import { isStudy, readStudyFolder, type StudyOnDisk } from './read-study-file.ts'
import { STUDY_FILE, sha256, studyFiles } from './study-file.ts'

export const RESULT_FILE = 'result.json'

/**
 * Make a study's folder. One that holds the same study is gone on with.
 *
 * @param force  another study, or whatever stands there, gives way
 * @throws OHM8002 another study stands there, OHM1006 something else does
 */
export async function makeStudyFolder(folder: string, study: Study, force = false): Promise<void> {
  const kernels = engine()
  if (kernels === 'relaxed')
    fail('OHM9001', 'the kernels relaxed are not the same bits on every machine; a study takes simd or reference')
  const files = studyFiles(study, version, kernels)
  const wanted = sha256(files.get(STUDY_FILE)!)
  if (await isStudy(folder)) {
    const there = sha256(await readBounded(join(folder, STUDY_FILE)))
    if (there === wanted && !force) return
    if (!force)
      fail('OHM8002', `${folder} holds another study, or the same one by another version or other kernels`, {
        at: { file: join(folder, STUDY_FILE) },
        hint: 'choose another folder, go on with that study by `ohmbit study resume DIR`, or replace it with --force',
      })
  }
  await writeFolder(folder, files, async () => force)
}

/** Open a folder for running: its version must be this one. @throws OHM8002 */
export async function openStudyFolder(folder: string): Promise<StudyOnDisk> {
  if ((await kindOfPath(folder)) !== 'folder')
    fail('OHM8002', `${folder} is not a folder of a study`, {
      at: { file: folder },
      hint: 'make one with ohmbit study run SPEC -o DIR',
    })
  const disk = await readStudyFolder(folder)
  if (disk.version !== version)
    fail('OHM8002', `${folder} was begun by ohmbit ${disk.version}; this is ${version}, whose results may differ`, {
      at: { file: join(folder, STUDY_FILE) },
      hint: `go on with that version, or begin anew with --force`,
    })
  return disk
}

/** Name of the file that says what a round runs. */
export const roundName = (round: number): string => `rounds/${String(round).padStart(4, '0')}.json`

/** What a round runs, for people and for the tasks of a cluster. */
export async function writeRound(folder: string, round: number, { points, shards }: Round): Promise<void> {
  const list = (values: readonly unknown[]) =>
    values.length === 0 ? '[]' : `[\n${values.map((v) => `    ${JSON.stringify(v)}`).join(',\n')}\n  ]`
  const text = `{\n  "format": "ohmbit/study-round/1",\n  "round": ${round},\n  "points": ${list(points)},\n  "shards": ${list(
    shards.map(({ point, firstChip, chips }) => [point, firstChip, chips]),
  )}\n}\n`
  await writeAtomic(join(folder, roundName(round)), text)
}
