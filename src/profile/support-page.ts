/**
 * docs/support.md, made from the table of what goes with what.
 */
import { CHOICES, type ChoiceId, type Limit, MECHANISMS } from './support.ts'

const GROUPS: readonly (readonly [string, readonly ChoiceId[]])[] = [
  ['Mappings', ['one-sided', 'two-sided', 'offset-column', 'dual-pair', 'bit-sliced']],
  ['Layouts and partial sums', ['adjacent', 'separate', 'interleaved', 'digitised']],
  ['Inputs and netlists', ['amplitude', 'pulse-width', 'bit-serial', 'netlist']],
]

const WORDS: Readonly<Record<Limit['kind'], string>> = { refused: 'no', 'left-out': 'left out', note: 'yes' }

/** The support matrix as Markdown. */
export function supportPage(): string {
  return [
    '<!-- Made by `npm run generate` from src/profile/support.ts. Change it there. -->',
    '',
    '# What goes with what',
    '',
    'Every mechanism of a profile against the choices it can meet. *yes*: modelled; *no*: refused, a profile with such a',
    'pair when it is read (OHM1205), a netlist of it with OHM6004; *left out*: the netlist is made without it and says so.',
    'Numbers refer to the notes below each table. Wire correction (`crossbar.wireCorrection`) goes by the conductance of the',
    'devices at 0 V: it is exact for linear devices only, and leaves the bend of non-linear ones as it is.',
    '',
    ...GROUPS.flatMap(([title, ids]) => section(title, ids)),
  ].join('\n')
}

function section(title: string, ids: readonly ChoiceId[]): string[] {
  const columns = ids.map((id) => CHOICES.find((choice) => choice.id === id)!)
  const notes: string[] = []
  const cell = (limit: Limit | undefined): string => {
    if (limit === undefined) return 'yes'
    const known = notes.indexOf(limit.reason)
    const number = known >= 0 ? known + 1 : notes.push(limit.reason)
    return `${WORDS[limit.kind]} (${number})`
  }
  const rows = MECHANISMS.map(({ label, limits }) => `| ${[label, ...ids.map((id) => cell(limits[id]))].join(' | ')} |`)
  return [
    `## ${title}`,
    '',
    `| mechanism | ${columns.map(({ label }) => label).join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows,
    '',
    ...notes.map((text, k) => `${k + 1}. ${text[0]!.toUpperCase()}${text.slice(1)}.`),
    '',
  ]
}
