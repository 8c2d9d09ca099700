import { formatText } from '../../decoder/format.ts'
import { type Memory, memory, packed } from './memory.ts'
import type { LayerPlan, VerilogPlan } from './plan.ts'

/** A ROM, and where it stands in the design. */
export interface Rom extends Memory {
  /** Hierarchical name below the top level, for the testbench. */
  readonly path: string
}

/** Every constant that the decoder's output depends on, in the order of the fingerprint. */
export function decoderRoms(plan: VerilogPlan): Rom[] {
  const { decoder, codeBits } = plan
  const { format, words } = decoder.levels
  const levels = Array.from({ length: 2 ** codeBits }, (_, c) => words[Math.min(c, words.length - 1)]!)
  return [
    {
      path: 'levels.words',
      ...memory('decnet_levels.mem', `level of each code, ${formatText(format)}`, format.bits, levels),
    },
    ...plan.layers.flatMap((layer, l) => layerRoms(layer, l, l === 0 ? plan.scanOrder : null)),
  ]
}

function layerRoms(plan: LayerPlan, l: number, scanOrder: readonly number[] | null): Rom[] {
  const { layer, accumulatorBits, shifts, table } = plan
  const { name, weightFormats } = layer
  const formats = weightFormats.length === 1 ? formatText(weightFormats[0]!) : 'one format a row'
  const rowShifts = typeof shifts === 'number' ? layer.biases.map(() => shifts) : shifts
  // The addend of rounding half up joins the bias: their sum is within the bounds of the accumulator.
  const offsets = Array.from(layer.biases, (b, o) => b + (rowShifts[o]! > 0 ? 2 ** (rowShifts[o]! - 1) : 0))
  const roms: Rom[] = [
    {
      path: `dense_${l}.weights`,
      ...packed(
        `decnet_weights_${l}.mem`,
        `${name} weights, ${formats}, groups of ${plan.multipliers} outputs x inputs`,
        plan.weightBits,
        plan.multipliers,
        laneWeights(plan, scanOrder),
      ),
    },
    {
      path: `requantize_${l}.offsets`,
      ...memory(`decnet_offsets_${l}.mem`, `${name} biases + half an output step`, accumulatorBits, offsets),
    },
  ]
  if (typeof shifts !== 'number')
    roms.push({
      path: `requantize_${l}.row_shift.shifts`,
      ...memory(`decnet_shifts_${l}.mem`, `${name} right shift of each row`, 8, shifts),
    })
  if (table !== null)
    roms.push({
      path: `activation_${l}.entries`,
      ...memory(
        `decnet_${table.id}.mem`,
        `${table.id} from 0 to ${2 ** (table.input.bits - 1 - table.input.frac)}, ${formatText(table.entry)}`,
        table.entry.bits,
        table.words,
      ),
    })
  return roms
}

/** Weights by group, input, lane; zeros where the last group has no rows. */
function laneWeights({ layer, multipliers }: LayerPlan, scanOrder: readonly number[] | null): Int32Array {
  const { inputs, outputs, weights } = layer
  const groups = Math.ceil(outputs / multipliers)
  const out = new Int32Array(groups * inputs * multipliers)
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) {
      const at = (Math.floor(o / multipliers) * inputs + i) * multipliers + (o % multipliers)
      out[at] = weights[o * inputs + (scanOrder === null ? i : scanOrder[i]!)]!
    }
  return out
}
