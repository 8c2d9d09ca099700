/** `runStudy` of the public API. */
import { type OptionNames, onlyOptions } from '../base/options.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { type DeploymentStudyOptions, studyOf } from './of-deployment.ts'
import type { StudyResult } from './result.ts'
import { RUN_OPTIONS, type RunStudyOptions, runInFolder, runInMemory } from './run-study.ts'
import type { Study } from './study.ts'

export interface FolderOptions {
  /** Keep rows and result there; a study that was interrupted is gone on with. Default: in memory. */
  readonly folder?: string
  /** Replace what stands there. */
  readonly force?: boolean
}

type Run = RunStudyOptions & FolderOptions

const OPTIONS: OptionNames<Run> = { ...RUN_OPTIONS, folder: true, force: true }

/**
 * Many chips of a deployment, or of a study that `readStudy` read, and their statistics.
 *
 * The result has the same bits whatever the workers and interruptions.
 *
 * @param options  of a deployment also the keys of a study file: chips, seed, require, until, axes, ...
 * @throws OHM8001 keys that do not fit, OHM8002 and OHM8003 the folder, the signal's reason when it aborts
 */
export async function runStudy(deployment: Deployment, options?: Run & DeploymentStudyOptions): Promise<StudyResult>
export async function runStudy(study: Study, options?: Run): Promise<StudyResult>
export async function runStudy(
  subject: Deployment | Study,
  options: Run & DeploymentStudyOptions = {},
): Promise<StudyResult> {
  const isStudy = 'points' in subject
  const how = isStudy ? (options as Run) : onlyOptions<Run>(options, OPTIONS)
  const keys = Object.fromEntries(Object.entries(options).filter(([key]) => !Object.hasOwn(OPTIONS, key)))
  const { folder, force = false, ...run } = how
  const study = isStudy ? subject : await studyOf(subject, keys)
  return folder === undefined ? runInMemory(study, run) : runInFolder(study, folder, force, run)
}
