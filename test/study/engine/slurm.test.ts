/** Studies on a Slurm of this machine alone. Tasks wait where a test asks them to, by the setup lines of their jobs. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type CliResult, emptyFolder, ohmbit } from '../../support/cli.ts'
import { MAX_ARRAY_SIZE, requireSlurm, startSlurm, type TestSlurm } from '../../support/slurm.ts'

const here = requireSlurm()
const folder = emptyFolder()
const inside = (...names: string[]) => join(folder, ...names)
let slurm: TestSlurm

/** Several rounds, the later ones with points of their own. */
const LOOSEST = {
  ...{ format: 'ohmbit/study/1', deployment: 'deployed', kind: 'loosest', require: 'nmseDb <= 2' },
  ...{ chips: 24, samples: 20, shardChips: 6 },
  loosest: { path: 'adc.comparator.offsetSigma', tight: '1 mV', loose: '400 mV', yield: '70 %', tolerance: 0.3 },
}
/** One round of 18 shards, long enough that a task can be killed in the middle. */
const PLAIN = {
  ...{ format: 'ohmbit/study/1', deployment: 'deployed', require: 'nmseDb <= 2' },
  ...{ chips: 72, samples: 3000, shardChips: 4 },
}

beforeAll(async () => {
  if (!here) return
  const task = 'sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4'
  const network = 'examples/vqcs_n20_I4/model.onnx'
  const deployed = await ohmbit([
    'deploy',
    network,
    '--profile',
    'reram-1t1r',
    '--task',
    task,
    '-o',
    inside('deployed'),
  ])
  expect(deployed.stderr).toBe('')
  writeFileSync(inside('loosest.json'), JSON.stringify(LOOSEST))
  writeFileSync(inside('plain.json'), JSON.stringify(PLAIN))
  for (const name of ['loosest', 'plain'])
    expect((await ohmbit(['study', 'run', inside(`${name}.json`), '-o', inside(`${name} threads`)])).status).toBe(0)
  slurm = await startSlurm()
  console.log(`${slurm.version} on this machine`)
}, 120_000)
afterAll(async () => {
  await slurm?.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const study = (...args: string[]): Promise<CliResult> => ohmbit(['study', ...args], { env: slurm.env })

async function status(dir: string) {
  const { json, stdout } = await study('status', dir, '--json')
  if (json.ok !== true) throw new Error(stdout)
  return json.result
}

async function until(what: string, done: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(20)) if (await done()) return
  throw new Error(`${what}: not in ${seconds} s\n${await slurm.run('squeue', '--array', '--states=all')}`)
}

/** Each file of a folder with the hash of its bytes. */
function bytesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => statSync(join(dir, name)).isFile())
  return Object.fromEntries(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex'),
    ]),
  )
}

/** Setup lines by which a task says that it runs and waits for as long as `hold-K` is there. */
function gate(name: string, more = ''): { setup: string; at: (file: string) => string; open: (task: number) => void } {
  const where = inside(name)
  mkdirSync(where)
  for (const task of [0, 1, 2]) writeFileSync(join(where, `hold-${task}`), '')
  const setup = inside(`${name}.sh`)
  writeFileSync(
    setup,
    [
      more,
      'if [ "$OHMBIT_STEP" = task ]; then',
      `  echo $$ > '${where}/pid-'$SLURM_ARRAY_TASK_ID-$SLURM_RESTART_COUNT`,
      `  while [ -e '${where}/hold-'$SLURM_ARRAY_TASK_ID ]; do sleep 0.05; done`,
      'fi',
      '',
    ].join('\n'),
  )
  const at = (file: string) => join(where, file)
  return { setup, at, open: (task) => rmSync(at(`hold-${task}`)) }
}

