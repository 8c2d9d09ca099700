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
import { type Comparison, compareNetlist, comparisonText, type DeckResult } from './compare.ts'
import { CONVERSION_CHECK, conversionCheck } from './conversion-checks.ts'
import { deviceProblems } from './devices.ts'
import type { CircuitEngine } from './engines/engine.ts'
import { lintNetlist } from './netlist/lint.ts'
import { NOISE_CHECK, noiseCheck } from './noise-checks.ts'
import { type PlannedDeck, planDecks } from './plan.ts'
import { type Sweep, thresholdSweep } from './sweep.ts'

export interface NetlistCheckOptions {
  /** Sampled chips beside the nominal one. */
  readonly chips: number
  /** Calibration vectors. */
  readonly vectors: number
  readonly seed: number
  /** The serial conversion as a transient too. Default: true. */
  readonly transient?: boolean
  /** Is handed every deck that was run, under a name of its own: letters, digits and hyphens. */
  readonly keep?: KeepDeck
}

export type KeepDeck = (name: string, result: DeckResult) => Promise<void>

/** What the decks of one chip gave. */
interface Findings {
  readonly lint: string[]
  readonly devices: string[]
  readonly sweep: string[]
  readonly decks: number
  /** Whether its devices are in decks. */
  readonly encoder: boolean
  readonly deviceCount: number
  /** null: not reached */
  readonly swept: (Sweep & { readonly close: number }) | null
  readonly check: Check
}

/** Ids of this group, in order. */
export function netlistCheckIds(deployment: Deployment, chips: number): string[] {
  return [
    'netlist-lint',
    'netlist-devices',
    'netlist-nominal',
    ...Array.from({ length: chips }, (_, k) => `netlist-chip-${k}`),
    'threshold-sweep',
    CONVERSION_CHECK,
    ...(hasColumnNoise(deployment) ? [NOISE_CHECK] : []),
  ]
}

const hasColumnNoise = ({ profile }: Deployment) => profile.periphery.tia.bandwidth !== null

/** Chips whose conversion is run: the nominal one and some. */
const MOST_CONVERTED = 4

/** Chips at a time: the decks of one are written and read back while a simulator solves those of the other. */
const AT_A_TIME = 2

/** Run every netlist check of a deployment in an engine that is open. */
export async function netlistChecks(
  deployment: Deployment,
  engine: CircuitEngine,
  options: NetlistCheckOptions,
): Promise<CheckGroup> {
  const inputs = head(deployment.calibration, options.vectors)
  const chips: { id: string; chip: () => Chip }[] = [
    { id: 'netlist-nominal', chip: () => nominalChip(deployment) },
    ...Array.from({ length: options.chips }, (_, k) => ({
      id: `netlist-chip-${k}`,
      chip: () => fabricate(deployment, { seed: options.seed, chip: k }),
    })),
  ]
  const transient = async () =>
    conversionCheck(
      chips.slice(0, MOST_CONVERTED).map(({ id, chip }) => ({ name: id, chip: chip() })),
      inputs,
      engine,
      options.keep,
    )
  const noise = async () => noiseCheck(fabricate(deployment, { seed: options.seed }), inputs, engine, options.keep)
  const findings = await inTurns(AT_A_TIME, chips, ({ id, chip }, turn) =>
    checkChip(id, chip(), inputs, engine, turn, options.keep),
  )
  const others = await inTurns(
    AT_A_TIME,
    [...((options.transient ?? true) ? [transient] : []), ...(hasColumnNoise(deployment) ? [noise] : [])],
    (check) => check(),
  )
  const all = (part: (f: Findings) => readonly string[]) => findings.flatMap(part)
  const sum = (part: (f: Findings) => number) => findings.reduce((n, f) => n + part(f), 0)
  const decks = sum((f) => f.decks)
  return {
    checks: [
      judge(
        'netlist-lint',
        all((f) => f.lint),
        `${decks} decks clean`,
        decks,
      ),
      judge(
        'netlist-devices',
        all((f) => f.devices),
        `${sum((f) => f.deviceCount)} devices hold the chips' conductances`,
        sum((f) => (f.encoder ? 1 : 0)),
      ),
      ...findings.map(({ check }) => check),
      judge(
        'threshold-sweep',
        all((f) => f.sweep),
        sweepText(findings),
        sum((f) => (f.swept === null ? 0 : 1)),
      ),
      ...others,
    ],
    missing: [],
  }
}

