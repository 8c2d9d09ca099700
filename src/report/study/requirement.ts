/** The requirement of a study, as figures draw it. Results carry it as text, in the form that commands read. */
import type { PointResult, StudyResult } from '../../study/result.ts'
import { mainPoints } from './design.ts'
import { known } from './figure.ts'
import { scoreText, scoreUnit } from './quantity.ts'

const FORM = /^([A-Za-z]{1,16})( loss)? <= (-?[0-9.]{1,40}(?:e[+-]?\d{1,3})?)$/

/** The score at which a point's chips begin to fail; null: no requirement, or none of the score. */
export function limitOf(point: Pick<PointResult, 'yield' | 'ideal' | 'metric'>): number | null {
  const parts = FORM.exec(point.yield?.requirement ?? '')
  if (parts === null || parts[1] !== point.metric.name) return null
  return known(Number(parts[3]) + (parts[2] === undefined ? 0 : point.ideal))
}

/** Scores at which chips begin to fail: one, or one a network where a loss is limited. */
export function limitsOf(result: StudyResult): readonly number[] {
  const limits = mainPoints(result).map(limitOf)
  return [...new Set(limits.filter((limit) => limit !== null))].sort((a, b) => a - b)
}

/** What the dashed lines are, for a caption. */
export function limitsText(result: StudyResult): readonly string[] {
  const limits = limitsOf(result)
  const { name } = result.metric
  const each = limits.map((limit) => `${scoreText(name, limit)}${scoreUnit(name)}`)
  return limits.length === 0 ? [] : [`thin dashed: the requirement, at most ${each.join(' and ')}`]
}
