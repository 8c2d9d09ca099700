/**
 * The digital half alone, laid out for training on codes: reproduction levels and digital layers are the parameters.
 *
 * A level is a weight on the one-hot form of its code: its gradient is the sum of the errors of all entries that have
 * this code. Every channel reads the one table of levels; gain and offset a channel are weights and biases of the first
 * digital layer.
 */
import type { DenseLayer } from '../network/network.ts'
import { matrix } from '../numerics/matrix.ts'
import { kernelSteps } from './kernel-steps.ts'
import { crossEntropy, type Loss } from './machine.ts'
import type { LayerShape } from './model.ts'
import { referenceSteps } from './reference-steps.ts'
import { type AdamSettings, type Dense, type Place, rowLength, type Steps } from './steps.ts'

export interface DecoderShape {
  readonly layers: readonly LayerShape[]
  /** I */
  readonly levels: number
}

/** The digital half as plain values. */
export interface DigitalHalf {
  readonly levels: Float64Array
  readonly decoder: readonly DenseLayer[]
}

export interface CodeBatch {
  /** channels x row; padding is any code */
  readonly codes: Uint16Array
  /** outputs x row */
  readonly targets: Float32Array
}

export interface DecoderMachine {
  readonly row: number
  /** All parameters, layer by layer, then levels. */
  read(): Float64Array
  write(values: Float64Array): void
  /** Gradient of every parameter, in the same order. */
  gradients(): Float64Array
  /** Mean loss of the batch's vectors; leaves the gradients. */
  backpropagate(batch: CodeBatch): number
  /** Every parameter takes a step of Adam. */
  step(settings: AdamSettings): void
}

interface Places {
  readonly layers: readonly { readonly weight: number; readonly bias: number }[]
  readonly levels: number
  readonly length: number
}

function placesOf({ layers, levels }: DecoderShape): Places {
  let end = 0
  const take = (n: number) => {
    end += n
    return end - n
  }
  const at = layers.map(({ inputs, outputs }) => ({ weight: take(inputs * outputs), bias: take(outputs) }))
  const levelsAt = take(levels)
  return { layers: at, levels: levelsAt, length: Math.ceil(end / 4) * 4 }
}

/** Parameters of a digital half, flat. */
export function flatten({ levels, decoder }: DigitalHalf): Float64Array {
  const places = placesOf(shapeOfHalf({ levels, decoder }))
  const values = new Float64Array(places.length)
  for (const [l, { weight, bias }] of decoder.entries()) {
    values.set(weight.data, places.layers[l]!.weight)
    values.set(bias, places.layers[l]!.bias)
  }
  values.set(levels, places.levels)
  return values
}

/** The inverse of `flatten`. */
export function unflatten(shape: DecoderShape, values: Float64Array): DigitalHalf {
  const places = placesOf(shape)
  return {
    levels: values.slice(places.levels, places.levels + shape.levels),
    decoder: shape.layers.map(({ inputs, outputs, activation }, l) => {
      const { weight, bias } = places.layers[l]!
      return {
        weight: matrix(outputs, inputs, values.slice(weight, weight + outputs * inputs)),
        bias: values.slice(bias, bias + outputs),
        activation,
      }
    }),
  }
}

export const shapeOfHalf = ({ levels, decoder }: DigitalHalf): DecoderShape => ({
  levels: levels.length,
  layers: decoder.map(({ weight, activation }) => ({ inputs: weight.cols, outputs: weight.rows, activation })),
})

/**
 * @param batch  vectors of a batch
 * @param steps  default: the kernel of the engine in use, or plain TypeScript where that is the engine
 */
export function decoderMachine(
  shape: DecoderShape,
  batch: number,
  loss: Loss,
  steps: Steps = kernelSteps(Math.max(...shape.layers.flatMap(({ inputs, outputs }) => [inputs, outputs]))) ??
    referenceSteps(),
): DecoderMachine {
  const row = rowLength(batch)
  const places = placesOf(shape)
  const { length } = places
  const channels = shape.layers[0]!.inputs
  const outputs = shape.layers.at(-1)!.outputs
  const [values, gradients, first, second, x, dx, target, mask, probability, ...rest] = steps.layout([
    ...[length, length, length, length],
    channels * row,
    channels * row,
    outputs * row,
    row,
    outputs * row,
    ...shape.layers.map((layer) => layer.outputs * row),
    ...shape.layers.map((layer) => layer.outputs * row),
  ]) as [Place, Place, Place, Place, Place, Place, Place, Place, Place, ...Place[]]
  const signals = rest.slice(0, shape.layers.length)
  const errors = rest.slice(shape.layers.length)
  steps.write(
    mask,
    Float64Array.from({ length: row }, (_, b) => (b < batch ? 1 : 0)),
  )
  const at = (begin: Place, offset: number): Place => begin + offset * steps.stride
  const layersAt = (begin: Place): Dense[] =>
    places.layers.map(({ weight, bias }, l) => ({
      ...shape.layers[l]!,
      weight: at(begin, weight),
      bias: at(begin, bias),
    }))
  const layers = layersAt(values)
  const slopes = layersAt(gradients)
  const last = layers.length - 1
  const factor = (loss === 'squared-error' ? 2 : 1) / batch
  const source = (l: number) => (l === 0 ? x : signals[l - 1]!)
  const input = new Float64Array(channels * row)

  return {
    row,
    read: () => steps.read(values, length),
    write: (given) => steps.write(values, given),
    gradients: () => steps.read(gradients, length),
    backpropagate({ codes, targets }) {
      const levels = steps.read(at(values, places.levels), shape.levels)
      for (let k = 0; k < input.length; k++) input[k] = levels[codes[k]!]!
      steps.write(x, input)
      steps.write(target, targets)
      for (const [l, layer] of layers.entries()) steps.dense(layer, source(l), signals[l]!, row)
      const output = signals[last]!
      let total: number
      if (loss === 'squared-error') total = steps.squares(output, target, errors[last]!, outputs, row, mask, factor)
      else {
        steps.softmax(output, target, probability, errors[last]!, outputs, row, mask, factor)
        total = crossEntropy(steps.read(probability, outputs * row), targets, batch, row)
      }
      for (let l = last; l >= 0; l--) {
        steps.gradient(slopes[l]!, errors[l]!, source(l), row)
        if (l > 0) steps.backward(layers[l]!, errors[l]!, source(l), errors[l - 1]!, row, layers[l - 1]!.activation)
      }
      steps.backward(layers[0]!, errors[0]!, x, dx, row, 'linear')
      const slope = new Float64Array(shape.levels)
      const error = steps.read(dx, channels * row)
      for (let k = 0; k < error.length; k++) slope[codes[k]!]! += error[k]!
      steps.write(at(gradients, places.levels), slope)
      return total / batch
    },
    step: (settings) => steps.adam(values, gradients, first, second, length, settings),
  }
}
