/**
 * A reader for the decks that the ngspice dialect writes: the form comes back. What it does not know it reports; it is
 * no general SPICE reader.
 */
import type { Circuit, Element, Pair, Parameters, Subcircuit, Value, Waveform } from './circuit.ts'
import { NO_ANALYSIS, readAnalysis } from './read-analysis.ts'
import { readExpression, readNumber } from './read-expression.ts'
import { NGSPICE_RUN, SECTIONS } from './text.ts'

export interface Reading {
  readonly circuit: Circuit
  /** Words of all `.options`. */
  readonly options: string
  /** Commands between .control and .endc. */
  readonly control: readonly string[]
  /** Where each element stands, 1-based. */
  readonly lines: ReadonlyMap<Element, number>
  /** What could not be understood, with line numbers. Empty = the deck is exactly `circuit`. */
  readonly problems: readonly string[]
}

/** A list of problems ends here: a deck that is wrong throughout need not say so a million times. */
const MAX_PROBLEMS = 1000
const NAME = /^[a-z][a-z0-9_]*$/
const SECTION = new Map<string, Section>(
  (Object.keys(SECTIONS) as Section[]).map((section) => [`* ---- ${SECTIONS[section]} ----`, section]),
)
type Section = keyof typeof SECTIONS

interface Open {
  name: string
  about: string[]
  pins: string[]
  parameters: Parameters
  elements: Element[]
  seen: Set<string>
}

/** Read a deck. Never throws: what is wrong stands in `problems`. */
export function readCircuit(text: string): Reading {
  const at = text.indexOf('\n')
  const title = at < 0 ? text : text.slice(0, at)
  return { ...readCards(at < 0 ? '' : text.slice(at + 1), title, 2) }
}

/** Read a library: subcircuits alone, no title. Comments that stand right above one are its own, others are dropped. */
export function readSubcircuits(text: string): {
  readonly subcircuits: readonly Subcircuit[]
  readonly problems: readonly string[]
} {
  const { circuit, problems } = readCards(text, null, 1)
  const stray = [...circuit.top, ...circuit.stimulus].filter(({ kind }) => kind !== 'comment')
  return {
    subcircuits: circuit.subcircuits,
    problems: [...problems, ...(stray.length > 0 ? ['elements outside of a subcircuit'] : [])],
  }
}

