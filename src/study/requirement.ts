/** A requirement on a score, as written on the command line. */
import { fail } from '../base/errors.ts'
import { type MetricName, metricNames } from '../task/metric.ts'

export interface Requirement {
  readonly metric: MetricName
  /** Of what fixed point adds to the score, in the metric's unit; false: of the score itself. */
  readonly loss: boolean
  readonly limit: number
}

/** `nmseDb loss <= 0.1`, `ber <= 1e-3`: nothing else is understood. */
const GRAMMAR =
  /^\s*([A-Za-z]{1,16})(\s+loss)?\s*<=\s*(-?(?:\d{1,22}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?)\s*$/

/** @throws OHM9001 not of the form, an unknown metric, a number that is not finite */
export function parseRequirement(text: string): Requirement {
  const parts = text.length <= 200 ? GRAMMAR.exec(text) : null
  const metric = metricNames.find((name) => name === parts?.[1])
  const limit = Number(parts?.[3])
  if (parts === null || metric === undefined || !Number.isFinite(limit))
    return fail(
      'OHM9001',
      `"${text.slice(0, 200)}" is not a requirement; write METRIC loss <= NUMBER, or METRIC <= NUMBER`,
      {
        hint: `METRIC is ${metricNames.join(', ')}; for example 'nmseDb loss <= 0.1'`,
      },
    )
  return { metric, loss: parts[2] !== undefined, limit }
}

/** The form that `parseRequirement` reads back. */
export function requirementText({ metric, loss, limit }: Requirement): string {
  return `${metric}${loss ? ' loss' : ''} <= ${limit}`
}
