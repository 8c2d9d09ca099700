/**
 * What the simulator says a serial conversion goes through: every decision with the voltages it was made on, every code.
 */
import { type Compare, convert } from '../../adc/convert.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { matrix } from '../../numerics/matrix.ts'
import type { Profile } from '../../profile/profile.ts'
import { type ConversionTiming, latchedAt, strobeAt } from './conversion-timing.ts'

/** One channel's way to its code. */
export interface ConvertedChannel {
  readonly channel: number
  readonly code: number
  readonly compares: readonly Compare[]
}

/** Without noise, as `convert` decides. @param input  volts at the multiplexer, one a channel */
export function convertedChannels(chip: Chip, input: ArrayLike<number>): ConvertedChannel[] {
  const { adc, profile } = chip.deployment
  const compares = Array.from({ length: input.length }, (): Compare[] => [])
  const { codes } = convert(
    matrix(1, input.length, Float64Array.from(input)),
    adc,
    chip.adc,
    profile,
    null,
    0,
    (compare) => compares[compare.channel]!.push(compare),
  )
  return compares.map((of, channel) => ({ channel, code: codes.data[channel]!, compares: of }))
}

/** A node, and its volts at some of the times that a deck prints. */
export interface TransientProbe {
  readonly node: string
  readonly kind: 'held' | 'threshold' | 'code'
  /** Channel of each value. */
  readonly channels: readonly number[]
  /** Decisions of the channel before each value. */
  readonly turns: readonly number[]
  /** Index of each value among the times of the deck. */
  readonly at: readonly number[]
  readonly values: readonly number[]
}

/**
 * Times to print and what has to be there: the comparator's input and threshold as each decision begins, each code when
 * its channel is done and, from its latch, at the end.
 */
export function expectedConversion(
  converted: readonly ConvertedChannel[],
  timing: ConversionTiming,
  flash: boolean,
): { times: number[]; probes: TransientProbe[] } {
  const rises = (channel: number, { cycle }: Compare) => strobeAt(timing, channel, cycle)
  const decisions = converted.flatMap(({ channel, compares }) =>
    // A flash converter makes them all at once.
    (flash ? compares.slice(0, 1) : compares).map((compare) => ({ channel, compare, time: rises(channel, compare) })),
  )
  const ends = converted.map(({ channel }) => latchedAt(timing, channel))
  const times = [...new Set([...decisions.map(({ time }) => time), ...ends])].sort((a, b) => a - b)
  const place = new Map(times.map((time, k) => [time, k]))
  // Compares of a ramp that share a strobe share its values.
  const distinct = decisions.filter(({ time }, k) => time !== decisions[k - 1]?.time)
  const seen = (node: string, kind: 'held' | 'threshold', value: (compare: Compare) => number): TransientProbe => ({
    node,
    kind,
    channels: distinct.map(({ channel }) => channel),
    turns: distinct.map(({ compare }) => compare.turn),
    at: distinct.map(({ time }) => place.get(time)!),
    values: distinct.map(({ compare }) => value(compare)),
  })
  const code = (node: string, of: readonly ConvertedChannel[], at: (channel: number) => number): TransientProbe => ({
    node,
    kind: 'code',
    channels: of.map(({ channel }) => channel),
    turns: of.map(({ compares }) => compares.length),
    at: of.map(({ channel }) => place.get(at(channel))!),
    values: of.map((one) => one.code),
  })
  return {
    times,
    probes: [
      seen('held', 'held', ({ input }) => input),
      ...(flash ? [] : [seen('threshold', 'threshold', ({ presented }) => presented)]),
      code('code', converted, (channel) => ends[channel]!),
      ...converted.map((one) => code(`code_${one.channel}`, [one], () => ends.at(-1)!)),
    ],
  }
}

/** What of the ADC and its surroundings a transient leaves out although the profile has it. */
export function leftOutOfTransient({ adc }: Profile): string[] {
  const parts: [string, boolean][] = [
    ['comparator noise', adc.comparator.noise !== 0],
    ['kT/C noise', adc.hold.capacitance !== null],
    ['metastability', adc.comparator.metaWindow !== 0],
  ]
  return parts.filter(([, present]) => present).map(([name]) => name)
}
