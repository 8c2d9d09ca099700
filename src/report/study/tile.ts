/** An array device by device: conductances asked for and written, their difference, what the wires take. */
import type { TopLevelSpec } from 'vega-lite'
import type { TileMap } from '../../study/analysis/tile-map.ts'
import { heading, VEGA_LITE } from '../theme.ts'
import { captionLines } from './design.ts'
import { type DataTable, STUDY_CONFIG } from './figure.ts'
import { dataUrl, png } from './png.ts'
import { percent, plainText, quantityText, shortNumber, shownIn, toShown } from './quantity.ts'

/** Pixels of a panel, and lines of an array that are drawn one by one. */
const WIDTH = 270
const TALLEST = 300
const MOST_LINES = 512

type Colour = readonly [number, number, number]
/** Okabe-Ito's blue and vermillion around a light grey: the sign, and how much. */
const ENDS: readonly [Colour, Colour, Colour] = [
  [0, 114, 178],
  [245, 245, 245],
  [213, 94, 0],
]
/** Odd, so that zero has the middle colour. */
const SHADES = 255

const PALETTE: readonly Colour[] = Array.from({ length: SHADES }, (_, k) => {
  const t = (2 * k) / (SHADES - 1)
  const [from, to] = t <= 1 ? [ENDS[0], ENDS[1]] : [ENDS[1], ENDS[2]]
  const part = t <= 1 ? t : t - 1
  return [0, 1, 2].map((c) => Math.round(from[c]! + part * (to[c]! - from[c]!))) as unknown as Colour
})
const hex = (colour: Colour) => `#${colour.map((c) => c.toString(16).padStart(2, '0')).join('')}`

interface Panel {
  readonly title: string
  readonly values: readonly number[]
  /** Siemens at the ends of the scale. */
  readonly most: number
}

const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
const rms = (values: readonly number[]) => Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length)

/** Panels with their scales: target and realised share one, as what can be compared. */
function panelsOf({ target, realised, loss }: TileMap): readonly Panel[] {
  const both = Math.max(largest(target), largest(realised))
  const off = realised.map((g, k) => g - target[k]!)
  return [
    { title: 'target', values: target, most: both },
    { title: 'realised', values: realised, most: both },
    { title: 'realised less target', values: off, most: largest(off) },
    ...(loss === null ? [] : [{ title: 'taken by the wires', values: loss, most: largest(loss) }]),
  ]
}

/** Share of the array's conductance that does not arrive at the amplifiers. */
function shareLost({ realised, loss }: TileMap): number | null {
  if (loss === null) return null
  const total = realised.reduce((s, g) => s + Math.abs(g), 0)
  return total > 0 ? loss.reduce((s, x, k) => s + Math.sign(realised[k]!) * x, 0) / total : null
}

/** One sentence. */
export function tileFinding(map: TileMap): string {
  const { target, realised, loss, bitLines } = map
  const off = rms(realised.map((g, k) => g - target[k]!))
  const share = shareLost(map)
  const most = largest(target)
  const part = most > 0 ? ` (${percent(off / most)} of the largest)` : ''
  if (loss === null || share === null)
    return `Realised conductances differ from their targets by ${quantityText(off, 'S')} RMS${part}; the array has no wires.`
  const worst = loss.reduce((best, x, k) => (Math.abs(x) > Math.abs(loss[best]!) ? k : best), 0)
  return `Realised conductances differ from their targets by ${quantityText(off, 'S')} RMS${part}; the wires take ${percent(share)} of the array's conductance, the most, ${quantityText(Math.abs(loss[worst]!), 'S')}, on word line ${Math.floor(worst / bitLines)} and bit line ${worst % bitLines}.`
}

/** A picture of a panel. Of arrays with too many lines each pixel is the largest of some neighbours. */
function picture({ values, most }: Panel, rows: number, columns: number): string {
  const [down, across] = [Math.ceil(rows / MOST_LINES), Math.ceil(columns / MOST_LINES)]
  const [height, width] = [Math.ceil(rows / down), Math.ceil(columns / across)]
  const extremes = new Float64Array(height * width)
  for (const [k, x] of values.entries()) {
    const at = Math.floor(Math.floor(k / columns) / down) * width + Math.floor((k % columns) / across)
    if (Math.abs(x) > Math.abs(extremes[at]!)) extremes[at] = x
  }
  const shade = (x: number) => (most > 0 ? Math.round(((x / most + 1) / 2) * (SHADES - 1)) : (SHADES - 1) / 2)
  return dataUrl(png(Uint8Array.from(extremes, shade), width, PALETTE))
}

