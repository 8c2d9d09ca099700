/** The equations printed in docs/devices.md are those that are computed. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { devicesPage } from '../../src/crossbar/devices-page.ts'
import { programmingModels } from '../../src/crossbar/programming.ts'
import { readNoiseModels } from '../../src/crossbar/read-noise.ts'
import { profileWith } from '../support/profile.ts'

const page = readFileSync(new URL('../../docs/devices.md', import.meta.url), 'utf8')
const equation = (section: string, model: string) => {
  const body = page.slice(page.indexOf(`## ${section}`))
  return new RegExp(`^\\| \`${model.replaceAll('.', '\\.')}\` \\| (.*?) \\|`, 'm').exec(body)![1]!
}

/** The printed polynomials as functions: products by juxtaposition, ^ for powers. */
function evaluated(text: string, values: Readonly<Record<string, number>>): number {
  const code = text
    .replaceAll('^', '**')
    .replaceAll(/(?<=[\d)a-zA-Z]) (?=[a-zA-Z(\d])/g, ' * ')
    .replaceAll(/\b(max|min|log10)\b(?: \* )?/g, 'Math.$1')
  return new Function(...Object.keys(values), `return ${code}`)(...Object.values(values)) as number
}

describe('docs/devices.md', () => {
  it('is fresh', () => {
    expect(page).toBe(devicesPage())
  })

  it.each([
    ['pcm-nandakumar', 25],
    ['pcm-joshi', 25],
    ['pcm-hermes-1', 10.35],
    ['pcm-hermes-2', 20.7],
    ['reram-wan2022-sandia', 39.26],
    ['reram-milo2021', 225],
    ['reram-cmo-0.2', 90],
    ['reram-cmo-2', 90],
    ['state-independent', 25],
    ['normal-independent', 25],
    ['normal-proportional', 25],
  ] as const)('programming error %s', (model, m) => {
    const { programming } = profileWith({ 'device.programming.sigma': 0.07 }).device
    const text = equation('Programming', model)
    for (const x of [0.01, 0.2, 0.5, 1])
      expect(evaluated(text, { x, m, g: x * m, sigma: 0.07 })).toBeCloseTo(
        programmingModels[model].sigma({ microsiemens: x * m, maximum: m, seconds: 1 }, programming),
        10,
      )
  })

  it.each([
    ['pcm-nandakumar', 25],
    ['reram-cmo', 90],
    ['proportional', 25],
    ['independent', 25],
  ] as const)('read noise %s', (model, m) => {
    const { device } = profileWith({ 'device.readNoise.sigma': 0.07 })
    const text = equation('Read noise', model).replace(
      / F\((t(?: \+ \d+)?)(?: s)?, (\d+) (ns|us)\)/,
      ' * F($1, $2e-9 * $3)',
    )
    const F = (t: number, r: number) => Math.sqrt(Math.log((t + r) / (2 * r)))
    for (const x of [0.05, 0.5, 1])
      expect(
        evaluated(text, { x, m, g: x * m, t: 500, sigma: 0.07, F: F as unknown as number, ns: 1, us: 1000 }),
      ).toBeCloseTo(readNoiseModels[model].sigma(x * m, m, 500, device), 10)
  })
})
