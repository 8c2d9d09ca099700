/**
 * Word lengths of the integer decoder against what they cost the task, and the fewest that meet a requirement.
 */
import { fail, OhmbitError } from '../base/errors.ts'
import { buildFixedDecoder } from '../decoder/build.ts'
import { estimateFixed } from '../decoder/run.ts'
import { type DecoderSize, decoderSize } from '../decoder/size.ts'
import { deploy } from '../deployment/deploy.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { type SimulateOptions, simulationData } from '../deployment/simulate.ts'
import { forward } from '../network/forward.ts'
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
  /** Fewest bytes of weights, then fewest activation bits, of the rows that meet the requirement. */
  readonly smallest: WordLengthRow | null
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
 * A requirement is met where the whole 95 % interval meets it: of many word lengths, one would pass by chance.
 *
 * @throws what `simulate` throws for its data and metric; OHM1202 word lengths out of range
 */
export async function sweepWordLengths(
  deployment: Deployment,
  options: WordLengthOptions = {},
): Promise<WordLengthTable> {
  const { network, profile, calibration } = deployment
  const { requirement = null, inputs: given, onRow, signal } = options
  const drawn = given === undefined && network.task !== null
  const { inputs, truth } = simulationData(
    deployment,
    drawn ? { ...options, samples: options.samples ?? SAMPLES } : options,
    options.seed ?? 0,
  )
  const { codes, estimate } = forward(network, inputs)
  const metric = requirement?.metric ?? defaultMetric(network.task, estimate.cols, truth)
  const before = perVector(metric, estimate, truth)
  const float = combine(metric, before.error, before.energy)
  if (!Number.isFinite(float.value))
    fail('OHM5003', `the float decoder scores ${float.value} in ${metric}, so a loss against it has no value`)
  const calibrationCodes = forward(network, calibration).codes

  const row = (lengths: WordLengths): WordLengthRow => {
    try {
      const decoder = buildFixedDecoder(network, { ...profile.decoder, ...lengths }, calibrationCodes)
      const after = perVector(metric, estimateFixed(decoder, codes).estimate, truth)
      const found = combine(metric, after.error, after.energy)
      const loss = pairedLoss(metric, before, after)
      return {
        ...lengths,
        metric: found.value,
        loss,
        withinInterval: found.value >= float.ci95[0] && found.value <= float.ci95[1],
        size: decoderSize(decoder),
        meets: requirement === null ? null : judge(requirement.loss ? loss.ci95 : found.ci95, requirement.limit),
        reason: null,
      }
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
  return {
    metric,
    requirement,
    float: { value: float.value, ci95: float.ci95 },
    vectors: inputs.rows,
    rows,
    smallest: smallestOf(rows),
    interrupted: rows.length < wanted.length,
  }
}

function judge([low, high]: readonly [number, number], limit: number): 'yes' | 'no' | 'unsure' {
  return high <= limit ? 'yes' : low > limit ? 'no' : 'unsure'
}

function smallestOf(rows: readonly WordLengthRow[]): WordLengthRow | null {
  const cost = ({ size, activationBits }: WordLengthRow) => [size!.weightBytes, activationBits] as const
  return rows
    .filter((row) => row.meets === 'yes')
    .reduce<WordLengthRow | null>((best, row) => {
      if (best === null) return row
      const [bytes, bits] = cost(row)
      const [leastBytes, leastBits] = cost(best)
      return bytes < leastBytes || (bytes === leastBytes && bits < leastBits) ? row : best
    }, null)
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
