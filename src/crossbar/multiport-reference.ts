/**
 * Hierarchical multiport reduction in plain TypeScript: the same algorithm as the kernel's, one node at a time.
 */
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { multiportApplies } from './multiport.ts'
import type { Wires } from './wires.ts'

/** Conductances between nodes: size x size, symmetric; the diagonal is not kept. */
interface Mesh {
  readonly nodes: Int32Array
  readonly c: Float64Array
}

/** Cells [r0, r1) x [c0, c1). */
interface Cells {
  readonly r0: number
  readonly r1: number
  readonly c0: number
  readonly c1: number
}

/** Join meshes: nodes of the same name are one node, conductances in parallel add. */
function join(x: Mesh, y: Mesh): Mesh {
  const nodes = Int32Array.from(new Set([...x.nodes, ...y.nodes]))
  const at = new Map(Array.from(nodes, (node, i) => [node, i]))
  const size = nodes.length
  const c = new Float64Array(size * size)
  for (const mesh of [x, y]) {
    const to = Array.from(mesh.nodes, (node) => at.get(node)!)
    for (const [i, p] of to.entries()) for (const [j, q] of to.entries()) c[p * size + q]! += mesh.c[i * to.length + j]!
  }
  return { nodes, c }
}

/** Star-mesh: without node k, every other pair is joined by c_ik c_jk / sum_l c_lk more than before. */
function eliminate({ nodes, c }: Mesh, done: (node: number) => boolean): Mesh {
  const size = nodes.length
  let left = Array.from(nodes.keys())
  for (const k of nodes.keys()) {
    if (!done(nodes[k]!)) continue
    left = left.filter((i) => i !== k)
    let sum = 0
    for (const i of left) sum += c[k * size + i]!
    for (const i of left) {
      const share = c[k * size + i]! / sum
      if (share > 0) for (const j of left) if (j < i) c[i * size + j]! += share * c[k * size + j]!
    }
    for (const i of left) for (const j of left) if (j < i) c[j * size + i] = c[i * size + j]!
  }
  const kept = new Float64Array(left.length ** 2)
  for (const [i, p] of left.entries()) for (const [j, q] of left.entries()) kept[i * left.length + j] = c[p * size + q]!
  return { nodes: Int32Array.from(left, (k) => nodes[k]!), c: kept }
}

/**
 * The exact effective matrix of a crossbar with wires, by hierarchical multiport reduction.
 *
 * Slow (O(n^3) with a large constant) and plain: the oracle of `multiportTransfer`.
 *
 * @param g      wordLines x bitLines, siemens, every entry >= 0 and finite
 * @param wires  ohm
 * @returns      bitLines x wordLines, siemens; null where a segment has no resistance
 */
export function multiportReference(g: Matrix, wires: Wires): Matrix | null {
  if (!multiportApplies(wires)) return null
  const m = g.rows
  const n = g.cols
  const both = wires.drive === 'both-ends'
  const word = (i: number, j: number) => i * n + j
  const bit = (i: number, j: number) => m * n + i * n + j
  const source = (i: number) => 2 * m * n + i
  const ground = (j: number) => 2 * m * n + m + j
  const step = 1 / wires.wordSegment
  const entry = 1 / (wires.wordSegment + wires.driver)
  const exit = 1 / (wires.bitSegment + wires.sense)

  const pair = (p: number, q: number, c: number): Mesh => ({
    nodes: Int32Array.of(p, q),
    c: Float64Array.of(0, c, c, 0),
  })
  /** A device with the word segment before it and the bit segment after it. */
  const cell = (i: number, j: number): Mesh => {
    const before = j === 0 ? pair(source(i), word(i, j), entry) : pair(word(i, j - 1), word(i, j), step)
    const after = i === m - 1 ? pair(bit(i, j), ground(j), exit) : pair(bit(i, j), bit(i + 1, j), 1 / wires.bitSegment)
    const mesh = join(join(before, pair(word(i, j), bit(i, j), g.data[i * n + j]!)), after)
    return both && j === n - 1 ? join(mesh, pair(word(i, j), source(i), entry)) : mesh
  }
  /** Whether everything joined to a node lies within these cells. */
  const inside = (node: number, { r0, c1 }: Cells): boolean => {
    if (node >= 2 * m * n) return false
    if (node < m * n) return (node % n) + 1 < c1 || c1 === n
    return Math.floor(node / n) - m > r0 || r0 === 0
  }
  /** Nodes of the neighbours to the left and below are terminals too: they are outside the cells. */
  const own = (node: number, { r1, c0 }: Cells): boolean =>
    node < m * n ? node % n >= c0 : Math.floor(node / n) - m < r1
  const reduce = (cells: Cells): Mesh => {
    const { r0, r1, c0, c1 } = cells
    const done = (node: number) => inside(node, cells) && own(node, cells)
    if (r1 - r0 === 1 && c1 - c0 === 1) return eliminate(cell(r0, c0), done)
    const middle = c1 - c0 >= r1 - r0 ? (c0 + c1) >> 1 : (r0 + r1) >> 1
    const [x, y] =
      c1 - c0 >= r1 - r0
        ? [reduce({ ...cells, c1: middle }), reduce({ ...cells, c0: middle })]
        : [reduce({ ...cells, r1: middle }), reduce({ ...cells, r0: middle })]
    return eliminate(join(x, y), done)
  }
  const { nodes, c } = reduce({ r0: 0, r1: m, c0: 0, c1: n })
  const at = new Map(Array.from(nodes, (node, i) => [node, i]))
  const t = matrix(n, m)
  for (let j = 0; j < n; j++)
    for (let i = 0; i < m; i++) t.data[j * m + i] = c[at.get(ground(j))! * nodes.length + at.get(source(i))!]!
  return t
}
