// Schur-complement conjugate gradients of a crossbar with wires; equations and error bounds in crossbar/schur.ts.
// Plain reference of the same steps: crossbar/schur-reference.ts.
import { madd } from './_simd'
import { B, E, G, LAST, LB, m, max2, n, OUT, P, pairs, ratio, row, sum2, X, Z, ZERO } from './_wires'
import { fourPairs, onePair } from './_wires-lines'

export { configure, factor } from './_wires'
export { driveAlone } from './_wires-lines'

/** X <- M^-1 X: word lines alone, the word nodes' first approximation. */
export function wordLines(): void {
  let q = 0
  for (; q + 4 <= pairs; q += 4) fourPairs(q, X, X)
  for (; q < pairs; q++) onePair(q, X, X)
}

/** E <- forward sweep of the bit lines fed by word nodes at U, currents INJ (0 = none) and LASTROW into the last nodes. */
export function bitForward(u: usize, inj: usize, lastRow: usize): void {
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    const before = i == 0 ? ZERO : E + at - row
    const end = i == m - 1 ? lastRow : ZERO
    for (let j: usize = 0; j < row; j += 16) {
      let e = madd(v128.load(G + at + j), v128.load(u + at + j), v128.load(before + j))
      if (inj != 0) e = f64x2.add(e, v128.load(inj + at + j))
      e = f64x2.add(e, v128.load(end + j))
      v128.store(E + at + j, f64x2.mul(v128.load(LB + at + j), e))
    }
  }
}

/** X <- what currents INJ through the devices and LASTROW into the last bit nodes give the word nodes; OUT likewise. */
export function sources(inj: usize, lastRow: usize): void {
  const k = f64x2.splat(ratio)
  if (inj == 0) {
    // Only the ends are fed: what reaches a node is a product of factors along its line.
    for (let i = m - 1; i >= 0; i--) {
      const at = <usize>i * row
      const below = i == m - 1 ? lastRow : B
      for (let j: usize = 0; j < row; j += 16) {
        const b = f64x2.mul(v128.load(LB + at + j), v128.load(below + j))
        v128.store(B + j, b)
        v128.store(X + at + j, f64x2.mul(f64x2.mul(v128.load(G + at + j), k), b))
      }
      if (i == m - 1) memory.copy(OUT, B, row)
    }
    if (m & 1) memory.fill(X + <usize>m * row, 0, row)
    return
  }
  memory.fill(X, 0, <usize>(2 * pairs) * row)
  bitForward(X, inj, lastRow)
  bitBackward()
  memory.copy(OUT, E + <usize>(m - 1) * row, row)
  const bytes = <usize>m * row
  for (let at: usize = 0; at < bytes; at += 16) {
    const c = f64x2.mul(f64x2.mul(v128.load(G + at), k), v128.load(E + at))
    v128.store(X + at, f64x2.sub(c, v128.load(inj + at)))
  }
}

/** X and OUT <- nothing. */
export function silence(): void {
  memory.fill(X, 0, <usize>(2 * pairs) * row)
  memory.fill(OUT, 0, row)
}

/** X += currents of the drivers at `volts`. */
export function drive(volts: usize, entry: usize, far: usize): void {
  for (let i = 0; i < m; i++) {
    const k = <usize>i << 3
    const first = X + <usize>i * row
    const last = first + (<usize>(n - 1) << 3)
    const v = load<f64>(volts + k)
    store<f64>(first, load<f64>(first) + load<f64>(entry + k) * v)
    store<f64>(last, load<f64>(last) + load<f64>(far + k) * v)
  }
}

/** Backward sweep in place: E <- bit nodes, in units of `ratio` volts. */
export function bitBackward(): void {
  for (let i = m - 2; i >= 0; i--) {
    const at = E + <usize>i * row
    const l = LB + <usize>i * row
    for (let j: usize = 0; j < row; j += 16)
      v128.store(at + j, madd(v128.load(l + j), v128.load(at + row + j), v128.load(at + j)))
  }
}

let pv: f64 = 0
let zv: f64 = 0
let yv: f64 = 0

/** Rows [from, to), from below: E <- v = D b of the direction P; sums of p.v and z.v. */
function devices(from: i32, to: i32): void {
  let sp = f64x2.splat(0)
  let sz = f64x2.splat(0)
  const k = f64x2.splat(ratio)
  for (let i = min(to, m) - 1; i >= from; i--) {
    const at = <usize>i * row
    for (let j: usize = 0; j < row; j += 16) {
      const b = madd(v128.load(LB + at + j), v128.load(B + j), v128.load(E + at + j))
      v128.store(B + j, b)
      const v = f64x2.mul(f64x2.mul(v128.load(G + at + j), k), b)
      v128.store(E + at + j, v)
      sp = madd(v128.load(P + at + j), v, sp)
      sz = madd(v128.load(Z + at + j), v, sz)
    }
  }
  pv += sum2(sp)
  zv += sum2(sz)
}

