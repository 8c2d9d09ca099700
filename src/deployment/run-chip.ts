/**
 * One chip of a simulation: what it scores as deployed, and with each stage of imperfection alone. The unit of work of
 * a Monte Carlo run; a pure function of the plan and the chip's number.
 */
import { fail } from '../base/errors.ts'
import { estimateFixed } from '../decoder/run.ts'
import { type Codes, forward } from '../network/forward.ts'
import type { Network } from '../network/network.ts'
import { type Matrix, matrix, rowRange } from '../numerics/matrix.ts'
import type { ChipKey } from '../numerics/random.ts'
import type { Stage } from '../profile/isolate.ts'
import { combine, type MetricName, type PerVector, perVector, type Score } from '../task/metric.ts'
import { decodeCounted } from './decode.ts'
import { type DecodeCache, decodeCache } from './decode-cache.ts'
import type { Deployment } from './deployment.ts'
import { encodeCounted } from './encode.ts'
import { fabricate } from './fabricate.ts'

/** What chips are scored on. */
export interface Scoring {
  readonly inputs: Matrix
  readonly truth: Matrix
  readonly metric: MetricName
}

/** Everything the chips of one simulation share; plain data, so that workers can be sent a copy. */
export interface SimulationPlan extends Scoring {
  readonly seed: number
  readonly chips: number
  /** Number of the first chip. */
  readonly firstChip: number
  readonly waterfallChips: number
  readonly deployed: Deployment
  /** The same network with one stage of imperfection, a stage that the profile has. */
  readonly alone: readonly { readonly stage: Stage; readonly deployment: Deployment }[]
}

/** One chip's share of the result. */
export interface ChipOutcome {
  readonly chip: number
  readonly score: Score
  readonly codeErrors: number
  readonly counters: Readonly<Record<string, number>>
  /** Metric with one stage alone, in the order of the plan; absent beyond `waterfallChips`. */
  readonly alone: readonly number[]
}

/** What a deployment's decoder makes of the ideal codes, vector by vector. */
export interface DecodedIdeal {
  readonly perVector: PerVector
  /** Words that saturated; null for a float decoder. */
  readonly saturated: Uint32Array | null
}

/** The reference every chip is compared with. */
export interface IdealRun {
  readonly codes: Codes
  readonly value: number
  /** By the decoder of the deployed network, and of each stage alone, in the order of the plan. */
  readonly deployed: DecodedIdeal
  readonly alone: readonly DecodedIdeal[]
}

/** The ideal network on some vectors. */
export interface IdealNetwork {
  readonly codes: Codes
  readonly value: number
  /** By a float decoder. */
  readonly float: DecodedIdeal
}

/** Score the ideal network. @throws OHM5003 when the score is not finite */
export function idealNetwork(network: Network, { inputs, truth, metric }: Scoring): IdealNetwork {
  const { codes, estimate } = forward(network, inputs)
  const sums = perVector(metric, estimate, truth)
  const { value } = combine(metric, sums.error, sums.energy)
  if (!Number.isFinite(value))
    fail('OHM5003', `the ideal network scores ${value} in ${metric}, so a loss against it has no value`, {
      hint: 'all-zero or exactly estimated truth cannot be scored in dB; use other data, or --metric mse',
    })
  return { codes, value, float: { perVector: sums, saturated: null } }
}

/** What the decoder of a deployment of this network makes of the ideal codes. */
export function decodedIdeal({ codes, float }: IdealNetwork, { decoder }: Deployment, scoring: Scoring): DecodedIdeal {
  if (decoder === null) return float
  const run = estimateFixed(decoder, codes)
  return { perVector: perVector(scoring.metric, run.estimate, scoring.truth), saturated: run.saturatedByVector }
}

/** The ideal network on the plan's vectors. @throws OHM5003 when its score is not finite */
export function idealRun(plan: SimulationPlan): IdealRun {
  const ideal = idealNetwork(plan.deployed.network, plan)
  return {
    codes: ideal.codes,
    value: ideal.value,
    deployed: decodedIdeal(ideal, plan.deployed, plan),
    alone: plan.alone.map(({ deployment }) => decodedIdeal(ideal, deployment, plan)),
  }
}

