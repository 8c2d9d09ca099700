/**
 * Decks for Xyce, written to its Reference Guide (SUBCKT, B device, arithmetic functions, DC, TRAN, NOISE, PRINT) and
 * never run.
 */
import type { Analysis } from '../circuit.ts'
import { expressionText } from '../expression.ts'
import { card, spiceNumber } from '../text.ts'
import { type Dialect, NEVER_RUN } from './dialect.ts'
import { spiceNotation, voltsWithColons } from './notation.ts'
import { asValue } from './relations.ts'
import { spiceWriter } from './spice.ts'

// Its manual takes relations only as the condition of a choice.
const NOTATION = spiceNotation({
  signedPower: 'pwrs',
  lines: 'table',
  choose: (when, yes, no) => `if(${when}, ${yes}, ${no})`,
})

/** klu: a direct solver for any size. */
const COMMON = ['.options linsol type=klu', '.options device gmin=1e-15']

function analysis(of: Analysis): string[] {
  const nonlinear = '.options nonlin reltol=1e-9 abstol=1e-12'
  switch (of.kind) {
    case 'vectors':
      return [
        ...COMMON,
        nonlinear,
        `.dc vvec 0 ${of.count - 1} 1`,
        card('.print dc precision=16', of.all === true ? ['v(*)'] : voltsWithColons(of.nodes)),
      ]
    case 'transient':
      return [
        ...COMMON,
        '.options timeint reltol=1e-6 abstol=1e-9',
        card('.options output', `outputtimepoints=${of.times.map(spiceNumber).join(',')}`),
        `.tran ${spiceNumber(of.step)} ${spiceNumber(of.stop)} 0 ${spiceNumber(of.step)} uic`,
        card('.print tran precision=16', voltsWithColons(of.nodes)),
      ]
    case 'noise':
      return [
        ...COMMON,
        nonlinear,
        ...(of.celsius === undefined ? [] : [`.options device temp=${spiceNumber(of.celsius)}`]),
        `.noise v(${of.node}) v${of.source} dec ${of.pointsPerDecade} ${spiceNumber(of.from)} ${spiceNumber(of.to)}`,
        '.print noise precision=16 inoise onoise',
      ]
  }
}

export const xyce: Dialect = {
  id: 'xyce',
  extension: '.xyce.cir',
  run: 'Xyce FILE',
  triedIn: [],
  ...spiceWriter({
    about: [`dialect: xyce, ${NEVER_RUN}. Run: Xyce FILE`],
    notation: NOTATION,
    rewrite: asValue,
    body: (expression) => `{${expressionText(expression, NOTATION)}}`,
    keyword: ['params:'],
    brackets: true,
    analysis,
  }),
}
