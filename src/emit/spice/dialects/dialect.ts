import type { Circuit, CircuitPart } from '../circuit.ts'

export const DIALECTS = ['ngspice', 'xyce', 'ltspice', 'spectre'] as const
export type DialectId = (typeof DIALECTS)[number]

/** What a deck says of itself in a dialect whose simulator was not there to try it. */
export const NEVER_RUN = 'written to the manual, never run'

/** How one simulator wants a circuit written. */
export interface Dialect {
  readonly id: DialectId
  /** Of a deck's file name, with its dot. */
  readonly extension: string
  /** How a user runs it. */
  readonly run: string
  /** Simulators its decks were run in; empty: written to the manual, never run. */
  readonly triedIn: readonly string[]
  deck(circuit: Circuit): string
  /** A file that a deck includes. @param header  comment lines */
  part(header: readonly string[], part: CircuitPart): string
}
