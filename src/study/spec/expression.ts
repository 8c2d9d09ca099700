/**
 * Expressions in study files: numbers, units, values of the profile, + - * / ^ and some functions. mathjs reads the
 * text; its tree is walked here, node kinds that are not on the list are refused, and nothing of mathjs is run.
 */
import { fail } from '../../base/errors.ts'
import { quote } from '../../base/json.ts'
import { loadMath, type MathReader, type MathNode as Node } from '../../base/mathjs.ts'
import { plainUnit, UNITS, type Unit } from '../../base/quantity.ts'
import { suggest } from '../../base/suggest.ts'
import { FIELD_PATHS, FIELDS, type FieldPath, type FieldValue, isFieldPath } from '../../profile/fields.ts'
import {
  type Dimension,
  dimensionName,
  FUNCTIONS,
  finite,
  type Measured,
  MOST_ENTRIES,
  negated,
  plain,
  power,
  product,
  quotient,
  sameDimension,
  sum,
} from './measured.ts'

/** Characters, brackets within each other, and nodes of the tree. */
const MOST = { length: 4000, depth: 32, nodes: 3000 } as const
/** What numbers, units, names, lists and operators are written with; no quotes, no assignments, no ranges. */
const CHARACTERS = /^[A-Za-z0-9_.,+*/^()[\] %-]*$/

/** Value of a path at a design point. */
export type Lookup = (path: FieldPath) => FieldValue

export interface Expression {
  /** Paths of the profile that it reads. */
  readonly paths: readonly FieldPath[]
  /** @throws OHM8001, OHM1203 */
  evaluate(lookup: Lookup): Measured
  /** What a dimension is called. */
  name(dimension: Dimension): string
  dimensionOf(unit: Unit): Dimension
}

type Run = (lookup: Lookup) => Measured

const refuse = (message: string, hint?: string): never => fail('OHM8001', message, hint === undefined ? {} : { hint })

const CAN =
  'an expression has numbers, units, paths of the profile, + - * / ^ ( ), lists in [ ], and ' +
  [...FUNCTIONS.keys()].join(', ')

/**
 * Read an expression; what it may not hold is refused here, before anything is calculated.
 *
 * @throws OHM8001
 */
export async function parseExpression(text: string): Promise<Expression> {
  if (text.length > MOST.length) refuse(`an expression of ${text.length} characters; at most ${MOST.length} are read`)
  const source = plainUnit(text)
  if (source === '') refuse('the expression is empty', CAN)
  if (!CHARACTERS.test(source)) refuse(`${quote(text)} is not an expression`, CAN)
  checkDepth(source)
  const math = await loadMath()
  const tree = (() => {
    try {
      return math.parse(source)
    } catch {
      return refuse(`${quote(text)} is not an expression`, CAN)
    }
  })()
  const reader = new Reader(math)
  const run = reader.read(tree, 0)
  return {
    paths: [...reader.paths],
    evaluate: run,
    name: (dimension) => reader.name(dimension),
    dimensionOf: (unit) => reader.dimensionOf(unit),
  }
}

/** The reader of mathjs recurses, so brackets and signs are counted before it starts. */
function checkDepth(text: string): void {
  let depth = 0
  let signs = 0
  for (const c of text) {
    if (c === '(' || c === '[') depth++
    if (c === ')' || c === ']') depth--
    signs = c === '-' || c === '+' || c === '^' ? signs + 1 : /[ 0-9.]/.test(c) ? signs : 0
    if (depth > MOST.depth || signs > MOST.depth) refuse(`an expression nested deeper than ${MOST.depth} levels`)
  }
}

class Reader {
  readonly paths = new Set<FieldPath>()
  readonly #math: MathReader
  readonly #units = new Map<string, Measured | null>()
  #nodes = 0

  constructor(math: MathReader) {
    this.#math = math
  }

  name(dimension: Dimension): string {
    return dimensionName(dimension, (unit) => this.dimensionOf(unit))
  }

  dimensionOf(unit: Unit): Dimension {
    return unit === '1' ? [] : this.#math.unit(`1 ${UNITS[unit].mathjs}`).dimensions
  }

