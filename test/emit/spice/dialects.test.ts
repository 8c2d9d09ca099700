import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import type { Circuit, Element } from '../../../src/emit/spice/circuit.ts'
import { DIALECTS, type DialectId } from '../../../src/emit/spice/dialects/dialect.ts'
import { dialect } from '../../../src/emit/spice/dialects/index.ts'
import { asValue } from '../../../src/emit/spice/dialects/relations.ts'
import { asChoices } from '../../../src/emit/spice/dialects/spectre.ts'
import { type Expression, lines, parameter, within } from '../../../src/emit/spice/expression.ts'
import { spiceNetlist } from '../../../src/emit/spice/netlist.ts'
import { evaluate } from '../../../src/verify/netlist/evaluate.ts'
import { cardName } from '../../../src/verify/netlist/flatten.ts'
import { circuits, constantExpressions } from './random-circuit.ts'
import { deployed, goldenChip, vectors, WIRES } from './tiny.ts'

const OTHERS = DIALECTS.filter((id) => id !== 'ngspice')

/** Cards of a deck, continuation lines joined, comments left out. */
function cardsOf(text: string, id: DialectId): string[] {
  const body = text.slice(text.indexOf('\n') + 1)
  const mark = id === 'spectre' ? '//' : '*'
  return body
    .replaceAll('\n+ ', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(mark) && !/^(simulator|include) /.test(line))
}

/** A deck without its analysis. */
const elementsOf = (text: string) => text.slice(0, text.lastIndexOf('---- analysis ----'))

/** First words of the elements of each scope, in order: of each subcircuit by name, and of the top. */
function scopesOf(text: string, id: DialectId): Map<string, string[]> {
  const scopes = new Map<string, string[]>([['', []]])
  let here = ''
  for (const card of cardsOf(elementsOf(text), id)) {
    const [first = '', second = ''] = card.split(' ')
    if (/^\.?subckt$/.test(first)) {
      here = second
      scopes.set(here, [])
    } else if (/^\.?ends$/.test(first)) here = ''
    else if (/^\.?model$/.test(first)) scopes.get(here)!.push(second)
    else if (/^[rcvibhemqx]\w* /.test(card)) scopes.get(here)!.push(first)
  }
  return scopes
}

const namesOf = (elements: readonly Element[]) => elements.flatMap((e) => (e.kind === 'comment' ? [] : [cardName(e)]))

function wantedScopes(circuit: Circuit): Map<string, string[]> {
  return new Map([
    ['', namesOf([...circuit.top, ...circuit.stimulus])],
    ...[...circuit.cells, ...circuit.subcircuits].map(({ name, elements }) => [name, namesOf(elements)] as const),
  ])
}

/** The level of a model is part of what Spectre's renderer refuses. */
const levels = (circuit: Circuit) =>
  JSON.stringify(circuit).includes('"level"') || circuit.header.some((line) => line === '')

