import { fail } from '../base/errors.ts'
import type { Codes } from '../network/forward.ts'
import { philox4x32 } from '../numerics/philox.ts'
import type { FixedDecoder } from './fixed-decoder.ts'
import { runFixedDecoderReference } from './reference.ts'

/** One vector through the decoder, every word of it. All are whole numbers below 2^53 in absolute value. */
export interface GoldenVector {
  /** `all-min`, `all-max`, `alternating`, `alternating-inverse`, `level-3`, `random-17` */
  readonly case: string
  /** One a channel. */
  readonly codes: readonly number[]
  /** Sum with bias before rounding, word before the activation, word after it; one an output. */
  readonly layers: readonly {
    readonly acc: readonly number[]
    readonly pre: readonly number[]
    readonly post: readonly number[]
  }[]
  /** The last layer's `post`. */
  readonly output: readonly number[]
}

/** Vectors with one code on all channels; with more levels than these, evenly spaced ones. */
const MOST_LEVELS = 256

/** Key of the random codes ("golden", "decnet" in ASCII): fixed, so that the vectors of a network never change. */
const KEY = [0x676f6c64, 0x6465636e] as const

/**
 * The codes that an implementation of a decoder is tried with: extremes, one code on all channels, random.
 *
 * @param channels  codes a vector
 * @param levels    I; codes are 0 .. I - 1
 * @param random    number of random vectors; vector k is the same whatever their number
 */
export function goldenCodes(channels: number, levels: number, random = 200): { case: string; codes: number[] }[] {
  const top = levels - 1
  const filled = (code: (n: number) => number) => Array.from({ length: channels }, (_, n) => code(n))
  const inner = Math.min(levels, MOST_LEVELS) - 2
  const between = Array.from({ length: inner }, (_, k) => Math.round(((k + 1) * top) / (inner + 1)))
  const draw = new Uint32Array(4)
  return [
    { case: 'all-min', codes: filled(() => 0) },
    { case: 'all-max', codes: filled(() => top) },
    { case: 'alternating', codes: filled((n) => (n % 2 === 0 ? 0 : top)) },
    { case: 'alternating-inverse', codes: filled((n) => (n % 2 === 0 ? top : 0)) },
    ...between.map((c) => ({ case: `level-${c}`, codes: filled(() => c) })),
    ...Array.from({ length: random }, (_, k) => ({
      case: `random-${k}`,
      codes: filled((n) => {
        philox4x32(KEY[0], KEY[1], k, n, 0, 0, draw)
        return Math.floor((draw[0]! / 2 ** 32) * levels)
      }),
    })),
  ]
}

/**
 * Golden vectors of a decoder, from its reference in unbounded integers.
 *
 * @param random  number of random vectors beside the fixed cases
 * @throws OHM5004 not a whole number from 0 to 100000
 */
export function goldenVectors(decoder: FixedDecoder, random = 200): GoldenVector[] {
  if (!(Number.isInteger(random) && random >= 0 && random <= 100000))
    fail('OHM5004', `random golden vectors are ${random}; they must be a whole number from 0 to 100000`)
  const cases = goldenCodes(decoder.layers[0]!.inputs, decoder.levels.words.length, random)
  const traces = runFixedDecoderReference(decoder, codesOf(cases))
  return cases.map(({ case: name, codes }, v) => {
    const layers = traces[v]!.map(({ acc, pre, post }) => ({
      acc: acc.map(Number),
      pre: pre.map(Number),
      post: post.map(Number),
    }))
    return { case: name, codes, layers, output: layers.at(-1)!.post }
  })
}

/** The codes of cases as one batch: vectors x channels. */
export function codesOf(cases: readonly { readonly codes: readonly number[] }[]): Codes {
  return {
    rows: cases.length,
    cols: cases[0]?.codes.length ?? 0,
    data: Uint16Array.from(cases.flatMap(({ codes }) => codes)),
  }
}
