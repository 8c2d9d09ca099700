/**
 * What is done about a chip's own errors when it is used: a gain against drift, and a trim of every output on known
 * vectors. Both end in the gains and offsets of the amplifiers, which are all that encode and netlist read.
 */
import { applyLayers } from '../network/forward.ts'
import { head, type Matrix, matrix } from '../numerics/matrix.ts'
import { type ChipKey, normalAt, site } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import type { DeployedLayer, Deployment } from './deployment.ts'
import { layerCurrents, periphery } from './encode.ts'
import type { ChipLayer, ChipPart } from './fabricate.ts'
import { drive } from './input-encoding.ts'

/** A read below this share of its reference, or a gain beyond its inverse, is a dead output: no correction. */
const FLOOR = 1e-4
/** Signals below this share of the layer's largest are rounding, not signals. */
const ROUNDING = 1e-9

/** A layer with corrected amplifiers, and the outputs that could not be corrected. */
export interface Corrected {
  readonly layer: ChipLayer
  readonly untrimmed: number
}

/**
 * Correct the gains of a layer against drift: gain x mean |one-hot reads after programming| / mean |one-hot reads now|,
 * over the layer (`global`) or over each output. One word line after the other is driven at full scale, the bias line
 * included; amplifier offsets are taken out of a read, as auto-zeroing does.
 *
 * @param fresh  the layer's parts right after programming, at the reference temperature
 * @param stage  encoder layer, part of the random key
 * Source: aihwkit GlobalDriftCompensation (one-hot reads, floor 1e-4)
 */
export function compensateDrift(
  made: ChipLayer,
  fresh: readonly ChipPart[],
  profile: Profile,
  key: ChipKey,
  stage: number,
): Corrected {
  const { kind, reads } = profile.crossbar.driftCompensation
  const volts = stage === 0 ? profile.periphery.input.fullScale : profile.periphery.activation.fullScale
  const read = (parts: readonly ChipPart[], occasion: number) =>
    oneHotReads(parts, volts, reads === 'measured' ? { key, stage, occasion } : null)
  const before = read(fresh, 0)
  const now = read(made.parts, 1)
  const outputs = before.length
  if (kind === 'global') {
    before.fill(before.reduce((a, b) => a + b, 0) / outputs)
    now.fill(now.reduce((a, b) => a + b, 0) / outputs)
  }
  let untrimmed = 0
  const amplifierGain = made.amplifierGain.map((gain, o) => {
    const dead = !(before[o]! > 0) || !(now[o]! > FLOOR * before[o]!)
    if (dead) untrimmed++
    return dead ? gain : gain * (before[o]! / now[o]!)
  })
  return { layer: { ...made, amplifierGain }, untrimmed }
}

/** mean over the word lines of |current|, one entry an output, ampere. */
function oneHotReads(
  parts: readonly ChipPart[],
  volts: number,
  noise: { readonly key: ChipKey; readonly stage: number; readonly occasion: number } | null,
): Float64Array {
  const { rows, cols } = parts[0]!.effective
  const sums = new Float64Array(rows)
  for (let o = 0; o < rows; o++)
    for (let i = 0; i < cols; i++) {
      let current = 0
      for (const [p, { effective, readVariance, columnVariance }] of parts.entries()) {
        const k = o * cols + i
        current += effective.data[k]! * volts
        if (noise === null || (readVariance === null && columnVariance === null)) continue
        const variance =
          (readVariance?.data[k] ?? 0) * volts * volts +
          (columnVariance?.thermal[o] ?? 0) +
          (columnVariance?.shot?.data[k] ?? 0) * volts
        const at = site(noise.stage, 'compensationRead', p)
        current += Math.sqrt(variance) * normalAt(noise.key, at, o, i, noise.occasion)
      }
      sums[o]! += Math.abs(current) / cols
    }
  return sums
}

