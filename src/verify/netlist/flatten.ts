/**
 * A deck's hierarchy expanded into its primitive elements.
 */
import { evaluate, NUMBER } from './expression.ts'
import { controls, type Element, type Netlist, type Scope } from './parse.ts'

export interface FlatElement {
  readonly kind: 'r' | 'v' | 'h' | 'b'
  /** Path of instances, joined with '.'. */
  readonly name: string
  readonly nodes: readonly string[]
  /** Nodes it reads without drawing current. */
  readonly controls: readonly string[]
  /** Ohm, volt or ohm; null for a B source. */
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

const MAX_DEPTH = 16

const others = ({ value, nodes }: Element) => controls(value).filter((name) => !nodes.includes(name))

/** Expand every instance. Problems: unknown subcircuits, wrong pin counts, values that do not evaluate. */
export function flatten(netlist: Netlist): FlatNetlist {
  const elements: FlatElement[] = []
  const instances: FlatInstance[] = []
  const problems: string[] = []
  const globals = new Map<string, number>()
  const read = (text: string, scope: ReadonlyMap<string, number>, where: string): number => {
    const braces = /^\{(.*)\}$/.exec(text)
    const value =
      braces !== null
        ? evaluate(braces[1]!, (name) => scope.get(name) ?? globals.get(name))
        : NUMBER.test(text)
          ? Number(text)
          : null
    if (value === null) problems.push(`${where}: "${text}" has no value`)
    return value ?? Number.NaN
  }
  for (const [name, text] of netlist.parameters) globals.set(name, read(text, globals, `.param ${name}`))

  const expand = (
    scope: Scope,
    path: string,
    outer: ReadonlyMap<string, string>,
    values: ReadonlyMap<string, number>,
    depth: number,
  ): void => {
    const node = (name: string) => (name === '0' ? '0' : (outer.get(name) ?? path + name))
    for (const element of scope.elements) {
      const name = path + element.name
      if (element.kind === 'x') instance(element, name, node, values, depth)
      else
        elements.push({
          kind: element.kind,
          name,
          nodes: element.nodes.map(node),
          // A current that follows the voltage across its own nodes is a two-terminal element.
          controls: element.kind === 'b' ? others(element).map(node) : [],
          value: element.kind === 'b' ? null : read(element.value, values, name),
        })
    }
  }
  const instance = (
    element: Element,
    name: string,
    node: (name: string) => string,
    values: ReadonlyMap<string, number>,
    depth: number,
  ): void => {
    const inner = netlist.subcircuits.get(element.of!)
    if (inner === undefined) return void problems.push(`${name}: there is no subcircuit ${element.of}`)
    if (depth >= MAX_DEPTH) return void problems.push(`${name}: subcircuits nest more than ${MAX_DEPTH} deep`)
    if (inner.pins.length !== element.nodes.length)
      return void problems.push(
        `${name}: ${element.nodes.length} nodes for the ${inner.pins.length} pins of ${inner.name}`,
      )
    const parameters = new Map<string, number>()
    for (const [key, text] of inner.parameters)
      if (!element.parameters.has(key)) parameters.set(key, read(text, globals, `${inner.name} ${key}`))
    for (const [key, text] of element.parameters) {
      if (!inner.parameters.has(key)) problems.push(`${name}: ${inner.name} has no parameter ${key}`)
      parameters.set(key, read(text, values, name))
    }
    instances.push({ name, of: inner.name, parameters })
    const pins = new Map(inner.pins.map((pin, i) => [pin, node(element.nodes[i]!)]))
    expand(inner, `${name}.`, pins, parameters, depth + 1)
  }
  expand(netlist.top, '', new Map(), new Map(), 0)
  return { elements, instances, problems }
}
