// Solve every bench of the cell library and write its golden: `node scripts/netlists/solve-benches.mjs [NAME ...]`. With
// --check nothing is written and a value outside the golden's tolerance is a failure. --with ngspice takes the installed
// simulator (default: embedded). Needs the built library (npm run build).
import { readFileSync, writeFileSync } from 'node:fs'
import { benchNames, compareGolden, goldenUrl, readBench, TOLERANCE } from './bench.mjs'

const { openEngine } = await import('../../dist/verify/engines/open.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error('dist is missing: run npm run build first')
  process.exit(1)
})

const embeddedVersion = () =>
  JSON.parse(readFileSync(new URL('../../node_modules/eecircuit-engine/package.json', import.meta.url), 'utf8')).version

const check = process.argv.includes('--check')
const engineId = process.argv.includes('--with') ? process.argv[process.argv.indexOf('--with') + 1] : 'embedded'
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--') && word !== engineId)
const engine = await openEngine(engineId)
const solvedBy = engineId === 'embedded' ? `eecircuit-engine ${embeddedVersion()}` : engineId
let bad = 0
for (const name of wanted.length > 0 ? wanted : benchNames()) {
  const { deck, nodes, points, analysis } = readBench(name)
  const url = goldenUrl(name)
  const old = (() => {
    try {
      return JSON.parse(readFileSync(url, 'utf8'))
    } catch {
      return null
    }
  })()
  const solution = await engine.solve(deck, nodes, points)
  const worst = old === null ? null : compareGolden(old, solution)
  const complete = old !== null && nodes.join() === Object.keys(old.nodes).join()
  if (complete && worst === null) console.log(`same     ${name}`)
  else if (check) {
    bad++
    console.error(
      worst === null
        ? `missing  ${name}: no golden, or of other nodes`
        : `differs  ${name}: ${worst.node}[${worst.at}] = ${worst.found}, golden ${worst.value} (${worst.excess.toPrecision(3)} times the tolerance)`,
    )
  } else {
    const golden = {
      bench: name,
      solvedBy,
      analysis,
      tolerance: old?.tolerance ?? TOLERANCE[analysis],
      nodes: Object.fromEntries(nodes.map((node) => [node, [...solution.get(node)]])),
    }
    writeFileSync(
      url,
      `${JSON.stringify(golden, null, 1)
        .replace(/\n {3}(?=[-\d])/g, ' ')
        .replace(/\n {2}\]/g, ' ]')}\n`,
    )
    console.log(`written  ${name}`)
  }
}
await engine.close()
if (bad > 0) process.exit(1)
