/** What a command gets and gives; `main.ts` turns it into text or the JSON envelope and an exit code. */
import type { Problem, Warning } from '../base/errors.ts'
import type { Style } from './style.ts'

export interface Invocation {
  /** Positional arguments. */
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly style: Style
  /** --quiet or --json: no progress, no hints. */
  readonly quiet: boolean
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Progress to stderr, one line that is rewritten; nothing when quiet or not a terminal. */
  readonly progress: (text: string) => void
  /** A line of stderr that stays; nothing when quiet. */
  readonly say: (text: string) => void
}

export interface Input {
  readonly path: string
  readonly sha256: string
}

export interface Outcome {
  /** The `result` of the envelope. */
  readonly result: unknown
  /** What a person reads on stdout. */
  readonly text: string
  readonly warnings?: readonly Warning[]
  readonly inputs?: readonly Input[]
  readonly seed?: number
  /** `--set` changes of the profile. */
  readonly set?: readonly string[]
  readonly profile?: { readonly id: string; readonly sha256: string }
  /** Why the requirement was not met, when the exit code is not 0. */
  readonly problem?: Problem
  /** Default 0; 1 = a stated requirement failed, 6 = a required tool is missing, 130 = interrupted. */
  readonly exitCode?: number
}

export type Run = (invocation: Invocation) => Promise<Outcome>
