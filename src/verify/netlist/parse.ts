/**
 * A reader for the decks we write: subcircuits, instances, R V H B cards, parameters, one control block. What it does
 * not know it reports; it is no general SPICE reader.
 */

/** One card, with continuation lines joined. */
export interface Card {
  /** 1-based line of its start. */
  readonly line: number
  readonly text: string
}

export interface Element extends Card {
  readonly name: string
  readonly kind: 'r' | 'v' | 'h' | 'b' | 'x'
  readonly nodes: readonly string[]
  /** Subcircuit of an instance, controlling source of an H card. */
  readonly of: string | null
  /** Resistance, voltage, transresistance, or the expression of a B source (volts or ampere). */
  readonly value: string
  /** Of an instance. */
  readonly parameters: ReadonlyMap<string, string>
}

export interface Scope {
  readonly name: string
  readonly pins: readonly string[]
  readonly parameters: ReadonlyMap<string, string>
  readonly elements: readonly Element[]
}

export interface Netlist {
  readonly title: string
  readonly parameters: ReadonlyMap<string, string>
  readonly subcircuits: ReadonlyMap<string, Scope>
  readonly top: Scope
  readonly options: string
  /** Lines between .control and .endc. */
  readonly control: readonly string[]
  /** What could not be understood, with line numbers. */
  readonly problems: readonly string[]
}

interface OpenScope {
  name: string
  pins: string[]
  parameters: Map<string, string>
  elements: Element[]
  seen: Set<string>
}

/** Read a deck. Never throws: what is wrong stands in `problems`. */
export function parseNetlist(text: string): Netlist {
  const problems: string[] = []
  const parameters = new Map<string, string>()
  const subcircuits = new Map<string, Scope>()
  const scope = (name: string, pins: string[] = []): OpenScope => ({
    name,
    pins,
    parameters: new Map(),
    elements: [],
    seen: new Set(),
  })
  const top = scope('top')
  const open: OpenScope[] = [top]
  const control: string[] = []
  const options: string[] = []
  let inControl = false
  let ended = false
  const { title, cards } = cardsOf(text)
  const say = (card: Card, what: string) => problems.push(`line ${card.line}: ${what}`)

  for (const card of cards) {
    const here = open.at(-1)!
    const words = card.text.split(/\s+/)
    const head = words[0]!.toLowerCase()
    if (ended) say(card, 'text after .end')
    else if (head === '.endc') inControl = false
    else if (inControl) control.push(card.text)
    else if (head === '.control') inControl = true
    else if (head === '.end') ended = true
    else if (head === '.options') options.push(...words.slice(1))
    else if (head === '.param') for (const word of words.slice(1)) assign(parameters, word, card, say)
    else if (head === '.subckt') {
      const at = words.findIndex((w) => w.includes('='))
      const inner = scope(words[1] ?? '', words.slice(2, at < 0 ? undefined : at))
      if (at >= 0) for (const word of words.slice(at)) assign(inner.parameters, word, card, say)
      if (new Set(inner.pins).size < inner.pins.length) say(card, `subcircuit ${inner.name} names a pin twice`)
      open.push(inner)
    } else if (head === '.ends') {
      if (open.length === 1) say(card, '.ends without .subckt')
      else {
        const done = open.pop()!
        if (words.length > 1 && words[1] !== done.name) say(card, `.ends ${words[1]} closes ${done.name}`)
        if (subcircuits.has(done.name)) say(card, `subcircuit ${done.name} is defined twice`)
        subcircuits.set(done.name, done)
      }
    } else if (head.startsWith('.')) say(card, `unknown card ${head}`)
    else {
      const element = elementOf(card, words, say)
      if (element === null) continue
      if (here.seen.has(element.name)) say(card, `element ${element.name} stands twice in ${here.name}`)
      here.seen.add(element.name)
      here.elements.push(element)
    }
  }
  if (open.length > 1) problems.push(`subcircuit ${open.at(-1)!.name} is not closed`)
  if (inControl) problems.push('.control is not closed')
  if (!ended) problems.push('there is no .end')
  return { title, parameters, subcircuits, top, options: options.join(' '), control, problems }
}

/** Title, then cards without comments, continuation lines joined. */
function cardsOf(text: string): { title: string; cards: Card[] } {
  const [title = '', ...rest] = text.split('\n')
  const cards: { line: number; text: string }[] = []
  for (const [i, raw] of rest.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('*')) continue
    if (line.startsWith('+') && cards.length > 0) cards.at(-1)!.text += ` ${line.slice(1).trim()}`
    else cards.push({ line: i + 2, text: line })
  }
  return { title, cards }
}

type Say = (card: Card, what: string) => void

function assign(into: Map<string, string>, word: string, card: Card, say: Say): void {
  const [key, value, ...more] = word.split('=')
  if (!key || !value || more.length > 0) say(card, `"${word}" is not name=value`)
  else if (into.has(key)) say(card, `parameter ${key} is set twice`)
  else into.set(key, value)
}

function elementOf(card: Card, words: readonly string[], say: Say): Element | null {
  const name = words[0]!
  const kind = name[0]!.toLowerCase()
  const base = { ...card, name, of: null, parameters: new Map<string, string>() }
  switch (kind) {
    case 'r':
    case 'v':
      if (words.length === 4) return { ...base, kind, nodes: words.slice(1, 3), value: words[3]! }
      break
    case 'h':
      if (words.length === 5) return { ...base, kind, nodes: words.slice(1, 3), of: words[3]!, value: words[4]! }
      break
    case 'b': {
      const match = /^\S+\s+(\S+)\s+(\S+)\s+[vi]=(.+)$/i.exec(card.text)
      if (match !== null) return { ...base, kind, nodes: [match[1]!, match[2]!], value: match[3]! }
      break
    }
    case 'x': {
      const at = words.findIndex((w) => w.includes('='))
      const plain = words.slice(1, at < 0 ? undefined : at)
      if (plain.length < 2) break
      const parameters = new Map<string, string>()
      if (at >= 0) for (const word of words.slice(at)) assign(parameters, word, card, say)
      return { ...base, kind, nodes: plain.slice(0, -1), of: plain.at(-1)!, value: '', parameters }
    }
  }
  say(card, `cannot read "${card.text.slice(0, 60)}"`)
  return null
}

/** Nodes that an expression reads: the x of v(x). */
export function controls(expression: string): string[] {
  return Array.from(expression.matchAll(/\bv\(([^)]*)\)/gi), (m) => m[1]!.trim())
}
