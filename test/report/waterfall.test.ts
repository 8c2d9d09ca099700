import { describe, expect, it } from 'vitest'
import { renderSvg } from '../../src/report/svg.ts'
import { type WaterfallData, waterfallFinding, waterfallSpec } from '../../src/report/waterfall.ts'
import { fixed, signed, stageName } from '../../src/report/words.ts'

const row = (stage: string, value: number, delta: number, more: object = {}) => ({
  stage,
  value,
  delta,
  ci95: null,
  active: true,
  ...more,
})
const data: WaterfallData = {
  metric: { name: 'nmseDb', ideal: -11, deployed: { mean: -6.2, perChip: [-6.1, -6.3] } },
  waterfall: [
    row('ideal', -11, 0),
    row('faults', -11, 0, { active: false }),
    row('drift', -6, 5, { ci95: [4.5, 5.5] }),
    row('adc-noise', -6.001, -0.001),
    row('interaction', -6.2, -0.199),
  ],
  vectors: 10,
}
const texts = (svg: string) =>
  [...svg.matchAll(/<(text|tspan)[^>]*>([^<]+)<\/\1>/g)].map((m) => m[2]!.replace('\u2212', '-'))

describe('numbers and names', () => {
  it('a zero has no sign, whatever it was rounded from', () => {
    expect([fixed(-0.001, 2), signed(-0.001), signed(0.004), signed(-0)]).toEqual(['0.00', '0.00', '0.00', '0.00'])
    expect([signed(1), signed(-1), fixed(-1.5, 1)]).toEqual(['+1.00', '-1.00', '-1.5'])
  })

  it('ADC and DAC are capitals', () => {
    expect([stageName('adc-noise'), stageName('read-noise')]).toEqual(['ADC noise', 'read noise'])
  })
})

describe('the figure', () => {
  it('says what the colours are, what was changed, and ticks whole decibels', async () => {
    const shown = texts(await renderSvg(waterfallSpec(data, 'caption', ['with a.b=1']), 'title', 'finding'))
    for (const text of [
      'caption',
      'with a.b=1',
      'ideal, deployed',
      'loss',
      'gain',
      'ADC noise',
      '+5.00 ± 0.50',
      '0.00',
    ])
      expect(shown).toContain(text)
    expect(shown).not.toContain('faults')
    expect(shown.filter((text) => /^-?0\.00/.test(text))).toEqual(['0.00'])
    const ticks = shown.filter((text) => /^-\d+(\.\d)?$/.test(text))
    expect(ticks.length).toBeGreaterThan(3)
    expect(ticks.filter((text) => text.includes('.'))).toEqual([])
  })

  it('one chip without a stage is drawn too', async () => {
    const bare: WaterfallData = {
      metric: { name: 'ber', ideal: 0, deployed: { mean: 0, perChip: [0] } },
      waterfall: [row('ideal', 0, 0), row('interaction', 0, 0)],
      vectors: 1,
    }
    expect(waterfallFinding(bare)).toBe('bit error rate [1] goes from 0.00000 (ideal) to 0.00000 (deployed, one chip).')
    const svg = await renderSvg(waterfallSpec(bare, 'caption'), 'title', 'finding')
    expect(svg).not.toContain('NaN')
    expect(texts(svg)).not.toContain('gain')
  })

  it('the finding names the largest loss', () => {
    expect(waterfallFinding(data)).toBe(
      'NMSE [dB] goes from -11.00 (ideal) to -6.20 (deployed, mean of 2 chips); the largest single loss is drift, 5.00.',
    )
  })
})
