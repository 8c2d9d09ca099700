/**
 * The emitted Verilog, looked at from outside: linted, elaborated without a warning, its testbenches run in two
 * simulators, and synthesized as far as counting goes.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OhmbitError } from '../base/errors.ts'
import type { FixedDecoder } from '../decoder/fixed-decoder.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { digitalHalf } from '../emit/fixed-decoder.ts'
import { type Verilog, verilog } from '../emit/verilog/verilog.ts'
import { type Check, type CheckGroup, judge } from './check.ts'
import { type ProgramOutcome, runProgram } from './run-program.ts'
import { found } from './table-checks.ts'

export const VERILOG_TOOLS = { icarus: 'iverilog', verilator: 'verilator', yosys: 'yosys' } as const
const ICARUS_IDS = { decoder: 'verilog-icarus', search: 'verilog-search' } as const
const VERILATOR_IDS = { lint: 'verilog-lint', decoder: 'verilog-verilator' } as const
const YOSYS_ID = 'verilog-synthesis'
const IDS = [...Object.values(ICARUS_IDS), ...Object.values(VERILATOR_IDS), YOSYS_ID]

/** Random golden vectors beside the fixed cases; fewer for Icarus where a vector is long. */
const RANDOM = 1000
const SHORT_RANDOM = 50
const LONG_VECTOR = 200_000
const SECONDS = 600

type Files = Verilog['files']

/** What one tool is given: a design as fast as it can be simulated, and one as it is emitted by default. */
export interface VerilogDesigns {
  readonly wide: Files
  readonly usual: Files
}

/** Check the emitted Verilog of a deployment; `required` tools that are missing fail their checks. */
export async function verilogChecks(deployment: Deployment, required: readonly string[]): Promise<CheckGroup> {
  let designs: VerilogDesigns
  try {
    designs = designsOf(deployment)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    const detail = `no Verilog can be written: ${error.message}`
    return { checks: IDS.map((id) => ({ id, status: 'skipped', detail })), missing: [] }
  }
  return checkVerilog(designs, required)
}

function designsOf(deployment: Deployment): VerilogDesigns {
  const { layers } = digitalHalf(deployment).decoder
  const most = layers.reduce((m, layer) => Math.max(m, layer.outputs), 1)
  const randomVectors = productsOf(layers) > LONG_VECTOR ? SHORT_RANDOM : RANDOM
  return {
    wide: verilog(deployment, { multipliers: most, randomVectors }).files,
    usual: verilog(deployment, { randomVectors: RANDOM }).files,
  }
}

const productsOf = (layers: FixedDecoder['layers']) => layers.reduce((n, layer) => n + layer.weights.length, 0)

/** Check emitted files. */
export async function checkVerilog(designs: VerilogDesigns, required: readonly string[]): Promise<CheckGroup> {
  return inFolders(designs, async (wide, usual) => {
    const { icarus, verilator, yosys } = VERILOG_TOOLS
    const search = designs.wide.some(({ name }) => name === 'adc_search_tb.v')
    const withVerilator = async () =>
      (await found(verilator))
        ? verilatorChecks(usual, designs.usual, search)
        : absent(Object.values(VERILATOR_IDS), verilator, 'a Verilog linter and simulator', required)
    const withYosys = async () =>
      (await found(yosys))
        ? { checks: [await synthesisCheck(usual, designs.usual)], missing: [] }
        : absent([YOSYS_ID], yosys, 'a synthesis tool', required)
    // The first takes about as long as the others together.
    const [first, others] = await Promise.all([
      (async () =>
        (await found(icarus))
          ? icarusChecks(wide, designs.wide, search)
          : absent(Object.values(ICARUS_IDS), icarus, 'Icarus Verilog', required))(),
      (async () => [await withVerilator(), await withYosys()])(),
    ])
    const groups = [first, ...others]
    return { checks: groups.flatMap(({ checks }) => checks), missing: groups.flatMap(({ missing }) => missing) }
  })
}

/** Elaborate and run a testbench with Icarus Verilog. @returns what its last line says, or what is wrong */
export async function runIcarus(
  folder: string,
  files: Files,
  top: 'decnet_tb' | 'adc_search_tb',
): Promise<{ passed: string | null; problem: string }> {
  const sources = sourcesOf(files, top)
  const built = await runProgram(
    VERILOG_TOOLS.icarus,
    ['-g2005', '-Wall', '-s', top, '-o', `${top}.vvp`, ...sources],
    folder,
    SECONDS,
  )
  if (built.status !== 0 || built.output.trim() !== '')
    return { passed: null, problem: `iverilog -g2005 -Wall: ${reasonOf(built)}` }
  return outcomeOf(await runProgram('vvp', ['-n', `${top}.vvp`], folder, SECONDS), top)
}

async function icarusChecks(folder: string, files: Files, search: boolean): Promise<CheckGroup> {
  const ran = await runIcarus(folder, files, 'decnet_tb')
  return {
    checks: [
      judged(ICARUS_IDS.decoder, ran, 'iverilog -g2005 -Wall clean; '),
      search
        ? judged(ICARUS_IDS.search, await runIcarus(folder, files, 'adc_search_tb'), 'iverilog -g2005 -Wall clean; ')
        : { id: ICARUS_IDS.search, status: 'skipped', detail: 'a flash converter does not search' },
    ],
    missing: [],
  }
}

