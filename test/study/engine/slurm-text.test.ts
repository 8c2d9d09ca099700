import { describe, expect, it } from 'vitest'
import { parseLimits, parseQueue, parseSubmitted, phaseOf } from '../../../src/study/engine/slurm-text.ts'
import { submitEnvironment } from '../../../src/study/engine/slurm-tools.ts'

describe('scontrol show config', () => {
  // Lines of Slurm 22.05.8.
  const config = (size: string, parameters: string) =>
    `MailProg                = /bin/mail\nMaxArraySize            = ${size}\nMaxBatchRequeue         = 5\nSchedulerParameters     = ${parameters}\nSchedulerTimeSlice      = 30 sec\n`

  it('says how many tasks an array has', () => {
    expect(parseLimits(config('1001', '(null)'))).toEqual({ tasks: 1001 })
    expect(parseLimits(config('1001', 'bf_interval=1,max_array_tasks=100,defer'))).toEqual({ tasks: 100 })
    expect(parseLimits(config('50', 'max_array_tasks=100'))).toEqual({ tasks: 50 })
  })
  it('may have no arrays', () => {
    expect(() => parseLimits(config('0', ''))).toThrow(/no job arrays/)
    expect(() => parseLimits('')).toThrow(/MaxArraySize/)
  })
})

describe('sbatch --parsable', () => {
  it('prints a number, and the cluster where there are several', () => {
    expect(parseSubmitted('123\n')).toBe(123)
    expect(parseSubmitted('123;alpha\n')).toBe(123)
    expect(parseSubmitted('a word of the site\n4567\n')).toBe(4567)
  })
  it.each(['', 'Submitted batch job 12', '-1', '12 34', '12x'])('refuses %j', (text) => {
    expect(() => parseSubmitted(text)).toThrow(expect.objectContaining({ code: 'OHM8005' }))
  })
})

describe('squeue', () => {
  const name = 'ohmbit-0123456789ab'
  // As Slurm 22.05.8 prints QUEUE_FORMAT.
  const text = [
    `9|1|COMPLETED|n1|${name}|None`,
    `9|0|PENDING||${name}|BeginTime`,
    `10|N/A|PENDING||${name}|Dependency`,
    `9|2|FAILED|n[1-2]|${name}|NonZeroExitCode`,
    `11|N/A|RUNNING|n1|somebody|None`,
    `12|N/A|PENDING||${name}|(a | b)`,
    'slurm_load_jobs error: x',
    '',
  ].join('\n')

  it('lists jobs and tasks of the name alone', () => {
    expect(parseQueue(text, name)).toEqual([
      { job: 9, task: 1, state: 'COMPLETED', nodes: 'n1', reason: '' },
      { job: 9, task: 0, state: 'PENDING', nodes: '', reason: 'BeginTime' },
      { job: 10, task: null, state: 'PENDING', nodes: '', reason: 'Dependency' },
      { job: 9, task: 2, state: 'FAILED', nodes: 'n[1-2]', reason: 'NonZeroExitCode' },
      { job: 12, task: null, state: 'PENDING', nodes: '', reason: '(a | b)' },
    ])
  })

  it.each([
    ['PENDING', 'waiting'],
    ['CONFIGURING', 'waiting'],
    ['REQUEUE_HOLD', 'waiting'],
    ['RUNNING', 'running'],
    ['COMPLETING', 'running'],
    ['SUSPENDED', 'running'],
    ['COMPLETED', 'over'],
    ['NODE_FAIL', 'over'],
    ['OUT_OF_MEMORY', 'over'],
    ['TIMEOUT', 'over'],
    ['A_STATE_OF_LATER', 'over'],
  ])('%s means %s', (state, phase) => {
    expect(phaseOf(state)).toBe(phase)
  })
})

describe('the environment that sbatch is given', () => {
  it('says nothing of the job it is called from, and keeps what the user set', () => {
    const kept = { PATH: '/bin', SLURM_CONF: '/etc/slurm.conf', SBATCH_PARTITION: 'short', SBATCH_ACCOUNT: 'lab' }
    const gone = {
      SLURM_JOB_ID: '1',
      SLURM_CPUS_PER_TASK: '4',
      SLURM_MEM_PER_NODE: '10',
      SBATCH_ARRAY_INX: '0-3',
      SBATCH_WAIT: '1',
    }
    expect(submitEnvironment({ ...kept, ...gone })).toEqual(kept)
  })
})
