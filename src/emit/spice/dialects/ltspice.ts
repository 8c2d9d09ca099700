/**
 * Decks for LTspice, written to its help (B. Arbitrary behavioral sources, .param, .dc, .tran, .noise, .save) and never
 * run.
 */
import type { Analysis } from '../circuit.ts'
import { expressionText } from '../expression.ts'
import { card, spiceNumber } from '../text.ts'
import { type Dialect, NEVER_RUN } from './dialect.ts'
import { spiceNotation, voltsWithColons, withBracedParameters } from './notation.ts'
import { asValue } from './relations.ts'
import { spiceWriter } from './spice.ts'

const NOTATION = spiceNotation({
  signedPower: 'pwrs',
  lines: 'table',
  choose: (when, yes, no) => `if(${when},${yes},${no})`,
})
/** A behavioural source is not in braces; its parameters are. */
const BODY = withBracedParameters(NOTATION)

/** Results in double precision, not compressed. */
const RESULTS = 'numdgt=15 plotwinsize=0'

function analysis(of: Analysis): string[] {
  const save = (nodes: readonly string[]) => (nodes.length > 0 ? [card('.save', voltsWithColons(nodes))] : [])
  const options = `.options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-15 ${RESULTS}`
  switch (of.kind) {
    case 'vectors':
      return [options, ...save(of.nodes), `.dc vvec 0 ${of.count - 1} 1`]
    case 'transient':
      return [
        `.options reltol=1e-6 abstol=1e-14 vntol=1e-9 gmin=1e-15 ${RESULTS}`,
        ...save(of.nodes),
        card('* expected values are at the times', of.times.map(spiceNumber)).replaceAll('\n+ ', '\n* '),
        `.tran 0 ${spiceNumber(of.stop)} 0 ${spiceNumber(of.step)} uic`,
      ]
    case 'noise':
      return [
        options,
        ...(of.celsius === undefined ? [] : [`.temp ${spiceNumber(of.celsius)}`]),
        `.noise v(${of.node}) v${of.source} dec ${of.pointsPerDecade} ${spiceNumber(of.from)} ${spiceNumber(of.to)}`,
      ]
  }
}

export const ltspice: Dialect = {
  id: 'ltspice',
  extension: '.ltspice.cir',
  run: 'LTspice -b FILE',
  triedIn: [],
  ...spiceWriter({
    about: [`dialect: ltspice, ${NEVER_RUN}. Run: LTspice -b FILE`],
    notation: NOTATION,
    rewrite: asValue,
    body: (expression) => expressionText(expression, BODY),
    keyword: ['params:'],
    brackets: true,
    analysis,
  }),
}
