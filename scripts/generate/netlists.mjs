// Turns netlists/cells/*.cir into the module the netlist writer inlines, so that one text serves both.
// `node scripts/generate/netlists.mjs` writes it, `--check` exits 1 when it is stale.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const target = fileURLToPath(new URL('src/emit/spice/cells.generated.ts', root))

/** Files of the library in its order. */
const FILES = [
  'devices',
  'programming',
  'access',
  'amplifiers',
  'opamps',
  'activations',
  'transistors',
  'ladder',
  'sampling',
  'comparators',
  'dacs',
  'adc',
]

const text = (name) => {
  const out = readFileSync(new URL(`netlists/cells/${name}.cir`, root), 'utf8')
  if (/[`\\]|\$\{/.test(out))
    throw new Error(`netlists/cells/${name}.cir: backtick, backslash or \${ cannot stand in a template`)
  return out
}

/** The module's text. */
export function cellsModule() {
  const listed = FILES.map((name) => `${name}.cir`)
  const present = readdirSync(new URL('netlists/cells/', root)).filter((name) => name.endsWith('.cir'))
  const strangers = present.filter((name) => !listed.includes(name))
  if (strangers.length > 0)
    throw new Error(`scripts/generate/netlists.mjs does not list netlists/cells/${strangers[0]}`)
  return [
    '/** Generated from netlists/cells/*.cir by scripts/generate/netlists.mjs: do not edit. */',
    `export const cellLibrary = \`${FILES.map(text).join('\n')}\``,
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = cellsModule()
  if (process.argv.includes('--check')) {
    if (readFileSync(target, 'utf8') !== wanted) {
      console.error('src/emit/spice/cells.generated.ts is stale: run node scripts/generate/netlists.mjs')
      process.exit(1)
    }
  } else writeFileSync(target, wanted)
}
