/**
 * An external program: started without a shell, bounded in time and output.
 */
import { spawn } from 'node:child_process'

/** Kept of what a program prints. */
const MAX_OUTPUT = 64 << 20

export interface ProgramOutcome {
  /** Exit status; null: it could not be started, or was stopped */
  readonly status: number | null
  /** stdout and stderr as they came */
  readonly output: string
  /** What came on stdout, then what came on stderr: no line is cut in two by the other. */
  readonly apart: string
  /** Why it was not started or was stopped. */
  readonly stopped: string | null
}

/** Start a program without a shell and collect what it prints. Never throws. */
export function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  seconds: number,
): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: false })
    const chunks: Buffer[] = []
    const out: Buffer[] = []
    const err: Buffer[] = []
    let size = 0
    let stopped: string | null = null
    const stop = (reason: string) => {
      stopped ??= reason
      child.kill('SIGKILL')
      // What it started may live on and hold the pipes open: nobody waits for that.
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(() => stop(`did not finish within ${seconds} s`), seconds * 1000)
    const take = (own: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length
      if (size > MAX_OUTPUT) stop(`printed more than ${MAX_OUTPUT} bytes`)
      else for (const list of [chunks, own]) list.push(chunk)
    }
    child.stdout.on('data', take(out))
    child.stderr.on('data', take(err))
    const done = (status: number | null) => {
      clearTimeout(timer)
      const text = (list: Buffer[]) => Buffer.concat(list).toString('utf8')
      resolve({ status, output: text(chunks), apart: `${text(out)}\n${text(err)}`, stopped })
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      stopped ??= error.code === 'ENOENT' ? 'is not installed' : `cannot be started (${error.code})`
      done(null)
    })
    child.once('close', done)
  })
}
