// What the bench of ob_tanh_pair measured, as activation tables, a figure and the numbers of the documentation:
// `node scripts/netlists/tanh-pair.mjs` writes them and prints the numbers, --check writes nothing and fails when a file is
// stale. Reads the bench's golden, which solve-benches.mjs renews. Needs the built library (npm run build).
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { goldenUrl, readBench } from './bench.mjs'

const root = new URL('../../', import.meta.url)
/** vout of the bench, volts a unit. */
const VOUT = 0.5
const NOMINAL = 27

/** Curves of the bench: degrees Celsius, inputs and outputs in units of tanh. */
export function measuredCurves() {
  const { inner, outer } = readBench('ob_tanh_pair')
  const { out } = JSON.parse(readFileSync(goldenUrl('ob_tanh_pair'), 'utf8')).nodes
  return outer.map((celsius, k) => ({
    celsius,
    // Sums of steps: 0.30000000000000027 is meant as 0.3.
    input: inner.map((x) => Number(x.toFixed(9))),
    output: inner.map((_, j) => out[k * inner.length + j] / VOUT),
  }))
}

/** Gain and offset of the least squares of output against tanh(input), and the largest errors before and after. */
export function fitOf({ input, output }) {
  const ideal = input.map(Math.tanh)
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length
  const [x, y] = [mean(ideal), mean(output)]
  const gain = mean(ideal.map((f, k) => (f - x) * (output[k] - y))) / mean(ideal.map((f) => (f - x) ** 2))
  const offset = y - gain * x
  const raw = ideal.map((f, k) => output[k] - f)
  const fitted = ideal.map((f, k) => (output[k] - offset) / gain - f)
  const largest = (errors) => Math.max(...errors.map(Math.abs))
  return { gain, offset, raw, fitted, largestRaw: largest(raw), largestFitted: largest(fitted) }
}

const table = ({ input, output }) =>
  `input,output\n${input.map((x, k) => `${x},${Number(output[k].toPrecision(12))}`).join('\n')}\n`

const LEGEND = {
  title: null,
  orient: 'right',
  symbolType: 'stroke',
  symbolStrokeWidth: 2,
  symbolSize: 300,
  labelLimit: 200,
}
const COLOUR = { 0: '#0072b2', 27: '#009e73', 54: '#d55e00' }

async function figure(curves) {
  const { renderSvg } = await import('../../dist/report/svg.js')
  const nominal = curves.find(({ celsius }) => celsius === NOMINAL)
  const { raw, fitted, largestFitted } = fitOf(nominal)
  const rows = (name, input, errors, scale) =>
    input.map((x, k) => ({ x, error: Number((errors[k] * scale).toPrecision(6)), which: name }))
  const panel = (values, title, names, colours, last) => ({
    width: 480,
    height: 150,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.8 },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        axis: { title: last ? 'input [1]' : null, labels: last, gridOpacity: 0.25 },
      },
      y: { field: 'error', type: 'quantitative', title, axis: { gridOpacity: 0.25, tickCount: 5 } },
      color: {
        field: 'which',
        type: 'nominal',
        sort: names,
        scale: { domain: names, range: colours },
        legend: LEGEND,
      },
      strokeDash: {
        field: 'which',
        type: 'nominal',
        sort: names,
        scale: {
          domain: names,
          range: [
            [1, 0],
            [6, 3],
            [2, 2],
          ].slice(0, names.length),
        },
        legend: LEGEND,
      },
    },
  })
  const own = ['as it is', 'gain and offset fitted']
  const others = curves.map(({ celsius }) => `${celsius} C`)
  const finding = `Error of the bipolar tanh stage against tanh: at most ${(1e3 * largestFitted).toPrecision(2)} thousandths of full scale at 27 C with gain and offset fitted; the scale of its input follows the absolute temperature.`
  return renderSvg(
    {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      background: 'transparent',
      title: {
        text: 'ob_tanh_pair: output less tanh, in units of full scale',
        subtitle: ['above: 27 C; below: as it is at three temperatures'],
        anchor: 'start',
        fontSize: 12,
        fontWeight: 'normal',
      },
      spacing: 8,
      resolve: { scale: { color: 'independent', strokeDash: 'independent' } },
      vconcat: [
        panel(
          [...rows(own[0], nominal.input, raw, 1e3), ...rows(own[1], nominal.input, fitted, 1e3)],
          'error [1e-3]',
          own,
          ['#cc79a7', '#009e73'],
          false,
        ),
        panel(
          curves.flatMap((curve) => rows(`${curve.celsius} C`, curve.input, fitOf(curve).raw, 1e3)),
          'error [1e-3]',
          others,
          curves.map(({ celsius }) => COLOUR[celsius]),
          true,
        ),
      ],
    },
    'Error of the transistor-level tanh stage',
    finding,
  )
}

/** Files, relative to the repository, and their content. */
export const tanhPairFiles = {
  ...Object.fromEntries(
    [0, NOMINAL, 54].map((celsius) => [
      `hardware-profiles/tables/tanh-pair-${celsius}c.csv`,
      async () => table(measuredCurves().find((curve) => curve.celsius === celsius)),
    ]),
  ),
  'docs/tanh-pair.svg': async () => figure(measuredCurves()),
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let stale = 0
  for (const [path, make] of Object.entries(tanhPairFiles)) {
    const url = new URL(path, root)
    const text = await make()
    if (!process.argv.includes('--check')) writeFileSync(url, text)
    else if (readFileSync(url, 'utf8') !== text) {
      console.error(`stale    ${path}`)
      stale++
    }
  }
  for (const curve of measuredCurves()) {
    const { gain, offset, largestRaw, largestFitted } = fitOf(curve)
    console.log(
      `${curve.celsius} C: largest error ${largestRaw.toExponential(2)} as it is, ${largestFitted.toExponential(2)} with gain ${gain.toFixed(5)} and offset ${offset.toExponential(2)} taken out`,
    )
  }
  if (stale > 0) process.exit(1)
}
