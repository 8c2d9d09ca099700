import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface CliResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** The JSON envelope, when --json was given. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into many result shapes
  readonly json: any
}

/** Run the built command line (npm test builds first). */
export function ohmbit(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<CliResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd: options.cwd, env: { ...process.env, NO_COLOR: '1', ...options.env }, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ status, stdout, stderr, json: args.includes('--json') ? JSON.parse(stdout) : null })
      },
    )
  })
}

/** A fresh empty folder. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'ohmbit-test-'))
