/**
 * One encoder layer: its tiles' subcircuits, and one subcircuit that joins them with amplifiers and activation stages.
 */
import type { Wires } from '../../crossbar/wires.ts'
import type { DeployedLayer } from '../../deployment/deployment.ts'
import type { ChipLayer } from '../../deployment/fabricate.ts'
import { type ArraySource, arraySubcircuit } from './array.ts'
import { card, names, parameters } from './text.ts'

export interface LayerSource {
  readonly index: number
  readonly layer: DeployedLayer
  readonly made: ChipLayer
  /** One entry a tile. */
  readonly arrays: readonly ArraySource[]
  /** volts, null = amplifiers never clip */
  readonly swing: number | null
}

/** A chip layer's tiles with their wires. */
export function arraySources(made: ChipLayer, wires: Wires): ArraySource[] {
  return made.arrays.map(({ conductance }) => ({ conductance, wires }))
}

/** Parameters that all outputs of a layer share, named l<index>_... */
export function layerParameters({ index, layer }: LayerSource): Record<string, number> {
  return {
    [`l${index}_rf`]: layer.feedbackOhms,
    [`l${index}_bias`]: layer.biasVolts,
    [`l${index}_vin`]: layer.amplifierVoltsPerUnit,
    [`l${index}_vout`]: layer.outputVoltsPerUnit,
  }
}

/**
 * Subcircuits array_<layer>_<tile> and layer_<layer>, the latter with pins in_*, amp_* (amplifier volts) and out_*.
 *
 * The ends of an output's positive (negative) bit lines, of all its devices in parallel and of all row tiles, meet at
 * one virtual ground, where their currents add.
 */
export function layerSubcircuits(source: LayerSource): string[] {
  const { index, layer, made, arrays, swing } = source
  const lines: string[] = []
  for (const [t, array] of arrays.entries()) lines.push(...arraySubcircuit(`array_${index}_${t}`, array), '')

  lines.push(
    card(
      '.subckt',
      `layer_${index}`,
      names('in', layer.inputs),
      names('amp', layer.outputs),
      names('out', layer.outputs),
    ),
    '* the bias word line, last of the layer',
    `vbias bias 0 {l${index}_bias}`,
    'rbias bias 0 1e9',
  )
  const word = (i: number) => (i === layer.inputs ? 'bias' : `in_${i}`)
  for (const [t, tile] of layer.tiles.entries()) {
    const words = tile.words.map(word)
    const bits = tile.lineWeights.map(
      (weight, j) => `${weight > 0 ? 'plus' : 'minus'}_${tile.outputs[made.arrays[t]!.lineOutputs[j]!]}`,
    )
    lines.push(
      `* tile ${t}: word lines ${span(tile.words)}, outputs ${span(tile.outputs)}`,
      card(`xarray_${t}`, words, bits, `array_${index}_${t}`),
    )
  }
  const difference = swing === null ? 'ob_difference' : 'ob_difference_clip'
  for (let o = 0; o < layer.outputs; o++) {
    const amplifier = { gain: made.amplifierGain[o]!, offset: made.amplifierOffset[o]! }
    lines.push(
      `* output ${o}`,
      `xtp_${o} plus_${o} tp_${o} ob_tia rf={l${index}_rf}`,
      `xtm_${o} minus_${o} tm_${o} ob_tia rf={l${index}_rf}`,
      card(
        `xdiff_${o} tp_${o} tm_${o} amp_${o} ${difference}`,
        parameters({ ...amplifier, ...(swing === null ? {} : { swing: '{amp_swing}' }) }),
      ),
      card(
        `xact_${o} amp_${o} out_${o} ob_${layer.activation}`,
        parameters({
          vin: `{l${index}_vin}`,
          vout: `{l${index}_vout}`,
          gain: made.activationGain[o]!,
          offset: made.activationOffset[o]!,
        }),
      ),
    )
  }
  lines.push(`.ends layer_${index}`)
  return lines
}

/** "3 to 7", or "3 .. 7 (5)" where numbers are left out or out of order. */
function span(numbers: readonly number[]): string {
  const [first, last] = [numbers[0]!, numbers.at(-1)!]
  return last - first === numbers.length - 1 ? `${first} to ${last}` : `${first} .. ${last} (${numbers.length})`
}
