// The waveform of a serial conversion in a circuit simulator, docs/conversion.svg: `node scripts/netlists/conversion-figure.mjs`
// writes it, --check writes nothing and fails when it is stale. Ten channels of a network with 16 levels, binary search, and a
// converter so worn that it can be seen. Needs the built library (npm run build) and eecircuit-engine.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { channelVolts, conversionNetlist } from '../../dist/emit/index.js'
import { deploy, fabricate, readNetwork, readProfile, setProfileValues } from '../../dist/index.js'
import { conversionFinding, conversionSpec } from '../../dist/report/conversion.js'
import { renderSvg } from '../../dist/report/svg.js'
import { solveConversion } from '../../dist/verify/conversion-checks.js'
import { conversionWaveform } from '../../dist/verify/conversion-waveform.js'
import { openEngine } from '../../dist/verify/index.js'

const root = new URL('../../', import.meta.url)
const NETWORK = 'vqcs_n20_I16'
const WORN = ['adc.dac.settlingError=0.1', 'adc.hold.droop=1e6 V/s', 'adc.comparator.hysteresis=5 mV']
const POINTS = 3000

const network = await readNetwork(fileURLToPath(new URL(`test/fixtures/networks/${NETWORK}/model.onnx`, root)))
const profile = await setProfileValues(await readProfile('reram-1t1r'), WORN)
const deployment = deploy(network, profile)
const chip = fabricate(deployment, { seed: 0, chip: 0 })
const netlist = conversionNetlist(chip, channelVolts(chip, deployment.calibration), { points: POINTS })
const engine = await openEngine('embedded')
const solution = await solveConversion(netlist, engine)
await engine.close()
const data = conversionWaveform(netlist, solution, chip.adc.thresholds.length + 1)
const finding = conversionFinding(data)
const svg = await renderSvg(
  conversionSpec(data, `${NETWORK} on reram-1t1r, chip 0: ten channels, binary search`, [
    'settling error 0.1, droop 1e6 V/s, hysteresis 5 mV; channel: code as latched',
  ]),
  'A serial conversion in a circuit simulator',
  finding,
)
const target = fileURLToPath(new URL('docs/conversion.svg', root))
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== svg) {
    console.error('docs/conversion.svg is stale: run node scripts/netlists/conversion-figure.mjs')
    process.exit(1)
  }
} else writeFileSync(target, svg)
console.log(finding)