/** From the last row up: E <- M^-1 D b(P), LAST <- last bit nodes of P; the sums p.v, z.v, v.M^-1 v. */
function sweepUp(): void {
  memory.copy(LAST, E + <usize>(m - 1) * row, row)
  memory.fill(B, 0, row)
  pv = 0
  zv = 0
  let sy = f64x2.splat(0)
  let q = pairs
  while (q & 3) {
    q--
    devices(2 * q, 2 * q + 2)
    sy = f64x2.add(sy, onePair(q, E, E))
  }
  while (q > 0) {
    q -= 4
    devices(2 * q, 2 * q + 8)
    sy = f64x2.add(sy, fourPairs(q, E, E))
  }
  yv = sum2(sy)
}

/** x += alpha p; z -= alpha (p - y); p = z + beta p; forward sweep of the bit lines. Returns max |z|. */
function sweepDown(alpha: f64, beta: f64): f64 {
  const a = f64x2.splat(alpha)
  const minus = f64x2.splat(-alpha)
  const b = f64x2.splat(beta)
  let worst = f64x2.splat(0)
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    const before = i == 0 ? ZERO : E + at - row
    for (let j: usize = 0; j < row; j += 16) {
      const k = at + j
      let p = v128.load(P + k)
      v128.store(X + k, madd(a, p, v128.load(X + k)))
      const z = madd(minus, f64x2.sub(p, v128.load(E + k)), v128.load(Z + k))
      worst = f64x2.pmax(worst, f64x2.abs(z))
      p = madd(b, p, z)
      v128.store(Z + k, z)
      v128.store(P + k, p)
      v128.store(E + k, f64x2.mul(v128.load(LB + k), madd(v128.load(G + k), p, v128.load(before + j))))
    }
  }
  return max2(worst)
}

/** Sum of |M z|: the unbalanced currents. */
function unbalanced(entry: usize, far: usize): f64 {
  let sum: f64 = 0
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    let left = load<f64>(entry + (<usize>i << 3)) * load<f64>(Z + at)
    for (let j = 0; j < n; j++) {
      const k = at + (<usize>j << 3)
      const z = load<f64>(Z + k)
      const right = j == n - 1 ? load<f64>(far + (<usize>i << 3)) * z : z - load<f64>(Z + k, 8)
      sum += abs(left + right + load<f64>(G + k) * z)
      left = -right
    }
  }
  return sum
}

/** Largest current observed: bit lines' last nodes against their grounds at `held` (0 = all zero volts). */
function observed(exit: usize, held: usize, adjoint: bool, entry: usize): f64 {
  let largest: f64 = 0
  if (adjoint) {
    for (let i = 0; i < m; i++) largest = max(largest, abs(load<f64>(X + <usize>i * row)) * load<f64>(entry + (<usize>i << 3)))
    return largest
  }
  for (let j = 0; j < n; j++) {
    const k = <usize>j << 3
    const volts = held == 0 ? 0 : load<f64>(held + k)
    largest = max(largest, abs(load<f64>(OUT + k) - volts) * load<f64>(exit + k))
  }
  return largest
}

/**
 * Conjugate gradients from X = M^-1 c on. OUT must hold what the bit lines' own sources give at their last nodes.
 *
 * @param most       iterations
 * @param tolerance  bound on the outputs' error, relative to the largest output or `least`, whichever is more
 * @param gain       outputs' error per max |z| (currents of all word nodes), 0 = not known
 * @param contraction  what one more step of X + Z leaves of the unbalanced currents, at most
 * @returns          iterations, or -1; afterwards X + Z is the solution
 */
export function solve(
  most: i32, tolerance: f64, least: f64, gain: f64, contraction: f64, adjoint: bool,
  entry: usize, far: usize, exit: usize, held: usize,
): i32 {
  bitForward(X, 0, ZERO)
  // Of the sums of this sweep only v.M^-1 v is used: what stands in P and Z does not matter.
  sweepUp()
  addOut(1)
  let rz = yv
  let pMp = yv
  let checked = Infinity
  let worst = firstDown()
  for (let k = 0; k <= most; k++) {
    const limit = tolerance * max(least, observed(exit, held, adjoint, entry))
    if (worst == 0 || (gain > 0 && gain * worst <= limit)) return k
    // The sum of unbalanced currents bounds the error whatever the lines' ends: every ampere leaves through some of them.
    if (gain == 0 && worst < 0.25 * checked) {
      const sum = unbalanced(entry, far)
      if (contraction * sum <= limit) return k
      // Look again only when it may have come true.
      checked = worst * min(1, 4 * max(limit / (contraction * sum), 1e-3))
    }
    sweepUp()
    const pq = pMp - pv
    if (!(pq > 0)) return -1
    const alpha = rz / pq
    const beta = (zv - alpha * (pv - yv)) / pq
    addOut(alpha)
    worst = sweepDown(alpha, beta)
    rz *= beta
    pMp = rz + beta * beta * pMp
  }
  return -1
}

