/**
 * hardware-profiles/template.json: every value with its meaning, what it accepts and what is usual.
 */
import { expectation, FIELDS, type Field, FORMAT, formatValue, GROUPS, isFieldPath } from './fields.ts'

/** The text of the template, made from the table of fields. */
export function profileTemplate(): string {
  return layout({
    format: FORMAT,
    id: 'template',
    description: 'Describe your hardware in one line',
    source: 'Name the papers, datasheets or measurements the numbers come from',
    note: 'Replace each value by yours and its source by where you have it from. Leave out what does not concern you: it takes its default, and every imperfection is off by default. A value may also stand alone, without source and note. Then: ohmbit profiles check FILE',
    notModelled: [
      'say here what a user must not expect, for instance: read disturb and endurance of the devices',
      'settling of the lines',
    ],
    ...section(''),
  })
}

function section(group: string): Record<string, unknown> {
  return Object.fromEntries(
    GROUPS.get(group)!.map((key) => {
      const path = group === '' ? key : `${group}.${key}`
      return [key, isFieldPath(path) ? leaf(FIELDS[path]) : section(path)]
    }),
  )
}

function leaf(field: Field): Record<string, unknown> {
  return {
    value: field.kind === 'quantity' && field.default !== null ? formatValue(field, field.default) : field.default,
    source: `(default) usual: ${field.source}`,
    note: `${field.meaning}. ${sentence(expectation(field))}`,
  }
}

const sentence = (text: string) => text[0]!.toUpperCase() + text.slice(1)

const WIDTH = 120

/**
 * JSON for people to edit: lists on one line where they fit, objects without inner ones likewise.
 *
 * @returns text with a final line break
 */
export function layout(value: unknown): string {
  return `${lay(value, 0, 0)}\n`
}

/** @param used  columns taken on the line before the value */
function lay(value: unknown, depth: number, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pad = '  '.repeat(depth + 1)
  const end = `\n${'  '.repeat(depth)}`
  if (Array.isArray(value)) {
    const line = `[${value.map((x) => JSON.stringify(x)).join(', ')}]`
    // One more column for a comma.
    if (used + line.length + 1 <= WIDTH) return line
    return `[\n${value.map((x) => pad + lay(x, depth + 1, pad.length)).join(',\n')}${end}]`
  }
  const entries = Object.entries(value)
  const flat = entries.every(([, x]) => typeof x !== 'object' || x === null)
  if (entries.length === 0) return '{}'
  const line = `{ ${entries.map(([key, x]) => `${JSON.stringify(key)}: ${JSON.stringify(x)}`).join(', ')} }`
  if (flat && depth > 0 && used + line.length + 1 <= WIDTH) return line
  const members = entries.map(([key, x]) => {
    const head = `${pad}${JSON.stringify(key)}: `
    return head + lay(x, depth + 1, head.length)
  })
  return `{\n${members.join(',\n')}${end}}`
}
