/** How expressions are written in the dialects that come from SPICE; they differ in three words. */
import type { Notation } from '../expression.ts'
import { spiceNumber } from '../text.ts'

const FUNCTION = { min: 'min', max: 'max', abs: 'abs', exp: 'exp', tanh: 'tanh', sinh: 'sinh', cosh: 'cosh' } as const

export interface SpiceWords {
  /** sgn(x) |x|^y */
  readonly signedPower: string
  /** A function given by points. */
  readonly lines: string
  readonly choose: Notation['choose']
}

export function spiceNotation({ signedPower, lines, choose }: SpiceWords): Notation {
  return {
    number: spiceNumber,
    parameter: (name) => name,
    volts: (node) => `v(${node})`,
    amperes: (source) => `i(v${source})`,
    time: 'time',
    choose,
    call: (name, of) => `${name === 'signedPower' ? signedPower : FUNCTION[name]}(${of.join(',')})`,
    lines: (of, points) => `${lines}(${of},${points.map(([x, y]) => `${spiceNumber(x)},${spiceNumber(y)}`).join(',')})`,
  }
}

/** Parameters in braces, everything else bare. */
export const withBracedParameters = (notation: Notation): Notation => ({
  ...notation,
  parameter: (name) => `{${name}}`,
})

/** Voltages to print; a colon separates the parts of a path of instances. */
export const voltsWithColons = (nodes: readonly string[]) => nodes.map((node) => `v(${node.replaceAll('.', ':')})`)
