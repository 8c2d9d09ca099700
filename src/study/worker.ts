/** A worker thread: takes chip numbers, returns outcomes. The plan arrives once, as worker data. */
import { workerData } from 'piscina'
import { type ChipOutcome, type IdealRun, runChip, type SimulationPlan } from '../deployment/run-chip.ts'

const { plan, ideal } = workerData as { plan: SimulationPlan; ideal: IdealRun }

export default function run(chip: number): ChipOutcome {
  return runChip(plan, ideal, chip)
}