describe.each(DIALECTS)('%s', (id) => {
  property.prop([circuits.filter((c) => !levels(c))], { numRuns: 100 })(
    'writes every element once, in order, in its scope',
    (circuit) => {
      expect(scopesOf(dialect(id).deck(circuit), id)).toEqual(wantedScopes(circuit))
    },
  )

  it('is the golden deck (renew: npx vitest run test/emit/spice/dialects.test.ts --update, then look at the difference)', async () => {
    const { files } = spiceNetlist(goldenChip(), { inputs: vectors, dialect: id })
    expect(files[0]!.name).toBe(`encoder${dialect(id).extension}`)
    await expect(files[0]!.text).toMatchFileSnapshot(`../../../netlists/golden/tiny${dialect(id).extension}`)
    if (id === 'ngspice') await expect(files[1]!.text).toMatchFileSnapshot('../../golden/netlists/tiny.expected.json')
  })

  it('says whether it was ever run', () => {
    const { text } = spiceNetlist(goldenChip(), { dialect: id }).files[0]!
    const said = text.split('\n')[1]!
    expect(said).toMatch(new RegExp(`^(\\*|//) dialect: ${id}`))
    expect(said.includes('never run')).toBe(dialect(id).triedIn.length === 0)
  })

  it('uses no parameter before it is defined', () => {
    const chip = fabricate(
      deployed({
        ...WIRES,
        'device.iv.model': 'milo2021',
        'device.accessTransistor.resistance': 2000,
        'periphery.tia.swing': 1,
      }),
    )
    const text = spiceNetlist(chip, { dialect: id }).files[0]!.text
    const known = new Set<string>()
    const inner = new Set<string>()
    const functions = new Set([
      'v',
      'i',
      'if',
      'table',
      'pwl',
      'min',
      'max',
      'tanh',
      'sinh',
      'cosh',
      'abs',
      'pwr',
      'pwrs',
      'pow',
    ])
    let used = 0
    for (const card of cardsOf(elementsOf(text), id)) {
      const definition = /^\.?param(?:eters)? (.*)$/.exec(card)
      if (definition !== null && inner.size === 0) known.add(/^(\w+)=/.exec(definition[1]!)![1]!)
      if (/^\.?subckt /.test(card)) inner.add('')
      if (/^\.?ends /.test(card)) inner.clear()
      if (inner.size > 0 && /^(\.subckt|parameters) /.test(card))
        for (const [, name] of card.matchAll(/(\w+)=/g)) inner.add(name!)
      const bodies =
        id === 'spectre'
          ? [
              ...card.matchAll(
                /(?:^b\w+ \([^)]*\) bsource [vi]=(.*)$|(?<=[a-z]=)(?<!probe=)(\([^ ]*\)|[a-z_]\w*)(?= |$))/g,
              ),
            ].map((m) => m[1] ?? m[2]!)
          : [...card.matchAll(/\{([^{}]*)\}/g)].map((m) => m[1]!)
      for (const body of bodies)
        for (const [word] of body.replace(/\bv\([^()]*\)/g, '').matchAll(/\b[a-z_]\w*/g)) {
          if (functions.has(word)) continue
          expect(known.has(word) || inner.has(word) || word === 'pwl', `${word} in ${card}`).toBe(true)
          used++
        }
    }
    expect(used).toBeGreaterThan(50)
  })
})

describe.each(OTHERS)('%s, unlike ngspice,', (id) => {
  const deck = (changes = {}) =>
    spiceNetlist(fabricate(deployed({ ...WIRES, ...changes })), { dialect: id }).files[0]!.text

  it('has no control block, no pwl() of a voltage and no odd pwr()', () => {
    const text = deck({ 'device.iv.model': 'power-law', 'device.iv.gamma': 2.5 })
    for (const foreign of ['.control', '.endc', 'numdgt=16', 'print line', 'pwl(v', 'pwr(', ' klu', 'limit('])
      expect(text).not.toContain(foreign)
  })

  it('has no parameter of a name that its simulator takes for itself', () => {
    const names = [...deck({ 'device.iv.model': 'sinh' }).matchAll(/^\.?param(?:eters)? (\w+)=/gm)].map((m) => m[1]!)
    expect(names.length).toBeGreaterThan(10)
    for (const taken of ['vt', 'temp', 'temper', 'time', 'freq', 'hertz', 'gmin', 'pi', 'exp', 'e', 'k', 'scale', 'm'])
      expect(names).not.toContain(taken)
  })
})

