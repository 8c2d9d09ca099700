/** The page of a study: one file, no scripts, nothing loaded; the same result gives the same bytes. */
import type { PointResult, StudyResult } from '../../study/result.ts'
import { metricAxis, signed } from '../words.ts'
import { designAxes, freeAxes, pointLabel, sizeText, unbroken } from './design.ts'
import { type DataTable, known, type StudyFigure } from './figure.ts'
import { type Html, html, join, raw, tableOf } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'
import { axisName, level, percent, plainBlock, plainText, scoreText, scoreUnit, valueText } from './quantity.ts'

/** What a page says besides its result. */
export interface PageDetails {
  /** Of the program. */
  readonly version: string
  /** What was asked for, as JSON. */
  readonly specification: string | null
  /** Files that the study was made from. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
  readonly profile: {
    readonly id: string
    readonly description: string
    readonly source: string
    readonly notModelled: readonly string[]
  }
}

/** Rows of the table of points, and those that are shown without being asked for. */
const MOST_POINTS = 200
const OPEN_POINTS = 16
/** Of a drawing on a narrow screen, by its own width: smaller letters cannot be read. */
const SMALLEST = 0.8
const LONGEST = 2000

const paragraph = (text: string): string => plainText(text, LONGEST)

/** The whole page. */
export function studyPage(result: StudyResult, figures: readonly StudyFigure[], details: PageDetails): string {
  const name = plainText(result.name, 120)
  const sections: readonly { readonly id: string; readonly title: string; readonly body: Html }[] = [
    { id: 'result', title: 'Result', body: resultSection(result, figures) },
    ...(figures.length === 0 ? [] : [{ id: 'figures', title: 'Figures', body: join(figures.map(figureOf)) }]),
    { id: 'points', title: 'Points', body: pointsSection(result) },
    { id: 'specification', title: 'Specification', body: specificationSection(result, details) },
    { id: 'warnings', title: 'Warnings', body: warningsSection(result) },
    { id: 'provenance', title: 'Provenance', body: provenanceSection(result, details) },
    { id: 'not-modelled', title: 'What is not modelled', body: notModelledSection(details) },
  ]
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="ohmbit ${paragraph(details.version)}">
<title>${name} - study</title>
<link rel="icon" href="data:,">
<style>${raw(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the result</a>
<header>
<h1>${name}</h1>
<p class="lede">${KINDS[result.kind]}: ${sizeText(result)}.</p>
</header>
<nav aria-label="Contents">
<ul>
${join(sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`))}
</ul>
</nav>
<main id="main">
${join(
  sections.map(
    ({ id, title, body }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>`,
  ),
)}
</main>
<footer>Made by ohmbit ${paragraph(details.version)}. The same study gives the same page, byte for byte.</footer>
</body>
</html>
`
  return page.html
}

const KINDS: Readonly<Record<StudyResult['kind'], string>> = {
  'monte-carlo': 'Monte Carlo study',
  grid: 'Grid',
  'latin-hypercube': 'Latin hypercube over ranges',
  sobol: "Sobol' sequence over ranges",
  corners: 'Corners',
  ageing: 'Ageing of the same chips',
  sensitivity: 'Sensitivity to imperfections',
  'sobol-indices': "Sobol' indices",
  loosest: 'Loosest value of a parameter',
}

/** What was found, in words and as a table. */
function resultSection(result: StudyResult, figures: readonly StudyFigure[]): Html {
  const { metric, yield: met, points, point, chips } = result
  const unit = scoreUnit(metric.name)
  const text = (x: number | null | undefined) => `${scoreText(metric.name, known(x))}${unit}`
  const between = (ends: readonly [number, number]) =>
    known(ends[0]) === null || known(ends[1]) === null ? 'unknown' : `${text(ends[0])} to ${text(ends[1])}`
  const of =
    points.length === 1
      ? ''
      : point === null
        ? 'All points together'
        : `Point ${point}${labelled(
            points.find(({ index }) => index === point),
            result,
          )}`
  const table: DataTable = {
    columns: [
      { title: 'quantity', numeric: false },
      { title: metricAxis(metric.name), numeric: true },
      { title: '95 % interval', numeric: true },
    ],
    rows: [
      ['mean', text(metric.mean), between(metric.ci95)],
      ...metric.quantiles.map(({ p, value, ci95 }) => [
        p === 0.5 ? 'median' : `${level(p)} of the chips at or below`,
        text(value),
        between(ci95),
      ]),
      ['standard deviation', text(metric.standardDeviation), ''],
    ],
  }
  return html`<ul class="findings">
${join(figures.map(({ name, title, finding }) => html`<li><a href="#figure-${name}">${title}</a>: ${unbroken(finding)}</li>`))}
</ul>
${met === null ? '' : html`<p><strong>Yield ${percent(met.fraction)}</strong> of ${chips} chips meet <code>${plainText(met.requirement)}</code>${points.length > 1 && point !== null ? ` at point ${point}` : ''}; 95 % interval ${percent(met.ci95[0])} to ${percent(met.ci95[1])} (${METHODS[met.method]}).</p>`}
${stoppingOf(result)}${importanceOf(result)}
${tableOf('result-table', of === '' ? 'Score of the chips' : `Score of the chips. ${of}`, table)}`
}

const METHODS = { wilson: 'Wilson', 'clopper-pearson': 'Clopper-Pearson', importance: 'importance sampling' } as const

function labelled(point: PointResult | undefined, result: StudyResult): string {
  const axes = freeAxes(result)
  return point === undefined || axes.length === 0 ? '' : `: ${pointLabel(point, axes)}`
}

function stoppingOf({ until, metric }: StudyResult): Html {
  if (until === null) return raw('')
  const width =
    until.of === 'yield'
      ? percent(until.halfWidth)
      : `${scoreText(metric.name, until.halfWidth)}${scoreUnit(metric.name)}`
  return html`<p>Chips were added until the ${until.of} was known to ± ${width}; this was ${until.reached ? '' : 'not '}reached.</p>`
}

function importanceOf({ importance }: StudyResult): Html {
  if (importance === null) return raw('')
  const { path, scale, effectiveChips, plain, plainChips } = importance
  const check =
    plain === null
      ? ''
      : ` Its ${plainChips} plain chips by themselves give ${percent(plain.fraction)} (95 % interval ${percent(plain.ci95[0])} to ${percent(plain.ci95[1])}).`
  return html`<p>Importance sampling on <code>${plainText(path)}</code>, ${scale} times as wide; it knows the yield as ${Math.round(effectiveChips)} chips of plain sampling would.${check}</p>`
}

function figureOf(figure: StudyFigure): Html {
  const { name, title, finding, svg, table } = figure
  const width = Number(/^<svg[^>]* width="([0-9.]{1,8})"/.exec(svg)?.[1] ?? 600)
  const drawing = svg.replace(/^<svg /, `<svg style="min-width:${Math.round(SMALLEST * width)}px" `).trimEnd()
  return html`<figure>
<h3 id="figure-${name}">${title}</h3>
<div class="drawing" tabindex="0" role="region" aria-labelledby="figure-${name}">${raw(drawing)}</div>
<figcaption>${unbroken(finding)}</figcaption>
<details><summary>Data of this figure</summary>
${tableOf(`data-${name}`, `Data: ${title}`, table)}
</details>
</figure>`
}

function pointsSection(result: StudyResult): Html {
  const table = tableOf('points-table', 'Every point of the study', pointsTable(result))
  const n = result.points.length
  return n <= OPEN_POINTS
    ? table
    : html`<details><summary>${n <= MOST_POINTS ? `All ${n} points` : `${MOST_POINTS} of ${n} points`}</summary>
${table}
</details>`
}

/** One row a point. */
function pointsTable(result: StudyResult): DataTable {
  const { points, metric } = result
  const shown = points.slice(0, MOST_POINTS)
  const own = designAxes(result).filter(({ path }) => path !== 'network')
  const networks = result.networks.length > 1
  const stages = points.some(({ mechanisms, order }) => mechanisms !== null || order !== undefined)
  const met = points.some((point) => point.yield !== null)
  const paired = points.some((point) => point.paired !== null)
  const text = (x: number | null | undefined) => scoreText(metric.name, known(x))
  const between = (ends: readonly [number, number]) =>
    known(ends[0]) === null || known(ends[1]) === null ? 'unknown' : `${text(ends[0])} to ${text(ends[1])}`
  return {
    columns: [
      { title: 'point', numeric: true },
      ...(networks ? [{ title: 'network', numeric: false }] : []),
      ...own.map(({ path }) => ({ title: axisName(path), numeric: true })),
      ...(stages ? [{ title: 'imperfections', numeric: false }] : []),
      { title: `ideal ${metricAxis(metric.name)}`, numeric: true },
      { title: `mean ${metricAxis(metric.name)}`, numeric: true },
      { title: '95 % interval', numeric: true },
      { title: 'median', numeric: true },
      ...(met ? [{ title: 'yield', numeric: true }] : []),
      ...(paired ? [{ title: 'mean difference on the same chips', numeric: true }] : []),
      { title: 'chips', numeric: true },
    ],
    rows: shown.map((point) => [
      String(point.index),
      ...(networks ? [point.network] : []),
      ...own.map(({ path, unit }) =>
        valueText(
          Object.hasOwn(point.values, path) ? point.values[path as keyof typeof point.values] : undefined,
          unit,
        ),
      ),
      ...(stages ? [stagesText(point)] : []),
      text(point.ideal),
      text(point.metric.mean),
      between(point.metric.ci95),
      text(point.metric.quantiles.find(({ p }) => p === 0.5)?.value),
      ...(met ? [point.yield === null ? '' : percent(point.yield.fraction)] : []),
      ...(paired ? [pairedText(point, metric.name)] : []),
      String(point.chips),
    ]),
    ...(points.length > MOST_POINTS
      ? {
          note: `The first ${MOST_POINTS} of ${points.length} points; all of them are in result.json and in the shards.`,
        }
      : {}),
  }
}

function stagesText({ mechanisms, order }: PointResult): string {
  if (order !== undefined) return `${order.reversed ? 'last' : 'first'} ${order.first} of each chip's order`
  if (mechanisms === null) return 'all'
  return mechanisms.length === 0 ? 'none' : mechanisms.join(', ')
}

function pairedText({ paired }: PointResult, metric: string): string {
  if (paired === null) return ''
  const text = (x: number) => (metric === 'nmseDb' ? signed(x, 2) : scoreText(metric, x))
  const [low, high] = [known(paired.ci95[0]), known(paired.ci95[1])]
  const interval = low === null || high === null ? '' : ` (${text(low)} to ${text(high)})`
  return `${text(paired.mean)}${interval} to point ${paired.against}`
}

function specificationSection(result: StudyResult, { specification }: PageDetails): Html {
  const list = (values: readonly string[]) =>
    (values.length > 12 ? [...values.slice(0, 12), `and ${values.length - 12} more`] : values).join(', ')
  const axes: DataTable = {
    columns: [
      { title: 'axis', numeric: false },
      { title: 'values', numeric: false },
    ],
    rows: result.axes.map(({ path, unit, values, range, logarithmic, derived }) => [
      path,
      derived
        ? 'follows from other axes'
        : values !== null
          ? list(values.map((value) => valueText(value, unit)))
          : range === null
            ? ''
            : `${valueText(range[0], unit)} to ${valueText(range[1], unit)}${logarithmic ? ', in the logarithm' : ''}`,
    ]),
  }
  return html`<dl>
<dt>kind</dt><dd>${result.kind}</dd>
<dt>networks</dt><dd>${list(result.networks.map(({ name, ideal }) => `${plainText(name)} (ideal ${scoreText(result.metric.name, known(ideal))}${scoreUnit(result.metric.name)})`))}</dd>
<dt>profile</dt><dd>${plainText(result.profile)}</dd>
<dt>requirement</dt><dd>${plainText(result.yield?.requirement ?? 'none')}</dd>
</dl>
${result.axes.length === 0 ? '' : tableOf('axes-table', 'Axes of the design', axes)}
${
  specification === null
    ? ''
    : html`<details><summary>The specification as it was run</summary>
<pre tabindex="0" role="region" aria-label="Specification">${plainBlock(specification)}</pre>
</details>`
}`
}

function warningsSection({ warnings }: StudyResult): Html {
  if (warnings.length === 0) return html`<p>None.</p>`
  return html`<ul>
${join(warnings.map(({ code, message }) => html`<li><code>${code}</code> ${paragraph(message)}</li>`))}
</ul>`
}

function provenanceSection(result: StudyResult, { version, files, profile }: PageDetails): Html {
  const table: DataTable = {
    columns: [
      { title: 'file', numeric: false },
      { title: 'SHA-256', numeric: false },
    ],
    rows: files.map(({ path, sha256 }) => [path, sha256]),
  }
  return html`<dl>
<dt>ohmbit</dt><dd>${paragraph(version)}</dd>
<dt>seed</dt><dd>${result.seed}</dd>
<dt>first chip</dt><dd>${result.firstChip}</dd>
<dt>profile</dt><dd>${plainText(profile.id)}: ${paragraph(profile.description)}</dd>
<dt>its source</dt><dd>${paragraph(profile.source)}</dd>
</dl>
${files.length === 0 ? '' : html`<div class="hash">${tableOf('files-table', 'What the study was made from', table)}</div>`}`
}

function notModelledSection({ profile }: PageDetails): Html {
  const items = profile.notModelled.map((text) => html`<li>${paragraph(text)}</li>`)
  return html`<p>What no simulation of this kind shows is listed in <code>docs/limits.md</code>, which comes with ohmbit. The profile adds:</p>
${
  items.length === 0
    ? html`<p>Nothing.</p>`
    : html`<ul>
${join(items)}
</ul>`
}`
}

/** The files of a report, by name: the page, and each figure with its specification beside it. */
export function reportFiles(
  result: StudyResult,
  figures: readonly StudyFigure[],
  details: PageDetails,
): ReadonlyMap<string, string> {
  return new Map([
    ...figures.flatMap(({ name, svg, spec }) => [
      [`figures/${name}.svg`, svg] as const,
      [`figures/${name}.vl.json`, `${JSON.stringify(spec, null, 2)}\n`] as const,
    ]),
    ['index.html', studyPage(result, figures, details)] as const,
  ])
}
