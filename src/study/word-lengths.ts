/**
 * Word lengths of the integer decoder against what they cost the task, and the fewest that meet a requirement.
 */

import { fail, OhmbitError } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import { buildFixedDecoder } from '../decoder/build.ts'
import type { FixedDecoder } from '../decoder/fixed-decoder.ts'
import { estimateFixed } from '../decoder/run.ts'
import { type DecoderSize, decoderSize } from '../decoder/size.ts'
import { deploy } from '../deployment/deploy.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { type SimulateOptions, simulationData } from '../deployment/simulate.ts'
import { forward } from '../network/forward.ts'
import type { Network } from '../network/network.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { withValues } from '../profile/fields.ts'
import type { Profile } from '../profile/profile.ts'
import { combine, defaultMetric, type MetricName, perVector } from '../task/metric.ts'
import { type PairedLoss, pairedLoss } from '../task/paired-loss.ts'
import type { Requirement } from './requirement.ts'

/** What is chosen. */
export type WordLengths = Pick<Profile['decoder'], 'weightBits' | 'weightScale' | 'activationBits'>

export interface WordLengthRow extends WordLengths {
  /** null: not possible here, see `reason` */
  readonly metric: number | null
  /** Against the float decoder on the same codes. */
  readonly loss: PairedLoss | null
  /** Whether the score lies in the 95 % interval of the float decoder's. */
  readonly withinInterval: boolean | null
  readonly size: DecoderSize | null
  /** `unsure`: the 95 % interval holds values on both sides of the limit. null: no requirement */
  readonly meets: 'yes' | 'no' | 'unsure' | null
  readonly reason: string | null
}

export interface WordLengthTable {
  readonly metric: MetricName
  readonly requirement: Requirement | null
  /** Score of the float decoder, with its interval. */
  readonly float: { readonly value: number; readonly ci95: readonly [number, number] }
  readonly vectors: number
  readonly rows: readonly WordLengthRow[]
  /**
   * Fewest bytes of weights, then fewest activation bits, of the rows that meet the requirement, here and on as many
   * fresh vectors where the task gives them.
   */
  readonly smallest: WordLengthRow | null
  /** Its loss on the fresh vectors; null where there are none. */
  readonly confirmed: PairedLoss | null
  /** True when `signal` stopped it early. */
  readonly interrupted: boolean
}

export interface WordLengthOptions extends Pick<SimulateOptions, 'inputs' | 'truth' | 'samples' | 'seed'> {
  /** Its metric is the one that is scored; default: the task's. */
  readonly requirement?: Requirement
  /** Default 4 .. 16. */
  readonly weightBits?: readonly number[]
  /** Default 8 .. 16. */
  readonly activationBits?: readonly number[]
  /** Default both. */
  readonly weightScales?: readonly WordLengths['weightScale'][]
  /** Called before each row. */
  readonly onRow?: (done: number, total: number) => void
  /** Stops between rows; the table then holds the rows that are done. */
  readonly signal?: AbortSignal
}

/** Vectors drawn from the task, beyond those that the formats are taken from. */
const SAMPLES = 10_000

const upTo = (low: number, high: number) => Array.from({ length: high - low + 1 }, (_, k) => low + k)

/**
 * The decoder in integers of each word length against the decoder in floating point, on the same vectors and their ideal
 * codes. Accumulator and table sizes are those of the deployment's profile, formats are chosen as `deploy` does.
 *
 * A requirement is met where the whole 95 % interval meets it. Of many word lengths one still passes by chance, so the
 * smallest has to pass again on fresh vectors.
 *
 * @throws what `simulate` throws for its data and metric; OHM1202 word lengths out of range
 */
