/**
 * One encoder layer: its tiles' subcircuits, and one subcircuit that joins them with amplifiers and activation stages.
 */
import type { DeviceLaw } from '../../crossbar/iv.ts'
import type { Wires } from '../../crossbar/wires.ts'
import type { DeployedLayer } from '../../deployment/deployment.ts'
import type { ChipLayer } from '../../deployment/fabricate.ts'
import { type ArraySource, arraySubcircuit } from './array.ts'
import { anchor, comment, follower, instance, names, source as voltage } from './build.ts'
import type { Element, Subcircuit } from './circuit.ts'
import { negative, parameter, sum, volts } from './expression.ts'

export interface LayerSource {
  readonly index: number
  readonly layer: DeployedLayer
  readonly made: ChipLayer
  /** One entry a tile. */
  readonly arrays: readonly ArraySource[]
  /** volts, null = amplifiers never clip */
  readonly swing: number | null
  /** The cell of its activation stages; default: that of its function. */
  readonly stage?: string
}

/** A chip layer's tiles with their wires and the law of their devices. */
export function arraySources(made: ChipLayer, wires: Wires, law: DeviceLaw): ArraySource[] {
  return made.arrays.map(({ conductance }) => ({ conductance, wires, law }))
}

/** Parameters that all outputs of a layer share, named l<index>_... */
export function layerParameters({ index, layer }: LayerSource): Record<string, number> {
  const weighted = amplifierWeights(layer)
    .filter((weight) => weight !== 1)
    .map((weight) => [feedbackName(index, layer, weight), layer.feedbackOhms * weight] as const)
  return {
    [`l${index}_rf`]: layer.feedbackOhms,
    ...Object.fromEntries(weighted),
    [`l${index}_bias`]: layer.biasVolts,
    [`l${index}_vin`]: layer.amplifierVoltsPerUnit,
    [`l${index}_vout`]: layer.outputVoltsPerUnit,
  }
}

/** What bit lines of a layer count, signs left out, ascending. */
function amplifierWeights(layer: DeployedLayer): number[] {
  const all = new Set(layer.tiles.flatMap(({ lineWeights }) => lineWeights.map(Math.abs)))
  return [...all].sort((a, b) => a - b)
}

/** The parameter that holds the feedback of the amplifiers of one weight. */
function feedbackName(index: number, layer: DeployedLayer, weight: number): string {
  return weight === 1 ? `l${index}_rf` : `l${index}_rf_${amplifierWeights(layer).indexOf(weight)}`
}

/** One virtual ground and its transimpedance amplifier. */
interface Amplifier {
  readonly input: string
  readonly output: string
  /** Its feedback is the layer's times this. */
  readonly weight: number
  readonly sign: 1 | -1
  /** Outputs it counts in: one, or all that share a reference column. */
  readonly outputs: readonly number[]
  readonly shared: boolean
}

/**
 * The amplifiers of a layer, and the one that each bit line of each tile ends at: one for each output, sign and weight;
 * the reference columns of all tiles with the same outputs share one.
 */
function amplifiersOf({ layer, made }: LayerSource): { all: Amplifier[]; lines: Amplifier[][] } {
  const found = new Map<string, Amplifier>()
  const distinct = new Map<string, number[]>()
  const ends = layer.tiles.map((tile, t) =>
    tile.lineWeights.map((lineWeight, j) => {
      const own = made.arrays[t]!.lineOutputs[j]!
      const outputs = own === -1 ? tile.outputs : [tile.outputs[own]!]
      const side = `${own === -1 ? 'r' : lineWeight > 0 ? 'p' : 'm'} ${outputs.join(' ')}`
      const weights = distinct.get(side) ?? distinct.set(side, []).get(side)!
      if (!weights.includes(Math.abs(lineWeight))) weights.push(Math.abs(lineWeight))
      return { side, outputs, lineWeight, shared: own === -1 }
    }),
  )
  const groups = [...distinct.keys()].filter((side) => side.startsWith('r'))
  const lines = ends.map((tile) =>
    tile.map(({ side, outputs, lineWeight, shared }) => {
      const weight = Math.abs(lineWeight)
      const key = `${side} ${lineWeight}`
      const weights = distinct.get(side)!
      const name = `${shared ? groups.indexOf(side) : outputs[0]}${weights.length > 1 ? `_${weights.indexOf(weight)}` : ''}`
      const amplifier = found.get(key) ?? {
        input: `${shared ? 'ref' : lineWeight > 0 ? 'plus' : 'minus'}_${name}`,
        output: `t${side[0]}_${name}`,
        weight,
        sign: lineWeight > 0 ? 1 : -1,
        outputs,
        shared,
      }
      found.set(key, amplifier)
      return amplifier
    }),
  )
  return { all: [...found.values()], lines }
}

