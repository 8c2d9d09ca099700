/**
 * The unit of work of a study: some chips of one point. A pure function of study, point and chips: whoever runs it, as
 * often and in whichever order, gets the same rows.
 */
import { OhmbitError } from '../../base/errors.ts'
import { deploy } from '../../deployment/deploy.ts'
import type { Deployment } from '../../deployment/deployment.ts'
import {
  type DecodedIdeal,
  decodedIdeal,
  type IdealNetwork,
  idealNetwork,
  type Scoring,
  scoreChip,
} from '../../deployment/run-chip.ts'
import type { Stage } from '../../profile/isolate.ts'
import type { Profile } from '../../profile/profile.ts'
import { isWide, likelihoodRatio, widenedProfile } from '../importance.ts'
import { chipProfile, mechanismBits, mechanismsOf, pointProfile } from '../mechanisms.ts'
import type { Point, Row, Shard, Study, StudyNetwork } from '../study.ts'

/**
 * Deployments kept: chips of a point share theirs, and so do orders of mechanisms that begin alike. Ideal estimates
 * kept: one for each decoder; what chips had decoded is kept with it.
 */
const KEPT = { deployments: 32, decoded: 4 } as const

/** What the shards of a study have in common, found once. One for each thread. */
export interface ShardRunner {
  readonly study: Study
  readonly ideals: Map<StudyNetwork, IdealNetwork>
  readonly deployments: Map<string, Deployment>
  readonly decoded: Map<string, DecodedIdeal>
}

export function shardRunner(study: Study): ShardRunner {
  return { study, ideals: new Map(), deployments: new Map(), decoded: new Map() }
}

/** Rows of a shard, in chip order. @throws what `deploy` throws, naming the point */
export function runShard(runner: ShardRunner, point: Point, shard: Shard): Row[] {
  return [...shardRows(runner, point, shard)]
}

/** As `runShard`, one chip at a time. */
export function* shardRows(runner: ShardRunner, point: Point, shard: Shard): Generator<Row> {
  const { study } = runner
  const network = study.networks[point.network]!
  const scoring: Scoring = { inputs: network.inputs, truth: network.truth, metric: study.metric }
  const ideal = idealOf(runner, network, scoring)
  const same = point.mechanisms === 'all' || !('first' in point.mechanisms)
  let stages: readonly Stage[] | null = null
  for (let chip = shard.firstChip; chip < shard.firstChip + shard.chips; chip++) {
    if (stages === null || !same) stages = mechanismsOf(study, point, chip)
    const wide = study.importance !== null && isWide(study, chip)
    const deployment = deploymentOf(runner, point, stages, wide)
    const decoded = decodedOf(runner, point, deployment, ideal, scoring)
    const { score, codeErrors, counters } = scoreChip(scoring, deployment, ideal.codes, decoded, {
      seed: study.seed,
      chip,
    })
    yield {
      point: point.index,
      chip,
      value: score.value,
      codeErrors,
      weight: study.importance === null ? 1 : likelihoodRatio(study, study.importance, deployment, chip),
      mechanisms: mechanismBits(stages),
      counters: Object.fromEntries(Object.entries(counters).filter(([, n]) => n !== 0)),
    }
  }
}

function idealOf({ ideals }: ShardRunner, network: StudyNetwork, scoring: Scoring): IdealNetwork {
  let found = ideals.get(network)
  if (found === undefined) {
    found = idealNetwork(network.network, scoring)
    ideals.set(network, found)
  }
  return found
}

/** @param wide  the chip draws importance sampling's standard deviation from the wider law */
function deploymentOf(
  { study, deployments }: ShardRunner,
  point: Point,
  stages: readonly Stage[],
  wide: boolean,
): Deployment {
  const key = JSON.stringify([point.network, point.values, mechanismBits(stages), wide])
  return kept(deployments, key, KEPT.deployments, () => {
    // With all that it has, the point's own profile: the same object, to the bit.
    const profile = point.mechanisms === 'all' ? pointProfile(study, point) : chipProfile(study, point, stages)
    return deployPoint(study, point, wide ? widenedProfile(profile, study.importance!) : profile)
  })
}

/** A decoder follows from network and word lengths: deployments that share these share what was decoded. */
function decodedOf(
  { decoded }: ShardRunner,
  point: Point,
  deployment: Deployment,
  ideal: IdealNetwork,
  scoring: Scoring,
): DecodedIdeal {
  if (deployment.decoder === null) return ideal.float
  const key = JSON.stringify([point.network, deployment.profile.decoder])
  return kept(decoded, key, KEPT.decoded, () => decodedIdeal(ideal, deployment, scoring))
}

/** A value made once, as long as it is among the last used. */
function kept<V>(values: Map<string, V>, key: string, most: number, make: () => V): V {
  const found = values.get(key) ?? make()
  values.delete(key)
  values.set(key, found)
  if (values.size > most) values.delete(values.keys().next().value!)
  return found
}

/** The deployment of a point with a profile made from the point's. @throws what `deploy` throws, naming the point */
export function deployPoint(study: Study, point: Point, profile: Profile): Deployment {
  const { network, scales, calibration, adaptedTo } = study.networks[point.network]!
  try {
    return deploy(network, profile, {
      like: { scales, calibration, ...(adaptedTo === undefined ? {} : { adaptedTo }) },
    })
  } catch (error) {
    if (!(error instanceof OhmbitError) || study.points.length === 1) throw error
    throw new OhmbitError(
      error.problems.map((problem) => ({ ...problem, message: `${pointText(study, point)}: ${problem.message}` })),
    )
  }
}

/** A point for a message: its network where there are several, and its values, SI. */
export function pointText(study: Study, point: Point): string {
  const values = Object.entries(point.values).map(([path, value]) => `${path} = ${JSON.stringify(value)}`)
  const network = study.networks.length > 1 ? [study.networks[point.network]!.name] : []
  return [`point ${point.index}`, ...network, ...values].join(', ')
}
