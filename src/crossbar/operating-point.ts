/**
 * The operating point of an array of non-linear devices and wires.
 *
 * Unknown are the volts x across the devices: x + Z I(x) = E v, with E v the drivers' volts, Z the wires (and access
 * transistors) as the devices see them, I the law of iv.ts. Newton's method on it: (1 + Z D) dx = E v - x - Z I(x) with
 * D = dI/dx. Its linear step is the exact wire problem of ohmic devices D with a voltage source in each; here it is
 * solved by conjugate gradients on 1 + sqrt(D) Z sqrt(D), a matrix that is never formed: Z costs two sweeps of running
 * sums, and the better the wires the nearer it is to 1. Because I never falls the solution is unique, an exact step
 * descends, and a step that overshoots is halved.
 */
import type { Matrix } from '../numerics/matrix.ts'
import { cellCurve, type DeviceLaw, deviceCurve, voltageLimit } from './iv.ts'
import { deviceVolts, type Ladders, lineAmps, selfOhms } from './ladders.ts'

/** Devices' laws and Kirchhoff's laws may disagree by this share of the largest line current. */
export const TOLERANCE = 1e-12
/** What Newton's method goes for while its steps still gain; the last one is cheap. */
const TARGET = 1e-13
const NEWTON_STEPS = 100
const HALVINGS = 30
const GRADIENT_STEPS = 2000
/** Accepted error of a linear step: at first, and where a solve that trusted it has failed. */
const ROUGH = 1e-2
const FINE = 1e-10
/** Stages in which the drivers are turned up where nothing else converges. */
const STAGES = 32
/** Share of the drivers' change up to which the solution before is where the next one starts. */
const NEAR = 0.5
/** volts; drivers below it are at 0 V: squares of what they drive would leave the range of numbers. */
const LEAST = 1e-100

export interface OperatingPoint {
  /** words x bits, ampere; valid until the next vector */
  readonly amps: Float64Array
  readonly residual: number
  /** Devices beyond the voltage their model covers. */
  readonly beyond: number
  /** Newton steps */
  readonly steps: number
}

/** @param near  whether to try the last solution as the start */
export type Solve = (volts: Float64Array, near: boolean) => OperatingPoint

/** Lay an array out; the function solves it for the volts of the word drivers. Non-convergence shows in the residual. */
export function operatingPoint({ rows: m, cols: n, data: g }: Matrix, law: DeviceLaw, ladders: Ladders): Solve {
  const size = m * n
  const curve = deviceCurve(law)
  const limit = voltageLimit(law)
  const self = selfOhms(ladders)
  const step = newtonStep(ladders, self)
  const fresh = () => new Float64Array(size)
  let [x, amps, slope, error] = [fresh(), fresh(), fresh(), fresh()]
  let [x2, amps2, slope2, error2] = [fresh(), fresh(), fresh(), fresh()]
  const dx = fresh()
  const out = new Float64Array(2)
  const before = new Float64Array(m)
  const rows = new Float64Array(m)
  const cols = new Float64Array(n)

  /** Currents and slopes at given device volts. */
  const devices = (at: Float64Array, i: Float64Array, d: Float64Array): void => {
    for (let k = 0; k < size; k++) {
      if (g[k] === 0) {
        i[k] = 0
        d[k] = 0
        continue
      }
      curve(g[k]!, at[k]!, out)
      i[k] = out[0]!
      d[k] = out[1]!
    }
  }
  /** What the wires leave for the devices minus what they have: into `e`; the sum of its squares. */
  const mismatch = (at: Float64Array, i: Float64Array, volts: Float64Array, e: Float64Array): number => {
    deviceVolts(ladders, i, volts, e)
    let sum = 0
    for (let k = 0; k < size; k++) {
      if (g[k] === 0) e[k] = 0
      else e[k]! -= at[k]!
      sum += e[k]! * e[k]!
    }
    return sum
  }
  /** Largest current of a line. */
  const largest = (of: Float64Array): number => {
    lineAmps(ladders, of, rows, cols)
    let most = 0
    for (const a of rows) most = Math.max(most, Math.abs(a))
    for (const a of cols) most = Math.max(most, Math.abs(a))
    return most
  }
  /**
   * Currents obey Kirchhoff's current law by construction, so what is left is volts: `error`, around each device's loop.
   * As currents: what the device's true law makes of them against the loop's resistance.
   */
  const residualOf = (): number => {
    const scale = largest(amps)
    for (let k = 0; k < size; k++) amps2[k] = Math.abs(error[k]!) / (1 / slope[k]! + self[k]!)
    const linear = largest(amps2)
    // To first order while that is far off: it is only asked whether to go on.
    if (linear > TARGET * scale) return linear / scale
    for (let k = 0; k < size; k++) x2[k] = x[k]! + error[k]!
    devices(x2, amps2, slope2)
    for (let k = 0; k < size; k++) {
      const change = Math.abs(amps2[k]! - amps[k]!)
      amps2[k] = change === 0 ? 0 : change / (1 + (change / Math.abs(error[k]!)) * self[k]!)
    }
    const off = largest(amps2)
    return off === 0 ? 0 : off / scale
  }

  let steps = 0
  /** Newton's method from x. @returns the residual, at most TOLERANCE when it has converged */
  const newton = (volts: Float64Array, accepted: number): number => {
    devices(x, amps, slope)
    let sum = mismatch(x, amps, volts, error)
    let residual = residualOf()
    for (let k = 0; k < NEWTON_STEPS && !(residual <= TARGET); k++) {
      steps++
      // As exact as the next residual can use: quadratic convergence without solving for digits that are not there.
      step(slope, error, Math.min(accepted, Math.max(residual, 1e-3 * TOLERANCE)), dx)
      let share = 1
      let next = sum
      for (let h = 0; h < HALVINGS; h++, share /= 2) {
        for (let c = 0; c < size; c++) x2[c] = x[c]! + share * dx[c]!
        devices(x2, amps2, slope2)
        next = mismatch(x2, amps2, volts, error2)
        if (next < sum) break
      }
      if (!(next < sum)) break
      sum = next
      ;[x, x2, amps, amps2, slope, slope2, error, error2] = [x2, x, amps2, amps, slope2, slope, error2, error]
      residual = residualOf()
    }
    return residual
  }

  /** By superposition from the last solution, which holds for small changes. @returns whether it is small */
  const startNear = (volts: Float64Array): boolean => {
    let change = 0
    let total = 0
    for (let i = 0; i < m; i++) {
      change += Math.abs(volts[i]! - before[i]!)
      total += Math.abs(volts[i]!)
    }
    if (!(change < NEAR * total)) return false
    for (let k = 0; k < size; k++) {
      const i = Math.floor(k / n)
      x[k]! += volts[i]! - before[i]!
    }
    return true
  }
  /** As if every device were alone on given resistances. */
  const startAlone = (volts: Float64Array, ohms: (k: number) => number): void => {
    const cell = new Float64Array(3)
    for (let k = 0; k < size; k++) {
      cellCurve({ ...law, seriesOhms: ohms(k) })(g[k]!, volts[Math.floor(k / n)]!, cell)
      x[k] = cell[2]!
    }
  }

  return (volts, near) => {
    steps = 0
    if (volts.every((v) => Math.abs(v) < LEAST)) {
      x.fill(0)
      before.fill(0)
      return { amps: amps.fill(0), residual: 0, beyond: 0, steps }
    }
    if (!(near && startNear(volts)))
      if (ladders.seriesOhms > 0) startAlone(volts, () => ladders.seriesOhms)
      else for (let k = 0; k < size; k++) x[k] = volts[Math.floor(k / n)]!
    let residual = newton(volts, ROUGH)
    if (!(residual <= TOLERANCE)) {
      startAlone(volts, (k) => self[k]!)
      residual = newton(volts, FINE)
    }
    if (!(residual <= TOLERANCE)) {
      x.fill(0)
      for (let stage = 1; stage <= STAGES; stage++) {
        for (let k = 0; k < size; k++) x[k]! *= stage === 1 ? 0 : stage / (stage - 1)
        residual = newton(
          volts.map((v) => (v * stage) / STAGES),
          FINE,
        )
      }
    }
    before.set(volts)
    let beyond = 0
    for (let k = 0; k < size; k++) if (g[k] !== 0 && Math.abs(x[k]!) > limit) beyond++
    return { amps, residual, beyond, steps }
  }
}

