import { type AdcInstance, fabricateAdc } from '../adc/instance.ts'
import { wholeNumber } from '../base/whole-number.ts'
import { addTile, effectiveMatrix, type FabricatedArray, fabricateArray, readVariance } from '../crossbar/array.ts'
import { type FaultCounts, NO_FAULTS } from '../crossbar/fault-map.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { type ChipKey, type Mechanism, normalAt, site } from '../numerics/random.ts'
import type { DeployedLayer, Deployment } from './deployment.ts'

/** The tiles whose currents are added. */
export interface ChipPart {
  /** outputs x (inputs + 1), siemens: I = effective [v; biasVolts], wires included */
  readonly effective: Matrix
  /** outputs x (inputs + 1), siemens squared; null = noiseless reads */
  readonly readVariance: Matrix | null
}

/** One fabricated encoder layer. */
export interface ChipLayer {
  readonly arrays: readonly FabricatedArray[]
  /** Currents that are converted by themselves; one entry where all tiles are added as currents. */
  readonly parts: readonly ChipPart[]
  /** One entry an output: 1 + relative error, volts, 1 + relative error, volts. */
  readonly amplifierGain: Float64Array
  readonly amplifierOffset: Float64Array
  readonly activationGain: Float64Array
  readonly activationOffset: Float64Array
}

/** One sampled physical instance of a Deployment: everything static. Noise is drawn when it is used. */
export interface Chip {
  readonly deployment: Deployment
  readonly key: ChipKey
  readonly layers: readonly ChipLayer[]
  readonly adc: AdcInstance
  readonly faults: FaultCounts
}

/** Seeds and chip numbers are counter words of the random generator. */
const word = (name: string, value: number) => wholeNumber(name, value, 0, 2 ** 32 - 1)

/**
 * Make one chip. The same (seed, chip) gives the same devices whatever else is switched on, and however many chips
 * are made.
 *
 * @throws OHM5004 seed or chip out of range
 */
export function fabricate(deployment: Deployment, options: { seed?: number; chip?: number } = {}): Chip {
  const key = { seed: word('seed', options.seed ?? 0), chip: word('chip', options.chip ?? 0) }
  const layers = deployment.layers.map((layer, l) => fabricateLayer(layer, l, deployment, key))
  const faults = { ...NO_FAULTS } as Record<keyof FaultCounts, number>
  for (const layer of layers)
    for (const array of layer.arrays)
      for (const kind of Object.keys(faults) as (keyof FaultCounts)[]) faults[kind] += array.faults[kind]
  return { deployment, key, layers, adc: fabricateAdc(deployment.adc, deployment.profile, key), faults }
}

function fabricateLayer(layer: DeployedLayer, stage: number, deployment: Deployment, key: ChipKey): ChipLayer {
  const { profile } = deployment
  const arrays = layer.tiles.map((tile, t) => fabricateArray(tile, profile, key, stage, t))
  const parts = Array.from({ length: layer.parts }, (_, part): ChipPart => {
    const effective = matrix(layer.outputs, layer.inputs + 1)
    let variance: Matrix | null = null
    for (const [t, tile] of layer.tiles.entries()) {
      if (tile.part !== part) continue
      addTile(effective, effectiveMatrix(arrays[t]!.conductance, tile, profile.crossbar.wires), tile, 1)
      const noise = readVariance(arrays[t]!, tile, profile)
      if (noise === null) continue
      variance ??= matrix(layer.outputs, layer.inputs + 1)
      addTile(variance, noise, tile, 2)
    }
    return { effective, readVariance: variance }
  })
  const spread = (mechanism: Mechanism, sigma: number, centre: number) => {
    const at = site(stage, mechanism)
    return Float64Array.from({ length: layer.outputs }, (_, o) =>
      sigma > 0 ? centre + sigma * normalAt(key, at, o) : centre,
    )
  }
  const { tia, activation } = profile.periphery
  return {
    arrays,
    parts,
    amplifierGain: spread('tiaGain', tia.gainSigma, 1),
    amplifierOffset: spread('tiaOffset', tia.offsetSigma, 0),
    activationGain: spread('activationGain', activation.gainSigma, 1),
    activationOffset: spread('activationOffset', activation.offsetSigma, 0),
  }
}
