import { fail } from '../../base/errors.ts'
import { checkNetwork } from '../check.ts'
import type { DenseLayer, Network, Quantizer } from '../network.ts'
import { assemble, type Chain } from './onnx/assemble.ts'
import { budgetFor } from './onnx/budget.ts'
import { evaluateGraph } from './onnx/evaluate.ts'
import { decodeModel } from './onnx/wire.ts'

/** What one ONNX graph holds. */
export interface OnnxLayers {
  /** The graph's own name; empty where the exporter gave one of its standard names. */
  readonly name: string
  /** Layers in front of the quantizer: all, if the graph has none. */
  readonly layers: readonly DenseLayer[]
  /** The quantizer, if it stands at the graph's end. */
  readonly quantizer: Quantizer | null
  readonly provenance: Readonly<Record<string, string | number>>
}

/**
 * A network from one ONNX graph y -> estimate with the quantizer inside.
 *
 * @throws OHM1002, OHM1004 the file; OHM1103, OHM1107, OHM1108 its tensors; OHM1104 operators; OHM1105 its structure;
 *         OHM1106 the quantizer
 */
export function parseOnnx(bytes: Uint8Array, file = 'model.onnx'): Network {
  const { chain, name, provenance } = parseChain(bytes, file, true)
  const { before, quantizer, after } = chain
  if (quantizer === null)
    fail('OHM1105', `${file} holds no quantizer: ${before.length} dense layers, none of them followed by thresholds`, {
      hint: 'give encoder, decoder and quantizer as separate files, or export the graph with its hard quantizer',
    })
  return checkNetwork({ name, encoder: before, quantizer, decoder: after, task: null, provenance })
}

/**
 * The layers of an encoder or a decoder graph that stands beside a quantizer file. An encoder may end in its quantizer.
 *
 * @throws as parseOnnx
 */
export function parseOnnxLayers(bytes: Uint8Array, file = 'model.onnx'): OnnxLayers {
  const { chain, name, provenance } = parseChain(bytes, file, false)
  if (chain.after.length > 0)
    fail('OHM1105', `${file} is a whole network, with layers on both sides of its quantizer`, {
      hint: 'give it alone, or give an encoder and a decoder graph',
    })
  return { name, layers: chain.before, quantizer: chain.quantizer, provenance }
}

function parseChain(bytes: Uint8Array, file: string, wanted: boolean) {
  const model = decodeModel(bytes, file)
  const { graph } = model
  const notes: string[] = []
  const note = (text: string) => {
    if (!notes.includes(text) && notes.length < 20) notes.push(text)
  }
  const budget = budgetFor(bytes.length)
  const last = evaluateGraph(model, budget, note)
  const DOUBLE = 11
  const tensors = [...graph.initializers, ...constantTensors(graph.nodes)]
  const chain: Chain = assemble(last, { single: tensors.every((t) => t.type !== DOUBLE), wanted, note, budget })
  const generic = /^(main_graph|torch[-_]jit.*|graph|onnx.*|tf2onnx|)$/i.test(graph.name)
  return {
    chain,
    name: generic ? '' : graph.name,
    provenance: {
      format: 'onnx',
      ...(model.producer === '' ? {} : { producer: model.producer }),
      ...(notes.length === 0 ? {} : { notes: notes.join('; ') }),
    },
  }
}

function constantTensors(nodes: ReturnType<typeof decodeModel>['graph']['nodes']) {
  return nodes.flatMap((node) => [...node.attributes.values()].filter((a) => typeof a === 'object' && 'dims' in a))
}
