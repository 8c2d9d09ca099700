import { addSignals, combineSignals, multiply, offset } from './arithmetic.ts'
import { type Call, constantInput, input, isSignal, numberAttribute, unsupported, type Value } from './call.ts'
import { type Constant, combine, literal, mapConstant } from './constant.ts'
import {
  type Comparison,
  compared,
  identityLane,
  isIdentity,
  isLinear,
  isStaircase,
  type Lane,
  mapStaircase,
  product,
  raised,
  scaled,
  sigmoidOf,
  tanhOf,
} from './lane.ts'
import { activate } from './point.ts'
import { applyToLanes, mapLanes, notAChain, type Signal, settle, spread } from './signal.ts'

type Operator = (call: Call) => Value
type Binary = (x: number, y: number) => number

function constants(call: Call, a: Constant, b: Constant, f: Binary, type?: Constant['type']): Constant {
  const shape = (c: Constant) => `[${c.dims.join(', ')}]`
  return (
    combine(a, b, f, call.site.budget, type) ??
    notAChain(call.site, `shapes ${shape(a)} and ${shape(b)} do not go together`)
  )
}

const negated = (call: Call, s: Signal) => mapLanes(call.site, s, (lane) => scaled(lane, (x) => 0 - x))

function add(call: Call, a: Value, b: Value, sign: 1 | -1): Value {
  if (isSignal(a)) return isSignal(b) ? addSignals(call.site, a, b, sign) : offset(call.site, a, b, sign)
  if (isSignal(b)) return offset(call.site, sign === 1 ? b : negated(call, b), a)
  return constants(call, a, b, (x, y) => x + sign * y)
}

function times(call: Call, a: Value, b: Value): Value {
  if (isSignal(a) && isSignal(b))
    return combineSignals(call.site, a, b, (f, g) => product(f, g) ?? unsupported(call, 'it multiplies two signals'))
  if (isSignal(a)) return multiply(call.site, a, b as Constant)
  return isSignal(b) ? multiply(call.site, b, a) : constants(call, a, b, (x, y) => x * y)
}

function divide(call: Call): Value {
  const [a, b] = [input(call, 0), input(call, 1)]
  if (isSignal(b)) return unsupported(call, 'it divides by a signal')
  if (isSignal(a)) return multiply(call.site, a, b, true)
  const whole = a.type === 'integer' && b.type === 'integer'
  return constants(call, a, b, (x, y) => (whole ? Math.trunc(x / y) : x / y))
}

function sum(call: Call): Value {
  return call.inputs.map((_, i) => input(call, i)).reduce((a, b) => add(call, a, b, 1))
}

const turned: Readonly<Record<Comparison, Comparison>> = { gt: 'lt', lt: 'gt', ge: 'le', le: 'ge' }
const relations: Readonly<Record<Comparison, Binary>> = {
  gt: (x, y) => Number(x > y),
  ge: (x, y) => Number(x >= y),
  lt: (x, y) => Number(x < y),
  le: (x, y) => Number(x <= y),
}

const compare =
  (comparison: Comparison): Operator =>
  (call) => {
    const [a, b] = [input(call, 0), input(call, 1)]
    if (!isSignal(a)) {
      if (!isSignal(b)) return constants(call, a, b, relations[comparison], 'bool')
      return against(call, b, turned[comparison], a)
    }
    return isSignal(b)
      ? against(call, addSignals(call.site, a, b, -1), comparison, literal([0], [], 'float64', '0'))
      : against(call, a, comparison, b)
  }

function against(call: Call, signal: Signal, comparison: Comparison, threshold: Constant): Signal {
  const s = spread(call.site, signal, threshold)
  if (s.perChannel)
    notAChain(call.site, `the thresholds ${threshold.name} differ between channels; one ADC serves all channels`)
  return (
    applyToLanes(call.site, s.signal, (lane, k) => compared(lane, comparison, s.at(0, k))) ??
    unsupported(call, 'it compares something that is neither linear nor a staircase')
  )
}