// @ts-ignore: decorator
@inline
function addOut(alpha: f64): void {
  const a = f64x2.splat(alpha)
  for (let j: usize = 0; j < row; j += 16) v128.store(OUT + j, madd(a, v128.load(LAST + j), v128.load(OUT + j)))
}

/** z = p = y of the start; forward sweep of the bit lines. Returns max |z|. */
function firstDown(): f64 {
  let worst = f64x2.splat(0)
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    const before = i == 0 ? ZERO : E + at - row
    for (let j: usize = 0; j < row; j += 16) {
      const k = at + j
      const y = v128.load(E + k)
      worst = f64x2.pmax(worst, f64x2.abs(y))
      v128.store(Z + k, y)
      v128.store(P + k, y)
      v128.store(E + k, f64x2.mul(v128.load(LB + k), madd(v128.load(G + k), y, v128.load(before + j))))
    }
  }
  return max2(worst)
}

/** X <- X + Z, the solution; E <- forward sweep, whose last row is the last bit nodes. */
export function settle(inj: usize, lastRow: usize): void {
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    const before = i == 0 ? ZERO : E + at - row
    const end = i == m - 1 ? lastRow : ZERO
    for (let j: usize = 0; j < row; j += 16) {
      const k = at + j
      const x = f64x2.add(v128.load(X + k), v128.load(Z + k))
      v128.store(X + k, x)
      let e = f64x2.add(madd(v128.load(G + k), x, v128.load(before + j)), v128.load(end + j))
      if (inj != 0) e = f64x2.add(e, v128.load(inj + k))
      v128.store(E + k, f64x2.mul(v128.load(LB + k), e))
    }
  }
}

// @ts-ignore: decorator
@inline
function through(k: usize, inj: usize): f64 {
  const d = load<f64>(G + k) * (load<f64>(X + k) - ratio * load<f64>(E + k))
  return inj == 0 ? d : d + load<f64>(inj + k)
}

/**
 * Kirchhoff's current law at every node of X and E (after bitBackward).
 *
 * @param words  word lines (padded): their devices' currents
 * @param bits   bit lines (padded): likewise
 * @returns      largest violation
 */
export function balance(
  inj: usize, volts: usize, held: usize, entry: usize, far: usize, exit: usize, words: usize, bits: usize,
): f64 {
  let worst: f64 = 0
  const zero = f64x2.splat(0)
  const k = f64x2.splat(ratio)
  let most = zero
  memory.fill(bits, 0, row)
  for (let i = 0; i < m; i++) {
    const at = <usize>i * row
    const w = <usize>i << 3
    let sum = zero
    const up = i == 0 ? 0 : E + at - row
    const end = i == m - 1
    for (let j: usize = 0; j < row; j += 16) {
      const g = at + j
      const b = v128.load(E + g)
      let d = f64x2.mul(v128.load(G + g), f64x2.sub(v128.load(X + g), f64x2.mul(k, b)))
      if (inj != 0) d = f64x2.add(d, v128.load(inj + g))
      sum = f64x2.add(sum, d)
      v128.store(bits + j, f64x2.add(v128.load(bits + j), d))
      let out = end
        ? f64x2.mul(v128.load(exit + j), f64x2.sub(b, held == 0 ? zero : v128.load(held + j)))
        : f64x2.sub(b, v128.load(E + g + row))
      if (up != 0) out = f64x2.add(out, f64x2.sub(b, v128.load(up + j)))
      most = f64x2.pmax(most, f64x2.abs(f64x2.sub(out, d)))
      if (j > 0 && j + 16 < row) {
        const u = v128.load(X + g)
        const left = f64x2.sub(u, v128.load(X + g - 8))
        const right = f64x2.sub(u, v128.load(X + g + 8))
        most = f64x2.pmax(most, f64x2.abs(f64x2.add(f64x2.add(left, right), d)))
      }
    }
    store<f64>(words + w, sum2(sum))
    for (let j = 0; j < n; j++) {
      // The two columns at each end; those between were done above.
      if (j == 2 && (<usize>n << 3) > row - 16 && n > 4) j = <i32>(row >> 3) - 2
      const g = at + (<usize>j << 3)
      const u = load<f64>(X + g)
      const left = j == 0 ? load<f64>(entry + w) * (u - load<f64>(volts + w)) : u - load<f64>(X + g - 8)
      const right = j == n - 1 ? load<f64>(far + w) * (u - load<f64>(volts + w)) : u - load<f64>(X + g + 8)
      worst = max(worst, abs(left + right + through(g, inj)))
    }
  }
  return max(worst, max2(most))
}
