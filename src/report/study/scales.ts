/** Axes of figures: where values lie, which ticks they get and how these are written. */
import type { FreeAxis } from './design.ts'
import { axisTitle, quantityText, shortNumber, shownIn, toShown } from './quantity.ts'

/** A numeric axis ready to be drawn. */
export interface DrawnAxis {
  readonly title: string
  /** SI to the number that is drawn. */
  readonly place: (value: number) => number
  readonly logarithmic: boolean
  readonly domain: readonly [number, number]
  /** Drawn numbers that get a tick, with their text; null: as the renderer likes. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[] | null
}

/** More than these are left to the renderer. */
const MOST_TICKS = 9

/** An axis over all values of a study's axis. A zero on a logarithmic one is drawn a step before the least value. */
export function drawnAxis(axis: Pick<FreeAxis, 'name' | 'unit' | 'logarithmic'>, values: readonly number[]): DrawnAxis {
  const sorted = [...new Set(values)].sort((a, b) => a - b)
  const shown = shownIn(axis.unit, sorted)
  const times = axis.unit === 's' && axis.logarithmic
  const positive = sorted.filter((x) => x > 0)
  const step = positive.length < 2 ? 10 : (positive.at(-1)! / positive[0]!) ** (1 / (positive.length - 1))
  const scale = times ? { ...shown, factor: 1 } : shown
  const place = (x: number) => {
    const at = axis.logarithmic && x <= 0 ? positive[0]! / step : x
    return toShown(at, scale)
  }
  const text = (x: number) => (times ? timeLabel(x) : shortNumber(toShown(x, scale)))
  const own = sorted.length <= MOST_TICKS || (axis.logarithmic && sorted[0]! <= 0)
  const marked = own ? sorted : times ? roundTimes(positive[0]!, positive.at(-1)!) : null
  const ticks = marked === null ? null : marked.map((x) => ({ at: place(x), text: text(x) }))
  const units = (marked ?? [])
    .filter((x) => x > 0)
    .map((x) =>
      text(x)
        .replace(/^\S+ ?/, '')
        .replace('days', 'day'),
    )
  const unit = times && ticks !== null ? units : [times ? 's' : shown.unit]
  const ends = [place(sorted[0]!), place(sorted.at(-1)!)] as const
  return {
    title: axisTitle(axis.name, [...new Set(unit)].join(', ')),
    place,
    logarithmic: axis.logarithmic,
    domain: padded(ends, axis.logarithmic),
    ticks,
  }
}

/** The scale of an axis whose ends are known. */
export const scaleOf = (domain: readonly [number, number], logarithmic: boolean) => ({
  type: logarithmic ? ('log' as const) : ('linear' as const),
  domain: [...domain],
  nice: false,
  ...(logarithmic ? {} : { zero: false }),
})

const timeLabel = (seconds: number): string =>
  seconds === 0 ? '0' : quantityText(seconds, 's').replace(/ years?$/, ' y')

const DAY = 86400
const ROUND_TIMES = [1e-9, 1e-6, 1e-3, 1, 60, 3600, DAY, 30 * DAY, 365 * DAY, 3650 * DAY, 36500 * DAY]

/** Times between two that people know; null where there are too few. */
function roundTimes(low: number, high: number): readonly number[] | null {
  const found = ROUND_TIMES.filter((time) => time >= low * 0.8 && time <= high * 1.25)
  return found.length < 3 ? null : found
}

/** Numbers below it have no digits to spare. */
const TINY = 1e-290
/** Two ends that an axis cannot tell apart. */
const alike = (low: number, high: number): boolean =>
  high - low <= Math.max(TINY, 1e-9 * Math.max(Math.abs(low), Math.abs(high)))

/** A little room at both ends. */
export function padded([low, high]: readonly [number, number], logarithmic: boolean, share = 0.03): [number, number] {
  if (logarithmic) {
    const room = (high / low) ** share || 1
    return low === high ? [low / 2, high * 2] : [low / room, high * room]
  }
  if (alike(low, high)) {
    const half = Math.abs(low) > TINY ? Math.abs(low) / 2 : 0.5
    return [low - half, high + half]
  }
  const room = share * (high - low)
  return [low - room, high + room]
}

/** Pixels of a letter of 11 pixels: as it is drawn, and as the renderer, which has no fonts, takes it for. */
const LETTER = { drawn: 6.2, reckoned: 8.8 } as const

/**
 * The axis definition: ticks with their texts. The texts are numbers and units of ours, never words from outside.
 *
 * @param width  of the axis, pixels
 */
export function axisDefinition(axis: Omit<DrawnAxis, 'place'>, width: number) {
  const { title, ticks, logarithmic, domain } = axis
  const lines = title.length * LETTER.reckoned <= width ? title : title.split(/ (?=\[)/)
  const base = { title: lines, gridOpacity: 0.25, labelOverlap: 'greedy' as false | 'greedy' }
  if (ticks === null) return logarithmic ? { ...base, values: powerTicks(domain) } : base
  const choices = ticks.map(({ at, text }, k) => {
    const next = ticks[k + 1]
    return next === undefined
      ? JSON.stringify(text)
      : `datum.value < ${(at + next.at) / 2} ? ${JSON.stringify(text)} : `
  })
  return {
    ...base,
    ...(fits(axis, ticks, width) ? { labelOverlap: false as const } : {}),
    values: ticks.map(({ at }) => at),
    labelExpr: choices.join(''),
  }
}

/** Whether all texts of the ticks stand beside each other. */
function fits(
  { domain: [low, high], logarithmic }: Pick<DrawnAxis, 'domain' | 'logarithmic'>,
  ticks: NonNullable<DrawnAxis['ticks']>,
  width: number,
): boolean {
  const through = (x: number) => (logarithmic ? Math.log(x) : x)
  const places = ticks.map(({ at }) => ((through(at) - through(low)) / (through(high) - through(low))) * width)
  const half = ({ text }: { readonly text: string }) => (text.length * LETTER.drawn) / 2
  return ticks.every((tick, k) => k === 0 || places[k]! - places[k - 1]! > half(tick) + half(ticks[k - 1]!) + 1)
}

/** 1, 2, 5, 10, ...; powers of ten alone where there are many. */
function powerTicks([low, high]: readonly [number, number]): number[] {
  const first = Math.floor(Math.log10(low))
  const last = Math.ceil(Math.log10(high))
  const leading = last - first > 4 ? [1] : [1, 2, 5]
  return Array.from({ length: last - first + 1 }, (_, k) => leading.map((m) => Number(`${m}e${first + k}`)))
    .flat()
    .filter((x) => x >= low && x <= high)
}

/** Least and greatest of numbers, however many. */
export function extent(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const x of values) {
    if (x < low) low = x
    if (x > high) high = x
  }
  return [low, high]
}

/** The least interval of round numbers that holds some, with ticks 1, 2 or 5 times a power of ten apart. */
export function roundDomain(values: readonly number[], parts = 5): [number, number] {
  const [low, high] = extent(values)
  if (!(low <= high)) return [0, 1]
  if (alike(low, high)) return padded([low, high], false)
  const raw = (high - low) / parts
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5].find((m) => m * power >= raw * (1 - 1e-9)) ?? 10)
  const clean = (x: number) => Number(x.toPrecision(12))
  return [clean(Math.floor(low / step + 1e-9) * step), clean(Math.ceil(high / step - 1e-9) * step)]
}

/** Places of labels at least `gap` apart, as near to where they belong as that allows. Same order. */
export function apart(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, k) => k).sort((a, b) => wanted[a]! - wanted[b]! || a - b)
  // Neighbours that would overlap make a block, which lies around the mean of what its members want.
  const blocks: { sum: number; size: number }[] = []
  const room = Math.min(gap, (high - low) / Math.max(1, wanted.length - 1))
  const start = ({ sum, size }: { sum: number; size: number }) =>
    Math.min(Math.max(sum / size, low), high - room * (size - 1))
  for (const k of order) {
    blocks.push({ sum: wanted[k]!, size: 1 })
    while (blocks.length > 1) {
      const last = blocks.at(-1)!
      const before = blocks.at(-2)!
      if (start(before) + room * before.size <= start(last) + 1e-9 * room) break
      blocks.splice(-2, 2, {
        sum: before.sum + last.sum - room * before.size * last.size,
        size: before.size + last.size,
      })
    }
  }
  const out = new Array<number>(wanted.length)
  let next = 0
  for (const block of blocks) for (let i = 0; i < block.size; i++) out[order[next++]!] = start(block) + room * i
  return out
}
