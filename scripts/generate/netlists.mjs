// Turns netlists/cells.cir into the module the netlist writer inlines, so that one text serves both.
// `node scripts/generate/netlists.mjs` writes it, `--check` exits 1 when it is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const target = fileURLToPath(new URL('src/emit/spice/cells.generated.ts', root))

/** The module's text. */
export function cellsModule() {
  const text = readFileSync(new URL('netlists/cells.cir', root), 'utf8')
  if (/[`\\]|\$\{/.test(text))
    throw new Error('netlists/cells.cir: backtick, backslash or ${ cannot stand in a template')
  return `/** Generated from netlists/cells.cir by scripts/generate/netlists.mjs: do not edit. */\nexport const cellLibrary = \`${text}\`\n`
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
