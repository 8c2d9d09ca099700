/**
 * Current of one device against the voltage across it, and of a cell with its access transistor in series.
 *
 * Every law is zero at 0 V and does not fall anywhere: beyond the voltage its formula covers, or from which it would
 * fall, it goes on along its tangent. So an array of such devices has exactly one solution.
 */
import type { Matrix } from '../numerics/matrix.ts'
import type { IvModel, Profile } from '../profile/profile.ts'
import { ANY, clamp, MICRO, type ModelFacts } from './model.ts'

/** The profile's `device.iv` and `device.accessTransistor` as one record. */
export interface DeviceLaw {
  readonly model: IvModel
  /** 1 / volt^2 */
  readonly cubic: number
  /** volts */
  readonly voltage: number
  readonly gamma: number
  /** ohm in series with every device */
  readonly seriesOhms: number
}

/** I = G V, no transistor. */
export const OHMIC: DeviceLaw = { model: 'linear', cubic: 0, voltage: 1, gamma: 2, seriesOhms: 0 }

/** What a profile says of its devices. */
export function deviceLaw({ iv, accessTransistor }: Profile['device']): DeviceLaw {
  return { ...iv, seriesOhms: accessTransistor.resistance }
}

/** Whether current is proportional to voltage, so that an array is one matrix. */
export function isOhmic({ model, cubic, gamma }: DeviceLaw): boolean {
  return model === 'linear' || (model === 'cubic' && cubic === 0) || (model === 'power-law' && gamma === 2)
}

interface IvFacts extends ModelFacts {
  /** volts; the formula holds for |V| up to here */
  readonly limit: (law: DeviceLaw) => number
  /** Ampere into out[0] and siemens into out[1] for |volts| <= limit. */
  readonly formula: (law: DeviceLaw, g: number, volts: number, out: Float64Array) => void
}

/** Where sinh has left every device's range: 2.4e8 times the ohmic current. */
const SINH_LIMIT = 20

export const ivModels: Readonly<Record<IvModel, IvFacts>> = {
  linear: {
    source: 'I = G V',
    valid: ANY,
    limit: () => Number.POSITIVE_INFINITY,
    formula: (_, g, volts, out) => {
      out[0] = g * volts
      out[1] = g
    },
  },
  milo2021: {
    source: 'Milo et al., IRPS 2021; constants as in CrossSim: I = G V + NL2 V^2 + NL3 V^3, not odd in V',
    valid: { low: 50, high: 225 },
    limit: () => 0.5,
    formula: (_, g, volts, out) => {
      const { square, cube } = miloCoefficients(g)
      out[0] = ((cube * volts + square) * volts + g) * volts
      out[1] = (3 * cube * volts + 2 * square) * volts + g
    },
  },
  cubic: {
    source: 'I = G (V - cubic V^3) up to where it turns over, |V| = 1 / sqrt(3 cubic); toy of CrossSim with 0.25 / V^2',
    valid: ANY,
    limit: ({ cubic }) => (cubic > 0 ? 1 / Math.sqrt(3 * cubic) : Number.POSITIVE_INFINITY),
    formula: ({ cubic }, g, volts, out) => {
      const bend = cubic * volts * volts
      out[0] = g * volts * (1 - bend)
      // At the turning point the product rounds to either side of 1 / 3.
      out[1] = Math.max(0, g * (1 - 3 * bend))
    },
  },
  sinh: {
    source: 'I = G V0 sinh(V / V0) [textbook]',
    valid: ANY,
    limit: ({ voltage }) => SINH_LIMIT * voltage,
    formula: ({ voltage }, g, volts, out) => {
      out[0] = g * voltage * Math.sinh(volts / voltage)
      out[1] = g * Math.cosh(volts / voltage)
    },
  },
  'power-law': {
    source: 'I = sgn(V) V0 G (|V| / V0)^(log2 gamma); G is the chord I / V at V0: for gamma > 2 the slope at 0 V is 0',
    valid: ANY,
    limit: () => Number.POSITIVE_INFINITY,
    formula: ({ voltage, gamma }, g, volts, out) => {
      const exponent = Math.log2(gamma)
      const x = Math.abs(volts) / voltage
      // One power, not two: x^(p - 1) gives both.
      const chord = exponent === 1 ? g : g * x ** (exponent - 1)
      out[0] = chord * volts
      out[1] = exponent * chord
    },
  },
}

