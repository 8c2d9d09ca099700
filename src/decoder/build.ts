import { fail, OhmbitError, type Problem } from '../base/errors.ts'
import { applyLayers, type Codes, dequantize } from '../network/forward.ts'
import type { Activation, DenseLayer, Network } from '../network/network.ts'
import { type Matrix, maxAbs } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import { accumulatorBound, type WordRange } from './bound.ts'
import type { AccumulatorBound, FixedDecoder, FixedLayer } from './fixed-decoder.ts'
import { fittingFormat, type NumberFormat, roundHalfEven, toWord, wordRange } from './format.ts'
import { type ActivationTable, activationTable, type TableId } from './table.ts'
import { fittingFormats, weightFormats } from './weight-format.ts'

export type { AccumulatorBound, FixedDecoder, FixedLayer }

/** Room above the calibration maximum in the output format of relu and linear layers. */
const HEADROOM = 1.1

/**
 * DecNet in integers, with formats from the weights and from calibration codes, and a proof that no accumulator
 * overflows.
 *
 * - levels: the signed format of activationBits with most fractional bits at which none saturates
 * - weights: likewise in weightBits, a tensor or a row at a time, then one bit more or fewer where that lowers the error
 *   of the layer's output; fewer where a bias or the rounding would not fit
 * - tanh and sigmoid: 16-bit arguments on +-8 and +-16, results s<bits>/<bits - 1>
 * - relu and linear: activationBits for 1.1 times the calibration maximum of the float network, no finer than the sums;
 *   larger values saturate
 *
 * @param codes  calibration codes, vectors x channels
 * @throws OHM4001 an accumulator that could overflow, with the widest row of each such layer, or that leaves weights too few
 *         bits; OHM1202 widths out of range; OHM1110 codes that do not fit the network; OHM1103 layers whose output overflows
 * Source: Jacob et al., CVPR 2018 (integer-only inference); power-of-two scales
 */
export function buildFixedDecoder(network: Network, profile: Profile['decoder'], codes: Codes): FixedDecoder {
  checkWidths(profile)
  checkCodes(network, codes)
  const { decoder, problems } = attempt(network, profile, codes)
  if (problems.length === 0) return decoder
  const bits = sufficientBits(network, profile, codes)
  const fewer = 'take fewer weight or activation bits'
  const hint = bits === null ? fewer : `set decoder.accumulatorBits to ${bits}, or ${fewer}`
  throw new OhmbitError(problems.map((problem) => ({ ...problem, hint })))
}

/** The narrowest wider accumulator that is wide enough, or null. */
function sufficientBits(network: Network, profile: Profile['decoder'], codes: Codes): number | null {
  const enough = (accumulatorBits: number) =>
    attempt(network, { ...profile, accumulatorBits }, codes).problems.length === 0
  let low = profile.accumulatorBits
  let high: number = WIDTHS.accumulatorBits.high
  if (!enough(high)) return null
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}

/** The decoder, and what is wrong with its accumulators. */
function attempt(
  network: Network,
  profile: Profile['decoder'],
  codes: Codes,
): { decoder: FixedDecoder; problems: Problem[] } {
  const { activationBits, accumulatorBits } = profile
  const levelFormat = fittingFormat(network.quantizer.levels, activationBits)
  const levelWords = Int32Array.from(network.quantizer.levels, (g) => toWord(g, levelFormat))

  const tables = new Map<TableId, ActivationTable>()
  const layers: FixedLayer[] = []
  const problems: Problem[] = []
  let format = levelFormat
  let range: WordRange = {
    low: levelWords.reduce((a, b) => Math.min(a, b)),
    high: levelWords.reduce((a, b) => Math.max(a, b)),
  }
  let signal = dequantize(network.quantizer, codes)
  for (const [index, layer] of network.decoder.entries()) {
    const before = signal
    signal = applyLayers([layer], before)
    const table = tableFor(layer.activation, profile, tables)
    const output = table?.output ?? calibratedFormat(layer, index, maxAbs(signal), format, profile)
    const fixed = fixLayer(layer, profile, {
      name: `decoder.${index}`,
      before,
      after: signal,
      range,
      input: format,
      pre: table?.input ?? output,
      output,
    })
    const widest = fixed.bounds.reduce((w, bound, o) => (bound.bits > fixed.bounds[w]!.bits ? o : w), 0)
    const { bits, low, high } = fixed.bounds[widest]!
    if (bits > accumulatorBits)
      problems.push({
        code: 'OHM4001',
        message: `${fixed.name} row ${widest} needs an accumulator of ${bits} bits (sums reach ${low} and ${high}); decoder.accumulatorBits is ${accumulatorBits}`,
        at: { pointer: `${fixed.name}.weight` },
      })
    if (isStarved(layer, profile, fixed, range))
      problems.push({
        code: 'OHM4001',
        message: `${fixed.name}: an accumulator of ${accumulatorBits} bits leaves its weights fewer than ${LEAST_WEIGHT_BITS} bits`,
        at: { pointer: `${fixed.name}.weight` },
      })
    layers.push(fixed)
    format = output
    range = outputRange(layer.activation, output)
  }
  const decoder = {
    levels: { format: levelFormat, words: levelWords },
    layers,
    tables: [...tables.values()],
    accumulatorBits,
  }
  return { decoder, problems }
}

