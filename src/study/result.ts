/** What a study found. JSON-able; `study show --json` prints it, figures and pages are drawn from it. */
import type { Warning } from '../base/errors.ts'
import type { FieldPath, FieldValue } from '../profile/fields.ts'
import type { Stage } from '../profile/isolate.ts'
import type { MetricName } from '../task/metric.ts'
import type { Attribution, StudyKind, Until } from './study.ts'

/** 95 %; infinite where the sample is too small. */
export type Ci95 = readonly [low: number, high: number]

/** Scores of chips. */
export interface Spread {
  readonly name: MetricName
  readonly mean: number
  readonly ci95: Ci95
  readonly standardDeviation: number
  /** Intervals by order statistics: no distribution is assumed. */
  readonly quantiles: readonly { readonly p: number; readonly value: number; readonly ci95: Ci95 }[]
}

export interface Yield {
  /** As `requirementText` writes it. */
  readonly requirement: string
  /** Chips that meet it. */
  readonly fraction: number
  readonly ci95: Ci95
  readonly method: 'wilson' | 'clopper-pearson' | 'importance'
}

export interface PointResult {
  readonly index: number
  readonly network: string
  /** SI */
  readonly values: Readonly<Partial<Record<FieldPath, FieldValue>>>
  /** Null: all that the profile has; with `order`, others on each chip. */
  readonly mechanisms: readonly Stage[] | null
  /** The first so many stages of an order that each chip draws for itself, or of its reverse. */
  readonly order?: { readonly first: number; readonly reversed: boolean }
  /** Score of the ideal network. */
  readonly ideal: number
  readonly chips: number
  readonly metric: Spread
  readonly yield: Yield | null
  readonly codes: { readonly errorRate: number }
  readonly counters: Readonly<Record<string, number>>
  /** Against another point on the same chips; null for the first. */
  readonly paired: {
    readonly against: number
    readonly mean: number
    readonly ci95: Ci95
    readonly median: number
    readonly medianCi95: Ci95
  } | null
  /** Scores in ascending order, at most 512 evenly spaced order statistics of them. */
  readonly distribution: readonly number[]
}

export interface Effect {
  readonly name: string
  readonly value: number
  readonly ci95: Ci95 | null
}

export interface AttributionResult {
  readonly kind: Attribution
  /** The point, with all that the profile has, whose loss it is. */
  readonly point: number
  /** Loss of the deployed network against the ideal one. */
  readonly total: Effect
  /** One a stage that the profile has, in signal order. Shapley values sum to the total. */
  readonly rows: readonly (Effect & { readonly name: Stage })[]
}

export interface LoosestResult {
  readonly path: FieldPath
  /** SI; '' for none. */
  readonly unit: string
  /** SI; null when not even the tight end keeps the requirement. */
  readonly value: number | null
  /** Keeps it, does not keep it. */
  readonly bracket: readonly [number | null, number | null]
  readonly yieldWanted: number
  /** Whether the yield's interval decides at each step, or only its estimate. */
  readonly steps: readonly {
    readonly value: number
    readonly yield: Yield
    readonly kept: boolean
    readonly certain: boolean
  }[]
}

export interface StudyResult {
  readonly format: 'ohmbit/study-result/1'
  readonly name: string
  readonly kind: StudyKind
  readonly profile: string
  readonly seed: number
  readonly firstChip: number
  readonly vectors: number
  readonly axes: readonly {
    readonly path: FieldPath | 'network'
    /** SI; '' for none. */
    readonly unit: string
    readonly values: readonly FieldValue[] | null
    readonly range: readonly [number, number] | null
    readonly logarithmic: boolean
    readonly derived: boolean
  }[]
  readonly networks: readonly { readonly name: string; readonly ideal: number }[]
  readonly points: readonly PointResult[]
  /** The point that `metric`, `yield` and `chips` are of; null: all together. */
  readonly point: number | null
  /**
   * Of the first point with all that the profile has; of `loosest` the point of the value that was found; of all points
   * together where they sample ranges (latin-hypercube, sobol).
   */
  readonly metric: Spread
  readonly yield: Yield | null
  readonly chips: number
  readonly attributions: readonly AttributionResult[]
  /** Of the mean score over the chips, one a parameter. */
  readonly indices: readonly { readonly path: FieldPath; readonly first: Effect; readonly total: Effect }[]
  readonly loosest: LoosestResult | null
  readonly importance: {
    readonly path: FieldPath
    readonly scale: number
    /** Chips of plain sampling that would know the yield as well. */
    readonly effectiveChips: number
    /** By the chips alone that were drawn plainly: what the estimate is checked against. */
    readonly plain: Yield | null
    readonly plainChips: number
  } | null
  readonly until: (Until & { readonly reached: boolean }) | null
  readonly warnings: readonly Warning[]
}
