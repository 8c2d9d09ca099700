/**
 * Decks for Spectre in its own language, written to its Reference (expressions, bsource, vsource, ccvs, subckt, dc, tran,
 * noise, save) and never run.
 */
import { fail } from '../../../base/errors.ts'
import type { Analysis, Circuit, CircuitPart, Element, Parameters, Subcircuit, Value } from '../circuit.ts'
import {
  choose,
  type Expression,
  expressionText,
  greater,
  minus,
  type Notation,
  over,
  plus,
  term,
  times,
} from '../expression.ts'
import { card, commentLine, longCard, oneLine, SECTIONS, spiceNumber } from '../text.ts'
import { type Dialect, NEVER_RUN } from './dialect.ts'

const NOTATION: Notation = {
  number: spiceNumber,
  parameter: (name) => name,
  volts: (node) => `v(${node})`,
  amperes: (source) => `i("v${source}:1")`,
  time: '$time',
  choose: (when, yes, no) => `${when} ? ${yes} : ${no}`,
  // There is no odd power: |x|^y with the sign of x.
  call: (name, of) =>
    name === 'signedPower'
      ? `((${of[0]}) > 0 ? pow(${of[0]},${of[1]}) : -pow(-(${of[0]}),${of[1]}))`
      : `${name}(${of.join(',')})`,
  lines: () => {
    throw new Error('lines are written as choices')
  },
}

type Point = readonly [number, number]

/** Straight lines as a tree of choices, as deep as the logarithm of their number; there is no function for them. */
export function asChoices(e: Expression): Expression {
  switch (e.op) {
    case 'negative':
      return { ...e, of: asChoices(e.of) }
    case 'choose':
      return { ...e, when: asChoices(e.when), yes: asChoices(e.yes), no: asChoices(e.no) }
    case 'call':
      return { ...e, of: e.of.map(asChoices) }
    case 'lines': {
      const x = asChoices(e.of)
      const { points } = e
      const last = points.length - 1
      // Left of point 0, between k - 1 and k, right of the last.
      const piece = (k: number): Expression => {
        if (k === 0 || k > last) return term(points[k === 0 ? 0 : last]![1])
        const [[x0, y0], [x1, y1]] = [points[k - 1]!, points[k]!] as [Point, Point]
        const slope = (y1 - y0) / (x1 - x0)
        const along = x0 === 0 ? x : minus(x, x0)
        return plus(y0, times(Number.isFinite(slope) ? slope : over(minus(y1, y0), minus(x1, x0)), along))
      }
      const tree = (from: number, to: number): Expression => {
        if (from === to) return piece(from)
        const mid = (from + to) >> 1
        return choose(greater(x, points[mid]![0]), tree(mid + 1, to), tree(from, mid))
      }
      return tree(0, last + 1)
    }
    case '+':
    case '-':
    case '*':
    case '/':
    case '>':
    case '>=':
      return { ...e, left: asChoices(e.left), right: asChoices(e.right) }
    default:
      return e
  }
}

const text = (e: Expression) => expressionText(asChoices(e), NOTATION)
const value = (x: Value): string => (typeof x === 'number' ? spiceNumber(x) : text(x).replace(/^(.*[^\w.].*)$/, '($1)'))
const assigned = (parameters: Parameters): string[] =>
  Object.entries(parameters).map(([key, x]) => `${key}=${value(x)}`)
const nodes = (all: readonly string[]): string[] => {
  const words = [...all]
  words[0] = `(${words[0] ?? ''}`
  words[words.length - 1] += ')'
  return words
}

function element(e: Element): string {
  switch (e.kind) {
    case 'comment':
      return comment(e.text)
    case 'resistor':
      return card(`r${e.name}`, nodes(e.nodes), 'resistor', `r=${value(e.ohms)}`)
    case 'capacitor':
      return card(
        `c${e.name}`,
        nodes(e.nodes),
        'capacitor',
        `c=${value(e.farads)}`,
        e.start === undefined ? [] : [`ic=${value(e.start)}`],
      )
    case 'voltage': {
      if (!(typeof e.volts === 'object' && 'points' in e.volts))
        return card(`v${e.name}`, nodes(e.nodes), 'vsource', `dc=${value(e.volts)}`)
      const wave = e.volts.points.map(([t, v]) => `${spiceNumber(t)} ${spiceNumber(v)}`)
      return card(`v${e.name}`, nodes(e.nodes), 'vsource type=pwl', 'wave=[', wave, ']')
    }
    case 'current':
      return card(`i${e.name}`, nodes(e.nodes), 'isource', `dc=${value(e.amperes)}`)
    case 'behavioural':
      return longCard(
        `b${e.name} (${e.nodes[0]} ${e.nodes[1]}) bsource`,
        `${e.gives === 'volts' ? 'v' : 'i'}=(${text(e.expression)})`,
      )
    case 'current-controlled-voltage':
      return card(`h${e.name}`, nodes(e.nodes), 'ccvs', `probe=v${e.source}`, `rm=${value(e.ohms)}`)
    case 'voltage-controlled-voltage':
      return card(`e${e.name}`, nodes([...e.nodes, ...e.controls]), 'vcvs', `gain=${value(e.gain)}`)
    case 'mosfet':
      return card(`m${e.name}`, nodes(e.nodes), e.model, assigned(e.parameters))
    case 'bipolar':
      return card(`q${e.name}`, nodes(e.nodes), e.model, assigned(e.parameters))
    case 'model':
      return card('model', e.name, master(e))
    case 'instance':
      return card(`x${e.name}`, nodes(e.nodes), e.of, assigned(e.parameters))
  }
}