/** The Vega-Lite specification. */
export function tileSpec(map: TileMap): TopLevelSpec {
  const { wordLines, bitLines } = map
  const height = Math.round(Math.min(TALLEST, Math.max(60, (WIDTH * wordLines) / bitLines)))
  const axis = (title: string) => ({ title, grid: false, tickMinStep: 1, tickCount: 5, format: 'd' })
  const panels = panelsOf(map).map((panel, k) => {
    const shown = shownIn('S', [panel.most])
    const end = toShown(panel.most, shown) || 1
    const x = {
      field: 'x',
      type: 'quantitative',
      scale: { domain: [0, bitLines], nice: false },
      axis: axis('bit line [1]'),
    }
    const y = {
      field: 'y',
      type: 'quantitative',
      scale: { domain: [wordLines, 0], nice: false },
      axis: { ...axis('word line [1]'), ...(k % 2 === 0 ? {} : { title: null }) },
    }
    const scale = { domain: [-end, 0, end], range: ENDS.map(hex) }
    const legend = {
      title: `${panel.title} [${shown.unit}]`,
      orient: 'bottom',
      direction: 'horizontal',
      gradientLength: 220,
      gradientThickness: 10,
      tickCount: 5,
      titleFontSize: 11,
      labelFontSize: 11,
      titleLimit: WIDTH,
    }
    return {
      width: WIDTH,
      height,
      layer: [
        {
          data: { values: [{ x: bitLines / 2, y: wordLines / 2, picture: picture(panel, wordLines, bitLines) }] },
          mark: { type: 'image', width: WIDTH, height, aspect: false, smooth: false, aria: false },
          encoding: { x, y, url: { field: 'picture', type: 'nominal' } },
        },
        // Carries the scale of colours; the picture has none.
        {
          data: { values: [-end, end].map((value) => ({ x: 0, y: 0, value })) },
          mark: { type: 'point', size: 0, opacity: 0 },
          encoding: { x, y, color: { field: 'value', type: 'quantitative', scale, legend } },
        },
      ],
    }
  })
  const text = `${plainText(map.network)} on ${plainText(map.profile)}: encoder layer ${map.layer}, array ${map.tile}, ${wordLines} word lines x ${bitLines} bit lines; chip ${map.chip}, seed ${map.seed}; every device simulated`
  const notes = ['a device counts positive or negative in its output']
  const width = 2 * WIDTH + 120
  const [first, ...more] = captionLines(text, width)
  const spec = {
    $schema: VEGA_LITE,
    background: 'transparent',
    title: heading(first!, [...more, ...captionLines(notes.join('; '), width)]),
    concat: panels,
    columns: 2,
    spacing: 24,
    resolve: { scale: { color: 'independent' } },
    config: STUDY_CONFIG,
  }
  return spec as unknown as TopLevelSpec
}

/** What each panel spans. */
export function tileTable(map: TileMap): DataTable {
  const panels = panelsOf(map)
  const sizes = panels.map(({ values }) => [...values].map(Math.abs).sort((a, b) => a - b))
  const shown = shownIn('S', [panels[0]!.most])
  const text = (x: number) => shortNumber(toShown(x, shown))
  const share = shareLost(map)
  return {
    columns: [
      { title: 'quantity', numeric: false },
      { title: `least size [${shown.unit}]`, numeric: true },
      { title: `median size [${shown.unit}]`, numeric: true },
      { title: `largest size [${shown.unit}]`, numeric: true },
      { title: `root mean square [${shown.unit}]`, numeric: true },
    ],
    rows: panels.map(({ title, values }, k) => {
      const size = sizes[k]!
      return [
        title,
        text(size[0]!),
        text(size[Math.floor((size.length - 1) / 2)]!),
        text(size.at(-1)!),
        text(rms(values)),
      ]
    }),
    note: `${map.wordLines * map.bitLines} devices${share === null ? '' : `; the wires take ${percent(share)} of their conductance`}.`,
  }
}
