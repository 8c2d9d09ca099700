import { fc } from '@fast-check/vitest'
import type { Analysis, Circuit, Element, Parameters, Subcircuit, Value } from '../../../src/emit/spice/circuit.ts'
import { type Expression, FUNCTIONS, type FunctionName } from '../../../src/emit/spice/expression.ts'

const WORDS = ['ge', 'gt', 'le', 'lt', 'eq', 'ne', 'and', 'or', 'not', 'time']

/** Any number a deck holds. There is no minus zero in one. */
export const numbers = fc
  .oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((x) => (x === 0 ? 0 : x))
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/).filter((text) => !WORDS.includes(text))
const node = fc.oneof({ arbitrary: fc.constant('0'), weight: 1 }, { arbitrary: name, weight: 4 })
const pair = fc.tuple(node, node)
const line = fc
  .string({ maxLength: 60 })
  .map((text) => text.replace(/[^\x20-\x7e]/g, '?').trimEnd())
  .filter((text) => !text.startsWith('----'))
const points = fc
  .uniqueArray(numbers, { minLength: 1, maxLength: 5 })
  .chain((xs) =>
    fc
      .array(numbers, { minLength: xs.length, maxLength: xs.length })
      .map((ys) => xs.toSorted((a, b) => a - b).map((x, k): [number, number] => [x, ys[k]!])),
  )

const tree = (leaves: fc.Arbitrary<Expression>[], withLines: boolean) =>
  fc.letrec<{ e: Expression }>((tie) => ({
    e: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      ...leaves,
      fc.record({ op: fc.constant('negative' as const), of: tie('e') }),
      fc.record({ op: fc.constantFrom('+', '-', '*', '/', '>', '>='), left: tie('e'), right: tie('e') }),
      fc.record({ op: fc.constant('choose' as const), when: tie('e'), yes: tie('e'), no: tie('e') }),
      fc.constantFrom(...(Object.keys(FUNCTIONS) as FunctionName[])).chain((called) =>
        fc.record({
          op: fc.constant('call' as const),
          name: fc.constant(called),
          of: fc.array(tie('e'), { minLength: FUNCTIONS[called], maxLength: FUNCTIONS[called] }),
        }),
      ),
      ...(withLines ? [fc.record({ op: fc.constant('lines' as const), of: tie('e'), points })] : []),
    ),
  })).e

const constants: fc.Arbitrary<Expression>[] = [
  numbers.map((value) => ({ op: 'number', value })),
  name.map((parameter) => ({ op: 'parameter', name: parameter })),
]
const solved: fc.Arbitrary<Expression>[] = [
  name.map((at) => ({ op: 'volts', node: at })),
  name.map((source) => ({ op: 'amperes', source })),
  fc.constant<Expression>({ op: 'time' }),
]
/** Of parameters alone. */
export const constantExpressions = tree(constants, false)
export const expressions = tree([...constants, ...solved], true)

const value: fc.Arbitrary<Value> = fc.oneof(numbers, constantExpressions)
const parameters: fc.Arbitrary<Parameters> = fc
  .uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([key]) => key })
  .map(Object.fromEntries)

/** Any element, named by its number so that no two of a scope are alike. */
const element = (k: number): fc.Arbitrary<Element> => {
  const named = <K extends Element['kind']>(kind: K) => ({
    kind: fc.constant(kind),
    name: name.map((text) => `${text}_${k}`),
  })
  return fc.oneof(
    fc.record({ kind: fc.constant('comment' as const), text: line }),
    fc.record({ ...named('resistor'), nodes: pair, ohms: value }),
    fc.record(
      { ...named('capacitor'), nodes: pair, farads: value, start: value },
      { requiredKeys: ['kind', 'name', 'nodes', 'farads'] },
    ),
    fc.record({
      ...named('voltage'),
      nodes: pair,
      volts: fc.oneof(
        value,
        points.map((all) => ({ points: all })),
      ),
    }),
    fc.record({ ...named('current'), nodes: pair, amperes: value }),
    fc.record({
      ...named('behavioural'),
      nodes: pair,
      gives: fc.constantFrom('volts' as const, 'amperes' as const),
      expression: expressions,
    }),
    fc.record({ ...named('current-controlled-voltage'), nodes: pair, source: name, ohms: value }),
    fc.record({ ...named('voltage-controlled-voltage'), nodes: pair, controls: pair, gain: value }),
    fc.record({ ...named('mosfet'), nodes: fc.tuple(node, node, node, node), model: name, parameters }),
    fc.record({ ...named('bipolar'), nodes: fc.tuple(node, node, node), model: name, parameters }),
    fc.record({
      ...named('model'),
      type: fc.constantFrom('nmos' as const, 'pmos' as const, 'npn' as const, 'pnp' as const),
      parameters,
    }),
    fc.record({ ...named('instance'), nodes: fc.array(node, { minLength: 1, maxLength: 30 }), of: name, parameters }),
  ) as fc.Arbitrary<Element>
}
const elements = (most: number, first: number): fc.Arbitrary<Element[]> =>
  fc.integer({ min: 0, max: most }).chain((n) => fc.tuple(...Array.from({ length: n }, (_, k) => element(first + k))))

const subcircuits = (prefix: string): fc.Arbitrary<Subcircuit[]> =>
  fc
    .array(
      fc.record({
        about: fc.array(line, { maxLength: 2 }),
        pins: fc.uniqueArray(name, { minLength: 1, maxLength: 20 }),
        parameters,
        elements: elements(5, 0),
      }),
      { maxLength: 3 },
    )
    .map((all) => all.map((one, k) => ({ name: `${prefix}_${k}`, ...one })))

const positive = fc.double({ min: 1e-12, max: 1e12, noNaN: true })
const analysis: fc.Arbitrary<Analysis> = fc.oneof(
  fc.record({
    kind: fc.constant('vectors' as const),
    count: fc.integer({ min: 1, max: 1000 }),
    nodes: fc.array(name, { maxLength: 20 }),
  }),
  fc.record({
    kind: fc.constant('vectors' as const),
    count: fc.integer({ min: 1, max: 1000 }),
    nodes: fc.constant([]),
    all: fc.constant(true as const),
  }),
  fc.record({
    kind: fc.constant('transient' as const),
    stop: positive,
    step: positive,
    nodes: fc.uniqueArray(name, { maxLength: 20 }),
    times: fc.array(positive, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant('noise' as const),
    node: name,
    source: name,
    from: positive,
    to: positive,
    pointsPerDecade: fc.integer({ min: 1, max: 100 }),
  }),
)

/** Circuits of every element, expression, waveform and analysis; they need not make sense. */
export const circuits: fc.Arbitrary<Circuit> = fc.record(
  {
    title: line.map((text) => `t${text}`.trim()),
    header: fc.array(line, { maxLength: 3 }),
    includes: fc.array(fc.stringMatching(/^[a-z0-9_]{1,9}\.inc$/), { minLength: 1, maxLength: 2 }),
    parameters,
    cells: subcircuits('cell'),
    subcircuits: subcircuits('sub'),
    top: elements(5, 0),
    stimulus: elements(5, 100),
    analysis,
  },
  { requiredKeys: ['title', 'header', 'parameters', 'cells', 'subcircuits', 'top', 'stimulus', 'analysis'] },
)
