/** The four commands of Slurm that are used, as programs with arguments: no shell reads what a user wrote. */
import { execFile } from 'node:child_process'
import { userInfo } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { fail } from '../../base/errors.ts'
import {
  type ArrayLimits,
  parseLimits,
  parseQueue,
  parseSubmitted,
  QUEUE_FORMAT,
  type QueuedJob,
} from './slurm-text.ts'

type Tool = 'sbatch' | 'squeue' | 'scancel' | 'scontrol'

/** A controller under load answers slowly; sbatch itself tries again for about a minute. */
const TIMEOUT_MS = 120_000
const MAX_OUTPUT = 256 << 20
/** What a busy controller says; the same call may succeed later. */
const BUSY = /timed out|temporarily|unable to contact|connection refused|try again/i
const PAUSES_MS = [2_000, 10_000] as const

/**
 * What sbatch is given of the environment: all, but what describes the job that this process is itself part of, and
 * what would change what ohmbit asks for.
 */
export function submitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own =
    /^SBATCH_(ARRAY_INX|DEPENDENCY|ERROR|EXPORT|INPUT|JOB_NAME|NO_REQUEUE|OPEN_MODE|OUTPUT|REQUEUE|TEST_ONLY|WAIT)$/
  const kept = (key: string) => (key.startsWith('SLURM_') ? key === 'SLURM_CONF' : !own.test(key))
  return Object.fromEntries(Object.entries(env).filter(([key]) => kept(key)))
}

/** @throws OHM8005 with what the tool said */
async function run(tool: Tool, args: readonly string[]): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const { output, problem } = await once(tool, args)
    if (problem === null) return output
    const wait = PAUSES_MS[attempt]
    if (wait === undefined || !BUSY.test(problem)) return fail('OHM8005', problem, { hint: hints(problem) })
    await pause(wait)
  }
}

function once(tool: Tool, args: readonly string[]): Promise<{ output: string; problem: string | null }> {
  const options = {
    env: { ...submitEnvironment(process.env), LC_ALL: 'C' },
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT,
    encoding: 'utf8' as const,
  }
  return new Promise((resolve) => {
    execFile(tool, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ output: stdout, problem: null })
      const { code } = error as NodeJS.ErrnoException
      const said = oneLine(stderr) || oneLine(stdout)
      const why =
        code === 'ENOENT'
          ? 'is not installed here, or not on the PATH'
          : error.killed === true
            ? `timed out: no answer in ${TIMEOUT_MS / 1000} s`
            : said === ''
              ? `failed (${typeof code === 'number' ? `exit code ${code}` : (error.signal ?? code ?? error.message)})`
              : `said: ${said}`
      resolve({ output: '', problem: `${tool} ${why}` })
    })
  })
}

/** What a tool said, without control characters, short enough for a message. */
const oneLine = (text: string) =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 600)

function hints(problem: string): string {
  if (/not installed/.test(problem))
    return 'run this where jobs are submitted (a login node), or run the study with --engine threads'
  if (/submit limit|QOS|AssocMax|MaxSubmit/i.test(problem))
    return 'fewer array tasks fit a limit of the site: --slurm tasks=100'
  return 'what is done stays done: ohmbit study resume DIR --engine slurm'
}

/** How many tasks an array may have. @throws OHM8005 */
export const arrayLimits = async (): Promise<ArrayLimits> => parseLimits(await run('scontrol', ['show', 'config']))

/** Submit a script. @returns its job number. @throws OHM8005 */
export async function submit(args: readonly string[], script: string): Promise<number> {
  return parseSubmitted(await run('sbatch', [...args, script]))
}

/**
 * Jobs of a name, those that ended a few minutes ago among them.
 *
 * As text and not as JSON: squeue 22.05 answers `--json` with all jobs of the cluster whatever it was asked for, the
 * shapes of the JSON change from version to version, and many clusters are built without it.
 *
 * @throws OHM8005
 */
export async function jobsNamed(name: string): Promise<QueuedJob[]> {
  const args = ['--noheader', '--array', '--states=all', `--name=${name}`, `--format=${QUEUE_FORMAT}`]
  return parseQueue(await run('squeue', args), name)
}

/** Cancel jobs of a name, of this user. @throws OHM8005 */
export async function cancelNamed(name: string): Promise<void> {
  await run('scancel', ['--quiet', `--name=${name}`, `--user=${userInfo().username}`])
}

/** Cancel one job with all its tasks. @throws OHM8005 */
export async function cancelJob(job: number): Promise<void> {
  await run('scancel', ['--quiet', String(job)])
}
