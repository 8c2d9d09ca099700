import { type AdcInstance, fabricateAdc } from '../adc/instance.ts'
import { fail, type Warning } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import {
  addTile,
  type ColumnVariance,
  columnVariance,
  effectiveMatrix,
  type FabricatedArray,
  fabricateArray,
  readVariance,
} from '../crossbar/array.ts'
import { type FaultCounts, faultMap, NO_FAULTS } from '../crossbar/fault-map.ts'
import { type RepairReport, repairFaults } from '../crossbar/fault-repair.ts'
import { cellConductances, deviceLaw, isOhmic } from '../crossbar/iv.ts'
import type { Tile } from '../crossbar/mapping.ts'
import { addWrites, NO_WRITES, type WriteCounts } from '../crossbar/write-verify.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { type ChipKey, type Mechanism, normalAt, site } from '../numerics/random.ts'
import { type FieldPath, valueAt, withValues } from '../profile/fields.ts'
import type { Profile } from '../profile/profile.ts'
import { unusedWarnings } from '../profile/unused.ts'
import { calibrateOutputs, compensateDrift } from './calibrate.ts'
import type { DeployedLayer, Deployment } from './deployment.ts'
import type { NonlinearTile } from './nonlinear-part.ts'
import { timeWarnings } from './validity.ts'

/** The tiles whose currents are added. */
export interface ChipPart {
  /**
   * outputs x (inputs + 1), siemens: I = effective [v; biasVolts], wires and access transistors included; with devices
   * that are not ohmic, their small-signal conductances
   */
  readonly effective: Matrix
  /** The arrays themselves, to be solved for every vector, where devices are not ohmic; null: `effective` says it all. */
  readonly nonlinear: readonly NonlinearTile[] | null
  /** outputs x (inputs + 1), siemens squared; null = noiseless reads */
  readonly readVariance: Matrix | null
  /** Thermal and shot noise of the columns; `shot` is outputs x (inputs + 1); null = none */
  readonly columnVariance: ColumnVariance | null
}

/** One fabricated encoder layer. */
export interface ChipLayer {
  readonly arrays: readonly FabricatedArray[]
  /** Currents that are converted by themselves; one entry where all tiles are added as currents. */
  readonly parts: readonly ChipPart[]
  /** What was done about the chip's faults; null: nothing. */
  readonly repair: RepairReport | null
  /** One entry an output: (1 + relative error) x gain against the wires, volts, 1 + relative error, volts. */
  readonly amplifierGain: Float64Array
  readonly amplifierOffset: Float64Array
  readonly activationGain: Float64Array
  readonly activationOffset: Float64Array
}

/** One sampled physical instance of a Deployment: everything static. Noise is drawn when it is used. */
export interface Chip {
  /** Its profile is at the chip's age. */
  readonly deployment: Deployment
  readonly key: ChipKey
  readonly layers: readonly ChipLayer[]
  readonly adc: AdcInstance
  readonly faults: FaultCounts
  /** Pulses of programming model write-verify. */
  readonly writes: WriteCounts
  /** Outputs that drift compensation or output calibration could not correct. */
  readonly untrimmedOutputs: number
  /** Those of the deployment, at the chip's age. */
  readonly warnings: readonly Warning[]
}

export interface FabricateOptions {
  readonly seed?: number
  readonly chip?: number
  /** Age in seconds since programming; default: the profile's. */
  readonly seconds?: number
}

/** Seeds and chip numbers are counter words of the random generator. */
const word = (name: string, value: number) => wholeNumber(name, value, 0, 2 ** 32 - 1)

const AGE = '/environment/timeSinceProgramming'

/** Oldest chip, seconds: a hundred years. */
const OLDEST = 36500 * 86400

/**
 * Make one chip. The same (seed, chip) gives the same devices whatever else is switched on, and however many chips
 * are made; with another age it is the same chip later, every draw being the same.
 *
 * @throws OHM5004 seed, chip or seconds out of range, OHM1204 unknown options
 */
export function fabricate(deployment: Deployment, options: FabricateOptions = {}): Chip {
  knownOptions<FabricateOptions>('fabricate', options, { seed: true, chip: true, seconds: true })
  const key = { seed: word('seed', options.seed ?? 0), chip: word('chip', options.chip ?? 0) }
  const aged = atAge(deployment, options.seconds)
  const { profile } = aged
  const made = aged.layers.map((layer, l) => fabricateLayer(layer, l, aged, key))
  const compensated =
    profile.crossbar.driftCompensation.kind === 'none'
      ? made.map((layer) => ({ layer, untrimmed: 0 }))
      : made.map((layer, l) => {
          const fresh = fabricateLayer(aged.layers[l]!, l, justProgrammed(aged), key)
          return compensateDrift(layer, fresh.parts, profile, key, l)
        })
  const { layers, untrimmed } = calibrateOutputs(
    aged,
    compensated.map(({ layer }) => layer),
    key,
  )
  const faults = { ...NO_FAULTS } as Record<keyof FaultCounts, number>
  for (const layer of layers)
    for (const array of layer.arrays)
      for (const kind of Object.keys(faults) as (keyof FaultCounts)[]) faults[kind] += array.faults[kind]
  return {
    deployment: aged,
    key,
    layers,
    adc: fabricateAdc(aged.adc, profile, key),
    faults,
    writes: layers.flatMap((layer) => layer.arrays.map(({ writes }) => writes)).reduce(addWrites, NO_WRITES),
    untrimmedOutputs: compensated.reduce((n, layer) => n + layer.untrimmed, untrimmed),
    warnings: aged.warnings,
  }
}

