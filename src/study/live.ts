/** What the chips so far say, while the others run. */
import { normalQuantile, wilson } from '../numerics/statistics.ts'
import { idealScore } from './analysis/ideal.ts'
import { meets } from './analysis/yield.ts'
import type { Point, Row, Study } from './study.ts'

export interface LiveEstimate {
  readonly point: number
  readonly chips: number
  readonly mean: number
  /** Half of the 95 % interval of the mean, by the normal law; NaN for one chip. */
  readonly half: number
  /** Chips that meet the requirement, with Wilson's interval. */
  readonly yield: { readonly fraction: number; readonly low: number; readonly high: number } | null
}

interface Sums {
  chips: number
  mean: number
  squares: number
  kept: number
}

const Z = normalQuantile(0.975)

/** Running sums by point: their size does not grow with the chips. */
export function liveEstimate(study: Study): {
  add(point: Point, rows: readonly Row[]): void
  latest(): LiveEstimate | null
} {
  const points = new Map<number, Sums>()
  let last: number | null = null
  const { requirement } = study
  return {
    add({ index, network }, rows) {
      if (rows.length === 0) return
      const s = points.get(index) ?? { chips: 0, mean: 0, squares: 0, kept: 0 }
      points.set(index, s)
      last = index
      const ideal = requirement === null ? 0 : idealScore(study, network)
      for (const { value } of rows) {
        s.chips++
        const step = value - s.mean
        s.mean += step / s.chips
        s.squares += step * (value - s.mean)
        if (requirement !== null && meets(requirement, value, ideal)) s.kept++
      }
    },
    latest() {
      if (last === null) return null
      const { chips, mean, squares, kept } = points.get(last)!
      const interval = wilson(kept, chips)
      return {
        ...{ point: last, chips, mean },
        half: chips < 2 ? Number.NaN : Z * Math.sqrt(squares / (chips - 1) / chips),
        yield: requirement === null ? null : { fraction: kept / chips, ...interval },
      }
    },
  }
}
