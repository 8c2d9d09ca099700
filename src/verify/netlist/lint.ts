/**
 * What must be true of a deck before a simulator sees it: the traps of ngspice, as checks.
 */
import { isDevice } from '../devices.ts'
import { type FlatNetlist, flatten } from './flatten.ts'
import { type Netlist, parseNetlist, type Scope } from './parse.ts'

/** Comparison operators of ngspice, refused as names by it. */
const OPERATOR_WORDS = new Set(['ge', 'gt', 'le', 'lt', 'eq', 'ne', 'and', 'or', 'not'])
const NAME = /^[a-z][a-z0-9_]*$/
/** Functions of B sources that ngspice computes rightly. */
const FUNCTIONS = new Set(['v', 'min', 'max', 'tanh', 'sinh', 'cosh', 'pwr', 'pwl'])
const NEEDED_OPTIONS = { reltol: 1e-9, abstol: 1e-15, vntol: 1e-12 } as const

export interface LintOptions {
  /** siemens; no device may conduct more */
  readonly conductanceMax: number
}

export interface LintResult {
  /** Empty = clean. At most one entry a kind of problem and place. */
  readonly problems: readonly string[]
  readonly netlist: Netlist
  readonly flat: FlatNetlist
}

/** Parse, expand and check a deck. */
export function lintNetlist(text: string, options: LintOptions): LintResult {
  const netlist = parseNetlist(text)
  const flat = flatten(netlist)
  const problems = [
    ...netlist.problems,
    ...flat.problems,
    ...lintText(text),
    ...lintNames(netlist),
    ...lintExpressions(netlist),
    ...lintValues(flat, options.conductanceMax),
    ...lintNodes(flat),
    ...lintControl(netlist),
  ]
  return { problems, netlist, flat }
}

function lintText(text: string): string[] {
  const problems: string[] = []
  const title = text.slice(0, text.indexOf('\n'))
  if (title.trim() === '' || title.startsWith('.') || title.startsWith('*')) problems.push('line 1: not a title')
  if (/[^\n\x20-\x7e]/.test(text)) problems.push('a character that is not printable ASCII')
  return problems
}

function lintNames(netlist: Netlist): string[] {
  const problems: string[] = []
  const check = (name: string, what: string) => {
    if (!NAME.test(name) || OPERATOR_WORDS.has(name)) problems.push(`${what} is called "${name}"`)
  }
  for (const name of netlist.parameters.keys()) check(name, 'a parameter')
  for (const scope of [netlist.top, ...netlist.subcircuits.values()]) {
    check(scope.name, 'a subcircuit')
    for (const name of scope.parameters.keys()) check(name, `a parameter of ${scope.name}`)
    for (const node of nodesOf(scope)) if (node !== '0') check(node, `a node of ${scope.name}`)
    for (const element of scope.elements) check(element.name, `an element of ${scope.name}`)
  }
  return problems
}

function nodesOf(scope: Scope): Set<string> {
  return new Set([...scope.pins, ...scope.elements.flatMap((element) => element.nodes)])
}

function lintExpressions(netlist: Netlist): string[] {
  const problems: string[] = []
  for (const scope of [netlist.top, ...netlist.subcircuits.values()])
    for (const { kind, value, line } of scope.elements) {
      if (kind !== 'b') continue
      for (const [, name] of value.matchAll(/([a-z_]\w*)\s*\(/gi))
        if (!FUNCTIONS.has(name!)) problems.push(`line ${line}: function ${name}() in a B source`)
      if (value.includes('pwl') && value.includes('{')) problems.push(`line ${line}: pwl() in braces loses digits`)
      // Braces keep 11 digits of a literal.
      if (!value.includes('pwl'))
        for (const [literal, , exponent] of value.matchAll(/(?<![\w.])(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[a-z]*/gi)) {
          if (/[a-df-z]/i.test(literal.replace(exponent ?? '', '')))
            problems.push(`line ${line}: unit suffix in "${literal}"`)
          else if (Number(Number(literal).toExponential(10)) !== Number(literal))
            problems.push(`line ${line}: literal ${literal} has more digits than a B source keeps`)
        }
    }
  return problems
}

function lintValues(flat: FlatNetlist, conductanceMax: number): string[] {
  const problems: string[] = []
  for (const { kind, name, value } of flat.elements) {
    if (kind === 'b') continue
    if (!Number.isFinite(value)) problems.push(`${name} has no finite value`)
    else if (kind === 'r' && !(value! > 0)) problems.push(`${name} is ${value} ohm`)
  }
  for (const { name, of, parameters } of flat.instances) {
    if (!isDevice(of)) continue
    const g = parameters.get('g')!
    if (!(g > 0 && g <= conductanceMax)) problems.push(`${name} conducts ${g} S; the range is (0, ${conductanceMax}]`)
  }
  return problems
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
  for (const { name, nodes, controls } of flat.elements) {
    for (const node of [...nodes, ...controls]) terminals.set(node, (terminals.get(node) ?? 0) + 1)
    const [a, b] = [root(nodes[0]!), root(nodes[1]!)]
    if (nodes[0] === nodes[1]) problems.push(`${name} has both ends at ${nodes[0]}`)
    else if (a !== b) {
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

function lintControl({ control, options }: Netlist): string[] {
  const problems: string[] = []
  if (control.at(-1) !== 'quit') problems.push('.control does not end in quit')
  if (!control.some((line) => /^dc vvec 0 \d+ 1$/.test(line))) problems.push('.control has no sweep over the vectors')
  if (!control.some((line) => line.startsWith('print '))) problems.push('.control prints nothing')
  const digits = control.map((line) => /^set numdgt=(\d+)$/.exec(line)).find((m) => m !== null)
  if (digits === undefined || Number(digits[1]) < 12) problems.push('.control does not set numdgt to 12 or more')
  if (control.some((line) => !/^(set|dc|print|quit)\b/.test(line))) problems.push('.control holds another command')
  const option = (name: string) => new RegExp(`\\b${name}=(\\S+)`).exec(options)?.[1]
  for (const [name, limit] of Object.entries(NEEDED_OPTIONS))
    if (!(Number(option(name)) <= limit)) problems.push(`.options ${name} is not ${limit} or less`)
  if (/\bklu\b/.test(options) && !(Number(option('pivrel')) >= 0.01)) problems.push('.options klu without pivrel=0.1')
  return problems
}
