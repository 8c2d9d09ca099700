/**
 * Random numbers as pure functions of where they are used. A chip is its key: no draw depends on how many draws
 * came before it, so batch size, order, workers and other mechanisms change nothing.
 */
import { cosTwoPi, exp, log } from './elementary.ts'
import { type Kernel, kernel } from './kernels/module.ts'
import { philox4x32 } from './philox.ts'

/** What a chip's draws are keyed by. Both are whole numbers in [0, 2^32). */
export interface ChipKey {
  readonly seed: number
  readonly chip: number
}

/**
 * The physical causes that draw random numbers. Numbers are part of the reproducibility contract: never reuse or
 * renumber one.
 */
export const mechanisms = {
  fault: 1,
  deadWordLine: 2,
  deadBitLine: 3,
  programming: 4,
  driftExponent: 5,
  driftSpread: 6,
  readNoise: 7,
  tiaGain: 8,
  tiaOffset: 9,
  activationGain: 10,
  activationOffset: 11,
  comparatorOffset: 12,
  dacUnit: 13,
  thresholdError: 14,
  frontEndGain: 15,
  frontEndOffset: 16,
  samplingNoise: 17,
  comparatorNoise: 18,
  metastability: 19,
  sampleSource: 32,
  sampleSupport: 33,
  sampleNoise: 34,
  sampleChannel: 35,
  sampleSnr: 36,
  sampleCsi: 37,
  calibration: 38,
  writePulse: 39,
  verifyRead: 40,
  writeRelaxation: 41,
  compensationRead: 42,
  calibrationRead: 43,
  storedLevel: 44,
  initialWeight: 45,
  sampleChoice: 46,
  trainingNoise: 47,
  designScramble: 48,
  designPermutation: 49,
  designJitter: 50,
  mechanismOrder: 51,
  resample: 52,
  importanceCoin: 53,
} as const
export type Mechanism = keyof typeof mechanisms

/** Stages of the signal path that are not an encoder layer (those are 0, 1, ...). */
export const stages = { adc: 250, task: 251, calibration: 252, training: 253, study: 254 } as const

/**
 * Pack stage, tile and mechanism into one counter word.
 *
 * @param stage  encoder layer 0..249, or one of `stages`
 * @param tile   0..65535
 * @throws RangeError outside these ranges
 */
export function site(stage: number, mechanism: Mechanism, tile = 0): number {
  if (!(stage >= 0 && stage < 256) || !(tile >= 0 && tile < 65536))
    throw new RangeError(`random site: stage ${stage}, tile ${tile}`)
  return ((stage << 24) | (mechanisms[mechanism] << 16) | tile) >>> 0
}

const words = new Uint32Array(4)

/** Four words at one place: static draws leave `vector` and `compare` at 0. Rows and columns are below 65536. */
function wordsAt(key: ChipKey, where: number, row: number, col: number, vector: number, compare: number): Uint32Array {
  philox4x32(key.seed, key.chip, where, ((row << 16) | col) >>> 0, vector, compare, words)
  return words
}

/** 52-bit uniform in (0, 1), cell midpoints: exactly representable, never 0, never 1. */
function open01(high: number, low: number): number {
  return ((high >>> 6) * 67108864 + (low >>> 6) + 0.5) / 4503599627370496
}

/** Uniform in (0, 1) at one place. */
export function uniformAt(key: ChipKey, where: number, row = 0, col = 0, vector = 0, compare = 0): number {
  const w = wordsAt(key, where, row, col, vector, compare)
  return open01(w[0]!, w[1]!)
}

/** Standard normal at one place (Box-Muller, cosine branch). */
export function normalAt(key: ChipKey, where: number, row = 0, col = 0, vector = 0, compare = 0): number {
  const w = wordsAt(key, where, row, col, vector, compare)
  return Math.sqrt(-2 * log(open01(w[0]!, w[1]!))) * cosTwoPi(open01(w[2]!, w[3]!))
}

/** exp(sigma N(0,1)) at one place: median 1. */
export function lognormalAt(
  key: ChipKey,
  where: number,
  sigma: number,
  row = 0,
  col = 0,
  vector = 0,
  compare = 0,
): number {
  return exp(sigma * normalAt(key, where, row, col, vector, compare))
}

/** Which draws: standard normal, or uniform in (0, 1). */
export type Draw = 'normal' | 'uniform'

/** The kernel writes draws sixteen at a time. */
export const DRAW_BLOCK = 16

/**
 * Static draws of a whole array: entry row * cols + col is `normalAt` or `uniformAt` (key, where, row, col), to the bit.
 *
 * @param rows  rows and columns at most 65536
 */
export function drawArray(draw: Draw, key: ChipKey, where: number, rows: number, cols: number): Float64Array {
  const out = new Float64Array(rows * cols)
  const k = kernel('chip')
  if (k === null) {
    const at = draw === 'normal' ? normalAt : uniformAt
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[i * cols + j] = at(key, where, i, j)
    return out
  }
  const [address] = k.layout([8 * (out.length + DRAW_BLOCK)]) as [number]
  for (let i = 0; i < rows; i++)
    k.exports['drawCells']!(
      draw === 'normal' ? 1 : 0,
      cols,
      key.seed,
      key.chip,
      where,
      (i << 16) >>> 0,
      0,
      0,
      address + 8 * i * cols,
    )
  out.set(k.f64(address, out.length))
  return out
}

/** As `drawArray`, drawn when the first entry is asked for. @returns entry k = row * cols + col */
export function drawnArray(draw: Draw, key: ChipKey, where: number, rows: number, cols: number): (k: number) => number {
  let drawn: Float64Array | null = null
  return (k) => {
    drawn ??= drawArray(draw, key, where, rows, cols)
    return drawn[k]!
  }
}

/**
 * Draws per use: entry row * count + v is `normalAt` (key, where, row, 0, first + v, compare), to the bit.
 *
 * @param rows   places, at most 65536
 * @param first  index of the first vector
 * @param count  vectors
 */
export function normalsPerVector(
  key: ChipKey,
  where: number,
  rows: number,
  first: number,
  count: number,
  compare = 0,
): Float64Array {
  const out = new Float64Array(rows * count)
  const k = kernel('chip')
  if (k === null) {
    for (let i = 0; i < rows; i++)
      for (let v = 0; v < count; v++) out[i * count + v] = normalAt(key, where, i, 0, first + v, compare)
    return out
  }
  const [address] = k.layout([8 * (out.length + DRAW_BLOCK)]) as [number]
  for (let i = 0; i < rows; i++) kernelNormals(k, key, where, i, first, count, compare, address + 8 * i * count)
  out.set(k.f64(address, out.length))
  return out
}

/** As `normalsPerVector` of one row, to an address of the kernel's memory with room for DRAW_BLOCK more. */
export function kernelNormals(
  k: Kernel,
  key: ChipKey,
  where: number,
  row: number,
  first: number,
  count: number,
  compare: number,
  address: number,
): void {
  k.exports['drawVectors']!(1, count, key.seed, key.chip, where, (row << 16) >>> 0, first, compare, address)
}
