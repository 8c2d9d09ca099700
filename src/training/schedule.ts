/** How a number changes while training. The same numbers on every machine. */
import { cosTwoPi } from '../numerics/elementary.ts'

export type Schedule =
  | { readonly kind: 'constant'; readonly value: number }
  /** From first to last in a straight line over the budget. */
  | { readonly kind: 'linear'; readonly first: number; readonly last: number }
  /** From first to last along half a cosine over the budget. */
  | { readonly kind: 'cosine'; readonly first: number; readonly last: number }
  /** first / sqrt(t), never below `least`. [0] sec. V-A */
  | { readonly kind: 'inverse-root'; readonly first: number; readonly least: number }
  /** first + rise t, never above `most`. [0] eq. (31) */
  | { readonly kind: 'ramp'; readonly first: number; readonly rise: number; readonly most: number }
  /** first + rise ceil(t / every), never above `most`. */
  | {
      readonly kind: 'stairs'
      readonly first: number
      readonly rise: number
      readonly every: number
      readonly most: number
    }

/** @param t  1 .. budget */
export function scheduled(schedule: Schedule, t: number, budget: number): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.value
    case 'linear':
      return schedule.first + (schedule.last - schedule.first) * (t / budget)
    case 'cosine':
      return schedule.last + (schedule.first - schedule.last) * 0.5 * (1 + cosTwoPi(t / (2 * budget)))
    case 'inverse-root':
      return Math.max(schedule.least, schedule.first / Math.sqrt(t))
    case 'ramp':
      return Math.min(schedule.most, schedule.first + schedule.rise * t)
    case 'stairs':
      return Math.min(schedule.most, schedule.first + schedule.rise * Math.ceil(t / schedule.every))
  }
}

/** x^k by multiplications only: Math.pow may differ between machines. @param k  whole number >= 0 */
export function power(x: number, k: number): number {
  let result = 1
  for (let square = x, left = k; left > 0; left = Math.floor(left / 2), square *= square)
    if (left % 2 === 1) result *= square
  return result
}
