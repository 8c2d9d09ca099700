/** The other thread of a training on two: half a batch a turn, gradients left in the memory that both have. */
import { parentPort, workerData } from 'node:worker_threads'
import { useEngine } from '../numerics/kernels/module.ts'
import { sharedSteps } from '../training/kernel-steps.ts'
import { machine, widestOf } from '../training/machine.ts'
import { HEAD, type PairTask, waitWhile } from './training-pair.ts'

const { memory, engine, shape, loss, batch, total, borrowed, from, ...shared } = workerData as PairTask
useEngine(engine)
const m = machine(shape, batch, loss, { steps: sharedSteps(widestOf(shape), memory, from)!, total, borrowed })
const turns = new Int32Array(shared.turns)
const numbers = new Float64Array(shared.numbers)
const inputs = shape.encoder[0]!.inputs * m.row
const outputs = shape.decoder.at(-1)!.outputs * m.row
const given = {
  inputs: numbers.subarray(HEAD, HEAD + inputs),
  targets: numbers.subarray(HEAD + inputs, HEAD + inputs + outputs),
}
const noise = numbers.subarray(HEAD + inputs + outputs, -1)
parentPort!.postMessage(m.gradients)
for (let turn = 0; ; turn++) {
  waitWhile(turns, 0, turn)
  const quantizer = { steepness: numbers[0]!, blend: numbers[1]!, noise: numbers.at(-1) === 1 ? noise : null }
  numbers[2] = m.backpropagate(given, quantizer)
  Atomics.add(turns, 1, 1)
  Atomics.notify(turns, 1)
}
