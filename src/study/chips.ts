/**
 * Many chips of one deployment, on one thread or several. A chip's outcome depends on its key alone, so the result has
 * the same bytes whatever the number of workers.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { wholeNumber } from '../base/whole-number.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { type ChipOutcome, idealRun, runChip } from '../deployment/run-chip.ts'
import { planSimulation, type SimulateOptions, type SimulationResult, summarise } from '../deployment/simulate.ts'
import { engine } from '../numerics/kernels/module.ts'

const MOST_WORKERS = 1024

export interface ParallelOptions extends SimulateOptions {
  /** Default 1. */
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
 * As `simulate`, over worker threads.
 *
 * @throws what `simulate` throws, and the signal's reason when no chip was finished
 */
export async function simulateParallel(deployment: Deployment, options: ParallelOptions = {}): Promise<ParallelResult> {
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
  if (workers > 1 && existsSync(file)) {
    const pool = new Piscina({
      filename: file,
      workerData: { plan, ideal, engine: engine() },
      minThreads: workers,
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
    })
    try {
      let next = 0
      const lane = async () => {
        while (next < plan.chips && !signal?.aborted) add((await pool.run(next++)) as ChipOutcome)
      }
      await Promise.all(Array.from({ length: workers }, lane))
    } finally {
      await pool.destroy()
    }
  } else
    for (let chip = 0; chip < plan.chips && !signal?.aborted; chip++) {
      add(runChip(plan, ideal, chip))
      // Lets a Ctrl-C through.
      await new Promise((resolve) => setImmediate(resolve))
    }
  if (outcomes.length === 0) signal?.throwIfAborted()
  outcomes.sort((a, b) => a.chip - b.chip)
  return { result: summarise(plan, ideal, outcomes), interrupted: outcomes.length < plan.chips }
}
