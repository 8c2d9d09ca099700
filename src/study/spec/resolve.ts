/** The study that a file means, once what it refers to is there. */
import { OhmbitError, type Warning } from '../../base/errors.ts'
import { contradictions } from '../../profile/check.ts'
import { convertValue } from '../../profile/convert.ts'
import { FIELDS, type FieldPath, type FieldValue, valueAt, withValues } from '../../profile/fields.ts'
import { isActive, STAGES } from '../../profile/isolate.ts'
import type { Profile } from '../../profile/profile.ts'
import type { MetricName } from '../../task/metric.ts'
import { ATTRIBUTIONS, type Axis, type Mechanisms, type Point, type Study, type StudyNetwork } from '../study.ts'
import { resolveAxes, type SpecAxis } from './axes.ts'
import { defaultShardChips, pointsOf } from './cost.ts'
import { checkPoints, derivePoints, idleAxes } from './derive.ts'
import { MOST } from './fields.ts'
import type { Problems, StudyFile, StudyKeys } from './file.ts'
import { checkMetric, type Goals, resolveGoals } from './goals.ts'
import { checkTogether, kindOf } from './kinds.ts'
import { countPoints, type FreeAxis, mechanismSets, placePoints } from './points.ts'

/** Chips of a point unless given: all of them, or at most so many with sequential stopping. */
export const CHIPS = { fixed: 100, until: 10_000 } as const
/** Vectors drawn from the task unless given. */
export const SAMPLES = 500

/** What a file says, as far as it can be told without opening anything else. */
export interface Outline {
  readonly keys: StudyKeys
  readonly axes: readonly SpecAxis[]
  readonly goals: Goals
  readonly chips: number
  readonly seed: number
  readonly changes: Readonly<Partial<Record<FieldPath, FieldValue>>>
}

/**
 * Check all of a file that needs nothing else.
 *
 * @param deployed  a deployment folder stands for network and profile
 * @throws OHM8001, OHM8004, OHM1202, OHM1203: everything at once
 */
export async function outlineOf({ keys, problems }: StudyFile, deployed = false): Promise<Outline> {
  const kind = kindOf(keys)
  checkTogether(keys, deployed, problems)
  problems.stop()
  const axes = await resolveAxes(keys.axes ?? [], kind, problems)
  const goals = await resolveGoals(keys, problems)
  const changes: Partial<Record<FieldPath, FieldValue>> = {}
  for (const [path, raw] of Object.entries(keys.set ?? {}) as [FieldPath, unknown][]) {
    const at = `/set/${path}`
    if (axes.some(({ axis }) => axis.path === path) && kind !== 'corners')
      problems.add(at, `${path} is set, and an axis: the axis would always win`, { part: 'key' })
    if (keys.loosest?.path === path)
      problems.add(at, `${path} is set, and looked for: the search would always win`, { part: 'key' })
    try {
      changes[path] = await convertValue(FIELDS[path], path, raw, { pointer: at })
    } catch (error) {
      problems.caught(at, error)
    }
  }
  problems.stop()
  const chips = keys.chips ?? (goals.until === null ? CHIPS.fixed : CHIPS.until)
  checkSize(keys, axes, goals, chips, problems)
  problems.stop()
  return { keys, axes, goals, chips, seed: keys.seed ?? 0, changes }
}

const freeAxes = (axes: readonly SpecAxis[]): FreeAxis[] =>
  axes.map(({ axis }) => axis).filter(({ derived }) => !derived)

