import { expect, it } from 'vitest'
import { renderSvg } from '../../src/report/svg.ts'
import { type TransferData, transferFinding, transferSpec } from '../../src/report/transfer.ts'

const data: TransferData = {
  levels: 4,
  thresholds: { target: [-0.4, 0, 0.4], exact: [-0.41, 0.02, null] },
  thresholdError: { largest: 0.02 },
  codeErrorRate: 0.0123,
  density: { low: -0.5, high: 0.5, counts: [1, 2, 3, 2] },
}

it('the finding names error, lost thresholds and wrong codes', () => {
  expect(transferFinding(data)).toBe(
    'Transfer of a converter with 4 levels: realised thresholds lie up to 20.0 mV from the wanted ones; 1 of 3 are never passed; 1.23 % of the codes differ from the ideal ones.',
  )
})

it('staircases end where a threshold is never passed; the same bytes each time', async () => {
  const spec = transferSpec(data, 'a converter')
  const { vconcat } = spec as unknown as {
    vconcat: [{ data: { values: { volts: number; code: number; which: string }[] } }]
  }
  const stairs = (which: string) =>
    vconcat[0].data.values.filter((row) => row.which === which).map(({ volts, code }) => [volts, code])
  expect(stairs('wanted')).toEqual([
    [-0.5, 0],
    [-0.4, 1],
    [0, 2],
    [0.4, 3],
    [0.5, 3],
  ])
  expect(stairs('realised')).toEqual([
    [-0.5, 0],
    [-0.41, 1],
    [0.02, 2],
    [0.5, 2],
  ])
  const svg = await renderSvg(spec, 'a converter', transferFinding(data))
  expect(svg).toContain('role="img"')
  expect(svg).toContain('density [1/V]')
  expect(await renderSvg(spec, 'a converter', transferFinding(data))).toBe(svg)
})
