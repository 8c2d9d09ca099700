/**
 * One scalar function of one channel's signal a, as a quantizer is built from in a graph:
 *
 * f(a) = scale a + shift + sum_i weight_i [a > at_i or a >= at_i] + sum_j v_j tanh(h_j a - s_j)
 *
 * Sums and multiples of such functions are such functions, and so is any function of a staircase (scale 0, no tanh).
 * A graph that computes a quantizer in whatever order of operators thus ends in a staircase or in a sum of tanh.
 */
export interface Lane {
  readonly scale: number
  readonly shift: number
  readonly jumps: readonly Jump[]
  readonly soft: readonly SoftTerm[]
}
export interface Jump {
  readonly at: number
  readonly compare: 'gt' | 'ge'
  readonly weight: number
}
/** v tanh(h a - s) */
export interface SoftTerm {
  readonly v: number
  readonly h: number
  readonly s: number
}

/** f(a) = a */
export const identityLane: Lane = { scale: 1, shift: 0, jumps: [], soft: [] }

export const isIdentity = (f: Lane): boolean => isLinear(f) && f.scale === 1 && f.shift === 0
/** scale a + shift with scale != 0. */
export const isLinear = (f: Lane): boolean => f.scale !== 0 && f.jumps.length === 0 && f.soft.length === 0
/** Piecewise constant; a constant too. */
export const isStaircase = (f: Lane): boolean => f.scale === 0 && f.soft.length === 0
/** Numbers it takes to write the function down. */
export const sizeOf = (f: Lane): number => 2 + f.jumps.length + f.soft.length

/** f + g */
export function plus(f: Lane, g: Lane): Lane {
  return {
    scale: f.scale + g.scale,
    shift: f.shift + g.shift,
    jumps: g.jumps.length === 0 ? f.jumps : f.jumps.concat(g.jumps),
    soft: g.soft.length === 0 ? f.soft : f.soft.concat(g.soft),
  }
}

/** f + c */
export const raised = (f: Lane, c: number): Lane => ({ ...f, shift: f.shift + c })

/** Every coefficient through a linear map such as x -> k x or x -> x / k. */
export function scaled(f: Lane, k: (x: number) => number): Lane {
  return {
    scale: k(f.scale),
    shift: k(f.shift),
    jumps: f.jumps.map((j) => ({ ...j, weight: k(j.weight) })),
    soft: f.soft.map((t) => ({ ...t, v: k(t.v) })),
  }
}

/** A staircase as its values between ascending breaks; the value at a break itself is told by `compare`. */
export interface Cells {
  readonly breaks: readonly Omit<Jump, 'weight'>[]
  /** One more than breaks. */
  readonly values: readonly number[]
}

/** Breaks in ascending order; at one place >= switches before >. */
const ascending = (a: Omit<Jump, 'weight'>, b: Omit<Jump, 'weight'>) =>
  a.at - b.at || (a.compare === b.compare ? 0 : a.compare === 'ge' ? -1 : 1)

/** The cells of a staircase. Jumps at the same break are added up. */
export function cells(f: Lane): Cells {
  const breaks: Omit<Jump, 'weight'>[] = []
  const values = [f.shift]
  for (const { at, compare, weight } of [...f.jumps].sort(ascending)) {
    const last = breaks.at(-1)
    if (last !== undefined && last.at === at && last.compare === compare) values[values.length - 1]! += weight
    else {
      breaks.push({ at, compare })
      values.push(values.at(-1)! + weight)
    }
  }
  return { breaks, values }
}

function staircase({ breaks, values }: Cells): Lane {
  return {
    scale: 0,
    shift: values[0]!,
    jumps: breaks.map((b, i) => ({ ...b, weight: values[i + 1]! - values[i]! })),
    soft: [],
  }
}

/** g(f(a)) for a staircase f and any g. */
export function mapStaircase(f: Lane, g: (x: number) => number): Lane {
  const { breaks, values } = cells(f)
  return staircase({ breaks, values: values.map(g) })
}

/** f g; null unless one is constant or both are staircases. */
export function product(f: Lane, g: Lane): Lane | null {
  const constant = (x: Lane) => isStaircase(x) && x.jumps.length === 0
  if (constant(g)) return scaled(f, (x) => x * g.shift)
  if (constant(f)) return scaled(g, (x) => x * f.shift)
  if (!isStaircase(f) || !isStaircase(g)) return null
  const still = (jumps: readonly Jump[]) => jumps.map((j) => ({ ...j, weight: 0 }))
  const a = cells({ ...f, jumps: f.jumps.concat(still(g.jumps)) })
  const b = cells({ ...g, jumps: still(f.jumps).concat(g.jumps) })
  return staircase({ breaks: a.breaks, values: a.values.map((x, i) => x * b.values[i]!) })
}

export type Comparison = 'gt' | 'ge' | 'lt' | 'le'

/** [f(a) > c] and its kin as 0 or 1; null unless f is linear or a staircase. */
export function compared(f: Lane, comparison: Comparison, c: number): Lane | null {
  const holds = (x: number) =>
    (comparison === 'gt' ? x > c : comparison === 'ge' ? x >= c : comparison === 'lt' ? x < c : x <= c) ? 1 : 0
  if (isStaircase(f)) return mapStaircase(f, holds)
  if (!isLinear(f)) return null
  const at = (c - f.shift) / f.scale + 0
  // A negative scale turns the comparison round; "less" is "not greater or equal".
  const falls = f.scale < 0
  const less = comparison === 'lt' || comparison === 'le'
  const strict = comparison === 'gt' || comparison === 'lt'
  const compare = strict === (less === falls) ? 'gt' : 'ge'
  return less === falls
    ? { scale: 0, shift: 0, jumps: [{ at, compare, weight: 1 }], soft: [] }
    : { scale: 0, shift: 1, jumps: [{ at, compare, weight: -1 }], soft: [] }
}

/** tanh(f(a)); null unless f is linear or a staircase. */
export function tanhOf(f: Lane): Lane | null {
  if (isStaircase(f)) return mapStaircase(f, Math.tanh)
  return isLinear(f) ? { scale: 0, shift: 0, jumps: [], soft: [{ v: 1, h: f.scale, s: 0 - f.shift }] } : null
}

/** 1/(1 + exp(-f(a))) = 1/2 + 1/2 tanh(f(a)/2); null unless f is linear or a staircase. */
export function sigmoidOf(f: Lane): Lane | null {
  if (isStaircase(f)) return mapStaircase(f, (x) => 1 / (1 + Math.exp(-x)))
  const half = tanhOf(scaled(f, (x) => x / 2))
  return half === null
    ? null
    : raised(
        scaled(half, (x) => x / 2),
        0.5,
      )
}