function checkSize(
  keys: StudyKeys,
  axes: readonly SpecAxis[],
  { loosest }: Goals,
  chips: number,
  problems: Problems,
): void {
  const kind = kindOf(keys)
  const free = freeAxes(axes)
  const networks = keys.networks?.length ?? 1
  const points = networks * pointsOf(countPoints({ kind, axes: free, points: keys.points ?? 0 }), loosest)
  const too = (what: string, most: number, pointer: string) =>
    problems.add(pointer, `${what}; a study holds at most ${most.toLocaleString('en-US').replaceAll(',', ' ')}`, {
      code: 'OHM8004',
      hint:
        pointer === '/shardChips'
          ? 'take more chips a shard, or leave shardChips out'
          : pointer === '/chips'
            ? 'take fewer chips or points; "until" adds chips only where they are needed'
            : kind === 'grid' || kind === 'ageing'
              ? 'name fewer values, or sample ranges (latin-hypercube, sobol)'
              : 'take fewer points or axes',
    })
  if (points > MOST.points) too(`${points} points`, MOST.points, keys.axes === undefined ? '/networks' : '/axes')
  else if (points * chips > MOST.rows)
    too(`${points} points x ${chips} chips are ${points * chips} rows`, MOST.rows, '/chips')
  else if (points * Math.ceil(chips / (keys.shardChips ?? chips)) > MOST.shards)
    too(`${points * Math.ceil(chips / keys.shardChips!)} shards`, MOST.shards, '/shardChips')
  else if (points * axes.length > MOST.points * 10)
    too(`${points} points x ${axes.length} axes`, MOST.points * 10, '/axes')
}

/** The study's profile: the one that is named, with the file's changes. @throws OHM1205 */
export function changedProfile({ changes }: Outline, profile: Profile, problems: Problems): Profile {
  const changed = withValues(profile, changes)
  for (const { paths, code, message, hint } of contradictions(changed)) {
    const path = paths.find((p) => Object.hasOwn(changes, p))
    problems.add(path === undefined ? '/profile' : `/set/${path}`, message, { code, hint })
  }
  problems.stop()
  return changed
}

/**
 * @param profile   with all changes
 * @throws OHM8001, OHM1202, OHM1203, OHM1205: everything at once
 */
export function resolveStudy(
  file: StudyFile,
  outline: Outline,
  given: {
    readonly name: string
    readonly profile: Profile
    readonly networks: readonly StudyNetwork[]
    readonly metric: MetricName
  },
): { study: Study; warnings: readonly Warning[] } {
  const { problems } = file
  const { keys, axes, goals, chips, seed } = outline
  const { profile, networks, metric } = given
  const kind = kindOf(keys)
  checkMetric(goals, metric, problems)
  const placed = placePoints({ kind, axes: freeAxes(axes), points: keys.points ?? 0, seed }, (path) =>
    valueAt(profile, path),
  )
  const rows = derivePoints(placed, axes, profile, problems)
  problems.stop()
  checkPoints(rows, axes, profile, problems)
  const attributions = kind === 'sensitivity' ? (keys.attributions ?? ATTRIBUTIONS) : []
  let sets: readonly Mechanisms[] = ['all']
  if (kind === 'sensitivity')
    try {
      sets = mechanismSets(
        STAGES.filter((stage) => isActive(profile, stage)),
        attributions,
      )
    } catch (error) {
      if (!(error instanceof OhmbitError)) throw error
      problems.caught('/profile', error)
    }
  problems.stop()
  const points: Point[] = []
  for (const network of networks.keys())
    for (const values of rows)
      for (const mechanisms of sets) points.push({ index: points.length, network, values, mechanisms })
  const vectors = Math.max(...networks.map(({ inputs }) => inputs.rows))
  const { until } = goals
  return {
    study: {
      name: given.name,
      kind,
      networks,
      profile,
      axes: axesOf(networks, axes),
      points,
      metric,
      chips,
      firstChip: keys.firstChip ?? 0,
      seed,
      shardChips: keys.shardChips ?? defaultShardChips(vectors, Math.max(1, points.length), chips),
      requirement: goals.requirement,
      until: until === null ? null : { of: until.of, halfWidth: until.halfWidth },
      attributions,
      importance: keys.importance ?? null,
      loosest: goals.loosest,
    },
    warnings: idleAxes(rows, axes, profile),
  }
}

/** Several networks are an axis by themselves, the one that changes last. */
function axesOf(networks: readonly StudyNetwork[], axes: readonly SpecAxis[]): Axis[] {
  const own: Axis[] =
    networks.length < 2 ? [] : [{ path: 'network', values: networks.map(({ name }) => name), derived: false }]
  return [...own, ...axes.map(({ axis }) => axis)]
}