/** 1 - f */
const complement = (f: Lane) =>
  raised(
    scaled(f, (x) => 0 - x),
    1,
  )

function not(call: Call): Value {
  const a = input(call, 0)
  return isSignal(a) ? mapLanes(call.site, a, complement) : mapConstant(a, (x) => (x === 0 ? 1 : 0), 'bool')
}

/** Logic on 0 and 1: and = x y, or = x + y - x y, xor = x + y - 2 x y. */
const logic =
  (both: number, single: number): Operator =>
  (call) => {
    const [a, b] = [input(call, 0), input(call, 1)]
    const joint = times(call, a, b)
    const weighted = isSignal(joint)
      ? mapLanes(call.site, joint, (f) => scaled(f, (x) => x * both))
      : mapConstant(joint, (x) => x * both)
    return single === 0 ? weighted : add(call, add(call, a, b, 1), weighted, 1)
  }

/** Where(c, x, y) = c x + (1 - c) y */
function where(call: Call): Value {
  const c = input(call, 0)
  const [x, y] = [input(call, 1), input(call, 2)]
  if (!isSignal(c) && !isSignal(x) && !isSignal(y)) {
    // Not by arithmetic: an unknown number of vectors may stand in the part that is not taken.
    const taken = constants(call, c, x, (k, v) => (k !== 0 ? v : Number.NEGATIVE_INFINITY), x.type)
    return constants(call, taken, y, (v, other) => (v === Number.NEGATIVE_INFINITY ? other : v), x.type)
  }
  const other = isSignal(c) ? mapLanes(call.site, c, complement) : mapConstant(c, (x) => 1 - x)
  return add(call, times(call, c, x), times(call, other, y), 1)
}

/** Any function of one number, where the signal is a staircase. */
const staircase =
  (f: (x: number) => number): Operator =>
  (call) => {
    const a = input(call, 0)
    if (!isSignal(a)) return mapConstant(a, f)
    return (
      applyToLanes(call.site, a, (lane) => (isStaircase(lane) ? mapStaircase(lane, f) : null)) ??
      unsupported(call, 'it is read only behind a quantizer')
    )
  }

function sign(call: Call): Value {
  const a = input(call, 0)
  if (!isSignal(a)) return mapConstant(a, Math.sign)
  call.site.note(`${call.site.label}: a value equal to its threshold counts as below`)
  return (
    applyToLanes(call.site, a, (lane) => {
      if (isStaircase(lane)) return mapStaircase(lane, Math.sign)
      if (!isLinear(lane)) return null
      const step = compared(
        { ...lane, scale: Math.abs(lane.scale), shift: lane.shift * Math.sign(lane.scale) },
        'gt',
        0,
      )!
      return scaled(
        raised(
          scaled(step, (x) => 2 * x),
          -1,
        ),
        (x) => x * Math.sign(lane.scale),
      )
    }) ?? unsupported(call, 'it is applied to something that is neither linear nor a staircase')
  )
}

function tanh(call: Call): Value {
  const a = input(call, 0)
  if (!isSignal(a)) return mapConstant(a, Math.tanh)
  const plain = a.lanes.length === 1 && isIdentity(a.lanes[0]!)
  if (plain && a.point.stage.kind === 'dense') return { ...a, point: activate(a.point, 'tanh', call.site.name) }
  return (
    applyToLanes(call.site, a, tanhOf) ?? unsupported(call, 'it is applied to a sum of tanh with several thresholds')
  )
}

