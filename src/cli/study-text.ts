/** What a study found, for a person. */
import type { Unit } from '../base/quantity.ts'
import { FIELDS, type FieldPath, type FieldValue, formatValue } from '../profile/fields.ts'
import { plainText, timeText } from '../report/study/quantity.ts'
import { stageName } from '../report/words.ts'
import type { AttributionResult, Ci95, Effect, PointResult, StudyResult, Yield } from '../study/result.ts'
import { columns, count, fixedNumber, metricText, metricTitle, quantityText, type Style } from './style.ts'

/** Points that a screen shows; all of them are in --points and --json. */
const SHOWN = 48

export function studyText(result: StudyResult, style: Style): string {
  const { c } = style
  const networks = result.networks.map(({ name }) => plainText(name))
  const several = result.points.length > 1
  const heading = `${plainText(result.name)}: ${result.kind}, ${networks.length > 3 ? count(networks.length, 'network') : networks.join(', ')} on ${plainText(result.profile)}`
  const size = `${several ? `${count(result.points.length, 'point')}, ` : ''}${chipsText(result)}, ${count(result.vectors, 'vector')} a chip, seed ${result.seed}${result.firstChip > 0 ? `, first chip ${result.firstChip}` : ''}`
  const blocks = [
    [c.bold(heading), size].join('\n'),
    spreadText(result, style),
    ...(several && result.attributions.length === 0 && result.kind !== 'sobol-indices'
      ? [pointsText(result, style)]
      : []),
    ...result.attributions.map((attribution) => attributionText(result, attribution, style)),
    ...(result.indices.length > 0 ? [indicesText(result, style)] : []),
    ...(result.loosest === null ? [] : [loosestText(result, style)]),
    notes(result).join('\n'),
  ]
  return blocks.filter((block) => block !== '').join('\n\n')
}

function chipsText({ points }: StudyResult): string {
  const chips = points.map((point) => point.chips)
  const [least, most] = [Math.min(...chips), Math.max(...chips)]
  return `${least === most ? '' : `${least} to `}${count(most, 'chip')}${points.length > 1 ? ' a point' : ''}`
}

/** A score, or a difference of two, without the words of an interval. */
function spreadText({ point, metric, yield: met, points, networks }: StudyResult, { c }: Style): string {
  const score = (x: number) => metricText(metric.name, x)
  const of = points.length === 1 ? '' : point === null ? ', all points together' : `, point ${point}`
  const ideal = points.length === 1 || networks.length === 1 ? `, ideal ${score(points[0]!.ideal)}` : ''
  const rows = metric.quantiles.map(({ p, value, ci95 }) => [
    `  ${p === 0.5 ? 'median' : `${percent(p)} of chips below`}`,
    score(value),
    between(ci95, score),
  ])
  return [
    c.bold(`${metricTitle(metric.name)}${of}: mean ${score(metric.mean)}`) +
      ` (95 % interval ${between(metric.ci95, score)})${ideal}`,
    columns([...rows, ['  standard deviation', score(metric.standardDeviation), '']], 'lrl'),
    ...(met === null ? [] : [yieldLine(met, c.bold)]),
  ].join('\n')
}

function yieldLine(met: Yield, bold: (text: string) => string): string {
  return `${bold(`yield: ${percent(met.fraction)} of chips meet ${met.requirement}`)} (95 % interval ${percentRange(met.ci95)}, ${METHODS[met.method]})`
}

const METHODS: Readonly<Record<Yield['method'], string>> = {
  wilson: 'Wilson',
  'clopper-pearson': 'exact',
  importance: 'importance sampling',
}

