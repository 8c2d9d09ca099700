// Recurrences along word lines, two rows a vector.
import { madd } from './_simd'
import { LW, OUT, pairs, row, T, X } from './_wires'

/** Word lines of one pair: destination <- M^-1 source; returns source . M^-1 source (two lanes). In place allowed. */
export function onePair(q: i32, source: usize, destination: usize): v128 {
  const s0 = source + <usize>(2 * q) * row
  const s1 = s0 + row
  const d0 = destination + <usize>(2 * q) * row
  const d1 = d0 + row
  const l = LW + <usize>q * (row << 1)
  let c = f64x2.splat(0)
  let dot = f64x2.splat(0)
  for (let j: isize = <isize>row - 16; j >= 0; j -= 16) {
    const a = v128.load(s0 + j)
    const b = v128.load(s1 + j)
    const k = <usize>j << 1
    let g = f64x2.add(c, v128.shuffle<u64>(a, b, 1, 3))
    c = f64x2.mul(v128.load(l + k + 16), g)
    v128.store(T + k + 16, c)
    dot = madd(g, c, dot)
    g = f64x2.add(c, v128.shuffle<u64>(a, b, 0, 2))
    c = f64x2.mul(v128.load(l + k), g)
    v128.store(T + k, c)
    dot = madd(g, c, dot)
  }
  c = f64x2.splat(0)
  for (let j: usize = 0; j < row; j += 16) {
    const k = j << 1
    const a = madd(v128.load(l + k), c, v128.load(T + k))
    c = madd(v128.load(l + k + 16), a, v128.load(T + k + 16))
    v128.store(d0 + j, v128.shuffle<u64>(a, c, 0, 2))
    v128.store(d1 + j, v128.shuffle<u64>(a, c, 1, 3))
  }
  return dot
}

/** Four pairs at a time: the recurrences wait for their own last step, four of them hide it. */
export function fourPairs(q: i32, source: usize, destination: usize): v128 {
  const wide = row << 1
  const s0 = source + <usize>(2 * q) * row
  const l0 = LW + <usize>q * wide
  let c0 = f64x2.splat(0)
  let c1 = c0
  let c2 = c0
  let c3 = c0
  let dot = c0
  let other = c0
  for (let j: isize = <isize>row - 16; j >= 0; j -= 16) {
    let s = s0 + j
    const a0 = v128.load(s)
    const b0 = v128.load(s + row)
    s += wide
    const a1 = v128.load(s)
    const b1 = v128.load(s + row)
    s += wide
    const a2 = v128.load(s)
    const b2 = v128.load(s + row)
    s += wide
    const a3 = v128.load(s)
    const b3 = v128.load(s + row)
    let l = l0 + (<usize>j << 1)
    let t = T + (<usize>j << 3)
    let g = f64x2.add(c0, v128.shuffle<u64>(a0, b0, 1, 3))
    c0 = f64x2.mul(v128.load(l, 16), g)
    dot = madd(g, c0, dot)
    v128.store(t, c0, 64)
    g = f64x2.add(c0, v128.shuffle<u64>(a0, b0, 0, 2))
    c0 = f64x2.mul(v128.load(l), g)
    other = madd(g, c0, other)
    v128.store(t, c0)
    l += wide
    g = f64x2.add(c1, v128.shuffle<u64>(a1, b1, 1, 3))
    c1 = f64x2.mul(v128.load(l, 16), g)
    dot = madd(g, c1, dot)
    v128.store(t, c1, 80)
    g = f64x2.add(c1, v128.shuffle<u64>(a1, b1, 0, 2))
    c1 = f64x2.mul(v128.load(l), g)
    other = madd(g, c1, other)
    v128.store(t, c1, 16)
    l += wide
    g = f64x2.add(c2, v128.shuffle<u64>(a2, b2, 1, 3))
    c2 = f64x2.mul(v128.load(l, 16), g)
    dot = madd(g, c2, dot)
    v128.store(t, c2, 96)
    g = f64x2.add(c2, v128.shuffle<u64>(a2, b2, 0, 2))
    c2 = f64x2.mul(v128.load(l), g)
    other = madd(g, c2, other)
    v128.store(t, c2, 32)
    l += wide
    g = f64x2.add(c3, v128.shuffle<u64>(a3, b3, 1, 3))
    c3 = f64x2.mul(v128.load(l, 16), g)
    dot = madd(g, c3, dot)
    v128.store(t, c3, 112)
    g = f64x2.add(c3, v128.shuffle<u64>(a3, b3, 0, 2))
    c3 = f64x2.mul(v128.load(l), g)
    other = madd(g, c3, other)
    v128.store(t, c3, 48)
  }
  const d0 = destination + <usize>(2 * q) * row
  c0 = f64x2.splat(0)
  c1 = c0
  c2 = c0
  c3 = c0
  for (let j: usize = 0; j < row; j += 16) {
    let l = l0 + (j << 1)
    const t = T + (j << 3)
    let d = d0 + j
    let a = madd(v128.load(l), c0, v128.load(t))
    c0 = madd(v128.load(l, 16), a, v128.load(t, 64))
    v128.store(d, v128.shuffle<u64>(a, c0, 0, 2))
    v128.store(d + row, v128.shuffle<u64>(a, c0, 1, 3))
    l += wide
    d += wide
    a = madd(v128.load(l), c1, v128.load(t, 16))
    c1 = madd(v128.load(l, 16), a, v128.load(t, 80))
    v128.store(d, v128.shuffle<u64>(a, c1, 0, 2))
    v128.store(d + row, v128.shuffle<u64>(a, c1, 1, 3))
    l += wide
    d += wide
    a = madd(v128.load(l), c2, v128.load(t, 32))
    c2 = madd(v128.load(l, 16), a, v128.load(t, 96))
    v128.store(d, v128.shuffle<u64>(a, c2, 0, 2))
    v128.store(d + row, v128.shuffle<u64>(a, c2, 1, 3))
    l += wide
    d += wide
    a = madd(v128.load(l), c3, v128.load(t, 48))
    c3 = madd(v128.load(l, 16), a, v128.load(t, 112))
    v128.store(d, v128.shuffle<u64>(a, c3, 0, 2))
    v128.store(d + row, v128.shuffle<u64>(a, c3, 1, 3))
  }
  return f64x2.add(dot, other)
}

