import { deploy } from '../../src/deployment/deploy.ts'
import { type Chip, fabricate } from '../../src/deployment/fabricate.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { profileWith } from './profile.ts'

/**
 * A chip whose converter is what a test is about: one input, K linear outputs.
 *
 * @param thresholds  ascending, as shares of full scale; any number above 0
 */
export function converterChip(
  channels: number,
  thresholds: readonly number[],
  changes: Partial<Record<FieldPath, FieldValue>> = {},
  options: { compare?: 'gt' | 'ge'; seed?: number } = {},
): Chip {
  const column = (value: number) => new Float64Array(channels).fill(value)
  const network = {
    name: 'converter',
    encoder: [{ weight: matrix(channels, 1, column(1)), bias: column(0), activation: 'tanh' as const }],
    quantizer: {
      thresholds: Float64Array.from(thresholds),
      levels: Float64Array.from({ length: thresholds.length + 1 }, (_, k) => k),
      compare: options.compare ?? ('gt' as const),
      levelRule: 'given' as const,
    },
    decoder: [{ weight: matrix(1, channels), bias: new Float64Array(1), activation: 'linear' as const }],
    task: null,
    provenance: {},
  }
  const calibration = matrix(3, 1, Float64Array.of(-1, 0.5, 1))
  return fabricate(deploy(network, profileWith(changes), { calibration }), { seed: options.seed ?? 1 })
}
