/**
 * One serial ADC that converts K channels one after the other, as a circuit with clocks: multiplexer, hold capacitors,
 * threshold DAC, strobed comparator, a memory for each decision, a latch for each code.
 */
import { rampLag } from '../../adc/convert.ts'
import type { AdcInstance } from '../../adc/instance.ts'
import type { Profile } from '../../profile/profile.ts'
import { anchor, comment, follower, instance, names, source } from './build.ts'
import type { Element, Subcircuit, Waveform } from './circuit.ts'
import { bitNode, codeOfBits, nextThreshold, type SearchKind, thresholdNode } from './conversion-search.ts'
import {
  type ConversionTiming,
  channelLevels,
  doneClock,
  rampClock,
  type Strobe,
  selectClock,
  slotClock,
  stepClock,
  strobeClock,
} from './conversion-timing.ts'
import { choose, type Expression, greater, minus, over, parameter, sum, times, volts } from './expression.ts'

export interface ConversionSource {
  readonly kind: SearchKind
  readonly instance: AdcInstance
  readonly profile: Profile
  readonly timing: ConversionTiming
  /** Of each channel. */
  readonly strobes: readonly (readonly Strobe[])[]
  /** Volts at the multiplexer, one a channel. */
  readonly input: ArrayLike<number>
}

/** Time constants within which what our own parts do is over: prepare, and half a strobe. */
const SETTLED = 40
/** Ohms of the library's own switches where the profile says nothing. */
const OHMS = 1e3
/** Of an open switch: what a memory loses through it in the longest conversion is below 1e-6. */
const OPEN = 1e15
/** Time constants in a sample beyond which more make no difference. */
const MOST_CONSTANTS = 1000

const clocked = (node: string, wave: Waveform | number): Element[] => [
  { kind: 'voltage', name: node, nodes: [node, '0'], volts: wave },
  anchor(node),
]
const followed = (node: string, expression: Expression): Element[] => [follower(node, expression), anchor(node)]
const high = (node: string) => greater(volts(node), 0.5)

/** Whether two thresholds of a ramp are decided at one strobe. */
const shares = (strobes: ConversionSource['strobes']) =>
  strobes.some((of) => of.some(({ first, last }) => first < last))
/** How the DAC settles: not at all too slowly, exponentially to each threshold, or always behind a ramp of single codes. */
type Settling = 'settled' | 'steps' | 'ramp'
function settlingOf({ kind, profile: { adc } }: ConversionSource): Settling {
  if (adc.dac.settlingError === 0 || kind === 'flash') return 'settled'
  return adc.search === 'ramp' && kind === 'upward' && adc.dac.bits !== null ? 'ramp' : 'steps'
}

/** Volts and times of the sample, so that it settles as the profile's does in the time that the deck gives it. */
function sampling({ profile: { adc }, timing }: ConversionSource): { ohms: number; farads: number } {
  const { capacitance, switchResistance, sampleTime } = adc.hold
  const farads = capacitance ?? 1e-12
  if (capacitance === null || switchResistance === 0) return { ohms: timing.sample / (SETTLED * farads), farads }
  const constants = sampleTime / (switchResistance * farads)
  const scaled = timing.sample === sampleTime ? switchResistance : timing.sample / (constants * farads)
  return { ohms: Math.max(scaled, timing.sample / (MOST_CONSTANTS * farads)), farads }
}

/** Parameters of the deck: values of the profile and the chip, and time constants of the deck's own parts. */
export function conversionParameters(of: ConversionSource): Record<string, number> {
  const { profile, instance: made, timing, kind } = of
  const { adc } = profile
  const { ohms, farads } = sampling(of)
  const e = adc.dac.settlingError
  const settling = settlingOf(of)
  // Behind the threshold that is held while a decision is made.
  const tau = settling === 'settled' ? null : (timing.compare - (settling === 'steps' ? timing.high : 0)) / -Math.log(e)
  return {
    ...(adc.clip ? { adc_full_scale: adc.fullScale } : {}),
    ...(adc.crosstalk === 0 ? {} : { adc_crosstalk: adc.crosstalk }),
    hold_ohms: ohms,
    hold_farads: farads,
    adc_gain: made.gain,
    adc_offset: made.offset,
    adc_cubic: adc.frontEnd.cubic,
    droop: adc.compareTime === 0 ? 0 : adc.hold.droop / timing.stretch,
    keep_farads: timing.prepare / (SETTLED * OHMS),
    comparator_offset: made.comparatorOffset,
    comparator_hysteresis: adc.comparator.hysteresis,
    ...(tau === null ? {} : { dac_tau: tau, dac_reset_ohms: (timing.prepare * OHMS) / (SETTLED * tau) }),
    ...(settling === 'ramp' ? { ramp_lag: rampLag(adc, adc.dac.bits!)(Number.POSITIVE_INFINITY) } : {}),
    // Decisions and codes are taken over while a strobe is high.
    logic_tau: timing.high / (kind === 'upward' && shares(of.strobes) ? 20 : 10) / SETTLED,
  }
}

