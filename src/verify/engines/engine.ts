/**
 * A circuit simulator, seen from a check: a deck goes in, node voltages come out.
 */
import { fail } from '../../base/errors.ts'

export type EngineId = 'embedded' | 'ngspice'

/** What is installed for each engine, by the name that `--require` and a skipped check use. */
export const ENGINE_TOOLS: Readonly<Record<EngineId, string>> = {
  embedded: 'eecircuit-engine',
  ngspice: 'ngspice',
}

/** node -> one voltage a vector */
export type Solution = ReadonlyMap<string, Float64Array>

export interface CircuitEngine {
  readonly id: EngineId
  /** Largest sizes that are solved in reasonable time (measured): unknowns of one array, and of one deck. */
  readonly limits: { readonly arrayNodes: number; readonly deckNodes: number }
  /**
   * @param deck   ends its .control in `quit`
   * @param nodes  that it prints
   * @throws OHM6002 timeout, a log with errors or warnings, a node without values
   */
  solve(deck: string, nodes: readonly string[], vectors: number): Promise<Solution>
  close(): Promise<void>
}

/** Lines of a log that say that something went wrong; ngspice's exit code does not say it. */
const TROUBLE =
  /\b(error|warning|singular|fail(s|ed|ure)?|aborted|interrupted|unknown|unrecognized|stepping|can't|cannot|not found|no such)\b/i
/** Lines that echo text of the deck, or tell of a start-up file that we do not want. */
const HARMLESS = /^\s*Circuit: |can't find the initialization file spinit/

/**
 * The values a run printed.
 *
 * @throws OHM6002 unless the log is clean and every node has a finite value for every vector
 */
export function readLog(tool: string, log: string, nodes: readonly string[], vectors: number): Solution {
  const trouble = log.split(/[\r\n]+/).find((line) => TROUBLE.test(line) && !HARMLESS.test(line))
  if (trouble !== undefined) fail('OHM6002', `${tool} says: ${trouble.trim().slice(0, 200)}`)
  const printed = new Map<string, Float64Array>()
  for (const [, node, several, one] of log.matchAll(/v\((\w+)\) = (?:\(([^)]*)\)|(\S+))/g))
    printed.set(node!, Float64Array.from((several ?? one!).trim().split(/[\s,]+/), Number))
  const solution = new Map<string, Float64Array>()
  for (const node of nodes) {
    const values = printed.get(node)
    if (values === undefined || values.length !== vectors || !values.every(Number.isFinite))
      fail('OHM6002', `${tool} gave no value for node ${node} (${nodes.length} nodes, ${vectors} vectors wanted)`)
    solution.set(node, values)
  }
  return solution
}
