// One iteration of training: forward, backward, Adam on a batch of 100, one thread unless a row says two; the peer is PyTorch, eager, one thread.

import { useEngine } from '../../dist/numerics/kernels/module.js'
import { pairedMachine } from '../../dist/study/training-pair.js'
import { machine } from '../../dist/training/machine.js'
import { initialParameters } from '../../dist/training/model.js'
import { preset } from '../../dist/training/presets.js'
import { add, best, peer } from './table.mjs'

const CASES = [
  { preset: 'deepvqcs-n20', levels: 4, simd: 2, relaxed: 2.5 },
  { preset: 'deepvqcs-n20', levels: 16, simd: null, relaxed: null },
  { preset: 'deepvqcs-n80', levels: 4, simd: null, relaxed: null, pair: { simd: null, relaxed: 1.1 } },
]
const ADAM = { rate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, fast: 0.1, slow: 0.001 }

/** Seconds an iteration, and the gradients of the first. */
function iteration({ quantizer }, m, values, data) {
  m.steps.write(m.values, values)
  const pad = (rows) =>
    Float32Array.from({ length: rows.length * m.row }, (_, k) => rows[Math.floor(k / m.row)][k % m.row] ?? 0)
  const given = { inputs: pad(data.inputs), targets: pad(data.targets) }
  const state = { steepness: data.steepness, blend: data.blend, noise: null }
  m.backpropagate(given, state)
  const gradients = m.steps.read(m.gradients, m.length)
  const once = () => {
    m.backpropagate(given, state)
    m.step(0, ADAM)
    if (quantizer.learnAmplitudes) m.step(1, ADAM)
    m.step(3, ADAM)
  }
  return { ...best(once, { repeats: 30, atLeast: 2 }), gradients }
}

export async function trainingRows(engines) {
  for (const { preset: name, levels, pair, ...floors } of CASES) {
    const experiment = preset(name, { levels })
    const { shape, batch } = experiment
    const values = initialParameters(shape, experiment.quantizer, { seed: 1, chip: 0 })
    const wave = (rows, salt) =>
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: batch }, (_, b) => Math.sin(1 + 7 * i + 3 * b + salt)),
      )
    const data = {
      inputs: wave(shape.encoder[0].inputs, 0),
      targets: wave(shape.decoder.at(-1).outputs, 5),
      steepness: 20,
      blend: 0.3,
    }
    const other = peer('PyTorch eager', {
      kind: 'training',
      ...data,
      encoder: shape.encoder,
      decoder: shape.decoder,
      steps: shape.steps,
      values: Array.from(values),
      repeats: 200,
    })
    for (const engine of engines) {
      useEngine(engine)
      const ours = iteration(experiment, machine(shape, batch, 'squared-error'), values, data)
      add(`training iteration ${name}, ${levels} levels (${engine})`, ours.seconds, other, {
        floor: floors[engine] ?? null,
        error: other === null ? null : difference(ours.gradients, other.result),
        limit: 1e-4,
      })
      if (pair === undefined) continue
      const two = await pairedMachine(shape, batch, 'squared-error', false)
      const both = iteration(experiment, two, values, data)
      await two.close()
      add(`training iteration ${name}, ${levels} levels, two threads (${engine})`, both.seconds, other, {
        floor: pair[engine] ?? null,
        error: other === null ? null : difference(both.gradients, other.result),
        limit: 1e-4,
      })
    }
  }
}

/** Largest difference, relative to the largest gradient; the peer leaves out those of thresholds, which are fixed. */
function difference(a, b) {
  let worst = 0
  let largest = 0
  for (let k = 0; k < b.length; k++) {
    if (b[k] !== 0) worst = Math.max(worst, Math.abs(a[k] - b[k]))
    largest = Math.max(largest, Math.abs(b[k]))
  }
  return worst / largest
}
