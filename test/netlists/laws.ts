/**
 * What each bench of the cell library must show, from the law of its cell and nothing else: closed forms, and own
 * integrations where there is none. Written apart from the cells, in other terms where there are any.
 */

/** Volts of a node, for the value of the inner sweep (or the time) and of the outer one. */
type Expected = (x: number, outer: number) => number
export interface Law {
  readonly nodes: Readonly<Record<string, Expected>>
  /** volts; relative part of the expected value */
  readonly within: readonly [absolute: number, relative: number]
}

const exact = (nodes: Law['nodes']): Law => ({ nodes, within: [1e-9, 1e-9] })
const clip = (x: number, limit: number) => Math.min(Math.max(x, -limit), limit)
/** f up to the edge, then the tangent there, by the derivative that is given. */
const goesOn =
  (edge: number, f: (v: number) => number, slope: (v: number) => number): Expected =>
  (v) =>
    Math.abs(v) <= edge ? 1e6 * f(v) : 1e6 * (f(clip(v, edge)) + slope(clip(v, edge)) * (v - clip(v, edge)))

const activation = (f: (x: number) => number): Law => exact({ out: (v) => 1.02 * 0.5 * f(v / 0.25) + 0.003 })
const comparator = (trips: (v: number) => boolean): Law => exact({ out: (v) => (trips(v) ? 1 : 0) })

/** Output of a multiplexer whose input k is selected: conductances of the others and of the load pull at it. */
const multiplexer = (inputs: readonly number[]): Law =>
  exact({
    out: (k) => {
      const g = inputs.map((_, i) => (i === k ? 1e-3 : 1e-9))
      return inputs.reduce((sum, v, i) => sum + v * g[i]!, 0) / (g.reduce((a, b) => a + b, 0) + 1e-6)
    },
  })

/** Square-law NMOS of the access cell, amperes; volts against the bulk. */
function nmos(drain: number, gate: number, source: number): number {
  const threshold = 0.45 + 0.4 * (Math.sqrt(0.8 + source) - Math.sqrt(0.8))
  const over = gate - source - threshold
  const v = drain - source
  if (over <= 0) return 0
  const beta = 2e-4 * (1 / 0.18) * (1 + 0.05 * v)
  return v < over ? beta * (over - v / 2) * v : (beta / 2) * over * over
}
/** Where the transistor gives what a memristor of g siemens to ground takes. */
function behindTransistor(word: number, gate: number, g: number): number {
  let [low, high] = [0, word]
  for (let k = 0; k < 100; k++) {
    const middle = (low + high) / 2
    if (nmos(word, gate, middle) > g * middle) low = middle
    else high = middle
  }
  return low
}

/** Amplifier with gain, offset and swing, driven behind 10 kohm with 25 kohm of feedback. */
function finiteTia(drive: number): { in: number; out: number } {
  const [gain, offset, hard, ratio] = [1e3, 0.002, 1e3, 2.5]
  const linear = (gain * offset + ratio * drive) / (1 + gain + ratio)
  const out = linear - ratio * (drive - linear)
  if (Math.abs(out) <= 1) return { in: linear, out }
  const k = 1 + hard * gain
  const at = (gain * offset + hard * gain * Math.sign(out) + k * ratio * drive) / (k * (1 + ratio) + gain)
  return { in: at, out: at - ratio * (drive - at) }
}

/** Straight lines between points of time and volts. */
const wave =
  (points: readonly (readonly [number, number])[]): ((t: number) => number) =>
  (t) => {
    const k = points.findIndex(([at]) => at >= t)
    if (k === 0) return points[0]![1]
    if (k < 0) return points.at(-1)![1]
    const [[t0, v0], [t1, v1]] = [points[k - 1]!, points[k]!]
    return v0 + ((v1 - v0) * (t - t0)) / (t1 - t0)
  }

