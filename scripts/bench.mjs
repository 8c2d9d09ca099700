// `npm run bench`: hot paths against a peer measured in the same run. `-- --json` prints rows for scripts.
// Peers: numpy and scipy through python3, and bare node; a peer that is missing is named and its rows have no ratio.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { effectiveMatrix } from '../dist/crossbar/array.js'
import { transferMatrix } from '../dist/crossbar/wires.js'
import {
  decode,
  deploy,
  encode,
  fabricate,
  forward,
  matrix,
  readMatrix,
  readNetwork,
  readProfile,
} from '../dist/index.js'
import { normalAt, site, uniformAt } from '../dist/numerics/random.js'

const json = process.argv.includes('--json')
const rows = []

function best(work, repeats) {
  work()
  let seconds = Number.POSITIVE_INFINITY
  let result
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    result = work()
    seconds = Math.min(seconds, (performance.now() - start) / 1000)
  }
  return { seconds, result }
}

const hasPython = spawnSync('python3', ['-c', 'import numpy, scipy.sparse']).status === 0
function peer(name, input) {
  if (!hasPython) return null
  const out = execFileSync('python3', ['scripts/bench-peer.py'], {
    input: JSON.stringify(input),
    maxBuffer: 1 << 30,
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
  })
  return { name, ...JSON.parse(out) }
}

/** max |a - b| / max |b| */
function distance(a, b) {
  let worst = 0
  let largest = 0
  for (let i = 0; i < b.length; i++) {
    worst = Math.max(worst, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
  }
  return worst / largest
}

function add(id, ours, other, floor, error = null) {
  const ratio = other === null ? null : other.seconds / ours
  rows.push({
    id,
    seconds: ours,
    peer: other?.name ?? null,
    peerSeconds: other?.seconds ?? null,
    ratio,
    error,
    floor,
    pass: ratio === null || floor === null ? null : ratio >= floor,
  })
}

const key = { seed: 1, chip: 0 }
for (const [m, n] of [
  [11, 100],
  [32, 32],
  [64, 64],
  [128, 128],
]) {
  const g = matrix(m, n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) g.data[i * n + j] = 1e-6 + 99e-6 * uniformAt(key, site(0, 'fault'), i, j)
  const repeats = m > 100 ? 2 : 5
  const conductance = Array.from({ length: m }, (_, i) => Array.from(g.data.subarray(i * n, (i + 1) * n)))
  const other = peer('scipy splu', { kind: 'transfer', conductance, ohms: 2, repeats: Math.min(repeats, 3) })
  const wires = { wordSegment: 2, bitSegment: 2, driver: 0, sense: 0 }
  const direct = best(() => transferMatrix(g, wires), repeats)
  add(
    `wires-block-elimination-${m}x${n}`,
    direct.seconds,
    other,
    null,
    other && distance(direct.result.data, other.result.flat()),
  )
  // What a deployment uses: the signed matrix of differential pairs, by the method chosen for the size.
  const profile = { device: { devicesPerSide: 1 }, crossbar: { wires } }
  const pairs = best(() => effectiveMatrix(g, profile), repeats)
  const folded =
    other && Array.from({ length: n / 2 }, (_, o) => other.result[2 * o].map((x, i) => x - other.result[2 * o + 1][i]))
  add(`wires-pairs-${m}x${n}`, pairs.seconds, other, 1, other && distance(pairs.result.data, folded.flat()))
}

const folder = 'examples/vqcs_n20_I4/'
const network = await readNetwork(`${folder}model.onnx`)
const inputs = await readMatrix(`${folder}y.npy`)
const rowsOf = (w) =>
  Array.from({ length: w.rows }, (_, i) => Array.from(w.data.subarray(i * w.cols, (i + 1) * w.cols)))
const layers = (list) => list.map((l) => [rowsOf(l.weight), Array.from(l.bias), l.activation])
const numpy = peer('numpy', {
  kind: 'network',
  inputs: rowsOf(inputs),
  encoder: layers(network.encoder),
  decoder: layers(network.decoder),
  thresholds: Array.from(network.quantizer.thresholds),
  levels: Array.from(network.quantizer.levels),
  repeats: 10,
})
const ideal = best(() => forward(network, inputs).estimate, 10)
add('ideal-network-2000-vectors', ideal.seconds, numpy, null, numpy && distance(ideal.result.data, numpy.result.flat()))

for (const id of ['wan2022-1s', 'reram-1t1r']) {
  const deployment = deploy(network, await readProfile(id))
  let chip = 0
  const { seconds } = best(() => {
    const made = fabricate(deployment, { seed: 1, chip: chip++ })
    return decode(deployment, encode(made, inputs))
  }, 5)
  add(`chip-${id}-2000-vectors`, seconds, numpy && { ...numpy, name: 'numpy, ideal network' }, null)
}

const draws = best(() => {
  let s = 0
  for (let i = 0; i < 200_000; i++) s += normalAt(key, site(0, 'readNoise'), i & 255, 0, i)
  return s
}, 3)
add('normal-draws-200000', draws.seconds, null, null)

if (existsSync('dist/cli/main.js')) {
  const time = (args) => best(() => execFileSync(process.execPath, args), 10).seconds
  const bare = time(['-e', '0'])
  const help = time(['dist/cli/main.js', '--help'])
  rows.push({
    id: 'help-minus-bare-node',
    seconds: help - bare,
    peer: 'limit 0.15 s',
    peerSeconds: 0.15,
    ratio: 0.15 / (help - bare),
    error: null,
    floor: 1,
    pass: help - bare <= 0.15,
  })
}

if (json) console.log(JSON.stringify({ rows }, null, 2))
else {
  if (!hasPython) console.log('peers numpy and scipy: not found, rows without ratio')
  const cell = (x, digits = 3) => (x === null ? '-' : typeof x === 'number' ? x.toPrecision(digits) : String(x))
  const table = [
    ['what', 'seconds', 'peer', 'seconds', 'ratio', 'floor', 'difference'],
    ...rows.map((r) => [
      r.id,
      cell(r.seconds),
      cell(r.peer),
      cell(r.peerSeconds),
      cell(r.ratio),
      cell(r.floor),
      cell(r.error, 2),
    ]),
  ]
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)))
  for (const row of table)
    console.log(
      row
        .map((c, i) => c.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
}
if (rows.some((r) => r.pass === false)) process.exitCode = 1
