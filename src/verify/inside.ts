/**
 * The nodes inside an array, at every device its word and its bit line: what our solver says they are at, and the deck
 * that prints them.
 */
import { cellConductances, isOhmic, OHMIC } from '../crossbar/iv.ts'
import { nonlinearSolver } from '../crossbar/nonlinear.ts'
import { prepareSolver } from '../crossbar/wires.ts'
import { type ArraySource, lineNodes } from '../emit/spice/array.ts'
import { terminals } from '../emit/spice/build.ts'
import type { Circuit } from '../emit/spice/circuit.ts'
import { assemble } from '../emit/spice/deck.ts'
import type { Probe } from '../emit/spice/expected.ts'
import type { SpiceNetlist } from '../emit/spice/netlist.ts'
import type { Matrix } from '../numerics/matrix.ts'

/** Nodes that are saved by name; more are printed with all others of the deck. */
const NAMED = 2000

/** An array of a deck. */
export interface ArrayPlace {
  readonly source: ArraySource
  /** vectors x words, volts at the drivers */
  readonly drive: Matrix
  /** Path of its instance, as `xlayer_0.xarray_1`. */
  readonly path: string
  /** Its subcircuit. */
  readonly name: string
}

/**
 * The deck with the nodes inside one of its arrays printed and expected too.
 *
 * @throws OHM2004 our own solver does not reach its tolerance
 */
export function withInside(netlist: SpiceNetlist, place: ArrayPlace): SpiceNetlist {
  const probes = insideProbes(netlist.circuit, place)
  const { analysis } = netlist.circuit
  if (probes.length === 0 || analysis.kind !== 'vectors') return netlist
  const nodes = [...analysis.nodes, ...probes.map(({ node }) => node)]
  const file = netlist.files[0]!.name
  return assemble(
    file.slice(0, file.lastIndexOf('.')),
    {
      ...netlist.circuit,
      analysis:
        nodes.length > NAMED
          ? { kind: 'vectors', count: analysis.count, nodes: [], all: true }
          : { kind: 'vectors', count: analysis.count, nodes },
    },
    [...netlist.expected, ...probes],
    netlist.vectors,
  )
}

/** One entry a node that the deck has: lines end at their last device, and without wires there is nothing inside. */
function insideProbes(circuit: Circuit, { source, drive, path, name }: ArrayPlace): Probe[] {
  const { conductance, wires, law = OHMIC } = source
  const subcircuit = circuit.subcircuits.find((one) => one.name === name)!
  const pins = new Set(subcircuit.pins)
  const there = new Set(subcircuit.elements.flatMap(terminals).filter((node) => !pins.has(node)))
  const at = lineNodes(wires)
  const { rows, cols } = conductance
  const wanted: { node: string; side: 'word' | 'bit'; device: number }[] = []
  for (let device = 0; device < rows * cols; device++)
    for (const side of ['word', 'bit'] as const) {
      const node = at[side](Math.floor(device / cols), device % cols)
      if (there.delete(node)) wanted.push({ node: `${path}.${node}`, side, device })
    }
  if (wanted.length === 0) return []
  const { nodes } = isOhmic(law)
    ? prepareSolver(cellConductances(conductance, law.seriesOhms), wires).solve(drive, { nodes: true })
    : nonlinearSolver({ conductance, wires, law }).solve(drive, { nodes: true })
  return wanted.map(({ node, side, device }) => ({
    node,
    kind: 'inside',
    layer: null,
    index: device,
    values: nodes.map((volts) => volts[side].data[device]!),
  }))
}