/**
 * Subcircuits array_<layer>_<tile> and layer_<layer>, the latter with pins in_*, amp_* (amplifier volts) and out_*.
 *
 * The ends of an output's positive (negative) bit lines of one weight, of all its devices in parallel and of all row
 * tiles, meet at one virtual ground, where their currents add. Word lines driven with - have an ideal inverter.
 */
export function layerSubcircuits(source: LayerSource): Subcircuit[] {
  const { index, layer, made, arrays, swing, stage = `ob_${layer.activation}` } = source
  const elements: Element[] = [
    comment('the bias word line, last of the layer'),
    voltage('bias', 'bias', parameter(`l${index}_bias`)),
    anchor('bias'),
    ...inverters(layer),
  ]
  const { all, lines: ends } = amplifiersOf(source)
  for (const [t, tile] of layer.tiles.entries())
    elements.push(
      comment(`tile ${t}: word lines ${span(tile.words)}, outputs ${span(tile.outputs)}`),
      instance(
        `array_${t}`,
        [
          tile.words.map((word, i) => (tile.signs[i] === 1 ? wordNode(layer, word) : invertedNode(layer, word))),
          ends[t]!.map(({ input }) => input),
        ],
        `array_${index}_${t}`,
      ),
    )
  const amplifier = ({ input, output, weight }: Amplifier) =>
    instance(output, [input, output], 'ob_tia', { rf: parameter(feedbackName(index, layer, weight)) })
  const references = all.filter(({ shared }) => shared)
  if (references.length > 0) elements.push(comment('reference columns'), ...references.map(amplifier))
  for (let o = 0; o < layer.outputs; o++) {
    const own = all.filter(({ outputs }) => outputs.includes(o))
    elements.push(comment(`output ${o}`), ...own.filter(({ shared }) => !shared).map(amplifier))
    const side = (sign: 1 | -1, name: string) => {
      const terms = own.filter((a) => a.sign === sign).map(({ output }) => output)
      if (terms.length <= 1) return terms[0] ?? '0'
      elements.push(follower(name, sum(terms.map(volts))), anchor(name))
      return name
    }
    const sides = [side(1, `sp_${o}`), side(-1, `sm_${o}`)]
    const trim = { gain: made.amplifierGain[o]!, offset: made.amplifierOffset[o]! }
    elements.push(
      swing === null
        ? instance(`diff_${o}`, [sides, `amp_${o}`], 'ob_difference', trim)
        : instance(`diff_${o}`, [sides, `amp_${o}`], 'ob_difference_clip', { ...trim, swing: parameter('amp_swing') }),
      instance(`act_${o}`, [`amp_${o}`, `out_${o}`], stage, {
        vin: parameter(`l${index}_vin`),
        vout: parameter(`l${index}_vout`),
        gain: made.activationGain[o]!,
        offset: made.activationOffset[o]!,
      }),
    )
  }
  const pins = [...names('in', layer.inputs), ...names('amp', layer.outputs), ...names('out', layer.outputs)]
  return [
    ...arrays.map((array, t) => arraySubcircuit(`array_${index}_${t}`, array)),
    { name: `layer_${index}`, about: [], pins, parameters: {}, elements },
  ]
}

const wordNode = (layer: DeployedLayer, word: number) => (word === layer.inputs ? 'bias' : `in_${word}`)
const invertedNode = (layer: DeployedLayer, word: number) => (word === layer.inputs ? 'inv_bias' : `inv_${word}`)

/** Ideal inverting drivers of the words that some array needs with -. */
function inverters(layer: DeployedLayer): Element[] {
  const words = layer.tiles.flatMap(({ words, signs }) => words.filter((_, i) => signs[i] === -1))
  return [...new Set(words)].flatMap((word) => {
    const node = invertedNode(layer, word)
    return [follower(node, negative(volts(wordNode(layer, word)))), anchor(node)]
  })
}

/** "3 to 7", or "3 .. 7 (5)" where numbers are left out or out of order. */
function span(numbers: readonly number[]): string {
  const [first, last] = [numbers[0]!, numbers.at(-1)!]
  return last - first === numbers.length - 1 ? `${first} to ${last}` : `${first} .. ${last} (${numbers.length})`
}
