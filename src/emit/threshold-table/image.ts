/** The table as one run of bytes: adc_thr.bin, and what adc_thr.hex holds. */
import { crc32 } from '../../base/hash.ts'
import type { ThresholdTable } from './table.ts'

/** Bytes of the image before the first threshold: compare and fraction bits. */
export const THRESHOLDS_AT = 4
const CRC_BYTES = 4

/** The words under the table's CRC, in its order. */
export function checkedWords({ compare, numberFormat, thresholds, levels, dac, scanOrder }: ThresholdTable): number[] {
  return [compare === 'gt' ? 0 : 1, numberFormat.frac, ...thresholds.codes, ...levels.words, ...dac.codes, ...scanOrder]
}

/**
 * adc_thr.bin: the words under the CRC, then the CRC itself, all low byte first.
 *
 * So the CRC-32 of the whole is 2144df1c whatever stands in it, and firmware needs nothing else to check it.
 */
export function renderImage(table: ThresholdTable): Uint8Array {
  const words = checkedWords(table)
  const view = new DataView(new ArrayBuffer(2 * words.length + CRC_BYTES))
  for (const [i, word] of words.entries()) view.setInt16(2 * i, word, true)
  view.setUint32(2 * words.length, Number.parseInt(table.crc32, 16), true)
  return new Uint8Array(view.buffer)
}

/**
 * Why an image is not that of a table, or null.
 *
 * @param table  what it must hold
 */
export function imageProblem(image: Uint8Array, table: ThresholdTable): string | null {
  const body = image.length - CRC_BYTES
  if (body < 0 || body % 2 !== 0) return `${image.length} bytes are no whole words and a CRC-32`
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  const own = view.getUint32(body, true)
  if (crc32(image.subarray(0, body)) !== own) return 'its CRC-32 is not that of its words'
  if (own !== Number.parseInt(table.crc32, 16))
    return `it is another table: its CRC-32 is ${own.toString(16).padStart(8, '0')}, that of adc-table.json ${table.crc32}`
  const wanted = renderImage(table)
  const at = wanted.findIndex((byte, i) => byte !== image[i])
  return at < 0 && image.length === wanted.length ? null : `it differs from adc-table.json at byte ${Math.max(at, 0)}`
}
