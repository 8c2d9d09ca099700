/**
 * The steps of training on arrays in one memory: dense layers forward and backward, the soft quantizer, losses, Adam.
 *
 * Arrays are named by their place. Activations stand feature by feature: a row of `row` numbers each, the batch padded
 * to a multiple of eight; the error of the padding is zero, so that it reaches no gradient. Weights stand output by
 * output. Two machines give the same steps: WebAssembly in single precision, and plain TypeScript in double precision,
 * which gradients are checked on.
 */
import type { Activation } from '../network/network.ts'

/** Vectors of a batch are padded to a multiple of this. */
export const PADDING = 8

export const rowLength = (batch: number): number => Math.ceil(batch / PADDING) * PADDING

/** Where an array begins. */
export type Place = number

export interface Dense {
  /** outputs x inputs */
  readonly weight: Place
  readonly bias: Place
  readonly inputs: number
  readonly outputs: number
  readonly activation: Activation
}

/** q(a) = sum_i v_i tanh(h (a - t_i)). [0] eq. (19) with s = h t, [1] eq. (4) with one c */
export interface Soft {
  /** v */
  readonly amplitudes: Place
  /** t */
  readonly thresholds: Place
  /** I - 1 */
  readonly steps: number
}

export interface AdamSettings {
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** 1 - beta1^k and 1 - beta2^k in the k-th step */
  readonly fast: number
  readonly slow: number
}

export interface Steps {
  /** From one number's place to the next. */
  readonly stride: number
  /** Lay out all arrays; once. Every array begins with zeros. */
  layout(lengths: readonly number[]): Place[]
  write(at: Place, values: ArrayLike<number>): void
  read(at: Place, length: number): Float64Array
  /** y <- f(W x + b) */
  dense(layer: Dense, x: Place, y: Place, row: number): void
  /** dx <- W^T d, times the slope of the activation that gave x */
  backward(layer: Dense, d: Place, x: Place, dx: Place, row: number, activation: Activation): void
  /** Gradient of a layer's weights and bias at the same places of another copy of the parameters. */
  gradient(layer: Dense, d: Place, x: Place, row: number): void
  quantize(soft: Soft, steepness: number, a: Place, q: Place, channels: number, row: number): void
  /**
   * dx <- d ((1 - blend) 1{|a| <= sum v} + blend q'(a)), times the slope of the activation that gave a; `gradients` gets
   * those of v and t. [0] eq. (28), (29), (32)
   */
  quantizeBack(
    soft: Soft,
    gradients: Soft,
    steepness: number,
    blend: number,
    a: Place,
    d: Place,
    dx: Place,
    channels: number,
    row: number,
    activation: Activation,
  ): void
  /** d <- factor (y - x), zero where `mask` (one row) is 0. @returns the sum of (y - x)^2 */
  squares(y: Place, x: Place, d: Place, rows: number, row: number, mask: Place, factor: number): number
  /** p <- softmax of the columns of y, d <- factor (p - target), zero where `mask` is 0. */
  softmax(y: Place, target: Place, p: Place, d: Place, rows: number, row: number, mask: Place, factor: number): void
  /** One step of Adam; the length is a multiple of four. */
  adam(values: Place, gradients: Place, first: Place, second: Place, length: number, settings: AdamSettings): void
  /** to <- to + from; the length is a multiple of four. */
  accumulate(to: Place, from: Place, length: number): void
}