const pulses = wave([
  [0, 0.01],
  [1e-8, 0.01],
  [1.1e-8, 0.5],
  [7.1e-8, 0.5],
  [7.2e-8, 0.01],
  [9e-8, 0.01],
  [9.02e-8, -0.33],
  [9.05e-8, -0.33],
  [9.07e-8, 0.01],
  [1e-7, 0.01],
])
/** dx/dt of VTEAM with the constants of the cell, x = w / 3 nm, Biolek's window of order 2. */
function vteamRate(v: number, x: number): number {
  if (v > 0.02) return (5e-4 / 3e-9) * (v / 0.02 - 1) * (1 - x ** 4)
  if (v < -0.2) return (-10 / 3e-9) * (v / -0.2 - 1) ** 3 * (1 - (1 - x) ** 4)
  return 0
}
/** Conductance of the VTEAM bench at each nanosecond, by Runge and Kutta with steps of 1 ps. */
function vteamConductance(): readonly number[] {
  const [h, out] = [1e-12, [] as number[]]
  let x = (1 / 2e-3 - 50) / 950
  for (let k = 0; k <= 100_000; k++) {
    if (k % 1000 === 0) out.push(1 / (50 + 950 * x))
    const t = k * h
    const k1 = vteamRate(pulses(t), x)
    const k2 = vteamRate(pulses(t + h / 2), x + (h / 2) * k1)
    const k3 = vteamRate(pulses(t + h / 2), x + (h / 2) * k2)
    const k4 = vteamRate(pulses(t + h), x + h * k3)
    x += (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4)
  }
  return out
}
let conductance: readonly number[] | null = null

/** Held voltage of the sample and hold bench. */
function held(t: number): number {
  const [tau, droop] = [1e-6, -1e4]
  const settle = (from: number, to: number, time: number) => to + (from - to) * Math.exp(-time / tau)
  const first = 0.1 + droop * Math.min(t, 1.05e-6)
  if (t <= 1.05e-6) return first
  const second = settle(first, 0.3, Math.min(t, 3.05e-6) - 1.05e-6)
  if (t <= 3.05e-6) return second
  const third = second + droop * (Math.min(t, 6.05e-6) - 3.05e-6)
  if (t <= 6.05e-6) return third
  const fourth = settle(third, -0.2, Math.min(t, 8.05e-6) - 6.05e-6)
  return t <= 8.05e-6 ? fourth : fourth + droop * (t - 8.05e-6)
}

/** A triangle from -1 V to 1 V and back in 20 us; the comparator remembers on which side it tripped last. */
const triangle = (t: number) => (t <= 1e-5 ? -1 + 2e5 * t : 3 - 2e5 * t)
const schmitt = (t: number) => (t <= 1e-5 ? (triangle(t) > 0.36 ? 1 : 0) : triangle(t) > 0.16 ? 1 : 0)

/** What stands at the input of the strobed comparator at its eight strobes. */
const STROBED = [0, 0.299, 0.301, 0.201, 0.199, 0.299, -1, 0.5]
function decision(t: number): number {
  let before = 0
  for (const [k, v] of STROBED.entries()) if (t > (k + 1.1) * 1e-6) before = v > (before === 1 ? 0.2 : 0.3) ? 1 : 0
  return before
}

/** Trials from 1.1, 3.1 and 6.1 us with decisions 1, 0 and 1, resets at 2.3 and 5.1 us. */
const bit = (t: number) => ((t > 1.1e-6 && t < 2.3e-6) || (t > 3.1e-6 && t < 3.9e-6) || t > 6.1e-6 ? 1 : 0)

export const CONVERTED = [-0.9, -0.6, -0.26, -0.2, 0.1, 0.26, 0.6, 0.9]

const settling = (t: number) => {
  const step = (from: number, to: number, time: number) => to + (from - to) * Math.exp(-time / 5e-7)
  const a = step(-0.5, 0.5, Math.min(t, 2.05e-6))
  const b = t <= 2.05e-6 ? a : step(a, -0.25, Math.min(t, 4.05e-6) - 2.05e-6)
  return t <= 4.05e-6 ? b : step(b, 0.75, t - 4.05e-6)
}

