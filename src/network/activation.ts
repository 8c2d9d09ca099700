import { sigmoid, tanh } from '../numerics/elementary.ts'
import type { Matrix } from '../numerics/matrix.ts'
import type { Activation } from './network.ts'

/** The four activation functions of the two papers' networks, on one number. */
export const activationFunctions: Readonly<Record<Activation, (x: number) => number>> = {
  tanh,
  relu: (x) => Math.max(x, 0),
  sigmoid,
  linear: (x) => x,
}

/** Apply an activation in place and return the same matrix. */
export function activateInPlace(z: Matrix, activation: Activation): Matrix {
  if (activation === 'linear') return z
  const f = activationFunctions[activation]
  const d = z.data
  for (let i = 0; i < d.length; i++) d[i] = f(d[i]!)
  return z
}
