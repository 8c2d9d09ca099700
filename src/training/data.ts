/** Training vectors in single precision, and the batches drawn from them. */
import { fail } from '../base/errors.ts'
import type { Task } from '../network/task.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { site, stages, uniformAt } from '../numerics/random.ts'
import { generateSamples } from '../task/generate.ts'
import type { Batch } from './machine.ts'

export interface TrainingData {
  readonly count: number
  readonly inputs: { readonly width: number; readonly data: Float32Array }
  readonly targets: { readonly width: number; readonly data: Float32Array }
}

/** Vectors generated at a time. */
const PIECE = 20_000

/** A task's vectors, in the form that a network of `outputs` outputs is trained on. */
export function taskData(task: Task, samples: number, seed: number, first: number, outputs: number): TrainingData {
  let data: { inputs: Float32Array; targets: Float32Array } | null = null
  let width = 0
  for (let done = 0; done < samples; done += PIECE) {
    const count = Math.min(PIECE, samples - done)
    const { inputs, truth } = generateSamples(task, { samples: count, seed, first: first + done })
    const targets = targetsOf(truth, outputs)
    width = inputs.cols
    data ??= { inputs: new Float32Array(samples * width), targets: new Float32Array(samples * outputs) }
    data.inputs.set(inputs.data, done * width)
    data.targets.set(targets, done * outputs)
  }
  return {
    count: samples,
    inputs: { width, data: data!.inputs },
    targets: { width: outputs, data: data!.targets },
  }
}

/**
 * Own vectors.
 *
 * @param vector  number of a row, for messages; default: the row itself
 * @throws OHM1110 unequal numbers, no vector, values that are no numbers in single precision, no bits or no classes
 */
export function ownData(inputs: Matrix, truth: Matrix, outputs: number, vector = (row: number) => row): TrainingData {
  if (inputs.rows !== truth.rows || inputs.rows === 0)
    fail('OHM1110', `${inputs.rows} inputs and ${truth.rows} truths; equally many are needed, at least one`)
  for (const [name, { data, cols }] of [
    ['inputs', inputs],
    ['truth', truth],
  ] as const) {
    const bad = data.findIndex((x) => !Number.isFinite(Math.fround(x)))
    if (bad >= 0)
      fail(
        'OHM1110',
        `${name}, vector ${vector(Math.floor(bad / cols))}, component ${bad % cols}: ${data[bad]} is no number in single precision`,
      )
  }
  return {
    count: inputs.rows,
    inputs: { width: inputs.cols, data: Float32Array.from(inputs.data) },
    targets: { width: outputs, data: targetsOf(truth, outputs, vector) },
  }
}

/** Truth as it is, or one-hot classes of bits +-1 or labels where the network has 2^k outputs. */
function targetsOf(truth: Matrix, outputs: number, vector = (row: number) => row): Float32Array {
  if (truth.cols === outputs) return Float32Array.from(truth.data)
  const classOf = (v: number) => {
    // Two classes: bits -1 and 1, or labels 0 and 1.
    if (truth.cols === 1) return outputs === 2 && truth.data[v] === -1 ? 0 : truth.data[v]!
    let c = 0
    for (let j = 0; j < truth.cols; j++) {
      const bit = truth.data[v * truth.cols + j]!
      if (bit !== 1 && bit !== -1)
        fail('OHM1110', `truth, vector ${vector(v)}, component ${j}: ${bit} is no bit; bits are -1 or 1`)
      if (bit === 1) c += 2 ** j
    }
    return c
  }
  if (truth.cols !== 1 && 2 ** truth.cols !== outputs)
    fail('OHM1110', `truth of ${truth.cols} components for ${outputs} outputs`, {
      hint: 'truth has as many components as the network outputs, k bits for 2^k outputs, or one class label',
    })
  const out = new Float32Array(truth.rows * outputs)
  for (let v = 0; v < truth.rows; v++) {
    const c = classOf(v)
    if (!(Number.isInteger(c) && c >= 0 && c < outputs))
      fail('OHM1110', `truth, vector ${vector(v)}: ${c} is no class; classes are 0 to ${outputs - 1}`)
    out[v * outputs + c] = 1
  }
  return out
}

/** Batches of one run, feature by feature; iteration t of (seed, run) is always the same. */
export function batchesOf(
  { count, inputs, targets }: TrainingData,
  batch: number,
  row: number,
  seed: number,
  run: number,
): (iteration: number) => Batch {
  const where = site(stages.training, 'sampleChoice')
  const key = { seed, chip: run }
  const out = { inputs: new Float32Array(inputs.width * row), targets: new Float32Array(targets.width * row) }
  const gather = (from: TrainingData['inputs'], to: Float32Array, vector: number, b: number) => {
    const { width, data } = from
    for (let i = 0, k = vector * width, l = b; i < width; i++, k++, l += row) to[l] = data[k]!
  }
  return (iteration) => {
    for (let b = 0; b < batch; b++) {
      const vector = Math.floor(uniformAt(key, where, 0, 0, iteration, b) * count)
      gather(inputs, out.inputs, vector, b)
      gather(targets, out.targets, vector, b)
    }
    return out
  }
}
