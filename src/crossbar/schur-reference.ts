/**
 * The Schur-complement solver in plain TypeScript: what numerics/kernels/assembly/wires.ts does, step by step.
 */
import type { Matrix } from '../numerics/matrix.ts'
import { errorBounds, type Lines, type SchurArray, type Sources } from './schur-engine.ts'

/** Factor an array. */
export function referenceArray(g: Matrix, lines: Lines): SchurArray {
  const { words: m, bits: n, unit, ratio, entry, far, exit } = lines
  const size = m * n
  const last = (m - 1) * n
  const d = g.data.map((x) => x * unit)

  // Pivots from sums only: what a node sees behind it, plus its device, plus the segment ahead; kept as 1 / pivot.
  const lb = new Float64Array(size)
  const lw = new Float64Array(size)
  const reach = { bitReach: 1, bitCurrent: 0, wordReach: 1, wordCurrent: 0 }
  for (let j = 0; j < n; j++) {
    let behind = 0
    let product = 1
    for (let i = 0; i < m; i++) {
      const own = ratio * d[i * n + j]! + behind
      const ahead = i === m - 1 ? exit[j]! : 1
      const inverse = own + ahead > 0 ? 1 / (own + ahead) : 0
      lb[i * n + j] = inverse
      behind = own * ahead * inverse
      product *= ahead * inverse
    }
    reach.bitReach = Math.min(reach.bitReach, product)
    reach.bitCurrent = Math.max(reach.bitCurrent, behind / ratio)
  }
  for (let i = 0; i < m; i++) {
    let behind = far[i]!
    let devices = 0
    let product = 1
    for (let j = n - 1; j >= 0; j--) {
      devices += d[i * n + j]!
      const own = d[i * n + j]! + behind
      const ahead = j === 0 ? entry[i]! : 1
      const inverse = own + ahead > 0 ? 1 / (own + ahead) : 0
      lw[i * n + j] = inverse
      behind = own * ahead * inverse
      product *= ahead * inverse
    }
    reach.wordReach = Math.min(reach.wordReach, product)
    // Crossings feed no more than their devices carry; a driver at the far end is no crossing.
    reach.wordCurrent = Math.max(reach.wordCurrent, Math.min(behind, devices))
  }

  const x = new Float64Array(size)
  const p = new Float64Array(size)
  const z = new Float64Array(size)
  const e = new Float64Array(size)
  const below = new Float64Array(n)
  const lastOf = new Float64Array(n)
  const out = new Float64Array(n)
  const volts = new Float64Array(m)
  const scratch = new Float64Array(n)
  let held: Float64Array | null = null
  let injection: Float64Array | null = null

  /** e <- forward sweep of the bit lines fed by word nodes at u and by the sources. */
  const bitForward = (u: Float64Array, inj: Float64Array | null, volts: Float64Array | null): void => {
    for (let i = 0; i < m; i++)
      for (let j = 0, k = i * n; j < n; j++, k++) {
        let s = d[k]! * u[k]!
        if (i > 0) s += e[k - n]!
        if (inj !== null) s += inj[k]!
        if (volts !== null && i === m - 1) s += exit[j]! * volts[j]!
        e[k] = lb[k]! * s
      }
  }
  /** In place: e <- bit nodes, in units of `ratio` volts. */
  const bitBackward = (): void => {
    for (let k = last - 1; k >= 0; k--) e[k]! += lb[k]! * e[k + n]!
  }
  /** One word line: to <- M^-1 from; returns from . M^-1 from. */
  const wordLine = (i: number, from: Float64Array, to: Float64Array): number => {
    const o = i * n
    let c = 0
    let dot = 0
    for (let j = n - 1; j >= 0; j--) {
      const s = c + from[o + j]!
      c = lw[o + j]! * s
      scratch[j] = c
      dot += s * c
    }
    c = 0
    for (let j = 0; j < n; j++) to[o + j] = c = scratch[j]! + lw[o + j]! * c
    return dot
  }
  const sums = { pv: 0, zv: 0, yv: 0 }
  /** From the last row up: e <- M^-1 D b(p), lastOf <- last bit nodes of p, and three sums. */
  const sweepUp = (): void => {
    lastOf.set(e.subarray(last))
    below.fill(0)
    let pv = 0
    let zv = 0
    let yv = 0
    for (let i = m - 1; i >= 0; i--) {
      for (let j = 0, k = i * n; j < n; j++, k++) {
        const b = e[k]! + lb[k]! * below[j]!
        below[j] = b
        const v = d[k]! * ratio * b
        e[k] = v
        pv += p[k]! * v
        zv += z[k]! * v
      }
      yv += wordLine(i, e, e)
    }
    Object.assign(sums, { pv, zv, yv })
  }
  /** x += alpha p; z -= alpha (p - y); p = z + beta p; forward sweep of the bit lines. Returns max |z|. */
  const sweepDown = (alpha: number, beta: number): number => {
    let worst = 0
    for (let k = 0; k < size; k++) {
      const old = p[k]!
      x[k]! += alpha * old
      const now = z[k]! - alpha * (old - e[k]!)
      z[k] = now
      const next = now + beta * old
      p[k] = next
      const size = now < 0 ? -now : now
      if (size > worst) worst = size
      e[k] = lb[k]! * (d[k]! * next + (k < n ? 0 : e[k - n]!))
    }
    return worst
  }
  const addOut = (alpha: number): void => {
    for (let j = 0; j < n; j++) out[j]! += alpha * lastOf[j]!
  }
  const observed = (adjoint: boolean): number => {
    let largest = 0
    if (adjoint) for (let i = 0; i < m; i++) largest = Math.max(largest, Math.abs(x[i * n]!) * entry[i]!)
    else
      for (let j = 0; j < n; j++)
        largest = Math.max(largest, Math.abs(out[j]! - (held === null ? 0 : held[j]!)) * exit[j]!)
    return largest
  }
  /** Sum of |M z|: the unbalanced currents. */
  const unbalanced = (): number => {
    let sum = 0
    for (let i = 0; i < m; i++) {
      let left = entry[i]! * z[i * n]!
      for (let j = 0, k = i * n; j < n; j++, k++) {
        const right = j === n - 1 ? far[i]! * z[k]! : z[k]! - z[k + 1]!
        sum += Math.abs(left + right + d[k]! * z[k]!)
        left = -right
      }
    }
    return sum
  }

  return {
    stride: n,
    reach,
    load(sources: Sources) {
      x.fill(0)
      out.fill(0)
      volts.fill(0)
      injection = sources.injection?.map((a) => a * unit) ?? null
      held = sources.held?.map((v) => v / ratio) ?? null
      if (injection !== null || held !== null) {
        bitForward(x, injection, held)
        bitBackward()
        out.set(e.subarray(last))
        for (let k = 0; k < size; k++) x[k] = d[k]! * ratio * e[k]! - (injection === null ? 0 : injection[k]!)
      }
      if (sources.drive !== null) {
        volts.set(sources.drive)
        for (let i = 0; i < m; i++) {
          x[i * n]! += entry[i]! * volts[i]!
          x[i * n + n - 1]! += far[i]! * volts[i]!
        }
      }
      for (let i = 0; i < m; i++) wordLine(i, x, x)
    },
    iterate({ iterations, tolerance, least, adjoint }) {
      const { gain, contraction } = errorBounds(reach, adjoint)
      // Of the sums of this sweep only v . M^-1 v is used: what stands in p and z does not matter.
      bitForward(x, null, null)
      sweepUp()
      addOut(1)
      z.set(e)
      p.set(e)
      let rz = sums.yv
      let pMp = sums.yv
      let checked = Number.POSITIVE_INFINITY
      let worst = 0
      for (let k = 0; k < size; k++) worst = Math.max(worst, Math.abs(z[k]!))
      bitForward(p, null, null)
      for (let k = 0; k <= iterations; k++) {
        const limit = tolerance * Math.max(least, observed(adjoint))
        if (worst === 0 || (gain > 0 && gain * worst <= limit)) return k
        if (gain === 0 && worst < 0.25 * checked) {
          const sum = contraction * unbalanced()
          if (sum <= limit) return k
          checked = worst * Math.min(1, 4 * Math.max(limit / sum, 1e-3))
        }
        sweepUp()
        const pq = pMp - sums.pv
        if (!(pq > 0)) return -1
        const alpha = rz / pq
        const beta = (sums.zv - alpha * (sums.pv - sums.yv)) / pq
        addOut(alpha)
        worst = sweepDown(alpha, beta)
        rz *= beta
        pMp = rz + beta * beta * pMp
      }
      return -1
    },
    settle() {
      for (let k = 0; k < size; k++) x[k]! += z[k]!
      bitForward(x, injection, held)
    },
    balance() {
      bitBackward()
      const words = new Float64Array(m)
      const bits = new Float64Array(n)
      let worst = 0
      for (let i = 0; i < m; i++)
        for (let j = 0, k = i * n; j < n; j++, k++) {
          const current = d[k]! * (x[k]! - ratio * e[k]!) + (injection === null ? 0 : injection[k]!)
          words[i]! += current
          bits[j]! += current
          const left = j === 0 ? entry[i]! * (x[k]! - volts[i]!) : x[k]! - x[k - 1]!
          const right = j === n - 1 ? far[i]! * (x[k]! - volts[i]!) : x[k]! - x[k + 1]!
          const above = i === 0 ? 0 : e[k]! - e[k - n]!
          const ahead = i === m - 1 ? exit[j]! * (e[k]! - (held === null ? 0 : held[j]!)) : e[k]! - e[k + n]!
          worst = Math.max(worst, Math.abs(left + right + current), Math.abs(above + ahead - current))
        }
      return { words, bits, worst }
    },
    wordVolts: () => x,
    lastBitVolts: () => e.subarray(last),
    bitVolts: () => e,
  }
}
