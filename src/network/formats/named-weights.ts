import { OhmbitError, type Problem } from '../../base/errors.ts'
import { matrix } from '../../numerics/matrix.ts'
import type { NpyArray } from '../../numerics/npy.ts'
import { checkNetwork } from '../check.ts'
import type { Activation, DenseLayer, Network } from '../network.ts'
import type { Manifest } from './manifest.ts'

/** Whether a key names a tensor of a network; scores, amplitudes and the like are not read. */
export function isWeightKey(key: string): boolean {
  return numberOf(key) !== null || ['thresholds', 'levels', 'reproduction'].includes(key)
}

/** Number of the layer that F2, b2, W2, r2 and the like belong to; null for another key. */
function numberOf(key: string): number | null {
  return /^[FbWr][1-9]\d{0,2}$/.test(key) ? Number(key.slice(1)) : null
}

/**
 * A network from tensors named as in the papers: F2, F3, .. / b2, b3, .. for the encoder's weights and biases, W2, .. /
 * r2, .. for the decoder's, `thresholds`, and `levels` (or `reproduction`).
 *
 * Activations and task come from the manifest: weights alone do not tell a tanh layer from a linear one, and a wrong
 * guess would only show as a bad score.
 *
 * @param tensors   weights outputs x inputs
 * @throws OHM1101 tensors or activations missing, OHM1102 shapes; and what checkNetwork finds
 */
export function networkFromWeights(
  tensors: ReadonlyMap<string, NpyArray>,
  manifest: Manifest | null,
  format: string,
): Network {
  const problems: Problem[] = []
  const report = (code: 'OHM1101' | 'OHM1102', pointer: string, message: string, hint?: string) =>
    problems.push({ code, message, at: { pointer }, ...(hint === undefined ? {} : { hint }) })

  const vector = (key: string): Float64Array => {
    const tensor = tensors.get(key)
    if (tensor === undefined) return new Float64Array(0)
    if (tensor.shape.filter((n) => n !== 1).length > 1)
      report('OHM1102', key, `${key} has shape (${tensor.shape.join(', ')}); it must be a vector`)
    return tensor.data
  }

  const part = (name: 'encoder' | 'decoder', weightKey: string, biasKey: string) => {
    const numbers = [...tensors.keys()]
      .filter((key) => key[0] === weightKey && numberOf(key) !== null)
      .map((key) => numberOf(key)!)
      .sort((a, b) => a - b)
    // Layer 1 of the papers is the input, so weights begin at 2; counting them from 1 is as clear.
    const first = Math.min(numbers[0] ?? 2, 2)
    const layers: Omit<DenseLayer, 'activation'>[] = []
    if (numbers.length === 0) {
      const keys = [...tensors.keys()].join(', ') || 'none'
      report('OHM1101', name, `there is no ${name} weight ${weightKey}2`, `the keys are ${keys}`)
    }
    for (const [i, n] of numbers.entries()) {
      const [w, b] = [`${weightKey}${n}`, `${biasKey}${n}`]
      const { shape, data } = tensors.get(w)!
      if (n !== first + i) report('OHM1101', w, `there is ${w}, but no ${weightKey}${first + i}`)
      if (shape.length !== 2) report('OHM1102', w, `${w} has shape (${shape.join(', ')}); weights are outputs x inputs`)
      else if (!tensors.has(b)) report('OHM1101', b, `${w} has no bias ${b}`, 'give zeros if the layer has no bias')
      else layers.push({ weight: matrix(shape[0]!, shape[1]!, data), bias: vector(b) })
    }
    for (const key of tensors.keys())
      if (key[0] === biasKey && numberOf(key) !== null && !numbers.includes(numberOf(key)!))
        report('OHM1101', key, `there is a bias ${key} without a weight ${weightKey}${key.slice(1)}`)
    return layers
  }
  const encoder = part('encoder', 'F', 'b')
  const decoder = part('decoder', 'W', 'r')
  const levelsKey = tensors.has('levels') ? 'levels' : 'reproduction'
  for (const key of ['thresholds', 'levels'])
    if (!tensors.has(key) && !(key === 'levels' && tensors.has('reproduction')))
      report('OHM1101', key, `there is no tensor ${key}`)

  const activate = (
    name: 'encoder' | 'decoder',
    key: string,
    layers: typeof encoder,
    words: readonly Activation[] | null,
  ) => {
    if (problems.length === 0 && words !== null && words.length !== layers.length)
      report('OHM1101', key, `${key} has ${words.length} activations, the ${name} ${layers.length} layers`)
    return layers.map((layer, i): DenseLayer => ({ ...layer, activation: words?.[i] ?? 'linear' }))
  }
  const { encoderActivations = null, decoderActivations = null } = manifest ?? {}
  if (problems.length === 0 && (encoderActivations === null || decoderActivations === null)) {
    const example = JSON.stringify({
      enc_act: encoder.map(() => 'tanh'),
      dec_act: decoder.map((_, i) => (i < decoder.length - 1 ? 'tanh' : 'linear')),
    })
    report(
      'OHM1101',
      'manifest.json',
      'nothing says which activations the layers have: no manifest.json with enc_act and dec_act stands beside the weights',
      `write a manifest.json beside them, for instance ${example}`,
    )
  }
  const network: Network = {
    name: manifest?.name ?? '',
    encoder: activate('encoder', 'enc_act', encoder, encoderActivations),
    quantizer: {
      thresholds: vector('thresholds'),
      levels: vector(levelsKey),
      compare: 'gt',
      levelRule: 'given',
    },
    decoder: activate('decoder', 'dec_act', decoder, decoderActivations),
    task: manifest?.task ?? null,
    provenance: { format, ...manifest?.provenance },
  }
  if (problems.length > 0) throw new OhmbitError(problems)
  return checkNetwork(network)
}
