/** An experiment that a program put together: its values are held to what a file may say. */
import { checkKeys } from '../base/check-keys.ts'
import { OhmbitError, type Problem } from '../base/errors.ts'
import type { Experiment } from './experiment.ts'
import { EXPERIMENT_FIELDS } from './experiment-fields.ts'

const CHECKED = [
  ...(['metric', 'loss', 'quantizer', 'gradient', 'rate', 'quantizerRate', 'steepness', 'blend', 'adam'] as const),
  ...(['iterations', 'batch', 'samples', 'seed', 'restarts', 'validation', 'refit'] as const),
]
const FIELDS = Object.fromEntries(CHECKED.map((key) => [key, EXPERIMENT_FIELDS[key]!]))

/** @throws OHM7002 with everything that is wrong, each with its JSON pointer */
export function checkValues(experiment: Experiment): void {
  const problems: Problem[] = []
  const values = Object.fromEntries(CHECKED.map((key) => [key, experiment[key]]))
  checkKeys(FIELDS, values, 'an experiment', (pointer, message, hint) => {
    problems.push({ code: 'OHM7002', message, at: { pointer }, ...(hint === undefined ? {} : { hint }) })
  })
  if (problems.length > 0) throw new OhmbitError(problems)
}
