/**
 * Emit the artefacts of a deployment, run them in their own tools, compare with the simulator.
 */
import { OhmbitError } from '../base/errors.ts'
import { wholeNumber } from '../base/whole-number.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { CROSS_COMPILER, cChecks } from './c-checks.ts'
import type { Check, CheckGroup } from './check.ts'
import { ENGINE_TOOLS, type EngineId } from './engines/engine.ts'
import { openEngine } from './engines/open.ts'
import { keepDecks } from './keep.ts'
import { netlistCheckIds, netlistChecks } from './netlist-checks.ts'
import { found, OBJCOPY, tableChecks } from './table-checks.ts'
import { VERILOG_TOOLS, verilogChecks } from './verilog-checks.ts'

export interface VerifyOptions {
  /** Circuit simulator; `require` of `ngspice` selects the installed one. Default: embedded. */
  readonly engine?: EngineId
  /** Sampled chips beside the nominal one, 0 .. 1000. Default: 3. */
  readonly chips?: number
  /** Calibration vectors, 1 .. 256. Default: 3. */
  readonly vectors?: number
  readonly seed?: number
  /** Tools that must be there, such as ngspice, eecircuit-engine or cc. */
  readonly require?: readonly string[]
  /** Limit for one deck. */
  readonly timeoutSeconds?: number
  /** A folder that receives every netlist that was run, its log, its values and what was expected. */
  readonly keep?: string
  /** Write into `keep` even where it holds what ohmbit did not make. */
  readonly force?: boolean
  /** Which artefacts to look at. Default: all. */
  readonly only?: readonly Artefact[]
}

export type Artefact = 'netlist' | 'threshold-table' | 'c' | 'verilog'

/**
 * Verify a deployment. A missing tool skips its checks and is named; a required one fails them and stands in `missing`.
 *
 * @throws OHM5004 option out of range, OHM1006 `keep` holds other files
 */
export async function verifyDeployment(deployment: Deployment, options: VerifyOptions = {}): Promise<CheckGroup> {
  const required = options.require ?? []
  const wanted = (artefact: Artefact) => options.only?.includes(artefact) ?? true
  const groups = [
    ...(wanted('netlist') ? [await netlistGroup(deployment, options, required)] : []),
    ...(wanted('threshold-table') ? [await tableChecks(deployment, required)] : []),
    ...(wanted('c') ? [await cChecks(deployment, required)] : []),
    ...(wanted('verilog') ? [await verilogChecks(deployment, required)] : []),
    await unusedTools(required, wanted),
  ]
  return {
    checks: groups.flatMap(({ checks }) => checks),
    missing: [...new Set(groups.flatMap(({ missing }) => missing))],
  }
}

/** A required tool that no check uses must still be there; then it is named, not passed over. */
async function unusedTools(required: readonly string[], wanted: (artefact: Artefact) => boolean): Promise<CheckGroup> {
  const used: readonly string[] = [
    ...(wanted('netlist') ? Object.values(ENGINE_TOOLS) : []),
    ...(wanted('threshold-table') ? ['cc', OBJCOPY] : []),
    ...(wanted('c') ? ['cc', CROSS_COMPILER] : []),
    ...(wanted('verilog') ? Object.values(VERILOG_TOOLS) : []),
  ]
  const checks: Check[] = []
  const missing: string[] = []
  for (const tool of required.filter((name) => !used.includes(name))) {
    const there = await found(tool)
    if (!there) missing.push(tool)
    checks.push({
      id: `tool-${tool}`,
      status: there ? 'skipped' : 'fail',
      detail: there ? `found, but no check uses ${tool}` : `${tool} is not installed`,
    })
  }
  return { checks, missing }
}

async function netlistGroup(
  deployment: Deployment,
  options: VerifyOptions,
  required: readonly string[],
): Promise<CheckGroup> {
  const chips = wholeNumber('chips', options.chips ?? 3, 0, 1000)
  const vectors = wholeNumber('vectors', options.vectors ?? 3, 1, 256)
  const id: EngineId = required.includes(ENGINE_TOOLS.ngspice) ? 'ngspice' : (options.engine ?? 'embedded')
  const tool = ENGINE_TOOLS[id]
  const timeout = options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }
  const keep = options.keep === undefined ? {} : { keep: await keepDecks(options.keep, tool, options.force ?? false) }
  let engine: Awaited<ReturnType<typeof openEngine>>
  try {
    engine = await openEngine(id, timeout)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    const must = required.includes(tool)
    const status: Check['status'] = must ? 'fail' : 'skipped'
    return {
      checks: netlistCheckIds(deployment, chips).map((check) => ({
        id: check,
        status,
        detail: `${tool}: ${error.message}`,
      })),
      missing: must ? [tool] : [],
    }
  }
  try {
    return await netlistChecks(deployment, engine, { chips, vectors, seed: options.seed ?? 0, ...keep })
  } finally {
    await engine.close()
  }
}
