// Compile the AssemblyScript kernels to WebAssembly and keep them as base64 in src, so that users and `npm run build`
// need no compiler and nothing reads files at run time. `--check` says whether what is kept is what the sources give.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = fileURLToPath(new URL('../src/numerics/kernels/', import.meta.url))
const target = join(folder, 'binaries.generated.ts')

/** simd: the same bits on every machine. relaxed: fused multiply-add where the machine has it. */
const BUILDS = {
  simd: ['--enable', 'simd', '--use', 'RELAXED=0'],
  relaxed: ['--enable', 'simd', '--enable', 'relaxed-simd', '--use', 'RELAXED=1'],
}

/** Modules that two threads run on one memory are built once more, for shared memory of at most 1 GiB. */
const SHARED = ['train']
const ON_SHARED = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '16384']

/** @returns the bytes of one module in one build */
async function compile(module, build, shared = false) {
  let bytes = null
  const { error, stderr } = await asc.main(
    [
      `assembly/${module}.ts`,
      ...['--baseDir', folder, '-O3', '--noAssert', '--runtime', 'stub', '--converge'],
      ...['--importMemory', '--initialMemory', '2', ...BUILDS[build], ...(shared ? ON_SHARED : [])],
      ...['--outFile', 'out.wasm'],
    ],
    {
      writeFile: (name, contents) => {
        if (basename(name) === 'out.wasm') bytes = contents
      },
    },
  )
  if (error !== null || bytes === null) throw new Error(`${module} (${build}): ${stderr.toString()}`)
  return bytes
}

/** The generated file's text. A module is a file of assembly/ whose name does not start with an underscore. */
export async function kernelBinaries() {
  const modules = readdirSync(join(folder, 'assembly'))
    .filter((name) => name.endsWith('.ts') && !name.startsWith('_'))
    .map((name) => name.slice(0, -3))
    .sort()
  const lines = []
  for (const module of modules)
    for (const build of Object.keys(BUILDS))
      for (const shared of SHARED.includes(module) ? [false, true] : [false]) {
        const bytes = await compile(module, build, shared)
        lines.push(`  '${module}-${build}${shared ? '-shared' : ''}': '${Buffer.from(bytes).toString('base64')}',`)
      }
  return `// Compiled from assembly/ by \`npm run kernels\`. Do not edit.\n/** WebAssembly modules as base64, <module>-<build>. */\nexport const binaries: Readonly<Record<string, string>> = {\n${lines.join('\n')}\n}\n`
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const text = await kernelBinaries()
  const fresh = existsSync(target) && readFileSync(target, 'utf8') === text
  if (process.argv.includes('--check')) process.exitCode = fresh ? 0 : 1
  else if (!fresh) writeFileSync(target, text)
  for (const [, name, data] of text.matchAll(/'([\w-]+)': '([^']*)'/g))
    console.log(`${name}: ${Math.ceil((data.length * 3) / 4)} bytes`)
  console.log(fresh ? 'fresh' : process.argv.includes('--check') ? 'STALE: npm run kernels' : 'written')
}
