import { runInFolder } from '../study/run-study.ts'
import { readStudy, type StudyOverrides } from '../study/spec/read.ts'
import type { Run } from './command.ts'
import { required } from './shared.ts'
import { costText, studyCost } from './study-cost.ts'
import { runToEnd, wantedYield, workersOf } from './study-outcome.ts'

export const run: Run = async (invocation) => {
  const { args, options, say } = invocation
  const dry = options['dryRun'] === true
  const folder = dry ? null : required(invocation, 'output', '-o DIR')
  const set = (options['set'] as string[] | undefined) ?? []
  const { study, files, cost, warnings } = await readStudy(args[0]!, { ...given(options), set })
  const wanted = wantedYield(invocation, study)
  const estimate = studyCost(study, cost, workersOf(invocation))
  if (folder === null)
    return {
      result: { dryRun: true, name: study.name, kind: study.kind, ...estimate },
      text: costText(study, estimate),
      warnings,
      inputs: files,
      seed: study.seed,
      set,
    }
  say(costText(study, estimate))
  return runToEnd(invocation, {
    ...{ study, folder, inputs: files, set, wanted, warnings, most: cost.chipRuns },
    start: (how) => runInFolder(study, folder, options['force'] === true, how),
  })
}

/** What the command line says in place of the study file. */
function given(options: Readonly<Record<string, unknown>>): StudyOverrides {
  const names = ['chips', 'seed', 'samples', 'inputs', 'truth', 'metric', 'require', 'until'] as const
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]))
}