const judged = (id: string, { passed, problem }: { passed: string | null; problem: string }, prefix = ''): Check =>
  judge(id, passed === null ? [problem] : [], `${prefix}${passed}`)

async function verilatorChecks(folder: string, files: Files, search: boolean): Promise<CheckGroup> {
  const lint: string[] = []
  const tops = search ? ['decnet', 'adc_search'] : ['decnet']
  for (const top of tops) {
    const args = ['--lint-only', '-Wall', '--top-module', top, ...sourcesOf(files, top)]
    const done = await runProgram(VERILOG_TOOLS.verilator, args, folder, SECONDS)
    if (done.status !== 0 || done.output.trim() !== '') lint.push(`${top}: ${reasonOf(done)}`)
  }
  return {
    checks: [
      judge(VERILATOR_IDS.lint, lint, `verilator --lint-only -Wall: ${tops.join(', ')} clean`),
      lint.length > 0 ? judge(VERILATOR_IDS.decoder, [], '', 0) : await verilatorRun(folder, files),
    ],
    missing: [],
  }
}

async function verilatorRun(folder: string, files: Files): Promise<Check> {
  const top = 'decnet_tb'
  const args = ['--binary', '-Wno-fatal', '--top-module', top, '-Mdir', 'obj', '-o', top, ...sourcesOf(files, top)]
  const built = await runProgram(VERILOG_TOOLS.verilator, args, folder, SECONDS)
  // Before version 5 it cannot run a testbench.
  if (built.status !== 0 && /invalid option:? *-*binary/i.test(built.output))
    return { id: VERILATOR_IDS.decoder, status: 'skipped', detail: 'this verilator has no --binary' }
  if (built.status !== 0) return judge(VERILATOR_IDS.decoder, [`verilator --binary: ${reasonOf(built)}`], '')
  return judged(
    VERILATOR_IDS.decoder,
    outcomeOf(await runProgram(join(folder, 'obj', top), [], folder, SECONDS), top),
    'verilator --binary; ',
  )
}

/** What a testbench says: PASS in a line of its own, and no error. */
function outcomeOf(ran: ProgramOutcome, top: string): { passed: string | null; problem: string } {
  const line = ran.output.split('\n').find((l) => l.startsWith(`${top}: PASS, `))
  if (ran.status === 0 && line !== undefined && !/error|fatal/i.test(ran.output))
    return { passed: line.slice(`${top}: PASS, `.length).trim(), problem: '' }
  const reason = ran.output.split('\n').find((l) => /fatal|error/i.test(l))
  return { passed: null, problem: `${top}: ${reason?.trim() ?? reasonOf(ran)}` }
}

/** Count what synthesis finds, before mapping to a technology. */
async function synthesisCheck(folder: string, files: Files): Promise<Check> {
  const sources = sourcesOf(files, 'decnet').join(' ')
  const script = `read_verilog ${sources}; hierarchy -check -top decnet; proc; flatten; opt; wreduce; opt; check -assert; stat -width`
  const done = await runProgram(VERILOG_TOOLS.yosys, ['-p', script], folder, SECONDS)
  if (done.status !== 0) {
    const error = done.output.split('\n').find((l) => l.includes('ERROR'))
    return judge(YOSYS_ID, [`yosys: ${error ?? reasonOf(done)}`], '')
  }
  const statistics = done.output.slice(done.output.lastIndexOf('Printing statistics'))
  const count = (pattern: RegExp, weight: (row: RegExpMatchArray) => number) =>
    [...statistics.matchAll(pattern)].reduce((sum, row) => sum + weight(row), 0)
  const multipliers = count(/^\s*\$mul_\d+\s+(\d+)$/gm, (row) => Number(row[1]))
  const flipFlops = count(/^\s*\$\w*dff\w*?_(\d+)\s+(\d+)$/gm, (row) => Number(row[1]) * Number(row[2]))
  const memoryBits = count(/Number of memory bits:\s+(\d+)$/gm, (row) => Number(row[1]))
  return judge(
    YOSYS_ID,
    [],
    `yosys, not mapped: ${multipliers} multipliers, ${flipFlops} flip-flops, ${memoryBits} bits of memory`,
  )
}

/** Verilog files that a top level needs: of the decoder or of the search, with or without testbench. */
function sourcesOf(files: Files, top: string): string[] {
  const prefix = top.startsWith('adc') ? 'adc_' : 'decnet'
  return files
    .map(({ name }) => name)
    .filter(
      (name) => name.startsWith(prefix) && name.endsWith('.v') && (top.endsWith('_tb') || !name.endsWith('_tb.v')),
    )
}

function absent(ids: readonly string[], tool: string, what: string, required: readonly string[]): CheckGroup {
  const must = required.includes(tool)
  const detail = `${tool} (${what}) is not installed`
  return {
    checks: ids.map((id) => ({ id, status: must ? 'fail' : 'skipped', detail })),
    missing: must ? [tool] : [],
  }
}

const reasonOf = ({ stopped, output, status }: ProgramOutcome): string =>
  stopped ?? output.split('\n').find((l) => l.trim() !== '') ?? `status ${status}`

async function inFolders<T>(designs: VerilogDesigns, use: (wide: string, usual: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
  try {
    const paths = [join(folder, 'wide'), join(folder, 'usual')] as const
    for (const [k, files] of [designs.wide, designs.usual].entries()) {
      await mkdir(paths[k]!)
      for (const { name, text } of files) await writeFile(join(paths[k]!, name), text)
    }
    return await use(...paths)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