function pointsText(result: StudyResult, { c }: Style): string {
  const { points, axes, metric, networks } = result
  const score = (x: number) => metricText(metric.name, x)
  const paths = axes.map(({ path }) => path).filter((path) => path !== 'network')
  const extra = result.loosest === null || paths.includes(result.loosest.path) ? [] : [result.loosest.path]
  const shownPaths = [...paths, ...extra]
  const withNetwork = networks.length > 1
  const withYield = points.some((point) => point.yield !== null)
  const withPairs = points.some(({ paired }) => paired !== null)
  const withChips = new Set(points.map(({ chips }) => chips)).size > 1
  const mechanisms = points.some((point) => point.mechanisms !== null)
  const head = [
    'point',
    ...(withNetwork ? ['network'] : []),
    ...shownPaths.map(shortPath),
    ...(mechanisms ? ['mechanisms'] : []),
    ...(withChips ? ['chips'] : []),
    'median',
    '95 % interval',
    ...(withYield ? ['yield', '95 % interval'] : []),
    ...(withPairs ? ['difference', ''] : []),
  ]
  const row = (point: PointResult) => {
    const median = point.metric.quantiles.find(({ p }) => p === 0.5)
    return [
      String(point.index),
      ...(withNetwork ? [plainText(point.network)] : []),
      ...shownPaths.map((path) => pointValueText(point, path)),
      ...(mechanisms ? [point.mechanisms === null ? 'all' : point.mechanisms.map(stageName).join(', ') || 'none'] : []),
      ...(withChips ? [String(point.chips)] : []),
      median === undefined ? '' : score(median.value),
      median === undefined ? '' : between(median.ci95, score),
      ...(withYield
        ? point.yield === null
          ? ['', '']
          : [percent(point.yield.fraction), percentRange(point.yield.ci95)]
        : []),
      ...(withPairs ? pairedText(point, metric.name) : []),
    ]
  }
  const align = head.map((title) => (/interval|network|mechanisms/.test(title) || title === '' ? 'l' : 'r')).join('')
  const more = points.length - SHOWN
  return [
    columns([head, ...points.slice(0, SHOWN).map(row)], align),
    ...(more > 0 ? [c.dim(`... ${count(more, 'more point')}: --points FILE.csv has all`)] : []),
    ...(withPairs
      ? [c.dim('difference: mean over the same chips against the point named, with its 95 % interval')]
      : []),
  ].join('\n')
}

function pairedText({ paired }: PointResult, name: string): [string, string] {
  if (paired === null) return ['', '']
  const half = (paired.ci95[1] - paired.ci95[0]) / 2
  const width = Number.isFinite(half) ? ` +- ${metricText(name, half).replace(' dB', '')}` : ''
  return [`${signedScore(name, paired.mean)}${width}`, `against ${paired.against}`]
}

/** With a plus above zero, and none where it rounds to zero. */
function signedScore(metric: string, value: number): string {
  const text = metricText(metric, value)
  return Number.parseFloat(text) > 0 ? `+${text}` : text
}

/** The last words of a path: what a column has room for. */
const shortPath = (path: string) => path.split('.').slice(-2).join('.')

/** The value of a point; one that is not among its own is the profile's. */
function pointValueText(point: PointResult, path: FieldPath): string {
  const value = Object.hasOwn(point.values, path) ? point.values[path] : undefined
  return value === undefined ? '-' : valueText(path, value)
}

export function valueText(path: FieldPath, value: FieldValue): string {
  const field = FIELDS[path]
  if (typeof value === 'number' && field.kind === 'quantity' && field.unit === 's' && value >= 60)
    return timeText(value)
  if (typeof value === 'number')
    return field.kind === 'quantity' ? quantityText(value, field.unit as Unit) : fixedNumber(value)
  return formatValue(field, value)
}

function attributionText(result: StudyResult, { kind, point, total, rows }: AttributionResult, style: Style): string {
  const { c, columns: width } = style
  const at =
    result.points.length > 1 && result.attributions.some((other) => other.point !== point) ? `, point ${point}` : ''
  return [
    c.bold(`${ATTRIBUTION_TITLES[kind]}${at}: loss ${effectText(result, total)} in all`),
    effectTable(
      result,
      rows.map((row) => ({ ...row, name: stageName(row.name) })),
      style,
      Math.max(8, Math.min(24, width - 60)),
    ),
  ].join('\n')
}

const ATTRIBUTION_TITLES: Readonly<Record<AttributionResult['kind'], string>> = {
  'one-at-a-time': 'Each mechanism alone',
  'leave-one-out': 'What each mechanism adds to all others',
  shapley: 'Shapley values: the loss shared out',
}

