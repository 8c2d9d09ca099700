/** What each kind of study takes: axes, and keys that mean nothing elsewhere. */
import type { StudyKind } from '../study.ts'
import type { AxisKeys, Problems, StudyKeys } from './file.ts'

/** Keys with a meaning in some kinds only. */
export const OWN_KEYS = ['axes', 'points', 'until', 'attributions', 'importance', 'loosest'] as const
type OwnKey = (typeof OWN_KEYS)[number]

interface KindRules {
  /** For the docs: what the points are. */
  readonly meaning: string
  readonly axesText: string
  readonly keys: readonly OwnKey[]
  readonly needs: readonly (OwnKey | 'require')[]
  /** Ranges of axes: as they are, as so many values, or not at all. */
  readonly ranges: 'plain' | 'counted' | 'none'
  readonly lists: 'any' | 'two' | 'none'
  readonly networks: 'several' | 'one'
}

export const KINDS: Readonly<Record<StudyKind, KindRules>> = {
  'monte-carlo': {
    meaning: 'the profile, many chips; one point a network',
    axesText: 'none',
    keys: ['until', 'importance'],
    needs: [],
    ranges: 'none',
    lists: 'none',
    networks: 'several',
  },
  grid: {
    meaning: 'every value of an axis with every value of the others; the last axis changes first',
    axesText: '`values`, or `range` with `count`',
    keys: ['axes', 'until'],
    needs: [],
    ranges: 'counted',
    lists: 'any',
    networks: 'several',
  },
  'latin-hypercube': {
    meaning: '`points` in the ranges, evenly in each one',
    axesText: '`range`, or `values` of which each is equally likely',
    keys: ['axes', 'points'],
    needs: ['axes', 'points'],
    ranges: 'plain',
    lists: 'any',
    networks: 'several',
  },
  sobol: {
    meaning: "`points` in the ranges, a scrambled Sobol' sequence",
    axesText: '`range`, or `values` of which each is equally likely',
    keys: ['axes', 'points'],
    needs: ['axes', 'points'],
    ranges: 'plain',
    lists: 'any',
    networks: 'several',
  },
  corners: {
    meaning: 'the profile itself, then all combinations of the ends',
    axesText: '`range`, or two `values`',
    keys: ['axes', 'until'],
    needs: ['axes'],
    ranges: 'plain',
    lists: 'two',
    networks: 'several',
  },
  ageing: {
    meaning: 'the same chips at ascending ages; further axes are crossed as in a grid',
    axesText: '`environment.timeSinceProgramming` and others, `values` or `range` with `count`',
    keys: ['axes', 'until'],
    needs: ['axes'],
    ranges: 'counted',
    lists: 'any',
    networks: 'several',
  },
  sensitivity: {
    meaning: 'none, all and other sets of the imperfections that the profile has',
    axesText: 'none',
    keys: ['attributions'],
    needs: [],
    ranges: 'none',
    lists: 'none',
    networks: 'one',
  },
  'sobol-indices': {
    meaning: "Saltelli's blocks A, B, AB_1, ... of `points` points each",
    axesText: '`range`',
    keys: ['axes', 'points'],
    needs: ['axes', 'points'],
    ranges: 'plain',
    lists: 'none',
    networks: 'one',
  },
  loosest: {
    meaning: 'values of one parameter, found by bisection',
    axesText: 'none',
    keys: ['loosest', 'until'],
    needs: ['loosest', 'require'],
    ranges: 'none',
    lists: 'none',
    networks: 'one',
  },
}

export const AGE = 'environment.timeSinceProgramming'

/** The kind of a study that does not say it. */
export const kindOf = ({ kind, axes }: Pick<StudyKeys, 'kind' | 'axes'>): StudyKind =>
  kind ?? (axes === undefined ? 'monte-carlo' : 'grid')

/** Kinds that take a key, for messages. */
const takers = (key: OwnKey) =>
  (Object.keys(KINDS) as StudyKind[]).filter((kind) => KINDS[kind].keys.includes(key)).join(', ')

/**
 * Keys that need, or exclude, one another.
 *
 * @param deployed  a deployment folder stands for the file's network and profile
 */
export function checkTogether(keys: StudyKeys, deployed: boolean, problems: Problems): void {
  const kind = kindOf(keys)
  const rules = KINDS[kind]
  for (const key of OWN_KEYS)
    if (keys[key] !== undefined && !rules.keys.includes(key))
      problems.add(`/${key}`, `${key} means nothing in a study of kind ${kind}`, {
        hint: `it goes with ${takers(key)}`,
        part: 'key',
      })
  for (const key of rules.needs)
    if (keys[key] === undefined) problems.add('', `a study of kind ${kind} needs ${key}`, { hint: WHY[key] })
  checkSources(keys, deployed, rules, kind, problems)
  checkVectorKeys(keys, problems)
  if (keys.importance !== undefined && keys.require === undefined)
    problems.add('/importance', 'importance sampling estimates the yield, which needs a requirement', {
      hint: 'add "require", for instance "nmseDb <= -8"',
    })
  const { firstChip = 0, chips } = keys
  if (chips !== undefined && firstChip + chips > 2 ** 32)
    problems.add('/firstChip', `chips ${firstChip} to ${firstChip + chips - 1}: numbers of chips are below 2^32`)
  if (rules.keys.includes('axes') && keys.axes !== undefined) checkAxes(keys.axes, kind, problems)
}

