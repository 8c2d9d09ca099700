/** The `study` commands of the command table. */
import { type CommandSpec, FORCE, INPUTS, METRIC, type OptionSpec, out, SET, TRUTH } from './command-spec.ts'

const GROUP = 'many chips: yield, sweeps, sensitivity; resumable'
const FOLDER = ['dir', 'folder of a study'] as const

const WORKERS: OptionSpec = {
  flags: '--workers <n>',
  description: 'threads (default: all processors); results are the same bytes',
  kind: 'integer',
}
const PROGRESS: OptionSpec = {
  flags: '--progress <form>',
  description: 'on stderr: text on a terminal, or json lines for scripts',
  choices: ['text', 'json'],
}
const REQUIRE_YIELD: OptionSpec = {
  flags: '--require-yield <share>',
  description: 'exit with 1 unless the 95 % interval of each yield lies above this share, e.g. 0.95',
}

const ON_CLUSTER: readonly OptionSpec[] = [
  {
    flags: '--engine <name>',
    description: 'what runs the chips: threads of this process (default), or jobs on a Slurm cluster',
    choices: ['threads', 'slurm'],
  },
  {
    flags: '--slurm <key=value>',
    description: 'with --engine slurm: partition=short,time=02:00:00,tasks=100; repeatable, see docs/cluster.md',
    kind: 'repeat',
  },
  { flags: '--setup <file>', description: 'with --engine slurm: shell lines that each job runs before' },
]

export const studyCommands: readonly CommandSpec[] = [
  {
    name: 'study run',
    group: GROUP,
    summary: 'run many chips of a deployment, or a study file, into a folder',
    args: [['spec', 'study file (.json), or a deployment folder']],
    options: [
      out('folder to write; one that holds the same study is gone on with'),
      { flags: '--chips <n>', description: 'chips a point; with --until at most so many', kind: 'integer' },
      { flags: '--samples <n>', description: 'vectors drawn from the task', kind: 'integer' },
      INPUTS,
      TRUTH,
      METRIC,
      { flags: '--require <text>', description: "what a good chip scores, e.g. 'nmseDb <= -8', 'ber loss <= 1e-3'" },
      {
        flags: '--until <text>',
        description: "run until an interval is narrow, e.g. 'yield +- 1 %', 'median +- 0.05 dB'",
      },
      REQUIRE_YIELD,
      SET,
      WORKERS,
      PROGRESS,
      ...ON_CLUSTER,
      { flags: '--dry-run', description: 'check the study, estimate its cost from a chip or two, and stop' },
      FORCE,
    ],
    examples: [
      "study run deployed/ --chips 1000 --require 'nmseDb <= -8' -o yield/",
      'study run sweep.json --dry-run',
      'study run sweep.json --workers 8 -o sweep/',
      'study run sweep.json --engine slurm --slurm partition=short,time=02:00:00 -o sweep/',
    ],
    load: () => import('./study-run.ts'),
  },
  {
    name: 'study resume',
    group: GROUP,
    summary: 'go on with a study that was interrupted',
    args: [FOLDER],
    options: [REQUIRE_YIELD, WORKERS, PROGRESS, ...ON_CLUSTER],
    examples: ['study resume yield/', 'study resume yield/ --engine slurm --slurm partition=short'],
    load: () => import('./study-resume.ts'),
  },
  {
    name: 'study show',
    group: GROUP,
    summary: 'what a study found: quantiles, yield, points, sensitivity, with intervals',
    args: [FOLDER],
    options: [
      { flags: '--csv <file>', description: 'write all rows, one a chip and point' },
      { flags: '--points <file>', description: 'write one row a point, as CSV' },
      FORCE,
    ],
    examples: ['study show yield/', 'study show sweep/ --points points.csv --csv chips.csv'],
    load: () => import('./study-show.ts'),
  },
  {
    name: 'study status',
    group: GROUP,
    summary: 'how far a study is, and who runs it',
    args: [FOLDER],
    options: [],
    examples: ['study status yield/'],
    load: () => import('./study-status.ts'),
  },
  {
    name: 'study cancel',
    group: GROUP,
    summary: 'stop the run of a study, from anywhere; what is done stays',
    args: [FOLDER],
    options: [],
    examples: ['study cancel yield/'],
    load: () => import('./study-cancel.ts'),
  },
  {
    name: 'study work',
    group: GROUP,
    summary: 'what the jobs of --engine slurm call: a task of an array, or the step after it',
    args: [FOLDER],
    options: [
      { flags: '--task <k>', description: 'number of the task, from 0', kind: 'integer' },
      { flags: '--of <n>', description: 'tasks of the array', kind: 'integer' },
      { flags: '--plan <n>', description: 'which array (default: the last)', kind: 'integer' },
      { flags: '--workers <n>', description: 'threads (default: SLURM_CPUS_PER_TASK, or 1)', kind: 'integer' },
      { flags: '--next', description: 'submit what is missing or comes next, or finish the study' },
      { flags: '--settings <sha256>', description: 'with --next: what the jobs were submitted with' },
    ],
    examples: ['study work sweep/ --task 0 --of 16'],
    load: () => import('./study-work.ts'),
  },
]