function effectText({ metric }: StudyResult, { value, ci95 }: Effect): string {
  const interval = ci95 === null ? '' : ` (${between(ci95, (x) => metricText(metric.name, x))})`
  return `${metricText(metric.name, value)}${interval}`
}

function effectTable(result: StudyResult, rows: readonly Effect[], { c }: Style, room: number): string {
  const { name: metric } = result.metric
  const score = (x: number) => metricText(metric, x)
  const largest = Math.max(...rows.map(({ value }) => Math.abs(value)), 1e-300)
  return columns(
    rows.map(({ name, value, ci95 }) => [
      `  ${name}`,
      signedScore(metric, value),
      ci95 === null ? '' : between(ci95, score),
      (value > 0 ? c.red : c.green)((value > 0 ? '#' : '=').repeat(Math.round((Math.abs(value) / largest) * room))),
    ]),
    'lrll',
  )
}

function indicesText({ indices }: StudyResult, { c }: Style): string {
  const share = (effect: Effect) => [
    effect.value.toFixed(3),
    effect.ci95 === null ? '' : between(effect.ci95, (x) => x.toFixed(3)),
  ]
  return [
    c.bold("Sobol' indices of the mean score: the share of its variance that a parameter makes"),
    columns(
      [
        ['  parameter', 'alone', '95 % interval', 'with others', '95 % interval'],
        ...[...indices]
          .sort((a, b) => b.total.value - a.total.value)
          .map(({ path, first, total }) => [`  ${path}`, ...share(first), ...share(total)]),
      ],
      'lrlrl',
    ),
  ].join('\n')
}

function loosestText({ loosest }: StudyResult, { c }: Style): string {
  const { path, value, bracket, yieldWanted, steps } = loosest!
  const text = (x: number | null) => (x === null ? 'not tried' : valueText(path, x))
  const found =
    value === null
      ? `${path}: no value of the range keeps a yield of ${percent(yieldWanted)}`
      : bracket[1] === null
        ? `${path}: the whole range keeps a yield of ${percent(yieldWanted)}, up to ${text(value)}`
        : `${path} may be as loose as ${text(value)} for a yield of ${percent(yieldWanted)} (${text(bracket[1])} does not keep it)`
  return [
    c.bold(found),
    columns(
      [
        ['  value', 'yield', '95 % interval', ''],
        ...steps.map((step) => [
          `  ${text(step.value)}`,
          percent(step.yield.fraction),
          percentRange(step.yield.ci95),
          `${step.kept ? 'kept' : 'not kept'}${step.certain ? '' : ', by its estimate'}`,
        ]),
      ],
      'rrll',
    ),
  ].join('\n')
}

function notes({ points, importance, until }: StudyResult): string[] {
  const first = points[0]!
  const notes = points.length === 1 ? [`codes that differ from the ideal ones: ${percent(first.codes.errorRate)}`] : []
  if (importance !== null)
    notes.push(
      `importance sampling: ${importance.path} ${importance.scale} times as wide; as good for the yield as ${Math.round(importance.effectiveChips)} chips of plain sampling`,
    )
  if (until !== null)
    notes.push(
      `${until.of} +- ${until.of === 'yield' ? percent(until.halfWidth) : until.halfWidth}: ${until.reached ? 'reached' : 'not reached'}`,
    )
  return notes
}

/** An interval; an open end is named. */
function between([low, high]: Ci95, show: (x: number) => string): string {
  if (!Number.isFinite(low) && !Number.isFinite(high)) return 'not bounded'
  if (!Number.isFinite(low)) return `below ${show(high)}`
  return Number.isFinite(high) ? `${show(low).replace(/ (dB|%)$/, '')} to ${show(high)}` : `above ${show(low)}`
}

/** A share: more digits next to 0 and 1, where they matter. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(percentDigits(share)))} %`
}

/** An interval of a share, both ends with the same digits. */
export function percentRange([low, high]: Ci95): string {
  const digits = Math.max(percentDigits(low), percentDigits(high))
  return `${(100 * low).toFixed(digits)} to ${(100 * high).toFixed(digits)} %`
}

function percentDigits(share: number): number {
  const distance = Math.min(share, 1 - share) * 100
  return distance === 0 || distance >= 10 ? 1 : distance >= 0.1 ? 2 : 4
}
