/**
 * A deck's hierarchy expanded into its primitive elements.
 */
import type { Circuit, Element, Parameters, Subcircuit, Value } from '../../emit/spice/circuit.ts'
import { type Expression, within } from '../../emit/spice/expression.ts'
import { evaluate } from './evaluate.ts'

export interface FlatElement {
  readonly kind: Exclude<Element['kind'], 'comment' | 'model' | 'instance'>
  /** Path of instances, joined with '.'. */
  readonly name: string
  readonly nodes: readonly string[]
  /** Nodes it reads without drawing current. */
  readonly controls: readonly string[]
  /** Ohm, farad, volt, ampere or gain; null for what has no one number. */
  readonly value: number | null
}

/** An instance of a subcircuit, with its parameters as numbers. */
export interface FlatInstance {
  readonly name: string
  readonly of: string
  readonly parameters: ReadonlyMap<string, number>
}

export interface FlatNetlist {
  readonly elements: readonly FlatElement[]
  readonly instances: readonly FlatInstance[]
  readonly problems: readonly string[]
}

type Scope = Pick<Subcircuit, 'name' | 'elements'>
type Numbers = ReadonlyMap<string, number>

const MAX_DEPTH = 16
/** Primitive elements of all instances together. */
const MAX_ELEMENTS = 5_000_000

/**
 * Expand every instance. Problems: unknown subcircuits, models, sources and parameters, wrong pin counts, values that do
 * not evaluate.
 */
export function flatten(circuit: Circuit): FlatNetlist {
  const elements: FlatElement[] = []
  const instances: FlatInstance[] = []
  const problems: string[] = []
  const subcircuits = new Map([...circuit.cells, ...circuit.subcircuits].map((inner) => [inner.name, inner]))
  const top: Scope = { name: 'top', elements: [...circuit.top, ...circuit.stimulus] }
  const globals = new Map<string, number>()
  const models = new Map([top, ...subcircuits.values()].map((scope) => [scope.name, namesOf(scope, 'model')]))
  const sources = new Map([top, ...subcircuits.values()].map((scope) => [scope.name, namesOf(scope, 'voltage')]))

  const read = (value: Value, scope: Numbers, where: string): number => {
    if (typeof value === 'number') return value
    const x = evaluate(value, (name) => scope.get(name) ?? globals.get(name))
    if (typeof x === 'number') return x
    problems.push(`${where} has no value: ${x.problem}`)
    return Number.NaN
  }
  for (const [name, value] of Object.entries(circuit.parameters))
    globals.set(name, read(value, globals, `.param ${name}`))

  const expand = (
    scope: Scope,
    path: string,
    outer: ReadonlyMap<string, string>,
    values: Numbers,
    depth: number,
  ): void => {
    const node = (name: string) => (name === '0' ? '0' : (outer.get(name) ?? path + name))
    for (const element of scope.elements) {
      if (element.kind === 'comment') continue
      const name = `${path}${cardName(element)}`
      if (elements.length > MAX_ELEMENTS) return
      if (element.kind === 'instance') instance(element, name, node, values, depth)
      else if (element.kind === 'model')
        for (const [key, value] of Object.entries(element.parameters)) read(value, values, `${name} ${key}`)
      else primitive(scope, element, name, node, values)
    }
  }
  const primitive = (
    scope: Scope,
    element: Exclude<Element, { kind: 'comment' | 'model' | 'instance' }>,
    name: string,
    node: (name: string) => string,
    values: Numbers,
  ): void => {
    const known = (all: ReadonlyMap<string, ReadonlySet<string>>, wanted: string, what: string, outside: boolean) => {
      if (!all.get(scope.name)!.has(wanted) && !(outside && all.get('top')!.has(wanted)))
        problems.push(`${name}: there is no ${what} ${wanted}`)
    }
    if (element.kind === 'mosfet' || element.kind === 'bipolar') {
      known(models, element.model, 'model', true)
      for (const [key, value] of Object.entries(element.parameters)) read(value, values, `${name} ${key}`)
    }
    if (element.kind === 'current-controlled-voltage') known(sources, element.source, 'voltage source', false)
    if (element.kind === 'behavioural')
      for (const part of within(element.expression)) {
        if (part.op === 'amperes') known(sources, part.source, 'voltage source', false)
        if (part.op === 'parameter' && !values.has(part.name) && !globals.has(part.name))
          problems.push(`${name}: there is no parameter ${part.name}`)
      }
    if (element.kind === 'capacitor' && element.start !== undefined) read(element.start, values, `${name} ic`)
    const value = numberOf(element)
    elements.push({
      kind: element.kind,
      name,
      nodes: element.nodes.map(node),
      controls: controls(element).map(node),
      value: value === null ? null : read(value, values, name),
    })
  }
  const instance = (
    element: Extract<Element, { kind: 'instance' }>,
    name: string,
    node: (name: string) => string,
    values: Numbers,
    depth: number,
  ): void => {
    const inner = subcircuits.get(element.of)
    if (inner === undefined) return void problems.push(`${name}: there is no subcircuit ${element.of}`)
    if (depth >= MAX_DEPTH) return void problems.push(`${name}: subcircuits nest more than ${MAX_DEPTH} deep`)
    if (inner.pins.length !== element.nodes.length)
      return void problems.push(
        `${name}: ${element.nodes.length} nodes for the ${inner.pins.length} pins of ${inner.name}`,
      )
    const parameters = new Map<string, number>()
    const given: Parameters = element.parameters
    for (const [key, value] of Object.entries(inner.parameters))
      if (!Object.hasOwn(given, key)) parameters.set(key, read(value, globals, `${inner.name} ${key}`))
    for (const [key, value] of Object.entries(given)) {
      if (!Object.hasOwn(inner.parameters, key)) problems.push(`${name}: ${inner.name} has no parameter ${key}`)
      parameters.set(key, read(value, values, name))
    }
    instances.push({ name, of: inner.name, parameters })
    const pins = new Map(inner.pins.map((pin, i) => [pin, node(element.nodes[i]!)]))
    expand(inner, `${name}.`, pins, parameters, depth + 1)
  }
  expand(top, '', new Map(), new Map(), 0)
  if (elements.length > MAX_ELEMENTS) problems.push(`more than ${MAX_ELEMENTS} elements`)
  return { elements, instances, problems }
}