/** Subcircuit multiplexer: pins ch_*, select_*, out. One channel is clipped to the range and passed on at a time. */
function multiplexer({ profile: { adc }, timing: { channels } }: ConversionSource): Subcircuit {
  const elements: Element[] = []
  const leaks = adc.crosstalk !== 0
  const bus = leaks ? 'bus' : 'out'
  const at = (n: number) => (adc.clip ? `clip_${n}` : `ch_${n}`)
  const off = { ron: 1, roff: OPEN }
  for (let n = 0; n < channels; n++) {
    if (adc.clip)
      elements.push(instance(`clip_${n}`, [`ch_${n}`, at(n)], 'ob_clip', { rail: parameter('adc_full_scale') }))
    elements.push(instance(`pass_${n}`, [at(n), bus, `select_${n}`], 'ob_pass', off))
    // Nothing leaks into channel 0: it follows itself.
    if (leaks) elements.push(instance(`before_${n}`, [at(Math.max(0, n - 1)), 'before', `select_${n}`], 'ob_pass', off))
  }
  if (leaks)
    elements.push(instance('leak', ['bus', 'before', 'out'], 'ob_mux', { crosstalk: parameter('adc_crosstalk') }))
  return {
    name: 'multiplexer',
    about: ['a channel at a time onto one node; of the channel before, a share leaks in'],
    pins: [...names('ch', channels), ...names('select', channels), 'out'],
    parameters: {},
    elements,
  }
}

/** Decisions and codes are kept at currents so small that their edges take few steps. */
const LOGIC_OHMS = 1e6
/** A capacitor that takes a node over while a clock is high. */
const memory = (name: string, from: string, node: string, clock: string): Element[] => [
  instance(name, [from, node, clock], 'ob_pass', { ron: LOGIC_OHMS, roff: 1e3 * OPEN }),
  { kind: 'capacitor', name: node, nodes: [node, '0'], farads: over(parameter('logic_tau'), LOGIC_OHMS), start: 0 },
]
const TAKES = { offset: parameter('comparator_offset'), hysteresis: parameter('comparator_hysteresis') }

/** Strobed comparators, each put to its start while prepare is high. */
function comparator(name: string, input: string, threshold: string, out: string): Element[] {
  return [
    instance(name, [input, threshold, 'strobe', out], 'ob_comparator_strobed', {
      ...TAKES,
      tau: parameter('logic_tau'),
      siemens: 1 / LOGIC_OHMS,
    }),
    instance(`preset_${name}`, ['start', out, 'prepare'], 'ob_pass', { ron: LOGIC_OHMS, roff: OPEN }),
  ]
}

/** Subcircuit search: pins decision, strobe, first, step, t_*, next, code. */
function search({ kind, instance: made, strobes }: ConversionSource, steps: number): Subcircuit {
  const count = made.thresholds.length
  const first = shares(strobes) ? 'first' : 'step'
  const elements: Element[] = []
  for (let j = 0; j < steps; j++) {
    const mine = choose(greater(volts('step'), j - 0.5), choose(greater(volts(first), j + 0.5), 0, volts('strobe')), 0)
    elements.push(...followed(`take_${j}`, mine))
    let decision = 'decision'
    if (kind === 'upward' && j > 0) {
      // Past the first threshold that is not passed, nothing counts.
      decision = `passed_${j}`
      elements.push(
        ...followed(decision, choose(greater(volts('decision'), 0.5), choose(high(bitNode(j - 1)), 1, 0), 0)),
      )
    }
    elements.push(...memory(`keep_${j}`, decision, bitNode(j), `take_${j}`))
  }
  elements.push(...followed('next', nextThreshold(kind, count)), ...followed('code', codeOfBits(kind, count)))
  return {
    name: 'search',
    about: ['a memory for each decision of a channel; from those made so far the next threshold, from all the code'],
    pins: ['decision', 'strobe', ...(first === 'first' ? ['first'] : []), 'step', ...names('t', count), 'next', 'code'],
    parameters: {},
    elements,
  }
}

export const conversionSubcircuits = (of: ConversionSource, steps: number): Subcircuit[] => [
  multiplexer(of),
  ...(of.kind === 'flash' ? [] : [search(of, steps)]),
]

/** From the multiplexer to the comparator's input: sample, front end, and the capacitor that droops during the search. */
function samplePath({ timing: { channels } }: ConversionSource): Element[] {
  return [
    instance('multiplexer', [names('ch', channels), names('select', channels), 'mux'], 'multiplexer'),
    anchor('mux'),
    instance('sample', ['mux', 'sampled', 'sample'], 'ob_switch_hold', {
      rs: parameter('hold_ohms'),
      ch: parameter('hold_farads'),
    }),
    instance('front', ['sampled', 'front'], 'ob_front_end', {
      gain: parameter('adc_gain'),
      offset: parameter('adc_offset'),
      cubic: parameter('adc_cubic'),
    }),
    anchor('front'),
    instance('hold', ['front', 'held', 'prepare'], 'ob_switch_hold', {
      rs: OHMS,
      ch: parameter('keep_farads'),
      droop: parameter('droop'),
    }),
  ]
}

