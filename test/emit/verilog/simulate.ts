import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Files = readonly { readonly name: string; readonly text: string }[]

/** Run a program to its end. */
function run(program: string, args: readonly string[], cwd: string): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ status, output: `${stdout}${stderr}` })
    })
  })
}

/** Compile files without a warning and run a testbench in Icarus Verilog. Files that are null are left out. */
export async function icarus(
  files: Files,
  top: string,
  changed: Readonly<Record<string, string | null>> = {},
): Promise<{ status: number; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ohmbit-test-'))
  try {
    for (const { name, text } of files) {
      const content = changed[name] === undefined ? text : changed[name]
      if (content !== null) writeFileSync(join(folder, name), content)
    }
    const prefix = top.startsWith('adc') ? 'adc_' : 'decnet'
    const sources = files.map(({ name }) => name).filter((name) => name.startsWith(prefix) && name.endsWith('.v'))
    const built = await run('iverilog', ['-g2005', '-Wall', '-s', top, '-o', 'tb', ...sources], folder)
    if (built.status !== 0 || built.output !== '') return { status: -1, output: `compiling: ${built.output}` }
    return await run('vvp', ['-n', 'tb'], folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What `verilator --lint-only -Wall` says. */
export async function lint(files: Files, top: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ohmbit-test-'))
  try {
    for (const { name, text } of files) writeFileSync(join(folder, name), text)
    const { output } = await run('verilator', ['--lint-only', '-Wall', '--top-module', top, `${top}.v`], folder)
    return output
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