/** The letter that SPICE puts before the name of an element. */
const LETTER = {
  resistor: 'r',
  capacitor: 'c',
  voltage: 'v',
  current: 'i',
  behavioural: 'b',
  'current-controlled-voltage': 'h',
  'voltage-controlled-voltage': 'e',
  mosfet: 'm',
  bipolar: 'q',
  model: '',
  instance: 'x',
} as const

/** Name of an element as a deck has it. */
export const cardName = (element: Exclude<Element, { kind: 'comment' }>): string =>
  `${LETTER[element.kind]}${element.name}`

const namesOf = (scope: Scope, kind: 'model' | 'voltage'): ReadonlySet<string> =>
  new Set(scope.elements.flatMap((element) => (element.kind === kind ? [element.name] : [])))

/** The one number of an element. */
function numberOf(element: Exclude<Element, { kind: 'comment' | 'model' | 'instance' }>): Value | null {
  switch (element.kind) {
    case 'resistor':
    case 'current-controlled-voltage':
      return element.ohms
    case 'capacitor':
      return element.farads
    case 'voltage':
      return typeof element.volts === 'object' && 'points' in element.volts ? null : element.volts
    case 'current':
      return element.amperes
    case 'voltage-controlled-voltage':
      return element.gain
    case 'behavioural':
    case 'mosfet':
    case 'bipolar':
      return null
  }
}

/** Nodes an element reads; those it is connected to as well are left out: such a current is a two-terminal element's. */
function controls(element: Element): string[] {
  if (element.kind === 'voltage-controlled-voltage') return [...element.controls]
  if (element.kind !== 'behavioural') return []
  return voltsIn(element.expression).filter((name) => !element.nodes.includes(name))
}

/** Nodes that an expression reads, each as often as it does. */
const voltsIn = (expression: Expression): string[] =>
  within(expression).flatMap((part) => (part.op === 'volts' ? [part.node] : []))
