// Judge the JSON of `ohmbit demo --json`: exit 0 only if it says what a demo must say.
import { readFileSync } from 'node:fs'

const { ok, result } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const problems = []
if (ok !== true) problems.push('not ok')
if (!(Math.abs(result.metric.ideal - -11) < 1)) problems.push(`ideal ${result.metric.ideal} dB`)
if (!(result.metric.deployed.mean > result.metric.ideal)) problems.push(`deployed ${result.metric.deployed.mean} dB`)
if (result.metric.deployed.perChip.length !== 100) problems.push('not 100 chips')
const rungs = result.ladder.map(({ value }) => value)
if (!(rungs[0] < rungs[3] && rungs[3] < rungs[2] && rungs[2] < rungs[1]))
  problems.push(`ladder ${rungs.map((v) => v.toFixed(2)).join(', ')} dB`)
if (result.waterfall.at(-1).stage !== 'interaction') problems.push('no interaction row')
if (!result.checks.length || result.checks.some((c) => c.status === 'fail')) problems.push('a check failed')
if (result.checks.filter((c) => c.id.startsWith('netlist-') && c.status === 'pass').length < 4)
  problems.push('the netlist was not verified')
for (const name of ['adc-table.json', '.cir'])
  if (!result.files.some((f) => f.path.endsWith(name))) problems.push(`no ${name}`)
if (problems.length > 0) {
  console.error(`demo: ${problems.join('; ')}`)
  process.exit(1)
}
console.log(
  `demo: ideal ${result.metric.ideal.toFixed(2)} dB, deployed ${result.metric.deployed.mean.toFixed(2)} dB, ${result.checks.length} checks passed`,
)
