/**
 * What goes with what: every mechanism against the mappings, layouts, encodings and outputs it can meet.
 *
 * Profiles with a refused pair are refused when they are read (check.ts); docs/support.md is made from this table.
 */
import type { FieldPath } from './fields.ts'
import type { Profile } from './profile.ts'

/** A choice that mechanisms meet: a column of the table. */
export interface Choice {
  readonly id: ChoiceId
  readonly label: string
  /** The values that make the choice, the first to be marked. */
  readonly paths: readonly FieldPath[]
  readonly chosen: (profile: Profile) => boolean
}

export type ChoiceId =
  | 'one-sided'
  | 'two-sided'
  | 'offset-column'
  | 'dual-pair'
  | 'bit-sliced'
  | 'adjacent'
  | 'separate'
  | 'interleaved'
  | 'amplitude'
  | 'pulse-width'
  | 'bit-serial'
  | 'digitised'
  | 'netlist'

/** How far a pair goes: not at all, not into that output, or with something to know. Without an entry: fully. */
export type Limit =
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string }
  | { readonly kind: 'left-out'; readonly reason: string }
  | { readonly kind: 'note'; readonly reason: string }

/** A mechanism: a row of the table. */
export interface Mechanism {
  readonly label: string
  readonly paths: readonly FieldPath[]
  readonly active: (profile: Profile) => boolean
  readonly limits: Readonly<Partial<Record<ChoiceId, Limit>>>
}

const mapping = (id: ChoiceId, word: Profile['crossbar']['mapping']): Choice => ({
  id,
  label: word,
  paths: ['crossbar.mapping'],
  chosen: ({ crossbar }) => crossbar.mapping === word,
})
const layout = (word: Profile['crossbar']['layout']): Choice => ({
  id: word,
  label: `layout ${word}`,
  paths: ['crossbar.layout'],
  chosen: ({ crossbar }) => crossbar.layout === word,
})
const encoding = (word: Profile['periphery']['input']['encoding']): Choice => ({
  id: word,
  label: `input ${word}`,
  paths: ['periphery.input.encoding'],
  chosen: ({ periphery }) => periphery.input.encoding === word,
})

export const CHOICES: readonly Choice[] = [
  mapping('one-sided', 'differential-one-sided'),
  mapping('two-sided', 'differential-two-sided'),
  mapping('offset-column', 'offset-column'),
  mapping('dual-pair', 'dual-pair'),
  mapping('bit-sliced', 'bit-sliced'),
  layout('adjacent'),
  layout('separate'),
  layout('interleaved'),
  encoding('amplitude'),
  encoding('pulse-width'),
  encoding('bit-serial'),
  {
    id: 'digitised',
    label: 'digitised partial sums',
    paths: ['crossbar.partialSums.kind'],
    chosen: ({ crossbar }) => crossbar.partialSums.kind === 'digitised',
  },
  // Not a value of the profile: what `emit spice` and `verify` can do with it.
  { id: 'netlist', label: 'netlist', paths: [], chosen: () => false },
]

const note = (reason: string): Limit => ({ kind: 'note', reason })
const refused = (reason: string, hint: string): Limit => ({ kind: 'refused', reason, hint })
const leftOut = (reason: string): Limit => ({ kind: 'left-out', reason })
const STATIC_HINT = 'emit a deck for periphery.input.encoding=amplitude and crossbar.partialSums.kind=current'
const CHANGES_WITH_USE = 'changes from use to use; a deck is the settled circuit without it'

const perBit = note('drawn anew for every bit')

