/**
 * The netlist of a deployment, run in a circuit simulator and compared with our own: nominal and sampled chips.
 */
import { OhmbitError } from '../base/errors.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { type Chip, fabricate } from '../deployment/fabricate.ts'
import { nominalChip } from '../deployment/nominal.ts'
import { leftOut } from '../emit/spice/expected.ts'
import { ladderNetlist } from '../emit/spice/netlist.ts'
import { head, type Matrix } from '../numerics/matrix.ts'
import { type Check, type CheckGroup, judge } from './check.ts'
import { type Comparison, compareNetlist, comparisonText } from './compare.ts'
import { deviceProblems } from './devices.ts'
import type { CircuitEngine } from './engines/engine.ts'
import { lintNetlist } from './netlist/lint.ts'
import { type PlannedDeck, planDecks } from './plan.ts'
import { thresholdSweep } from './sweep.ts'

export interface NetlistCheckOptions {
  /** Sampled chips beside the nominal one. */
  readonly chips: number
  /** Calibration vectors. */
  readonly vectors: number
  readonly seed: number
}

interface Findings {
  readonly lint: string[]
  readonly devices: string[]
  readonly sweep: string[]
  decks: number
  /** Chips whose devices are in decks. */
  encoders: number
  sweeps: number
  deviceCount: number
  found: number
  unreachable: number
}

/** Ids of this group, in order. */
export function netlistCheckIds(chips: number): string[] {
  return [
    'netlist-lint',
    'netlist-devices',
    'netlist-nominal',
    ...Array.from({ length: chips }, (_, k) => `netlist-chip-${k}`),
    'threshold-sweep',
  ]
}

/** Run every netlist check of a deployment in an engine that is open. */
export async function netlistChecks(
  deployment: Deployment,
  engine: CircuitEngine,
  options: NetlistCheckOptions,
): Promise<CheckGroup> {
  const inputs = head(deployment.calibration, options.vectors)
  const findings: Findings = {
    lint: [],
    devices: [],
    sweep: [],
    decks: 0,
    encoders: 0,
    sweeps: 0,
    deviceCount: 0,
    found: 0,
    unreachable: 0,
  }
  const solved: Check[] = []
  const chips: { id: string; chip: Chip }[] = [
    { id: 'netlist-nominal', chip: nominalChip(deployment) },
    ...Array.from({ length: options.chips }, (_, k) => ({
      id: `netlist-chip-${k}`,
      chip: fabricate(deployment, { seed: options.seed, chip: k }),
    })),
  ]
  for (const [turn, { id, chip }] of chips.entries())
    solved.push(await checkChip(id, chip, inputs, engine, turn, findings))
  const missed = findings.unreachable > 0 ? `, ${findings.unreachable} beyond the input range` : ''
  return {
    checks: [
      judge('netlist-lint', findings.lint, `${findings.decks} decks clean`, findings.decks),
      judge(
        'netlist-devices',
        findings.devices,
        `${findings.deviceCount} devices hold the chips' conductances`,
        findings.encoders,
      ),
      ...solved,
      judge(
        'threshold-sweep',
        findings.sweep,
        `${findings.found} thresholds found to 2e-6 of full scale${missed}`,
        findings.sweeps,
      ),
    ],
    missing: [],
  }
}

/** The decks of an encoder, or why it has none. */
function encoderDecks(
  chip: Chip,
  inputs: Matrix,
  engine: CircuitEngine,
  turn: number,
  chipName: string,
): PlannedDeck[] | string {
  try {
    return planDecks(chip, inputs, engine.limits, turn, { chipName })
  } catch (error) {
    if (error instanceof OhmbitError && error.code === 'OHM6004') return error.message
    throw error
  }
}

async function checkChip(
  id: string,
  chip: Chip,
  inputs: Matrix,
  engine: CircuitEngine,
  turn: number,
  findings: Findings,
): Promise<Check> {
  const texts: string[] = []
  const problems: string[] = []
  let missing: string | null = null
  try {
    const decks = encoderDecks(chip, inputs, engine, turn, id)
    if (typeof decks === 'string') missing = decks
    else findings.encoders++
    for (const deck of typeof decks === 'string' ? [] : decks) {
      const text = deck.netlist.files[0]!.text
      const lint = lintNetlist(text, deck)
      findings.lint.push(...lint.problems.map((problem) => `${id}: ${problem}`))
      findings.decks++
      const devices = deviceProblems(lint.flat, deck.arrays)
      findings.devices.push(...devices.problems.map((problem) => `${id}: ${problem}`))
      findings.deviceCount += devices.count
      const comparison: Comparison = await compareNetlist(chip, deck.netlist, engine)
      problems.push(...comparison.problems)
      texts.push(`${deck.label === null ? '' : `${deck.label}: `}${comparisonText(comparison)}`)
    }
    const sweep = thresholdSweep(chip)
    const netlist = ladderNetlist(chip, sweep.volts)
    findings.lint.push(...lintNetlist(netlist.files[0]!.text, { conductanceMax: 0 }).problems.map((p) => `${id}: ${p}`))
    findings.decks++
    findings.sweep.push(...(await compareNetlist(chip, netlist, engine)).problems.map((problem) => `${id}: ${problem}`))
    findings.sweeps++
    findings.found += sweep.found
    findings.unreachable += sweep.unreachable
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    if (error.code === 'OHM6003') return { id, status: 'skipped', detail: error.message }
    if (error.code !== 'OHM6002') throw error
    problems.push(error.message)
  }
  if (missing !== null && problems.length === 0) return { id, status: 'skipped', detail: missing }
  const without = leftOut(chip.deployment.profile)
  return judge(
    id,
    problems,
    `${texts.join('; ')}${without.length > 0 ? ` (static: without ${without.join(', ')})` : ''}`,
  )
}
