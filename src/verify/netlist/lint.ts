/**
 * What must be true of a deck before a simulator sees it: the traps of ngspice, as checks.
 */
import type { Circuit, Element, Parameters, Subcircuit, Waveform } from '../../emit/spice/circuit.ts'
import { type Expression, within } from '../../emit/spice/expression.ts'
import { type Reading, readCircuit } from '../../emit/spice/read.ts'
import { isDevice } from '../devices.ts'
import { cardName, type FlatElement, type FlatNetlist, flatten } from './flatten.ts'

/** Comparison operators of ngspice, refused as names by it. */
const OPERATOR_WORDS = new Set(['ge', 'gt', 'le', 'lt', 'eq', 'ne', 'and', 'or', 'not'])
const NAME = /^[a-z][a-z0-9_]*$/
const STATIC_OPTIONS = { reltol: 1e-9, abstol: 1e-15, vntol: 1e-12 } as const
const TRANSIENT_OPTIONS = { reltol: 1e-6, abstol: 1e-14, vntol: 1e-9 } as const

export interface LintOptions {
  /** siemens; no device may conduct more */
  readonly conductanceMax: number
}

export interface LintResult {
  /** Empty = clean. At most one entry a kind of problem and place. */
  readonly problems: readonly string[]
  readonly circuit: Circuit
  readonly flat: FlatNetlist
}

/** Read, expand and check a deck. */
export function lintNetlist(text: string, options: LintOptions): LintResult {
  const reading = readCircuit(text)
  const { circuit } = reading
  const flat = flatten(circuit)
  const problems = [
    ...reading.problems,
    ...flat.problems,
    ...(circuit.includes ?? []).map((path) => `${path} is not read with the deck`),
    ...lintText(text),
    ...lintNames(circuit),
    ...lintExpressions(reading),
    ...lintValues(flat, options.conductanceMax),
    ...lintNodes(flat),
    ...lintAnalysis(circuit, flat, reading.options),
  ]
  return { problems, circuit, flat }
}

function lintText(text: string): string[] {
  const problems: string[] = []
  const title = text.slice(0, text.indexOf('\n'))
  if (title.trim() === '' || title.startsWith('.') || title.startsWith('*')) problems.push('line 1: not a title')
  if (/[^\n\x20-\x7e]/.test(text)) problems.push('a character that is not printable ASCII')
  return problems
}

/** The subcircuits of a circuit, and its top as one. */
function scopesOf(circuit: Circuit): Pick<Subcircuit, 'name' | 'pins' | 'parameters' | 'elements'>[] {
  const top = { name: 'top', pins: [], parameters: {}, elements: [...circuit.top, ...circuit.stimulus] }
  return [top, ...circuit.cells, ...circuit.subcircuits]
}

function lintNames(circuit: Circuit): string[] {
  const problems: string[] = []
  const check = (name: string, what: string) => {
    if (!NAME.test(name) || OPERATOR_WORDS.has(name)) problems.push(`${what} is called "${name}"`)
  }
  for (const name of Object.keys(circuit.parameters)) check(name, 'a parameter')
  for (const scope of scopesOf(circuit)) {
    check(scope.name, 'a subcircuit')
    for (const name of Object.keys(scope.parameters)) check(name, `a parameter of ${scope.name}`)
    for (const node of nodesOf(scope)) if (node !== '0') check(node, `a node of ${scope.name}`)
    for (const element of scope.elements)
      if (element.kind !== 'comment') check(cardName(element), `an element of ${scope.name}`)
  }
  return problems
}

function nodesOf(scope: Pick<Subcircuit, 'pins' | 'elements'>): Set<string> {
  const all = new Set(scope.pins)
  for (const element of scope.elements) if ('nodes' in element) for (const node of element.nodes) all.add(node)
  return all
}

function lintExpressions({ circuit, lines }: Reading): string[] {
  const problems: string[] = []
  const digits = (expression: Expression, where: string) => {
    const all = within(expression)
    // Braces keep 11 digits of a literal; lines stand without.
    if (all.some(({ op }) => op === 'lines')) return
    for (const part of all)
      if (part.op === 'number' && Number(part.value.toExponential(10)) !== part.value)
        problems.push(`${where}: literal ${part.value} has more digits than a B source keeps`)
  }
  const points = (of: Waveform['points'], where: string) => {
    if (of.length < 2) problems.push(`${where}: pwl() wants two points`)
    if (of.some(([x], k) => k > 0 && !(x > of[k - 1]![0]))) problems.push(`${where}: pwl() does not ascend`)
  }
  const constants = (parameters: Parameters, where: string) => {
    for (const [key, value] of Object.entries(parameters))
      if (typeof value === 'object') digits(value, `${where}, ${key}`)
  }
  constants(circuit.parameters, '.param')
  for (const scope of scopesOf(circuit)) {
    constants(scope.parameters, scope.name)
    for (const element of scope.elements) {
      const where = `line ${lines.get(element) ?? '?'}`
      if (element.kind === 'behavioural') {
        digits(element.expression, where)
        for (const part of within(element.expression)) if (part.op === 'lines') points(part.points, where)
      }
      if (element.kind === 'voltage' && typeof element.volts === 'object' && 'points' in element.volts)
        points(element.volts.points, where)
      if ('parameters' in element) constants(element.parameters, where)
    }
  }
  return problems
}

