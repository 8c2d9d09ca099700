/** A worker thread: takes chip numbers until none is left, posts outcomes. The plan arrives once, as worker data. */
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'piscina'
import { type IdealRun, runChip, type SimulationPlan } from '../deployment/run-chip.ts'
import { type Engine, useEngine } from '../numerics/kernels/module.ts'
import { Turn } from './turn.ts'

export interface WorkerTask {
  readonly turn: SharedArrayBuffer
  /** Gets a ChipOutcome for each chip, then null. */
  readonly port: MessagePort
}

const { plan, ideal, engine } = workerData as { plan: SimulationPlan; ideal: IdealRun; engine: Engine }
useEngine(engine)

export default function run({ turn, port }: WorkerTask): void {
  const turns = new Turn(turn)
  for (let chip = turns.next(); chip !== null; chip = turns.next()) port.postMessage(runChip(plan, ideal, chip))
  port.postMessage(null)
}
