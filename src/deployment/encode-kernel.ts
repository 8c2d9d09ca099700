/**
 * The encoder on the WebAssembly kernel: codes and counters of `encodeTrace`, bit for bit, without its voltages.
 */
import { type Conversion, convert, decidesStill, holdBehaviour } from '../adc/convert.ts'
import type { Codes } from '../network/forward.ts'
import { ACTIVATIONS, LANES } from '../numerics/dense.ts'
import { type Kernel, kernel } from '../numerics/kernels/module.ts'
import { type Places, places } from '../numerics/kernels/places.ts'
import { type Matrix, matrix, rowRange } from '../numerics/matrix.ts'
import { type ChipKey, DRAW_BLOCK, kernelNormals, site, stages } from '../numerics/random.ts'
import { applyCurve, measuredStage } from './activation-stage.ts'
import type { DeployedLayer } from './deployment.ts'
import type { EncodeCounters } from './encode.ts'
import { filterCodes, pickRows } from './encode-filter.ts'
import type { Chip, ChipLayer, ChipPart } from './fabricate.ts'
import { driveCycles, driveOnce, noiseDrive } from './input-encoding.ts'

export interface Encoded {
  readonly codes: Codes
  readonly counters: EncodeCounters
}

/** Vectors a pass through all layers: their signals stay in the first-level cache. */
const BLOCK = 64

/** A matrix with a bias column, and what its sums start at: both places. */
interface Product {
  readonly matrix: number
  readonly start: number
}

/** What the kernel needs of one part of a layer. */
interface PartPlaces {
  readonly current: Product
  /** Variance from the squared drive; no matrix: only thermal noise. */
  readonly variance: Product | null
  /** Variance from the size of the drive. */
  readonly shot: Product | null
  readonly noisy: boolean
}

/** Matrix (outputs x (inputs + 1)) and its bias column times the bias line's drive, on top of `start`. */
function product(to: Places, m: Matrix, biasDrive: number, start: Float64Array | null): Product {
  const sums = Float64Array.from({ length: m.rows }, (_, o) => {
    const bias = m.data[(o + 1) * m.cols - 1]! * biasDrive
    return start === null ? bias : start[o]! + bias
  })
  return { matrix: to.numbers(m.data), start: to.numbers(sums) }
}

function placePart(to: Places, layer: DeployedLayer, part: ChipPart, noise: boolean): PartPlaces {
  const current = product(to, part.effective, layer.biasVolts, null)
  const { readVariance, columnVariance } = part
  if (!noise || (readVariance === null && columnVariance === null))
    return { current, variance: null, shot: null, noisy: false }
  const thermal = columnVariance?.thermal ?? new Float64Array(layer.outputs)
  return {
    current,
    variance:
      readVariance === null
        ? { matrix: -1, start: to.numbers(thermal) }
        : product(to, readVariance, noiseDrive(layer.encoding, layer.biasVolts), thermal),
    shot: columnVariance?.shot ? product(to, columnVariance.shot, Math.abs(layer.biasVolts), null) : null,
    noisy: true,
  }
}

/**
 * gain, offset, outGain and outOffset of each output, as `periphery` of assembly/_layers.ts takes them.
 *
 * @param measured  the kernel ends at the stage's input, and `applyCurve` goes on
 */
function peripheryNumbers(layer: DeployedLayer, made: ChipLayer, measured: boolean): Float64Array {
  const out = new Float64Array(4 * layer.outputs)
  for (let o = 0; o < layer.outputs; o++)
    out.set(
      [
        made.amplifierGain[o]! * layer.feedbackOhms,
        made.amplifierOffset[o]!,
        measured ? 1 : made.activationGain[o]! * layer.outputVoltsPerUnit,
        measured ? 0 : made.activationOffset[o]!,
      ],
      4 * o,
    )
  return out
}

/** Everything that is laid out for one chip. */
interface Bench {
  readonly k: Kernel
  readonly chip: Chip
  /** null: no noise */
  readonly key: ChipKey | null
  readonly at: (place: number) => number
  readonly parts: readonly (readonly PartPlaces[])[]
  readonly numbers: readonly number[]
  readonly edges: number
  /** Signals of a block: features x vectors. */
  readonly even: number
  readonly odd: number
  readonly part: number
  readonly drive: number
  readonly variance: number
  readonly normals: number
  /** Vectors x features. */
  readonly rows: number
  readonly codes: number
}

