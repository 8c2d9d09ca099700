/**
 * Currents and node volts by block elimination, with lines that float or are held at volts and with current sources
 * beside the devices.
 *
 * Columns are eliminated from the far end. Looking right from column j, the word nodes u see i = Y u - s, with Y an
 * admittance and s what the sources there push back. A word segment in front: Y <- A^-1 Y, s <- A^-1 s, A = I + r Y; then
 * u of the next column is A^-1 (u + r s).
 */
import { fail } from '../base/errors.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { bitLine, cholesky, column, inFront, solveRows, symmetrise } from './elimination.ts'
import type { CrossbarNodes, CrossbarSolution, CrossbarSolver, SolveOptions, Terminations, Wires } from './wires.ts'

/** Most bytes of factors. */
const FACTOR_BYTES = 2 ** 31

/**
 * @param g             wordLines x bitLines, siemens
 * @param wires         ohm
 * @throws OHM2004      when the factors would not fit into memory
 */
export function eliminationSolver(g: Matrix, wires: Wires, terminations: Terminations): CrossbarSolver {
  const m = g.rows
  const n = g.cols
  if (wires.wordSegment > 0 && 8 * n * m * m > FACTOR_BYTES)
    fail('OHM2004', `block elimination of ${m} x ${n} devices needs ${((8 * n * m * m) / 2 ** 30).toFixed(1)} GiB`, {
      hint: 'give both word and bit segments a resistance above zero: the iterative method solves those',
    })
  const { wordSegment } = wires
  const entry = wires.driver + wordSegment
  const driven = Array.from({ length: m }, (_, i) => terminations.wordDriven?.[i] !== false)
  const volts = Array.from({ length: n }, (_, j) => terminations.bitLineVolts?.[j] ?? 0)
  const floating = Array.from({ length: n }, (_, j) => terminations.bitLineVolts?.[j] === null)
  // Without any resistance both drivers sit on the same node.
  const far = wires.drive === 'both-ends' && entry > 0
  const exit = wires.bitSegment + wires.sense

  const d = new Float64Array(m)
  const s = new Float64Array(m * m)
  const y = new Float64Array(m * m)
  const out = new Float64Array(m)
  const factors: (Float64Array | null)[] = new Array(n).fill(null)
  if (far) for (let i = 0; i < m; i++) if (driven[i]) y[i * m + i] = 1 / entry
  for (let j = n - 1; j >= 0; j--) {
    if (j < n - 1 && wordSegment > 0) {
      const a = new Float64Array(m * m)
      inFront(y, m, wordSegment, a)
      cholesky(a, m)
      solveRows(a, m, y, m)
      symmetrise(y, m)
      factors[j + 1] = a
    }
    bitLine(column(g, j, d), wires, s, out, null, floating[j])
    for (let i = 0; i < s.length; i++) y[i]! += s[i]!
  }
  const near = nearEnd(y, m, entry, driven)

  const solve = (inputs: Matrix, options: SolveOptions = {}): CrossbarSolution => {
    const vectors = inputs.rows
    const { injection } = options
    const inverse = new Float64Array(m * m)
    const sourced = injection !== undefined || volts.some((v) => v !== 0)
    /** Bit nodes of column j, row-major like `inverse`, fed by its sources alone: m values. */
    const own = (j: number, v: number, b: Float64Array): void => {
      if (exit === 0 && !floating[j]) {
        b.fill(volts[j]!)
        return
      }
      const end = floating[j] ? 0 : volts[j]! / exit
      for (let i = 0; i < m; i++) {
        let sum = inverse[i * m + m - 1]! * end
        if (injection !== undefined) for (let k = 0; k < m; k++) sum += inverse[i * m + k]! * injection[v]![k * n + j]!
        b[i] = sum
      }
    }
    const b = new Float64Array(m)
    /** What the sources right of a column push back, before its segment: a matrix vectors x m a column. */
    const pushed: Float64Array[] = new Array(n)
    const back = new Float64Array(vectors * m)
    if (far)
      for (let v = 0; v < vectors; v++)
        for (let i = 0; i < m; i++) back[v * m + i] = driven[i] ? inputs.data[v * m + i]! / entry : 0
    if (sourced || far)
      for (let j = n - 1; j >= 0; j--) {
        if (factors[j + 1] != null) solveRows(factors[j + 1]!, m, back, vectors)
        if (sourced) {
          bitLine(column(g, j, d), wires, s, out, inverse, floating[j])
          for (let v = 0; v < vectors; v++) {
            own(j, v, b)
            for (let i = 0; i < m; i++)
              back[v * m + i]! += d[i]! * b[i]! - (injection === undefined ? 0 : injection[v]![i * n + j]!)
          }
        }
        pushed[j] = back.slice()
      }
    const u = new Float64Array(vectors * m)
    for (let v = 0; v < vectors; v++)
      near(
        inputs.data.subarray(v * m, (v + 1) * m),
        pushed[0]?.subarray(v * m, (v + 1) * m) ?? null,
        u.subarray(v * m, (v + 1) * m),
      )

    const nodes = Array.from({ length: vectors }, () => ({ word: matrix(m, n), bit: matrix(m, n) }))
    const outputAmps = matrix(vectors, n)
    for (let j = 0; j < n; j++) {
      if (j > 0 && factors[j] != null) {
        const p = pushed[j]
        if (p !== undefined) for (let k = 0; k < u.length; k++) u[k]! += wordSegment * p[k]!
        solveRows(factors[j]!, m, u, vectors)
      }
      column(g, j, d)
      bitLine(d, wires, s, out, inverse, floating[j])
      for (let v = 0; v < vectors; v++) {
        let current = 0
        if (sourced) own(j, v, b)
        else b.fill(0)
        for (let i = 0; i < m; i++) {
          const ui = u[v * m + i]!
          nodes[v]!.word.data[i * n + j] = ui
          let bi = b[i]!
          for (let k = 0; k < m; k++) bi += inverse[i * m + k]! * d[k]! * u[v * m + k]!
          nodes[v]!.bit.data[i * n + j] = bi
          // Currents of the devices where volts are held: volts at the end are differences of nearly equal ones.
          current += sourced
            ? d[i]! * (ui - bi) + (injection === undefined ? 0 : injection[v]![i * n + j]!)
            : out[i]! * ui
        }
        outputAmps.data[v * n + j] = floating[j] ? 0 : current
      }
    }
    const law = kirchhoff(g, wires, { driven, volts, floating }, inputs, nodes, outputAmps, injection)
    return {
      outputAmps,
      nodes: options.nodes === true ? nodes : [],
      ...law,
      iterations: 0,
      method: 'block-elimination',
    }
  }
  return { solve }
}