/**
 * X <- M^-1 of the currents `first` (words, padded to pairs) at column 0: no forward sweep, because nothing else feeds
 * the lines. OUT <- nothing.
 */
export function driveAlone(first: usize): void {
  memory.fill(OUT, 0, row)
  const wide = row << 1
  let q = 0
  for (; q + 2 <= pairs; q += 2) {
    const l = LW + <usize>q * wide
    const x = X + <usize>q * wide
    let c = v128.load(first + (<usize>q << 4))
    let d = v128.load(first + (<usize>q << 4), 16)
    for (let j: usize = 0; j < row; j += 16) {
      const k = l + (j << 1)
      const a = f64x2.mul(v128.load(k), c)
      c = f64x2.mul(v128.load(k, 16), a)
      const b = f64x2.mul(v128.load(k + wide), d)
      d = f64x2.mul(v128.load(k + wide, 16), b)
      v128.store(x + j, v128.shuffle<u64>(a, c, 0, 2))
      v128.store(x + j + row, v128.shuffle<u64>(a, c, 1, 3))
      v128.store(x + j + wide, v128.shuffle<u64>(b, d, 0, 2))
      v128.store(x + j + wide + row, v128.shuffle<u64>(b, d, 1, 3))
    }
  }
  for (; q < pairs; q++) {
    const l = LW + <usize>q * wide
    const x = X + <usize>q * wide
    let c = v128.load(first + (<usize>q << 4))
    for (let j: usize = 0; j < row; j += 16) {
      const a = f64x2.mul(v128.load(l + (j << 1)), c)
      c = f64x2.mul(v128.load(l + (j << 1), 16), a)
      v128.store(x + j, v128.shuffle<u64>(a, c, 0, 2))
      v128.store(x + j + row, v128.shuffle<u64>(a, c, 1, 3))
    }
  }
}