/** The vectors of one pass. */
interface Pass {
  readonly count: number
  /** `count`, rounded up to whole registers. */
  readonly stride: number
  /** Index of the first vector in the noise's key. */
  readonly first: number
}

/**
 * @param y      vectors x measurements, network units, of the network's width
 * @param noise  draw read and conversion noise
 * @param first  index of the first vector in the noise's key
 * @returns      null for the reference engine, partial sums that are digitised, devices that are not ohmic
 */
export function encodeOnKernel(chip: Chip, y: Matrix, noise: boolean, first: number): Encoded | null {
  const k = kernel('chip')
  const { layers, profile } = chip.deployment
  if (k === null || layers.some((layer) => layer.partialSums !== null)) return null
  if (chip.layers.some(({ parts }) => parts.some(({ nonlinear }) => nonlinear !== null))) return null
  const key = noise ? chip.key : null
  const { volts, clipped: inputClipped } = driveOnce(y, layers[0]!, profile.periphery.input)
  const still = decidesStill(profile, key) && chip.adc.perChannel === undefined
  const quiet = still && !draws(chip, key)
  const run = (quiet ? filtered(k, chip, volts) : null) ?? layersOnKernel(k, chip, volts, key, first, still)
  const { codes, amplifierSaturated, beyondTable, clipped, metastable } = run
  const counters = {
    inputClipped,
    partialClipped: 0,
    amplifierSaturated,
    ...(beyondTable === null ? {} : { beyondTable }),
    adcClipped: clipped,
    metastable,
  }
  return { codes, counters }
}

/** Whether noise is drawn before the comparator. */
function draws({ layers, deployment }: Chip, key: ChipKey | null): boolean {
  if (key === null) return false
  if (holdBehaviour(deployment.profile).noise > 0) return true
  return layers.some(({ parts }) => parts.some((part) => part.readVariance !== null || part.columnVariance !== null))
}

interface Run extends Conversion {
  readonly amplifierSaturated: readonly number[]
  /** Inputs outside the table of measured activation stages; null: there are none. */
  readonly beyondTable: number | null
}

/** By float32 where that is sure of the codes, the other vectors by `layersOnKernel`; null: not applicable. */
function filtered(k: Kernel, chip: Chip, volts: Matrix): Run | null {
  const found = filterCodes(k, chip, volts, edgesOf(chip))
  if (found === null) return null
  const { codes: data, others } = found
  const cols = chip.deployment.layers.at(-1)!.outputs
  const exact = layersOnKernel(k, chip, pickRows(volts, others), null, 0, true)
  for (const [i, row] of others.entries()) data.set(exact.codes.data.subarray(i * cols, (i + 1) * cols), row * cols)
  return { ...exact, codes: { rows: volts.rows, cols, data } }
}

/** All layers in float64, then the conversion. */
function layersOnKernel(k: Kernel, chip: Chip, volts: Matrix, key: ChipKey | null, first: number, still: boolean): Run {
  const { layers, profile, adc } = chip.deployment
  const { rows, cols } = volts
  const channels = layers.at(-1)!.outputs
  const amplifierSaturated = layers.map(() => 0)
  const codes = new Uint16Array(still ? rows * channels : 0)
  const analog = matrix(still ? 0 : rows, channels)
  const bench = layOut(k, chip, key, cols)
  let clipped = 0
  let beyondTable: number | null = null
  for (let from = 0; from < rows; from += BLOCK) {
    const count = Math.min(BLOCK, rows - from)
    const pass = { count, stride: Math.ceil(count / LANES) * LANES, first: first + from }
    let x = bench.at(bench.even)
    let z = bench.at(bench.odd)
    for (const l of layers.keys()) {
      if (l === 0) firstLayer(bench, pass, rowRange(volts, from, from + count), x, z)
      else readParts(bench, pass, l, x, z, null)
      const met = stage(bench, pass, l, z)
      amplifierSaturated[l]! += met.saturated
      if (met.beyondTable !== null) beyondTable = (beyondTable ?? 0) + met.beyondTable
      ;[x, z] = [z, x]
    }
    if (still) {
      clipped += present(bench, pass, x)
      decide(bench, pass, x)
      codes.set(k.u16(bench.at(bench.codes), count * channels), from * channels)
    } else {
      k.exports['scatter']!(count, channels, pass.stride, x, bench.at(bench.rows))
      analog.data.set(k.f64(bench.at(bench.rows), count * channels), from * channels)
    }
  }
  const conversion = still
    ? { codes: { rows, cols: channels, data: codes }, clipped, metastable: 0 }
    : convert(analog, adc, chip.adc, profile, key, first)
  return { ...conversion, amplifierSaturated, beyondTable }
}

