import { idealNetwork } from '../../deployment/run-chip.ts'
import type { Study, StudyNetwork } from '../study.ts'

const scores = new WeakMap<StudyNetwork, Map<string, number>>()

/** Score of an ideal network on the study's vectors, found once. @throws OHM5003 when it is not finite */
export function idealScore(study: Pick<Study, 'networks' | 'metric'>, network: number): number {
  const it = study.networks[network]!
  const known = scores.get(it) ?? new Map<string, number>()
  scores.set(it, known)
  let found = known.get(study.metric)
  if (found === undefined) {
    found = idealNetwork(it.network, { inputs: it.inputs, truth: it.truth, metric: study.metric }).value
    known.set(study.metric, found)
  }
  return found
}
