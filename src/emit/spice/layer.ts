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
    const { rows, cols } = tile.target
    const side = cols / tile.outputs / 2
    const words = Array.from({ length: rows }, (_, i) => word(tile.firstWord + i))
    const bits = Array.from({ length: cols }, (_, j) => {
      const output = tile.firstOutput + Math.floor(j / (2 * side))
      return j % (2 * side) < side ? `plus_${output}` : `minus_${output}`
    })
    lines.push(
      `* tile ${t}: ${rows} word lines from ${tile.firstWord}, ${tile.outputs} outputs from ${tile.firstOutput}`,
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
