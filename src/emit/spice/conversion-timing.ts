/**
 * When what happens in a serial conversion: the clocks of one slot a channel, all slots alike.
 *
 * ```
 * select n   ____/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\____
 * sample     ______/‾‾‾‾\________________________________     sampleTime: the first capacitor follows the multiplexer
 * prepare    _____________/‾‾‾‾\_________________________     behind the front end; comparator and DAC set to their start
 * strobe     _________________________/‾\____/‾\_________     one compareTime apart, the first one after prepare
 * step        0  0  0  0  0  0  0  0  0  \ 1   \ 2            which threshold the DAC gives
 * done n     ________________________________________/‾\_     the code of the channel is latched
 * ```
 */
import { fail } from '../../base/errors.ts'
import type { Profile } from '../../profile/profile.ts'
import type { Waveform } from './circuit.ts'

/** Decisions of one channel that are made at one strobe. */
export interface Strobe {
  /** Comparator cycles since the search began. */
  readonly cycle: number
  /** First and last step that is decided at it: more than one where thresholds share a DAC code. */
  readonly first: number
  readonly last: number
}

export interface ConversionTiming {
  /** seconds a compare */
  readonly compare: number
  readonly sample: number
  /** Of every edge; an edge happens at its middle. */
  readonly edge: number
  /** How long a strobe is high, and prepare is. */
  readonly high: number
  readonly prepare: number
  readonly slot: number
  /** From the beginning of a slot. */
  readonly sampleAt: number
  readonly prepareAt: number
  /** End of prepare: the search begins. */
  readonly searchAt: number
  readonly doneAt: number
  readonly channels: number
  /** Cycles of the longest search. */
  readonly cycles: number
  /** Deck seconds for one second of the profile's compareTime; 1 unless that is out of a simulator's range. */
  readonly stretch: number
}

/** Compare times that a deck takes as they are, seconds; others are stretched to the typical one. */
const USUAL = { shortest: 1e-10, longest: 1e-2, typical: 1e-8 } as const
/** Sample times beyond these many compare times are shortened or stretched, and the switch with them. */
const SAMPLES = { fewest: 0.2, most: 20 } as const

/** @param cycles  of the longest search */
export function conversionTiming({ adc }: Profile, channels: number, cycles: number): ConversionTiming {
  const given = adc.compareTime
  const compare = given >= USUAL.shortest && given <= USUAL.longest ? given : USUAL.typical
  const stretch = given > 0 ? compare / given : 1
  const wanted = adc.hold.capacitance === null ? compare : adc.hold.sampleTime * stretch
  const sample = Math.min(Math.max(wanted, SAMPLES.fewest * compare), SAMPLES.most * compare)
  const edge = compare / 2000
  const gap = compare / 10
  const prepare = compare / 2
  const high = compare / 10
  const sampleAt = gap
  const prepareAt = sampleAt + sample + gap
  const searchAt = prepareAt + prepare
  const doneAt = searchAt + cycles * compare + high + gap
  return {
    compare,
    sample,
    edge,
    high,
    prepare,
    slot: doneAt + high + gap,
    sampleAt,
    prepareAt,
    searchAt,
    doneAt,
    channels,
    cycles,
    stretch,
  }
}

/** When the strobe of a cycle rises in the slot of a channel, seconds. */
export const strobeAt = (timing: ConversionTiming, channel: number, cycle: number): number =>
  channel * timing.slot + timing.searchAt + cycle * timing.compare

/** When the code of a channel has been latched, seconds. */
export const latchedAt = (timing: ConversionTiming, channel: number): number =>
  (channel + 1) * timing.slot - timing.high / 2

/** Levels one after the other, each from a time on, with an edge whose middle is that time. */
function staircase(start: number, changes: readonly (readonly [number, number])[], edge: number): Waveform {
  const points: [number, number][] = [[0, start]]
  let level = start
  for (const [at, next] of changes) {
    if (next === level) continue
    points.push([at - edge / 2, level], [at + edge / 2, next])
    level = next
  }
  if (points.length === 1) points.push([edge, start])
  return { points }
}

/** High within each interval. */
const pulses = (intervals: readonly (readonly [number, number])[], edge: number): Waveform =>
  staircase(
    0,
    intervals.flatMap(([from, to]) => [[from, 1] as const, [to, 0] as const]),
    edge,
  )

const slots = ({ channels }: ConversionTiming) => Array.from({ length: channels }, (_, n) => n)

/** High in the slot of one channel. */
export function selectClock(timing: ConversionTiming, channel: number): Waveform {
  const { slot, edge } = timing
  const end: [number, number][] = channel === timing.channels - 1 ? [] : [[(channel + 1) * slot, 0]]
  return channel === 0 ? staircase(1, end, edge) : staircase(0, [[channel * slot, 1], ...end], edge)
}

/** Clocks that are the same in every slot: from, and for how long. */
export function slotClock(timing: ConversionTiming, from: number, duration: number): Waveform {
  const at = (n: number): [number, number] => [n * timing.slot + from, n * timing.slot + from + duration]
  return pulses(slots(timing).map(at), timing.edge)
}

/** High when the code of a channel is ready. */
export function doneClock({ slot, doneAt, high, edge }: ConversionTiming, channel: number): Waveform {
  const at = channel * slot + doneAt
  return pulses([[at, at + high]], edge)
}

/** @param strobes  of each channel */
export function strobeClock(timing: ConversionTiming, strobes: readonly (readonly Strobe[])[]): Waveform {
  const rises = slots(timing).flatMap((n) => strobes[n]!.map(({ cycle }) => strobeAt(timing, n, cycle)))
  return pulses(
    rises.map((at) => [at, at + timing.high]),
    timing.edge,
  )
}

/** The `first` or `last` step that is decided next; it changes when a strobe falls. */
export function stepClock(
  timing: ConversionTiming,
  strobes: readonly (readonly Strobe[])[],
  which: 'first' | 'last',
): Waveform {
  const changes = slots(timing).flatMap((n) => [
    [n * timing.slot, strobes[n]![0]![which]] as const,
    ...strobes[n]!.slice(1).map(
      (strobe, j) => [strobeAt(timing, n, strobes[n]![j]!.cycle) + timing.high, strobe[which]] as const,
    ),
  ])
  const [[, start], ...rest] = changes as [readonly [number, number], ...(readonly [number, number])[]]
  return staircase(start, rest, timing.edge)
}

/** A level of its own in the slot of each channel; null where it is the same in all. */
export function channelLevels(timing: ConversionTiming, levels: readonly number[]): Waveform | number {
  if (levels.every((x) => x === levels[0])) return levels[0]! + 0
  return staircase(
    levels[0]! + 0,
    levels.slice(1).map((x, n) => [(n + 1) * timing.slot, x + 0]),
    timing.edge,
  )
}

/** High from the first cycle after the search began until the channel is done. */
export const rampClock = (timing: ConversionTiming): Waveform =>
  slotClock(timing, timing.searchAt + timing.compare, timing.doneAt - timing.searchAt - timing.compare)

/** Strobes of a deck: more take minutes. */
const MAX_STROBES = 20_000

/** @throws OHM6003 */
export function checkStrobes(strobes: readonly (readonly Strobe[])[]): void {
  const count = strobes.reduce((n, of) => n + of.length, 0)
  if (count > MAX_STROBES)
    fail('OHM6003', `the conversion would have ${count} strobes; the limit is ${MAX_STROBES}`, {
      hint: 'convert fewer channels',
    })
}
