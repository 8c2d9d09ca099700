/**
 * docs/profile-fields.md, made from the table of fields.
 */

import { formatQuantity, UNITS } from '../base/quantity.ts'
import { bounds, FIELD_PATHS, FIELDS, type Field, formatValue } from './fields.ts'
import { usedWhenText } from './unused.ts'

const TITLES: readonly (readonly [string, string])[] = [
  ['device', 'Device'],
  ['crossbar', 'Crossbar'],
  ['periphery', 'Periphery'],
  ['adc', 'ADC'],
  ['decoder', 'Decoder'],
  ['environment', 'Environment'],
]

/** The reference of profile values as Markdown. */
export function fieldsPage(): string {
  return [
    '<!-- Made by `npm run generate` from src/profile/fields. Change it there. -->',
    '',
    '# Every value of a hardware profile',
    '',
    'How to write a profile: [profiles.md](profiles.md). A value that a profile leaves out takes its default; by default',
    'every imperfection is off. Ranges are in the units shown; quantities may be written in any unit of the same kind.',
    '*Used when*: without it a value other than its default has no effect, and a warning says so (OHM1207).',
    '',
    ...TITLES.flatMap(([section, title]) => table(section, title)),
    ...words(),
  ].join('\n')
}

function table(section: string, title: string): string[] {
  return [
    `## ${title}`,
    '',
    '| value | accepts | default | meaning | usual, source | used when |',
    '|---|---|---|---|---|---|',
    ...FIELD_PATHS.filter((path) => path.startsWith(`${section}.`)).map((path) => {
      const field = FIELDS[path]
      const cells = [
        `\`${path}\``,
        accepts(field),
        formatValue(field, field.default),
        field.meaning,
        field.source,
        usedWhenText(path),
      ]
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
    }),
    '',
  ]
}

function accepts(field: Field): string {
  const orNull = 'nullable' in field && field.nullable ? ', or null' : ''
  switch (field.kind) {
    case 'boolean':
      return 'true, false'
    case 'word':
      return 'a word, see below'
    case 'levels':
      return `2 to ${field.maxCount}, a list of conductances, or null`
    case 'table':
      return `rows of target, mean and standard deviation, a CSV file, or null`
    case 'curve':
      return `rows of input and output, a CSV file, or null`
    case 'integer':
      return field.allowed === undefined
        ? `whole number ${bounds(field, String)}${orNull}`
        : `${field.allowed.slice(0, 3).join(', ')}, ... ${field.allowed.at(-1)}${orNull}`
    case 'number':
      return `number ${bounds(field, String)}${orNull}`
    case 'quantity':
      return `${UNITS[field.unit].measures} ${bounds(field, (x) => formatQuantity(x, field.unit))}${orNull}`
  }
}

function words(): string[] {
  return [
    '## Words',
    '',
    ...FIELD_PATHS.flatMap((path) => {
      const field = FIELDS[path]
      if (field.kind !== 'word') return []
      return [
        `### \`${path}\``,
        '',
        '| word | meaning |',
        '|---|---|',
        ...Object.entries(field.words).map(([word, meaning]) => `| \`${word}\` | ${meaning.replaceAll('|', '\\|')} |`),
        '',
      ]
    }),
  ]
}
