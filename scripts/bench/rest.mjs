// What is neither wires nor Monte Carlo: the ideal network, random numbers, start-up.
import { execFileSync } from 'node:child_process'
import { forward } from '../../dist/index.js'
import { normalAt, site } from '../../dist/numerics/random.js'
import { add, best, distance, peer } from './table.mjs'

const rowsOf = (w) =>
  Array.from({ length: w.rows }, (_, i) => Array.from(w.data.subarray(i * w.cols, (i + 1) * w.cols)))
const layersOf = (list) => list.map((l) => [rowsOf(l.weight), Array.from(l.bias), l.activation])

export async function restRows(network, inputs) {
  const numpy = peer('numpy float64', {
    kind: 'network',
    inputs: rowsOf(inputs),
    encoder: layersOf(network.encoder),
    decoder: layersOf(network.decoder),
    thresholds: Array.from(network.quantizer.thresholds),
    levels: Array.from(network.quantizer.levels),
    repeats: 10,
  })
  const ideal = best(() => forward(network, inputs).estimate, { repeats: 10 })
  add(`ideal network, ${inputs.rows} vectors`, ideal.seconds, numpy, {
    error: numpy && distance(ideal.result.data, numpy.result.flat()),
    limit: 1e-12,
  })

  const key = { seed: 1, chip: 0 }
  const draws = best(() => {
    let s = 0
    for (let i = 0; i < 200_000; i++) s += normalAt(key, site(0, 'readNoise'), i & 255, 0, i)
    return s
  })
  add('one Gaussian, drawn singly', draws.seconds / 200_000, null)

  const time = (args) => best(() => execFileSync(process.execPath, args), { repeats: 10 }).seconds
  const bare = time(['-e', '0'])
  const help = time(['dist/cli/main.js', '--help'])
  add('ohmbit --help beyond bare node', help - bare, { name: 'limit', seconds: 0.15 }, { floor: 1 })
}
