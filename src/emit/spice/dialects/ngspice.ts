/**
 * Decks for ngspice, installed or as WebAssembly: the dialect that `verify` runs and our reader reads.
 */
import type { Analysis, Circuit, Element, Parameters, Subcircuit, Value, Waveform } from '../circuit.ts'
import { type Expression, expressionText, type Notation, within } from '../expression.ts'
import { card, oneLine, spiceNumber } from '../text.ts'
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

const NOTATION: Notation = {
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

function expressionCard(expression: Expression): string {
  const bare = [...within(expression)].some(({ op }) => op === 'lines')
  return bare ? expressionText(expression, UNBRACED) : `{${expressionText(expression, NOTATION)}}`
}

const waveText = ({ points }: Waveform): string =>
  `pwl(${points.map(([t, v]) => `${spiceNumber(t)} ${spiceNumber(v)}`).join(' ')})`

function elementText(element: Element): string {
  switch (element.kind) {
    case 'comment':
      return `* ${oneLine(element.text, 200)}`
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
      return card(`v${element.name}`, element.nodes, (wave ? waveText(volts) : valueText(volts)).split(' '))
    }
    case 'current':
      return card(`i${element.name}`, element.nodes, valueText(element.amperes))
    case 'behavioural': {
      const value = `${element.gives === 'volts' ? 'V' : 'I'}=${expressionCard(element.expression)}`
      return card(`b${element.name}`, element.nodes, breakable(value))
    }
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

/** An expression in pieces between which a line may be broken. */
function breakable(text: string): string[] {
  return text.match(/.{1,60}?(?:[-+*,:?](?![^{]{0,3}$)|$)|.+$/g) ?? [text]
}

function subcircuitText({ name, pins, parameters, elements }: Subcircuit): string[] {
  return [card('.subckt', name, pins, parametersText(parameters)), ...elements.map(elementText), `.ends ${name}`, '']
}

function analysisText(analysis: Analysis): string[] {
  const prints = (nodes: readonly string[]) => {
    const out: string[] = []
    for (let k = 0; k < nodes.length; k += 8)
      out.push(
        `print line ${nodes
          .slice(k, k + 8)
          .map((node) => `v(${node})`)
          .join(' ')}`,
      )
    return out
  }
  switch (analysis.kind) {
    case 'vectors':
      return [
        OPTIONS,
        '.control',
        'set numdgt=16',
        `dc vvec 0 ${analysis.count - 1} 1`,
        ...prints(analysis.nodes),
        'quit',
        '.endc',
      ]
    case 'transient':
    case 'noise':
      throw new Error(`${analysis.kind} is not written yet`)
  }
}

export const ngspice: Dialect = {
  id: 'ngspice',
  extension: '.cir',
  run: 'ngspice -n -b FILE',
  triedIn: ['ngspice 39', 'ngspice 45 (eecircuit-engine)'],
  deck(circuit: Circuit) {
    const text = [
      oneLine(circuit.title),
      ...circuit.header.map((line) => `* ${oneLine(line, 200)}`.trimEnd()),
      '',
      '* ---- parameters (volts, ohms, volts per unit) ----',
      ...parametersText(circuit.parameters).map((p) => `.param ${p}`),
      '',
      '* ---- cells ----',
      ...circuit.cells.flatMap(subcircuitText),
      '* ---- subcircuits ----',
      ...circuit.subcircuits.flatMap(subcircuitText),
      '* ---- top ----',
      ...circuit.top.map(elementText),
      '',
      '* ---- stimulus ----',
      ...circuit.stimulus.map(elementText),
      '',
      '* ---- analysis ----',
      ...analysisText(circuit.analysis),
      '.end',
    ]
    return `${text.join('\n')}\n`
  },
}