const WHY: Readonly<Record<OwnKey | 'require', string>> = {
  axes: 'for instance [{"path": "crossbar.wires.wordSegment", "range": ["0.5 ohm", "5 ohm"]}]',
  points: 'for instance 256',
  require: 'for instance "nmseDb <= -8"',
  until: '',
  attributions: '',
  importance: '',
  loosest:
    'for instance {"path": "crossbar.wires.wordSegment", "tight": "0.1 ohm", "loose": "20 ohm", "yield": "99 %"}',
}

function checkSources(keys: StudyKeys, deployed: boolean, rules: KindRules, kind: StudyKind, problems: Problems): void {
  const sources = (['network', 'networks', 'deployment'] as const).filter((key) => keys[key] !== undefined)
  if (deployed || keys.deployment !== undefined) {
    const brings = 'the deployment brings its own'
    for (const key of ['network', 'networks', 'profile', 'calibration'] as const)
      if (keys[key] !== undefined)
        problems.add(`/${key}`, `${key} stands beside a deployment: ${brings}`, {
          part: 'key',
          ...(key === 'profile' ? { hint: 'change single values with "set"' } : {}),
        })
  } else {
    if (sources.length === 0) problems.add('', 'a study needs network, networks or deployment')
    if (keys.profile === undefined)
      problems.add('', 'a study needs profile', { hint: 'the id of a preset (`ohmbit profiles list`), or a file' })
  }
  if (keys.network !== undefined && keys.networks !== undefined)
    problems.add('/networks', 'network and networks exclude one another', { part: 'key' })
  const { networks = [] } = keys
  if (networks.length > 1 && rules.networks === 'one')
    problems.add('/networks', `a study of kind ${kind} takes one network`, { hint: 'make a study of each' })
  for (const [i, name] of networks.entries())
    if (networks.indexOf(name) < i) problems.add(`/networks/${i}`, `${JSON.stringify(name)} is named twice`)
  if (kind === 'grid' && keys.axes === undefined && networks.length < 2)
    problems.add('', 'a grid needs axes, or several networks', { hint: WHY.axes.replace('range', 'values') })
}

function checkVectorKeys(keys: StudyKeys, problems: Problems): void {
  if ((keys.inputs === undefined) !== (keys.truth === undefined))
    problems.add(keys.inputs === undefined ? '/truth' : '/inputs', 'inputs and truth belong together')
  if (keys.inputs !== undefined && keys.samples !== undefined)
    problems.add('/samples', 'samples are drawn from a task; own vectors are all used', {
      hint: 'leave out samples',
      part: 'key',
    })
}

function checkAxes(axes: readonly AxisKeys[], kind: StudyKind, problems: Problems): void {
  const rules = KINDS[kind]
  const seen = new Set<string>()
  let free = 0
  for (const [i, axis] of axes.entries()) {
    const at = `/axes/${i}`
    if (seen.has(axis.path))
      problems.add(`${at}/path`, `${axis.path} is an axis twice`, { hint: 'put all values into one axis' })
    seen.add(axis.path)
    const forms = (['values', 'range', 'expression'] as const).filter((form) => axis[form] !== undefined)
    if (forms.length !== 1) {
      free++
      problems.add(
        at,
        forms.length === 0
          ? `the axis ${axis.path} needs values, range or expression`
          : `${forms.join(' and ')} exclude one another`,
      )
      continue
    }
    const [form] = forms
    if (form !== 'expression') free++
    if (axis.scale !== undefined && form !== 'range')
      problems.add(`${at}/scale`, `scale goes with a range, not with ${form}`, { part: 'key' })
    if (axis.count !== undefined && (form !== 'range' || rules.ranges !== 'counted'))
      problems.add(`${at}/count`, 'count goes with a range in studies of kind grid and ageing', { part: 'key' })
    if (form === 'range' && rules.ranges === 'counted' && axis.count === undefined)
      problems.add(`${at}/range`, `a range in a study of kind ${kind} needs count, the number of values`, {
        hint: 'or list its values; latin-hypercube and sobol sample ranges',
      })
    if (form === 'values' && rules.lists === 'none')
      problems.add(`${at}/values`, `axes of a study of kind ${kind} are ranges`, {
        hint: 'write "range": [low, high]',
      })
  }
  if (free === 0) problems.add('/axes', 'every axis follows from others; none of them adds a point')
  if (kind === 'ageing' && !axes.some(({ path, expression }) => path === AGE && expression === undefined))
    problems.add('/axes', `a study of kind ageing needs the axis ${AGE}`, {
      hint: 'for instance {"path": "environment.timeSinceProgramming", "values": ["1 s", "1 hour", "1 day"]}',
    })
}
