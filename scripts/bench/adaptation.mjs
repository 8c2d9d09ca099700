/**
 * How many pilots buy how many dB: chips of a deployment, each adapted with so many pilots, scored on vectors that no
 * training and no choice has seen.
 *
 *   node scripts/bench/adaptation.mjs DIR [--chips 10] [--first 0] [--seed 1] [--pilots 1000,10000] [--vectors 20000]
 */
import { parseArgs } from 'node:util'
import { adapt, decode, encode, fabricate, generateSamples, readDeployment, score } from '../../dist/index.js'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    chips: { type: 'string', default: '10' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    pilots: { type: 'string', default: '1000,10000,100000' },
    vectors: { type: 'string', default: '20000' },
  },
})
const deployment = await readDeployment(positionals[0])
const [chips, first, seed, vectors] = [values.chips, values.first, values.seed, values.vectors].map(Number)
const counts = values.pilots.split(',').map(Number)
// Simulated vectors lie below 2^30, where pilots begin.
const { inputs, truth } = generateSamples(deployment.network.task, { samples: vectors, seed, first: 2 ** 29 })

const rows = new Map([0, ...counts].map((n) => [n, { scores: [], kept: 0, seconds: 0 }]))
let name = ''
for (let chip = first; chip < first + chips; chip++) {
  const codes = encode(fabricate(deployment, { seed, chip }), inputs)
  const value = (of) => {
    const metric = deployment.network.task.kind
    const names = { 'sparse-recovery': 'nmseDb', 'channel-estimation': 'mse', 'symbol-detection': 'ber' }
    name = names[metric]
    return score(name, decode(of, codes), truth).value
  }
  rows.get(0).scores.push(value(deployment))
  for (const count of counts) {
    const begin = performance.now()
    const adapted = await adapt(deployment, { seed, chip }, { count })
    const row = rows.get(count)
    row.seconds += (performance.now() - begin) / 1000
    row.kept += adapted.kept === 'adapted' ? 1 : 0
    row.scores.push(value(adapted.deployment))
  }
  console.error(`chip ${chip}: ${[...rows.values()].map((r) => r.scores.at(-1).toFixed(4)).join(' ')}`)
}
console.log(`${deployment.network.name} on ${deployment.profile.id}: ${name}, mean over ${chips} chips of seed ${seed}`)
for (const [count, { scores, kept, seconds }] of rows) {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length
  const sigma = Math.sqrt(scores.reduce((s, x) => s + (x - mean) ** 2, 0) / Math.max(1, scores.length - 1))
  const what =
    count === 0 ? 'as it was' : `${count} pilots, ${kept} of ${chips} kept, ${(seconds / chips).toFixed(1)} s`
  console.log(
    `${mean.toFixed(4)} +- ${(sigma / Math.sqrt(scores.length)).toFixed(4)} (lowest ${Math.min(...scores).toFixed(4)}, highest ${Math.max(...scores).toFixed(4)})  ${what}`,
  )
}
