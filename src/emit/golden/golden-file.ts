import type { FixedDecoder } from '../../decoder/fixed-decoder.ts'
import { formatText } from '../../decoder/format.ts'
import { type GoldenVector, goldenVectors } from '../../decoder/golden.ts'
import type { ThresholdTable } from '../threshold-table/table.ts'

export const GOLDEN_FORMAT = 'ohmbit/golden/1'

/** A word at the digital comparison, and the code it must give. */
export interface GoldenConversion {
  readonly x: number
  readonly code: number
}

/**
 * What the threshold search is tried with: the word of every threshold and its neighbours, + and - full scale, the ends
 * of 16 bits.
 *
 * @returns ascending in x, each once; the code is counted threshold by threshold
 */
export function goldenConversions({ thresholds, compare, range, numberFormat }: ThresholdTable): GoldenConversion[] {
  const fullScale = Math.floor(range.high * 2 ** numberFormat.frac)
  const words = [-32768, 32767, 0, fullScale, -fullScale, ...thresholds.codes.flatMap((t) => [t - 1, t, t + 1])].filter(
    (x) => x >= -32768 && x <= 32767,
  )
  return [...new Set(words.map((x) => x + 0))]
    .sort((a, b) => a - b)
    .map((x) => ({ x, code: thresholds.codes.reduce((n, t) => n + ((compare === 'gt' ? x > t : x >= t) ? 1 : 0), 0) }))
}

export interface GoldenSource {
  readonly decoder: FixedDecoder
  readonly table: ThresholdTable
  readonly vectors: readonly GoldenVector[]
  readonly conversions: readonly GoldenConversion[]
}

/** Golden vectors and conversions of one decoder and one table. @param random  random vectors beside the fixed cases */
export function goldenSource(decoder: FixedDecoder, table: ThresholdTable, random = 200): GoldenSource {
  return { decoder, table, vectors: goldenVectors(decoder, random), conversions: goldenConversions(table) }
}

/**
 * golden.json: whole numbers only, one vector a line. Schema in schemas/golden.schema.json.
 */
export function goldenText({ decoder, table, vectors, conversions }: GoldenSource): string {
  const head = {
    format: GOLDEN_FORMAT,
    network: table.network,
    profile: table.profile,
    decoder: {
      channels: decoder.layers[0]!.inputs,
      levelFormat: formatText(decoder.levels.format),
      levels: [...decoder.levels.words],
      layers: decoder.layers.map((layer) => ({
        name: layer.name,
        outputs: layer.outputs,
        activation: layer.activation,
        pre: formatText(layer.pre),
        post: formatText(layer.output),
      })),
    },
    adc: {
      crc32: table.crc32,
      compare: table.compare,
      frac: table.numberFormat.frac,
      thresholds: table.thresholds.codes,
      x: conversions.map(({ x }) => x),
      code: conversions.map(({ code }) => code),
    },
  }
  const entries = Object.entries(head).map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`)
  const lines = vectors.map(
    ({ case: name, codes, layers, output }) => `    ${JSON.stringify({ case: name, codes, layers, output })}`,
  )
  return ['{', ...entries, '  "vectors": [', lines.join(',\n'), '  ]', '}', ''].join('\n')
}
