// Chips a second: fabricate, encode, convert, decode, score; numpy does the same in vectorised form.

import { decodeCounted } from '../../dist/deployment/decode.js'
import { deploy } from '../../dist/deployment/deploy.js'
import { encode } from '../../dist/deployment/encode.js'
import { fabricate } from '../../dist/deployment/fabricate.js'
import { idealRun, runChip } from '../../dist/deployment/run-chip.js'
import { planSimulation } from '../../dist/deployment/simulate.js'
import { forward, matrix } from '../../dist/index.js'
import { normalAt, site } from '../../dist/numerics/random.js'
import { readProfile, setProfileValues } from '../../dist/profile/read.js'
import { simulateParallel } from '../../dist/study/chips.js'
import { perVector } from '../../dist/task/metric.js'
import { add, best, peer } from './table.mjs'

const rowsOf = (w) =>
  Array.from({ length: w.rows }, (_, i) => Array.from(w.data.subarray(i * w.cols, (i + 1) * w.cols)))
const layersOf = (list) => list.map((l) => [rowsOf(l.weight), Array.from(l.bias), l.activation])

/** A network of the paper's shape for N components with random weights: speed does not depend on what it was trained for. */
function randomNetwork(n, like) {
  const m = n / 2
  let draw = 0
  const dense = (outputs, inputs, activation) => {
    const weight = matrix(outputs, inputs)
    for (let k = 0; k < weight.data.length; k++)
      weight.data[k] = normalAt({ seed: 3, chip: 0 }, site(0, 'calibration'), 0, 0, draw++) / Math.sqrt(inputs)
    return { weight, bias: new Float64Array(outputs), activation }
  }
  return {
    ...like,
    name: `random-n${n}`,
    task: null,
    encoder: [dense(5 * m, m, 'tanh'), dense(m, 5 * m, 'tanh')],
    decoder: [
      dense(4 * n, m, 'tanh'),
      dense(4 * n, 4 * n, 'tanh'),
      dense(4 * n, 4 * n, 'tanh'),
      dense(n, 4 * n, 'linear'),
    ],
  }
}

const head = (m, rows) => ({ rows, cols: m.cols, data: m.data.slice(0, rows * m.cols) })

/** One network: all vectors decoded, and only those whose codes changed; beside numpy in float64 and float32. */
async function chips(name, network, inputs, truth, { floors, chips: count }) {
  const sigma = 0.05
  const profile = await setProfileValues(await readProfile('ideal'), [
    'device.programming.model=normal-proportional',
    `device.programming.sigma=${sigma}`,
    'decoder.arithmetic=fixed',
  ])
  const deployment = deploy(network, profile, { calibration: inputs })
  const peers = ['float64', 'float32'].map((dtype) =>
    peer(`numpy ${dtype}`, {
      kind: 'chips',
      dtype,
      inputs: rowsOf(inputs),
      truth: rowsOf(truth),
      encoder: layersOf(network.encoder),
      decoder: layersOf(network.decoder),
      thresholds: Array.from(network.quantizer.thresholds),
      levels: Array.from(network.quantizer.levels),
      low: profile.device.conductanceMin,
      high: profile.device.conductanceMax,
      sigma,
      chips: count,
      repeats: 5,
    }),
  )
  let chip = 0
  const all = best(
    () => {
      const made = fabricate(deployment, { seed: 1, chip: chip++ })
      const { estimate } = decodeCounted(deployment, encode(made, inputs))
      return perVector('nmseDb', estimate, truth)
    },
    { repeats: 20, atLeast: 2 },
  )
  const plan = { ...planSimulation(deployment, { inputs, truth, chips: 1, metric: 'nmseDb' }), alone: [], seed: 1 }
  const ideal = idealRun(plan)
  chip = 0
  const changed = best(() => runChip(plan, ideal, chip++), { repeats: 20, atLeast: 2 })
  for (const [k, other] of peers.entries()) {
    const kind = k === 0 ? 'float64' : 'float32'
    // Our codes are those of float64; float32 is shown beside it, and gives other codes now and then.
    const floor = k === 0 ? floors : null
    add(`monte carlo ${name}, ${inputs.rows} vectors, all decoded (${kind})`, all.seconds, other, {
      floor: floor?.all ?? null,
    })
    add(`monte carlo ${name}, ${inputs.rows} vectors, changed only (${kind})`, changed.seconds, other, {
      floor: floor?.changed ?? null,
    })
  }
}

export async function monteCarloRows(network, inputs, truth) {
  await chips('N=20', network, head(inputs, 1000), head(truth, 1000), { floors: { all: 2, changed: 4 }, chips: 20 })
  const large = randomNetwork(80, network)
  const y = matrix(1000, 40)
  for (let k = 0; k < y.data.length; k++) y.data[k] = normalAt({ seed: 4, chip: 0 }, site(0, 'calibration'), 0, 0, k)
  const x = forward(large, y).estimate
  for (let k = 0; k < x.data.length; k++)
    x.data[k] += 0.1 * normalAt({ seed: 5, chip: 0 }, site(0, 'calibration'), 0, 0, k)
  await chips('N=80', large, y, x, { floors: null, chips: 3 })

  // One sample with wires, programming error and read noise: fabricate, then encode 100 vectors.
  const wired = await setProfileValues(await readProfile('ideal'), [
    'device.programming.model=reram-wan2022-ibm',
    'device.readNoise.model=proportional',
    'device.readNoise.sigma=0.01',
    'crossbar.wires.wordSegment=2 ohm',
    'crossbar.wires.bitSegment=2 ohm',
  ])
  const sampled = deploy(network, wired, { calibration: inputs })
  const hundred = head(inputs, 100)
  let sample = 0
  const one = best(() => encode(fabricate(sampled, { seed: 1, chip: sample++ }), hundred), { repeats: 20, atLeast: 1 })
  add(
    'one sample: wires, programming, read noise, 10-50-10, 100 vectors',
    one.seconds,
    { name: 'limit', seconds: 2e-3 },
    { floor: 1 },
  )

  // Two workers against one, on a load of about ten seconds: the whole of it, and the rate once both are at work.
  const load = deploy(network, await readProfile('reram-1t1r'))
  const run = async (workers, count) => {
    const start = performance.now()
    const skipped = count >> 2
    let from = start
    const onChip = (done) => {
      if (done === skipped) from = performance.now()
    }
    await simulateParallel(load, { inputs, truth, chips: count, seed: 1, waterfallChips: 1, workers, onChip })
    const end = performance.now()
    return { whole: (end - start) / 1000, chip: (end - from) / 1000 / (count - skipped) }
  }
  await run(1, 60)
  const count = Math.max(60, Math.round(10 / (await run(1, 60)).chip))
  const least = (a, b) => ({ whole: Math.min(a.whole, b.whole), chip: Math.min(a.chip, b.chip) })
  let [single, double] = [await run(1, count), await run(2, count)]
  for (let i = 0; i < 2; i++) {
    single = least(single, await run(1, count))
    double = least(double, await run(2, count))
  }
  add(
    'two workers, a chip of reram-1t1r, 2000 vectors, both at work',
    double.chip,
    { name: 'one worker', seconds: single.chip },
    { floor: 1.8 },
  )
  add(
    `two workers, ${count} such chips, start included`,
    double.whole,
    { name: 'one worker', seconds: single.whole },
    {},
  )
}
