/**
 * A model laid out for training: one call computes the loss and the gradient of every parameter on a batch, another
 * takes a step of Adam.
 */
import { log } from '../numerics/elementary.ts'
import { kernelSteps } from './kernel-steps.ts'
import { type ModelShape, parametersOf } from './model.ts'
import { referenceSteps } from './reference-steps.ts'
import { type AdamSettings, type Dense, type Place, rowLength, type Steps } from './steps.ts'

export type Loss = 'squared-error' | 'cross-entropy'

/** A batch, feature by feature. */
export interface Batch {
  /** measurements x row */
  readonly inputs: ArrayLike<number>
  /** truth components, or classes (one-hot) x row */
  readonly targets: ArrayLike<number>
}

/** What the quantizer does while training. */
export interface QuantizerState {
  /** h */
  readonly steepness: number
  /** 0: straight-through; 1: the soft quantizer's own gradient. [0] eq. (32) */
  readonly blend: number
  /** Additive noise instead of the quantizer: channels x row; null = quantize. [1] sec. 3.2 */
  readonly noise: ArrayLike<number> | null
}

export interface Machine {
  readonly row: number
  readonly steps: Steps
  /** The parameters that gradients move, flat. */
  readonly values: Place
  /** What forward and backward use: the same place, or a copy that something was done to. */
  readonly used: Place
  readonly gradients: Place
  readonly first: Place
  readonly second: Place
  readonly length: number
  /** Vectors of a batch. */
  readonly batch: number
  /** Loss of the batch, mean over its vectors; gradients at `gradients`. */
  backpropagate(batch: Batch, quantizer: QuantizerState): number
  /** Parameters of a section (0 encoder, 1 amplitudes, 2 thresholds, 3 decoder) take a step. */
  step(section: number, settings: AdamSettings): void
}

export interface MachineOptions {
  /** Forward and backward use a copy of the parameters. */
  readonly apart?: boolean
  /** Default: the kernel of the engine in use, or plain TypeScript where that is the engine. */
  readonly steps?: Steps
  /** Vectors that the loss is a mean over, where this machine has a part of them. Default: its batch. */
  readonly total?: number
  /** Parameters that another machine of the same memory holds: forward and backward use those. */
  readonly borrowed?: Place
}

/** @param batch  vectors of a batch */
export function machine(shape: ModelShape, batch: number, loss: Loss, options: MachineOptions = {}): Machine {
  const { apart = false, steps = kernelSteps(widestOf(shape)) ?? referenceSteps(), total = batch, borrowed } = options
  const row = rowLength(batch)
  const places = parametersOf(shape)
  const { encoder, decoder } = shape
  const inputs = encoder[0]!.inputs
  const channels = decoder[0]!.inputs
  const outputs = decoder.at(-1)!.outputs
  const all = [...encoder, ...decoder]
  const own = borrowed === undefined ? places.length : 4
  const [values, gradients, first, second, copy, x, target, mask, quantized, probability, ...rest] = steps.layout([
    own,
    places.length,
    own,
    own,
    apart ? places.length : 4,
    inputs * row,
    outputs * row,
    row,
    channels * row,
    outputs * row,
    ...all.map((layer) => layer.outputs * row),
    ...all.map((layer) => layer.outputs * row),
    channels * row,
  ]) as [Place, Place, Place, Place, Place, Place, Place, Place, Place, Place, ...Place[]]
  const used = borrowed ?? (apart ? copy : values)
  const activations = rest.slice(0, all.length)
  const errors = rest.slice(all.length, 2 * all.length)
  const quantizedError = rest.at(-1)!
  steps.write(
    mask,
    Float64Array.from({ length: row }, (_, b) => (b < batch ? 1 : 0)),
  )

  const at = (begin: Place, offset: number): Place => begin + offset * stride
  // Places of the kernel are bytes, of plain TypeScript numbers.
  const stride = steps.stride
  const layersAt = (begin: Place): Dense[] =>
    [...places.encoder, ...places.decoder].map(({ weight, bias }, l) => ({
      ...all[l]!,
      weight: at(begin, weight),
      bias: at(begin, bias),
    }))
  const layers = layersAt(used)
  const slopes = layersAt(gradients)
  const softAt = (begin: Place) => ({
    amplitudes: at(begin, places.amplitudes),
    thresholds: at(begin, places.thresholds),
    steps: shape.steps,
  })
  const soft = softAt(used)
  const softGradients = softAt(gradients)
  const depth = encoder.length
  const analog = activations[depth - 1]!
  const factor = (loss === 'squared-error' ? 2 : 1) / total
  /** What feeds layer l. */
  const source = (l: number) => (l === 0 ? x : l === depth ? quantized : activations[l - 1]!)

  return {
    row,
    batch,
    steps,
    values,
    used,
    gradients,
    first,
    second,
    length: places.length,
    backpropagate(given, { steepness, blend, noise }) {
      steps.write(x, given.inputs)
      steps.write(target, given.targets)
      for (let l = 0; l < depth; l++) steps.dense(layers[l]!, source(l), activations[l]!, row)
      if (noise === null) steps.quantize(soft, steepness, analog, quantized, channels, row)
      else {
        const values = steps.read(analog, channels * row)
        for (let k = 0; k < values.length; k++) values[k]! += noise[k]!
        steps.write(quantized, values)
      }
      for (let l = depth; l < all.length; l++) steps.dense(layers[l]!, source(l), activations[l]!, row)
      const last = all.length - 1
      const output = activations[last]!
      let sum: number
      if (loss === 'squared-error') sum = steps.squares(output, target, errors[last]!, outputs, row, mask, factor)
      else {
        steps.softmax(output, target, probability, errors[last]!, outputs, row, mask, factor)
        sum = crossEntropy(steps.read(probability, outputs * row), given.targets, batch, row)
      }
      for (let l = last; l > depth; l--) {
        steps.gradient(slopes[l]!, errors[l]!, source(l), row)
        steps.backward(layers[l]!, errors[l]!, source(l), errors[l - 1]!, row, all[l - 1]!.activation)
      }
      steps.gradient(slopes[depth]!, errors[depth]!, quantized, row)
      steps.backward(layers[depth]!, errors[depth]!, quantized, quantizedError, row, 'linear')
      steps.quantizeBack(
        soft,
        softGradients,
        steepness,
        noise === null ? blend : 0,
        analog,
        quantizedError,
        errors[depth - 1]!,
        channels,
        row,
        all[depth - 1]!.activation,
      )
      for (let l = depth - 1; l >= 0; l--) {
        steps.gradient(slopes[l]!, errors[l]!, source(l), row)
        if (l > 0) steps.backward(layers[l]!, errors[l]!, source(l), errors[l - 1]!, row, all[l - 1]!.activation)
      }
      return sum / total
    },
    step(section, settings) {
      const { begin, length } = places.sections[section]!
      const of = (place: Place) => at(place, begin)
      steps.adam(of(values), of(gradients), of(first), of(second), length, settings)
    },
  }
}

/** Mean of -log of the probability of each vector's class, as a sum over the batch. */
export function crossEntropy(p: Float64Array, targets: ArrayLike<number>, batch: number, row: number): number {
  let sum = 0
  for (let k = 0; k < p.length; k++)
    if (k % row < batch && targets[k]! > 0) sum -= targets[k]! * log(Math.max(p[k]!, 1e-38))
  return sum
}

/** Inputs or outputs of the widest layer. */
export const widestOf = ({ encoder, decoder }: ModelShape) =>
  Math.max(...[...encoder, ...decoder].flatMap(({ inputs, outputs }) => [inputs, outputs]))