function readCards(text: string, title: string | null, firstLine: number): Reading {
  const problems: string[] = []
  const say = (line: number, what: string) => {
    if (problems.length < MAX_PROBLEMS) problems.push(`line ${line}: ${what}`)
  }
  const header: string[] = []
  const includes: string[] = []
  const parameters: Record<string, Value> = {}
  const found = { cells: [] as Subcircuit[], subcircuits: [] as Subcircuit[] }
  const defined = new Set<string>()
  const top: Open = { name: 'top', about: [], pins: [], parameters: {}, elements: [], seen: new Set() }
  const stimulus: Element[] = []
  const open: Open[] = []
  const control: string[] = []
  const options: string[] = []
  const lines = new Map<Element, number>()
  let section: Section | 'header' | null = title === null ? null : 'header'
  let waiting: string[] = []
  let inControl = false
  let ended = false
  let ran = false

  const outer = () => (section === 'stimulus' ? stimulus : top.elements)
  /** Comments above no subcircuit are elements of the top; a library drops them. */
  const settle = () => {
    if (title !== null) for (const text of waiting) outer().push({ kind: 'comment', text })
    waiting = []
  }
  const comment = (raw: string) => {
    const next = SECTION.get(raw)
    if (next !== undefined && open.length === 0) {
      settle()
      section = next
      return
    }
    const words = raw.slice(raw.startsWith('* ') ? 2 : 1)
    if (section === 'header') {
      if (header.length > 0 || words !== NGSPICE_RUN || ran) header.push(words)
      else ran = true
    } else if (open.length > 0) open.at(-1)!.elements.push({ kind: 'comment', text: words })
    else waiting.push(words)
  }
  const element = (line: number, text: string) => {
    const made = readElement(text, (what) => say(line, what))
    if (made === null) return
    const here = open.at(-1) ?? top
    const id = `${made.kind} ${'name' in made ? made.name : ''}`
    if (here.seen.has(id)) say(line, `element ${words(text)[0]} stands twice in ${here.name}`)
    here.seen.add(id)
    lines.set(made, line)
    if (open.length > 0) here.elements.push(made)
    else {
      settle()
      outer().push(made)
    }
  }
  const begin = (line: number, text: string) => {
    const [, name = '', ...rest] = words(text)
    const [plain, assigned] = assignments(rest, (what) => say(line, what))
    if (!NAME.test(name)) say(line, `a subcircuit is called "${name}"`)
    if (new Set(plain).size < plain.length) say(line, `subcircuit ${name} names a pin twice`)
    if (open.length > 0) say(line, `subcircuit ${name} stands within ${open.at(-1)!.name}`)
    open.push({ name, about: waiting, pins: plain, parameters: assigned, elements: [], seen: new Set() })
    waiting = []
  }
  const close = (line: number, text: string) => {
    const done = open.pop()
    if (done === undefined) return say(line, '.ends without .subckt')
    const [, name] = words(text)
    if (name !== undefined && name !== done.name) say(line, `.ends ${name} closes ${done.name}`)
    if (defined.has(done.name)) say(line, `subcircuit ${done.name} is defined twice`)
    defined.add(done.name)
    const { seen: _, ...subcircuit } = done
    found[section === 'cells' ? 'cells' : 'subcircuits'].push(subcircuit)
  }
  const card = (line: number, text: string) => {
    if (section === 'header') section = null
    const head = text[0] === '.' || inControl ? text.split(/\s/, 1)[0]! : ''
    if (ended) say(line, 'text after .end')
    else if (inControl && head !== '.endc') control.push(text)
    else if (head === '') element(line, text)
    else if (head === '.endc') inControl = false
    else if (head === '.control') inControl = true
    else if (head === '.end') ended = true
    else if (head === '.options') options.push(...words(text).slice(1))
    else if (head === '.include') includes.push(text.slice(head.length).trim())
    else if (head === '.param') {
      const [plain, assigned] = assignments(words(text).slice(1), (what) => say(line, what))
      if (plain.length > 0) say(line, `"${plain[0]}" is not name=value`)
      for (const key of Object.keys(assigned))
        if (Object.hasOwn(parameters, key)) say(line, `parameter ${key} is set twice`)
      Object.assign(parameters, assigned)
    } else if (head === '.subckt') begin(line, text)
    else if (head === '.ends') close(line, text)
    else if (head === '.model') element(line, text)
    else say(line, `unknown card ${head}`)
  }

  // A card goes on over lines that start with +.
  let pending: string[] = []
  let start = 0
  const flush = () => {
    if (pending.length > 0) card(start, pending.length === 1 ? pending[0]! : pending.join(' '))
    pending = []
  }
  let number = firstLine - 1
  for (let from = 0; from <= text.length; ) {
    const to = text.indexOf('\n', from)
    const raw = text.slice(from, to < 0 ? text.length : to)
    from = to < 0 ? text.length + 1 : to + 1
    number++
    const line = raw.trim()
    if (line.startsWith('+')) {
      if (pending.length === 0) say(number, 'goes on from no card')
      else pending.push(line.slice(1).trim())
      continue
    }
    flush()
    if (line === '') {
      if (section === 'header') section = null
      settle()
    } else if (line.startsWith('*')) comment(line)
    else {
      pending = [line]
      start = number
    }
  }
  flush()
  settle()
  if (open.length > 0) say(number, `subcircuit ${open.at(-1)!.name} is not closed`)
  if (inControl) say(number, '.control is not closed')
  let analysis = NO_ANALYSIS
  if (title !== null) {
    if (!ended) say(number, 'there is no .end')
    const read = readAnalysis(control)
    if ('problem' in read) say(number, read.problem)
    else analysis = read
  }
  return {
    circuit: {
      title: title ?? '',
      header,
      ...(includes.length > 0 ? { includes } : {}),
      parameters,
      ...found,
      top: top.elements,
      stimulus,
      analysis,
    },
    options: options.join(' '),
    control,
    lines,
    problems,
  }
}

/** Words between blanks; a blank within braces parts nothing. */
function words(text: string): string[] {
  return text.includes('{') ? (text.match(/(?:[^\s{}]|\{[^{}]*\}|[{}])+/g) ?? []) : text.split(/\s+/)
}

type Say = (what: string) => void

/** The words before the first name=value, and those from there on. */
function assignments(all: readonly string[], say: Say): [string[], Parameters] {
  const first = all.findIndex((word) => word.includes('='))
  if (first < 0) return [[...all], {}]
  const out: Record<string, Value> = {}
  for (const word of all.slice(first)) {
    const at = word.indexOf('=')
    const key = word.slice(0, at)
    if (at < 1 || at === word.length - 1) say(`"${word}" is not name=value`)
    else if (!NAME.test(key) || key === 'time') say(`a parameter is called "${key}"`)
    else if (Object.hasOwn(out, key)) say(`parameter ${key} is set twice`)
    else out[key] = value(word.slice(at + 1), say)
  }
  return [all.slice(0, first), out]
}