function layOut(k: Kernel, chip: Chip, key: ChipKey | null, inputs: number): Bench {
  const { layers, profile } = chip.deployment
  const noise = key !== null
  const to = places()
  const signal = 8 * BLOCK * layers.reduce((n, layer) => Math.max(n, layer.outputs), inputs)
  const laid = {
    even: to.room(signal),
    odd: to.room(signal),
    parts: layers.map((layer, l) => chip.layers[l]!.parts.map((part) => placePart(to, layer, part, noise))),
    numbers: layers.map((layer, l) =>
      to.numbers(peripheryNumbers(layer, chip.layers[l]!, measuredStage(layer, profile) !== null)),
    ),
    edges: to.numbers(edgesOf(chip)),
    part: to.room(signal),
    drive: to.room(signal),
    variance: to.room(signal),
    normals: to.room(signal + 8 * DRAW_BLOCK),
    rows: to.room(signal),
    codes: to.room(2 * BLOCK * layers.at(-1)!.outputs),
  }
  const addresses = to.settle(k)
  return { k, chip, key, at: (place) => addresses[place]!, ...laid }
}

/** The first layer's currents, read after read. */
function firstLayer(bench: Bench, pass: Pass, volts: Matrix, x: number, z: number): void {
  const { k, at, rows, chip } = bench
  const cycles = driveCycles(chip.deployment.layers[0]!.encoding, volts)
  const several = cycles.length > 1
  if (several) k.f64(z, chip.deployment.layers[0]!.outputs * pass.stride).fill(0)
  for (const [index, cycle] of cycles.entries()) {
    k.f64(at(rows), cycle.volts.data.length).set(cycle.volts.data)
    k.exports['gather']!(pass.count, cycle.volts.cols, pass.stride, at(rows), x)
    readParts(bench, pass, 0, x, z, several ? { index, weight: cycle.weight } : null)
  }
}

/**
 * Currents of all parts of a layer in one read.
 *
 * @param x      inputs x vectors, volts
 * @param z      receives outputs x vectors, ampere
 * @param cycle  one read of several: its weighted currents are added to z; null: the only one
 */
function readParts(
  bench: Bench,
  pass: Pass,
  l: number,
  x: number,
  z: number,
  cycle: { readonly index: number; readonly weight: number } | null,
): void {
  const { k, at } = bench
  const n = bench.chip.deployment.layers[l]!.outputs * pass.stride
  const parts = bench.parts[l]!
  const alone = cycle === null && parts.length === 1
  if (cycle === null && !alone) k.f64(z, n).fill(0)
  for (const [p, part] of parts.entries()) {
    const target = alone ? z : at(bench.part)
    readPart(bench, pass, l, p, part, x, target, cycle?.index ?? 0)
    if (!alone) k.exports['addWeighted']!(n, cycle?.weight ?? 1, target, z)
  }
}

