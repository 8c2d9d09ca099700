/**
 * One fabricated array: what every device of a tile conducts, and what the tile as a whole does.
 */

import { type Matrix, matrix } from '../numerics/matrix.ts'
import { type ChipKey, drawnArray, site } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import { attenuation } from './attenuation.ts'
import { drifted } from './drift.ts'
import { type FaultCounts, type FaultMap, faultMap, NO_FAULTS } from './fault-map.ts'
import { cellConductances } from './iv.ts'
import type { Tile } from './mapping.ts'
import { readSigma } from './read-noise.ts'
import { retained } from './retention.ts'
import { acceleration, columnNoise, temperatureFactor } from './temperature.ts'
import { outputByOutput } from './transfer.ts'
import { hasWires, signedTransfer, transferMatrix, type Wires } from './wires.ts'
import { writeTile } from './write-tile.ts'
import type { WriteCounts } from './write-verify.ts'

export interface FabricatedArray {
  /** words x bitLines, siemens, at the profile's time since programming */
  readonly conductance: Matrix
  /** As `Tile.lineOutputs`, on this chip: a repair may have given outputs to other bit lines. */
  readonly lineOutputs: readonly number[]
  /** 1 where a device never formed or lies on a dead line: it carries no current and makes no noise; null = none. */
  readonly open: Uint8Array | null
  readonly faults: FaultCounts
  /** Of programming model write-verify; no devices with any other. */
  readonly writes: WriteCounts
}

/**
 * Write a tile into devices: programming error, then drift and retention to the profile's time, then temperature, then
 * faults, which override all of them.
 *
 * @param tile    as designed, or as repaired for this chip
 * @param stage   encoder layer, part of the random key
 * @param index   tile of the layer, part of the random key
 * @param faults  the chip's faults in this array
 */
export function fabricateArray(
  tile: Tile,
  profile: Profile,
  key: ChipKey,
  stage: number,
  index: number,
  faults: FaultMap | null = faultMap(tile.target, profile.device, key, stage, index),
): FabricatedArray {
  const { device, environment } = profile
  const { rows, cols } = tile.target
  const age = environment.timeSinceProgramming * acceleration(profile)
  const warm = temperatureFactor(profile)
  const at = site(stage, 'driftExponent', index)
  const { written, writes } = writeTile(tile, profile, key, stage, index)
  const fresh = device.drift.model === 'none' && device.retention.model === 'none' && warm === 1
  const g = fresh ? matrix(rows, cols, written) : matrix(rows, cols)
  if (!fresh) {
    const normal = drawnArray('normal', key, at, rows, cols)
    for (let k = 0; k < written.length; k++) {
      const old = drifted(written[k]!, tile.target.data[k]!, device, age, () => normal(k))
      g.data[k] = warm * retained(old, device, age)
    }
  }
  if (faults !== null)
    for (const [k, conductance] of faults.stuck.entries()) if (!Number.isNaN(conductance)) g.data[k] = conductance
  return {
    conductance: g,
    lineOutputs: tile.lineOutputs,
    open: faults?.open ?? null,
    faults: faults?.counts ?? NO_FAULTS,
    writes,
  }
}

/** What a deployment knows of an array's lines. */
export type Lines = Pick<Tile, 'words' | 'signs' | 'outputs' | 'lineOutputs' | 'lineWeights'>

/** The bit lines of every output of a tile, shared reference columns included, with their weights; positive ones first. */
export function outputLines(tile: Lines): readonly OutputLine[][] {
  let found = linesOfTiles.get(tile)
  if (found === undefined) {
    found = findOutputLines(tile)
    linesOfTiles.set(tile, found)
  }
  return found
}

export interface OutputLine {
  readonly line: number
  readonly weight: number
}

/** For the chips of one deployment. */
const linesOfTiles = new WeakMap<Lines, readonly OutputLine[][]>()

function findOutputLines(tile: Lines): readonly OutputLine[][] {
  const lines = tile.lineWeights.map((weight, line) => ({ line, weight, output: tile.lineOutputs[line]! }))
  return tile.outputs.map((_, o) => {
    const own = lines.filter(({ output }) => output === o || output === -1)
    return [...own.filter(({ weight }) => weight > 0), ...own.filter(({ weight }) => weight < 0)]
  })
}

/** Bit lines of the outputs one after the other, with the sizes of their weights. */
interface Sides {
  /** Where the lines of weight above 0 begin, and those below 0: two numbers an output, then the end. */
  readonly from: Int32Array
  readonly line: Int32Array
  readonly size: Float64Array
}

/** For the chips of one deployment. */
const sidesOfTiles = new WeakMap<Lines, Sides>()

function sides(tile: Lines): Sides {
  let found = sidesOfTiles.get(tile)
  if (found === undefined) {
    const all = outputLines(tile)
    const groups = all.flatMap((lines) => [
      lines.filter(({ weight }) => weight > 0),
      lines.filter(({ weight }) => weight < 0),
    ])
    const from = new Int32Array(groups.length + 1)
    for (const [k, group] of groups.entries()) from[k + 1] = from[k]! + group.length
    const lines = groups.flat()
    found = {
      from,
      line: Int32Array.from(lines, ({ line }) => line),
      size: Float64Array.from(lines, ({ weight }) => Math.abs(weight)),
    }
    sidesOfTiles.set(tile, found)
  }
  return found
}

/**
 * Combine bit lines into outputs. The lines of each sign are summed by themselves, in the same order, so that equal sides
 * cancel exactly.
 *
 * @param perLine  bitLines x word lines, or word lines x bitLines with `upright`
 * @param power    what a weight counts: 1, itself, for currents; 2, its square, for variances
 * @returns        outputs x word lines
 */