/** A number or an expression in braces; NaN, and a problem, for anything else. */
function value(text: string, say: Say): Value {
  if (text.startsWith('{') && text.endsWith('}')) {
    const read = readExpression(text.slice(1, -1))
    if (!('problem' in read)) return read
    say(`"${text.slice(0, 60)}" has no value: ${read.problem}`)
    return Number.NaN
  }
  const x = readNumber(text)
  if (x === null) say(`"${text.slice(0, 60)}" has no value`)
  return x ?? Number.NaN
}

/** Null, and a problem, for what is no element. */
function readElement(text: string, say: Say): Element | null {
  const all = words(text)
  const name = all[0]!.slice(1)
  const nodes = [all[1], all[2]] as unknown as Pair
  const made = (): Element | null => {
    switch (text[0]) {
      case 'r':
        return all.length === 4 ? { kind: 'resistor', name, nodes, ohms: value(all[3]!, say) } : null
      case 'c': {
        const start = /^ic=(.+)$/.exec(all[4] ?? '')?.[1]
        if (all.length !== (start === undefined ? 4 : 5)) return null
        const farads = value(all[3]!, say)
        return { kind: 'capacitor', name, nodes, farads, ...(start === undefined ? {} : { start: value(start, say) }) }
      }
      case 'v': {
        const wave = /^\S+\s+\S+\s+\S+\s+pwl\(([^()]*)\)$/.exec(text)
        if (wave !== null) return { kind: 'voltage', name, nodes, volts: waveform(wave[1]!, say) }
        return all.length === 4 ? { kind: 'voltage', name, nodes, volts: value(all[3]!, say) } : null
      }
      case 'i':
        return all.length === 4 ? { kind: 'current', name, nodes, amperes: value(all[3]!, say) } : null
      case 'h':
        return all.length === 5 && /^v./.test(all[3]!)
          ? {
              kind: 'current-controlled-voltage',
              name,
              nodes,
              source: all[3]!.slice(1),
              ohms: value(all[4]!, say),
            }
          : null
      case 'e':
        return all.length === 6
          ? {
              kind: 'voltage-controlled-voltage',
              name,
              nodes,
              controls: [all[3]!, all[4]!],
              gain: value(all[5]!, say),
            }
          : null
      case 'b': {
        const match = /^\S+\s+\S+\s+\S+\s+([vi])\s*=\s*(.+)$/i.exec(text)
        if (match === null) return null
        const body = match[2]!.trim()
        const braced = /^\{[^{}]*\}$/.test(body)
        const expression = readExpression(braced ? body.slice(1, -1) : body, !braced)
        if ('problem' in expression) {
          say(`${all[0]}: ${expression.problem}`)
          return { kind: 'behavioural', name, nodes, gives: 'volts', expression: { op: 'number', value: 0 } }
        }
        return {
          kind: 'behavioural',
          name,
          nodes,
          gives: match[1]!.toLowerCase() === 'v' ? 'volts' : 'amperes',
          expression,
        }
      }
      case 'm':
      case 'q': {
        const terminals = text[0] === 'm' ? 4 : 3
        const [plain, parameters] = assignments(all.slice(1), say)
        if (plain.length !== terminals + 1) return null
        const common = { name, model: plain[terminals]!, parameters }
        const [a, b, c, d] = plain as [string, string, string, string]
        return text[0] === 'm'
          ? { kind: 'mosfet', nodes: [a, b, c, d], ...common }
          : { kind: 'bipolar', nodes: [a, b, c], ...common }
      }
      case '.': {
        const [plain, parameters] = assignments(all.slice(1), say)
        const [model, type] = plain
        return plain.length === 2 && (type === 'nmos' || type === 'pmos' || type === 'npn' || type === 'pnp')
          ? { kind: 'model', name: model!, type, parameters }
          : null
      }
      case 'x': {
        const [plain, parameters] = assignments(all.slice(1), say)
        return plain.length >= 2
          ? { kind: 'instance', name, nodes: plain.slice(0, -1), of: plain.at(-1)!, parameters }
          : null
      }
      default:
        return null
    }
  }
  const element = name === '' ? null : made()
  if (element === null) say(`cannot read "${text.slice(0, 60)}"`)
  return element
}

function waveform(text: string, say: Say): Waveform {
  const numbers = text.trim().split(/\s+/).map(readNumber)
  const points: [number, number][] = []
  for (let k = 0; k + 1 < numbers.length; k += 2) points.push([numbers[k]!, numbers[k + 1]!])
  if (numbers.length % 2 !== 0 || numbers.includes(null)) say('pwl() wants pairs of numbers')
  return { points }
}
