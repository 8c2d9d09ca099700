import { madd } from './_simd'

/** y <- a x + y, n doubles. */
export function axpy(n: i32, a: f64, x: usize, y: usize): void {
  const s = f64x2.splat(a)
  let i = 0
  for (; i + 2 <= n; i += 2) {
    const k = <usize>i << 3
    v128.store(y + k, madd(s, v128.load(x + k), v128.load(y + k)))
  }
  for (; i < n; i++) {
    const k = <usize>i << 3
    store<f64>(y + k, a * load<f64>(x + k) + load<f64>(y + k))
  }
}
