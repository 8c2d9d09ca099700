/** What the commands that run a study have in common. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fail, OhmbitError, type Problem, type Warning } from '../base/errors.ts'
import { refuseWhileJobsRun } from '../study/engine/slurm.ts'
import type { StudyResult } from '../study/result.ts'
import type { RunStudyOptions, StudyProgress } from '../study/run-study.ts'
import { StudyStopped } from '../study/store/stop.ts'
import type { Study } from '../study/study.ts'
import type { Input, Invocation, Outcome } from './command.ts'
import { studyProgress } from './study-progress.ts'
import { studyReport } from './study-report.ts'
import { isOnSlurm, submissionText, submitted } from './study-slurm.ts'
import { percent, percentRange, studyText } from './study-text.ts'

export const workersOf = ({ options }: Invocation): number =>
  (options['workers'] as number | undefined) ?? availableParallelism()

/** --require-yield: a share of the chips. @throws OHM9001 */
export function wantedYield({ options }: Invocation, study: Study): number | null {
  const text = options['requireYield'] as string | undefined
  if (text === undefined) return null
  const match = /^(\d{1,3}(?:\.\d{1,12})?|\.\d{1,12})\s*(%?)$/.exec(text.trim())
  const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (!(share > 0 && share <= 1))
    fail('OHM9001', `--require-yield is "${text}"; it must be a share above 0 and at most 1, as 0.95 or 95 %`)
  if (study.requirement === null)
    fail('OHM9001', '--require-yield needs a requirement that chips meet', { hint: "--require 'nmseDb <= -8'" })
  return share
}

export interface StudyRun {
  readonly study: Study
  readonly folder: string
  readonly inputs: readonly Input[]
  readonly set?: readonly string[]
  readonly warnings?: readonly Warning[]
  /** Chips that the study may come to. */
  readonly most: number
  readonly wanted: number | null
  readonly start: (options: RunStudyOptions) => Promise<StudyResult>
}

/** Run to the end, or to an interruption that says how to go on. */
export async function runToEnd(invocation: Invocation, run: StudyRun): Promise<Outcome> {
  const { signal, style } = invocation
  const { study, folder, wanted } = run
  const onSlurm = isOnSlurm(invocation)
  const show = studyProgress(invocation, study, run.most)
  let latest: StudyProgress | null = null
  const common = { inputs: run.inputs, seed: study.seed, ...(run.set === undefined ? {} : { set: run.set }) }
  try {
    const how: RunStudyOptions = {
      workers: workersOf(invocation),
      signal,
      report: studyReport,
      onProgress: (at) => {
        latest = at
        show(at)
      },
    }
    if (!onSlurm) await refuseWhileJobsRun(folder)
    const ended = onSlurm
      ? await submitted(invocation, folder, (engine) => run.start({ ...how, engine }))
      : { result: await run.start(how) }
    if ('submitted' in ended)
      return {
        ...common,
        result: { folder, state: 'submitted', ...ended.submitted },
        text: submissionText(ended.submitted, folder),
        warnings: run.warnings ?? [],
      }
    const { result } = ended
    const again = (latest as StudyProgress | null)?.damaged ?? 0
    const problem = wanted === null ? null : yieldProblem(result, wanted)
    return {
      ...common,
      result: { ...result, folder, interrupted: false, damagedShards: again },
      text: `${studyText(result, style)}\n\n${again > 0 ? `${again} damaged shards were run again\n` : ''}written: ${folder}, page ${join(folder, 'index.html')}`,
      warnings: allWarnings(run.warnings ?? [], result.warnings),
      ...(problem === null ? {} : { problem, exitCode: 1 }),
    }
  } catch (error) {
    if (error instanceof OhmbitError || !(signal.aborted || error instanceof StudyStopped)) throw error
    const { chips, of } = (latest as StudyProgress | null) ?? { chips: 0, of: 0 }
    return {
      ...common,
      result: { folder, interrupted: true, chips, of },
      text: `${signal.aborted ? 'interrupted' : 'cancelled'} after ${chips} of ${of} chips; go on with: ohmbit study resume ${folder}`,
      exitCode: 130,
    }
  }
}

/** Whether the whole interval of each yield lies above what is wanted; of points that sample ranges, of all together. */
function yieldProblem({ points, yield: all, point }: StudyResult, wanted: number): Problem | null {
  const yields =
    point === null ? [{ where: '', met: all }] : points.map((p) => ({ where: ` at point ${p.index}`, met: p.yield }))
  const failed = yields.filter(({ met }) => met === null || !(met.ci95[0] >= wanted))
  const first = failed[0]
  if (first === undefined) return null
  const { met } = first
  const where = points.length > 1 ? first.where : ''
  const said =
    met === null
      ? `the yield${where} is not known`
      : `the yield${where} is ${percent(met.fraction)} (95 % interval ${percentRange(met.ci95)}); wanted are ${percent(wanted)}`
  return {
    code: 'OHM5007',
    message: `${said}${failed.length > 1 ? `, and ${failed.length - 1} more points fail` : ''}`,
    hint: 'more chips narrow the interval: --chips, or --until "yield +- 1 %"',
  }
}

/** Those of the study before it ran and of its result, each once. */
function allWarnings(...lists: readonly (readonly Warning[])[]): Warning[] {
  return [...new Map(lists.flat().map((warning) => [`${warning.code} ${warning.message}`, warning])).values()]
}