/** Its models carry the level in the name of the type: mos1 to mos3. */
function master({ name, type, parameters: { level, ...rest } }: Extract<Element, { kind: 'model' }>): string[] {
  if (type === 'npn' || type === 'pnp') return ['bjt', `type=${type}`, ...assigned(rest)]
  const known = level ?? 1
  if (known !== 1 && known !== 2 && known !== 3)
    fail('OHM5004', `model ${name}: the spectre dialect writes MOSFETs of level 1, 2 or 3`)
  return [`mos${known}`, `type=${type[0]}`, ...assigned(rest)]
}

function subcircuit({ name, about, pins, parameters, elements }: Subcircuit): string {
  const words = assigned(parameters)
  const head = [
    ...about.map(comment),
    card('subckt', name, pins),
    ...(words.length > 0 ? [card('parameters', words)] : []),
  ]
  let text = `${head.join('\n')}\n`
  for (const one of elements) text += `${element(one)}\n`
  return `${text}ends ${name}\n`
}

function analysis(of: Analysis): string[] {
  const options = card('settings options reltol=1e-9 vabstol=1e-12 iabstol=1e-15 gmin=1e-15')
  const save = (all: readonly string[]) => (all.length > 0 ? [card('save', all)] : [])
  switch (of.kind) {
    case 'vectors':
      return [
        options,
        ...save(of.nodes),
        of.count === 1
          ? 'vectors dc dev=vvec param=dc values=[0]'
          : `vectors dc dev=vvec param=dc start=0 stop=${of.count - 1} step=1`,
      ]
    case 'transient':
      return [
        'settings options reltol=1e-6 vabstol=1e-9 iabstol=1e-14 gmin=1e-15',
        ...save(of.nodes),
        card('// expected values are at the times', of.times.map(spiceNumber)).replaceAll('\n+ ', '\n// '),
        `conversion tran stop=${spiceNumber(of.stop)} maxstep=${spiceNumber(of.step)} ic=dev skipdc=yes`,
      ]
    case 'noise':
      return [
        of.celsius === undefined ? options : `${options} temp=${spiceNumber(of.celsius)}`,
        `spectrum (${of.node} 0) noise start=${spiceNumber(of.from)} stop=${spiceNumber(of.to)} dec=${of.pointsPerDecade} iprobe=v${of.source}`,
      ]
  }
}

const comment = (line: string) => `// ${commentLine(line)}`.trimEnd()
const section = (name: keyof typeof SECTIONS) => `// ---- ${SECTIONS[name]} ----`

function part({ parameters, cells, subcircuits }: CircuitPart): Record<keyof CircuitPart, string[]> {
  return {
    parameters: [...assigned(parameters).map((p) => `parameters ${p}`), ''],
    cells: cells.map(subcircuit),
    subcircuits: subcircuits.map(subcircuit),
  }
}

const ABOUT = [`dialect: spectre, ${NEVER_RUN}. Run: spectre FILE`]

export const spectre: Dialect = {
  id: 'spectre',
  extension: '.scs',
  run: 'spectre FILE',
  triedIn: [],
  deck(circuit: Circuit) {
    const { parameters, cells, subcircuits } = part(circuit)
    const lines = [
      `// ${oneLine(circuit.title)}`,
      ...ABOUT.map(comment),
      ...circuit.header.map(comment),
      'simulator lang=spectre',
      '',
      ...(circuit.includes ?? []).map((path) => `include "${path}"`),
      section('parameters'),
      ...parameters,
      section('cells'),
      ...cells,
      section('subcircuits'),
      ...subcircuits,
      section('top'),
      ...circuit.top.map(element),
      '',
      section('stimulus'),
      ...circuit.stimulus.map(element),
      '',
      section('analysis'),
      ...analysis(circuit.analysis),
    ]
    return `${lines.join('\n')}\n`
  },
  part(header: readonly string[], content: CircuitPart) {
    const { parameters, cells, subcircuits } = part(content)
    const head = [...ABOUT.map(comment), ...header.map(comment), 'simulator lang=spectre', '']
    return `${[...head, ...parameters, ...cells, ...subcircuits].join('\n').trimEnd()}\n`
  },
}
