import { Chalk, type ChalkInstance } from 'chalk'
import { formatQuantity, type Unit } from '../base/quantity.ts'
import { fixed } from '../report/words.ts'

/** Colours and number forms of the terminal. Colour never carries meaning alone. */
export interface Style {
  readonly c: ChalkInstance
  readonly columns: number
}

/** Colour only on a terminal, and never against NO_COLOR, TERM=dumb or --no-color. */
export function styleFor(stream: NodeJS.WriteStream, wanted: boolean): Style {
  const { NO_COLOR, TERM, FORCE_COLOR } = process.env
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0'
  const on = wanted && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb' && (stream.isTTY || forced)
  return { c: new Chalk({ level: on ? 1 : 0 }), columns: Math.max(60, Math.min(stream.columns ?? 100, 120)) }
}

/** Plain text columns: left-aligned first column, the rest as `align` says. */
export function columns(rows: readonly (readonly string[])[], align: string = ''): string {
  const visible = (s: string) => s.replace(ansi, '')
  const widths: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visible(cell).length)
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const pad = ' '.repeat(widths[i]! - visible(cell).length)
          return align[i] === 'r' ? pad + cell : i === row.length - 1 ? cell : cell + pad
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

/** A metric value the way its users write it. */
export function metricText(name: string, value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return name === 'nmseDb'
    ? `${fixed(value, 2)} dB`
    : value === 0 || Math.abs(value) >= 1e-3
      ? value.toFixed(5)
      : value.toExponential(3)
}

/** A number of any size with four digits. */
export function fixedNumber(value: number): string {
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5
    ? String(Number(value.toPrecision(4)))
    : value.toExponential(3)
}

/** A quantity in engineering notation with four digits: what a screen needs. */
export function quantityText(value: number, unit: Unit): string {
  return formatQuantity(Number(value.toPrecision(4)), unit)
}

/** The name a person reads for a metric. */
export function metricTitle(name: string): string {
  return { nmseDb: 'NMSE', ber: 'bit error rate', mse: 'mean squared error' }[name] ?? name
}

/** A number of things. */
export function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`
}

/** One line per wrapped paragraph, at most `width` wide. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width - indent.length) {
      lines.push(indent + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(indent + line)
  return lines.join('\n')
}
