/**
 * One training on two threads: each has half of every batch, on one memory. What the halves give is added in the same
 * order always, so a run has the same bits every time (not those of one thread: sums are split).
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { fail } from '../base/errors.ts'
import { engine, type SharedMemory, sharedMemory } from '../numerics/kernels/module.ts'
import { sharedSteps } from '../training/kernel-steps.ts'
import { type Loss, type Machine, machine, widestOf } from '../training/machine.ts'
import type { ModelShape } from '../training/model.ts'
import { type Place, rowLength } from '../training/steps.ts'

/** What the other thread is told at its start. */
export interface PairTask {
  readonly memory: SharedMemory
  readonly engine: ReturnType<typeof engine>
  readonly shape: ModelShape
  readonly loss: Loss
  readonly batch: number
  readonly total: number
  readonly borrowed: Place
  /** Arrays of this thread are laid out behind this address. */
  readonly from: number
  /** Int32: turn asked for, turn done. */
  readonly turns: SharedArrayBuffer
  /** Float64: steepness, blend, loss; then the half batch. */
  readonly numbers: SharedArrayBuffer
}

export const HEAD = 3
/** Looks at the other thread's turn before this one sleeps: about 0.1 ms. */
const SPIN = 20_000

/** Wait until a cell is no longer `value`: awake for a while, then asleep. */
export function waitWhile(cells: Int32Array, index: number, value: number): void {
  for (let k = 0; k < SPIN; k++) if (Atomics.load(cells, index) !== value) return
  while (Atomics.load(cells, index) === value) Atomics.wait(cells, index, value, 1000)
}

/**
 * A machine of two threads; to be closed.
 *
 * @throws OHM5006 where the engine is plain TypeScript, which has one thread only
 */
export async function pairedMachine(
  shape: ModelShape,
  batch: number,
  loss: Loss,
  apart: boolean,
): Promise<Machine & { close(): Promise<void> }> {
  const file = fileURLToPath(new URL('./training-half.js', import.meta.url))
  const memory = sharedMemory()
  const steps = sharedSteps(widestOf(shape), memory, 65536)
  if (steps === null || !existsSync(file))
    return fail('OHM5006', 'two threads need a kernel: the engine is plain TypeScript', { hint: 'use one thread' })
  const mine = Math.min(rowLength(Math.ceil(batch / 2)), batch - 1)
  const half = machine(shape, mine, loss, { apart, steps, total: batch })
  const theirs = batch - mine
  const theirRow = rowLength(theirs)
  const inputs = shape.encoder[0]!.inputs
  const outputs = shape.decoder.at(-1)!.outputs
  const channels = shape.decoder[0]!.inputs
  const turns = new Int32Array(new SharedArrayBuffer(8))
  const numbers = new Float64Array(new SharedArrayBuffer(8 * (HEAD + (inputs + outputs + channels) * theirRow + 1)))
  const task: PairTask = {
    memory,
    engine: engine(),
    shape,
    loss,
    batch: theirs,
    total: batch,
    borrowed: half.used,
    from: memory.buffer.byteLength,
    turns: turns.buffer as SharedArrayBuffer,
    numbers: numbers.buffer as SharedArrayBuffer,
  }
  const worker = new Worker(file, { workerData: task })
  const [gradients] = (await once(worker, 'message')) as [Place]
  worker.unref()

  const row = rowLength(batch)
  /** Columns of a batch of both, for one of them. */
  const part = (
    from: ArrayLike<number>,
    rows: number,
    first: number,
    count: number,
    to: Float64Array,
    width: number,
  ) => {
    for (let r = 0; r < rows; r++) for (let b = 0; b < count; b++) to[r * width + b] = from[r * row + first + b]!
    return to
  }
  const own = {
    inputs: new Float64Array(inputs * half.row),
    targets: new Float64Array(outputs * half.row),
    noise: new Float64Array(channels * half.row),
  }
  const other = {
    inputs: numbers.subarray(HEAD, HEAD + inputs * theirRow),
    targets: numbers.subarray(HEAD + inputs * theirRow, HEAD + (inputs + outputs) * theirRow),
    noise: numbers.subarray(HEAD + (inputs + outputs) * theirRow, -1),
  }
  return {
    ...half,
    row,
    batch,
    backpropagate(given, quantizer) {
      part(given.inputs, inputs, mine, theirs, other.inputs, theirRow)
      part(given.targets, outputs, mine, theirs, other.targets, theirRow)
      if (quantizer.noise !== null) part(quantizer.noise, channels, mine, theirs, other.noise, theirRow)
      numbers[numbers.length - 1] = quantizer.noise === null ? 0 : 1
      numbers[0] = quantizer.steepness
      numbers[1] = quantizer.blend
      const turn = Atomics.load(turns, 1)
      Atomics.add(turns, 0, 1)
      Atomics.notify(turns, 0)
      const loss = half.backpropagate(
        {
          inputs: part(given.inputs, inputs, 0, mine, own.inputs, half.row),
          targets: part(given.targets, outputs, 0, mine, own.targets, half.row),
        },
        {
          ...quantizer,
          noise: quantizer.noise === null ? null : part(quantizer.noise, channels, 0, mine, own.noise, half.row),
        },
      )
      waitWhile(turns, 1, turn)
      half.steps.accumulate(half.gradients, gradients, half.length)
      return loss + numbers[2]!
    },
    async close() {
      await worker.terminate()
    },
  }
}