/** Vectors handled at a time: keeps intermediate signals in the cache and the memory flat. */
const BATCH = 1024

/** Batches of the inputs by their first vector; the same objects for every chip, so that what follows from them is kept. */
const batches = new WeakMap<Matrix, Map<number, Matrix>>()

function batch(inputs: Matrix, from: number, to: number): Matrix {
  let known = batches.get(inputs)
  if (known === undefined) {
    known = new Map()
    batches.set(inputs, known)
  }
  let found = known.get(from)
  if (found === undefined) {
    found = rowRange(inputs, from, to)
    known.set(from, found)
  }
  return found
}

/** Run one chip: the deployed chip, and the same chip with each stage alone. */
export function runChip(plan: SimulationPlan, ideal: IdealRun, chip: number): ChipOutcome {
  const key = { seed: plan.seed, chip: plan.firstChip + chip }
  const deployed = scoreChip(plan, plan.deployed, ideal.codes, ideal.deployed, key)
  const alone =
    chip < plan.waterfallChips
      ? plan.alone.map(({ deployment, stage }, s) =>
          variesByChip(stage) || chip === 0
            ? scoreChip(plan, deployment, ideal.codes, ideal.alone[s]!, key).score.value
            : Number.NaN,
        )
      : []
  return { chip, ...deployed, alone }
}

/** Stages that are the same on every chip are run on the first one only. */
function variesByChip(stage: Stage): boolean {
  return stage !== 'conductance-levels' && stage !== 'wires' && stage !== 'fixed-point'
}

/** Score one chip of a deployment. Its decoder is the one that `ideal` was decoded by. */
export function scoreChip(
  plan: Scoring,
  deployment: Deployment,
  idealCodes: Codes,
  ideal: DecodedIdeal,
  key: ChipKey,
): Omit<ChipOutcome, 'chip' | 'alone'> {
  const chip = fabricate(deployment, key)
  // A decoder gives the same for the same codes, so only vectors with other codes than the ideal ones are decoded.
  const error = ideal.perVector.error.slice()
  const energy = ideal.perVector.energy.slice()
  const counters: Record<string, number> = {}
  const count = (name: string, n: number) => {
    counters[name] = (counters[name] ?? 0) + n
  }
  let codeErrors = 0
  for (let from = 0; from < plan.inputs.rows; from += BATCH) {
    const to = Math.min(from + BATCH, plan.inputs.rows)
    const { codes, counters: limits } = encodeCounted(chip, batch(plan.inputs, from, to), { first: from })
    const { vectors, entries } = changedVectors(codes, idealCodes, from)
    codeErrors += entries
    let saturated = 0
    if (ideal.saturated !== null) for (let v = from; v < to; v++) saturated += ideal.saturated[v]!
    saturated += decodeChanged(plan, deployment, ideal, codes, vectors, from, error, energy)
    count('inputClipped', limits.inputClipped)
    count('partialClipped', limits.partialClipped)
    count(
      'amplifierSaturated',
      limits.amplifierSaturated.reduce((a, b) => a + b, 0),
    )
    if (limits.beyondCurve !== undefined) count('beyondDeviceCurve', limits.beyondCurve)
    if (limits.beyondTable !== undefined) count('beyondActivationTable', limits.beyondTable)
    count('adcClipped', limits.adcClipped)
    count('metastable', limits.metastable)
    count('decoderSaturated', saturated)
  }
  for (const [kind, n] of Object.entries(chip.faults)) count(kind, n)
  for (const { repair } of chip.layers)
    if (repair !== null) {
      count('faultyWeights', repair.faultyWeights)
      count('repairedWeights', repair.repairedWeights)
      count('squaredErrorBeforeRepair', repair.errorBefore ** 2 / chip.layers.length)
      count('squaredErrorAfterRepair', repair.errorAfter ** 2 / chip.layers.length)
    }
  const { devices, pulses, mostPulses, failures } = chip.writes
  if (devices > 0) {
    count('writtenDevices', devices)
    count('writePulses', pulses)
    count('writeFailures', failures)
    count('mostWritePulses', mostPulses)
  }
  const { driftCompensation, outputCalibration } = deployment.profile.crossbar
  if (driftCompensation.kind !== 'none' || outputCalibration.kind !== 'none')
    count('untrimmedOutputs', chip.untrimmedOutputs)
  return { score: combine(plan.metric, error, energy), codeErrors, counters }
}