export async function sweepWordLengths(
  deployment: Deployment,
  options: WordLengthOptions = {},
): Promise<WordLengthTable> {
  const { network, profile, calibration } = deployment
  knownOptions<WordLengthOptions>('sweepWordLengths', options, {
    inputs: true,
    truth: true,
    samples: true,
    seed: true,
    requirement: true,
    weightBits: true,
    activationBits: true,
    weightScales: true,
    onRow: true,
    signal: true,
  })
  const { requirement = null, onRow, signal, seed = 0 } = options
  const drawn = options.inputs === undefined && network.task !== null
  const vectorsOf = (from: number) =>
    trial(
      network,
      simulationData(deployment, drawn ? { ...options, samples: options.samples ?? SAMPLES } : options, from),
      requirement,
    )
  const main = vectorsOf(seed)
  const calibrationCodes = forward(network, calibration).codes
  const build = (lengths: WordLengths) =>
    buildFixedDecoder(network, { ...profile.decoder, ...lengths }, calibrationCodes)

  const row = (lengths: WordLengths): WordLengthRow => {
    try {
      const decoder = build(lengths)
      return { ...lengths, ...main.run(decoder), size: decoderSize(decoder), reason: null }
    } catch (error) {
      if (!(error instanceof OhmbitError && error.code === 'OHM4001')) throw error
      const meets = requirement === null ? null : 'no'
      return { ...lengths, metric: null, loss: null, withinInterval: null, size: null, meets, reason: error.message }
    }
  }
  const wanted = (options.weightBits ?? upTo(4, 16)).flatMap((weightBits) =>
    (options.weightScales ?? (['per-tensor', 'per-row'] as const)).flatMap((weightScale) =>
      (options.activationBits ?? upTo(8, 16)).map((activationBits) => ({ weightBits, weightScale, activationBits })),
    ),
  )
  const rows: WordLengthRow[] = []
  for (const lengths of wanted) {
    // Lets a Ctrl-C through.
    await new Promise((resolve) => setImmediate(resolve))
    if (signal?.aborted) break
    onRow?.(rows.length, wanted.length)
    rows.push(row(lengths))
  }
  const interrupted = rows.length < wanted.length
  let smallest: WordLengthRow | null = null
  let confirmed: PairedLoss | null = null
  const candidates = rows.filter((r) => r.meets === 'yes').sort(bySize)
  const fresh = drawn && candidates.length > 0 && !interrupted ? vectorsOf((seed + 1) % 2 ** 32) : null
  for (const candidate of candidates) {
    const again = fresh?.run(build(candidate)) ?? null
    if (again !== null && again.meets !== 'yes') continue
    smallest = candidate
    confirmed = again?.loss ?? null
    break
  }
  const { metric, float, vectors } = main
  return { metric, requirement, float, vectors, rows, smallest, confirmed, interrupted }
}

/** Vectors on which decoders are compared with the one in floating point. */
function trial(
  network: Network,
  { inputs, truth }: { inputs: Matrix; truth: Matrix },
  requirement: Requirement | null,
) {
  const { codes, estimate } = forward(network, inputs)
  const metric = requirement?.metric ?? defaultMetric(network.task, estimate.cols, truth)
  const before = perVector(metric, estimate, truth)
  const { value, ci95 } = combine(metric, before.error, before.energy)
  if (!Number.isFinite(value))
    fail('OHM5003', `the float decoder scores ${value} in ${metric}, so a loss against it has no value`)
  return {
    metric,
    float: { value, ci95 },
    vectors: inputs.rows,
    run: (decoder: FixedDecoder) => {
      const after = perVector(metric, estimateFixed(decoder, codes).estimate, truth)
      const found = combine(metric, after.error, after.energy)
      const loss = pairedLoss(metric, before, after)
      return {
        metric: found.value,
        loss,
        withinInterval: found.value >= ci95[0] && found.value <= ci95[1],
        meets: requirement === null ? null : judge(requirement.loss ? loss.ci95 : found.ci95, requirement.limit),
      }
    },
  }
}

function judge([low, high]: readonly [number, number], limit: number): 'yes' | 'no' | 'unsure' {
  return high <= limit ? 'yes' : low > limit ? 'no' : 'unsure'
}

/** Rows whose decoder could be made, by bytes of weights, then by activation bits. */
function bySize(a: WordLengthRow, b: WordLengthRow): number {
  return a.size!.weightBytes - b.size!.weightBytes || a.activationBits - b.activationBits
}

/** The deployment with an integer decoder of these word lengths; all else as it is. */
export function withWordLengths(deployment: Deployment, lengths: WordLengths): Deployment {
  const profile = withValues(deployment.profile, {
    'decoder.arithmetic': 'fixed',
    'decoder.weightBits': lengths.weightBits,
    'decoder.weightScale': lengths.weightScale,
    'decoder.activationBits': lengths.activationBits,
  })
  return deploy(deployment.network, profile, { like: deployment })
}
