/** Figures kept in git. Numbers may differ by what cannot be seen: machines round logarithms differently. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Of a pixel, and of numbers in texts that are drawn. */
const SEEN = 0.02
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g

/** Where two texts differ by more than the rounding of their numbers; null: nowhere. */
export function difference(one: string, other: string): string | null {
  const [words, others] = [one.split(NUMBER), other.split(NUMBER)]
  const [numbers, theirs] = [one.match(NUMBER) ?? [], other.match(NUMBER) ?? []]
  for (const [k, word] of words.entries()) {
    if (word !== others[k]) return `"${word.slice(0, 80)}" is not "${String(others[k]).slice(0, 80)}"`
    const [a, b] = [Number(numbers[k]), Number(theirs[k])]
    if (numbers[k] !== theirs[k] && !(Math.abs(a - b) <= SEEN))
      return `${numbers[k]} is not ${theirs[k]} after "${word.slice(-60)}"`
  }
  return words.length === others.length ? null : `${words.length} pieces are not ${others.length}`
}

/**
 * Compare a figure with the one in test/golden/figures. On a difference the new one is written beside it as
 * `NAME-changed.svg`, to be looked at; OHMBIT_UPDATE_GOLDEN=1 keeps it.
 *
 * @returns null when they are alike, else what differs
 */
export function differsFromGolden(name: string, svg: string): string | null {
  const path = (end: string) => fileURLToPath(new URL(`../golden/figures/${name}${end}`, import.meta.url))
  const [golden, changed] = [path('.svg'), path('-changed.svg')]
  if (process.env['OHMBIT_UPDATE_GOLDEN'] === '1') writeFileSync(golden, svg)
  const found = existsSync(golden) ? difference(svg, readFileSync(golden, 'utf8')) : 'there is no golden figure'
  if (found === null) rmSync(changed, { force: true })
  else writeFileSync(changed, svg)
  return found
}
