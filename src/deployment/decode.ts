import { fail } from '../base/errors.ts'
import { estimateFixed } from '../decoder/run.ts'
import { applyLayers, type Codes, dequantize } from '../network/forward.ts'
import type { Matrix } from '../numerics/matrix.ts'
import type { Deployment } from './deployment.ts'

export interface Decoded {
  /** vectors x components, network units */
  readonly estimate: Matrix
  /** Words that saturated, a decoder layer; empty for a float decoder. */
  readonly saturated: readonly number[]
}

/**
 * The digital half: codes to estimate, in fixed point if the deployment says so, else in float64.
 *
 * @param codes  vectors x channels, each 0 .. I - 1
 * @throws OHM1110 on the wrong number of channels or a code out of range
 */
export function decode(deployment: Deployment, codes: Codes): Matrix {
  return decodeCounted(deployment, codes).estimate
}

/** As `decode`, with the number of saturated words. */
export function decodeCounted(deployment: Deployment, codes: Codes): Decoded {
  const { network, decoder } = deployment
  const channels = network.decoder[0]!.weight.cols
  if (codes.cols !== channels) fail('OHM1110', `there are ${codes.cols} codes a vector; the decoder takes ${channels}`)
  if (decoder !== null) {
    const { estimate, saturated } = estimateFixed(decoder, codes)
    return { estimate, saturated }
  }
  const top = network.quantizer.levels.length
  const bad = codes.data.findIndex((c) => c >= top)
  if (bad >= 0) fail('OHM1110', `code ${codes.data[bad]} at entry ${bad}; there are ${top} levels`)
  return { estimate: applyLayers(network.decoder, dequantize(network.quantizer, codes)), saturated: [] }
}