/** By bench. */
export const laws: Readonly<Record<string, Law>> = {
  ob_device: exact({ i: (v) => 25 * v }),
  ob_device_sinh: exact({
    i: goesOn(
      0.5,
      (v) => 2.5e-5 * 0.2 * Math.sinh(v / 0.2),
      (v) => 2.5e-5 * Math.cosh(v / 0.2),
    ),
  }),
  ob_device_cubic: exact({
    i: goesOn(
      0.75,
      (v) => 2.5e-5 * (v - 0.25 * v ** 3),
      () => 0,
    ),
  }),
  ob_device_milo2021: exact({
    i: goesOn(
      0.5,
      (v) => 1e-4 * v + 1e-5 * v ** 2 + 3e-5 * v ** 3,
      (v) => 1e-4 + 2e-5 * v + 9e-5 * v ** 2,
    ),
  }),
  ob_device_power: exact({ i: (v) => Math.sign(v) * 25 * 0.2 * (Math.abs(v) / 0.2) ** 1.3 }),
  ob_device_vteam: {
    nodes: {
      word: pulses,
      i: (t) => pulses(t) * (conductance ??= vteamConductance())[Math.round(t * 1e9)]!,
    },
    within: [2e-8, 2e-4],
  },
  'ob_device_vteam-read': exact({ i_0: (v) => v, i_1: (v) => 20 * v, i_2: (v) => 0.025 * v }),
  ob_access_resistor: exact({ i: (v) => 250 * v }),
  ob_access_nmos: {
    nodes: {
      i: (word, gate) => 1e6 * nmos(word, gate, 0),
      cell: (word, gate) => behindTransistor(word, gate, 1e-4),
      series: (word, gate) => 100 * behindTransistor(word, gate, 1e-4),
    },
    within: [1e-8, 1e-8],
  },
  ob_tia: exact({ in: () => 0, out: (v) => -2.5 * v }),
  ob_tia_finite: exact({ in: (v) => finiteTia(v).in, out: (v) => finiteTia(v).out }),
  'ob_tia_finite-step': {
    nodes: {
      out: (t) => (-0.05 / 0.501) * -Math.expm1((-501 * t * 2 * Math.PI * 1e8) / 1e3),
    },
    within: [2e-6, 1e-5],
  },
  ob_difference: exact({ out: (v) => 1.5 * (0.1 - v) + 0.01 }),
  ob_difference_clip: exact({ out: (v) => clip(1.5 * (0.1 - v) + 0.01, 0.8) }),
  ob_tanh: activation(Math.tanh),
  ob_sigmoid: activation((x) => 1 / (1 + Math.exp(-x))),
  ob_relu: activation((x) => Math.max(x, 0)),
  ob_linear: activation((x) => x),
  // The thermal voltage is proportional to the temperature; gain and offset move by less than 2 % of full scale.
  ob_tanh_pair: {
    nodes: { out: (x, celsius) => 0.5 * Math.tanh((x * 300.15) / (celsius + 273.15)) },
    within: [5e-3, 0],
  },
  ob_clip: exact({ out: (v) => clip(v, 0.5) }),
  ob_mux: exact({ out: (v) => 0.99 * v + 0.004 }),
  ob_hold: exact({ out: (v) => 0.01 * 0.4 + 0.99 * v }),
  ob_front_end: exact({ out: (v) => 1.01 * v + 0.002 - 0.03 * v ** 3 }),
  ob_comparator_gt: comparator((v) => v > 0.375),
  ob_comparator_ge: comparator((v) => v >= 0.375),
  ob_pass: exact({
    out: (select) => {
      const share = Math.min(Math.max((select - 0.4) / 0.2, 0), 1)
      const g = 1e-9 + share * (1 / 500 - 1e-9)
      return g / (g + 1e-3)
    },
  }),
  ob_mux2: multiplexer([0.5, -0.25]),
  ob_mux4: multiplexer([0.5, -0.25, 0.125, -0.75]),
  ob_switch_hold: { nodes: { held }, within: [2e-5, 0] },
  ob_comparator_hysteresis: { nodes: { in: triangle, out: schmitt }, within: [1e-6, 0] },
  ob_comparator_strobed: { nodes: { out: decision }, within: [1e-6, 0] },
  // Set by the strobes at 1.1 and 5.1 us, kept by hysteresis, cleared at 2.8 and 6.8 us.
  ob_comparator_cleared: {
    nodes: { out: (t) => ((t > 1.1e-6 && t < 2.8e-6) || (t > 5.1e-6 && t < 6.8e-6) ? 1 : 0) },
    within: [1e-6, 0],
  },
  ob_dac: exact({
    ideal: (code) => -0.5 + code / 16,
    out: (code) => (1.01 * (code - 8) + 0.4 * (1 - ((code - 7.5) / 7.5) ** 2)) / 16 + 0.003,
  }),
  ob_dac_settle: { nodes: { out: settling }, within: [1e-5, 0] },
  ob_sar_bit: { nodes: { out: bit }, within: [1e-6, 0] },
}