function lintValues(flat: FlatNetlist, conductanceMax: number): string[] {
  const problems: string[] = []
  for (const { kind, name, value } of flat.elements) {
    if (value === null) continue
    if (!Number.isFinite(value)) problems.push(`${name} has no finite value`)
    else if (kind === 'resistor' && !(value > 0)) problems.push(`${name} is ${value} ohm`)
    else if (kind === 'capacitor' && !(value > 0)) problems.push(`${name} is ${value} farad`)
  }
  for (const { name, of, parameters } of flat.instances) {
    if (!isDevice(of)) continue
    const g = parameters.get('g')!
    if (!(g > 0 && g <= conductanceMax)) problems.push(`${name} conducts ${g} S; the range is (0, ${conductanceMax}]`)
  }
  return problems
}

/** Terminals between which an element lets a direct current pass, or fixes it. */
function conducting({ kind, nodes }: FlatElement): readonly string[] {
  switch (kind) {
    case 'capacitor':
    case 'current':
      return []
    // Neither the gate nor, where it is not tied, the bulk carries a current.
    case 'mosfet':
      return [nodes[0]!, nodes[2]!]
    default:
      return nodes
  }
}

/** Every node has two terminals and a conducting path to ground. */
function lintNodes(flat: FlatNetlist): string[] {
  const terminals = new Map<string, number>()
  const parent = new Map<string, string>()
  const root = (node: string): string => {
    let r = node
    while (parent.has(r)) r = parent.get(r)!
    for (let n = node; n !== r; ) {
      const next = parent.get(n)!
      parent.set(n, r)
      n = next
    }
    return r
  }
  const problems: string[] = []
  for (const element of flat.elements) {
    for (const node of [...element.nodes, ...element.controls]) terminals.set(node, (terminals.get(node) ?? 0) + 1)
    if (element.nodes.length === 2 && element.nodes[0] === element.nodes[1])
      problems.push(`${element.name} has both ends at ${element.nodes[0]}`)
    const [first, ...others] = conducting(element)
    for (const other of others) {
      const [a, b] = [root(first!), root(other)]
      if (a === b) continue
      if (a === '0') parent.set(b, a)
      else parent.set(a, b)
    }
  }
  for (const [node, count] of terminals) {
    if (count < 2) problems.push(`node ${node} has one terminal`)
    if (root(node) !== root('0')) problems.push(`node ${node} has no path to ground`)
  }
  return problems
}

function lintAnalysis(circuit: Circuit, flat: FlatNetlist, options: string): string[] {
  const problems: string[] = []
  const { analysis } = circuit
  const there = new Set(flat.elements.flatMap(({ nodes }) => nodes))
  const asked = analysis.kind === 'noise' ? [analysis.node] : analysis.nodes
  const everything = analysis.kind === 'vectors' && analysis.all === true
  if (asked.length === 0 && !everything) problems.push('the analysis prints nothing')
  for (const node of asked) if (!there.has(node)) problems.push(`the analysis prints ${node}, which is no node`)
  const sources = [...circuit.top, ...circuit.stimulus].flatMap((e: Element) => (e.kind === 'voltage' ? [e.name] : []))
  const driven = analysis.kind === 'noise' ? analysis.source : analysis.kind === 'vectors' ? 'vec' : null
  if (driven !== null && !sources.includes(driven)) problems.push(`the analysis drives v${driven}, which is not there`)
  if (analysis.kind === 'vectors' && analysis.count < 1) problems.push('the analysis has no vector')
  if (analysis.kind === 'transient') {
    const { times, step, stop } = analysis
    if (!(step > 0 && stop > 0)) problems.push('the transient has no time step or no end')
    if (times.some((t, k) => t < 0 || t > stop || (k > 0 && !(t > times[k - 1]!))))
      problems.push('the times of the transient do not ascend within it')
  }
  const option = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(options)?.[1]
  const needed = analysis.kind === 'transient' ? TRANSIENT_OPTIONS : STATIC_OPTIONS
  for (const [name, limit] of Object.entries(needed))
    if (!(Number(option(name)) <= limit)) problems.push(`.options ${name} is not ${limit} or less`)
  if (/\bklu\b/.test(options) && !(Number(option('pivrel')) >= 0.01)) problems.push('.options klu without pivrel=0.1')
  return problems
}
