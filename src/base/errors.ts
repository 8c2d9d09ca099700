/**
 * Errors and warnings as data: what went wrong, where, why, and the way out. How they are printed is the
 * command line's business; how they are caught is the caller's.
 */

import { type Code, catalogue } from './catalogue.ts'

/** What kind of failure a code stands for; the command line turns it into an exit code. */
export type Kind = 'requirement' | 'usage' | 'input' | 'infeasible' | 'numerical' | 'external' | 'bug'

/** Where a problem lies. Every part is optional; `pointer` is an RFC 6901 JSON pointer or a tensor/operator name. */
export interface Place {
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based, in UTF-16 units. */
  readonly column?: number
  readonly pointer?: string
}

/** One thing that is wrong. `hint` is the way out; `excerpt` is the source line and the width of the marked part. */
export interface Problem {
  readonly code: Code
  readonly message: string
  readonly at?: Place
  readonly hint?: string
  readonly excerpt?: { readonly text: string; readonly width: number }
}

/** Something the user must know of although the work went on: a clip, a saturation, a merged threshold. */
export interface Warning {
  readonly code: Code
  readonly message: string
  readonly at?: Place
}

/**
 * The one exception ohmbit throws on purpose. `problems` holds everything that is wrong (at least one entry); the
 * other fields are those of the first.
 */
export class OhmbitError extends Error {
  override readonly name = 'OhmbitError'
  readonly problems: readonly Problem[]

  constructor(problems: Problem | readonly Problem[], options?: { cause?: unknown }) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]
    super(list.map((p) => p.message).join('\n'), options)
    this.problems = list
  }

  get code(): Code {
    return this.problems[0]!.code
  }
  get kind(): Kind {
    return catalogue[this.code].kind
  }
  get at(): Place | undefined {
    return this.problems[0]!.at
  }
  get hint(): string | undefined {
    return this.problems[0]!.hint
  }
}

/** Throw one problem. A function, so that it can stand where an expression is wanted. */
export function fail(code: Code, message: string, more: Omit<Problem, 'code' | 'message'> = {}): never {
  throw new OhmbitError({ code, message, ...more })
}

/** A copy of the error whose problems all carry the file name. */
export function inFile(error: OhmbitError, file: string): OhmbitError {
  return new OhmbitError(
    error.problems.map((p) => ({ ...p, at: { file, ...p.at } })),
    { cause: error },
  )
}
