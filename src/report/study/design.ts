/** The points of a study as figures need them: which axes there are, and where each point lies on them. */
import type { PointResult, StudyResult } from '../../study/result.ts'
import { heading } from '../theme.ts'
import { axisName, plainText, shortNumber, type Value, valueText } from './quantity.ts'

/** An axis that tells points apart. */
export interface FreeAxis {
  readonly path: string
  readonly name: string
  /** SI; '' for none. */
  readonly unit: string
  /** All different, in the order of the study. */
  readonly values: readonly Value[]
  /** Place of each value, by `keyOf`. */
  readonly places: ReadonlyMap<string, number>
  readonly numeric: boolean
  readonly logarithmic: boolean
}

export const AGE = 'environment.timeSinceProgramming'

/** Points with all imperfections that the profile has. */
export function mainPoints({ points, attributions }: StudyResult): readonly PointResult[] {
  const whole = new Set(attributions.map(({ point }) => point))
  if (whole.size > 0) return points.filter(({ index }) => whole.has(index))
  return points.filter(({ mechanisms, order }) => mechanisms === null && order === undefined)
}

/** Value of a point on an axis; undefined: that of the profile. */
export function pointValue(point: PointResult, path: string): Value | undefined {
  if (path === 'network') return point.network
  return Object.hasOwn(point.values, path) ? point.values[path as keyof typeof point.values] : undefined
}

/** Equal for equal values. */
const keyOf = (value: Value | undefined): string => `${typeof value} ${JSON.stringify(value)}`

/** Place of a point on an axis; -1: not on it. */
export const placeOf = (point: PointResult, axis: FreeAxis): number =>
  axis.places.get(keyOf(pointValue(point, axis.path))) ?? -1

/** The axes of the result, and the parameter whose loosest value is looked for. */
export const designAxes = ({ axes, loosest }: StudyResult): StudyResult['axes'] =>
  loosest === null || axes.some(({ path }) => path === loosest.path)
    ? axes
    : [
        ...axes,
        {
          ...{ path: loosest.path, unit: loosest.unit, values: null },
          range: null,
          logarithmic: false,
          derived: false,
        },
      ]

/** Axes with at least two values, in the order of the study; the networks are the last where they are no axis. */
export function freeAxes(result: StudyResult): readonly FreeAxis[] {
  const points = mainPoints(result)
  const listed = designAxes(result).flatMap((axis): FreeAxis[] => {
    if (axis.derived) return []
    const values = new Map<string, Value>()
    for (const value of axis.values ?? points.map((point) => pointValue(point, axis.path)))
      if (value !== undefined && !values.has(keyOf(value))) values.set(keyOf(value), value)
    return values.size < 2 ? [] : [axisOf(axis.path, axis.unit, [...values.values()], axis.logarithmic)]
  })
  const networks = [...new Set(points.map(({ network }) => network))]
  return networks.length < 2 || listed.some(({ path }) => path === 'network')
    ? listed
    : [...listed, axisOf('network', '', networks, false)]
}

function axisOf(path: string, unit: string, values: readonly Value[], logarithmic: boolean): FreeAxis {
  const numeric = values.every((value) => typeof value === 'number' && Number.isFinite(value))
  return {
    path,
    name: axisName(path),
    unit,
    values,
    places: new Map(values.map((value, k) => [keyOf(value), k])),
    numeric,
    logarithmic: numeric && (logarithmic || spacedAsPowers(values as readonly number[])),
  }
}

/** Whether the ratios of neighbours are more alike than their differences; a zero may stand before them. */
function spacedAsPowers(values: readonly number[]): boolean {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted[0]! < 0) return false
  const positive = sorted.filter((x) => x > 0)
  if (positive.length < 3 || positive.at(-1)! < 8 * positive[0]!) return false
  const unevenness = (of: readonly number[]) => {
    const steps = of.slice(1).map((x, k) => x - of[k]!)
    const mean = steps.reduce((a, b) => a + b, 0) / steps.length
    return Math.sqrt(steps.reduce((a, b) => a + (b - mean) ** 2, 0) / steps.length) / mean
  }
  return unevenness(positive.map(Math.log)) < unevenness(positive)
}

/** A point by its index. */
export const pointOf = ({ points }: StudyResult, index: number): PointResult =>
  points.find((point) => point.index === index) ?? points[0]!

/** What tells a point from the others, for a label. */
export function pointLabel(point: PointResult, axes: readonly FreeAxis[]): string {
  const parts = axes.map((axis) => {
    const text = valueText(pointValue(point, axis.path), axis.unit)
    return axis.path === 'network' ? text : `${axis.name} ${text}`
  })
  return parts.length === 0 ? plainText(point.network) : parts.join(', ')
}

/** What points are called. */
export interface Labels {
  /** With the names of the axes. */
  readonly full: readonly string[]
  /** For a figure: of values alone where some full one is too long. */
  readonly short: readonly string[]
  /** Says what the values are, where they stand alone. */
  readonly note: readonly string[]
}

export function labelsOf(result: StudyResult, points: readonly PointResult[], longest: number): Labels {
  const axes = freeAxes(result)
  const nominal = (point: PointResult) =>
    result.kind === 'corners' && point === result.points.find(({ network }) => network === point.network)
  const itself = ({ network }: PointResult) =>
    result.networks.length > 1 ? `${plainText(network)}, the profile itself` : 'the profile itself'
  const full = points.map((point) => (nominal(point) ? itself(point) : pointLabel(point, axes)))
  if (full.every((label) => label.length <= longest)) return { full, short: full, note: [] }
  const short = points.map((point) =>
    nominal(point) ? itself(point) : axes.map(({ path, unit }) => valueText(pointValue(point, path), unit)).join(', '),
  )
  return { full, short, note: [`named by ${axes.map(({ name }) => name).join(', ')}`] }
}

const many = (n: number, thing: string) => `${shortNumber(n, 15)} ${thing}${n === 1 ? '' : 's'}`

/** n, seed and what was simulated, as every caption states it. */
export function sizeText(result: StudyResult): string {
  const { points, vectors, seed, firstChip, profile } = result
  const chips = points.map((point) => point.chips)
  const least = chips.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = chips.reduce((a, b) => Math.max(a, b), 0)
  const each = least === most ? many(most, 'chip') : `${least} to ${many(most, 'chip')}`
  return [
    points.length === 1 ? each : `${many(points.length, 'point')} of ${each}`,
    `${many(vectors, 'vector')} a chip`,
    `seed ${seed}${firstChip > 0 ? `, from chip ${firstChip} on` : ''}`,
    `${plainText(profile)}, every device and conversion simulated`,
  ].join('; ')
}

/** What the renderer takes a letter of a caption for, pixels; it has no fonts to measure. */
const LETTER = 9.6

/** A number stays with its unit, and with what it counts. */
export const unbroken = (text: string): string =>
  text.replace(/(\d) (?=[%\p{L}\u00b0])/gu, '$1\u00a0').replace(/\b(seed|chip|to|most) (?=[\d-])/g, '$1\u00a0')

/** Text in lines that fit above a figure, pixels wide. */
export function captionLines(text: string, width: number): readonly string[] {
  const longest = Math.max(40, Math.floor(width / LETTER))
  const lines: string[] = []
  for (const word of unbroken(text).split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > longest) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** Heading of a figure of a study: its name and size, then what the marks are. */
export function headingOf(result: StudyResult, notes: readonly string[], width: number) {
  const [first, ...more] = captionLines(`${plainText(result.name)}: ${sizeText(result)}`, width)
  return heading(first!, [...more, ...(notes.length === 0 ? [] : captionLines(notes.join('; '), width))])
}