export const MECHANISMS: readonly Mechanism[] = [
  {
    label: 'layout interleaved',
    paths: ['crossbar.layout'],
    active: ({ crossbar }) => crossbar.layout === 'interleaved',
    limits: {
      'offset-column': refused(
        'a weight of mapping offset-column has one device, and no partner to share its bit line with',
        'choose layout adjacent or separate, or a mapping with pairs',
      ),
    },
  },
  {
    label: 'conductance levels',
    paths: ['device.levels'],
    active: ({ device }) => device.levels !== null,
    limits: {
      'offset-column': note('the reference takes the level nearest to the middle, and weights are laid about it'),
      'dual-pair': note('each pair is rounded by itself'),
      'bit-sliced': note('whole digits are exact where the levels less one are a multiple of 2^sliceBits - 1'),
    },
  },
  {
    label: 'devices in parallel',
    paths: ['device.devicesPerSide'],
    active: ({ device }) => device.devicesPerSide > 1,
    limits: {},
  },
  {
    label: 'programming error, write-verify',
    paths: ['device.programming.model'],
    active: ({ device }) => device.programming.model !== 'none',
    limits: {},
  },
  {
    label: 'faults, clustered or not',
    paths: ['device.faults.stuckAtMin'],
    active: ({ device }) =>
      ['stuckAtMin', 'stuckAtMax', 'stuckAtMid', 'formingFailure', 'deadWordLine', 'deadBitLine'].some(
        (kind) => device.faults[kind as 'stuckAtMin'] > 0,
      ),
    limits: {},
  },
  {
    label: 'fault repair',
    paths: ['crossbar.faultRepair'],
    active: ({ crossbar }) => crossbar.faultRepair !== 'none',
    limits: {
      'offset-column': note(
        'one device a weight: a faulty device has no partner, only its parallel devices can help it',
      ),
    },
  },
  {
    label: 'drift, relaxation, retention, temperature',
    paths: ['device.drift.model'],
    active: ({ device }) => device.drift.model !== 'none' || device.retention.model !== 'none',
    limits: {},
  },
  {
    label: 'drift compensation',
    paths: ['crossbar.driftCompensation.kind'],
    active: ({ crossbar }) => crossbar.driftCompensation.kind !== 'none',
    limits: {
      'bit-serial': note('its one-hot reads are of full scale'),
      digitised: note('its reads are not converted'),
    },
  },
  {
    label: 'output calibration',
    paths: ['crossbar.outputCalibration.kind'],
    active: ({ crossbar }) => crossbar.outputCalibration.kind !== 'none',
    limits: {},
  },
  {
    label: 'read noise',
    paths: ['device.readNoise.model'],
    active: ({ device }) => device.readNoise.model !== 'none',
    limits: {
      'offset-column': note('the reference column fluctuates for each output by itself, where on a chip they share it'),
      'pulse-width': note('white within a read: the variance grows with the length of the pulse'),
      'bit-serial': perBit,
      digitised: note('drawn for each part by itself'),
      netlist: leftOut(CHANGES_WITH_USE),
    },
  },
  {
    label: 'thermal and shot noise of columns',
    paths: ['periphery.tia.bandwidth'],
    active: ({ periphery }) => periphery.tia.bandwidth !== null,
    limits: {
      'bit-serial': perBit,
      digitised: note('drawn for each part by itself'),
      netlist: leftOut(CHANGES_WITH_USE),
    },
  },
  {
    label: 'wires',
    paths: ['crossbar.wires.wordSegment'],
    active: ({ crossbar: { wires } }) =>
      wires.wordSegment > 0 || wires.bitSegment > 0 || wires.driver > 0 || wires.sense > 0,
    limits: {
      'offset-column': note(
        'the reference loses what a column in its place loses; a reference array of its own (layout separate) is one column wide and loses least',
      ),
      separate: note('the wiring between arrays has no resistance'),
      'pulse-width': note('as if all pulses were voltages: exact for linear devices'),
    },
  },
  {
    label: 'wire correction',
    paths: ['crossbar.wireCorrection'],
    active: ({ crossbar }) => crossbar.wireCorrection !== 'none',
    limits: {},
  },
  {
    label: 'heavy lines first',
    paths: ['crossbar.lineOrder'],
    active: ({ crossbar }) => crossbar.lineOrder === 'heavy-first',
    limits: { 'two-sided': note('pairs conduct the same whatever they hold: lines are ordered by their weights') },
  },
  {
    label: 'digitised partial sums',
    paths: ['crossbar.partialSums.kind'],
    active: ({ crossbar }) => crossbar.partialSums.kind === 'digitised',
    limits: {
      'bit-sliced': note('slices stand on arrays of their own and are converted by themselves'),
      'bit-serial': note('every bit of every part is converted'),
      netlist: refused('partial sums are converted before they are added', STATIC_HINT),
    },
  },
  {
    label: 'bits sent one by one',
    paths: ['periphery.input.encoding', 'periphery.input.bits'],
    active: ({ periphery }) => periphery.input.encoding === 'bit-serial',
    limits: { netlist: refused('inputs are sent bit after bit', STATIC_HINT) },
  },
  {
    label: 'amplifier swing',
    paths: ['periphery.tia.swing'],
    active: ({ periphery }) => periphery.tia.swing !== null,
    limits: {
      'bit-serial': note('holds for the sum of the bits; the amplifier of a single bit never clips'),
      digitised: note('holds for the sum; parts clip at their converters'),
    },
  },
  {
    label: 'non-linear devices',
    paths: ['device.iv.model'],
    active: ({ device }) => device.iv.model !== 'linear',
    limits: { netlist: note('arrays beyond the simulator are verified alone, in part') },
  },
  {
    label: 'non-linear devices with pulses',
    paths: ['device.iv.model', 'periphery.input.encoding'],
    active: ({ device, periphery }) => device.iv.model !== 'linear' && periphery.input.encoding === 'pulse-width',
    limits: {
      'pulse-width': note(
        'every interval between two ends of pulses is an operating point of its own: exact, and slower',
      ),
      netlist: refused('pulses on non-linear devices are no voltages in proportion', STATIC_HINT),
    },
  },
  {
    label: 'access transistor',
    paths: ['device.accessTransistor.resistance'],
    active: ({ device }) => device.accessTransistor.resistance > 0,
    limits: {},
  },
  {
    label: 'noise, droop, hysteresis and settling of the ADC',
    paths: ['adc.comparator.noise'],
    active: ({ adc }) =>
      adc.comparator.noise > 0 || adc.hold.droop !== 0 || adc.comparator.hysteresis > 0 || adc.dac.settlingError > 0,
    limits: { netlist: leftOut('happens while a conversion runs; the ladder decides at once') },
  },
]

/** A refused pair of a profile. */
export interface Clash {
  readonly reason: string
  readonly hint: string
  readonly paths: readonly FieldPath[]
}

/** Every pair of the profile's own choices that is refused. */
export function clashes(profile: Profile): Clash[] {
  return MECHANISMS.filter(({ active }) => active(profile)).flatMap(({ paths, limits }) =>
    CHOICES.filter(({ chosen }) => chosen(profile)).flatMap(({ id, paths: others }) => {
      const limit = limits[id]
      return limit?.kind === 'refused' ? [{ reason: limit.reason, hint: limit.hint, paths: [...paths, ...others] }] : []
    }),
  )
}

/** Why a profile's encoder is no static circuit, with the way out; null where it is one. */
export function notStatic(profile: Profile): { readonly reason: string; readonly hint: string } | null {
  for (const { active, limits } of MECHANISMS)
    if (limits.netlist?.kind === 'refused' && active(profile)) return limits.netlist
  return null
}
