/** A worker thread: takes chip numbers, returns outcomes. The plan arrives once, as worker data. */
import { workerData } from 'piscina'
import { type ChipOutcome, type IdealRun, runChip, type SimulationPlan } from '../deployment/run-chip.ts'
import { type Engine, useEngine } from '../numerics/kernels/module.ts'

const { plan, ideal, engine } = workerData as { plan: SimulationPlan; ideal: IdealRun; engine: Engine }
useEngine(engine)

export default function run(chip: number): ChipOutcome {
  return runChip(plan, ideal, chip)
}