/** Fewer bits than this, sign included, are no weights any more. */
const LEAST_WEIGHT_BITS = 4

/**
 * Whether the accumulator leaves a layer's largest weight fewer than LEAST_WEIGHT_BITS; never where the weights move the
 * output by less than a step, or the bias by less than a step of its own, so that their words do not matter.
 */
function isStarved(layer: DenseLayer, profile: Profile['decoder'], fixed: FixedLayer, range: WordRange): boolean {
  const largest = maxAbs(layer.weight)
  const row = Math.floor(layer.weight.data.findIndex((w) => Math.abs(w) === largest) / layer.weight.cols)
  const fitting = fittingFormats(layer.weight, profile.weightBits, profile.weightScale)
  const at = fitting.length === 1 ? 0 : row
  const { frac } = fixed.weightFormats[at]!
  const signal = Math.max(Math.abs(range.low), Math.abs(range.high)) * 2 ** -fixed.input.frac
  // One bit below the fitting format may be the better one, whatever the accumulator.
  const limited = frac < fitting[at]!.frac - 1
  const step = Math.max(2 ** -fixed.pre.frac, maxAbs(layer.bias) * 2 ** -profile.activationBits)
  return limited && largest * signal >= step && largest * 2 ** frac <= 2 ** (LEAST_WEIGHT_BITS - 2)
}

/** Where a layer stands. */
interface Surroundings {
  readonly name: string
  /** vectors x inputs and vectors x outputs, float calibration signal */
  readonly before: Matrix
  readonly after: Matrix
  /** Input words that can arrive. */
  readonly range: WordRange
  readonly input: NumberFormat
  readonly pre: NumberFormat
  readonly output: NumberFormat
}

function fixLayer(layer: DenseLayer, profile: Profile['decoder'], around: Surroundings): FixedLayer {
  const { rows: outputs, cols: inputs, data } = layer.weight
  const { name, range, input, pre, output } = around
  const limit = (o: number) => fractionLimit(Math.abs(layer.bias[o]!), input, pre, profile.accumulatorBits)
  const formats = weightFormats(
    layer,
    { bits: profile.weightBits, scale: profile.weightScale, limit },
    around.before,
    around.after,
  )
  const formatOf = (o: number) => formats[formats.length === 1 ? 0 : o]!

  const weights = Int32Array.from(data, (w, k) => toWord(w, formatOf(Math.floor(k / inputs))))
  const biases = Float64Array.from(layer.bias, (b, o) => roundHalfEven(b * 2 ** (formatOf(o).frac + input.frac)))
  const shifts = Int32Array.from({ length: outputs }, (_, o) => formatOf(o).frac + input.frac - pre.frac)
  const bounds = Array.from({ length: outputs }, (_, o) =>
    accumulatorBound(weights.subarray(o * inputs, (o + 1) * inputs), biases[o]!, range, shifts[o]!),
  )
  const table = isTable(layer.activation) ? layer.activation : null
  const saturatedWeights = data.reduce((n, w, k) => {
    const format = formatOf(Math.floor(k / inputs))
    return n + (roundHalfEven(w * 2 ** format.frac) === weights[k] ? 0 : 1)
  }, 0)
  return {
    name,
    outputs,
    inputs,
    activation: layer.activation,
    weights,
    weightFormats: formats,
    saturatedWeights,
    biases,
    shifts,
    input,
    pre,
    output,
    table,
    bounds,
  }
}

