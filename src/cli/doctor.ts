import { execFile } from 'node:child_process'
import { availableParallelism, totalmem } from 'node:os'
import type { Run } from './command.ts'
import { columns } from './style.ts'

/** Tools that artefacts and studies are run with, and what each is for. */
const TOOLS = [
  { name: 'ngspice', args: ['--version'], use: 'netlists with an installed simulator (verify --with ngspice)' },
  { name: 'cc', args: ['--version'], use: 'compiling and running emitted C (verify)' },
  { name: 'objcopy', args: ['--version'], use: 'Intel HEX of threshold tables, there and back (verify)' },
  { name: 'arm-none-eabi-gcc', args: ['--version'], use: 'compiling emitted C for a Cortex-M4 (verify)' },
  { name: 'iverilog', args: ['-V'], use: 'simulating emitted Verilog (verify)' },
  { name: 'verilator', args: ['--version'], use: 'linting and simulating emitted Verilog (verify)' },
  { name: 'yosys', args: ['-V'], use: 'counting the cells of emitted Verilog (verify)' },
  { name: 'sbatch', args: ['--version'], use: 'studies on a Slurm cluster (study run --engine slurm)' },
] as const

/** The first line with a digit that a tool prints about itself, or null when it cannot be started. */
function versionOf(name: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(name, args, { timeout: 5000 }, (error, stdout, stderr) => {
      if (error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(null)
      const line = `${stdout}\n${stderr}`.split('\n').find((l) => /\d/.test(l))
      resolve(line?.replace(/[*]/g, '').trim() ?? 'found')
    })
  })
}

/** The smallest module that uses a 128-bit instruction. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
])

export const run: Run = async ({ style: { c } }) => {
  const embedded = await import('eecircuit-engine').then(
    () => true,
    () => false,
  )
  const tools: { name: string; found: boolean; version: string | null; use: string }[] = [
    {
      name: 'eecircuit-engine',
      found: embedded,
      version: embedded ? 'ngspice as WebAssembly' : null,
      use: 'netlists without an installed simulator (verify)',
    },
  ]
  for (const { name, args, use } of TOOLS) {
    const version = await versionOf(name, args)
    tools.push({ name, found: version !== null, version, use })
  }
  const wasm = (globalThis as { WebAssembly?: { validate(bytes: Uint8Array): boolean } }).WebAssembly
  const simd = wasm?.validate(SIMD) ?? false
  const gib = totalmem() / 2 ** 30
  return {
    result: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      wasmSimd: simd,
      tools,
    },
    text: [
      `Node ${process.version} on ${process.platform}-${process.arch}, ${availableParallelism()} cores, ${gib.toFixed(1)} GiB memory`,
      `WebAssembly SIMD: ${simd ? 'yes' : 'no'}`,
      columns(
        tools.map((t) => [t.found ? c.green('found  ') : c.yellow('missing'), t.name, t.version ?? '-', c.dim(t.use)]),
      ),
    ].join('\n'),
  }
}
