import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { cancelStudy } from '../study/engine/slurm-status.ts'
import { openStudyFolder } from '../study/store/folder.ts'
import { lockOwner } from '../study/store/lock.ts'
import { removeStop, requestStop } from '../study/store/stop.ts'
import type { Run } from './command.ts'
import { inputOf } from './shared.ts'
import { count } from './style.ts'

/** A run looks for a request twice a second, and ends its chips in flight. */
const PATIENCE_SECONDS = 30

export const run: Run = async ({ args, signal }) => {
  const folder = args[0]!
  const { study } = await openStudyFolder(folder)
  const common = { inputs: [await inputOf(join(folder, 'study.json'))], seed: study.seed }
  const jobs = await cancelStudy(folder)
  if (jobs !== null && jobs.cancelled > 0)
    return {
      ...common,
      result: { state: jobs.left > 0 ? 'asked' : 'cancelled', jobs: jobs.cancelled, left: jobs.left },
      text:
        jobs.left > 0
          ? `${count(jobs.left, 'Slurm task')} of ${jobs.cancelled} were asked to stop, and have not yet`
          : `${count(jobs.cancelled, 'Slurm task')} cancelled; go on with: ohmbit study resume ${folder} --engine slurm`,
    }
  const owner = await requestStop(folder)
  if (owner === null) return { ...common, result: { state: 'idle' }, text: `nobody runs ${folder}` }
  const who = `process ${owner.pid} on ${owner.host}`
  for (let waited = 0; waited < PATIENCE_SECONDS * 10 && !signal.aborted; waited++) {
    if ((await lockOwner(folder))?.token !== owner.token) {
      await removeStop(folder)
      return {
        ...common,
        result: { state: 'cancelled', owner: { host: owner.host, pid: owner.pid } },
        text: `${who} has stopped; go on with: ohmbit study resume ${folder}`,
      }
    }
    await pause(100)
  }
  return {
    ...common,
    result: { state: 'asked', owner: { host: owner.host, pid: owner.pid } },
    text: `${who} was asked to stop, and has not yet`,
  }
}
