// Philox4x32-10 on sixteen counters at a time: the words of src/numerics/philox.ts.
//
// Within a call only one counter word varies, so the first rounds are mostly those of one counter, done once; the last
// seven are written out, four blocks of four counters side by side, as WebAssembly engines unroll no loops.

const M0: u64 = 0xd2511f53
const M1: u64 = 0xcd9e8d57
const W0: u32 = 0x9e3779b9
const W1: u32 = 0xbb67ae85

/** Four blocks of words x0 .. x3, four counters each: the state after three rounds, then the result. */
export const WORDS = memory.data(256, 16)
/** The keys of the last seven rounds, a and b, each in four lanes. */
const KEYS = memory.data(224, 16)
/** What the first rounds need, each in four lanes. */
const START = memory.data(128, 16)

// @ts-ignore: decorator
@inline
function mulHigh(x: v128, m: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(x, m), i64x2.extmul_high_i32x4_u(x, m), 1, 3, 5, 7)
}

/** high(x m) ^ y ^ k */
// @ts-ignore: decorator
@inline
function mix(x: v128, m: v128, y: v128, k: v128): v128 {
  return v128.xor(v128.xor(mulHigh(x, m), y), k)
}

// @ts-ignore: decorator
@inline
function keep(index: usize, word: u32): void {
  v128.store(START + (index << 4), i32x4.splat(word))
}

// @ts-ignore: decorator
@inline
function kept(index: usize): v128 {
  return v128.load(START + (index << 4))
}

// @ts-ignore: decorator
@inline
function ramp(first: u32): v128 {
  return i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3))
}

function prepareKeys(k0: u32, k1: u32): void {
  for (let round: u32 = 3; round < 10; round++) {
    const at = KEYS + ((round - 3) << 5)
    v128.store(at, i32x4.splat(k0 + round * W0))
    v128.store(at, i32x4.splat(k1 + round * W1), 16)
  }
}

/** Before `cells`: what counters (c0, *, c2, c3) have in common. */
export function prepareCells(k0: u32, k1: u32, c0: u32, c2: u32, c3: u32): void {
  prepareKeys(k0, k1)
  const p0 = <u64>c0 * M0
  const p1 = <u64>c2 * M1
  const q1 = <u64>((<u32>(p0 >> 32)) ^ c3 ^ k1) * M1
  const r0 = <u64>((<u32>(q1 >> 32)) ^ (<u32>p1) ^ (k0 + W0)) * M0
  keep(0, (<u32>(p1 >> 32)) ^ k0)
  keep(1, (<u32>p0) ^ (k1 + W1))
  keep(2, (<u32>q1) ^ (k0 + 2 * W0))
  keep(3, (<u32>(r0 >> 32)) ^ (k1 + 2 * W1))
  keep(4, <u32>r0)
}

/** WORDS of the counters (c0, first + i, c2, c3), i = 0 .. 15. */
// @ts-ignore: decorator
@inline
export function cells(first: u32): void {
  const m0 = i32x4.splat(<u32>M0)
  const m1 = i32x4.splat(<u32>M1)
  for (let block: usize = 0; block < 4; block++) {
    const at = WORDS + (block << 6)
    const x = v128.xor(ramp(first + (<u32>block << 2)), kept(0))
    const y = v128.xor(mulHigh(x, m0), kept(1))
    v128.store(at, v128.xor(mulHigh(y, m1), kept(2)))
    v128.store(at, i32x4.mul(y, m1), 16)
    v128.store(at, v128.xor(i32x4.mul(x, m0), kept(3)), 32)
    v128.store(at, kept(4), 48)
  }
  lastRounds()
}

/** Before `vectors`: what counters (c0, c1, *, c3) have in common. */
export function prepareVectors(k0: u32, k1: u32, c0: u32, c1: u32, c3: u32): void {
  prepareKeys(k0, k1)
  const p0 = <u64>c0 * M0
  const q1 = <u64>((<u32>(p0 >> 32)) ^ c3 ^ k1) * M1
  keep(0, c1 ^ k0)
  keep(1, (<u32>(q1 >> 32)) ^ (k0 + W0))
  keep(2, (<u32>p0) ^ (k1 + W1))
  keep(3, (<u32>q1) ^ (k0 + 2 * W0))
  keep(4, k1 + 2 * W1)
}

