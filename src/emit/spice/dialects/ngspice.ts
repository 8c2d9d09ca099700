/**
 * Decks for ngspice, installed or as WebAssembly: the dialect that `verify` runs and our reader reads.
 */
import type { Analysis, Circuit, CircuitPart, Element, Parameters, Subcircuit, Value, Waveform } from '../circuit.ts'
import { type Expression, expressionText, type Notation, within } from '../expression.ts'
import { card, commentLine, longCard, NGSPICE_RUN, oneLine, SECTIONS, spiceNumber } from '../text.ts'
import type { Dialect } from './dialect.ts'

/**
 * Newton iterations stop when nothing moves by more than 1e-9. `klu` is ignored where it is not built in; where it is,
 * it pivots by pivrel, whose default of 1e-3 loses six digits on wires of very unequal resistance.
 */
const OPTIONS = '.options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-15 pivrel=0.1 klu'
/** A transient's error is that of its steps, which these tolerances set. */
const TRANSIENT_OPTIONS = '.options reltol=1e-6 abstol=1e-14 vntol=1e-9 gmin=1e-15 pivrel=0.1 klu'

const FUNCTION = {
  min: 'min',
  max: 'max',
  abs: 'abs',
  exp: 'exp',
  tanh: 'tanh',
  sinh: 'sinh',
  cosh: 'cosh',
  // ngspice's pwr is odd: sgn(x) |x|^y
  signedPower: 'pwr',
} as const

export const NOTATION: Notation = {
  number: spiceNumber,
  parameter: (name) => name,
  volts: (node) => `v(${node})`,
  amperes: (source) => `i(v${source})`,
  time: 'time',
  choose: (when, yes, no) => `${when} ? ${yes} : ${no}`,
  call: (name, of) => `${FUNCTION[name]}(${of.join(',')})`,
  lines: (of, points) => `pwl(${of},${points.map(([x, y]) => `${spiceNumber(x)},${spiceNumber(y)}`).join(',')})`,
}
/** Outside braces: the only place where pwl() keeps all digits of its points. */
const UNBRACED: Notation = { ...NOTATION, parameter: (name) => `{${name}}` }

const valueText = (value: Value): string =>
  typeof value === 'number' ? spiceNumber(value) : `{${expressionText(value, NOTATION)}}`

const parametersText = (parameters: Parameters): string[] =>
  Object.entries(parameters).map(([key, value]) => `${key}=${valueText(value)}`)

function bodyText(expression: Expression): string {
  const bare = within(expression).some(({ op }) => op === 'lines')
  return bare ? expressionText(expression, UNBRACED) : `{${expressionText(expression, NOTATION)}}`
}

function waveWords({ points }: Waveform): string[] {
  const words = points.map(([t, v]) => `${spiceNumber(t)} ${spiceNumber(v)}`)
  return [`pwl(${words[0] ?? ''}`, ...words.slice(1), ')']
}

function elementText(element: Element): string {
  switch (element.kind) {
    case 'comment':
      return commentText(element.text)
    case 'resistor':
      return card(`r${element.name}`, element.nodes, valueText(element.ohms))
    case 'capacitor':
      return card(
        `c${element.name}`,
        element.nodes,
        valueText(element.farads),
        element.start === undefined ? [] : [`ic=${valueText(element.start)}`],
      )
    case 'voltage': {
      const { volts } = element
      const wave = typeof volts === 'object' && 'points' in volts
      return card(`v${element.name}`, element.nodes, wave ? waveWords(volts) : valueText(volts))
    }
    case 'current':
      return card(`i${element.name}`, element.nodes, valueText(element.amperes))
    case 'behavioural':
      return longCard(
        `b${element.name} ${element.nodes[0]} ${element.nodes[1]}`,
        `${element.gives === 'volts' ? 'V' : 'I'}=${bodyText(element.expression)}`,
      )
    case 'current-controlled-voltage':
      return card(`h${element.name}`, element.nodes, `v${element.source}`, valueText(element.ohms))
    case 'voltage-controlled-voltage':
      return card(`e${element.name}`, element.nodes, element.controls, valueText(element.gain))
    case 'mosfet':
      return card(`m${element.name}`, element.nodes, element.model, parametersText(element.parameters))
    case 'bipolar':
      return card(`q${element.name}`, element.nodes, element.model, parametersText(element.parameters))
    case 'model':
      return card('.model', element.name, element.type, parametersText(element.parameters))
    case 'instance':
      return card(`x${element.name}`, element.nodes, element.of, parametersText(element.parameters))
  }
}

function subcircuitText({ name, about, pins, parameters, elements }: Subcircuit): string[] {
  return [
    ...about.map(commentText),
    card('.subckt', name, pins, parametersText(parameters)),
    ...elements.map(elementText),
    `.ends ${name}`,
    '',
  ]
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
      // Interpolated between the steps; printing all of them, or `meas` with its seven digits, would lose more.
      return control(
        TRANSIENT_OPTIONS,
        `tran ${spiceNumber(step)} ${spiceNumber(stop)} 0 ${spiceNumber(step)} uic`,
        'set run = $curplot',
        'setplot new',
        `compose when values ${times.map(spiceNumber).join(' ')}`,
        'setscale when',
        ...nodes.map((node) => `let at_${node} = interpolate({$run}.${node})`),
        ...prints(nodes.map((node) => `at_${node}`)),
      )
    }
    case 'noise': {
      const { node, source, from, to, pointsPerDecade } = analysis
      return control(
        OPTIONS,
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

const commentText = (text: string) => `* ${commentLine(text)}`.trimEnd()
const section = (name: keyof typeof SECTIONS) => `* ---- ${SECTIONS[name]} ----`

/** Parts that may also stand in a file of their own, which a deck includes. */
function partText({ parameters, cells, subcircuits }: CircuitPart): string[] {
  return [
    section('parameters'),
    ...parametersText(parameters).map((p) => `.param ${p}`),
    '',
    section('cells'),
    ...cells.flatMap(subcircuitText),
    section('subcircuits'),
    ...subcircuits.flatMap(subcircuitText),
  ]
}

export const ngspice: Dialect = {
  id: 'ngspice',
  extension: '.cir',
  run: 'ngspice -n -b FILE',
  triedIn: ['ngspice 39', 'ngspice 45 (eecircuit-engine)'],
  deck(circuit: Circuit) {
    const text = [
      oneLine(circuit.title),
      `* ${NGSPICE_RUN}`,
      ...circuit.header.map(commentText),
      '',
      ...(circuit.includes ?? []).map((path) => `.include ${path}`),
      ...partText(circuit),
      section('top'),
      ...circuit.top.map(elementText),
      '',
      section('stimulus'),
      ...circuit.stimulus.map(elementText),
      '',
      section('analysis'),
      ...analysisText(circuit.analysis),
      '.end',
    ]
    return `${text.join('\n')}\n`
  },
  part(header: readonly string[], part: CircuitPart) {
    return `${[...header.map(commentText), '', ...partText(part)].join('\n')}`
  },
}
