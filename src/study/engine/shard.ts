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
import { type FieldPath, withValues } from '../../profile/fields.ts'
import type { Profile } from '../../profile/profile.ts'
import type { Point, Row, Shard, Study, StudyNetwork } from '../study.ts'

/** Deployments kept: chips of a point share theirs, and so do orders of mechanisms that begin alike. */
const KEPT = 64

interface Deployed {
  readonly deployment: Deployment
  readonly ideal: DecodedIdeal
}

/** What the shards of a study have in common, found once. One for each thread. */
export interface ShardRunner {
  readonly study: Study
  readonly ideals: Map<StudyNetwork, IdealNetwork>
  readonly deployed: Map<string, Deployed>
}

export function shardRunner(study: Study): ShardRunner {
  return { study, ideals: new Map(), deployed: new Map() }
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
  for (let chip = shard.firstChip; chip < shard.firstChip + shard.chips; chip++) {
    const { deployment, ideal: decoded } = deploymentOf(runner, point, network, scoring)
    const { score, codeErrors, counters } = scoreChip(scoring, deployment, ideal.codes, decoded, {
      seed: study.seed,
      chip,
    })
    const counted = Object.fromEntries(Object.entries(counters).filter(([, n]) => n !== 0))
    yield { point: point.index, chip, value: score.value, codeErrors, weight: 1, mechanisms: 0, counters: counted }
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

function deploymentOf(runner: ShardRunner, point: Point, network: StudyNetwork, scoring: Scoring): Deployed {
  const { study, deployed } = runner
  const key = JSON.stringify([point.network, point.values])
  let found = deployed.get(key)
  if (found === undefined) {
    const deployment = deployPoint(study, point, withValues(study.profile, point.values))
    found = { deployment, ideal: decodedIdeal(idealOf(runner, network, scoring), deployment, scoring) }
    if (deployed.size >= KEPT) deployed.delete(deployed.keys().next().value!)
  }
  // The last used stands last.
  deployed.delete(key)
  deployed.set(key, found)
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
  return [`point ${point.index}`, ...network, ...(values as FieldPath[])].join(', ')
}
