/**
 * Cards that ngspice, Xyce and LTspice share; what they write differently is a style.
 */
import type { Analysis, Circuit, CircuitPart, Element, Parameters, Subcircuit, Value, Waveform } from '../circuit.ts'
import { type Expression, expressionText, type Notation } from '../expression.ts'
import { card, commentLine, longCard, oneLine, SECTIONS, spiceNumber } from '../text.ts'
import type { Dialect } from './dialect.ts'

export interface SpiceStyle {
  /** First comment lines of a deck. */
  readonly about: readonly string[]
  readonly notation: Notation
  /** The same expression in terms that the dialect has. */
  readonly rewrite: (expression: Expression) => Expression
  /** What stands after V= or I= in a behavioural source. */
  readonly body: (expression: Expression) => string
  /** Stands before the parameters of a subcircuit. */
  readonly keyword: readonly string[]
  /** Parameters of a model between brackets. */
  readonly brackets: boolean
  readonly analysis: (analysis: Analysis) => readonly string[]
}

/** How a dialect of this family writes decks and the files they include. */
export function spiceWriter(style: SpiceStyle): Pick<Dialect, 'deck' | 'part'> {
  const value = (x: Value): string => {
    if (typeof x === 'number') return spiceNumber(x)
    if (x.op === 'parameter') return `{${style.notation.parameter(x.name)}}`
    return `{${expressionText(style.rewrite(x), style.notation)}}`
  }
  const assigned = (parameters: Parameters): string[] =>
    Object.entries(parameters).map(([key, x]) => `${key}=${value(x)}`)
  const passed = (parameters: Parameters): string[] => {
    const words = assigned(parameters)
    return words.length > 0 ? [...style.keyword, ...words] : words
  }

  const element = (e: Element): string => {
    switch (e.kind) {
      case 'comment':
        return comment(e.text)
      case 'resistor':
        return card(`r${e.name}`, e.nodes, value(e.ohms))
      case 'capacitor':
        return card(`c${e.name}`, e.nodes, value(e.farads), e.start === undefined ? [] : [`ic=${value(e.start)}`])
      case 'voltage': {
        const wave = typeof e.volts === 'object' && 'points' in e.volts
        return card(`v${e.name}`, e.nodes, wave ? waveWords(e.volts) : value(e.volts))
      }
      case 'current':
        return card(`i${e.name}`, e.nodes, value(e.amperes))
      case 'behavioural':
        return longCard(
          `b${e.name} ${e.nodes[0]} ${e.nodes[1]}`,
          `${e.gives === 'volts' ? 'V' : 'I'}=${style.body(style.rewrite(e.expression))}`,
        )
      case 'current-controlled-voltage':
        return card(`h${e.name}`, e.nodes, `v${e.source}`, value(e.ohms))
      case 'voltage-controlled-voltage':
        return card(`e${e.name}`, e.nodes, e.controls, value(e.gain))
      case 'mosfet':
        return card(`m${e.name}`, e.nodes, e.model, assigned(e.parameters))
      case 'bipolar':
        return card(`q${e.name}`, e.nodes, e.model, assigned(e.parameters))
      case 'model': {
        const words = assigned(e.parameters)
        return card('.model', e.name, e.type, style.brackets && words.length > 0 ? ['(', ...words, ')'] : words)
      }
      case 'instance':
        return card(`x${e.name}`, e.nodes, e.of, passed(e.parameters))
    }
  }

  // One text: a list of the lines of all arrays would be copied again and again.
  const subcircuit = ({ name, about, pins, parameters, elements }: Subcircuit): string => {
    let text = [...about.map(comment), card('.subckt', name, pins, passed(parameters)), ''].join('\n')
    for (const one of elements) text += `${element(one)}\n`
    return `${text}.ends ${name}\n`
  }

  /** Parts that may also stand in a file of their own, which a deck includes. */
  const part = ({ parameters, cells, subcircuits }: CircuitPart): Record<keyof CircuitPart, string[]> => ({
    parameters: [...assigned(parameters).map((p) => `.param ${p}`), ''],
    cells: cells.map(subcircuit),
    subcircuits: subcircuits.map(subcircuit),
  })

  return {
    deck(circuit: Circuit) {
      const { parameters, cells, subcircuits } = part(circuit)
      const text = [
        oneLine(circuit.title),
        ...style.about.map(comment),
        ...circuit.header.map(comment),
        '',
        ...(circuit.includes ?? []).map((path) => `.include ${path}`),
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
        ...style.analysis(circuit.analysis),
        '.end',
      ]
      return `${text.join('\n')}\n`
    },
    part(header: readonly string[], content: CircuitPart) {
      const { parameters, cells, subcircuits } = part(content)
      return `${[...style.about.map(comment), ...header.map(comment), '', ...parameters, ...cells, ...subcircuits].join('\n').trimEnd()}\n`
    },
  }
}

function waveWords({ points }: Waveform): string[] {
  const words = points.map(([t, v]) => `${spiceNumber(t)} ${spiceNumber(v)}`)
  return [`pwl(${words[0] ?? ''}`, ...words.slice(1), ')']
}

const comment = (text: string) => `* ${commentLine(text)}`.trimEnd()
const section = (name: keyof typeof SECTIONS) => `* ---- ${SECTIONS[name]} ----`
