/**
 * How numbers, names and long lines are written so that ngspice reads back what was meant.
 */

/**
 * A number in the shortest form that parses back to the same double: plain or with an exponent, never a unit suffix
 * (ngspice reads 1M as 1e-3 and 1F as 1e-15).
 *
 * @throws RangeError for NaN and infinities
 */
export function spiceNumber(x: number): string {
  if (!Number.isFinite(x)) throw new RangeError(`a netlist cannot hold ${x}`)
  if (x === 0) return '0'
  const size = Math.abs(x)
  return size < 1e-3 || size >= 1e6 ? x.toExponential().replace('+', '') : String(x)
}

/** Tokens on as many lines as they need; further lines start with `+`. */
export function card(...tokens: readonly (string | readonly string[])[]): string {
  let out = ''
  let length = 0
  const add = (token: string) => {
    if (length === 0) out += token
    else if (length + 1 + token.length > 110) {
      out += `\n+ ${token}`
      length = 1
    } else out += ` ${token}`
    length += 1 + token.length
  }
  // Hundreds of thousands of them: no list of all tokens is made.
  for (const token of tokens)
    if (typeof token === 'string') add(token)
    else for (const one of token) add(one)
  return out
}

/** Free text from a file (a network's or a profile's name) on one line of printable ASCII, so that it cannot add a card. */
export const oneLine = (text: string, limit = 100): string => printable(text.trim(), limit)

/** The same with the blanks it begins with, for the text of a comment. */
export const commentLine = (text: string): string => printable(text.trimEnd(), 200)

function printable(text: string, limit: number): string {
  const plain = text.replace(/[^\x20-\x7e]+/g, '?')
  return plain.length > limit ? `${plain.slice(0, limit - 3)}...` : plain
}

/** The first comment of a deck for ngspice. */
export const NGSPICE_RUN = 'dialect: ngspice. Run: ngspice -n -b FILE'

/** Parts of a deck by the comment line above each. */
export const SECTIONS = {
  parameters: 'parameters (volts, ohms, volts per unit)',
  cells: 'cells',
  subcircuits: 'subcircuits',
  top: 'top',
  stimulus: 'stimulus',
  analysis: 'analysis',
} as const

/**
 * A card whose end is one long text, such as an expression: broken after an operator or a comma, never within a number.
 *
 * @param goesOn  what a continuation line starts with
 */
export function longCard(start: string, text: string, goesOn = '+ '): string {
  if (start.length + 1 + text.length <= 110) return `${start} ${text}`
  const pieces = text.match(/.{1,100}(?:[,*/?:]|(?<=[\w)])(?<!\de)[-+])|.+/g) ?? [text]
  return `${start}\n${goesOn}${pieces.map((piece) => piece.trim()).join(`\n${goesOn}`)}`
}
