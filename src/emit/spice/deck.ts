/**
 * The parts every deck has: title, header, parameters, cells, stimulus, analysis.
 */
import type { Matrix } from '../../numerics/matrix.ts'
import { cellLibrary } from './cells.generated.ts'
import type { Probe } from './expected.ts'
import { card, oneLine, parameters, spiceNumber } from './text.ts'

export interface DeckParts {
  readonly title: string
  /** Comment lines below the title. */
  readonly header: readonly string[]
  readonly parameters: Readonly<Record<string, number>>
  readonly subcircuits: readonly string[]
  /** Top-level instances. */
  readonly top: readonly string[]
  /** Driven nodes by name prefix: node prefix_i is at drive[vector][i] volts. */
  readonly stimulus: { readonly prefix: string; readonly drive: Matrix }
  readonly probes: readonly Probe[]
}

/**
 * Newton iterations stop when nothing moves by more than 1e-9. `klu` is ignored where it is not built in; where it is,
 * it pivots by pivrel, whose default of 1e-3 loses six digits on wires of very unequal resistance.
 */
const OPTIONS = '.options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-15 pivrel=0.1 klu'

/**
 * A deck's text. One DC sweep over the vector number solves all vectors: the matrix is ordered once, where one `op` a
 * vector would order it every time.
 */
export function deckText(parts: DeckParts): string {
  const { drive } = parts.stimulus
  const lines = [
    oneLine(parts.title),
    ...parts.header.map((line) => `* ${oneLine(line, 200)}`.trimEnd()),
    '',
    '* ---- parameters (volts, ohms, volts per unit) ----',
    ...parameters(parts.parameters).map((p) => `.param ${p}`),
    '',
    '* ---- cells ----',
    cellLibrary.trimEnd(),
    '',
    '* ---- subcircuits ----',
    ...parts.subcircuits,
    '',
    '* ---- top ----',
    ...parts.top,
    '',
    `* ---- stimulus: ${drive.rows} vector(s), selected by the voltage of node vec ----`,
    'vvec vec 0 0',
    'rvec vec 0 1e9',
    ...stimulus(parts.stimulus.prefix, drive),
    '',
    '* ---- analysis ----',
    OPTIONS,
    '.control',
    'set numdgt=16',
    `dc vvec 0 ${drive.rows - 1} 1`,
    ...prints(parts.probes),
    'quit',
    '.endc',
    '.end',
  ]
  return `${lines.join('\n')}\n`
}

/**
 * Piecewise-linear sources whose knots are the vectors. No braces: inside them ngspice cuts literals to 11 digits,
 * and a bare pwl() keeps them.
 */
function stimulus(prefix: string, drive: Matrix): string[] {
  return Array.from({ length: drive.cols }, (_, i) => {
    const knots = Array.from({ length: drive.rows }, (_, v) => `${v},${spiceNumber(drive.data[v * drive.cols + i]!)}`)
    // pwl() wants two knots
    if (drive.rows === 1) knots.push(`1,${spiceNumber(drive.data[i]!)}`)
    return [
      card(
        `b${prefix}_${i} ${prefix}_${i} 0 V=pwl(v(vec),`,
        knots.map((k, v) => (v < knots.length - 1 ? `${k},` : `${k})`)),
      ),
      `r${prefix}_${i} ${prefix}_${i} 0 1e9`,
    ]
  }).flat()
}

/** `print line` commands, eight nodes each. */
function prints(probes: readonly Probe[]): string[] {
  const out: string[] = []
  for (let k = 0; k < probes.length; k += 8)
    out.push(
      `print line ${probes
        .slice(k, k + 8)
        .map(({ node }) => `v(${node})`)
        .join(' ')}`,
    )
  return out
}
