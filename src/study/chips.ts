/**
 * Many chips of one deployment, on one thread or several. A chip's outcome depends on its key alone, so the result has
 * the same bytes whatever the number of workers.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { knownOptions } from '../base/options.ts'
import { wholeNumber } from '../base/whole-number.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { type ChipOutcome, idealRun, runChip } from '../deployment/run-chip.ts'
import {
  planSimulation,
  SIMULATE_OPTIONS,
  type SimulateOptions,
  type SimulationResult,
  summarise,
} from '../deployment/simulate.ts'
import { engine } from '../numerics/kernels/module.ts'
import { Turn } from './turn.ts'
import type { WorkerTask } from './worker.ts'

const MOST_WORKERS = 1024

export interface ParallelOptions extends SimulateOptions {
  /** Threads at work, the calling one included. Default 1. */
  readonly workers?: number
  /** Stops after the chips in flight; the result then covers the chips that are done. */
  readonly signal?: AbortSignal
  /** Called after each chip with the number done and their metric values so far, in order of completion. */
  readonly onChip?: (done: number, total: number, values: readonly number[]) => void
}

export interface ParallelResult {
  readonly result: SimulationResult
  /** True when `signal` stopped it early. */
  readonly interrupted: boolean
}

/**
 * As `simulate`, over several threads.
 *
 * @throws what `simulate` throws, and the signal's reason when no chip was finished
 */
export async function simulateParallel(deployment: Deployment, options: ParallelOptions = {}): Promise<ParallelResult> {
  knownOptions<ParallelOptions>('simulateParallel', options, {
    ...SIMULATE_OPTIONS,
    workers: true,
    signal: true,
    onChip: true,
  })
  const plan = planSimulation(deployment, options)
  const ideal = idealRun(plan)
  const { signal } = options
  const outcomes: ChipOutcome[] = []
  const values: number[] = []
  const add = (outcome: ChipOutcome) => {
    outcomes.push(outcome)
    values.push(outcome.score.value)
    options.onChip?.(outcomes.length, plan.chips, values)
  }
  const workers = Math.min(wholeNumber('workers', options.workers ?? 1, 1, MOST_WORKERS), plan.chips)
  const file = fileURLToPath(new URL('./worker.js', import.meta.url))
  const turn = new Turn(plan.chips)
  const stop = () => turn.stop()
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  const here = async () => {
    for (let chip = turn.next(); chip !== null; chip = turn.next()) {
      add(runChip(plan, ideal, chip))
      // Lets a Ctrl-C and the other threads' outcomes through.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const others = workers > 1 && existsSync(file) ? workers - 1 : 0
  const pool =
    others === 0
      ? null
      : new Piscina({
          filename: file,
          workerData: { plan, ideal, engine: engine() },
          minThreads: others,
          maxThreads: others,
          concurrentTasksPerWorker: 1,
        })
  try {
    const there = Array.from({ length: others }, async () => {
      const { port1, port2 } = new MessageChannel()
      // The last message may come after the task's end: it takes another way.
      const all = new Promise<void>((resolve) => {
        port1.on('message', (outcome: ChipOutcome | null) => (outcome === null ? resolve() : add(outcome)))
      })
      try {
        const task: WorkerTask = { turn: turn.shared, port: port2 }
        await pool!.run(task, { transferList: [port2] })
        await all
      } finally {
        port1.close()
      }
    })
    // The first failure ends the others' loops, and is what is thrown.
    await Promise.all([here(), ...there].map((lane) => lane.finally(stop)))
  } finally {
    signal?.removeEventListener('abort', stop)
    await pool?.destroy()
  }
  if (outcomes.length === 0) signal?.throwIfAborted()
  outcomes.sort((a, b) => a.chip - b.chip)
  return { result: summarise(plan, ideal, outcomes), interrupted: outcomes.length < plan.chips }
}
