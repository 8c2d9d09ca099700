import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  cellCurve,
  type DeviceLaw,
  deviceCurve,
  isOhmic,
  miloCoefficients,
  OHMIC,
  seriesConductance,
  voltageLimit,
} from '../../src/crossbar/iv.ts'

const at = (law: DeviceLaw, g: number, volts: number, curve = deviceCurve) => {
  const out = new Float64Array(3)
  curve(law)(g, volts, out)
  return { amps: out[0]!, siemens: out[1]!, inner: out[2]! }
}

const sinh: DeviceLaw = { ...OHMIC, model: 'sinh', voltage: 0.2 }
const milo: DeviceLaw = { ...OHMIC, model: 'milo2021' }
const cubic: DeviceLaw = { ...OHMIC, model: 'cubic', cubic: 0.25 }
const power: DeviceLaw = { ...OHMIC, model: 'power-law', voltage: 0.2, gamma: 4 }

const laws: fc.Arbitrary<DeviceLaw> = fc.record({
  model: fc.constantFrom('linear', 'milo2021', 'cubic', 'sinh', 'power-law'),
  cubic: fc.double({ min: -10, max: 10, noNaN: true }),
  voltage: fc.double({ min: 0.02, max: 2, noNaN: true }),
  gamma: fc.double({ min: 2, max: 16, noNaN: true }),
  seriesOhms: fc.constant(0),
})
const conductances = fc.double({ min: 1e-7, max: 3e-4, noNaN: true })
const volts = fc.double({ min: -2, max: 2, noNaN: true })

describe('published values', () => {
  it('Milo 2021: the polynomials in log10 G', () => {
    const { square, cube } = miloCoefficients(100e-6)
    expect(square).toBeCloseTo(-8.2e-6, 15)
    expect(cube).toBeCloseTo(-6e-7, 15)
    const { amps, siemens } = at(milo, 100e-6, 0.5)
    expect(amps).toBeCloseTo(100e-6 * 0.5 - 8.2e-6 * 0.25 - 6e-7 * 0.125, 15)
    expect(siemens).toBeCloseTo(100e-6 - 8.2e-6 - 6e-7 * 0.75, 15)
    // Not odd: more current at negative volts.
    expect(-at(milo, 100e-6, -0.5).amps).toBeGreaterThan(amps)
  })

  it('Milo 2021 outside 50-225 uS keeps the ratios of the nearer end', () => {
    for (const [g, end] of [
      [1e-6, 50e-6],
      [1e-3, 225e-6],
    ] as const) {
      const outside = miloCoefficients(g)
      const inside = miloCoefficients(end)
      expect(outside.square / g).toBeCloseTo(inside.square / end, 12)
      expect(outside.cube / g).toBeCloseTo(inside.cube / end, 12)
    }
  })

  it('cubic, sinh and power law', () => {
    expect(at(cubic, 1e-5, 0.8).amps).toBeCloseTo(1e-5 * (0.8 - 0.25 * 0.512), 18)
    expect(at(sinh, 1e-5, 0.2).amps).toBeCloseTo(1e-5 * 0.2 * Math.sinh(1), 18)
    // gamma 4: a square law; G is the chord at V0.
    expect(at(power, 1e-5, 0.2).amps).toBeCloseTo(2e-6, 18)
    expect(at(power, 1e-5, -0.4).amps).toBeCloseTo(-8e-6, 18)
    expect(at(power, 1e-5, 0).siemens).toBe(0)
  })

  it('a cubic stops where it would turn over', () => {
    const top = voltageLimit(cubic)
    expect(top).toBeCloseTo(2 / Math.sqrt(3), 12)
    const most = at(cubic, 1e-5, top)
    expect(most.siemens).toBeLessThan(1e-20)
    expect(at(cubic, 1e-5, 5).amps).toBeCloseTo(most.amps, 18)
    expect(at(cubic, 1e-5, -5).amps).toBeCloseTo(-most.amps, 18)
    expect(voltageLimit({ ...cubic, cubic: -1 })).toBe(Number.POSITIVE_INFINITY)
  })

  it('knows which laws are ohmic', () => {
    expect([OHMIC, { ...cubic, cubic: 0 }, { ...power, gamma: 2 }].map(isOhmic)).toEqual([true, true, true])
    expect([milo, cubic, sinh, power].map(isOhmic)).toEqual([false, false, false, false])
  })
})

describe('laws of every model', () => {
  property.prop([laws, conductances, volts, volts])('nothing at 0 V, and never less at more volts', (law, g, a, b) => {
    expect(at(law, g, 0).amps).toBe(0)
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    expect(at(law, g, high).amps).toBeGreaterThanOrEqual(at(law, g, low).amps)
    expect(at(law, g, a).siemens).toBeGreaterThanOrEqual(0)
  })

  property.prop([laws, conductances, volts])('the slope is the derivative', (law, g, v) => {
    const h = 1e-6
    const limit = voltageLimit(law)
    fc.pre([v - h, v + h].every((x) => Math.abs(Math.abs(x) - limit) > 2 * h) && Math.abs(v) > 1e-3)
    const difference = (at(law, g, v + h).amps - at(law, g, v - h).amps) / (2 * h)
    const { siemens } = at(law, g, v)
    expect(Math.abs(siemens - difference)).toBeLessThanOrEqual(1e-4 * Math.max(siemens, g))
  })

  property.prop([laws, conductances])('conductance is the slope at 0 V, but for the power law', (law, g) => {
    if (law.model !== 'power-law') expect(at(law, g, 0).siemens).toBeCloseTo(g, 18)
    else expect(at(law, g, law.voltage).amps / law.voltage).toBeCloseTo(g, 15)
  })

  property.prop([fc.constantFrom(OHMIC, cubic, sinh, power), conductances, volts])(
    'all but Milo are odd',
    (law, g, v) => {
      expect(at(law, g, -v).amps).toBe(-at(law, g, v).amps)
    },
  )
})

describe('access transistor in series', () => {
  const resistances = fc.double({ min: 1, max: 1e6, noNaN: true })

  property.prop([conductances, volts, resistances])('ohmic devices: g / (1 + g R)', (g, v, seriesOhms) => {
    const cell = at({ ...OHMIC, seriesOhms }, g, v, cellCurve)
    expect(cell.amps).toBe(seriesConductance(g, seriesOhms) * v)
    expect(cell.siemens).toBe(g / (1 + g * seriesOhms))
  })

  property.prop([laws, conductances, volts, resistances])(
    'the two voltages add up to 1e-14, and the slope is that of the series',
    (law, g, v, seriesOhms) => {
      const cell = at({ ...law, seriesOhms }, g, v, cellCurve)
      expect(Math.abs(cell.inner + seriesOhms * cell.amps - v)).toBeLessThanOrEqual(2e-14 * Math.abs(v) + 1e-300)
      const device = at(law, g, cell.inner)
      expect(cell.amps).toBeCloseTo(device.amps, 15)
      expect(Math.abs(cell.inner)).toBeLessThanOrEqual(Math.abs(v))
      expect(cell.siemens).toBeLessThanOrEqual(1 / seriesOhms)
    },
  )

  it('is nothing at 0 ohm', () => {
    for (const law of [OHMIC, milo, cubic, sinh, power])
      expect(at(law, 5e-5, 0.3, cellCurve).amps).toBe(at(law, 5e-5, 0.3).amps)
  })
})
