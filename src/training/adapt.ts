/**
 * Adapting one fabricated chip: the digital half is trained anew from pilots, the analog half stays as it was made.
 *
 * All that training sees of the chip are codes. The last pilots are held out: they choose between the digital half as it
 * was and as it is now, by the decoder that will run (in integers where the deployment has them).
 *
 * Source: [1] sec. 3.3
 */
import type { Code } from '../base/catalogue.ts'
import { OhmbitError, type Warning } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import { decode } from '../deployment/decode.ts'
import { deploy } from '../deployment/deploy.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { fabricate } from '../deployment/fabricate.ts'
import type { Network } from '../network/network.ts'
import { exp, log } from '../numerics/elementary.ts'
import { combine, defaultMetric, type MetricName, type PerVector, perVector, type Score } from '../task/metric.ts'
import { type PairedLoss, pairedLoss } from '../task/paired-loss.ts'
import type { DigitalHalf } from './decoder-machine.ts'
import type { Loss } from './machine.ts'
import { type CodedPilots, codedPilots, codesOf, type Pilots } from './pilots.ts'
import { lastLayerSums, withRidge } from './refit-decoder.ts'
import { outputOf, tuneDecoder } from './tune-decoder.ts'

export interface AdaptOptions {
  /** Default: the task's metric, else by shape. */
  readonly metric?: MetricName
  /** Default: 50 times the root of the pilots, from 500 to 100 000. */
  readonly iterations?: number
  readonly onProgress?: (iteration: number, iterations: number, loss: number) => void
  readonly signal?: AbortSignal
}

export interface Adapted {
  /** The same analog half with the digital half that is better on the pilots held out. */
  readonly deployment: Deployment
  readonly chip: { readonly seed: number; readonly chip: number }
  readonly kept: 'adapted' | 'before'
  readonly metric: MetricName
  /** Scores on the pilots held out: of the deployment as it was, of the one returned, of the one that training gave. */
  readonly before: Score
  readonly after: Score
  readonly tried: Score | null
  /** Score after less score before on the same pilots; negative = better. */
  readonly change: PairedLoss
  readonly pilots: number
  readonly used: { readonly training: number; readonly validation: number; readonly heldOut: number }
  readonly iterations: number
  readonly warnings: readonly Warning[]
}

/** Vectors of a batch; ridges that are tried, in vectors. */
const BATCH = 100
const RIDGES = [10, 30, 100, 300, 1000, 3000, 10_000]
/** Most vectors that the last layer is refitted on. */
const REFIT = 200_000
const RATE = 1e-3
const LOOKS = 40
const ITERATIONS = { least: 500, most: 100_000, perRoot: 50 } as const

/** Pilots that decide: the last tenth, at least 200 (but no more than half), at most 20 000. */
export const heldOutOf = (count: number): number =>
  Math.min(20_000, Math.max(Math.floor(count / 10), Math.min(200, Math.floor(count / 2))))

/**
 * Adapt the digital half of a deployment to one chip.
 *
 * @param chip    the chip as `fabricate` makes it, at the profile's age
 * @param pilots  a number drawn from the network's task (vectors that training, validation and tests never see, others
 *                for each chip), or own ones; 50 or more
 * @throws OHM5004 too few or too many pilots, chip or seed out of range; OHM5002 no task and no data; OHM1110 widths;
 *         OHM7001 the training exploded; the signal's reason
 */
export async function adapt(
  deployment: Deployment,
  chip: { readonly seed?: number; readonly chip?: number },
  pilots: Pilots,
  options: AdaptOptions = {},
): Promise<Adapted> {
  knownOptions<AdaptOptions>('adapt', options, { metric: true, iterations: true, onProgress: true, signal: true })
  options.signal?.throwIfAborted()
  const made = fabricate(deployment, chip)
  const { network } = deployment
  const coded = codedPilots(made, pilots, heldOutOf)
  const { count, heldFrom, heldTruth, targets, outputs } = coded
  const metric = options.metric ?? defaultMetric(network.task, outputs, heldTruth)
  const loss: Loss = metric === 'ber' ? 'cross-entropy' : 'squared-error'
  const iterations = wholeNumber('iterations', options.iterations ?? iterationsFor(count), 1, 10_000_000)
  const held = codesOf(coded.codes, heldFrom, count)
  const scoreOf = (of: Deployment) => perVector(metric, decode(of, held), heldTruth)
  const before = scoreOf(deployment)

  const validation = heldOutOf(heldFrom)
  const part = (from: number, to: number) => ({
    codes: codesOf(coded.codes, from, to),
    targets: targets.subarray(from * outputs, to * outputs),
  })
  const seen = part(0, heldFrom - validation)
  const judged = part(heldFrom - validation, heldFrom)
  const judge = (half: DigitalHalf) => meanLoss(loss, outputOf(half, judged.codes).data, judged.targets, validation)
  const tuned = await tuneDecoder(halfOf(network), seen, {
    loss,
    iterations,
    batch: BATCH,
    rate: RATE,
    key: made.key,
    judge,
    looks: LOOKS,
    signal: options.signal,
    onProgress: (t, mean) => options.onProgress?.(t, iterations, mean),
  })
  const half = loss === 'squared-error' ? refitted(tuned.half, tuned.loss, seen, judge) : tuned.half

  const warnings: Warning[] = strangers(deployment, made.key)
  const candidate = withDigitalHalf(deployment, half, made.key, warnings)
  const tried = candidate === null ? null : scoreOf(candidate)
  const isBetter = tried !== null && sum(tried.error) < sum(before.error)
  const after = isBetter ? tried : before
  const total = ({ error, energy }: PerVector) => combine(metric, error, energy)
  return {
    deployment: isBetter ? candidate! : tagged(deployment, made.key),
    chip: made.key,
    kept: isBetter ? 'adapted' : 'before',
    metric,
    before: total(before),
    after: total(after),
    tried: tried === null ? null : total(tried),
    change: pairedLoss(metric, before, after),
    pilots: count,
    used: { training: heldFrom - validation, validation, heldOut: count - heldFrom },
    iterations,
    warnings,
  }
}

