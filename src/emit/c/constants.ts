import { crc32 } from '../../base/hash.ts'
import { formatText } from '../../decoder/format.ts'
import { BYTES, bytesOfWords, constArray, type StoredType } from './integers.ts'
import type { DecnetPlan } from './plan.ts'

/** One constant array of decnet.c. */
export interface ConstantArray {
  readonly type: StoredType
  readonly name: string
  readonly values: ArrayLike<number>
  readonly comment: string
}

/** Every array that the output depends on, in the order of the self-test's CRC-32. */
export function constantArrays(plan: DecnetPlan, prefix: string): ConstantArray[] {
  const { decoder, layers, tables } = plan
  const arrays: ConstantArray[] = []
  const add = (type: StoredType, name: string, values: ArrayLike<number>, comment: string) =>
    arrays.push({ type, name: `${prefix}_${name}`, values, comment })

  const { format, words } = decoder.levels
  if (layers[0]!.columns === null) add('int16_t', 'level', words, `the word of each code, ${formatText(format)}`)
  for (const { id, words, entry, input } of tables)
    add(
      'int16_t',
      `${id}_entry`,
      words,
      `${id} from 0 to ${2 ** (input.bits - 1 - input.frac)} in ${words.length - 1} steps, ${formatText(entry)}`,
    )
  for (const [l, { layer, columns, weightType, biasType, shifts }] of layers.entries()) {
    if (columns === null) {
      const [first, ...more] = layer.weightFormats.map(formatText)
      add(biasType, `bias_${l}`, layer.biases, 'words of the sum, one an output')
      add(
        weightType,
        `weight_${l}`,
        layer.weights,
        `outputs x inputs, ${more.length === 0 ? first : 'one format an output'}`,
      )
    } else {
      add(columns.baseType, `base_${l}`, columns.base, 'the sum with every code 0, one an output')
      add(
        columns.entryType,
        `column_${l}`,
        columns.entries,
        `outputs x channels x (levels - 1): weight x (level of the code - level of code 0) / ${columns.step}`,
      )
    }
    if (typeof shifts !== 'number') add('int8_t', `shift_${l}`, shifts, 'right shifts, one an output')
  }
  return arrays
}

/** CRC-32 over the arrays, little-endian. */
export function constantsCrc(arrays: readonly ConstantArray[]): number {
  const parts = arrays.map(({ type, values }) => bytesOfWords(values, BYTES[type]))
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return crc32(all)
}

export function arrayLines({ comment, type, name, values }: ConstantArray): string[] {
  return [`/* ${comment} */`, ...constArray(type, name, values)]
}
