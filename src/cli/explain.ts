import { closest, distance } from 'fastest-levenshtein'
import { type Code, catalogue } from '../base/catalogue.ts'
import { fail } from '../base/errors.ts'
import type { Run } from './command.ts'
import { glossary } from './glossary.ts'
import { wrap } from './style.ts'

const key = (s: string) => s.toLowerCase().replace(/[^a-z0-9]+/g, '-')

export const run: Run = async ({ args, style: { c, columns: width } }) => {
  const wanted = args[0]!
  const code = wanted.toUpperCase()
  if (Object.hasOwn(catalogue, code)) {
    const { title, kind, explanation } = catalogue[code as Code]
    return {
      result: { code, kind, title, explanation },
      text: `${c.bold(`${code}: ${title}`)} (${kind})\n\n${wrap(explanation, width)}`,
    }
  }
  const entry = glossary.find((g) => [g.term, ...(g.also ?? [])].some((name) => key(name) === key(wanted)))
  if (entry !== undefined)
    return {
      result: entry,
      text: `${c.bold(entry.term)}${entry.symbol === undefined ? '' : `  (${entry.symbol})`}\n\n${wrap(entry.meaning, width)}`,
    }
  const names = [...Object.keys(catalogue), ...glossary.flatMap((g) => [g.term, ...(g.also ?? [])])]
  const near = closest(key(wanted), names.map(key))
  const suggestion = distance(key(wanted), near) <= 4 ? names[names.map(key).indexOf(near)] : undefined
  return fail('OHM9001', `there is no code or term "${wanted}"`, {
    hint:
      suggestion === undefined ? `terms: ${glossary.map((g) => g.term).join(', ')}` : `did you mean "${suggestion}"?`,
  })
}
