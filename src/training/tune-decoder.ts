/** Training of a digital half on codes: Adam over batches, the best of several looks kept. */
import { fail } from '../base/errors.ts'
import { applyLayers, type Codes } from '../network/forward.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { type ChipKey, site, stages, uniformAt } from '../numerics/random.ts'
import { type CodeBatch, type DigitalHalf, decoderMachine, flatten, shapeOfHalf, unflatten } from './decoder-machine.ts'
import type { Loss } from './machine.ts'
import { power, scheduled } from './schedule.ts'

export interface CodedData {
  readonly codes: Codes
  /** vectors x outputs */
  readonly targets: Float32Array
}

export interface TuneOptions {
  readonly loss: Loss
  readonly iterations: number
  readonly batch: number
  readonly rate: number
  readonly key: ChipKey
  /** Loss on vectors that are not trained on; the half with the lowest one is returned. */
  readonly judge: (half: DigitalHalf) => number
  readonly looks: number
  readonly onProgress?: (iteration: number, loss: number) => void
  readonly signal?: AbortSignal | undefined
}

/** Iterations between two chances to stop. */
const CHUNK = 200

/**
 * @returns the beginning itself where no look was better
 * @throws OHM7001 a loss that is no number; the signal's reason
 */
export async function tuneDecoder(
  begin: DigitalHalf,
  data: CodedData,
  options: TuneOptions,
): Promise<{ half: DigitalHalf; loss: number }> {
  const { loss, iterations, batch, rate, key, judge, looks, signal } = options
  const shape = shapeOfHalf(begin)
  const m = decoderMachine(shape, batch, loss)
  m.write(flatten(begin))
  const next = codeBatches(data, batch, m.row, key)
  let best = { half: begin, loss: judge(begin) }
  const every = Math.max(1, Math.ceil(iterations / looks))
  let sum = 0
  for (let t = 1; t <= iterations; t++) {
    const now = scheduled({ kind: 'cosine', first: rate, last: 1e-3 * rate }, t, iterations)
    sum += m.backpropagate(next(t))
    m.step({ rate: now, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, fast: 1 - power(0.9, t), slow: 1 - power(0.999, t) })
    if (t % every === 0 || t === iterations) {
      const half = unflatten(shape, m.read())
      const seen = judge(half)
      if (!Number.isFinite(sum) || !Number.isFinite(seen))
        fail('OHM7001', `adaptation, iteration ${t}: the loss is ${Number.isFinite(sum) ? seen : sum}`)
      if (seen < best.loss) best = { half, loss: seen }
    }
    if (t % CHUNK === 0) {
      options.onProgress?.(t, sum / CHUNK)
      sum = 0
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
    }
  }
  return best
}

/** Batches feature by feature; iteration t is always the same. */
function codeBatches({ codes, targets }: CodedData, batch: number, row: number, key: ChipKey) {
  const outputs = targets.length / codes.rows
  const channels = codes.cols
  const where = site(stages.training, 'sampleChoice')
  const out = { codes: new Uint16Array(channels * row), targets: new Float32Array(outputs * row) }
  return (iteration: number): CodeBatch => {
    for (let b = 0; b < batch; b++) {
      const v = Math.floor(uniformAt(key, where, 0, 0, iteration, b) * codes.rows)
      for (let i = 0, k = v * channels, l = b; i < channels; i++, k++, l += row) out.codes[l] = codes.data[k]!
      for (let i = 0, k = v * outputs, l = b; i < outputs; i++, k++, l += row) out.targets[l] = targets[k]!
    }
    return out
  }
}

/** What a digital half makes of codes. */
export function outputOf({ levels, decoder }: DigitalHalf, codes: Codes): Matrix {
  const signal = matrix(codes.rows, codes.cols)
  for (let k = 0; k < signal.data.length; k++) signal.data[k] = levels[codes.data[k]!]!
  return applyLayers(decoder, signal)
}