/**
 * NL2 (A/V^2) and NL3 (A/V^3) of the Milo fit for a conductance in siemens. Outside 50-225 uS the polynomials run away
 * (at 1 uS NL2 would be a thousand times G), so there the ratios to G of the nearer end are kept.
 */
export function miloCoefficients(g: number): { readonly square: number; readonly cube: number } {
  const { low, high } = ivModels.milo2021.valid
  const fitted = clamp(g, low * MICRO, high * MICRO)
  const l = Math.log10(fitted)
  const square = ((1.388e-4 * l + 1.541e-3) * l + 5.711e-3) * l + 7.063e-3
  const cube = (8.871e-5 * l + 6.7919e-4) * l + 1.2968e-3
  return { square: (square * g) / fitted, cube: (cube * g) / fitted }
}

/** Ampere into out[0], siemens into out[1]. */
export type Curve = (g: number, volts: number, out: Float64Array) => void

/**
 * The device alone: current and slope at any voltage.
 *
 * @returns a function of conductance (siemens, >= 0) and volts; beyond the model's limit the tangent at the limit
 */
export function deviceCurve(law: DeviceLaw): Curve {
  const { formula, limit } = ivModels[law.model]
  const end = limit(law)
  return (g, volts, out) => {
    if (volts <= end && volts >= -end) formula(law, g, volts, out)
    else {
      const edge = volts > 0 ? end : -end
      formula(law, g, edge, out)
      out[0]! += out[1]! * (volts - edge)
    }
  }
}

/** volts; beyond it in size the model's formula does not hold and its tangent is taken. */
export function voltageLimit(law: DeviceLaw): number {
  return ivModels[law.model].limit(law)
}

/** Device and transistor in series, both ohmic: g / (1 + g R), siemens. */
export function seriesConductance(g: number, ohms: number): number {
  return g / (1 + g * ohms)
}

/** Every cell of an array of ohmic devices with their transistors, siemens; without transistors the array itself. */
export function cellConductances(g: Matrix, ohms: number): Matrix {
  return ohms === 0 ? g : { ...g, data: g.data.map((x) => seriesConductance(x, ohms)) }
}

const ITERATIONS = 100
/** Error of the series equation that is accepted, relative to the voltage. */
const SERIES_TOLERANCE = 1e-14

/**
 * The whole cell: device and access transistor in series. Ohmic devices: g / (1 + g R). Others: x + R I(x) = V for the
 * device's own voltage x by Newton's method kept inside [0, V], to 1e-14 of V.
 *
 * @returns a function of conductance and cell volts; slope I' / (1 + R I'); out[2], where there is room, is x
 */
export function cellCurve(law: DeviceLaw): Curve {
  const { seriesOhms } = law
  const device = deviceCurve(law)
  if (isOhmic(law))
    return (g, volts, out) => {
      const cell = seriesConductance(g, seriesOhms)
      out[0] = cell * volts
      out[1] = cell
      if (out.length > 2) out[2] = volts - seriesOhms * cell * volts
    }
  if (seriesOhms === 0)
    return (g, volts, out) => {
      device(g, volts, out)
      if (out.length > 2) out[2] = volts
    }
  return (g, volts, out) => {
    let low = Math.min(0, volts)
    let high = Math.max(0, volts)
    let x = volts
    for (let n = 0; n < ITERATIONS; n++) {
      device(g, x, out)
      const excess = x + seriesOhms * out[0]! - volts
      if (Math.abs(excess) <= SERIES_TOLERANCE * Math.abs(volts)) break
      if (excess > 0) high = x
      else low = x
      const next = x - excess / (1 + seriesOhms * out[1]!)
      x = next > low && next < high ? next : (low + high) / 2
      // Nothing lies between the two any more.
      if (x === low || x === high) break
    }
    out[1] = out[1]! / (1 + seriesOhms * out[1]!)
    if (out.length > 2) out[2] = x
  }
}
