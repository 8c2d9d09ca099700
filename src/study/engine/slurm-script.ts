/** Batch scripts, and the arguments that they are submitted with. Pure texts. */
import { fail } from '../../base/errors.ts'
import type { SlurmOptions } from './slurm-options.ts'

/** What every job of a study on a cluster needs to know. */
export interface SlurmSettings {
  /** Job name: tells the jobs of this submission from all others. */
  readonly name: string
  readonly options: SlurmOptions
  /** The program and its first arguments: node and the file of ohmbit's command line. */
  readonly command: readonly string[]
  /** Lines that each job runs before: modules, containers. '' for none. */
  readonly setup: string
}

const MOST_SETUP = 64 << 10

/** @throws OHM9001 what no shell script has, or what would have no effect */
export function checkSetup(text: string): string {
  if (text.length > MOST_SETUP) fail('OHM9001', `--setup: the file has more than ${MOST_SETUP} characters`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text))
    fail('OHM9001', '--setup: the file has control characters', {
      hint: /\r/.test(text) ? 'save it with LF line ends, not CR LF' : 'it must be a text of shell lines',
    })
  if (/^\s*#SBATCH\b/m.test(text))
    fail('OHM9001', '--setup: #SBATCH lines have no effect there', { hint: 'give them as --slurm key=value' })
  return text.replace(/\n+$/, '')
}

/** @throws OHM9001 a path that a batch script cannot hold, or where Slurm cannot write its logs */
export function checkPath(path: string): string {
  if (/[\p{Cc}\\]/u.test(path))
    fail('OHM9001', 'with --engine slurm, paths have no backslash and no control characters', {
      hint: 'choose another folder',
    })
  return path
}

/** A word of bash that stands for this text, whatever it holds. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

function script(settings: SlurmSettings, step: 'task' | 'after', line: string): string {
  return [
    '#!/bin/bash',
    '# Written by ohmbit study run --engine slurm.',
    `OHMBIT_STEP=${step}`,
    `OHMBIT_COMMAND=(${settings.command.map((word) => quoted(checkPath(word))).join(' ')})`,
    ...(settings.setup === '' ? [] : ['', settings.setup, '']),
    `exec "\${OHMBIT_COMMAND[@]}" ${line}`,
    '',
  ].join('\n')
}

/** A task of an array: its share of a plan's shards. */
export function taskScript(settings: SlurmSettings, folder: string, plan: number, tasks: number): string {
  return script(
    settings,
    'task',
    `study work ${quoted(checkPath(folder))} --plan ${plan} --task "$SLURM_ARRAY_TASK_ID" --of ${tasks}`,
  )
}

/** What runs when an array is over: submits what is missing, or ends the study. */
export function afterScript(settings: SlurmSettings, folder: string, digest: string): string {
  return script(settings, 'after', `study work ${quoted(checkPath(folder))} --next --settings ${digest}`)
}

export const planText = (plan: number): string => `plan${String(plan).padStart(4, '0')}`

/** @param home  folder of the bookkeeping; logs go there */
function common(settings: SlurmSettings, home: string, log: string): string[] {
  return [
    '--parsable',
    `--job-name=${settings.name}`,
    `--chdir=${home}`,
    '--input=/dev/null',
    // Slurm makes a pattern of the whole path.
    `--output=${home.replaceAll('%', '%%')}/log/${log}.txt`,
    '--open-mode=append',
    '--requeue',
  ]
}

export function taskArguments(settings: SlurmSettings, home: string, plan: number, tasks: number): string[] {
  const { sbatch, atOnce } = settings.options
  return [
    ...common(settings, home, `${planText(plan)}-task%a`),
    ...Object.entries(sbatch).map(([key, value]) => `--${key}=${value}`),
    `--array=0-${tasks - 1}${atOnce > 0 ? `%${atOnce}` : ''}`,
  ]
}

/** One processor, no accelerator: what follows is reading and submitting. */
const OF_TASKS: ReadonlySet<string> = new Set(['cpus-per-task', 'gres'])

/** @param arrays  jobs that must be over, however they ended */
export function afterArguments(
  settings: SlurmSettings,
  home: string,
  plan: number,
  arrays: readonly number[],
): string[] {
  return [
    ...common(settings, home, `${planText(plan)}-after`),
    ...Object.entries(settings.options.sbatch)
      .filter(([key]) => !OF_TASKS.has(key))
      .map(([key, value]) => `--${key}=${value}`),
    `--dependency=afterany:${arrays.join(':')}`,
  ]
}
