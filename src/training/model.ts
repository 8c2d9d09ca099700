/**
 * What is trained: the shapes of a network, its parameters in one flat array, and the way to and from a Network.
 */
import type { Activation, DenseLayer, LevelRule, Network } from '../network/network.ts'
import { hardQuantizer } from '../network/soft-to-hard.ts'
import { matrix } from '../numerics/matrix.ts'
import { type ChipKey, normalAt, site, stages } from '../numerics/random.ts'

export interface LayerShape {
  readonly inputs: number
  readonly outputs: number
  readonly activation: Activation
}

export interface ModelShape {
  readonly encoder: readonly LayerShape[]
  /** I - 1: thresholds of the quantizer. */
  readonly steps: number
  readonly decoder: readonly LayerShape[]
}

/** Where the parameters stand in the flat array, in numbers from its begin; each section begins at a multiple of four. */
export interface Parameters {
  readonly encoder: readonly { readonly weight: number; readonly bias: number }[]
  readonly amplitudes: number
  readonly thresholds: number
  readonly decoder: readonly { readonly weight: number; readonly bias: number }[]
  /** Sections: encoder, amplitudes, thresholds, decoder; begin and length. */
  readonly sections: readonly { readonly begin: number; readonly length: number }[]
  readonly length: number
}

export function parametersOf(shape: ModelShape): Parameters {
  let end = 0
  const sections: { begin: number; length: number }[] = []
  const section = <T>(place: () => T): T => {
    const begin = end
    const placed = place()
    end = Math.ceil(end / 4) * 4
    sections.push({ begin, length: end - begin })
    return placed
  }
  const take = (length: number) => {
    end += length
    return end - length
  }
  const layers = (shapes: readonly LayerShape[]) =>
    shapes.map(({ inputs, outputs }) => ({ weight: take(inputs * outputs), bias: take(outputs) }))
  const encoder = section(() => layers(shape.encoder))
  const amplitudes = section(() => take(shape.steps))
  const thresholds = section(() => take(shape.steps))
  const decoder = section(() => layers(shape.decoder))
  return { encoder, amplitudes, thresholds, decoder, sections, length: end }
}

/** How the quantizer begins. */
export interface QuantizerStart {
  /** Thresholds lie on this range, evenly; a single one at 0. */
  readonly range: number
  /** Sum of all amplitudes. */
  readonly amplitude: number
}

/**
 * Parameters before the first iteration: weights N(0, 1 / inputs), biases 0, equal amplitudes, even thresholds.
 * Source: [0] sec. V-A
 */
export function initialParameters(shape: ModelShape, start: QuantizerStart, key: ChipKey): Float64Array {
  const places = parametersOf(shape)
  const values = new Float64Array(places.length)
  const layers = [...shape.encoder, ...shape.decoder]
  for (const [l, { weight }] of [...places.encoder, ...places.decoder].entries()) {
    const { inputs, outputs } = layers[l]!
    const where = site(stages.training, 'initialWeight', l)
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) values[weight + o * inputs + i] = normalAt(key, where, o, i) / Math.sqrt(inputs)
  }
  const { steps } = shape
  for (let i = 0; i < steps; i++) {
    values[places.amplitudes + i] = start.amplitude / steps
    values[places.thresholds + i] = steps === 1 ? 0 : start.range * ((2 * i) / (steps - 1) - 1)
  }
  return values
}

/** The shapes of a network, and its parameters where its quantizer is one that soft training gives. */
export function shapeOf(network: Network): ModelShape {
  const shapes = (layers: readonly DenseLayer[]) =>
    layers.map(({ weight, activation }) => ({ inputs: weight.cols, outputs: weight.rows, activation }))
  return {
    encoder: shapes(network.encoder),
    steps: network.quantizer.thresholds.length,
    decoder: shapes(network.decoder),
  }
}

/**
 * Parameters to go on training a network from.
 *
 * Amplitudes are half the steps between levels; a quantizer whose levels are not symmetric has its mean taken into the
 * bias of the first digital layer, which changes nothing.
 */
export function parametersFrom(network: Network): Float64Array {
  const shape = shapeOf(network)
  const places = parametersOf(shape)
  const values = new Float64Array(places.length)
  const put = (layers: readonly DenseLayer[], at: Parameters['encoder']) => {
    for (const [l, { weight, bias }] of layers.entries()) {
      values.set(weight.data, at[l]!.weight)
      values.set(bias, at[l]!.bias)
    }
  }
  put(network.encoder, places.encoder)
  put(network.decoder, places.decoder)
  const { levels, thresholds } = network.quantizer
  for (let i = 0; i < shape.steps; i++) {
    values[places.amplitudes + i] = (levels[i + 1]! - levels[i]!) / 2
    values[places.thresholds + i] = thresholds[i]!
  }
  const middle = (levels[0]! + levels.at(-1)!) / 2
  const { weight } = network.decoder[0]!
  for (let o = 0; o < weight.rows; o++)
    for (let k = 0; k < weight.cols; k++)
      values[places.decoder[0]!.bias + o]! += middle * weight.data[o * weight.cols + k]!
  return values
}

/**
 * The network with the hard quantizer that parameters stand for.
 *
 * @param steepness  h, which the soft mid-points of `soft-midpoint` depend on
 * @throws OHM1106 where two thresholds coincide
 */
export function networkOf(
  shape: ModelShape,
  values: Float64Array,
  steepness: number,
  levelRule: Exclude<LevelRule, 'given'>,
  rest: Pick<Network, 'name' | 'task' | 'provenance'>,
): Network {
  const places = parametersOf(shape)
  const layers = (shapes: readonly LayerShape[], at: Parameters['encoder']): DenseLayer[] =>
    shapes.map(({ inputs, outputs, activation }, l) => {
      const weight = matrix(outputs, inputs)
      weight.data.set(values.subarray(at[l]!.weight, at[l]!.weight + outputs * inputs))
      return { weight, bias: values.slice(at[l]!.bias, at[l]!.bias + outputs), activation }
    })
  const amplitudes = values.slice(places.amplitudes, places.amplitudes + shape.steps)
  const thresholds = values.slice(places.thresholds, places.thresholds + shape.steps)
  return {
    ...rest,
    encoder: layers(shape.encoder, places.encoder),
    quantizer: hardQuantizer({ amplitudes, shifts: thresholds.map((t) => steepness * t), scale: steepness }, levelRule),
    decoder: layers(shape.decoder, places.decoder),
  }
}
