/** The exported MultiThreshold, run as QONNX defines it and compared with the threshold table. */
import type { ThresholdTable } from '../../emit/index.ts'
import { decodeModel } from '../../network/formats/onnx/wire.ts'

/** Words tried to each side of a threshold. */
const AROUND = 2

/**
 * Codes that the model's node gives.
 *
 * code = out_scale #{k : x >= T[k]} + out_bias. Source: qonnx, custom_op/general/multithreshold.py
 *
 * @param words  whole numbers
 * @throws Error a model that is not one MultiThreshold on one row of thresholds
 */
export function multiThresholdCodes(model: Uint8Array, words: readonly number[]): number[] {
  const { graph } = decodeModel(model, 'adc_multithreshold.onnx')
  const [node] = graph.nodes
  const [rows] = graph.initializers
  if (graph.nodes.length !== 1 || node?.operator !== 'MultiThreshold' || node.domain !== 'qonnx.custom_op.general')
    throw new Error('the model is not one MultiThreshold')
  if (rows === undefined || rows.raw === null || rows.type !== 1 || node.inputs[1] !== rows.name || rows.dims[0] !== 1)
    throw new Error('the model has no float32 row of thresholds')
  const view = new DataView(rows.raw.buffer, rows.raw.byteOffset, rows.raw.byteLength)
  // A count does not depend on the order.
  const thresholds = Float32Array.from({ length: rows.dims[1]! }, (_, k) => view.getFloat32(4 * k, true)).sort()
  const [scale, bias] = ['out_scale', 'out_bias'].map((name) => node.attributes.get(name)) as [number, number]
  return words.map((x) => scale * countBelow(thresholds, (t) => Math.fround(x) >= t) + bias)
}

/** How many of ascending numbers hold, when those that hold come first. */
function countBelow(ascending: ArrayLike<number>, holds: (t: number) => boolean): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(ascending[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

/** Words near each threshold and at both ends that get another code than the table gives. */
export function multiThresholdProblems(model: Uint8Array, { thresholds, compare }: ThresholdTable): string[] {
  const near = thresholds.codes.flatMap((t) => Array.from({ length: 2 * AROUND + 1 }, (_, i) => t + i - AROUND))
  const words = [...new Set([-32768, 32767, ...near])].filter((x) => x >= -32768 && x <= 32767)
  let codes: number[]
  try {
    codes = multiThresholdCodes(model, words)
  } catch (error) {
    return [(error as Error).message]
  }
  return words.flatMap((x, i) => {
    const wanted = countBelow(thresholds.codes, (t) => (compare === 'gt' ? x > t : x >= t))
    return codes[i] === wanted ? [] : [`the word ${x} gets code ${codes[i]}, the table says ${wanted}`]
  })
}
