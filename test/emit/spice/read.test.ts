import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import { cells } from '../../../src/emit/spice/cells.ts'
import { NOTATION, ngspice } from '../../../src/emit/spice/dialects/ngspice.ts'
import {
  type Expression,
  expressionText,
  minus,
  plus,
  times,
  volts,
  within,
} from '../../../src/emit/spice/expression.ts'
import { ladderNetlist, spiceNetlist } from '../../../src/emit/spice/netlist.ts'
import { readCircuit, readSubcircuits } from '../../../src/emit/spice/read.ts'
import { readExpression } from '../../../src/emit/spice/read-expression.ts'
import { spiceNumber } from '../../../src/emit/spice/text.ts'
import { matrix } from '../../../src/numerics/matrix.ts'
import { evaluate } from '../../../src/verify/netlist/evaluate.ts'
import { deployments } from '../../verify/random-deployments.ts'
import { circuits, constantExpressions, expressions, numbers } from './random-circuit.ts'

describe('a deck, read back, is the circuit it was written from', () => {
  property.prop([circuits], { numRuns: 500 })('for any circuit', (circuit) => {
    const { circuit: read, problems } = readCircuit(ngspice.deck(circuit))
    expect(problems).toEqual([])
    expect(read).toEqual(circuit)
  })

  property.prop([deployments], { numRuns: 30 })('for the encoder of any deployment', (deployment) => {
    const chip = fabricate(deployment, { seed: 1, chip: 2 })
    const made = [spiceNetlist(chip), ladderNetlist(chip, matrix(1, 1))]
    for (const { circuit, files } of made) {
      const { circuit: read, problems } = readCircuit(files[0]!.text)
      expect(problems).toEqual([])
      expect(read).toEqual(circuit)
    }
  })

  it('for every cell of the library', () => {
    const all = [...cells().values()]
    expect(all.length).toBeGreaterThan(20)
    const circuit = {
      title: 'cells',
      header: [],
      parameters: {},
      cells: all,
      subcircuits: [],
      top: [],
      stimulus: [],
      analysis: { kind: 'vectors', count: 1, nodes: [] },
    } as const
    expect(readCircuit(ngspice.deck(circuit))).toMatchObject({ circuit, problems: [] })
  })
})

describe('an expression', () => {
  const text = (e: Expression) => expressionText(e, NOTATION)

  property.prop([expressions])('is read back from its text', (e) => {
    const bare = within(e).some(({ op }) => op === 'lines')
    const notation = { ...NOTATION, parameter: (name: string) => (bare ? `{${name}}` : name) }
    expect(readExpression(expressionText(e, notation), bare)).toEqual(e)
  })

  it('has the brackets it needs and no others', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(volts) as [Expression, Expression, Expression]
    expect(text(plus(plus(a, b), c))).toBe('v(a)+v(b)+v(c)')
    expect(text(minus(a, plus(b, c)))).toBe('v(a)-(v(b)+v(c))')
    expect(text(times(plus(a, b), -1))).toBe('(v(a)+v(b))*(-1)')
    expect(text(plus(times(a, b), c))).toBe('v(a)*v(b)+v(c)')
  })

  it('may be a sum of very many terms', () => {
    const sum = Array.from({ length: 50_000 }, (_, k) => volts(`d_${k}`)).reduce<Expression>(plus, volts('first'))
    const read = readExpression(text(sum))
    expect(text(read as Expression)).toBe(text(sum))
  })

  it.each([
    ['', 'too early'],
    ['1 2', '"2" is too much'],
    ['(1', '")" expected'],
    ['1k', 'unit suffix in "1k"'],
    ['f(1)', 'function f() is not known'],
    ['2**3', '"*" is not understood'],
    ['1,5', '"," is too much'],
    ['min(1)', 'min() takes 2, not 1'],
    ['1e999', 'too large'],
    ['a ? b', '":" expected'],
    ['constructor(1)', 'function constructor() is not known'],
    ['('.repeat(5000), 'nested more than 1000 deep'],
    ['-'.repeat(5000), 'nested more than 1000 deep'],
  ])('is not "%s"', (wrong, why) => {
    expect(readExpression(wrong)).toMatchObject({ problem: expect.stringContaining(why) })
  })

  property.prop([numbers])('holds numbers exactly', (x) => {
    expect(evaluate(readExpression(spiceNumber(x)) as Expression, () => undefined)).toBe(x)
  })

  property.prop([constantExpressions, fc.double({ min: -10, max: 10, noNaN: true })])(
    'of parameters has the value that JavaScript gives it',
    (e, x) => {
      // The names and operators are JavaScript's, but for those that differ on purpose.
      const script = expressionText(e, {
        ...NOTATION,
        parameter: () => 'x',
        number: (n) => `(${n})`,
        call: (name, of) =>
          name === 'signedPower'
            ? `(Math.sign(${of[0]})*Math.abs(${of[0]})**(${of[1]}))`
            : `Math.${name}(${of.join()})`,
      })
      const wanted = Number(Function('x', `return ${script.replaceAll('--', '- -')}`)(x))
      const got = evaluate(e, () => x)
      if (typeof got === 'number') expect(got).toBe(wanted)
      else if (!got.problem.includes('NaN')) expect(Number.isFinite(wanted)).toBe(false)
    },
  )
})

describe('the reader', () => {
  property.prop([fc.string({ maxLength: 300 })])('never throws', (text) => {
    expect(readCircuit(text).problems.length).toBeGreaterThan(0)
    expect(readSubcircuits(text).problems).toBeInstanceOf(Array)
  })

  property.prop([circuits, fc.nat(), fc.nat(), fc.string({ maxLength: 4 })])(
    'never throws on a spoilt deck',
    (circuit, from, length, by) => {
      const deck = ngspice.deck(circuit)
      const at = from % deck.length
      expect(readCircuit(deck.slice(0, at) + by + deck.slice(at + (length % 9))).problems).toBeInstanceOf(Array)
    },
  )

  it('stops listing problems at some point', () => {
    expect(readCircuit(`t\n${'zzz\n'.repeat(5000)}`).problems.length).toBeLessThanOrEqual(1001)
  })

  it('builds no object from a name that every object has', () => {
    const { circuit, problems } = readCircuit('t\n.param __proto__=1 constructor=2\n.end\n')
    expect(problems.join()).toMatch(/a parameter is called "__proto__"/)
    expect(Object.keys(circuit.parameters)).toEqual(['constructor'])
    expect(Object.getPrototypeOf(circuit.parameters)).toBe(Object.prototype)
  })

  it('names the line', () => {
    expect(readCircuit('t\nr1 a 0 1\n+\nr2 a 0\n').problems).toContain('line 4: cannot read "r2 a 0"')
  })
})