describe('what the dialects write', () => {
  const deck = (id: DialectId) => spiceNetlist(goldenChip(), { inputs: vectors, dialect: id }).files[0]!.text

  it('xyce: PARAMS: before every parameter of a subcircuit and an instance, braces, if(), table(), .print', () => {
    const cards = cardsOf(deck('xyce'), 'xyce')
    for (const card of cards.filter((c) => /^(x|\.subckt)/.test(c) && c.includes('=')))
      expect(card).toContain(' params: ')
    for (const card of cards.filter((c) => c.startsWith('b'))) expect(card).toMatch(/^b\w+ \w+ \w+ [VI]=\{.*\}$/)
    expect(cards).toContain('bout out 0 V={(if(v(in) > v(threshold)+offset, 1, 0))}')
    expect(cards.some((c) => c.startsWith('bin_0 in_0 0 V={table(v(vec),0,0.0909'))).toBe(true)
    expect(cards).toContain('.dc vvec 0 2 1')
    expect(cards.filter((c) => c.startsWith('.print dc '))).toHaveLength(1)
  })

  it('ltspice: if(), table(), parameters of behavioural sources in braces, .dc and .save', () => {
    const cards = cardsOf(deck('ltspice'), 'ltspice')
    expect(cards).toContain('bout out 0 V=(if(v(in) > v(threshold)+{offset},1,0))')
    expect(cards.some((c) => c.startsWith('bin_0 in_0 0 V=table(v(vec),0,0.0909'))).toBe(true)
    expect(cards).toContain('.dc vvec 0 2 1')
    expect(cards.some((c) => c.startsWith('.save v(l0_amp_0) '))).toBe(true)
  })

  it('spectre: its own statements, no card that starts with a dot, no brace', () => {
    const cards = cardsOf(deck('spectre'), 'spectre')
    expect(deck('spectre')).toContain('\nsimulator lang=spectre\n')
    expect(cards.filter((c) => /^\.|[{}]/.test(c))).toEqual([])
    expect(cards).toContain('rcell (word bit) resistor r=(1/g)')
    expect(cards).toContain('hout (out 0) ccvs probe=vground rm=(-rf)')
    expect(cards).toContain('bout (out 0) bsource v=((v(in) > v(threshold)+offset ? 1 : 0))')
    expect(cards).toContain('vectors dc dev=vvec param=dc start=0 stop=2 step=1')
  })

  it('spectre refuses a MOSFET model it has no name for', () => {
    const model = { kind: 'model', name: 'n', type: 'nmos', parameters: { level: 54 } } as const
    const { circuit } = spiceNetlist(goldenChip())
    expect(() => dialect('spectre').deck({ ...circuit, top: [model] })).toThrow(/model n: .* level 1, 2 or 3/)
  })

  it('every one has each analysis: all nodes, times of a transient, noise at a temperature', () => {
    const { circuit } = spiceNetlist(goldenChip())
    const of = (id: DialectId, analysis: Circuit['analysis']) => {
      const text = dialect(id).deck({ ...circuit, analysis })
      return text.slice(text.lastIndexOf('---- analysis ----'))
    }
    const noise = {
      kind: 'noise',
      node: 'held_0',
      source: 'vec',
      from: 1,
      to: 1e6,
      pointsPerDecade: 10,
      celsius: 54,
    } as const
    const transient = { kind: 'transient', stop: 1e-6, step: 1e-9, nodes: ['held_0'], times: [2.5e-7, 7.5e-7] } as const
    expect(of('xyce', noise)).toContain('temp=54\n.noise v(held_0) vvec dec 10 1 1e6\n')
    expect(of('ltspice', noise)).toMatch(/temp[ =]54\n\.noise v\(held_0\) vvec dec 10 1 1e6\n/)
    expect(of('spectre', noise)).toMatch(
      / temp=54\n(.*\n)?spectrum \(held_0 0\) noise start=1 stop=1e6 dec=10 iprobe=vvec\n/,
    )
    expect(of('xyce', transient)).toContain('outputtimepoints=2.5e-7,7.5e-7\n.tran 1e-9 1e-6 0 1e-9 uic\n')
    expect(of('ltspice', transient)).toContain(
      '* expected values are at the times 2.5e-7 7.5e-7\n.tran 0 1e-6 0 1e-9 uic\n',
    )
    expect(of('spectre', transient)).toContain('conversion tran stop=1e-6 maxstep=1e-9 ic=dev skipdc=yes\n')
    const all = { kind: 'vectors', count: 1, nodes: [], all: true } as const
    expect(of('xyce', all)).toContain('.print dc precision=16 v(*)\n')
    expect(of('ltspice', all)).not.toContain('.save')
    expect(of('spectre', all)).toContain('values=[0]')
  })

  it('an unknown dialect is refused by name', () => {
    expect(() => dialect('hspice')).toThrow(/dialect "hspice" is not known/)
    expect(() => dialect('constructor')).toThrow(/not known/)
  })
})

describe('expressions rewritten for a dialect', () => {
  const numbers = fc.double({ min: -10, max: 10, noNaN: true })
  const value = (e: Expression, x: number) => evaluate(e, () => x)

  property.prop([constantExpressions, numbers])('keep their value where comparisons become choices', (e, x) => {
    expect(value(asValue(e), x)).toEqual(value(e, x))
    for (const part of within(asValue(e)))
      if (part.op !== 'choose')
        for (const inner of 'left' in part ? [part.left, part.right] : part.op === 'call' ? part.of : [])
          expect(['>', '>=']).not.toContain(inner.op)
  })

  property.prop([
    fc.uniqueArray(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 8 }),
    fc.array(numbers, { minLength: 8, maxLength: 8 }),
    fc.double({ min: -12, max: 12, noNaN: true }),
  ])('keep their value where lines become choices', (xs, ys, x) => {
    const points = xs.toSorted((a, b) => a - b).map((at, k): [number, number] => [at, ys[k]!])
    const e = lines(parameter('x'), points)
    expect(within(asChoices(e)).some(({ op }) => op === 'lines')).toBe(false)
    expect(value(asChoices(e), x)).toBeCloseTo(value(e, x) as number, 8)
  })
})
