/** One thing that was looked at. */
export interface Check {
  readonly id: string
  readonly status: 'pass' | 'fail' | 'skipped'
  /** What was compared and how close it was, what is wrong, or which tool is missing. */
  readonly detail: string
}

/** What a group of checks gives: they compose by concatenation. */
export interface CheckGroup {
  readonly checks: readonly Check[]
  /** Required tools that could not be started. */
  readonly missing: readonly string[]
}

/**
 * pass without problems, else fail with the first of them and their number.
 *
 * @param done  how much was looked at: nothing is no pass
 */
export function judge(id: string, problems: readonly string[], passed: string, done = 1): Check {
  if (problems.length === 0)
    return done > 0 ? { id, status: 'pass', detail: passed } : { id, status: 'skipped', detail: 'not reached' }
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return { id, status: 'fail', detail: `${problems[0]}${more}` }
}