/**
 * One linear step: (1 + Z D) dx = e for ohmic devices D with a source e in each.
 *
 * With s = sqrt(D) and dx = e - Z s y it is (1 + s Z s) y = s e: symmetric, positive definite, smallest eigenvalue 1.
 * Preconditioned with its diagonal, which tames shorted devices and large transistors.
 *
 * @returns a function of D (siemens), e (volts), accepted relative error, and dx to be filled
 */
function newtonStep(ladders: Ladders, self: Float64Array) {
  const size = ladders.words * ladders.bits
  const fresh = () => new Float64Array(size)
  const [s, y, r, z, p, q, scaled] = [fresh(), fresh(), fresh(), fresh(), fresh(), fresh(), fresh()]
  /** q = -Z s of */
  const drops = (of: Float64Array): void => {
    for (let k = 0; k < size; k++) scaled[k] = s[k]! * of[k]!
    deviceVolts(ladders, scaled, null, q)
  }
  return (d: Float64Array, e: Float64Array, accepted: number, dx: Float64Array): void => {
    let rz = 0
    for (let k = 0; k < size; k++) {
      s[k] = Math.sqrt(d[k]!)
      y[k] = 0
      r[k] = s[k]! * e[k]!
      z[k] = r[k]! / (1 + d[k]! * self[k]!)
      p[k] = z[k]!
      rz += r[k]! * z[k]!
    }
    const enough = accepted * accepted * rz
    for (let n = 0; n < GRADIENT_STEPS && rz > enough; n++) {
      drops(p)
      let curvature = 0
      for (let k = 0; k < size; k++) {
        q[k] = p[k]! - s[k]! * q[k]!
        curvature += p[k]! * q[k]!
      }
      const along = rz / curvature
      let next = 0
      for (let k = 0; k < size; k++) {
        y[k]! += along * p[k]!
        r[k]! -= along * q[k]!
        z[k] = r[k]! / (1 + d[k]! * self[k]!)
        next += r[k]! * z[k]!
      }
      const keep = next / rz
      for (let k = 0; k < size; k++) p[k] = z[k]! + keep * p[k]!
      rz = next
    }
    drops(y)
    for (let k = 0; k < size; k++) dx[k] = e[k]! + q[k]!
  }
}