/**
 * Most fractional bits of weights whose bias word and rounding addend each take at most a quarter of the accumulator's
 * range. Reached only by weights far below their bias or far below one step of the output: those bits would say nothing.
 */
function fractionLimit(bias: number, input: NumberFormat, pre: NumberFormat, accumulatorBits: number): number {
  const forRounding = pre.frac + accumulatorBits - 3
  return Math.min(forRounding, biasFraction(bias, accumulatorBits)) - input.frac
}

/** Most fractional bits of an accumulator word of which a bias takes a quarter of the range. */
function biasFraction(bias: number, accumulatorBits: number): number {
  return bias > 0 ? accumulatorBits - 4 - Math.floor(Math.log2(bias)) : Infinity
}

function isTable(activation: Activation): activation is TableId {
  return activation === 'tanh' || activation === 'sigmoid'
}

function tableFor(
  activation: Activation,
  profile: Profile['decoder'],
  tables: Map<TableId, ActivationTable>,
): ActivationTable | null {
  if (!isTable(activation)) return null
  const table = tables.get(activation) ?? activationTable(activation, profile.tableWords, profile.activationBits)
  tables.set(activation, table)
  return table
}

/** Room for the calibration maximum; an output that stayed near zero gets no more bits than its sums have. */
function calibratedFormat(
  layer: DenseLayer,
  index: number,
  maximum: number,
  input: NumberFormat,
  profile: Profile['decoder'],
): NumberFormat {
  if (!Number.isFinite(HEADROOM * maximum))
    fail('OHM1103', `the output of decoder.${index} overflows (${layer.activation})`, {
      at: { pointer: `decoder.${index}` },
    })
  const fitting = fittingFormat([HEADROOM * maximum], profile.activationBits)
  const sums = fittingFormats(layer.weight, profile.weightBits, profile.weightScale).map((f) => f.frac + input.frac)
  const bias = biasFraction(maxAbs(layer.bias), profile.accumulatorBits)
  return { ...fitting, frac: sums.reduce((a, b) => Math.min(a, b), Math.min(fitting.frac, bias)) }
}

/** Words an activation can give. */
function outputRange(activation: Activation, output: NumberFormat): WordRange {
  const { low, high } = wordRange(output)
  if (activation === 'linear') return { low, high }
  return { low: activation === 'tanh' ? -high : 0, high }
}

/** Widths the arithmetic is exact for: products and sums stay below 2^53, table steps below 2^31. */
const WIDTHS = {
  weightBits: { low: 2, high: 24 },
  activationBits: { low: 8, high: 16 },
  accumulatorBits: { low: 8, high: 53 },
} as const

function checkWidths(profile: Profile['decoder']): void {
  const problems: Problem[] = []
  for (const name of ['weightBits', 'activationBits', 'accumulatorBits'] as const) {
    const { low, high } = WIDTHS[name]
    if (!(Number.isInteger(profile[name]) && profile[name] >= low && profile[name] <= high))
      problems.push({
        code: 'OHM1202',
        message: `decoder.${name} is ${profile[name]}; it must be a whole number from ${low} to ${high}`,
        at: { pointer: `/decoder/${name}` },
      })
  }
  const m = Math.log2(profile.tableWords - 1)
  if (!(Number.isInteger(m) && m >= 1 && m <= 15))
    problems.push({
      code: 'OHM1202',
      message: `decoder.tableWords is ${profile.tableWords}; it must be 2^m + 1 with m from 1 to 15`,
      at: { pointer: '/decoder/tableWords' },
      hint: '257 and 513 are usual',
    })
  if (problems.length > 0) throw new OhmbitError(problems)
}

function checkCodes(network: Network, codes: Codes): void {
  const channels = network.decoder[0]!.weight.cols
  const levels = network.quantizer.levels.length
  if (codes.cols !== channels)
    fail('OHM1110', `calibration codes have ${codes.cols} channels; the decoder takes ${channels}`)
  if (codes.rows === 0) fail('OHM1110', 'there are no calibration codes to take the decoder formats from')
  const bad = codes.data.findIndex((c) => c >= levels)
  if (bad >= 0) fail('OHM1110', `calibration code ${codes.data[bad]} at entry ${bad}; there are ${levels} levels`)
}
