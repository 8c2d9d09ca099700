import type { Warning } from '../base/errors.ts'
import { buildFixedDecoder } from '../decoder/build.ts'
import type { FixedDecoder } from '../decoder/fixed-decoder.ts'
import type { Deployment } from '../deployment/deployment.ts'
import type { Chip } from '../deployment/fabricate.ts'
import { forward } from '../network/forward.ts'
import { type EmittedTable, thresholdTable } from './threshold-table/threshold-table.ts'

/** Threshold-DAC resolution where the profile has none: the finest that a table holds. */
const FINEST_DAC = 16

/** The digital half of a deployment in integers, and what had to be chosen for that. */
export interface DigitalHalf {
  readonly decoder: FixedDecoder
  readonly table: EmittedTable
  /** OHM4003 formats chosen here, and the warnings of the table */
  readonly warnings: readonly Warning[]
}

/**
 * Integer decoder and threshold table, also of a profile that decodes in floating point or has an unquantized DAC.
 *
 * @param dacBits  threshold-DAC resolution, for a profile whose DAC is unquantized
 * @throws OHM4001 an accumulator that could overflow; what `thresholdTable` throws
 */
export function digitalHalf(from: Deployment | Chip, dacBits?: number): DigitalHalf {
  const deployment = 'deployment' in from ? from.deployment : from
  const { network, profile, calibration } = deployment
  const warnings: Warning[] = []
  const decoder = deployment.decoder ?? buildFixedDecoder(network, profile.decoder, forward(network, calibration).codes)
  if (deployment.decoder === null) {
    const { weightBits, activationBits, accumulatorBits } = profile.decoder
    warnings.push({
      code: 'OHM4003',
      message: `the profile decodes in floating point; emitted with ${weightBits}-bit weights, ${activationBits}-bit activations and sums of at most ${accumulatorBits} bits`,
      at: { pointer: '/decoder/arithmetic' },
    })
  }
  const unquantized = profile.adc.dac.bits === null && dacBits === undefined
  if (unquantized)
    warnings.push({
      code: 'OHM4003',
      message: `the profile has an unquantized threshold DAC; the table has codes of ${FINEST_DAC} bits`,
      at: { pointer: '/adc/dac/bits' },
    })
  const inIntegers = { ...deployment, decoder }
  const bits = unquantized ? FINEST_DAC : dacBits
  const table = thresholdTable(
    'deployment' in from ? { ...from, deployment: inIntegers } : inIntegers,
    bits === undefined ? {} : { dacBits: bits },
  )
  return { decoder, table, warnings: [...warnings, ...table.warnings] }
}