function readPart(
  bench: Bench,
  pass: Pass,
  l: number,
  index: number,
  part: PartPlaces,
  x: number,
  z: number,
  cycle: number,
): void {
  const { k, at, key } = bench
  const { inputs, outputs, encoding } = bench.chip.deployment.layers[l]!
  const { affine, noiseDrive: squares, addNoise } = k.exports as Required<Kernel['exports']>
  const { stride } = pass
  const sum = (from: Product, columns: number, add: 0 | 1, source: number, target: number) =>
    affine!(
      outputs,
      columns,
      stride,
      columns === 0 ? 0 : at(from.matrix),
      inputs + 1,
      at(from.start),
      add,
      source,
      target,
    )
  sum(part.current, inputs, 0, x, z)
  if (!part.noisy || key === null) return
  const driven = at(bench.drive)
  const q = at(bench.variance)
  const variance = part.variance!
  const pulse = encoding.kind === 'pulse-width'
  squares!(pulse ? 1 : 0, inputs * stride, pulse ? encoding.fullScale : 1, x, driven)
  sum(variance, variance.matrix < 0 ? 0 : inputs, 0, driven, q)
  if (part.shot !== null) {
    squares!(1, inputs * stride, 1, x, driven)
    sum(part.shot, inputs, 1, driven, q)
  }
  const where = site(l, 'readNoise', index)
  const normals = at(bench.normals)
  for (let o = 0; o < outputs; o++) kernelNormals(k, key, where, o, pass.first, stride, cycle, normals + 8 * o * stride)
  addNoise!(outputs * stride, q, normals, z)
}

/**
 * Amplifiers and activations in place.
 *
 * @returns amplifiers at their swing, and inputs outside the table of measured stages (null: not measured)
 */
function stage(
  { k, chip, numbers, at }: Bench,
  { count, stride }: Pass,
  l: number,
  z: number,
): { readonly saturated: number; readonly beyondTable: number | null } {
  const { layers, profile } = chip.deployment
  const layer = layers[l]!
  const limit = profile.periphery.tia.swing ?? Number.POSITIVE_INFINITY
  const curve = measuredStage(layer, profile)
  const kind = curve === null ? ACTIVATIONS[layer.activation] : ACTIVATIONS.linear
  const saturated = k.exports['periphery']!(
    layer.outputs,
    count,
    stride,
    at(numbers[l]!),
    limit,
    layer.amplifierVoltsPerUnit,
    kind,
    z,
  )
  if (curve === null) return { saturated, beyondTable: null }
  const { activationGain, activationOffset } = chip.layers[l]!
  const gain = activationGain.map((x) => x * layer.outputVoltsPerUnit)
  const signal = k.f64(z, layer.outputs * stride)
  return { saturated, beyondTable: applyCurve(curve, signal, count, stride, gain, activationOffset) }
}

/** Volts at the multiplexer to volts at the comparator, in place. @returns how many clipped */
function present({ k, chip, key, at, normals }: Bench, { count, stride, first }: Pass, volts: number): number {
  const { profile, layers } = chip.deployment
  const { adc } = profile
  const { settled, noise } = holdBehaviour(profile)
  const channels = layers.at(-1)!.outputs
  const drawn = key !== null && noise > 0 ? at(normals) : 0
  if (key !== null && drawn !== 0)
    for (let n = 0; n < channels; n++)
      kernelNormals(k, key, site(stages.adc, 'samplingNoise'), n, first, stride, 0, drawn + 8 * n * stride)
  return k.exports['present']!(
    channels,
    count,
    stride,
    volts,
    adc.clip ? adc.fullScale : Number.POSITIVE_INFINITY,
    adc.crosstalk,
    settled,
    drawn,
    noise,
    chip.adc.gain,
    chip.adc.offset,
    adc.frontEnd.cubic,
  )
}

function decide({ k, chip, at, edges, codes }: Bench, { count, stride }: Pass, volts: number): void {
  const { adc: design, layers, profile } = chip.deployment
  const t = edgesOf(chip)
  k.exports['decide']!(
    layers.at(-1)!.outputs,
    count,
    stride,
    volts,
    t.length,
    at(edges),
    t.every((x, i) => i === 0 || x >= t[i - 1]!) ? 1 : 0,
    design.compare === 'gt' ? 1 : 0,
    profile.adc.search === 'binary' ? 0 : 1,
    at(codes),
  )
}

/** Thresholds with the comparator's offset. A flash converter counts, so that their order does not matter. */
function edgesOf({ adc, deployment }: Chip): Float64Array {
  const edges = adc.thresholds.map((t) => t + adc.comparatorOffset)
  return deployment.profile.adc.architecture === 'flash' ? edges.sort() : edges
}