const iterationsFor = (count: number) =>
  Math.min(ITERATIONS.most, Math.max(ITERATIONS.least, Math.round(ITERATIONS.perRoot * Math.sqrt(count))))

const halfOf = ({ quantizer, decoder }: Network): DigitalHalf => ({ levels: quantizer.levels, decoder })

/** The chip that the digital half was trained for before, where it is another. */
function strangers({ adaptedTo }: Deployment, { seed, chip }: Adapted['chip']): Warning[] {
  if (adaptedTo === undefined || (adaptedTo.seed === seed && adaptedTo.chip === chip)) return []
  return [
    {
      code: 'OHM5008',
      message: `the digital half was adapted to chip ${adaptedTo.chip} of seed ${adaptedTo.seed}; from there it is adapted to chip ${chip} of seed ${seed}`,
    },
  ]
}

/** The last layer by ridge regression, where it is linear and that is better on the vectors that judge. */
function refitted(
  half: DigitalHalf,
  loss: number,
  seen: Pick<CodedPilots, 'codes' | 'targets'>,
  judge: (half: DigitalHalf) => number,
): DigitalHalf {
  if (half.decoder.at(-1)!.activation !== 'linear') return half
  const codes = codesOf(seen.codes, 0, Math.min(seen.codes.rows, REFIT))
  const sums = lastLayerSums(half, codes, seen.targets)
  let best = { half, loss }
  for (const ridge of RIDGES) {
    const tried = withRidge(half, sums, ridge, codes.rows)
    const judged = judge(tried)
    if (judged < best.loss) best = { half: tried, loss: judged }
  }
  return best.half
}

/** Mean loss over vectors. @param y  vectors x outputs */
function meanLoss(loss: Loss, y: Float64Array, targets: Float32Array, vectors: number): number {
  let total = 0
  if (loss === 'squared-error') {
    for (let k = 0; k < y.length; k++) total += (y[k]! - targets[k]!) ** 2
    return total / vectors
  }
  const outputs = y.length / vectors
  for (let v = 0; v < vectors; v++) {
    const scores = y.subarray(v * outputs, (v + 1) * outputs)
    const most = scores.reduce((a, b) => Math.max(a, b))
    const all = scores.reduce((s, x) => s + exp(x - most), 0)
    for (let o = 0; o < outputs; o++) if (targets[v * outputs + o]! > 0) total += most + log(all) - scores[o]!
  }
  return total / vectors
}

/** The deployment with another digital half: same signal ranges, same analog half; null where its words do not fit. */
function withDigitalHalf(
  deployment: Deployment,
  { levels, decoder }: DigitalHalf,
  key: Adapted['chip'],
  warnings: Warning[],
): Deployment | null {
  const { network, profile } = deployment
  const adapted: Network = {
    ...network,
    quantizer: { ...network.quantizer, levels, levelRule: 'given' },
    decoder,
  }
  try {
    return deploy(adapted, profile, { like: { ...deployment, adaptedTo: key } })
  } catch (error) {
    if (!(error instanceof OhmbitError) || error.code !== UNFIT) throw error
    warnings.push({ code: UNFIT, message: `the adapted digital half is left out: ${error.message}` })
    return null
  }
}

/** An accumulator that the adapted weights need wider. */
const UNFIT: Code = 'OHM4001'

const tagged = (deployment: Deployment, adaptedTo: Adapted['chip']): Deployment => ({ ...deployment, adaptedTo })

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
