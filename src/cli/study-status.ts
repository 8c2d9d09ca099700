import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plainText } from '../report/study/quantity.ts'
import { slurmStatus } from '../study/engine/slurm-status.ts'
import { studyState } from '../study/run-study.ts'
import { RESULT_FILE } from '../study/store/folder.ts'
import { lockOwner } from '../study/store/lock.ts'
import type { Run } from './command.ts'
import { inputOf } from './shared.ts'
import { slurmLines } from './study-slurm.ts'
import { count } from './style.ts'

export const run: Run = async ({ args }) => {
  const folder = args[0]!
  const owner = await lockOwner(folder)
  const { disk, walked, damaged } = await studyState(folder, true)
  const done = walked.open.length === 0
  const slurm = await slurmStatus(folder, walked.open)
  const state =
    owner !== null || slurm?.active === true
      ? 'running'
      : done && existsSync(join(folder, RESULT_FILE))
        ? 'finished'
        : 'interrupted'
  const { chips, rounds } = walked
  const who = owner === null ? '' : `, process ${owner.pid} on ${owner.host}`
  return {
    result: {
      ...{ state, name: disk.study.name, kind: disk.study.kind, version: disk.version, kernels: disk.engine },
      ...{ chips: walked.done, of: chips, rounds, openShards: walked.open.length, damagedShards: damaged.length },
      slurm,
      owner: owner === null ? null : { host: owner.host, pid: owner.pid },
    },
    text: [
      `${plainText(disk.study.name)}: ${state}${who}`,
      `  ${walked.done} of ${count(chips, 'chip')} of the ${count(rounds, 'round')} begun, ${count(walked.open.length, 'shard')} to run${damaged.length > 0 ? `, ${count(damaged.length, 'shard')} damaged` : ''}`,
      ...(slurm === null || state === 'finished' ? [] : slurmLines(slurm)),
      ...(state === 'interrupted' ? [`  go on with: ohmbit study resume ${folder}`] : []),
      ...(state === 'running' ? [`  stop it with: ohmbit study cancel ${folder}`] : []),
    ].join('\n'),
    inputs: [await inputOf(join(folder, 'study.json'))],
    seed: disk.study.seed,
  }
}
