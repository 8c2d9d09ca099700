import type { Problem, Warning } from '../base/errors.ts'
import type { Style } from './style.ts'

/** file:line:column, or whatever part of it is known. */
function placeText(at: Problem['at']): string | null {
  if (at === undefined) return null
  const position = [at.file, at.line, at.column].filter((x) => x !== undefined).join(':')
  return [position, at.pointer].filter((x) => x !== undefined && x !== '').join('  ') || null
}

/** Problems the way compilers print them. */
export function problemsText(problems: readonly Problem[], { c }: Style): string {
  return problems
    .map((p) => {
      const lines = [`${c.red.bold('error')} ${c.bold(p.code)}: ${p.message}`]
      const place = placeText(p.at)
      // A file that the message names already is not repeated below it.
      if (place !== null && !(place === p.at?.file && p.message.includes(place))) lines.push(`  --> ${place}`)
      if (p.excerpt !== undefined && p.at?.line !== undefined && p.at.column !== undefined) {
        const number = String(p.at.line)
        lines.push(`${c.blue(`${number} |`)} ${p.excerpt.text}`)
        const marker = '^'.repeat(Math.max(1, p.excerpt.width))
        lines.push(`${' '.repeat(number.length)} ${c.blue('|')} ${' '.repeat(p.at.column - 1)}${c.red(marker)}`)
      }
      if (p.hint !== undefined) lines.push(`  = ${p.hint}`)
      lines.push(`  = more: ohmbit explain ${p.code}`)
      return lines.join('\n')
    })
    .join('\n\n')
}

/** One line a warning. */
export function warningsText(warnings: readonly Warning[], { c }: Style): string {
  return warnings
    .map((w) => {
      const place = placeText(w.at)
      return `${c.yellow('warning')} ${w.code}: ${w.message}${place === null ? '' : ` (${place})`}`
    })
    .join('\n')
}
