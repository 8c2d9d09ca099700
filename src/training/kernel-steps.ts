/** The steps of training on the WebAssembly kernel, in single precision. */
import type { Activation } from '../network/network.ts'
import { type Kernel, ownKernel, type SharedMemory, sharedKernel } from '../numerics/kernels/module.ts'
import type { Dense, Steps } from './steps.ts'

/** As the kernel numbers them. */
const NUMBER: Readonly<Record<Activation, number>> = { linear: 0, tanh: 1, relu: 2, sigmoid: 3 }

/**
 * @param widest  inputs or outputs of the widest layer
 * @returns       null where the engine in use is plain TypeScript
 */
export function kernelSteps(widest: number): Steps | null {
  const k = ownKernel('train')
  return k === null ? null : stepsOn(k, widest)
}

/** As `kernelSteps`, on a memory that another thread works on too; arrays are laid out behind `from`. */
export function sharedSteps(widest: number, memory: SharedMemory, from: number): Steps | null {
  const k = sharedKernel('train', memory, from)
  return k === null ? null : stepsOn(k, widest)
}

function stepsOn(k: Kernel, widest: number): Steps {
  const { exports } = k
  let scratch = 0
  const call = (name: string, ...numbers: number[]) => exports[name]!(...numbers)
  return {
    stride: 4,
    layout(lengths) {
      const at = k.layout([32 * widest, ...lengths.map((length) => 4 * length)])
      scratch = at[0]!
      for (const [i, length] of lengths.entries()) k.f32(at[i + 1]!, length).fill(0)
      return at.slice(1)
    },
    write: (at, values) => k.f32(at, values.length).set(values),
    read: (at, length) => Float64Array.from(k.f32(at, length)),
    dense({ weight, bias, inputs, outputs, activation }: Dense, x, y, row) {
      call('dense', weight, bias, x, y, outputs, inputs, 4 * row, NUMBER[activation], scratch)
    },
    backward({ weight, inputs, outputs }, d, x, dx, row, activation) {
      call('backward', weight, d, x, dx, outputs, inputs, 4 * row, NUMBER[activation], scratch)
    },
    gradient({ weight, bias, inputs, outputs }, d, x, row) {
      call('gradient', d, x, weight, bias, outputs, inputs, 4 * row)
    },
    quantize({ amplitudes, thresholds, steps }, h, a, q, channels, row) {
      call('quantize', amplitudes, thresholds, steps, h, a, q, channels, 4 * row)
    },
    quantizeBack({ amplitudes, thresholds, steps }, to, h, blend, a, d, dx, channels, row, activation) {
      const { amplitudes: gv, thresholds: gt } = to
      call(
        'quantizeBack',
        ...[amplitudes, thresholds, steps, h, blend, a, d, dx, gv, gt, channels, 4 * row, NUMBER[activation]],
      )
    },
    squares: (y, x, d, rows, row, mask, factor) => call('squares', y, x, d, rows, 4 * row, mask, factor),
    softmax: (y, target, p, d, rows, row, mask, factor) =>
      call('softmax', y, target, p, d, rows, 4 * row, mask, factor),
    adam(values, gradients, first, second, length, { rate, beta1, beta2, epsilon, fast, slow }) {
      call('adam', values, gradients, first, second, length, rate, beta1, beta2, fast, slow, epsilon)
    },
    accumulate: (to, from, length) => call('accumulate', to, from, length),
  }
}