/** What the DAC makes of the threshold it is given. */
function settling(of: ConversionSource): Element[] {
  const reset = { ron: parameter('dac_reset_ohms'), roff: OPEN }
  switch (settlingOf(of)) {
    case 'settled':
      return []
    case 'steps':
      return [
        // Held while a decision is made, so that what remains of a step is that of one compare time.
        ...followed('track', minus(1, volts('strobe'))),
        instance('settle', ['next', 'threshold', 'track'], 'ob_switch_hold', {
          rs: OHMS,
          ch: over(parameter('dac_tau'), OHMS),
        }),
        instance('settle_reset', ['next', 'threshold', 'prepare'], 'ob_pass', reset),
      ]
    case 'ramp':
      return [
        // A pole behind steps of one LSB: the distance approaches LSB e / (1 - e).
        ...followed('ramp_drive', times(parameter('ramp_lag'), volts('ramp'))),
        instance('settle', ['ramp_drive', 'lag'], 'ob_dac_settle', { tau: parameter('dac_tau') }),
        instance('settle_reset', ['lag', '0', 'prepare'], 'ob_pass', reset),
        ...followed('threshold', minus(volts('next'), volts('lag'))),
      ]
  }
}

/** The whole converter at the top of a deck, on nodes ch_n, held, threshold, decision, code and code_n. */
export function conversionTop(of: ConversionSource): Element[] {
  const { kind, instance: made, timing, strobes } = of
  const count = made.thresholds.length
  const decide =
    kind === 'flash'
      ? [
          ...Array.from({ length: count }, (_, k) =>
            comparator(`compare_${k}`, 'held', thresholdNode(k), `decision_${k}`),
          ).flat(),
          ...followed('code', sum(names('decision', count).map((node) => choose(high(node), 1, 0)))),
        ]
      : [
          ...settling(of),
          ...comparator('compare', 'held', 'threshold', 'decision'),
          instance(
            'search',
            [
              'decision',
              'strobe',
              ...(shares(strobes) ? ['first'] : []),
              'step',
              names('t', count),
              settlingOf(of) === 'settled' ? 'threshold' : 'next',
              'code',
            ],
            'search',
          ),
        ]
  const latches = names('code', timing.channels).flatMap((node, n) => memory(`latch_${n}`, 'code', node, `done_${n}`))
  return [...samplePath(of), ...decide, comment('codes, each kept when its channel is done'), ...latches]
}

/** Clocks, channel voltages and what the threshold DAC stores. */
export function conversionStimulus(of: ConversionSource): Element[] {
  const { kind, instance: made, timing, strobes, input, profile } = of
  const { channels } = timing
  const each = Array.from({ length: channels }, (_, n) => n)
  const count = made.thresholds.length
  const table = (n: number) => made.perChannel?.[n] ?? made.thresholds
  // A ramp comes from below: before its first comparison of the table the comparator has said "above", unless that is
  // the ramp's very first step.
  const start = (n: number) => (kind === 'upward' && profile.adc.search === 'ramp' && strobes[n]![0]!.cycle > 1 ? 1 : 0)
  return [
    comment('channels, volts at the multiplexer'),
    ...each.flatMap((n) => [source(`ch_${n}`, `ch_${n}`, input[n]! + 0), anchor(`ch_${n}`)]),
    comment('thresholds as realised'),
    ...Array.from({ length: count }, (_, k) =>
      clocked(
        thresholdNode(k),
        channelLevels(
          timing,
          each.map((n) => table(n)[k]!),
        ),
      ),
    ).flat(),
    comment('clocks'),
    ...each.flatMap((n) => clocked(`select_${n}`, selectClock(timing, n))),
    ...clocked('sample', slotClock(timing, timing.sampleAt, timing.sample)),
    ...clocked('prepare', slotClock(timing, timing.prepareAt, timing.prepare)),
    ...clocked('strobe', strobeClock(timing, strobes)),
    ...(kind === 'flash' ? [] : clocked('step', stepClock(timing, strobes, 'last'))),
    ...(kind !== 'flash' && shares(strobes) ? clocked('first', stepClock(timing, strobes, 'first')) : []),
    ...(settlingOf(of) === 'ramp' ? clocked('ramp', rampClock(timing)) : []),
    ...clocked('start', channelLevels(timing, each.map(start))),
    ...each.flatMap((n) => clocked(`done_${n}`, doneClock(timing, n))),
  ]
}
