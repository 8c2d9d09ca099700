/** Where the points of a study lie. */
import { fail } from '../../base/errors.ts'
import { latinHypercube, sobolPoints } from '../../numerics/low-discrepancy.ts'
import { indexDesign } from '../../numerics/variance-indices.ts'
import type { FieldPath, FieldValue } from '../../profile/fields.ts'
import type { Stage } from '../../profile/isolate.ts'
import type { Attribution, Axis, Mechanisms, StudyKind } from '../study.ts'
import { between } from './axes.ts'
import { AGE } from './kinds.ts'

export type Values = Readonly<Partial<Record<FieldPath, FieldValue>>>
/** An axis that others do not give. */
export type FreeAxis = Omit<Axis, 'path'> & { readonly path: FieldPath }

export interface Design {
  readonly kind: StudyKind
  /** In the order of the file. */
  readonly axes: readonly FreeAxis[]
  /** Of the sampling kinds. */
  readonly points: number
  readonly seed: number
}

/** Points of a design, without making them. */
export function countPoints({ kind, axes, points }: Omit<Design, 'seed'>): number {
  const crossed = () => axes.reduce((n, axis) => n * axis.values!.length, 1)
  switch (kind) {
    case 'monte-carlo':
    case 'sensitivity':
      return 1
    case 'grid':
    case 'ageing':
      return crossed()
    case 'latin-hypercube':
    case 'sobol':
      return points
    case 'corners':
      return 1 + 2 ** axes.length
    case 'sobol-indices':
      return points * (axes.length + 2)
    case 'loosest':
      return 0
  }
}

/**
 * Values of the free axes, point by point.
 *
 * @param nominal  a value of the study's profile
 */
export function placePoints(design: Design, nominal: (path: FieldPath) => FieldValue): Values[] {
  const { kind, axes, points, seed } = design
  switch (kind) {
    case 'monte-carlo':
    case 'sensitivity':
      return [{}]
    case 'loosest':
      return []
    case 'grid':
      return crossed(axes.map(({ path, values }) => [path, values!]))
    case 'ageing': {
      // A chip's life in one piece: ages change first.
      const lists = axes.map(({ path, values }) => [path, values!] as const)
      const age = lists.filter(([path]) => path === AGE)
      return crossed([...lists.filter(([path]) => path !== AGE), ...age])
    }
    case 'corners':
      return [
        valuesOf(axes.map(({ path }) => [path, nominal(path)])),
        ...crossed(axes.map(({ path, values, range }) => [path, values ?? [range!.low, range!.high]])),
      ]
    case 'latin-hypercube':
      return sampled(axes, latinHypercube(points, axes.length, seed))
    case 'sobol':
      return sampled(axes, sobolPoints(points, axes.length, seed))
    case 'sobol-indices':
      return sampled(axes, indexDesign(points, axes.length, seed))
  }
}

const valuesOf = (entries: readonly (readonly [FieldPath, FieldValue])[]): Values => Object.fromEntries(entries)

/** Every value with every other; the last list changes first. */
function crossed(lists: readonly (readonly [FieldPath, readonly FieldValue[]])[]): Values[] {
  return lists.reduce<Values[]>(
    (rows, [path, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [path]: value }))),
    [{}],
  )
}

/** @param cube  points x axes, in (0, 1) */
function sampled(axes: readonly FreeAxis[], cube: Float64Array): Values[] {
  const d = axes.length
  return Array.from({ length: cube.length / d }, (_, i) =>
    valuesOf(
      axes.map(({ path, values, range }, j) => {
        const u = cube[i * d + j]!
        if (values !== undefined) return [path, values[Math.floor(u * values.length)]!]
        const { low, high, logarithmic } = range!
        return [path, between(low, high, logarithmic, u)]
      }),
    ),
  )
}

/** Most stages whose subsets are all run. */
export const MOST_EXACT_STAGES = 5

/**
 * Sets of imperfections of a sensitivity study: none and all, then what the attributions need that is not there yet.
 * Beyond `MOST_EXACT_STAGES` stages, Shapley values come from the order that each chip draws: its first 1 .. n - 1
 * stages, and the same from the end; with none and all they are a walk forwards and one backwards.
 *
 * @param active  stages that the profile has, in signal order
 */
export function mechanismSets(active: readonly Stage[], attributions: readonly Attribution[]): Mechanisms[] {
  const n = active.length
  if (n === 0) fail('OHM8001', 'the profile has no imperfection that a loss could be attributed to')
  const subset = (bits: number) => active.filter((_, k) => (bits >> k) & 1)
  const all = 2 ** n - 1
  const seen = new Set<number>([0, all])
  const sets: Mechanisms[] = [[], 'all']
  const add = (bits: number) => {
    if (seen.has(bits)) return
    seen.add(bits)
    sets.push(subset(bits))
  }
  if (attributions.includes('one-at-a-time')) for (let k = 0; k < n; k++) add(1 << k)
  if (attributions.includes('leave-one-out')) for (let k = 0; k < n; k++) add(all - (1 << k))
  if (!attributions.includes('shapley')) return sets
  if (n <= MOST_EXACT_STAGES) for (let bits = 0; bits < all; bits++) add(bits)
  else for (const reversed of [false, true]) for (let first = 1; first < n; first++) sets.push({ first, reversed })
  return sets
}