/**
 * Trim each output by least squares, layer after layer, on vectors whose ideal pre-activations are known: z' = a z + b
 * (`gain-and-offset`) or z' = z + b (`offset`), volts, least sum of squares against the ideal network. Each layer is fed by
 * the trimmed layers before it. Vectors that saturate an amplifier are left out of its fit.
 *
 * An output whose gain cannot be told (no signal, or a fit that is not in [1e-4, 1e4]) keeps it and is counted.
 *
 * Source: as MemTorch tunes layers, y = a y' + b
 */
export function calibrateOutputs(
  deployment: Deployment,
  layers: readonly ChipLayer[],
  key: ChipKey,
): { readonly layers: readonly ChipLayer[]; readonly untrimmed: number } {
  const { network, profile } = deployment
  const { kind, vectors, reads } = profile.crossbar.outputCalibration
  if (kind === 'none') return { layers, untrimmed: 0 }
  const { swing } = profile.periphery.tia
  let ideal: Matrix = head(deployment.calibration, Math.min(vectors, deployment.calibration.rows))
  let signal = drive(ideal, deployment.layers[0]!, profile.periphery.input).volts
  let untrimmed = 0
  const trimmed: ChipLayer[] = []
  for (const [l, layer] of deployment.layers.entries()) {
    const dense = network.encoder[l]!
    const wanted = applyLayers([{ ...dense, activation: 'linear' }], ideal)
    const noise = reads === 'measured' ? ({ key, stage: l, first: 0, mechanism: 'calibrationRead' } as const) : null
    const current = layerCurrents(layer, layers[l]!, signal, noise)
    const corrected = trim(layer, layers[l]!, current, wanted, kind === 'gain-and-offset', swing)
    untrimmed += corrected.untrimmed
    trimmed.push(corrected.layer)
    signal = periphery(layer, corrected.layer, current, profile).output
    ideal = applyLayers([dense], ideal)
  }
  return { layers: trimmed, untrimmed }
}

/**
 * @param current  vectors x outputs, ampere
 * @param wanted   vectors x outputs, pre-activations in network units
 */
function trim(
  layer: DeployedLayer,
  made: ChipLayer,
  current: Matrix,
  wanted: Matrix,
  withGain: boolean,
  swing: number | null,
): Corrected {
  const { rows, cols } = current
  const limit = swing ?? Number.POSITIVE_INFINITY
  const volts = matrix(rows, cols)
  const target = matrix(rows, cols)
  let largest = 0
  for (let k = 0; k < volts.data.length; k++) {
    const o = k % cols
    volts.data[k] = made.amplifierGain[o]! * layer.feedbackOhms * current.data[k]! + made.amplifierOffset[o]!
    target.data[k] = wanted.data[k]! * layer.amplifierVoltsPerUnit
    largest = Math.max(largest, Math.abs(target.data[k]!))
  }
  const amplifierGain = made.amplifierGain.slice()
  const amplifierOffset = made.amplifierOffset.slice()
  let untrimmed = 0
  for (let o = 0; o < cols; o++) {
    const z: number[] = []
    const t: number[] = []
    for (let v = 0; v < rows; v++) {
      const [is, should] = [volts.data[v * cols + o]!, target.data[v * cols + o]!]
      if (Math.abs(is) >= limit || Math.abs(should) >= limit) continue
      z.push(is)
      t.push(should)
    }
    if (z.length < 2) {
      untrimmed++
      continue
    }
    const [zMean, tMean] = [mean(z), mean(t)]
    let a = 1
    if (withGain) {
      const spread = z.reduce((s, x) => s + (x - zMean) ** 2, 0)
      const common = z.reduce((s, x, k) => s + (x - zMean) * (t[k]! - tMean), 0)
      const signal = Math.sqrt(spread / z.length) > ROUNDING * largest
      const fit = common / spread
      if (signal && fit >= FLOOR && fit <= 1 / FLOOR) a = fit
      else untrimmed++
    }
    amplifierGain[o]! *= a
    amplifierOffset[o] = a * amplifierOffset[o]! + (tMean - a * zMean)
  }
  return { layer: { ...made, amplifierGain, amplifierOffset }, untrimmed }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
