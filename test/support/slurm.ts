/**
 * A Slurm of this machine alone, with daemons, keys, ports and state of its own in a temporary folder. Debian: packages
 * slurm-wlm and munge.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { requireTool } from './tools.ts'

/** Whether there is all that it takes; OHMBIT_REQUIRE=slurmctld,slurmd,munged,sbatch asks for it. */
export const requireSlurm = (): boolean => ['sbatch', 'slurmctld', 'slurmd', 'munged'].every(requireTool)

/** Tasks of an array at most. */
export const MAX_ARRAY_SIZE = 6

/** Daemons end by themselves after so many seconds, should the tests die. */
const LIFE = 600

export interface TestSlurm {
  /** For every command that is to see this cluster. */
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  run(tool: string, ...args: string[]): Promise<string>
  /** Until nothing waits or runs. */
  idle(seconds: number): Promise<void>
  /** Cancel whatever waits or runs. */
  clear(): Promise<void>
  stop(): Promise<void>
}

export async function startSlurm(): Promise<TestSlurm> {
  const folder = mkdtempSync(join(tmpdir(), 'ohmbit-slurm-'))
  const inside = (name: string) => join(folder, name)
  for (const name of ['munge', 'state', 'spool']) mkdirSync(inside(name), { mode: 0o700 })
  writeFileSync(inside('munge/key'), randomBytes(1024), { mode: 0o600 })
  const socket = inside('munge/socket')
  const [controller, node] = [await freePort(), await freePort()]
  const user = userInfo().username
  writeFileSync(
    inside('slurm.conf'),
    `${[
      'ClusterName=ohmbit',
      `SlurmctldHost=${hostname()}(127.0.0.1)`,
      `SlurmUser=${user}`,
      `SlurmdUser=${user}`,
      'AuthType=auth/munge',
      'CredType=cred/munge',
      // A requeued job waits for as long as a credential lives: 120 s if not said otherwise.
      `AuthInfo=socket=${socket},cred_expire=5`,
      'ProctrackType=proctrack/linuxproc',
      'TaskPlugin=task/none',
      'SelectType=select/cons_tres',
      'SelectTypeParameters=CR_Core',
      'MpiDefault=none',
      'SwitchType=switch/none',
      'JobAcctGatherType=jobacct_gather/none',
      'ReturnToService=2',
      `SlurmctldPort=${controller}`,
      `SlurmdPort=${node}`,
      ...['StateSaveLocation=state', 'SlurmdSpoolDir=spool'].map((line) => line.replace('=', `=${folder}/`)),
      `SlurmctldPidFile=${inside('slurmctld.pid')}`,
      `SlurmdPidFile=${inside('slurmd.pid')}`,
      'SchedulerType=sched/backfill',
      'SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0',
      'SlurmdParameters=config_overrides',
      'KillWait=2',
      'MinJobAge=300',
      `MaxArraySize=${MAX_ARRAY_SIZE}`,
      `NodeName=n1 NodeHostname=${hostname()} NodeAddr=127.0.0.1 CPUs=3 RealMemory=1000 State=UNKNOWN`,
      'PartitionName=main Nodes=n1 Default=YES MaxTime=INFINITE State=UP',
    ].join('\n')}\n`,
  )
  const env = { ...process.env, SLURM_CONF: inside('slurm.conf') }
  const daemon = (name: string, ...args: string[]) => {
    const out = openSync(inside(`${name}.out`), 'w')
    return spawn('timeout', [String(LIFE), name, ...args], { env, stdio: ['ignore', out, out] })
  }
  const run = (tool: string, ...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile(tool, args, { env, timeout: 30_000 }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${tool} ${args.join(' ')}: ${stderr}${error.message}`)),
      )
    })
  const until = async (what: string, seconds: number, done: () => Promise<boolean>) => {
    for (let i = 0; i < seconds * 5; i++) {
      if (await done()) return
      await pause(200)
    }
    const logs = ['munged', 'slurmctld', 'slurmd'].map((name) =>
      readFileSync(inside(`${name}.out`), 'utf8').slice(-2000),
    )
    throw new Error(`${what} not in ${seconds} s\n${logs.join('\n')}`)
  }
  const answers = (tool: string, ...args: string[]) => run(tool, ...args).catch(() => '')

  const munge = ['key-file=key', 'socket=socket', 'pid-file=pid', 'log-file=log', 'seed-file=seed']
  const daemons = [
    daemon(
      'munged',
      '--foreground',
      '--force',
      ...munge.map((option) => `--${option.replace('=', `=${folder}/munge/`)}`),
    ),
  ]
  const clear = async () => {
    if ((await answers('squeue', '--noheader')).trim() === '') return
    await answers('scancel', '--quiet', `--user=${user}`)
    await until('no job', 15, async () => (await answers('squeue', '--noheader')).trim() === '').catch(() => {})
  }
  const stop = async () => {
    await clear()
    for (const child of daemons.reverse()) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode !== null) continue
      child.kill('SIGTERM')
      await Promise.race([gone, pause(5000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))])
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until('munge', 10, async () => (await answers('munge', `--socket=${socket}`, '--no-input')) !== '')
    daemons.push(daemon('slurmctld', '-D'))
    daemons.push(daemon('slurmd', '-D', '-N', 'n1'))
    await until('an idle node', 30, async () => (await answers('sinfo', '--noheader', '--format=%T')).trim() === 'idle')
  } catch (error) {
    await stop()
    throw error
  }
  return {
    env,
    run,
    clear,
    stop,
    version: execFileSync('sbatch', ['--version'], { env, encoding: 'utf8' }).trim(),
    idle: (seconds) => until('an empty queue', seconds, async () => (await run('squeue', '--noheader')).trim() === ''),
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