function atAge(deployment: Deployment, seconds: number | undefined): Deployment {
  if (seconds === undefined || seconds === deployment.profile.environment.timeSinceProgramming) return deployment
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds <= OLDEST))
    fail('OHM5004', `seconds is ${seconds}; the age of a chip is from 0 to ${OLDEST} s`)
  const profile = withValues(deployment.profile, { 'environment.timeSinceProgramming': seconds })
  const others = deployment.warnings.filter((warning) => warning.at?.pointer !== AGE)
  const aged = [...unusedWarnings(profile), ...timeWarnings(profile)].filter(({ at }) => at?.pointer === AGE)
  return { ...deployment, profile, warnings: [...others, ...aged] }
}

/** The same hardware at the moment that drift compensation compares with. */
function justProgrammed(deployment: Deployment): Deployment {
  const { profile } = deployment
  return {
    ...deployment,
    profile: withValues(profile, {
      'environment.timeSinceProgramming': 0,
      'environment.temperature': profile.device.temperature.reference,
    }),
  }
}

/** Standard deviations of the amplifiers, and what draws their standard normal deviates, one an output and chip. */
export const AMPLIFIER_SPREADS = {
  'periphery.tia.gainSigma': 'tiaGain',
  'periphery.tia.offsetSigma': 'tiaOffset',
  'periphery.activation.gainSigma': 'activationGain',
  'periphery.activation.offsetSigma': 'activationOffset',
} as const satisfies Partial<Record<FieldPath, Mechanism>>
export type AmplifierSpread = keyof typeof AMPLIFIER_SPREADS

/** The deviates that a chip has of one of these spreads in one encoder layer, output by output; none where it is 0. */
export function amplifierDeviates(
  path: AmplifierSpread,
  { outputs }: Pick<DeployedLayer, 'outputs'>,
  stage: number,
  profile: Profile,
  key: ChipKey,
): Float64Array {
  const at = site(stage, AMPLIFIER_SPREADS[path])
  const count = (valueAt(profile, path) as number) > 0 ? outputs : 0
  return Float64Array.from({ length: count }, (_, o) => normalAt(key, at, o))
}

function fabricateLayer(layer: DeployedLayer, stage: number, deployment: Deployment, key: ChipKey): ChipLayer {
  const { profile } = deployment
  const { wires } = profile.crossbar
  const law = deviceLaw(profile.device)
  const faults = layer.tiles.map((tile, t) => faultMap(tile.target, profile.device, key, stage, t))
  const { tiles, report } = repairFaults({ ...layer, words: layer.inputs + 1 }, faults, profile)
  const arrays = tiles.map((tile, t) => fabricateArray(tile, profile, key, stage, t, faults[t]!))
  const parts = Array.from({ length: layer.parts }, (_, part): ChipPart => {
    const effective = matrix(layer.outputs, layer.inputs + 1)
    let variance: Matrix | null = null
    let columns: ColumnVariance | null = null
    const nonlinear: NonlinearTile[] | null = isOhmic(law) ? null : []
    for (const [t, tile] of tiles.entries()) {
      if (tile.part !== part) continue
      const { conductance } = arrays[t]!
      const cells = cellConductances(conductance, law.seriesOhms)
      addTile(effective, effectiveMatrix(cells, tile, wires), tile, 1)
      nonlinear?.push({ lines: tile, array: { conductance, wires, law } })
      columns = addColumns(columns, columnVariance(arrays[t]!, tile, profile), tile, layer)
      const noise = readVariance(arrays[t]!, tile, profile)
      if (noise === null) continue
      variance ??= matrix(layer.outputs, layer.inputs + 1)
      addTile(variance, noise, tile, 2)
    }
    return { effective, nonlinear, readVariance: variance, columnVariance: columns }
  })
  const spread = (path: AmplifierSpread, centre: number) => {
    const sigma = valueAt(profile, path) as number
    const values = new Float64Array(layer.outputs).fill(centre)
    for (const [o, xi] of amplifierDeviates(path, layer, stage, profile, key).entries()) values[o] = centre + sigma * xi
    return values
  }
  const { outputGain } = layer
  const amplifierGain = spread('periphery.tia.gainSigma', 1)
  if (outputGain !== null) for (let o = 0; o < amplifierGain.length; o++) amplifierGain[o]! *= outputGain[o]!
  return {
    arrays,
    parts,
    amplifierGain,
    amplifierOffset: spread('periphery.tia.offsetSigma', 0),
    activationGain: spread('periphery.activation.gainSigma', 1),
    activationOffset: spread('periphery.activation.offsetSigma', 0),
    repair: report,
  }
}

/** Add a tile's column noise to that of its part. */
function addColumns(
  sum: ColumnVariance | null,
  tileNoise: ColumnVariance | null,
  tile: Tile,
  { outputs, inputs }: DeployedLayer,
): ColumnVariance | null {
  if (tileNoise === null) return sum
  const thermal = sum?.thermal ?? new Float64Array(outputs)
  for (const [o, output] of tile.outputs.entries()) thermal[output]! += tileNoise.thermal[o]!
  if (tileNoise.shot === null) return { thermal, shot: null }
  const shot = sum?.shot ?? matrix(outputs, inputs + 1)
  addTile(shot, tileNoise.shot, tile, 2)
  return { thermal, shot }
}
