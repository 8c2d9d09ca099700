/** What the loss comes from: stages of imperfection switched on and off on the same chips. */
import { exactShapley, MOST_EXACT_PLAYERS, shapleyOfWalks, type Walk } from '../../numerics/attribution.ts'
import { orderOf } from '../../numerics/low-discrepancy.ts'
import { mean, meanInterval } from '../../numerics/statistics.ts'
import type { Stage } from '../../profile/isolate.ts'
import { stagesOf } from '../mechanisms.ts'
import type { AttributionResult, Effect } from '../result.ts'
import type { Attribution, Mechanisms, Point, Study } from '../study.ts'
import { idealScore } from './ideal.ts'
import type { Sample } from './sample.ts'

/** Samples of one design with different mechanisms on. */
export interface Design {
  /** Any of its points. */
  readonly point: Point
  readonly stages: readonly Stage[]
  /** By `nameOf`. */
  readonly samples: Map<string, { readonly point: number; readonly sample: Sample }>
}

const ALL = 'all'

/** Equal for mechanisms that are the same on every chip. */
function nameOf(mechanisms: Mechanisms, stages: readonly Stage[]): string {
  if (mechanisms === 'all') return ALL
  if ('first' in mechanisms) {
    const { first, reversed } = mechanisms
    if (first >= stages.length) return ALL
    return first <= 0 ? subset([], stages) : `${reversed ? 'last' : 'first'} ${first}`
  }
  return subset(mechanisms, stages)
}

function subset(on: readonly Stage[], stages: readonly Stage[]): string {
  const has = stages.filter((stage) => on.includes(stage))
  return has.length === stages.length ? ALL : has.join(' ')
}

/** Points sorted into designs: the same network and values. */
export function designs(study: Pick<Study, 'profile'>) {
  const found = new Map<string, Design>()
  return {
    add(point: Point, sample: Sample): void {
      const key = JSON.stringify([point.network, point.values])
      let design = found.get(key)
      if (design === undefined) {
        design = { point, stages: stagesOf(study, point), samples: new Map() }
        found.set(key, design)
      }
      design.samples.set(nameOf(point.mechanisms, design.stages), { point: point.index, sample })
    },
    all: (): readonly Design[] => [...found.values()],
  }
}

/** One entry a chip; rows in the order of the design's stages. */
interface Shares {
  readonly total: Float64Array
  readonly rows: readonly Float64Array[]
}

/**
 * The attributions that a study asks for, of each design that has the points for them.
 *
 * One at a time: the loss of a stage alone, against no stage. Leave one out: what is won when it is switched off. Both
 * do not sum to the total where stages interact; Shapley values do, chip by chip. Losses are paired, over the chips that
 * all points of the design have with a finite score; a stage without effect has exactly 0.
 */
export function attributionsOf(study: Study, found: readonly Design[]): AttributionResult[] {
  return found.flatMap((design) =>
    study.attributions.flatMap((kind) => {
      const shares = sharesOf(study, kind, design)
      const all = design.samples.get(ALL)
      return shares === null || all === undefined
        ? []
        : [
            {
              kind,
              point: all.point,
              total: effect('total', shares.total),
              rows: design.stages.map((stage, k) => ({ ...effect(stage, shares.rows[k]!), name: stage })),
            },
          ]
    }),
  )
}

/** Over the chips. Where nothing varies from chip to chip, the interval is a point. */
function effect(name: string, values: Float64Array): Effect {
  const { low, high } = meanInterval(values)
  return { name, value: mean(values), ci95: values.length < 2 ? null : [low, high] }
}

function sharesOf(study: Study, kind: Attribution, design: Design): Shares | null {
  const { stages } = design
  const without = (stage: Stage) => stages.filter((other) => other !== stage)
  switch (kind) {
    case 'one-at-a-time':
      return differences(study, design, (stage, at) => at(subset([stage], stages)) - at(subset([], stages)))
    case 'leave-one-out':
      return differences(study, design, (stage, at) => at(ALL) - at(subset(without(stage), stages)))
    case 'shapley':
      return exactShares(study, design) ?? walkedShares(study, design)
  }
}

/** Scores of one chip by name. */
type At = (name: string) => number

/** What each stage does to a chip. Null where a point is missing. */
function differences(study: Study, design: Design, of: (stage: Stage, at: At) => number): Shares | null {
  return chipByChip(study, design, (at) => design.stages.map((stage) => of(stage, at)))
}

/** From the scores of all subsets. Null where not all are there. */
function exactShares(study: Study, design: Design): Shares | null {
  const { stages, samples } = design
  if (stages.length > MOST_EXACT_PLAYERS || samples.size < 2 ** stages.length - 1) return null
  const names = Array.from({ length: 2 ** stages.length }, (_, k) =>
    subset(
      stages.filter((_stage, i) => (k >> i) & 1),
      stages,
    ),
  )
  return chipByChip(study, design, (at) => [...exactShapley(names.map(at))])
}

/** From each chip's own order, forward and, where it was run, reversed. Null where points are missing. */
function walkedShares(study: Study, design: Design): Shares | null {
  const { stages } = design
  const n = stages.length
  const names = (word: string) =>
    Array.from({ length: n + 1 }, (_, k) => (k === 0 ? subset([], stages) : k === n ? ALL : `${word} ${k}`))
  const directions = ['first', 'last'].filter((word) =>
    names(word).every((name, k) => k === 0 || design.samples.has(name)),
  )
  if (directions.length === 0) return null
  return chipByChip(study, design, (at, chip) => {
    const order = orderOf(study.seed, chip, n)
    const walks = directions.map(
      (word): Walk => ({ order: word === 'first' ? order : [...order].reverse(), values: names(word).map(at) }),
    )
    return [...shapleyOfWalks([walks]).values]
  })
}

/**
 * @param of  shares of a chip, one a stage, from its scores
 * @returns   null where `of` asks for a score that was not run; no stage at all is the ideal network where it was not
 */
function chipByChip(study: Study, design: Design, of: (at: At, chip: number) => readonly number[]): Shares | null {
  const { samples, stages } = design
  const ideal = idealScore(study, design.point.network)
  const none = subset([], stages)
  let missing = false
  const total: number[] = []
  const rows = stages.map((): number[] => [])
  for (const [chip, at] of sharedChips(samples)) {
    const score = (name: string) => {
      const i = at.get(name)
      if (i !== undefined) return samples.get(name)!.sample.values[i]!
      if (name === none) return ideal
      missing = true
      return Number.NaN
    }
    const shares = of(score, chip)
    if (missing) return null
    const loss = score(ALL) - score(none)
    if (![loss, ...shares].every(Number.isFinite)) continue
    total.push(loss)
    for (const [k, share] of shares.entries()) rows[k]!.push(share)
  }
  return total.length === 0
    ? null
    : { total: Float64Array.from(total), rows: rows.map((row) => Float64Array.from(row)) }
}

/** Chips that every sample has, with their place in each. */
function* sharedChips(samples: Design['samples']): Generator<[chip: number, at: ReadonlyMap<string, number>]> {
  const [first, ...rest] = [...samples]
  if (first === undefined) return
  const places = new Map<string, number>([...samples.keys()].map((name) => [name, 0]))
  for (const [i, chip] of first[1].sample.chips.entries()) {
    places.set(first[0], i)
    let everywhere = true
    for (const [name, { sample }] of rest) {
      let k = places.get(name)!
      while (k < sample.chips.length && sample.chips[k]! < chip) k++
      places.set(name, k)
      if (sample.chips[k] !== chip) everywhere = false
    }
    if (everywhere) yield [chip, places]
  }
}
