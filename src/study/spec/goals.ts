/** What is asked of the scores: requirement, sequential stopping, importance sampling, the loosest value. */
import { OhmbitError } from '../../base/errors.ts'
import { quote } from '../../base/json.ts'
import { parseQuantity } from '../../base/quantity.ts'
import { convertValue } from '../../profile/convert.ts'
import { FIELDS, type FieldValue, formatValue } from '../../profile/fields.ts'
import type { MetricName } from '../../task/metric.ts'
import { parseRequirement, type Requirement } from '../requirement.ts'
import type { Loosest, Until } from '../study.ts'
import type { Problems, StudyKeys } from './file.ts'
import { kindOf } from './kinds.ts'

export interface Goals {
  readonly requirement: Requirement | null
  readonly until: (Until & { readonly unit: string }) | null
  readonly loosest: Loosest | null
}

/** Default tolerance of `loosest`. */
const TOLERANCE = 0.05

export async function resolveGoals(keys: StudyKeys, problems: Problems): Promise<Goals> {
  let requirement: Requirement | null = null
  if (keys.require !== undefined)
    try {
      requirement = parseRequirement(keys.require)
    } catch (error) {
      if (!(error instanceof OhmbitError)) throw error
      const { message, hint } = error.problems[0]!
      problems.add('/require', message, hint === undefined ? {} : { hint })
    }
  const until = keys.until === undefined ? null : parseUntil(keys.until, problems)
  if (until !== null) {
    if (until.of === 'yield' && keys.require === undefined)
      problems.add('/until', 'the yield needs a requirement', { hint: 'add "require", for instance "nmseDb <= -8"' })
    if (until.of !== 'yield' && (kindOf(keys) === 'loosest' || keys.importance !== undefined))
      problems.add(
        '/until',
        `${kindOf(keys) === 'loosest' ? 'loosest decides' : 'importance sampling estimates'} by the yield; ${until.of} means nothing here`,
        {
          hint: 'write "yield +- 1 %"',
        },
      )
  }
  return {
    requirement,
    until,
    loosest: keys.loosest === undefined ? null : await resolveLoosest(keys.loosest, problems),
  }
}

/** `yield +- 1 %`, `median +- 0.05 dB`, `mean ± 1e-3` */
const UNTIL =
  /^\s*([A-Za-z]{1,10})\s*(?:\+-|\+\/-|\u00b1)\s*((?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?)\s*(%|dB)?\s*$/

function parseUntil(text: string, problems: Problems): Goals['until'] {
  const parts = text.length <= 200 ? UNTIL.exec(text) : null
  const of = (['yield', 'median', 'mean'] as const).find((word) => word === parts?.[1])
  if (parts === null || of === undefined) {
    problems.add('/until', `${quote(text)} is not a target; write WHAT +- NUMBER`, {
      hint: 'WHAT is yield, median or mean; for example "yield +- 1 %"',
    })
    return null
  }
  const unit = parts[3] ?? ''
  const given = Number(parts[2])
  if ((unit === '%') !== (of === 'yield') && unit !== '') {
    problems.add('/until', `${of} is not measured in ${unit}`, {
      hint: of === 'yield' ? 'write "yield +- 1 %"' : 'write the number in the unit of the metric, e.g. "0.05 dB"',
    })
    return null
  }
  const halfWidth = unit === '%' ? Number(`${parts[2]}e-2`) || given / 100 : given
  const most = of === 'yield' ? 0.5 : Number.MAX_VALUE
  if (!(halfWidth > 0 && halfWidth < most)) {
    problems.add(
      '/until',
      `a half width of ${parts[2]}${unit === '' ? '' : ` ${unit}`} is ${halfWidth > 0 ? 'no restriction' : 'never reached'}`,
      {
        hint: of === 'yield' ? 'a share above 0 % and below 50 %' : 'a number above 0',
      },
    )
    return null
  }
  return { of, halfWidth, unit }
}

async function resolveLoosest(given: NonNullable<StudyKeys['loosest']>, problems: Problems): Promise<Loosest | null> {
  const { path, scale, tolerance = TOLERANCE } = given
  const field = FIELDS[path]
  if (!['quantity', 'number', 'integer', 'levels'].includes(field.kind)) {
    problems.add('/loosest/path', `${path} is no number; nothing lies between its values`, {
      hint: 'compare its values in a grid',
    })
    return null
  }
  const read = async (key: 'tight' | 'loose') => {
    try {
      return await convertValue(field, path, given[key], { pointer: `/loosest/${key}` })
    } catch (error) {
      problems.caught(`/loosest/${key}`, error)
      return null
    }
  }
  const [tight, loose] = [await read('tight'), await read('loose')]
  let share: number | null = null
  try {
    share = await parseQuantity(given.yield, '1')
    if (!(share > 0 && share < 1)) {
      problems.add('/loosest/yield', `a yield of ${JSON.stringify(given.yield)} cannot be searched for`, {
        hint: 'above 0 and below 1, for instance "99 %"',
      })
      share = null
    }
  } catch (error) {
    problems.caught('/loosest/yield', error)
  }
  if (typeof tight !== 'number' || typeof loose !== 'number' || share === null) return null
  const show = (x: FieldValue) => formatValue(field, x)
  if (tight === loose) {
    problems.add('/loosest', `tight and loose are the same, ${show(tight)}`)
    return null
  }
  const logarithmic = scale === 'logarithmic'
  if (logarithmic && !(Math.min(tight, loose) > 0)) {
    problems.add('/loosest/scale', `a logarithmic scale begins above 0, not at ${show(Math.min(tight, loose))}`)
    return null
  }
  return { path, tight, loose, logarithmic, yield: share, tolerance }
}

/** Whether goals and metric fit each other. */
export function checkMetric({ requirement, until }: Goals, metric: MetricName, problems: Problems): void {
  if (requirement !== null && requirement.metric !== metric)
    problems.add('/require', `the study is scored in ${metric}; the requirement is on ${requirement.metric}`, {
      hint: `write "${metric} <= ...", or set "metric"`,
    })
  if (until !== null && until.unit === 'dB' && metric !== 'nmseDb')
    problems.add('/until', `${metric} is not measured in dB`, { hint: 'write the number alone' })
}