function sigmoid(call: Call): Value {
  const a = input(call, 0)
  if (!isSignal(a)) return mapConstant(a, (x) => 1 / (1 + Math.exp(-x)))
  if (a.lanes.length > 1 || a.lanes.every(isStaircase))
    return applyToLanes(call.site, a, sigmoidOf) ?? unsupported(call, 'it is applied to several sums of tanh')
  return { ...a, point: activate(settle(call.site, a), 'sigmoid', call.site.name), lanes: [identityLane] }
}
function relu(call: Call): Value {
  const a = input(call, 0)
  const f = (x: number) => Math.max(x, 0)
  if (!isSignal(a)) return mapConstant(a, f)
  if (a.lanes.every(isStaircase)) return mapLanes(call.site, a, (lane) => mapStaircase(lane, f))
  return { ...a, point: activate(settle(call.site, a), 'relu', call.site.name), lanes: [identityLane] }
}

/** Clip from 0 upwards is Relu; any bounds do behind a quantizer. */
function clip(call: Call): Value {
  const bound = (name: string, i: number, otherwise: number) => {
    const value = call.inputs[i] === null || call.inputs[i] === undefined ? null : constantInput(call, i)
    return value === null ? numberAttribute(call, name, otherwise) : value.data[0]!
  }
  const [low, high] = [bound('min', 1, Number.NEGATIVE_INFINITY), bound('max', 2, Number.POSITIVE_INFINITY)]
  const a = input(call, 0)
  if (low === 0 && high > 1e38 && isSignal(a) && !a.lanes.every(isStaircase)) return relu(call)
  return staircase((x) => Math.min(Math.max(x, low), high))(call)
}

/** Max(x, 0) is Relu. */
const extreme =
  (f: Binary): Operator =>
  (call) => {
    const values = call.inputs.map((_, i) => input(call, i))
    const signals = values.filter(isSignal)
    const known = values.filter((v): v is Constant => !isSignal(v))
    if (signals.length === 0) return known.reduce((x, y) => constants(call, x, y, f))
    const zero = known.length === 1 && known[0]!.data.every((x) => x === 0)
    const single = signals.length === 1 && known.every((c) => c.data.length === 1)
    if (single && signals[0]!.lanes.every(isStaircase))
      return mapLanes(call.site, signals[0]!, (lane) =>
        mapStaircase(lane, (x) => known.reduce((y, c) => f(y, c.data[0]!), x)),
      )
    if (single && zero && f(1, 0) === 1) return relu({ ...call, inputs: signals })
    return unsupported(call, 'it is read only as Max(x, 0), which is Relu')
  }

/** Of constants only: exporters compare shapes. */
function equal(call: Call): Value {
  return constants(call, constantInput(call, 0), constantInput(call, 1), (x, y) => Number(x === y), 'bool')
}

/** Operators that work entry by entry. */
export const elementwise: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['Add', (c) => add(c, input(c, 0), input(c, 1), 1)],
  ['Sub', (c) => add(c, input(c, 0), input(c, 1), -1)],
  ['Mul', (c) => times(c, input(c, 0), input(c, 1))],
  ['Div', divide],
  [
    'Neg',
    (c) => {
      const a = input(c, 0)
      return isSignal(a) ? negated(c, a) : mapConstant(a, (x) => 0 - x)
    },
  ],
  ['Sum', sum],
  ['Greater', compare('gt')],
  ['GreaterOrEqual', compare('ge')],
  ['Less', compare('lt')],
  ['LessOrEqual', compare('le')],
  ['Equal', equal],
  ['Not', not],
  ['And', logic(1, 0)],
  ['Or', logic(-1, 1)],
  ['Xor', logic(-2, 1)],
  ['Where', where],
  ['Sign', sign],
  ['Floor', staircase(Math.floor)],
  ['Ceil', staircase(Math.ceil)],
  [
    'Round',
    staircase((x) => {
      const r = Math.round(x)
      return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r
    }),
  ],
  ['Abs', staircase(Math.abs)],
  ['Sqrt', staircase(Math.sqrt)],
  ['Exp', staircase(Math.exp)],
  ['Reciprocal', staircase((x) => 1 / x)],
  ['Clip', clip],
  ['Max', extreme(Math.max)],
  ['Min', extreme(Math.min)],
  ['Tanh', tanh],
  ['Sigmoid', sigmoid],
  ['Relu', relu],
])
