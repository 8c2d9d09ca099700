/**
 * The Schur-complement solver on the WebAssembly kernel: same steps as schur-reference.ts, bounds included.
 */

import type { Kernel } from '../numerics/kernels/module.ts'
import type { Matrix } from '../numerics/matrix.ts'
import { errorBounds, type Lines, type Reach, type SchurArray } from './schur-engine.ts'

/** Whose factors each kernel's memory holds. */
const owners = new WeakMap<Kernel, object>()

/** Factor an array. Factors are made anew when another array used the memory meanwhile. */
export function kernelArray(kernel: Kernel, g: Matrix, lines: Lines): SchurArray {
  const { words, bits } = lines
  const stride = bits + (bits & 1)
  const rows = words + (words & 1)
  const full = rows * stride * 8
  const line = stride * 8
  const column = rows * 8
  const oneEnd = lines.far.every((x) => x === 0)
  const me = {}
  const { exports } = kernel
  let at: number[] = []
  let reach: Reach
  let injected = 0
  let held = 0
  let lastRow = 0
  const A = { g: 0, lb: 1, lw: 2, x: 3, p: 4, z: 5, e: 6, t: 7, b: 8, zero: 9, last: 10, out: 11, result: 12 } as const
  const C = { entry: 13, far: 14, volts: 15, words: 16, exit: 17, held: 18, lastRow: 19, bits: 20, inj: 21 } as const

  const put = (values: Float64Array, address: number): void => {
    const cells = kernel.f64(address, rows * stride)
    if (stride === bits) cells.set(values)
    else for (let i = 0; i < words; i++) cells.set(values.subarray(i * bits, (i + 1) * bits), i * stride)
  }
  /** Lay out and factor, unless it is already there; `injection` asks for room for it. */
  const own = (injection: boolean): void => {
    if (owners.get(kernel) === me && (at[C.inj] !== undefined || !injection)) return
    const sizes = [full, full, full, full, full, full, full, 8 * line, line, line, line, line, 32]
    at = kernel.layout([...sizes, column, column, column, column, line, line, line, line, ...(injection ? [full] : [])])
    owners.set(kernel, me)
    // Padding: no device conducts there, and no leftover of another array may stand in it.
    for (const address of [at[A.g]!, at[A.e]!, ...(injection ? [at[C.inj]!] : [])]) {
      const cells = kernel.f64(address, rows * stride)
      if (rows > words) cells.fill(0, words * stride)
      if (stride > bits) for (let i = 0; i < words; i++) cells[i * stride + bits] = 0
    }
    put(g.data, at[A.g]!)
    for (const [address, length, values] of [
      [at[C.entry]!, rows, lines.entry],
      [at[C.far]!, rows, lines.far],
      [at[C.exit]!, stride, lines.exit],
    ] as const) {
      const cells = kernel.f64(address, length)
      cells[length - 1] = 0
      cells.set(values)
    }
    exports['configure']!(words, bits, ...at.slice(0, A.result + 1))
    exports['factor']!(lines.unit, lines.ratio, at[C.entry], at[C.far], at[C.exit])
    const r = kernel.f64(at[A.result]!, 4)
    reach = { bitReach: r[0]!, bitCurrent: r[1]!, wordCurrent: r[2]!, wordReach: r[3]! }
  }
  own(false)

  return {
    stride,
    reach: reach!,
    load(sources) {
      own(sources.injection !== null)
      injected = 0
      held = 0
      lastRow = at[A.zero]!
      if (sources.injection !== null) {
        injected = at[C.inj]!
        put(sources.injection, injected)
        const cells = kernel.f64(injected, rows * stride)
        for (let k = 0; k < cells.length; k++) cells[k]! *= lines.unit
      }
      if (sources.held !== null) {
        held = at[C.held]!
        lastRow = at[C.lastRow]!
        const h = kernel.f64(held, stride)
        const l = kernel.f64(lastRow, stride)
        h[stride - 1] = 0
        l[stride - 1] = 0
        for (let j = 0; j < bits; j++) {
          h[j] = sources.held[j]! / lines.ratio
          l[j] = lines.exit[j]! * h[j]!
        }
      }
      const volts = kernel.f64(at[C.volts]!, rows)
      volts[rows - 1] = 0
      if (sources.drive === null) volts.fill(0)
      else volts.set(sources.drive)
      if (oneEnd && sources.drive !== null && injected === 0 && held === 0) {
        const first = kernel.f64(at[C.words]!, rows)
        for (let i = 0; i < words; i++) first[i] = lines.entry[i]! * volts[i]!
        first.fill(0, words)
        exports['driveAlone']!(at[C.words])
        return
      }
      if (injected !== 0 || held !== 0) exports['sources']!(injected, lastRow)
      else exports['silence']!()
      if (sources.drive !== null) exports['drive']!(at[C.volts], at[C.entry], at[C.far])
      exports['wordLines']!()
    },
    iterate({ iterations, tolerance, least, adjoint }) {
      const { gain, contraction } = errorBounds(reach, adjoint)
      return exports['solve']!(
        iterations,
        tolerance,
        least,
        gain,
        contraction,
        adjoint ? 1 : 0,
        at[C.entry],
        at[C.far],
        at[C.exit],
        held,
      )
    },
    settle() {
      exports['settle']!(injected, lastRow)
    },
    balance() {
      exports['bitBackward']!()
      const worst = exports['balance']!(
        injected,
        at[C.volts],
        held,
        at[C.entry],
        at[C.far],
        at[C.exit],
        at[C.words],
        at[C.bits],
      )
      return { words: kernel.f64(at[C.words]!, words), bits: kernel.f64(at[C.bits]!, bits), worst }
    },
    wordVolts: () => kernel.f64(at[A.x]!, words * stride),
    lastBitVolts: () => kernel.f64(at[A.e]! + (words - 1) * line, bits),
    bitVolts: () => kernel.f64(at[A.e]!, words * stride),
  }
}