  read(node: Node, depth: number): Run {
    if (++this.#nodes > MOST.nodes || depth > 4 * MOST.depth) refuse('the expression is too large')
    switch (node.type) {
      case 'ConstantNode': {
        const { value } = node
        if (typeof value !== 'number') return refuse(`${quote(String(value))} is no number`, CAN)
        const constant = plain(value)
        return () => constant
      }
      case 'ParenthesisNode':
        return this.read(node['content'] as Node, depth + 1)
      case 'ArrayNode':
        return this.#list(node['items'] as readonly Node[], depth)
      case 'SymbolNode':
      case 'AccessorNode':
        return this.#symbol(node)
      case 'FunctionNode':
        return this.#function(node, depth)
      case 'OperatorNode':
        return this.#operator(node, depth)
      default:
        return refuse(`an expression cannot hold a ${words(node.type)}`, CAN)
    }
  }

  #list(items: readonly Node[], depth: number): Run {
    if (items.length > MOST_ENTRIES) refuse(`a list of ${items.length} entries; at most ${MOST_ENTRIES} are possible`)
    const runs = items.map((item) => this.read(item, depth + 1))
    return (lookup) => {
      const entries = runs.map((run) => run(lookup))
      if (entries.some(({ list }) => list)) refuse('a list cannot hold lists')
      const dimension = entries[0]?.dimension ?? []
      const other = entries.find((entry) => !sameDimension(entry.dimension, dimension))
      if (other !== undefined)
        fail('OHM1203', `a list holds ${this.name(dimension)} and ${this.name(other.dimension)}`, {
          hint: 'write the unit behind every entry, or once behind the list: [1, 2, 5] ohm',
        })
      return { numbers: entries.map(({ numbers }) => numbers[0]!), list: true, dimension }
    }
  }

  #symbol(node: Node): Run {
    const name = dotted(node) ?? refuse('only paths of the profile have a dot', CAN)
    if (isFieldPath(name)) return this.#path(name)
    if (name === 'pi') return () => plain(Math.PI)
    const unit = name.includes('.') ? null : this.#unit(name)
    if (unit !== null) return () => unit
    if (this.#kelvins(node, 0) !== null)
      refuse(`${name} is a temperature on a scale with an offset; only a number may stand before it`, 'calculate in K')
    const meant = suggest(name, FIELD_PATHS)
    return refuse(
      `${quote(name)} is neither a path of the profile nor a unit`,
      meant === null ? CAN : `did you mean ${meant}?`,
    )
  }

