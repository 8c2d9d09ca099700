/** What a study will cost, from a chip or two of it. */
import { plainText } from '../report/study/quantity.ts'
import { runShard, shardRunner } from '../study/engine/shard.ts'
import type { Point, Study } from '../study/study.ts'
import { durationText } from './study-progress.ts'
import { count } from './style.ts'

/** Networks that are probed: studies of more take the mean of these. Chips, and time after which no other begins. */
const PROBE = { networks: 4, chips: 20, seconds: 0.3 } as const

export interface StudyCost {
  readonly points: number
  /** Chips of all points; with --until at most so many. */
  readonly chipRuns: number
  readonly vectors: number
  readonly secondsPerChip: number
  /** To deploy a point and to run the ideal network: once a point and thread. */
  readonly secondsPerPoint: number
  readonly workers: number
  readonly seconds: number
}

/**
 * @param points, chipRuns  of the whole study
 * @throws what the points probed throw when they are deployed
 */
export function studyCost(
  study: Study,
  { points, chipRuns }: { readonly points: number; readonly chipRuns: number },
  workers: number,
): StudyCost {
  const probes = study.networks.slice(0, PROBE.networks).map((_, network) => {
    // A search has no points before it runs.
    const first: Point = { index: 0, network, values: {}, mechanisms: 'all' }
    return probe(study, study.points.findLast((p) => p.network === network) ?? first)
  })
  const mean = (key: 'chip' | 'first') => probes.reduce((sum, one) => sum + one[key], 0) / probes.length
  const secondsPerChip = mean('chip')
  const secondsPerPoint = Math.max(0, mean('first') - secondsPerChip)
  return {
    points,
    chipRuns,
    vectors: study.networks[0]!.inputs.rows,
    secondsPerChip,
    secondsPerPoint,
    workers,
    seconds: (chipRuns * secondsPerChip + points * secondsPerPoint) / workers,
  }
}

function probe(study: Study, point: Point): { chip: number; first: number } {
  const runner = shardRunner(study)
  const run = (chip: number) => {
    const started = performance.now()
    runShard(runner, point, {
      point: point.index,
      firstChip: study.firstChip + Math.min(chip, study.chips - 1),
      chips: 1,
    })
    return (performance.now() - started) / 1000
  }
  const first = run(0)
  // The second chip has its deployment, but not yet code that is compiled to the end.
  let chip = run(1)
  for (let k = 2, spent = chip; k < PROBE.chips && spent < PROBE.seconds; k++) {
    const seconds = run(k)
    spent += seconds
    chip = Math.min(chip, seconds)
  }
  return { first, chip }
}

export function costText(study: Study, cost: StudyCost): string {
  const { points, chipRuns, vectors, secondsPerChip, seconds, workers } = cost
  const most = study.until !== null || study.loosest !== null ? 'at most ' : ''
  return `${plainText(study.name)}: ${count(points, 'point')}, ${most}${count(chipRuns, 'chip')} of ${count(vectors, 'vector')}; ${durationText(secondsPerChip)} a chip, ${most === '' ? 'about ' : most}${durationText(seconds)} on ${count(workers, 'worker')}`
}
