/** The steps of training in plain TypeScript and double precision. */
import type { Activation } from '../network/network.ts'
import { exp, sigmoid, tanh } from '../numerics/elementary.ts'
import type { Place, Steps } from './steps.ts'

const activate: Readonly<Record<Activation, (x: number) => number>> = {
  linear: (x) => x,
  tanh,
  relu: (x) => Math.max(x, 0),
  sigmoid,
}
/** The derivative, from what the activation gave. */
const slope: Readonly<Record<Activation, (y: number) => number>> = {
  linear: () => 1,
  tanh: (y) => 1 - y * y,
  relu: (y) => (y > 0 ? 1 : 0),
  sigmoid: (y) => y * (1 - y),
}

export function referenceSteps(): Steps {
  let m = new Float64Array(0)
  const back = (at: Place, length: number) => m.subarray(at, at + length)
  return {
    stride: 1,
    layout(lengths) {
      const places: Place[] = []
      let end = 0
      for (const length of lengths) {
        places.push(end)
        end += length
      }
      m = new Float64Array(end)
      return places
    },
    write: (at, values) => m.set(values, at),
    read: (at, length) => m.slice(at, at + length),
    dense({ weight, bias, inputs, outputs, activation }, x, y, row) {
      const f = activate[activation]
      for (let o = 0; o < outputs; o++) {
        const to = back(y + o * row, row).fill(m[bias + o]!)
        for (let i = 0; i < inputs; i++) {
          const w = m[weight + o * inputs + i]!
          for (let b = 0, k = x + i * row; b < row; b++, k++) to[b]! += w * m[k]!
        }
        for (let b = 0; b < row; b++) to[b] = f(to[b]!)
      }
    },
    backward({ weight, inputs, outputs }, d, x, dx, row, activation) {
      const f = slope[activation]
      for (let i = 0; i < inputs; i++) {
        const to = back(dx + i * row, row).fill(0)
        for (let o = 0; o < outputs; o++) {
          const w = m[weight + o * inputs + i]!
          for (let b = 0, k = d + o * row; b < row; b++, k++) to[b]! += w * m[k]!
        }
        for (let b = 0, k = x + i * row; b < row; b++, k++) to[b]! *= f(m[k]!)
      }
    },
    gradient({ weight, bias, inputs, outputs }, d, x, row) {
      for (let o = 0; o < outputs; o++) {
        let sum = 0
        for (let b = 0, k = d + o * row; b < row; b++, k++) sum += m[k]!
        m[bias + o] = sum
        for (let i = 0; i < inputs; i++) {
          let product = 0
          for (let b = 0, k = d + o * row, l = x + i * row; b < row; b++, k++, l++) product += m[k]! * m[l]!
          m[weight + o * inputs + i] = product
        }
      }
    },
    quantize({ amplitudes, thresholds, steps }, h, a, q, channels, row) {
      for (let k = 0; k < channels * row; k++) {
        let sum = 0
        for (let i = 0; i < steps; i++) sum += m[amplitudes + i]! * tanh(h * (m[a + k]! - m[thresholds + i]!))
        m[q + k] = sum
      }
    },
    quantizeBack({ amplitudes, thresholds, steps }, to, h, blend, a, d, dx, channels, row, activation) {
      const f = slope[activation]
      let range = 0
      for (let i = 0; i < steps; i++) {
        range += m[amplitudes + i]!
        m[to.amplitudes + i] = 0
        m[to.thresholds + i] = 0
      }
      for (let k = 0; k < channels * row; k++) {
        const x = m[a + k]!
        const e = m[d + k]!
        let soft = 0
        for (let i = 0; i < steps; i++) {
          const y = tanh(h * (x - m[thresholds + i]!))
          const steep = m[amplitudes + i]! * h * (1 - y * y)
          m[to.amplitudes + i]! += e * y
          m[to.thresholds + i]! -= e * steep
          soft += steep
        }
        m[dx + k] = e * ((1 - blend) * (Math.abs(x) <= range ? 1 : 0) + blend * soft) * f(x)
      }
    },
    squares(y, x, d, rows, row, mask, factor) {
      let sum = 0
      for (let r = 0; r < rows; r++)
        for (let b = 0; b < row; b++) {
          const k = r * row + b
          const e = m[mask + b]! * (m[y + k]! - m[x + k]!)
          m[d + k] = factor * e
          sum += e * e
        }
      return sum
    },
    softmax(y, target, p, d, rows, row, mask, factor) {
      for (let b = 0; b < row; b++) {
        let most = Number.NEGATIVE_INFINITY
        for (let r = 0; r < rows; r++) most = Math.max(most, m[y + r * row + b]!)
        let sum = 0
        for (let r = 0; r < rows; r++) sum += m[p + r * row + b] = exp(Math.max(-80, m[y + r * row + b]! - most))
        for (let r = 0; r < rows; r++) {
          const k = r * row + b
          m[p + k]! /= sum
          m[d + k] = factor * m[mask + b]! * (m[p + k]! - m[target + k]!)
        }
      }
    },
    adam(values, gradients, first, second, length, { rate, beta1, beta2, epsilon, fast, slow }) {
      const step = rate / fast
      const scale = 1 / slow
      for (let k = 0; k < length; k++) {
        const g = m[gradients + k]!
        const a = beta1 * m[first + k]! + (1 - beta1) * g
        const b = beta2 * m[second + k]! + (1 - beta2) * g * g
        m[first + k] = a
        m[second + k] = b
        m[values + k]! -= (step * a) / (Math.sqrt(b * scale) + epsilon)
      }
    },
    accumulate(to, from, length) {
      for (let k = 0; k < length; k++) m[to + k]! += m[from + k]!
    },
  }
}
