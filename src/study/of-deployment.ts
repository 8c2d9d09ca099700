/** A study of a deployment that is at hand. */
import { fail } from '../base/errors.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { idealNetwork } from '../deployment/run-chip.ts'
import { simulationData } from '../deployment/simulate.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { defaultMetric } from '../task/metric.ts'
import { checkImportance } from './importance.ts'
import { deployEnds } from './spec/ends.ts'
import { STUDY_FORMAT } from './spec/fields.ts'
import { type KeyOverrides, parseStudy } from './spec/file.ts'
import { changedProfile, outlineOf, resolveStudy, SAMPLES } from './spec/resolve.ts'
import type { Study, StudyNetwork } from './study.ts'

/** The keys of a study file, with vectors in memory. */
export type DeploymentStudyOptions = KeyOverrides & {
  /** vectors x measurements, network units; default: drawn from the task */
  readonly inputs?: Matrix
  /** vectors x components (or class labels) */
  readonly truth?: Matrix
}

/**
 * The study of a deployment: monte-carlo, or what its keys say.
 *
 * @throws OHM8001, OHM8004 keys that do not fit; OHM5002, OHM1110, OHM5003 vectors that do not
 */
export async function studyOf(deployment: Deployment, options: DeploymentStudyOptions = {}): Promise<Study> {
  const { inputs, truth, ...keys } = options
  if (inputs !== undefined && keys.samples !== undefined)
    fail('OHM9001', 'samples draws vectors from the task; it does not go with inputs and truth')
  const file = parseStudy(JSON.stringify({ format: STUDY_FORMAT }), 'study', keys)
  const outline = await outlineOf(file, true)
  const profile = changedProfile(outline, deployment.profile, file.problems)
  const { network, scales, calibration, adaptedTo } = deployment
  const given = {
    ...(inputs === undefined ? { samples: keys.samples ?? SAMPLES } : { inputs }),
    ...(truth === undefined ? {} : { truth }),
  }
  const own: StudyNetwork = {
    ...{ name: network.name, network, scales, calibration },
    ...(adaptedTo === undefined ? {} : { adaptedTo }),
    ...simulationData(deployment, given, outline.seed),
  }
  const metric = keys.metric ?? defaultMetric(network.task, network.decoder.at(-1)!.weight.rows, own.truth)
  idealNetwork(network, { ...own, metric })
  if (keys.importance !== undefined) checkImportance(keys.importance, deployment)
  const name = keys.name ?? network.name
  const { study } = resolveStudy(file, outline, { name, profile, networks: [own], metric })
  deployEnds(study, outline.axes, deployment.warnings, file.problems)
  file.problems.stop()
  return study
}
