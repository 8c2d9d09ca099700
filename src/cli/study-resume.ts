import { join } from 'node:path'
import { resumeStudy } from '../study/run-study.ts'
import { openStudyFolder } from '../study/store/folder.ts'
import type { Run } from './command.ts'
import { inputOf } from './shared.ts'
import { runToEnd, wantedYield } from './study-outcome.ts'

export const run: Run = async (invocation) => {
  const folder = invocation.args[0]!
  const { study } = await openStudyFolder(folder)
  return runToEnd(invocation, {
    ...{ study, folder, inputs: [await inputOf(join(folder, 'study.json'))], most: 0 },
    wanted: wantedYield(invocation, study),
    start: (how) => resumeStudy(folder, how),
  })
}
