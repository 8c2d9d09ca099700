/**
 * What a study is: design points, chips, and what is asked of their scores. Plain data; `planStudy` makes it of a
 * specification, `runStudy` runs it.
 */

import type { Scales } from '../deployment/deployment.ts'
import type { Network } from '../network/network.ts'
import type { Matrix } from '../numerics/matrix.ts'
import type { ChipKey } from '../numerics/random.ts'
import type { FieldPath, FieldValue } from '../profile/fields.ts'
import type { Stage } from '../profile/isolate.ts'
import type { Profile } from '../profile/profile.ts'
import type { MetricName } from '../task/metric.ts'
import type { Requirement } from './requirement.ts'

/** How design points are placed on the axes, or what else a study asks. */
export const STUDY_KINDS = [
  'monte-carlo',
  'grid',
  'latin-hypercube',
  'sobol',
  'corners',
  'ageing',
  'sensitivity',
  'sobol-indices',
  'loosest',
] as const
export type StudyKind = (typeof STUDY_KINDS)[number]

/** What a mechanism study attributes the loss by. */
export const ATTRIBUTIONS = ['one-at-a-time', 'leave-one-out', 'shapley'] as const
export type Attribution = (typeof ATTRIBUTIONS)[number]

/** A dimension of the design, as resolved: numbers in SI. */
export interface Axis {
  /** Path of the profile, or `network`. Name of its column in the rows. */
  readonly path: FieldPath | 'network'
  /** Of a list: its values, of networks their names. */
  readonly values?: readonly FieldValue[]
  /** Of a range: its ends, low < high; whether it is sampled in the logarithm. */
  readonly range?: { readonly low: number; readonly high: number; readonly logarithmic: boolean }
  /** Follows from other axes; it does not add points. */
  readonly derived: boolean
}

/**
 * Imperfections that are switched on: all of the profile, these alone, or the first `length` of an order that each chip
 * draws for itself (Shapley values by sampled permutations; `reversed` takes the order from its end).
 */
export type Mechanisms = 'all' | readonly Stage[] | { readonly first: number; readonly reversed: boolean }

/** One design point: a deployment that chips are made of. */
export interface Point {
  readonly index: number
  /** Index in `Study.networks`. */
  readonly network: number
  /** Profile values that differ from the study's profile, SI. */
  readonly values: Readonly<Partial<Record<FieldPath, FieldValue>>>
  readonly mechanisms: Mechanisms
}

/** Chips of one point: the unit of work. Pure, repeatable, in any order, anywhere. */
export interface Shard {
  readonly point: number
  readonly firstChip: number
  readonly chips: number
}

/** What one chip of one point gave. */
export interface Row {
  readonly point: number
  readonly chip: number
  /** Score, in the metric's unit. */
  readonly value: number
  /** Codes that are not those of the ideal network. */
  readonly codeErrors: number
  /** Likelihood ratio of importance sampling; else 1. */
  readonly weight: number
  /** Stages that were on, bit k = STAGES[k]. */
  readonly mechanisms: number
  readonly counters: Readonly<Record<string, number>>
}

/** What sequential stopping waits for: the half width of an interval. */
export interface Until {
  readonly of: 'yield' | 'median' | 'mean'
  /** A share for yield; else in the metric's unit. */
  readonly halfWidth: number
}

/** Drawing a mechanism's deviates from a wider normal law, so that rare failures are seen more often. */
export interface Importance {
  /** A standard deviation of the profile, e.g. adc.comparator.offsetSigma. */
  readonly path: FieldPath
  /** Widening, > 1. */
  readonly scale: number
}

/** The loosest value of a parameter that keeps the requirement. */
export interface Loosest {
  readonly path: FieldPath
  /** SI. `tight` keeps the requirement more easily than `loose`; either may be the larger. */
  readonly tight: number
  readonly loose: number
  readonly logarithmic: boolean
  /** Share of the chips that must keep it. */
  readonly yield: number
  /** Relative width of the answer at which bisection ends. */
  readonly tolerance: number
}

export interface StudyNetwork {
  readonly name: string
  readonly network: Network
  readonly scales: Scales
  /** Vectors that its deployments keep, as `Deployment.calibration`. */
  readonly calibration: Matrix
  /** The chip whose codes the digital half was trained on; absent: any chip's. */
  readonly adaptedTo?: ChipKey
  /** Vectors and their truth, the same for all chips and points of this network. */
  readonly inputs: Matrix
  readonly truth: Matrix
}

export interface Study {
  readonly name: string
  readonly kind: StudyKind
  readonly networks: readonly StudyNetwork[]
  readonly profile: Profile
  readonly axes: readonly Axis[]
  /** Points known before anything ran; `loosest` adds its own while it goes. */
  readonly points: readonly Point[]
  readonly metric: MetricName
  /** Chips of each point; with `until` at most so many. */
  readonly chips: number
  readonly firstChip: number
  readonly seed: number
  /** Chips of a shard; part of the specification, so that the folder does not depend on the machine. */
  readonly shardChips: number
  readonly requirement: Requirement | null
  readonly until: Until | null
  readonly attributions: readonly Attribution[]
  readonly importance: Importance | null
  readonly loosest: Loosest | null
}

/** What runs next; `points` are new ones that its shards need. */
export interface Round {
  readonly points: readonly Point[]
  readonly shards: readonly Shard[]
}

/**
 * What a study runs, round by round, each from the rows of the rounds before: sequential stopping and bisection without
 * any dependence on who was quicker. Pure: the same rows give the same round.
 */
export interface Program {
  /**
   * @param round   0, 1, ...
   * @param rowsOf  rows of a point so far, in chip order
   * @returns       null when the study is done
   */
  next(round: number, rowsOf: (point: number) => Iterable<Row>): Round | null
}
