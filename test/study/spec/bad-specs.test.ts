import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OhmbitError, type Problem } from '../../../src/base/errors.ts'
import { readStudy, type StudyOverrides } from '../../../src/study/spec/read.ts'

const base = { format: 'ohmbit/study/1', network: 'model.onnx', profile: 'reram-1t1r', samples: 20 }
const WORD = 'crossbar.wires.wordSegment'
const BIT = 'crossbar.wires.bitSegment'
const AGE = 'environment.timeSinceProgramming'
const ohms = ['0.5 ohm', '5 ohm'] as const
const wire = { path: WORD, values: ['1 ohm', '2 ohm'] }
const wires = { path: WORD, range: ohms }
const grid = (...axes: object[]) => ({ kind: 'grid', axes })
const loosest = { path: WORD, tight: '0.1 ohm', loose: '20 ohm', yield: '99 %' }

let folder: string
let outside: string
beforeAll(async () => {
  const top = await mkdtemp(join(tmpdir(), 'ohmbit-spec-'))
  folder = join(top, 'study')
  outside = join(top, 'outside')
  await cp('examples/vqcs_n20_I4', folder, { recursive: true })
  await cp('examples/vqcs_n20_I4', outside, { recursive: true })
  await mkdir(join(folder, 'empty'))
  await symlink(join(outside, 'model.onnx'), join(folder, 'link.onnx'))
  await symlink(outside, join(folder, 'linked'))
  await writeFile(join(outside, 'p.json'), '{"format": "ohmbit/profile/1"}')
  await writeFile(join(folder, 'bad.json'), '{"format": "ohmbit/profile/1", "devic": {}}')
})
afterAll(() => rm(join(folder, '..'), { recursive: true, force: true }))

