import { cosTwoPi, exp, log, sigmoid, tanh } from './_elementary'

/** An elementary function on n numbers, n even, in place: 0 log, 1 cos(2 pi x), 2 exp, 3 tanh, 4 sigmoid. */
export function elementary(which: i32, n: i32, x: usize): void {
  const end = x + (<usize>n << 3)
  if (which == 0) for (; x < end; x += 16) v128.store(x, log(v128.load(x)))
  else if (which == 1) for (; x < end; x += 16) v128.store(x, cosTwoPi(v128.load(x)))
  else if (which == 2) for (; x < end; x += 16) v128.store(x, exp(v128.load(x)))
  else if (which == 3) for (; x < end; x += 16) v128.store(x, tanh(v128.load(x)))
  else for (; x < end; x += 16) v128.store(x, sigmoid(v128.load(x)))
}