  #path(path: FieldPath): Run {
    const field = FIELDS[path]
    if (!['quantity', 'number', 'integer'].includes(field.kind)) refuse(`${path} is no number`)
    this.paths.add(path)
    const dimension = field.kind === 'quantity' ? this.dimensionOf(field.unit) : []
    return (lookup) => {
      const value = lookup(path)
      if (typeof value !== 'number') return refuse(`${path} is ${JSON.stringify(value)} here, not a number`)
      return { numbers: [value], list: false, dimension }
    }
  }

  /** A unit without an offset; null: no such unit. */
  #unit(name: string): Measured | null {
    let known = this.#units.get(name)
    if (known !== undefined) return known
    known = null
    const found = unitOf(this.#math, `1 ${name}`)
    if (found !== null && typeof found.value === 'number' && !this.#hasOffset(name, found.dimensions)) {
      const decades = Math.round(Math.log10(found.value))
      const exact = Math.abs(found.value / 10 ** decades - 1) < 1e-12
      const { dimensions: dimension } = found
      known = { numbers: [found.value], list: false, dimension, ...(exact ? { decades } : {}) }
    }
    this.#units.set(name, known)
    return known
  }

  #hasOffset(name: string, dimension: Dimension): boolean {
    return sameDimension(dimension, this.dimensionOf('K')) && unitOf(this.#math, `0 ${name}`)?.toNumber('K') !== 0
  }

  /** degC and degF: absolute temperatures. Null: the node is something else. */
  #kelvins(node: Node, x: number): number | null {
    const name = node.type === 'SymbolNode' ? String(node['name']) : ''
    if (!/^[A-Za-z]{1,20}$/.test(name)) return null
    const found = unitOf(this.#math, `${x} ${name}`)
    if (found === null || !this.#hasOffset(name, found.dimensions)) return null
    // Offsets such as 273.15 are not binary fractions: round away what the addition leaves.
    return Number(found.toNumber('K').toPrecision(13))
  }

  #function(node: Node, depth: number): Run {
    const { fn, args } = node as unknown as { fn: Node; args: readonly Node[] }
    const name = fn.type === 'SymbolNode' ? String(fn['name']) : ''
    const known = FUNCTIONS.get(name)
    if (known === undefined)
      return refuse(`there is no function ${quote(name)}`, `functions: ${[...FUNCTIONS.keys()].join(', ')}`)
    if (args.length > MOST_ENTRIES) refuse('the expression is too large')
    const runs = args.map((arg) => this.read(arg, depth + 1))
    return (lookup) =>
      known(
        runs.map((run) => run(lookup)),
        (d) => this.name(d),
      )
  }

  #operator(node: Node, depth: number): Run {
    const { op, args, isPercentage } = node as unknown as { op: string; args: readonly Node[]; isPercentage?: boolean }
    const [first, second] = args
    if (first === undefined) return refuse('an operator without a number', CAN)
    if (second === undefined) {
      const run = this.read(first, depth + 1)
      if (op === '-') return (lookup) => negated(run(lookup))
      return op === '+' ? run : refuse(`the operator ${quote(op)} is not known here`, CAN)
    }
    // 1 + 5 % is 1.05 to mathjs, which writes it as 1 + 1 * 5 %.
    if ((op === '+' || op === '-') && (second['args'] as readonly Node[] | undefined)?.[0] === first)
      return refuse(`a percentage behind ${op} has two meanings`, 'write a plain number, for instance 0.05')
    if (node['implicit'] === true && this.#kelvins(second, 0) !== null) return this.#temperature(first, second, depth)
    const a = this.read(first, depth + 1)
    const b = this.read(second, depth + 1)
    switch (op) {
      case '+':
      case '-':
        return (lookup) => sum(a(lookup), b(lookup), op === '+' ? 1 : -1, (d) => this.name(d))
      case '*':
        return (lookup) => product(a(lookup), b(lookup))
      case '/':
        return (lookup) => quotient(a(lookup), b(lookup), isPercentage)
      case '^':
        return (lookup) => power(a(lookup), b(lookup))
      default:
        return refuse(`the operator ${quote(op)} is not known here`, CAN)
    }
  }

  /** 85 degC, [25, 85] degC. */
  #temperature(first: Node, second: Node, depth: number): Run {
    const run = this.read(first, depth + 1)
    const dimension = this.dimensionOf('K')
    return (lookup) => {
      const { numbers, list, dimension: own } = run(lookup)
      if (!sameDimension(own, []))
        fail(
          'OHM1203',
          `${String(second['name'])} stands behind ${this.name(own)}; only a plain number may stand there`,
        )
      return { numbers: numbers.map((x) => finite(this.#kelvins(second, x)!)), list, dimension }
    }
  }
}

/** a.b.c as text; null: something else between the dots. */
function dotted(node: Node): string | null {
  const keys: string[] = []
  let inner = node
  while (inner.type === 'AccessorNode') {
    const { object, index } = inner as unknown as { object: Node; index: Node }
    const [key] = index['dimensions'] as readonly Node[]
    if (index['dotNotation'] !== true || key?.type !== 'ConstantNode' || keys.length > 10) return null
    keys.unshift(String(key['value']))
    inner = object
  }
  return inner.type === 'SymbolNode' ? [String(inner['name']), ...keys].join('.') : null
}

function unitOf(math: MathReader, text: string) {
  if (!/^-?[0-9.e+-]{1,30} [A-Za-z]{1,20}$/.test(text)) return null
  try {
    return math.unit(text)
  } catch {
    return null
  }
}

/** FunctionAssignmentNode -> function assignment */
const words = (type: string) =>
  type
    .replace(/Node$/, '')
    .replaceAll(/(?<=[a-z])([A-Z])/g, ' $1')
    .toLowerCase()
