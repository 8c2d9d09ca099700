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
   * @param seen   is handed what the run printed, before it is judged
   * @throws OHM6002 timeout, a log with errors or warnings, a node without values
   */
  solve(deck: string, nodes: readonly string[], vectors: number, seen?: (log: string) => void): Promise<Solution>
  close(): Promise<void>
}

/** The most a run may print, bytes or characters. A wired 128 x 128 array with all its nodes prints 4 MB. */
export const MAX_LOG = 64 << 20

/** One run of a deck, good or bad. */
export interface DeckRun {
  readonly log: string
  /** The limit it ran into. */
  readonly stopped: string | null
  /** Exit code; null: killed */
  readonly status: number | null
}

/**
 * What an engine's `solve` makes of a run. What the log says comes before the exit code: it says more.
 *
 * @throws OHM6002
 */
export function solution(
  tool: string,
  run: DeckRun,
  nodes: readonly string[],
  vectors: number,
  seen?: (log: string) => void,
): Solution {
  seen?.(run.log)
  if (run.stopped !== null) fail('OHM6002', `${tool} ${run.stopped}`)
  if (run.log.length >= MAX_LOG) fail('OHM6002', `${tool} printed more than ${MAX_LOG} characters`)
  refuseTrouble(tool, run.log)
  if (run.status !== 0) fail('OHM6002', `${tool} ended with exit code ${run.status}`)
  return readLog(tool, run.log, nodes, vectors)
}

/** Lines of a log that say that something went wrong; ngspice's exit code does not say it. */
const TROUBLE =
  /\b(error|warning|singular|fail(s|ed|ure)?|aborted|interrupted|unknown|unrecognized|stepping|can't|cannot|not found|no such)\b/i
/** Lines that echo text of the deck, or tell of a start-up file that we do not want. */
const HARMLESS = /^\s*Circuit: |can't find the initialization file spinit/

function refuseTrouble(tool: string, log: string): void {
  const trouble = log.split(/[\r\n]+/).find((line) => TROUBLE.test(line) && !HARMLESS.test(line))
  if (trouble !== undefined) fail('OHM6002', `${tool} says: ${trouble.trim().slice(0, 200)}`)
}

/** v(node), or the node alone on a line where all are printed; then its values. */
const VALUES = /(?:v\(([\w.]+)\)|^([a-z][\w.]*)) = (?:\(([^()]*)\)|(\S+))/gm
/** As `print` writes it: with all of its exponent, so that a number cut short is none. */
const NUMBER = /^[-+]?\d\.\d+e[-+]\d\d+$/i

/**
 * The values a run printed.
 *
 * @throws OHM6002 unless the log is clean and every node has a finite value for every vector, printed once
 */
export function readLog(tool: string, log: string, nodes: readonly string[], vectors: number): Solution {
  refuseTrouble(tool, log)
  const printed = new Map<string, Float64Array>()
  for (const [, quoted, bare, several, one] of log.matchAll(VALUES)) {
    const node = (quoted ?? bare)!
    const words = (several ?? one)!.trim().split(/[\s,]+/)
    if (printed.has(node)) fail('OHM6002', `${tool} gave node ${node} twice`)
    printed.set(
      node,
      Float64Array.from(words, (word) => (NUMBER.test(word) ? Number(word) : Number.NaN)),
    )
  }
  const solution = new Map<string, Float64Array>()
  for (const node of nodes) {
    const values = printed.get(node)
    if (values === undefined || values.length !== vectors || !values.every(Number.isFinite))
      fail('OHM6002', `${tool} gave no value for node ${node} (${nodes.length} nodes, ${vectors} vectors wanted)`)
    solution.set(node, values)
  }
  return solution
}