const caches = new WeakMap<DecodedIdeal, DecodeCache>()

/**
 * Decode the vectors whose codes are not the ideal ones, those apart that an earlier chip had with the same codes.
 *
 * @param error, energy  receive what the metric sums, at from + v
 * @returns              saturated words beyond those of the ideal codes of these vectors
 */
function decodeChanged(
  plan: Scoring,
  deployment: Deployment,
  ideal: DecodedIdeal,
  codes: Codes,
  vectors: readonly number[],
  from: number,
  error: Float64Array,
  energy: Float64Array,
): number {
  if (vectors.length === 0) return 0
  let cache = caches.get(ideal)
  if (cache === undefined) {
    cache = decodeCache(plan.inputs.rows, codes.cols)
    caches.set(ideal, cache)
  }
  let saturated = 0
  const fresh: number[] = []
  const slots: number[] = []
  for (const v of vectors) {
    if (ideal.saturated !== null) saturated -= ideal.saturated[from + v]!
    const slot = cache.slot(from + v, codes.data, v * codes.cols)
    if (!cache.holds(slot, from + v, codes.data, v * codes.cols)) {
      fresh.push(v)
      slots.push(slot)
      continue
    }
    error[from + v] = cache.error[slot]!
    energy[from + v] = cache.energy[slot]!
    saturated += cache.saturated[slot]!
  }
  if (fresh.length === 0) return saturated
  const picked = pickCodes(codes, fresh)
  const { decoder } = deployment
  const { estimate, saturatedByVector } =
    decoder === null
      ? { estimate: decodeCounted(deployment, picked).estimate, saturatedByVector: null }
      : estimateFixed(decoder, picked)
  const sums = perVectorOf(plan, estimate, fresh, from)
  for (const [k, v] of fresh.entries()) {
    const slot = slots[k]!
    cache.take(slot, from + v, codes.data, v * codes.cols)
    error[from + v] = cache.error[slot] = sums.error[k]!
    energy[from + v] = cache.energy[slot] = sums.energy[k]!
    const words = saturatedByVector === null ? 0 : saturatedByVector[k]!
    cache.saturated[slot] = words
    saturated += words
  }
  return saturated
}

/** Vectors with a code other than the ideal one, and the number of such codes. */
function changedVectors(codes: Codes, ideal: Codes, from: number): { vectors: number[]; entries: number } {
  const vectors: number[] = []
  let entries = 0
  for (let v = 0; v < codes.rows; v++) {
    let wrong = 0
    for (let n = 0; n < codes.cols; n++)
      if (codes.data[v * codes.cols + n] !== ideal.data[(from + v) * codes.cols + n]) wrong++
    if (wrong > 0) vectors.push(v)
    entries += wrong
  }
  return { vectors, entries }
}

function pickCodes(codes: Codes, which: readonly number[]): Codes {
  if (which.length === codes.rows) return codes
  const { cols } = codes
  const data = new Uint16Array(which.length * cols)
  let k = 0
  for (const v of which) for (let n = 0; n < cols; n++) data[k++] = codes.data[v * cols + n]!
  return { rows: which.length, cols, data }
}

function perVectorOf(plan: Scoring, estimate: Matrix, which: readonly number[], from: number): PerVector {
  const { cols, data } = plan.truth
  const truth = matrix(which.length, cols)
  let k = 0
  for (const v of which) for (let n = 0; n < cols; n++) truth.data[k++] = data[(from + v) * cols + n]!
  return perVector(plan.metric, estimate, truth)
}
