/** Search for the loosest value of a parameter: which values are tried, and what follows from them. */
import { FIELDS, type FieldPath } from '../profile/fields.ts'
import type { Loosest } from './study.ts'

/** A value that was tried, and whether the yield there was as wanted. */
export interface Tried {
  readonly value: number
  readonly kept: boolean
}

/** Halvings of the range beyond what its tolerance asks for, where the answer is near 0. */
const EXTRA = 10
const MOST_HALVINGS = 60

/**
 * Values to try next, given those tried: first the ends and the quarters between them, all at once, by which a
 * parameter that is not monotone shows itself; then one at a time halves the gap between the last value that keeps the
 * requirement, going from tight to loose, and the first that does not. None: the search has ended.
 *
 * Every value is a midpoint of others before it, so the values do not depend on what is tried together.
 */
export function valuesToTry(loosest: Loosest, tried: readonly Tried[]): readonly number[] {
  if (tried.length === 0) {
    const { tight, loose } = loosest
    const middle = midpoint(loosest, tight, loose)
    if (middle === null) return tight === loose ? [tight] : [tight, loose]
    const near = midpoint(loosest, tight, middle)
    const far = midpoint(loosest, middle, loose)
    return [tight, near, middle, far, loose].filter((value) => value !== null)
  }
  const { kept, failed } = bracketOf(loosest, tried)
  if (kept === null || failed === null || tried.length >= mostTried(loosest)) return []
  const next = midpoint(loosest, kept, failed)
  return next === null ? [] : [next]
}

/**
 * The crossing nearest to the tight end: the last value that keeps the requirement before the first that does not. Null:
 * not even the tight end keeps it; every value keeps it.
 */
export function bracketOf(
  loosest: Loosest,
  tried: readonly Tried[],
): { readonly kept: number | null; readonly failed: number | null } {
  const ordered = fromTightToLoose(loosest, tried)
  const first = ordered.findIndex((step) => !step.kept)
  if (first < 0) return { kept: ordered.at(-1)?.value ?? null, failed: null }
  return { kept: first === 0 ? null : ordered[first - 1]!.value, failed: ordered[first]!.value }
}

/** Ordered by how loose they are. */
export function fromTightToLoose<T extends { readonly value: number }>(
  { tight, loose }: Loosest,
  steps: readonly T[],
): T[] {
  return [...steps].sort((a, b) => (loose > tight ? a.value - b.value : b.value - a.value))
}

/** The largest number of values a search tries: what it may cost. */
export function mostTried(loosest: Loosest): number {
  const { tight, loose, logarithmic, tolerance } = loosest
  const gap = logarithmic ? Math.abs(Math.log(loose / tight)) / Math.log1p(tolerance) : 1 / tolerance
  const halvings = Math.ceil(Math.log2(Math.max(1, gap))) + (logarithmic ? 0 : EXTRA)
  // Of the quarters one is no halving of the bracket; ends besides.
  return 3 + Math.min(Number.isFinite(halvings) ? Math.max(2, halvings) : MOST_HALVINGS, MOST_HALVINGS)
}

/** Halfway, in the logarithm where that is asked for; null where the two are as near as wanted, or nothing is between. */
function midpoint({ path, logarithmic, tolerance }: Loosest, a: number, b: number): number | null {
  if (Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))) return null
  const low = Math.min(a, b)
  const high = Math.max(a, b)
  // Square roots are rounded the same on every machine, which logarithms are not.
  const root = Math.sqrt(Math.abs(low)) * Math.sqrt(Math.abs(high))
  const middle = logarithmic ? (low < 0 ? -root : root) : low + (high - low) / 2
  const found = nearestOf(path, middle, low, high)
  return found > low && found < high ? found : null
}

/** The value nearest to one between two others that the field takes: a whole number, or one of a list. */
function nearestOf(path: FieldPath, middle: number, low: number, high: number): number {
  const field = FIELDS[path]
  if (field.kind === 'integer' && field.allowed !== undefined)
    return field.allowed
      .filter((x) => x > low && x < high)
      .reduce((best, x) => (Math.abs(x - middle) < Math.abs(best - middle) ? x : best), Number.POSITIVE_INFINITY)
  // `levels` is a number of levels here.
  if (field.kind !== 'integer' && field.kind !== 'levels') return middle
  return Math.min(Math.max(Math.round(middle), Math.floor(low) + 1), Math.ceil(high) - 1)
}
