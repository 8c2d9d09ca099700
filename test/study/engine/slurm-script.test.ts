import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { slurmOptions } from '../../../src/study/engine/slurm-options.ts'
import {
  afterArguments,
  afterScript,
  checkSetup,
  quoted,
  type SlurmSettings,
  taskArguments,
  taskScript,
} from '../../../src/study/engine/slurm-script.ts'
import { emptyFolder } from '../../support/cli.ts'

const settings = (more: Partial<SlurmSettings> = {}): SlurmSettings => ({
  name: 'ohmbit-0123456789ab',
  options: slurmOptions(['partition=short,cpus-per-task=4,mem=2G,gres=gpu:1,tasks=10']),
  command: [process.execPath, '/opt/ohmbit/main.js'],
  setup: '',
  ...more,
})

/** Run a batch script as a node does; its program prints its arguments. */
function words(text: (command: readonly string[]) => string): { args: string[]; step: string } {
  const folder = emptyFolder()
  const program = join(folder, "it's a program.mjs")
  writeFileSync(program, 'console.log(JSON.stringify({args: process.argv.slice(2), step: process.env.STEP ?? ""}))')
  const path = join(folder, 'job.sh')
  writeFileSync(path, text([process.execPath, program]))
  return JSON.parse(
    execFileSync('bash', [path], { encoding: 'utf8', env: { PATH: '/bin:/usr/bin', SLURM_ARRAY_TASK_ID: '7' } }),
  )
}

describe('a batch script', () => {
  test.prop([fc.string({ unit: fc.constantFrom(...' abc\'"$`\\!*?~#&|;<>(){}[]%=-é/') })], { numRuns: 30 })(
    'a quoted text is one word of bash, and itself',
    (text) => {
      expect(execFileSync('bash', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' })).toBe(text)
    },
  )

  it('runs the task of the array, whatever the folder is called', () => {
    const folder = '/scratch/$(touch x) it\'s "mine" `id` %a/study'
    expect(words((command) => taskScript(settings({ command }), folder, 3, 12)).args).toEqual([
      'study',
      'work',
      folder,
      '--plan',
      '3',
      '--task',
      '7',
      '--of',
      '12',
    ])
  })

  it('goes on after the array', () => {
    expect(words((command) => afterScript(settings({ command }), '/s/dir', 'abc')).args).toEqual([
      'study',
      'work',
      '/s/dir',
      '--next',
      '--settings',
      'abc',
    ])
  })

  it('runs the setup lines before, which may put a container around the tasks alone', () => {
    const setup =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: of bash
      'export STEP=$OHMBIT_STEP\n[ "$OHMBIT_STEP" = task ] && OHMBIT_COMMAND=(env -u NOTHING "${OHMBIT_COMMAND[@]}" in)\n'
    const task = words((command) => taskScript(settings({ command, setup }), '/s', 0, 8))
    expect(task).toEqual({
      step: 'task',
      args: ['in', 'study', 'work', '/s', '--plan', '0', '--task', '7', '--of', '8'],
    })
    const after = words((command) => afterScript(settings({ command, setup }), '/s', 'd'))
    expect(after).toEqual({ step: 'after', args: ['study', 'work', '/s', '--next', '--settings', 'd'] })
  })

  it('has no lines that a path smuggles in', () => {
    expect(() => taskScript(settings(), '/a\nrm -r /', 0, 1)).toThrow(/control characters/)
    expect(() => taskScript(settings(), '/a\\b', 0, 1)).toThrow(/backslash/)
  })
})

describe('setup lines', () => {
  it('stay as they are', () => {
    expect(checkSetup('module load nodejs/20\n\n\texport A="b c"\n\n')).toBe(
      'module load nodejs/20\n\n\texport A="b c"',
    )
  })
  it.each([
    ['CR LF', 'module load a\r\n'],
    ['a NUL', 'a\u0000b'],
    ['an escape', 'echo \u001b[31m'],
    ['#SBATCH', 'module load a\n#SBATCH --mem=1G'],
    ['too much', 'x'.repeat(100_000)],
  ])('refuses %s', (_, text) => {
    expect(() => checkSetup(text)).toThrow(expect.objectContaining({ code: 'OHM9001' }))
  })
})

describe('arguments of sbatch', () => {
  it('of an array', () => {
    expect(taskArguments(settings(), '/s/100%/dir.slurm', 2, 10)).toEqual([
      '--parsable',
      '--job-name=ohmbit-0123456789ab',
      '--chdir=/s/100%/dir.slurm',
      '--input=/dev/null',
      '--output=/s/100%%/dir.slurm/log/plan0002-task%a.txt',
      '--open-mode=append',
      '--requeue',
      '--cpus-per-task=4',
      '--gres=gpu:1',
      '--mem=2G',
      '--partition=short',
      '--array=0-9',
    ])
    const few = settings({ options: slurmOptions(['at-once=3']) })
    expect(taskArguments(few, '/s', 0, 1).at(-1)).toBe('--array=0-0%3')
  })

  it('of the job after, which takes one processor', () => {
    expect(afterArguments(settings(), '/s/100%/dir.slurm', 2, [41, 42])).toEqual([
      '--parsable',
      '--job-name=ohmbit-0123456789ab',
      '--chdir=/s/100%/dir.slurm',
      '--input=/dev/null',
      '--output=/s/100%%/dir.slurm/log/plan0002-after.txt',
      '--open-mode=append',
      '--requeue',
      '--mem=2G',
      '--partition=short',
      '--dependency=afterany:41:42',
    ])
  })
})
