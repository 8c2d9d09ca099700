import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ConversionData, conversionFinding, conversionSpec, corners } from '../../src/report/conversion.ts'
import { renderSvg } from '../../src/report/svg.ts'

/** Two channels of two decisions, drawn by hand. */
const data: ConversionData = {
  seconds: [0, 10e-9, 10.1e-9, 20e-9, 30e-9, 40e-9, 50e-9],
  input: [0.2, 0.2, 0.2, 0.2, -0.1, -0.1, -0.1],
  held: [0, 0.2, 0.2, 0.2, -0.1, -0.1, -0.1],
  threshold: [0, 0, 0.25, 0.25, 0, -0.25, -0.25],
  sample: [1, 0, 0, 0, 1, 0, 0],
  strobe: [0, 1, 0, 1, 0, 1, 1],
  code: [0, 2, 2, 2, 2, 1, 1],
  decisions: [
    { seconds: 10e-9, threshold: 0, above: true },
    { seconds: 20e-9, threshold: 0.25, above: false },
    { seconds: 40e-9, threshold: 0, above: false },
    { seconds: 50e-9, threshold: -0.25, above: true },
  ],
  channels: [
    { end: 25e-9, code: 2, expected: 2 },
    { end: 50e-9, code: 1, expected: 1 },
  ],
  levels: 4,
}

describe('the finding', () => {
  it('names the codes and whether they agree', () => {
    expect(conversionFinding(data)).toBe(
      'Transient of a serial conversion: 2 channels, 4 decisions, codes 2, 1, each as the simulator has it.',
    )
    const wrong = { ...data, channels: [{ end: 25e-9, code: 2, expected: 3 }] }
    expect(conversionFinding(wrong)).toBe(
      'Transient of a serial conversion: 1 channel, 4 decisions, codes 2; 1 of them not as the simulator has it.',
    )
  })
})

describe('corners', () => {
  it('keep the ends and every point away from the lines between those kept', () => {
    const line = (ys: readonly number[]) => ys.map((y, x) => ({ x, y }))
    expect(corners(line([0, 1, 2, 3]), 0.1)).toEqual([
      { x: 0, y: 0 },
      { x: 3, y: 3 },
    ])
    expect(corners(line([0, 0, 5, 5, 5]), 0.1).map(({ x }) => x)).toEqual([0, 1, 2, 4])
  })
})

describe('the figure', () => {
  const figure = () =>
    renderSvg(conversionSpec(data, 'two channels', ['by hand']), 'A serial conversion', conversionFinding(data))

  it('is the golden one, byte by byte', async () => {
    const golden = new URL('conversion.golden.svg', import.meta.url)
    const svg = await figure()
    if (process.env['OHMBIT_UPDATE_GOLDEN'] === '1') writeFileSync(golden, svg)
    expect(svg).toBe(readFileSync(golden, 'utf8'))
    expect(await figure()).toBe(svg)
  })

  it('has a title, the finding, quantities with units and a mark a decision', async () => {
    const svg = await figure()
    expect(svg).toContain('<title id="title">A serial conversion</title>')
    expect(svg).toContain(`<desc id="description">${conversionFinding(data)}</desc>`)
    for (const text of ['at the comparator [V]', 'code so far [1]', 'time [ns]', '0: 2', '1: 1'])
      expect(svg).toContain(text)
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(data.decisions.length)
  })

  it('of a flash converter has no single threshold', async () => {
    const spec = JSON.stringify(conversionSpec({ ...data, threshold: null }, 'flash'))
    expect(spec).not.toContain('"which":"threshold"')
    expect(spec).toContain('"which":"held"')
  })
})