function combine(perLine: Matrix, tile: Lines, power: 1 | 2, upright = false): Matrix {
  const words = upright ? perLine.rows : perLine.cols
  const byLine = upright ? 1 : words
  const byWord = upright ? perLine.cols : 1
  const out = matrix(tile.outputs.length, words)
  const { from, line, size } = sides(tile)
  const { data } = perLine
  const sums = out.data
  const negative = power === 1 ? -1 : 1
  for (let o = 0; o < out.rows; o++) {
    const middle = from[2 * o + 1]!
    const end = from[2 * o + 2]!
    for (let i = 0; i < words; i++) {
      let plus = 0
      for (let k = from[2 * o]!; k < middle; k++) {
        const w = size[k]!
        plus += (power === 1 ? w : w * w) * data[line[k]! * byLine + i * byWord]!
      }
      let minus = 0
      for (let k = middle; k < end; k++) {
        const w = size[k]!
        minus += (power === 1 ? w : w * w) * data[line[k]! * byLine + i * byWord]!
      }
      sums[o * words + i] = plus + negative * minus
    }
  }
  return out
}

/** The tile's signed effective matrix, wires included: outputs x word lines, siemens. */
export function effectiveMatrix(conductance: Matrix, tile: Lines, wires: Wires): Matrix {
  if (!hasWires(wires)) return combine(conductance, tile, 1, true)
  if (outputByOutput(conductance, wires, tile.outputs.length))
    return signedTransfer(
      conductance,
      wires,
      outputLines(tile).map((lines) => lines.map(({ line, weight }) => [line, weight] as const)),
    )
  return combine(transferMatrix(conductance, wires), tile, 1)
}

/**
 * Add a tile's matrix to its layer's.
 *
 * @param into   layer outputs x (layer inputs + 1)
 * @param block  tile outputs x word lines
 * @param power  1: word lines count with their sign; 2: with its square
 */
export function addTile(into: Matrix, block: Matrix, tile: Lines, power: 1 | 2): void {
  const { outputs, words, signs } = tile
  const { data, cols } = block
  for (let o = 0; o < outputs.length; o++) {
    const row = outputs[o]! * into.cols
    for (let i = 0; i < words.length; i++)
      into.data[row + words[i]!]! += (power === 1 ? signs[i]! : 1) * data[o * cols + i]!
  }
}

/**
 * Variance of an output's current per squared word-line voltage: outputs x word lines, siemens squared; null when reads
 * are noiseless. Devices are independent, so an output's noise at drive v has variance sum_i V_oi v_i^2; exactly so
 * without wires, and to first order with the shares of attenuation.ts with them. An access transistor of R ohm leaves
 * dg / (1 + g R)^2 of a device's fluctuation dg; devices that are not ohmic count with their small-signal conductance.
 */
export function readVariance(
  { conductance, open }: Pick<FabricatedArray, 'conductance' | 'open'>,
  tile: Lines,
  profile: Profile,
): Matrix | null {
  if (profile.device.readNoise.model === 'none' || profile.device.readNoise.scale === 0) return null
  const seconds = profile.environment.timeSinceProgramming
  const variance = matrix(conductance.cols, conductance.rows)
  const ohms = profile.device.accessTransistor.resistance
  const cells = cellConductances(conductance, ohms)
  const share = hasWires(profile.crossbar.wires) ? attenuation(cells, profile.crossbar.wires) : null
  for (let i = 0; i < conductance.rows; i++)
    for (let j = 0; j < conductance.cols; j++) {
      const k = i * conductance.cols + j
      if (open !== null && open[k] !== 0) continue
      const g = conductance.data[k]!
      const left = (share === null ? 1 : share.data[k]!) / (1 + g * ohms) ** 2
      const sigma = readSigma(g, profile.device, seconds) * left
      variance.data[j * conductance.rows + i] = sigma * sigma
    }
  return combine(variance, tile, 2)
}

/** Noise of the columns' own conductance, of the outputs of a tile. */
export interface ColumnVariance {
  /** One entry an output, ampere squared. */
  readonly thermal: Float64Array
  /** outputs x word lines, ampere squared per volt: times |v| of the word line; null without shot noise */
  readonly shot: Matrix | null
}

/**
 * Thermal noise 4 k T B sum(w^2 g) of the bit lines of an output, and shot noise 2 q B sum(w^2 g |v|) of its devices; null
 * where the profile has no noise bandwidth. Wires are left out: they lower the conductance seen from the amplifier.
 */
export function columnVariance(
  { conductance }: Pick<FabricatedArray, 'conductance'>,
  tile: Lines,
  profile: Profile,
): ColumnVariance | null {
  const noise = columnNoise(profile)
  if (noise === null) return null
  const cells = cellConductances(conductance, profile.device.accessTransistor.resistance)
  const perLine = matrix(conductance.cols, conductance.rows)
  for (let i = 0; i < conductance.rows; i++)
    for (let j = 0; j < conductance.cols; j++)
      perLine.data[j * conductance.rows + i] = cells.data[i * conductance.cols + j]!
  const sums = combine(perLine, tile, 2)
  const thermal = Float64Array.from(
    tile.outputs,
    (_, o) => noise.thermal * sums.data.subarray(o * sums.cols, (o + 1) * sums.cols).reduce((a, b) => a + b, 0),
  )
  const shot = noise.shot === 0 ? null : { ...sums, data: sums.data.map((g) => noise.shot * g) }
  return { thermal, shot }
}