/** WORDS of the counters (c0, c1, first + i, c3), i = 0 .. 15. */
// @ts-ignore: decorator
@inline
export function vectors(first: u32): void {
  const m0 = i32x4.splat(<u32>M0)
  const m1 = i32x4.splat(<u32>M1)
  for (let block: usize = 0; block < 4; block++) {
    const at = WORDS + (block << 6)
    const c = ramp(first + (<u32>block << 2))
    const x = v128.xor(mulHigh(c, m1), kept(0))
    const y = v128.xor(i32x4.mul(c, m1), kept(1))
    const z = v128.xor(mulHigh(x, m0), kept(2))
    v128.store(at, v128.xor(mulHigh(z, m1), kept(3)))
    v128.store(at, i32x4.mul(z, m1), 16)
    v128.store(at, mix(y, m0, i32x4.mul(x, m0), kept(4)), 32)
    v128.store(at, i32x4.mul(y, m0), 48)
  }
  lastRounds()
}

function lastRounds(): void {
  const m0 = i32x4.splat(<u32>M0)
  const m1 = i32x4.splat(<u32>M1)
  let k = v128.load(KEYS)
  let l = k
  let t = k
  let x0 = v128.load(WORDS, 0)
  let x1 = v128.load(WORDS, 16)
  let x2 = v128.load(WORDS, 32)
  let x3 = v128.load(WORDS, 48)
  let y0 = v128.load(WORDS, 64)
  let y1 = v128.load(WORDS, 80)
  let y2 = v128.load(WORDS, 96)
  let y3 = v128.load(WORDS, 112)
  let z0 = v128.load(WORDS, 128)
  let z1 = v128.load(WORDS, 144)
  let z2 = v128.load(WORDS, 160)
  let z3 = v128.load(WORDS, 176)
  let w0 = v128.load(WORDS, 192)
  let w1 = v128.load(WORDS, 208)
  let w2 = v128.load(WORDS, 224)
  let w3 = v128.load(WORDS, 240)
  k = v128.load(KEYS, 0)
  l = v128.load(KEYS, 16)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  k = v128.load(KEYS, 32)
  l = v128.load(KEYS, 48)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  k = v128.load(KEYS, 64)
  l = v128.load(KEYS, 80)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  k = v128.load(KEYS, 96)
  l = v128.load(KEYS, 112)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  k = v128.load(KEYS, 128)
  l = v128.load(KEYS, 144)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  k = v128.load(KEYS, 160)
  l = v128.load(KEYS, 176)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  k = v128.load(KEYS, 192)
  l = v128.load(KEYS, 208)
  t = mix(x2, m1, x1, k)
  x1 = i32x4.mul(x2, m1)
  x2 = mix(x0, m0, x3, l)
  x3 = i32x4.mul(x0, m0)
  x0 = t
  t = mix(y2, m1, y1, k)
  y1 = i32x4.mul(y2, m1)
  y2 = mix(y0, m0, y3, l)
  y3 = i32x4.mul(y0, m0)
  y0 = t
  t = mix(z2, m1, z1, k)
  z1 = i32x4.mul(z2, m1)
  z2 = mix(z0, m0, z3, l)
  z3 = i32x4.mul(z0, m0)
  z0 = t
  t = mix(w2, m1, w1, k)
  w1 = i32x4.mul(w2, m1)
  w2 = mix(w0, m0, w3, l)
  w3 = i32x4.mul(w0, m0)
  w0 = t
  v128.store(WORDS, x0, 0)
  v128.store(WORDS, x1, 16)
  v128.store(WORDS, x2, 32)
  v128.store(WORDS, x3, 48)
  v128.store(WORDS, y0, 64)
  v128.store(WORDS, y1, 80)
  v128.store(WORDS, y2, 96)
  v128.store(WORDS, y3, 112)
  v128.store(WORDS, z0, 128)
  v128.store(WORDS, z1, 144)
  v128.store(WORDS, z2, 160)
  v128.store(WORDS, z3, 176)
  v128.store(WORDS, w0, 192)
  v128.store(WORDS, w1, 208)
  v128.store(WORDS, w2, 224)
  v128.store(WORDS, w3, 240)
}