/** Word nodes of column 0 from the drivers' volts and what the array pushes back. */
function nearEnd(
  y: Float64Array,
  m: number,
  entry: number,
  driven: readonly boolean[],
): (volts: Float64Array, back: Float64Array | null, u: Float64Array) => void {
  const all = driven.every((x) => x)
  if (all && entry === 0) return (volts, _, u) => u.set(volts)
  if (all) {
    const a = new Float64Array(m * m)
    inFront(y, m, entry, a)
    cholesky(a, m)
    return (volts, back, u) => {
      for (let i = 0; i < m; i++) u[i] = volts[i]! + (back === null ? 0 : entry * back[i]!)
      solveRows(a, m, u, 1)
    }
  }
  // Unknown: every line, or only the floating ones where the drivers' volts are the nodes' volts.
  const unknown = [...driven.keys()].filter((i) => entry > 0 || !driven[i])
  const size = unknown.length
  const a = new Float64Array(size * size)
  for (const [p, i] of unknown.entries()) {
    for (const [q, k] of unknown.entries()) a[p * size + q] = y[i * m + k]!
    if (driven[i]) a[p * size + p]! += 1 / entry
    // A line that nothing holds: its volts are zero. A relative shift far below the accuracy keeps the pivots positive.
    a[p * size + p]! = a[p * size + p]! * (1 + 1e-15) || 1
  }
  cholesky(a, size)
  return (volts, back, u) => {
    const x = new Float64Array(size)
    for (const [p, i] of unknown.entries()) {
      x[p] = (back === null ? 0 : back[i]!) + (driven[i] ? volts[i]! / entry : 0)
      if (entry === 0) for (let k = 0; k < m; k++) if (driven[k]) x[p]! -= y[i * m + k]! * volts[k]!
    }
    solveRows(a, size, x, 1)
    for (let i = 0; i < m; i++) u[i] = driven[i] ? volts[i]! : 0
    for (const [p, i] of unknown.entries()) u[i] = x[p]!
  }
}

/** Input currents by summing the devices of a word line, and the worst node of Kirchhoff's current law. */
function kirchhoff(
  g: Matrix,
  wires: Wires,
  ends: { driven: readonly boolean[]; volts: readonly number[]; floating: readonly boolean[] },
  inputs: Matrix,
  nodes: readonly CrossbarNodes[],
  outputAmps: Matrix,
  injection: readonly Float64Array[] | undefined,
): { inputAmps: Matrix; residual: number } {
  const m = g.rows
  const n = g.cols
  const inputAmps = matrix(inputs.rows, m)
  let worst = 0
  let largest = 0
  const entry = wires.driver + wires.wordSegment
  const exit = wires.bitSegment + wires.sense
  const far = wires.drive === 'both-ends' && entry > 0
  for (const [v, { word, bit }] of nodes.entries()) {
    const through = (i: number, j: number) => {
      const k = i * n + j
      return g.data[k]! * (word.data[k]! - bit.data[k]!) + (injection === undefined ? 0 : injection[v]![k]!)
    }
    for (let i = 0; i < m; i++) {
      let total = 0
      let need = 0
      if (far && ends.driven[i]) need = (word.data[i * n + n - 1]! - inputs.data[v * m + i]!) / entry
      for (let j = n - 1; j >= 0; j--) {
        total += through(i, j)
        need += through(i, j)
        // What enters node (i, j) from the left must feed this and all later devices, and the far driver.
        if (j === 0 && !ends.driven[i]) worst = Math.max(worst, Math.abs(need))
        else {
          const left = j === 0 ? inputs.data[v * m + i]! : word.data[i * n + j - 1]!
          const r = j === 0 ? entry : wires.wordSegment
          if (r > 0) worst = Math.max(worst, Math.abs((left - word.data[i * n + j]!) / r - need))
        }
      }
      inputAmps.data[v * m + i] = ends.driven[i] ? total : 0
      largest = Math.max(largest, Math.abs(total))
    }
    for (let j = 0; j < n; j++) {
      let total = 0
      for (let i = 0; i < m; i++) {
        total += through(i, j)
        if (i === m - 1 && ends.floating[j]) worst = Math.max(worst, Math.abs(total))
        else {
          const next = i === m - 1 ? ends.volts[j]! : bit.data[(i + 1) * n + j]!
          const r = i === m - 1 ? exit : wires.bitSegment
          if (r > 0) worst = Math.max(worst, Math.abs((bit.data[i * n + j]! - next) / r - total))
        }
      }
      if (!ends.floating[j]) worst = Math.max(worst, Math.abs(outputAmps.data[v * n + j]! - total))
      largest = Math.max(largest, Math.abs(total))
    }
  }
  return { inputAmps, residual: largest > 0 ? worst / largest : 0 }
}