/** What the sweeps found, and what they could not. */
function sweepText(findings: readonly Findings[]): string {
  const sum = (part: (sweep: NonNullable<Findings['swept']>) => number) =>
    findings.reduce((n, { swept }) => n + (swept === null ? 0 : part(swept)), 0)
  const { swept, of } = findings.find((f) => f.swept !== null)?.swept?.channels ?? { swept: 0, of: 0 }
  const also: [number, string][] = [
    [sum((s) => s.unreachable), 'beyond the input range'],
    [sum((s) => s.hidden), 'out of order or alike, deciding no code'],
    [sum((s) => s.skipped), 'left out, too many for one sweep'],
    [sum((s) => s.close), 'codes so close to another threshold that either is right'],
  ]
  return [
    `${sum((s) => s.found)} thresholds found to 2e-6 of full scale`,
    swept < of ? `channels 0 to ${swept - 1} of ${of}` : `${of === 1 ? 'one channel' : `all ${of} channels`}`,
    ...also.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`),
  ].join(', ')
}

/** `work` on every item, at most so many at a time; results in order. */
async function inTurns<T, R>(
  atATime: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const one = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index]!, index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, one))
  return results
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
  keep: KeepDeck | undefined,
): Promise<Findings> {
  const found = {
    lint: [] as string[],
    devices: [] as string[],
    sweep: [] as string[],
    decks: 0,
    encoder: false,
    deviceCount: 0,
    swept: null as Findings['swept'],
  }
  const texts: string[] = []
  const problems: string[] = []
  let missing: string | null = null
  const named = (problem: string) => `${id}: ${problem}`
  const seen = (name: string) =>
    keep === undefined ? undefined : (result: DeckResult) => keep(`${id}-${name}`, result)
  try {
    const decks = encoderDecks(chip, inputs, engine, turn, id)
    if (typeof decks === 'string') missing = decks
    else found.encoder = true
    for (const deck of typeof decks === 'string' ? [] : decks) {
      const text = deck.netlist.files[0]!.text
      const lint = lintNetlist(text, deck)
      found.lint.push(...lint.problems.map(named))
      found.decks++
      const devices = deviceProblems(lint.flat, deck.arrays)
      found.devices.push(...devices.problems.map(named))
      found.deviceCount += devices.count
      const comparison: Comparison = await compareNetlist(chip, deck.netlist, engine, seen(deck.name))
      problems.push(...comparison.problems)
      texts.push(`${deck.label === null ? '' : `${deck.label}: `}${comparisonText(comparison)}`)
    }
    const sweep = thresholdSweep(chip)
    const netlist = ladderNetlist(chip, sweep.volts)
    found.lint.push(...lintNetlist(netlist.files[0]!.text, { conductanceMax: 0 }).problems.map(named))
    found.decks++
    const comparison = await compareNetlist(chip, netlist, engine, seen('ladder'))
    found.sweep.push(...comparison.problems.map(named))
    found.swept = { ...sweep, close: comparison.close }
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    if (error.code === 'OHM6003') missing = error.message
    else if (error.code === 'OHM6002') problems.push(error.message)
    else throw error
  }
  if (missing !== null && problems.length === 0) return { ...found, check: { id, status: 'skipped', detail: missing } }
  const without = leftOut(chip.deployment.profile)
  const passed = `${texts.join('; ')}${without.length > 0 ? ` (static: without ${without.join(', ')})` : ''}`
  return { ...found, check: judge(id, problems, passed) }
}