describe.skipIf(!here)('studies on Slurm', () => {
  // What a failed test left behind would keep the others waiting.
  afterEach(() => slurm.clear())

  it('rounds, points that rounds add, more shards than tasks: the bytes of threads', async () => {
    const dir = inside("it's a %study")
    const setup = inside('setup lines.sh')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: of bash
    writeFileSync(setup, 'export GREETING=\'hello world\'\nOHMBIT_COMMAND=(env -u NOTHING "${OHMBIT_COMMAND[@]}")\n')
    const started = await study(
      ...['run', inside('loosest.json'), '--engine', 'slurm', '--setup', setup, '-o', dir, '--json'],
      ...['--slurm', 'partition=main,time=5', '--slurm', 'mem=200M,at-once=3'],
    )
    expect(started.stdout).toContain('"ok": true')
    expect(started.json.result).toMatchObject({ state: 'submitted', tasks: MAX_ARRAY_SIZE, shards: 20, attempt: 0 })
    await slurm.idle(60)
    const end = await status(dir)
    expect(end).toMatchObject({ state: 'finished', rounds: 3, openShards: 0, slurm: { arrays: 3, stopped: null } })
    expect(bytesOf(dir)).toEqual(bytesOf(inside('loosest threads')))
    // The jobs are known beside the study, with what they printed.
    const log = readdirSync(`${dir}.slurm/log`)
    expect(log).toContain('plan0000-task5.txt')
    expect(readFileSync(`${dir}.slurm/log/plan0002-after.txt`, 'utf8')).toContain('may be as loose as')
  })

  it('a killed task, a requeued one, a lost node, a job after that was lost: the bytes of threads', async () => {
    const dir = inside('hurt')
    const { setup, at, open } = gate('gate')
    const run = ['run', inside('plain.json'), '--engine', 'slurm', '--slurm', 'tasks=3', '--setup', setup, '-o', dir]
    const { array, after } = (await study(...run, '--json')).json.result
    const started = (task: number, times: number) => () => existsSync(at(`pid-${task}-${times || ''}`))
    for (const task of [0, 1, 2]) await until(`task ${task} runs`, started(task, 0))
    expect((await status(dir)).slurm).toMatchObject({
      ...{ active: true, arrays: 1, shards: { running: 18, waiting: 0, missing: 0 } },
      jobs: [
        { job: array, kind: 'array', states: { RUNNING: 3 } },
        { job: after, kind: 'after', states: { PENDING: 1 }, reason: 'Dependency' },
      ],
    })
    // A folder with jobs at work is left to them.
    for (const again of [['resume', dir], run, [...run, '--force']]) {
      const refused = await study(...again)
      expect(refused.status).toBe(3)
      expect(refused.stderr).toContain('OHM8003')
      expect(refused.stderr).toContain(String(array))
    }

    // kill -9 in the middle of its slice: what was written stays.
    open(0)
    const shards = () => readdirSync(join(dir, 'shards')).filter((name) => name.endsWith('.parquet'))
    await until('a first shard', () => existsSync(join(dir, 'shards')) && shards().length > 0)
    process.kill(Number(readFileSync(at('pid-0-'), 'utf8')), 'SIGKILL')
    await until('task 0 failed', async () => (await status(dir)).slurm.jobs[0].states.FAILED === 1)
    const kept = shards()
    expect(kept.length).toBeLessThan(6)
    const times = kept.map((name) => statSync(join(dir, 'shards', name)).mtimeMs)
    // One of them is damaged; the job after finds it.
    const path = join(dir, 'shards', kept[0]!)
    writeFileSync(path, readFileSync(path).fill(7, 100, 104))
    expect((await status(dir)).slurm.shards).toEqual({ running: 12, waiting: 0, missing: 7 - kept.length })

    // A job after that is started again while another waits does nothing; with none it waits for the array anew.
    const { settings } = /--settings (?<settings>\w+)/.exec(readFileSync(`${dir}.slurm/plan0000-after.sh`, 'utf8'))!
      .groups!
    const next = async () => (await study('work', dir, '--next', '--settings', settings!, '--json')).json
    expect((await next()).result).toEqual({ state: 'idle' })
    await slurm.run('scancel', String(after))
    await until(
      'it is gone',
      async () => !/ PENDING/.test(await slurm.run('squeue', '-h', '-o', '%i %T', '-j', `${after}`)),
    )
    expect((await next()).result).toMatchObject({ state: 'submitted', array })
    expect((await study('work', dir, '--next', '--settings', '0'.repeat(64), '--json')).json.error.code).toBe('OHM8002')

    await slurm.run('scontrol', 'requeue', `${array}_1`)
    await until('task 1 runs again', started(1, 1))
    await slurm.run('scontrol', 'update', 'NodeName=n1', 'State=DOWN', 'Reason=lost')
    // It may have come back by itself.
    await slurm.run('scontrol', 'update', 'NodeName=n1', 'State=RESUME').catch(() => '')
    await until('task 2 runs again', started(2, 1))
    open(1)
    open(2)
    await slurm.idle(60)
    expect(await status(dir)).toMatchObject({ state: 'finished', slurm: { arrays: 2, stopped: null } })
    expect(kept.slice(1).map((name) => statSync(join(dir, 'shards', name)).mtimeMs)).toEqual(times.slice(1))
    expect(bytesOf(dir)).toEqual(bytesOf(inside('plain threads')))
  })

  it('cancelled: what is done stays, threads go on with it', async () => {
    const dir = inside('cancelled')
    const { setup, at, open } = gate('gate of the cancelled')
    await study('run', inside('plain.json'), '--engine', 'slurm', '--slurm', 'tasks=3', '--setup', setup, '-o', dir)
    await until('task 2 runs', () => existsSync(at('pid-2-')))
    open(0)
    await until('a first shard', () => existsSync(join(dir, 'shards')) && readdirSync(join(dir, 'shards')).length > 0)
    const cancelled = await study('cancel', dir, '--json')
    expect(cancelled.json.result).toMatchObject({ state: 'cancelled', left: 0 })
    expect(await slurm.run('squeue', '--noheader')).toBe('')
    const text = (await study('status', dir)).stdout
    expect(text).toContain('interrupted')
    expect(text).toContain('cancelled')
    expect((await study('cancel', dir, '--json')).json.result).toEqual({ state: 'idle' })
    expect((await study('work', dir, '--task', '0', '--of', '3', '--json')).json.result).toMatchObject({
      cancelled: true,
    })

    // By Slurm's own command: the job after sees it.
    const more = ['--engine', 'slurm', '--slurm', 'tasks=1', '--setup', setup, '--json']
    writeFileSync(at('hold-0'), '')
    const { array } = (await study('resume', dir, ...more)).json.result
    await slurm.run('scancel', String(array))
    await slurm.idle(60)
    const { slurm: jobs } = await status(dir)
    expect(jobs).toMatchObject({ arrays: 1, active: false, cancelled: false })
    expect(jobs.stopped[0].message).toContain(`array job ${array} was cancelled`)

    expect((await study('resume', dir, '--require-yield', '0.01')).status).toBe(0)
    expect(bytesOf(dir)).toEqual(bytesOf(inside('plain threads')))
    // Nothing is missing: nothing is submitted.
    expect((await study('resume', dir, '--engine', 'slurm', '--json')).json.result.state).toBeUndefined()
  })

  it('tasks that never work are tried a bounded number of times, and say why', async () => {
    const dir = inside('hopeless')
    const setup = inside('broken.sh')
    writeFileSync(setup, '[ "$OHMBIT_STEP" = task ] && exit 1\n')
    const hopeless = ['--engine', 'slurm', '--slurm', 'tasks=2,retries=1', '--setup', setup]
    await study('run', inside('plain.json'), ...hopeless, '-o', dir)
    await slurm.idle(60)
    const end = await status(dir)
    expect(end).toMatchObject({ state: 'interrupted', openShards: 18, slurm: { arrays: 2, active: false } })
    expect(end.slurm.stopped[0]).toMatchObject({ code: 'OHM8005' })
    expect(end.slurm.stopped[0].message).toContain('18 shards')
    expect((await study('status', dir)).stdout).toContain('stopped: OHM8005')
    // The same folder by other settings.
    const resumed = await study('resume', dir, '--engine', 'slurm', '--json')
    expect(resumed.json.result).toMatchObject({ state: 'submitted', attempt: 0, plan: 0 })
    await slurm.idle(60)
    expect(bytesOf(dir)).toEqual(bytesOf(inside('plain threads')))
  })

  it('an error that comes again each time ends the study at once', async () => {
    const dir = inside('lasting')
    const setup = inside('lasting.sh')
    const problem = { format: 'ohmbit/slurm/1', problems: [{ code: 'OHM5005', message: 'too large for this node' }] }
    writeFileSync(
      setup,
      `if [ "$OHMBIT_STEP" = task ]; then\nmkdir failed\necho '${JSON.stringify(problem)}' >failed/plan0000-task0.json\nexit 4\nfi\n`,
    )
    await study('run', inside('plain.json'), '--engine', 'slurm', '--slurm', 'tasks=1', '--setup', setup, '-o', dir)
    await slurm.idle(60)
    const { state, slurm: jobs } = await status(dir)
    expect({ state, arrays: jobs.arrays }).toEqual({ state: 'interrupted', arrays: 1 })
    expect(jobs.stopped).toEqual(problem.problems)
  })

  it('what Slurm refuses is said in its words', async () => {
    const run = ['run', inside('plain.json'), '--engine', 'slurm', '-o', inside('refused')]
    const refused = await study(...run, '--slurm', 'partition=nosuch', '--json')
    expect(refused.status).toBe(6)
    expect(refused.json.error).toMatchObject({ code: 'OHM8005', kind: 'external' })
    expect(refused.json.error.message).toContain('invalid partition specified: nosuch')
    const absent = await ohmbit(['study', ...run, '--json'], { env: { PATH: '/nowhere' } })
    expect(absent.json.error.message).toBe('scontrol is not installed here, or not on the PATH')
    expect(absent.status).toBe(6)
    expect((await status(inside('refused'))).state).toBe('interrupted')
  })

  it.each([
    ['a setting without the engine', ['--slurm', 'partition=main'], /--slurm says nothing without --engine slurm/],
    ['threads on a cluster', ['--engine', 'slurm', '--workers', '4'], /cpus-per-task/],
    ['a setup that is not there', ['--engine', 'slurm', '--setup', 'nosuch'], /cannot read nosuch/],
  ])('refused before anything is written: %s', async (_, args, said) => {
    const refused = await study('run', inside('plain.json'), ...args, '-o', inside('nothing'))
    expect(refused.stderr).toMatch(said)
    expect(refused.status).toBeGreaterThan(1)
    expect(existsSync(inside('nothing'))).toBe(false)
  })
})
