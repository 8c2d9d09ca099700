/** Pilots: known signals, and the codes that one fabricated chip gives for their measurements. */
import { fail } from '../base/errors.ts'
import { encode } from '../deployment/encode.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { checkVectors } from '../deployment/simulate.ts'
import type { Codes } from '../network/forward.ts'
import { type Matrix, matrix, rowRange } from '../numerics/matrix.ts'
import { generateSamples } from '../task/generate.ts'
import { FIRST } from '../task/stream.ts'
import { ownData } from './data.ts'

/** So many vectors of the network's task, or own ones. */
export type Pilots = { readonly count: number } | { readonly inputs: Matrix; readonly truth: Matrix }

/** Fewest and most pilots. */
export const PILOTS = { least: 50, most: 10_000_000 } as const

/** What the digital side sees. */
export interface CodedPilots {
  readonly count: number
  readonly codes: Codes
  /** vectors x outputs, as the digital half is trained on: components, or one-hot classes */
  readonly targets: Float32Array
  readonly outputs: number
  /** vectors x components, as scores want it; the vectors from `heldFrom` on */
  readonly heldTruth: Matrix
  readonly heldFrom: number
}

/** Vectors handled at a time. */
const PIECE = 10_000

/**
 * @param heldOut  vectors at the end that are not trained on
 * @throws OHM5004 too few or too many, OHM5002 no data and no task, OHM1110 widths that do not fit
 */
export function codedPilots(chip: Chip, pilots: Pilots, heldOut: (count: number) => number): CodedPilots {
  const { network } = chip.deployment
  const own = 'inputs' in pilots ? pilots : null
  if (own !== null) checkVectors(network, own.inputs, own.truth)
  const count = 'inputs' in pilots ? pilots.inputs.rows : pilots.count
  if (!(Number.isInteger(count) && count >= PILOTS.least && count <= PILOTS.most))
    fail('OHM5004', `pilots is ${count}; it must be a whole number from ${PILOTS.least} to ${PILOTS.most}`, {
      hint: 'ten times as many pilots as the digital half has inputs is a beginning',
    })
  if (own === null && network.task === null)
    fail('OHM5002', 'the network has no task, so there are no pilots to draw', {
      hint: 'give --inputs Y.npy --truth X.npy, or deploy with --task',
    })
  const channels = network.decoder[0]!.weight.cols
  const outputs = network.decoder.at(-1)!.weight.rows
  const seed = pilotSeed(chip.key)
  const heldFrom = count - heldOut(count)
  const codes = { rows: count, cols: channels, data: new Uint16Array(count * channels) }
  const targets = new Float32Array(count * outputs)
  let heldTruth: Matrix | null = null
  for (let from = 0; from < count; from += PIECE) {
    const to = Math.min(count, from + PIECE)
    const { inputs, truth } =
      own === null
        ? generateSamples(network.task!, { samples: to - from, seed, first: FIRST.pilots + from })
        : { inputs: rowRange(own.inputs, from, to), truth: rowRange(own.truth, from, to) }
    codes.data.set(encode(chip, inputs, { first: FIRST.pilots + from }).data, from * channels)
    targets.set(ownData(inputs, truth, outputs, (row) => from + row).targets.data, from * outputs)
    heldTruth ??= matrix(count - heldFrom, truth.cols)
    for (let v = Math.max(from, heldFrom); v < to; v++)
      heldTruth.data.set(
        truth.data.subarray((v - from) * truth.cols, (v - from + 1) * truth.cols),
        (v - heldFrom) * truth.cols,
      )
  }
  return { count, codes, targets, outputs, heldTruth: heldTruth!, heldFrom }
}

/** Each chip hears its own pilots. */
const pilotSeed = ({ seed, chip }: Chip['key']) => (seed ^ Math.imul(chip + 1, 0x9e3779b1)) >>> 0

/** Codes of vectors from .. to - 1. */
export const codesOf = ({ cols, data }: Codes, from: number, to: number): Codes => ({
  rows: to - from,
  cols,
  data: data.subarray(from * cols, to * cols),
})
