/**
 * Decks for ngspice, installed or as WebAssembly: the dialect that `verify` runs and our reader reads.
 */
import type { Analysis } from '../circuit.ts'
import { type Expression, expressionText, within } from '../expression.ts'
import { NGSPICE_RUN, spiceNumber } from '../text.ts'
import { windowName, windowsOf } from '../windows.ts'
import type { Dialect } from './dialect.ts'
import { spiceNotation, withBracedParameters } from './notation.ts'
import { spiceWriter } from './spice.ts'

/**
 * Newton iterations stop when nothing moves by more than 1e-9. `klu` is ignored where it is not built in; where it is,
 * it pivots by pivrel, whose default of 1e-3 loses six digits on wires of very unequal resistance.
 */
const OPTIONS = '.options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-15 pivrel=0.1 klu'
/** Noise has no solver in KLU. */
const NOISE_OPTIONS = OPTIONS.replace(' klu', '')
/** A transient's error is that of its steps, which these tolerances set; trtol's default of 7 would let it be as many times larger. */
const TRANSIENT_OPTIONS = '.options reltol=1e-6 abstol=1e-14 vntol=1e-9 trtol=1 gmin=1e-15 pivrel=0.1 klu'

// ngspice's pwr is odd: sgn(x) |x|^y
export const NOTATION = spiceNotation({
  signedPower: 'pwr',
  lines: 'pwl',
  choose: (when, yes, no) => `${when} ? ${yes} : ${no}`,
})
/** Outside braces: the only place where pwl() keeps all digits of its points. */
const UNBRACED = withBracedParameters(NOTATION)

function bodyText(expression: Expression): string {
  const bare = within(expression).some(({ op }) => op === 'lines')
  return bare ? expressionText(expression, UNBRACED) : `{${expressionText(expression, NOTATION)}}`
}

/** Nodes that are printed one by one. */
const FEW = 64

/** Eight to a line. */
function eight(command: string, words: readonly string[]): string[] {
  const out: string[] = []
  for (let k = 0; k < words.length; k += 8) out.push(`${command} ${words.slice(k, k + 8).join(' ')}`)
  return out
}
const prints = (words: readonly string[]) => eight('print line', words)

function analysisText(analysis: Analysis): string[] {
  const control = (options: string, ...commands: readonly string[]) => [
    options,
    '.control',
    'set numdgt=16',
    ...commands,
    'quit',
    '.endc',
  ]
  switch (analysis.kind) {
    case 'vectors': {
      const nodes = analysis.nodes.map((node) => `v(${node})`)
      const run = `dc vvec 0 ${analysis.count - 1} 1`
      // For each word of `print` all that was saved is looked through: many nodes are saved alone and printed together.
      if (analysis.all === true) return control(OPTIONS, run, 'print line all')
      return nodes.length > FEW
        ? control(OPTIONS, ...eight('save', nodes), run, 'print line all')
        : control(OPTIONS, run, ...prints(nodes))
    }
    case 'transient': {
      const { stop, step, nodes, times } = analysis
      const windows = windowsOf(times.length)
      // Interpolated between the steps; printing all of them, or `meas` with its seven digits, would lose more.
      return control(
        TRANSIENT_OPTIONS,
        `tran ${spiceNumber(step)} ${spiceNumber(stop)} 0 ${spiceNumber(step)} uic`,
        'set run = $curplot',
        ...windows.starts.flatMap((start, w) => [
          'setplot new',
          `compose when values ${times
            .slice(start, start + windows.length)
            .map(spiceNumber)
            .join(' ')}`,
          'setscale when',
          ...nodes.map((node) => `let ${windowName(node, w)} = interpolate({$run}.${node})`),
          ...prints(nodes.map((node) => windowName(node, w))),
        ]),
      )
    }
    case 'noise': {
      const { node, source, from, to, pointsPerDecade, celsius } = analysis
      return control(
        NOISE_OPTIONS,
        ...(celsius === undefined ? [] : [`option temp=${spiceNumber(celsius)}`]),
        `alter @v${source}[acmag]=1`,
        `noise v(${node}) v${source} dec ${pointsPerDecade} ${spiceNumber(from)} ${spiceNumber(to)}`,
        'setplot noise1',
        'print line frequency onoise_spectrum inoise_spectrum',
        'setplot noise2',
        'print line onoise_total inoise_total',
      )
    }
  }
}

export const ngspice: Dialect = {
  id: 'ngspice',
  extension: '.cir',
  run: 'ngspice -n -b FILE',
  triedIn: ['ngspice 39', 'ngspice 45 (eecircuit-engine)'],
  ...spiceWriter({
    about: [NGSPICE_RUN],
    notation: NOTATION,
    rewrite: (expression) => expression,
    body: bodyText,
    keyword: [],
    brackets: false,
    analysis: analysisText,
  }),
}
