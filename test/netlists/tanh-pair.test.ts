import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fitOf, measuredCurves, tanhPairFiles } from '../../scripts/netlists/tanh-pair.mjs'
import { curveAt, curveOf } from '../../src/numerics/curve.ts'
import { parseCurveCsv } from '../../src/profile/table-csv.ts'

const root = new URL('../../', import.meta.url)
const curves = measuredCurves()
const nominal = curves.find(({ celsius }) => celsius === 27)!

/** Least squares of output = gain tanh(scale x) + offset over the scale, by golden section; linear in the rest. */
function inputScale(input: readonly number[], output: readonly number[]): number {
  const residual = (scale: number) => {
    const f = input.map((x) => Math.tanh(scale * x))
    const n = f.length
    const [sf, sy] = [f.reduce((a, b) => a + b, 0) / n, output.reduce((a, b) => a + b, 0) / n]
    const gain =
      f.reduce((a, v, k) => a + (v - sf) * (output[k]! - sy), 0) / f.reduce((a, v) => a + (v - sf) * (v - sf), 0)
    return f.reduce((a, v, k) => a + (gain * (v - sf) + sy - output[k]!) ** 2, 0)
  }
  let [low, high] = [0.5, 2]
  for (let k = 0; k < 80; k++) {
    const [a, b] = [low + 0.382 * (high - low), low + 0.618 * (high - low)]
    if (residual(a) < residual(b)) high = b
    else low = a
  }
  return (low + high) / 2
}

describe('the bipolar tanh stage', () => {
  it('is tanh over +-5 units within what netlists/README.md states', () => {
    expect(nominal.input[0]).toBe(-5)
    expect(nominal.input.at(-1)).toBe(5)
    const readme = readFileSync(new URL('netlists/README.md', root), 'utf8').replaceAll('\n', ' ')
    const [, raw, fitted, cold, warm] =
      /tanh to (\S+) of full scale at 27 C, (\S+) with gain and offset taken out.*? at 0 C and at 54 C the error is (\S+) and (\S+) /
        .exec(readme)!
        .map(Number)
    const stated = (x: number) => Number(x.toPrecision(2))
    expect(stated(fitOf(nominal).largestRaw)).toBe(raw)
    expect(stated(fitOf(nominal).largestFitted)).toBe(fitted)
    expect(curves.filter(({ celsius }) => celsius !== 27).map((curve) => stated(fitOf(curve).largestRaw))).toEqual([
      cold,
      warm,
    ])
    expect(fitted).toBeLessThan(1e-3)
  })

  it('its fit is a least squares: errors left over are without mean and without tanh', () => {
    for (const curve of curves) {
      const { fitted, gain, offset, raw } = fitOf(curve)
      const n = fitted.length
      expect(Math.abs(fitted.reduce((a, e) => a + e, 0) / n)).toBeLessThan(1e-12)
      expect(Math.abs(fitted.reduce((a, e, k) => a + e * Math.tanh(curve.input[k]!), 0) / n)).toBeLessThan(1e-12)
      for (const [k, x] of curve.input.entries()) {
        expect(raw[k]! + Math.tanh(x)).toBeCloseTo(curve.output[k]!, 14)
        expect(gain * (fitted[k]! + Math.tanh(x)) + offset).toBeCloseTo(curve.output[k]!, 12)
      }
    }
  })

  it('the unit of its input follows the absolute temperature', () => {
    for (const { celsius, input, output } of curves)
      expect(inputScale(input, output) / (300.15 / (celsius + 273.15))).toBeCloseTo(1, 3)
  })
})

describe('the activation tables made of it', () => {
  const tables = Object.keys(tanhPairFiles).filter((path) => path.endsWith('.csv'))

  it('are one a temperature, and fresh', async () => {
    expect(tables).toHaveLength(curves.length)
    for (const path of tables)
      expect(readFileSync(new URL(path, root), 'utf8') === (await tanhPairFiles[path]!()), path).toBe(true)
  })

  it('are read as a profile reads them, and straight lines between their rows are tanh as well as the circuit is', () => {
    const path = 'hardware-profiles/tables/tanh-pair-27c.csv'
    const points = parseCurveCsv(readFileSync(new URL(path, root), 'utf8'), path)
    expect(points.map(([x]) => x)).toEqual(nominal.input)
    const curve = curveOf(points)
    const largest = Math.max(
      ...Array.from({ length: 10_001 }, (_, k) => k / 1000 - 5).map((x) => Math.abs(curveAt(curve, x) - Math.tanh(x))),
    )
    // Chords of rows h apart leave h^2 / 8 of the second derivative, at most 0.77 for tanh.
    expect(largest).toBeLessThan(fitOf(nominal).largestRaw + (0.77 * 0.025 ** 2) / 8)
  })
})