async function problemsOf(spec: unknown, overrides: StudyOverrides = {}): Promise<readonly Problem[]> {
  const file = join(folder, 'study.json')
  await writeFile(file, typeof spec === 'string' ? spec : JSON.stringify(spec, null, 1))
  try {
    await readStudy(file, overrides)
    return []
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
}
const short = (problems: readonly Problem[]) => problems.map(({ code, at }) => `${code} ${at?.pointer ?? '-'}`)

/** What is said beside the base, and what is wrong with it: code and pointer of each problem, in order. */
const CASES: readonly (readonly [name: string, rest: object, wrong: readonly string[]])[] = [
  // Keys.
  ['unknown key', { chip: 3 }, ['OHM8001 /chip']],
  [
    'several mistakes at once',
    { chips: 0, seed: -1, smples: 3 },
    ['OHM8001 /chips', 'OHM8001 /seed', 'OHM8001 /smples'],
  ],
  ['unknown kind', { kind: 'montecarlo' }, ['OHM8001 /kind']],
  ['no chips', { chips: 0 }, ['OHM8001 /chips']],
  ['half a chip', { chips: 1.5 }, ['OHM8001 /chips']],
  ['no vectors', { samples: 0 }, ['OHM8001 /samples']],
  ['text for a number', { chips: '100' }, ['OHM8001 /chips']],
  ['control character in the name', { name: 'a\u001b[2J' }, ['OHM8001 /name']],
  ['chips beyond the last number', { firstChip: 2 ** 32 - 1, chips: 2 }, ['OHM8001 /firstChip']],
  // Sources.
  ['no network', { network: undefined }, ['OHM8001 ']],
  ['no profile', { profile: undefined }, ['OHM8001 ']],
  ['neither', { network: undefined, profile: undefined }, ['OHM8001 ', 'OHM8001 ']],
  ['network and networks', { networks: ['model.onnx'] }, ['OHM8001 /networks']],
  ['deployment beside a network', { deployment: 'd' }, ['OHM8001 /network', 'OHM8001 /profile']],
  ['the same network twice', { network: undefined, networks: ['model.onnx', 'model.onnx'] }, ['OHM8001 /networks/1']],
  ['parent folder', { network: '../model.onnx' }, ['OHM8001 /network']],
  ['parent folder inside', { network: 'a/../../model.onnx' }, ['OHM8001 /network']],
  ['absolute path', { network: '/etc/passwd' }, ['OHM8001 /network']],
  ['backslashes', { network: '..\\model.onnx' }, ['OHM8001 /network']],
  ['link out', { network: 'link.onnx' }, ['OHM8001 /network']],
  ['folder that is a link out', { network: 'linked/model.onnx' }, ['OHM8001 /network']],
  ['profile that is a link out', { profile: 'linked/p.json' }, ['OHM8001 /profile']],
  ['profile of a parent folder', { profile: '../p.json' }, ['OHM8001 /profile']],
  ['profile of the root', { profile: '/etc/p.json' }, ['OHM8001 /profile']],
  ['data that is a link out', { samples: undefined, inputs: 'linked/y.npy', truth: 'x.npy' }, ['OHM8001 /inputs']],
  ['no such network', { network: 'none.onnx' }, ['OHM1001 -']],
  ['no such preset', { profile: 'reram-1t2r' }, ['OHM1201 -']],
  ['mistake in the profile', { profile: 'bad.json' }, ['OHM1204 /devic']],
  ['no deployment there', { network: undefined, profile: undefined, deployment: 'empty' }, ['OHM1301 -']],
  ['task that does not fit', { task: { kind: 'sparse-recovery', N: 8, M: 4, S: 1, noiseVariance: 0 } }, ['OHM1109 -']],
  [
    'task of impossible numbers',
    { task: { kind: 'sparse-recovery', N: 8, M: 10, S: 9, noiseVariance: 0 } },
    ['OHM1109 /task', 'OHM1109 /task'],
  ],
  // Vectors and metric.
  ['inputs alone', { samples: undefined, inputs: 'y.npy' }, ['OHM8001 /inputs']],
  ['samples beside inputs', { inputs: 'y.npy', truth: 'x.npy' }, ['OHM8001 /samples']],
  ['inputs and truth exchanged', { samples: undefined, inputs: 'x.npy', truth: 'y.npy' }, ['OHM1110 -']],
  ['unknown metric', { metric: 'snr' }, ['OHM8001 /metric']],
  ['metric of another task', { metric: 'ber' }, ['OHM5003 /metric']],
  // Axes.
  ['unknown path', grid({ ...wire, path: 'crossbar.wires.wordSegmnt' }), ['OHM8001 /axes/0/path']],
  ['a section', grid({ ...wire, path: 'crossbar.wires' }), ['OHM8001 /axes/0/path']],
  ['prototype', grid({ ...wire, path: 'constructor' }), ['OHM8001 /axes/0/path']],
  ['network as an axis', grid({ path: 'network', values: ['a'] }), ['OHM8001 /axes/0/path']],
  ['nothing to vary', grid({ path: WORD }), ['OHM8001 /axes/0']],
  ['values and range', grid({ ...wire, range: ohms }), ['OHM8001 /axes/0']],
  ['no axes', { kind: 'grid' }, ['OHM8001 ']],
  ['empty axes', grid(), ['OHM8001 /axes']],
  ['empty list', grid({ path: WORD, values: [] }), ['OHM8001 /axes/0/values']],
  ['empty list as a text', grid({ path: WORD, values: '[]' }), ['OHM8001 /axes/0/values']],
  ['axis twice', grid(wire, wire), ['OHM8001 /axes/1/path']],
  ['value twice', grid({ path: WORD, values: ['1 ohm', 1] }), ['OHM8001 /axes/0/values']],
  ['wrong unit', grid({ path: WORD, values: ['1 ohm', '1 V'] }), ['OHM1203 /axes/0/values/1']],
  ['wrong unit of an expression', grid({ path: WORD, values: '[1, 2] V' }), ['OHM1203 /axes/0/values']],
  ['no unit in an expression', grid({ path: WORD, values: '[1, 2] * 2' }), ['OHM1203 /axes/0/values']],
  [
    'out of range',
    grid({ path: WORD, values: [-1, 1, '1e15 ohm'] }),
    ['OHM1202 /axes/0/values/0', 'OHM1202 /axes/0/values/2'],
  ],
  ['no whole number', grid({ path: 'adc.dac.bits', values: [4, 4.5] }), ['OHM1202 /axes/0/values/1']],
  ['misspelt word', grid({ path: 'adc.search', values: ['binry'] }), ['OHM1202 /axes/0/values/0']],
  ['misspelt word in a text', grid({ path: 'adc.search', values: 'binary, linr' }), ['OHM1202 /axes/0/values']],
  ['no such function', grid({ path: WORD, values: 'linspace(1, 2, 3)' }), ['OHM8001 /axes/0/values']],
  ['a path among values', grid({ path: WORD, values: `[1, 2] * ${BIT}` }), ['OHM8001 /axes/0/values']],
  ['import', grid({ path: WORD, values: 'import("fs")' }), ['OHM8001 /axes/0/values']],
  ['a long range', grid({ path: WORD, values: '1:1e9' }), ['OHM8001 /axes/0/values']],
  [
    'constructor',
    grid(wire, { path: BIT, expression: 'constructor.constructor("return 1")()' }),
    ['OHM8001 /axes/1/expression'],
  ],
  ['assignment', grid(wire, { path: BIT, expression: `${WORD} = 3` }), ['OHM8001 /axes/1/expression']],
  ['ohm + V', grid(wire, { path: BIT, expression: `${WORD} + 1 V` }), ['OHM1203 /axes/1/expression']],
  [
    'derived of another kind',
    grid(wire, { path: 'adc.fullScale', expression: `2 * ${WORD}` }),
    ['OHM1203 /axes/1/expression'],
  ],
  ['derived out of range', grid(wire, { path: BIT, expression: `${WORD} - 1.5 ohm` }), ['OHM1202 /axes/1/expression']],
  [
    'derived no whole number',
    grid(wire, { path: 'adc.dac.bits', expression: `2.25 * ${WORD} / ohm` }),
    ['OHM1202 /axes/1/expression'],
  ],
  ['derived list', grid(wire, { path: BIT, expression: `[1, 2] * ${WORD}` }), ['OHM1202 /axes/1/expression']],
  [
    'division by zero',
    grid({ path: WORD, values: [0, 1] }, { path: BIT, expression: `1 ohm^2 / ${WORD}` }),
    ['OHM8001 /axes/1/expression'],
  ],
  ['from itself', grid(wire, { path: BIT, expression: `2 * ${BIT}` }), ['OHM8001 /axes/1/expression']],
  [
    'in a circle',
    grid(wire, { path: BIT, expression: 'crossbar.wires.driver' }, { path: 'crossbar.wires.driver', expression: BIT }),
    ['OHM8001 /axes/1/expression', 'OHM8001 /axes/2/expression'],
  ],
  ['a word derived', grid(wire, { path: 'adc.search', expression: '1' }), ['OHM8001 /axes/1/path']],
  ['derived alone', grid({ path: BIT, expression: `2 * ${WORD}` }), ['OHM8001 /axes']],
  ['range in a grid', grid(wires), ['OHM8001 /axes/0/range']],
  ['count of a list', grid({ ...wire, count: 3 }), ['OHM8001 /axes/0/count']],
  ['scale of a list', grid({ ...wire, scale: 'linear' }), ['OHM8001 /axes/0/scale']],
  ['count that gives halves', grid({ path: 'adc.dac.bits', range: [4, 7], count: 3 }), ['OHM8001 /axes/0/count']],
  ['contradiction at a point', grid({ path: 'device.conductanceMin', values: ['1 uS', '1 mS'] }), ['OHM1205 /axes/0']],
  // Ranges.
  ['low = high', { kind: 'sobol', points: 8, axes: [{ path: WORD, range: [1, 1] }] }, ['OHM8001 /axes/0/range']],
  ['low > high', { kind: 'sobol', points: 8, axes: [{ path: WORD, range: [2, 1] }] }, ['OHM8001 /axes/0/range']],
  ['one end', { kind: 'sobol', points: 8, axes: [{ path: WORD, range: [2] }] }, ['OHM8001 /axes/0/range']],
  [
    'end of another kind',
    { kind: 'sobol', points: 8, axes: [{ path: WORD, range: [1, '2 V'] }] },
    ['OHM1203 /axes/0/range/1'],
  ],
  [
    'end out of range',
    { kind: 'sobol', points: 8, axes: [{ path: WORD, range: [-1, 2] }] },
    ['OHM1202 /axes/0/range/0'],
  ],
  [
    'logarithm of zero',
    { kind: 'sobol', points: 8, axes: [{ path: WORD, range: [0, 2], scale: 'logarithmic' }] },
    ['OHM8001 /axes/0/range/0'],
  ],
  ['unknown scale', { kind: 'sobol', points: 8, axes: [{ ...wires, scale: 'log' }] }, ['OHM8001 /axes/0/scale']],
  [
    'range of whole numbers',
    { kind: 'sobol', points: 8, axes: [{ path: 'adc.dac.bits', range: [4, 8] }] },
    ['OHM8001 /axes/0/range'],
  ],
  [
    'range of words',
    { kind: 'sobol', points: 8, axes: [{ path: 'adc.search', range: [1, 2] }] },
    ['OHM8001 /axes/0/path'],
  ],
  ['no points', { kind: 'latin-hypercube', axes: [wires] }, ['OHM8001 ']],
  ['indices of a list', { kind: 'sobol-indices', points: 8, axes: [wire] }, ['OHM8001 /axes/0/values']],
  [
    'corners of three values',
    { kind: 'corners', axes: [{ path: WORD, values: [1, 2, 3] }] },
    ['OHM8001 /axes/0/values'],
  ],
  // Kinds.
  ['axes of a monte-carlo', { kind: 'monte-carlo', axes: [wire] }, ['OHM8001 /axes']],
  ['points of a grid', { ...grid(wire), points: 3 }, ['OHM8001 /points']],
  ['attributions of a grid', { ...grid(wire), attributions: ['shapley'] }, ['OHM8001 /attributions']],
  ['loosest of a monte-carlo', { loosest, require: 'nmseDb <= -8' }, ['OHM8001 /loosest']],
  ['until of a sample', { kind: 'sobol', points: 8, axes: [wires], until: 'mean +- 0.1' }, ['OHM8001 /until']],
  [
    'importance of a grid',
    { ...grid(wire), require: 'nmseDb <= -8', importance: { path: 'adc.thresholdSigma', scale: 2 } },
    ['OHM8001 /importance'],
  ],
  ['ageing without ages', { kind: 'ageing', axes: [wire] }, ['OHM8001 /axes']],
  [
    'ages that do not ascend',
    { kind: 'ageing', axes: [{ path: AGE, values: ['1 hour', '1 s'] }] },
    ['OHM8001 /axes/0/values'],
  ],
  ['unknown attribution', { kind: 'sensitivity', attributions: ['sharply'] }, ['OHM8001 /attributions/0']],
  [
    'several networks of a sensitivity',
    { kind: 'sensitivity', network: undefined, networks: ['a.onnx', 'b.onnx'] },
    ['OHM8001 /networks'],
  ],
  ['no imperfection', { kind: 'sensitivity', profile: 'ideal' }, ['OHM8001 /profile']],
  // Goals.
  ['requirement that is none', { require: 'nmseDb < -8' }, ['OHM8001 /require']],
  ['requirement on an unknown metric', { require: 'snrDb <= 8' }, ['OHM8001 /require']],
  ['requirement on another metric', { require: 'ber <= 0.1' }, ['OHM8001 /require']],
  ['until without requirement', { until: 'yield +- 1 %' }, ['OHM8001 /until']],
  ['until that is none', { until: 'soon' }, ['OHM8001 /until']],
  ['until of 0', { until: 'mean +- 0' }, ['OHM8001 /until']],
  ['until of half', { require: 'nmseDb <= -8', until: 'yield +- 50 %' }, ['OHM8001 /until']],
  ['until in another unit', { require: 'nmseDb <= -8', until: 'yield +- 1 dB' }, ['OHM8001 /until']],
  ['median in percent', { until: 'median +- 1 %' }, ['OHM8001 /until']],
  ['decibels of an mse', { metric: 'mse', until: 'median +- 1 dB' }, ['OHM8001 /until']],
  ['importance without requirement', { importance: { path: 'adc.thresholdSigma', scale: 2 } }, ['OHM8001 /importance']],
  [
    'importance of no spread',
    { require: 'nmseDb <= -8', importance: { path: WORD, scale: 2 } },
    ['OHM8001 /importance/path'],
  ],
  [
    'importance of a spread of 0',
    {
      require: 'nmseDb <= -8',
      importance: { path: 'adc.comparator.offsetSigma', scale: 2 },
      set: { 'adc.comparator.offsetSigma': 0 },
    },
    ['OHM8001 /importance/path'],
  ],
  [
    'importance that narrows',
    { require: 'nmseDb <= -8', importance: { path: 'adc.thresholdSigma', scale: 1 } },
    ['OHM8001 /importance/scale'],
  ],
  [
    'median with importance',
    { require: 'nmseDb <= -8', until: 'median +- 0.1', importance: { path: 'adc.comparator.offsetSigma', scale: 2 } },
    ['OHM8001 /until'],
  ],
  ['loosest without anything', { kind: 'loosest' }, ['OHM8001 ', 'OHM8001 ']],
  ['loosest without a requirement', { kind: 'loosest', loosest }, ['OHM8001 ']],
  [
    'loosest of a word',
    { kind: 'loosest', require: 'nmseDb <= -8', loosest: { ...loosest, path: 'adc.search' } },
    ['OHM8001 /loosest/path'],
  ],
  [
    'loosest of one value',
    { kind: 'loosest', require: 'nmseDb <= -8', loosest: { ...loosest, loose: 0.1 } },
    ['OHM8001 /loosest'],
  ],
  [
    'loosest of another kind',
    { kind: 'loosest', require: 'nmseDb <= -8', loosest: { ...loosest, loose: '1 V' } },
    ['OHM1203 /loosest/loose'],
  ],
  [
    'loosest of all chips',
    { kind: 'loosest', require: 'nmseDb <= -8', loosest: { ...loosest, yield: 1 } },
    ['OHM8001 /loosest/yield'],
  ],
  [
    'loosest of a logarithm',
    { kind: 'loosest', require: 'nmseDb <= -8', loosest: { ...loosest, tight: 0, scale: 'logarithmic' } },
    ['OHM8001 /loosest/scale'],
  ],
  // Changes.
  ['unknown path set', { set: { 'adc.dac.bit': 4 } }, ['OHM8001 /set/adc.dac.bit']],
  ['set beyond its range', { set: { 'adc.dac.bits': 99 } }, ['OHM1202 /set/adc.dac.bits']],
  ['set of another kind', { set: { [WORD]: '1 V' } }, [`OHM1203 /set/${WORD}`]],
  ['set that contradicts', { set: { 'device.conductanceMin': '1 mS' } }, ['OHM1205 /set/device.conductanceMin']],
  ['set and axis', { ...grid(wire), set: { [WORD]: 1 } }, [`OHM8001 /set/${WORD}`]],
  [
    'set and looked for',
    { kind: 'loosest', require: 'nmseDb <= -8', loosest, set: { [WORD]: 1 } },
    [`OHM8001 /set/${WORD}`],
  ],
  // Size.
  [
    '1e12 points',
    grid(...[WORD, BIT, 'crossbar.wires.driver'].map((path) => ({ path, range: [1, 2], count: 10000 }))),
    ['OHM8004 /axes'],
  ],
  ['corners of 31 axes and points', { kind: 'sobol-indices', points: 100_000, axes: [wires] }, ['OHM8004 /axes']],
  ['too many rows', { ...grid({ path: WORD, range: [1, 2], count: 10000 }), chips: 200_000 }, ['OHM8004 /chips']],
]

describe('bad studies are refused before anything runs', () => {
  for (const [name, rest, wrong] of CASES)
    it(name, async () => {
      const problems = await problemsOf({ ...base, ...rest })
      expect(short(problems)).toEqual(wrong)
      for (const { code, at, hint, message } of problems) {
        expect(message.length).toBeGreaterThan(10)
        if (code.startsWith('OHM80')) expect(at?.line, message).toBeGreaterThan(0)
        if (code === 'OHM8004' || /path$/.test(at?.pointer ?? '')) expect(hint, message).toBeTruthy()
      }
    })

  it('the base itself is good', async () => expect(await problemsOf(base)).toEqual([]))

  it('says the line, and which path was meant', async () => {
    const [problem] = await problemsOf({ ...base, axes: [{ path: 'crossbar.wires.wordSegmnt', values: [1] }] })
    expect(problem!.at).toMatchObject({ line: 8, pointer: '/axes/0/path' })
    expect(problem!.hint).toBe('did you mean crossbar.wires.wordSegment?')
    const [other] = await problemsOf({ ...base, axes: [{ path: 'wordSegment', values: [1] }] })
    expect(other!.hint).toBe('did you mean crossbar.wires.wordSegment?')
  })

  it('a derived value that does not fit names its point', async () => {
    const [problem] = await problemsOf({
      ...base,
      ...grid({ path: WORD, values: '[1, 2, 3] ohm' }, { path: BIT, expression: `5 ohm - 2 * ${WORD}` }),
    })
    expect(problem!.message).toMatch(/not -1 ohm at point 2 \(crossbar.wires.wordSegment = 3 ohm\)$/)
  })

  it('1e12 points are counted, not made', async () => {
    const [problem] = await problemsOf({
      ...base,
      ...grid(...[WORD, BIT, 'crossbar.wires.driver'].map((path) => ({ path, range: [1, 2], count: 10000 }))),
    })
    expect(problem!.message).toContain('1000000000000 points')
  })

  it('text that is no study', async () => {
    expect(short(await problemsOf('{'))).toEqual(['OHM1005 -'])
    expect(short(await problemsOf('[]'))).toEqual(['OHM8001 '])
    expect(short(await problemsOf('{}'))).toEqual(['OHM8001 /format'])
    expect(short(await problemsOf({ ...base, format: 'ohmbit/experiment/1', levels: 4 }))).toEqual(['OHM8001 /format'])
    expect(short(await problemsOf(`{"__proto__": {"chips": 3}, ${JSON.stringify(base).slice(1)}`))).toEqual([
      'OHM1005 /__proto__',
    ])
    expect(short(await problemsOf(JSON.stringify({ ...base, name: 'x'.repeat(5 << 20) })))).toEqual(['OHM1002 -'])
    expect(short(await problemsOf(JSON.stringify({ ...base, set: [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]] })))).toEqual([
      'OHM1005 -',
    ])
  })

  it('what the command line says wrongly has no line', async () => {
    const [problem] = await problemsOf(base, { chips: -1 })
    expect(problem).toMatchObject({ code: 'OHM8001', at: { pointer: '/chips' } })
    expect(problem!.at!.line).toBeUndefined()
    expect(short(await problemsOf(base, { require: 'ber <= 1' }))).toEqual(['OHM8001 /require'])
    expect(short(await problemsOf(base, { until: 'yield +- 1 %' }))).toEqual(['OHM8001 /until'])
    expect(short(await problemsOf(base, { set: ['adc.dac.bit=4', WORD] }))).toEqual(['OHM1204 -', 'OHM9001 -'])
    expect(short(await problemsOf({ ...base, ...grid(wire) }, { set: [`${WORD}=4`] }))).toEqual(['OHM8001 /axes/0'])
    expect(short(await problemsOf(base, { inputs: 'y.npy', samples: 3 }))).toEqual(['OHM9001 -'])
    expect(short(await problemsOf(base, { chps: 3 } as StudyOverrides))).toEqual(['OHM1204 -'])
  })
})
