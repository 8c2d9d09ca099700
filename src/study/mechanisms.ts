/** Which imperfections a chip of a design point has. */
import { orderOf } from '../numerics/low-discrepancy.ts'
import { withValues } from '../profile/fields.ts'
import { isActive, STAGES, type Stage, withStages } from '../profile/isolate.ts'
import type { Profile } from '../profile/profile.ts'
import type { Point, Study } from './study.ts'

/** The profile of a point with all of its imperfections. */
export function pointProfile(study: Pick<Study, 'profile'>, point: Point): Profile {
  return Object.keys(point.values).length === 0 ? study.profile : withValues(study.profile, point.values)
}

/** Asked for chip after chip. */
const known = new WeakMap<Point, { readonly of: Profile; readonly stages: readonly Stage[] }>()

/** Stages that a point's profile has, in signal order: what its `mechanisms` choose from. */
export function stagesOf(study: Pick<Study, 'profile'>, point: Point): readonly Stage[] {
  const before = known.get(point)
  if (before !== undefined && before.of === study.profile) return before.stages
  const profile = pointProfile(study, point)
  const stages = STAGES.filter((stage) => isActive(profile, stage))
  known.set(point, { of: study.profile, stages })
  return stages
}

/**
 * Stages that are on in one chip of a point, in signal order; of those the profile has. The order that a chip draws for
 * `{ first, reversed }` is the same at every point.
 *
 * @param chip  number of the chip
 */
export function mechanismsOf(study: Pick<Study, 'profile' | 'seed'>, point: Point, chip: number): readonly Stage[] {
  const has = stagesOf(study, point)
  const { mechanisms } = point
  if (mechanisms === 'all') return has
  if (!('first' in mechanisms)) return has.filter((stage) => mechanisms.includes(stage))
  const order = orderOf(study.seed, chip, has.length)
  const taken = new Set((mechanisms.reversed ? [...order].reverse() : order).slice(0, mechanisms.first))
  return has.filter((_, k) => taken.has(k))
}

/** The profile of a point with these stages alone, e.g. those of `mechanismsOf`. */
export function chipProfile(study: Pick<Study, 'profile'>, point: Point, stages: readonly Stage[]): Profile {
  return withStages(pointProfile(study, point), stages)
}

/** As a row holds them: bit k = STAGES[k]. */
export function mechanismBits(stages: readonly Stage[]): number {
  return stages.reduce((bits, stage) => bits | (1 << STAGES.indexOf(stage)), 0)
}

/** The stages of a row, in signal order. */
export function stagesOfBits(bits: number): readonly Stage[] {
  return STAGES.filter((_, k) => (bits >> k) & 1)
}
