import { closest, distance } from 'fastest-levenshtein'

/**
 * The candidate a misspelt word was probably meant to be, or null when none is near.
 *
 * Near: at most a third of the letters, and at least two, differ (ignoring case).
 */
export function suggest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0 || word.length > 100) return null
  const lower = word.toLowerCase()
  const best = closest(
    lower,
    candidates.map((c) => c.toLowerCase()),
  )
  const candidate = candidates.find((c) => c.toLowerCase() === best)!
  return distance(lower, best) <= Math.max(2, Math.floor(word.length / 3)) && distance(lower, best) < word.length
    ? candidate
    : null
}
