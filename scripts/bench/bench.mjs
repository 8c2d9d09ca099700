// `npm run bench`: hot paths beside a peer measured in the same run, one thread each. `-- --json` prints rows for scripts,
// `-- wires` (or monte-carlo, studies, decoder, rest, training) one part only. A peer that is not installed is named; its rows have no ratio.
import { readMatrix, readNetwork } from '../../dist/index.js'
import { availableEngines } from '../../dist/numerics/kernels/module.js'
import { decoderRows, hasCompiler } from './decoder.mjs'
import { monteCarloRows } from './monte-carlo.mjs'
import { netlistRows } from './netlists.mjs'
import { restRows } from './rest.mjs'
import { studyRows } from './studies.mjs'
import { hasNgspice, hasPython, hasTorch, rows, tableText } from './table.mjs'
import { trainingRows } from './training.mjs'
import { wireRows } from './wires.mjs'

const json = process.argv.includes('--json')
const only = process.argv.slice(2).filter((a) => !a.startsWith('-'))
const wanted = (part) => only.length === 0 || only.includes(part)

const folder = 'examples/vqcs_n20_I4/'
const network = await readNetwork(`${folder}model.onnx`)
const inputs = await readMatrix(`${folder}y.npy`)
const truth = await readMatrix(`${folder}x.npy`)

if (wanted('wires')) await wireRows()
if (wanted('monte-carlo')) await monteCarloRows(network, inputs, truth)
if (wanted('studies')) await studyRows(network, inputs, truth)
if (wanted('decoder')) await decoderRows(network, inputs)
if (wanted('netlists')) await netlistRows()
if (wanted('rest')) await restRows(network, inputs)
if (wanted('training')) await trainingRows(availableEngines().filter((e) => e !== 'reference'))

if (json) console.log(JSON.stringify({ rows }, null, 2))
else {
  if (!hasPython) console.log('peers numpy and scipy: not found, rows without ratio')
  if (!hasTorch) console.log('peer PyTorch: not found, rows of training without ratio')
  if (!hasNgspice) console.log('peer ngspice: not found, its row is left out')
  if (wanted('decoder') && !hasCompiler) console.log('cc: not found, the row of emitted C is left out')
  console.log(tableText())
}
if (rows.some((r) => r.pass === false)) process.exitCode = 1
