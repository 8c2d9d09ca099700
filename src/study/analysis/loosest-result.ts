/** The loosest value of a parameter, from the values that were tried. */
import type { Warning } from '../../base/errors.ts'
import { FIELDS, formatValue } from '../../profile/fields.ts'
import { bracketOf, fromTightToLoose } from '../loosest.ts'
import type { LoosestResult, PointResult } from '../result.ts'
import type { Loosest, Study } from '../study.ts'

/**
 * The value is the last that was seen to keep the requirement, going from the tight end: the answer lies between it and
 * the first that does not. Null where not even the tight end keeps it; the loose end where every value does.
 */
export function loosestResult(study: Study, loosest: Loosest, results: readonly PointResult[]): LoosestResult {
  const steps = results
    .filter(({ index }) => index >= study.points.length)
    .map((result): LoosestResult['steps'][number] => {
      const [low, high] = result.yield!.ci95
      return {
        value: result.values[loosest.path] as number,
        yield: result.yield!,
        kept: result.yield!.fraction >= loosest.yield,
        certain: low >= loosest.yield || high < loosest.yield,
      }
    })
  const { kept, failed } = bracketOf(loosest, steps)
  const field = FIELDS[loosest.path]
  const unit = field.kind === 'quantity' ? field.unit : ''
  return { path: loosest.path, unit, value: kept, bracket: [kept, failed], yieldWanted: loosest.yield, steps }
}

/** What the steps say about the question itself. */
export function loosestWarnings(study: Study, loosest: Loosest, { value, bracket, steps }: LoosestResult): Warning[] {
  const warnings: Warning[] = []
  const say = (message: string) => void warnings.push({ code: 'OHM8006', message })
  const show = (x: number) => formatValue(FIELDS[loosest.path], x)
  const wanted = `${100 * loosest.yield} % of the chips`
  const ordered = fromTightToLoose(loosest, steps)
  if (ordered.length === 0) return []
  if (value === null) say(`not even ${loosest.path} = ${show(loosest.tight)} keeps the requirement on ${wanted}`)
  else if (bracket[1] === null)
    say(
      `every value tried of ${loosest.path} keeps the requirement on ${wanted}; the loosest may lie beyond ${show(value)}`,
    )
  for (const [i, step] of ordered.entries()) {
    const better = ordered.slice(i + 1).find((later) => later.yield.ci95[0] > step.yield.ci95[1])
    if (better === undefined) continue
    say(
      `the yield does not fall from tight to loose: ${step.yield.fraction} at ${loosest.path} = ${show(step.value)}, ${better.yield.fraction} at ${show(better.value)}; the answer is the crossing nearest to the tight end`,
    )
    break
  }
  const unsure = ordered.filter(({ value: at, certain }) => !certain && (at === bracket[0] || at === bracket[1]))
  if (unsure.length > 0 && study.chips > 1)
    say(
      `at ${loosest.path} = ${unsure.map((step) => show(step.value)).join(' and ')} the yield's interval holds the yield wanted: more chips may move the answer`,
    )
  return warnings
}
