import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { parseJsonNetwork } from '../../../src/network/formats/json.ts'
import { type Manifest, parseManifest } from '../../../src/network/formats/manifest.ts'
import { parseNpz } from '../../../src/network/formats/npz.ts'
import { parseQuantizerJson } from '../../../src/network/formats/quantizer-json.ts'
import { formatNpy } from '../../../src/numerics/npy.ts'
import { fixture } from '../../support/fixtures.ts'
import { type ZipFile, zipBytes } from '../../support/zip-writer.ts'

const problemsOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
  throw new Error('accepted')
}

const manifest: Manifest = {
  name: 'small',
  encoderActivations: ['tanh'],
  decoderActivations: ['relu', 'linear'],
  task: null,
  provenance: { train_seed: 3 },
}
const weights: Record<string, unknown> = {
  F2: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  b2: [1, 0, -1],
  W2: [
    [1, 0, 2],
    [0, 1, 0],
  ],
  r2: [0.5, 0.25],
  W3: [[1, 1]],
  r3: [0],
  thresholds: [-0.5, 0.5],
  levels: [-1, 0, 1],
  v: [0.5, 0.5],
  ber: 0.002,
}
const file = (key: string, value: unknown, more: Partial<ZipFile> = {}): ZipFile => {
  const rows = value as number[][] | number[] | number
  const shape = typeof rows === 'number' ? [] : Array.isArray(rows[0]) ? [rows.length, rows[0].length] : [rows.length]
  return { name: `${key}.npy`, content: formatNpy(shape, [rows].flat(2), 'f4'), ...more }
}
const files = (change: Record<string, unknown> = {}, more: Partial<ZipFile> = {}): ZipFile[] =>
  Object.entries({ ...weights, ...change })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => file(key, value, more))
const json = (change: Record<string, unknown> = {}) => JSON.stringify({ ...weights, ...change })

describe('weights under the names of the papers', () => {
  const network = parseJsonNetwork(json(), manifest)

  test('JSON, stored and deflated npz are the same network', () => {
    expect(network.encoder[0]!.weight).toEqual({ rows: 3, cols: 2, data: Float64Array.of(1, 2, 3, 4, 5, 6) })
    expect(network.decoder.map((l) => l.activation)).toEqual(['relu', 'linear'])
    expect(network.quantizer).toEqual({
      thresholds: Float64Array.of(-0.5, 0.5),
      levels: Float64Array.of(-1, 0, 1),
      compare: 'gt',
      levelRule: 'given',
    })
    for (const bytes of [zipBytes(files()), zipBytes(files({}, { deflate: true }), 'a comment')])
      expect(parseNpz(bytes, manifest)).toEqual({ ...network, provenance: { ...network.provenance, format: 'npz' } })
  })

  test('`reproduction` stands for `levels`, and the activations may stand in the JSON itself', () => {
    const text = json({ levels: 3, reproduction: [-1, 0, 1], enc_act: ['tanh'], dec_act: ['relu', 'identity'] })
    const own = parseJsonNetwork(text, null)
    expect(own.quantizer).toEqual(network.quantizer)
    expect(own.decoder).toEqual(network.decoder)
  })

  const wrong: [string, Record<string, unknown>, string, string][] = [
    ['a missing bias', { r2: undefined }, 'OHM1101', 'r2'],
    ['a missing layer', { W2: undefined, r2: undefined }, 'OHM1101', 'W3'],
    ['a bias too many', { r7: [0] }, 'OHM1101', 'r7'],
    ['no thresholds', { thresholds: undefined }, 'OHM1101', 'thresholds'],
    ['no levels', { levels: undefined }, 'OHM1101', 'levels'],
    ['no encoder', { F2: undefined, b2: undefined }, 'OHM1101', 'encoder'],
    ['a weight that is a vector', { F2: [1, 2, 3] }, 'OHM1102', 'F2'],
    [
      'a bias that is a matrix',
      {
        b2: [
          [1, 2],
          [3, 4],
        ],
      },
      'OHM1102',
      'b2',
    ],
    [
      'a transposed weight',
      {
        W2: [
          [1, 0],
          [0, 1],
          [2, 0],
        ],
      },
      'OHM1102',
      'decoder.0.weight',
    ],
    ['falling thresholds', { thresholds: [0.5, -0.5] }, 'OHM1106', 'quantizer.thresholds'],
    ['a level too few', { levels: [0, 1] }, 'OHM1106', 'quantizer'],
  ]
  test.each(wrong)('%s is refused in JSON and npz', (_, change, code, pointer) => {
    for (const run of [
      () => parseJsonNetwork(json(change), manifest),
      () => parseNpz(zipBytes(files(change)), manifest),
    ])
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ code, at: { pointer } }))
  })

  test('several problems are reported at once', () => {
    expect(problemsOf(() => parseJsonNetwork(json({ r2: undefined, thresholds: undefined }), manifest))).toHaveLength(2)
  })

  test('as many activations as layers', () => {
    const short = { ...manifest, decoderActivations: ['linear'] as const }
    expect(problemsOf(() => parseJsonNetwork(json(), short))[0]).toMatchObject({
      code: 'OHM1101',
      at: { pointer: 'dec_act' },
    })
  })

  test('rows of different lengths, words among the numbers, and NaN as Python writes it', () => {
    const first = (text: string) => problemsOf(() => parseJsonNetwork(text, manifest))[0]
    expect(first(json({ F2: [[1, 2], [3]] }))).toMatchObject({ code: 'OHM1102' })
    expect(first(json({ F2: [['a', 2]] }))).toMatchObject({ code: 'OHM1102' })
    expect(first(json({ b2: 'zeros' }))).toMatchObject({ code: 'OHM1102' })
    expect(first(json().replace('[1,0,-1]', '[1, NaN, -1]'))).toMatchObject({
      code: 'OHM1103',
      message: 'b2 holds NaN',
    })
    expect(first(json().replace('[1,0,-1]', '[1, -Infinity]'))).toMatchObject({ message: 'b2 holds -Infinity' })
    expect(first('{"F2": [1], "F2": [2]}')).toMatchObject({ code: 'OHM1005' })
    expect(first('[]')).toMatchObject({ code: 'OHM1005' })
    expect(first(`{"F2": ${'['.repeat(100_000)}`)).toMatchObject({ code: 'OHM1005' })
  })

  test('a file of more than a million characters is read too, and its repeated keys are found', () => {
    const long = `${' '.repeat(1 << 20)}${json()}`
    expect(parseJsonNetwork(long, manifest)).toEqual(network)
    expect(problemsOf(() => parseJsonNetwork(long.replace('"v"', '"F2"'), manifest))[0]).toMatchObject({
      code: 'OHM1005',
      message: 'weights.json: the key "F2" appears twice in one object',
    })
  })
})

describe('hostile archives', () => {
  const first = (bytes: Uint8Array) => problemsOf(() => parseNpz(bytes, manifest))[0]!
  const withF2 = (more: Partial<ZipFile>) => zipBytes([...files({ F2: undefined }), file('F2', weights['F2'], more)])

  test('cut short anywhere', () => {
    const bytes = zipBytes(files({}, { deflate: true }))
    for (let n = 0; n < bytes.length; n++) expect(first(bytes.subarray(0, n)).code).toBe('OHM1004')
  })

  const bomb = new Uint8Array(1 << 26)
  const cases: [string, () => Uint8Array, string][] = [
    ['more bytes than stated', () => withF2({ content: bomb, deflate: true, stated: { size: 1000 } }), 'OHM1004'],
    ['fewer bytes than stated', () => withF2({ deflate: true, stated: { size: 1 << 20 } }), 'OHM1004'],
    ['70 times its own size and more', () => withF2({ content: bomb, deflate: true }), 'OHM1002'],
    ['4 GiB stated', () => withF2({ deflate: true, stated: { size: 0xfffffffe } }), 'OHM1002'],
    ['another CRC', () => withF2({ stated: { crc: 1 } }), 'OHM1004'],
    ['zip64', () => withF2({ stated: { size: 0xffffffff } }), 'OHM1003'],
    ['encryption', () => withF2({ stated: { flags: 1 } }), 'OHM1003'],
    ['another compression', () => withF2({ stated: { method: 14 } }), 'OHM1003'],
    ['a name twice', () => zipBytes([...files(), file('F2', weights['F2'])]), 'OHM1004'],
    ['a PyTorch checkpoint', () => zipBytes([{ name: 'archive/data.pkl', content: new Uint8Array(3) }]), 'OHM1003'],
    ['no arrays at all', () => zipBytes([]), 'OHM1101'],
    [
      'an array of objects',
      () => withF2({ content: new TextEncoder().encode("\x93NUMPY\x01\x00v\x00{'descr': '|O'") }),
      'OHM1004',
    ],
    ['NaN', () => zipBytes(files({ b2: [1, Number.NaN, 0] })), 'OHM1103'],
  ]
  test.each(cases)('%s', (_, bytes, code) => {
    expect(first(bytes()).code).toBe(code)
  })

  test('what is not needed is not unpacked, whatever its name', () => {
    const other = ['../../escape.npy', '/etc/passwd.npy', '__proto__.npy', 'huge.npy'].map(
      (name): ZipFile => ({ name, content: bomb.subarray(0, 1000), stated: { crc: 1 } }),
    )
    expect(parseNpz(zipBytes([...files(), ...other]), manifest).encoder).toHaveLength(1)
  })
})

describe('manifests', () => {
  const read = (name: string) =>
    parseManifest(new Map(Object.entries(JSON.parse(readFileSync(fixture(`networks/${name}/manifest.json`), 'utf8')))))

  test('a detector may count its antennas as n', () => {
    const entries = new Map<string, unknown>([
      ['kind', 'detector'],
      ['n', 12],
      ['nu', 4],
      ['snr_db', [8, 14]],
    ])
    expect(parseManifest(entries).task).toEqual({ kind: 'symbol-detection', antennas: 12, users: 4, snrDb: [8, 14] })
  })

  test('the task may be a text, short or JSON; other texts are notes', () => {
    const task = { kind: 'sparse-recovery', N: 20, M: 10, S: 2, noiseVariance: 1e-4, sensing: 'dct' }
    for (const text of ['sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4', JSON.stringify(task)]) {
      const manifest = parseManifest(new Map([['task', text]]))
      expect(manifest.task).toEqual(task)
      expect(manifest.provenance).toEqual({})
    }
    const titled = parseManifest(new Map([['task', 'compressed sensing, second try']]))
    expect(titled).toMatchObject({ task: null, provenance: { task: 'compressed sensing, second try' } })
    for (const text of ['sparse-recovery:N=20', '{"kind": "sparse-recovery"'])
      expect(problemsOf(() => parseManifest(new Map([['task', text]])))[0]!.code).toBe('OHM1109')
  })

  test('training run and scores are kept as provenance', () => {
    expect(read('vqcs_n20_I4').provenance).toMatchObject({ train_seed: 1, rate_bits: 1 })
  })

  test('parameters that cannot be are refused', () => {
    expect(
      problemsOf(() =>
        parseManifest(
          new Map<string, unknown>([
            ['kind', 'vqcs'],
            ['N', 20],
          ]),
        ),
      )[0],
    ).toMatchObject({
      code: 'OHM1109',
    })
  })

  test('keys that could reach a prototype are left out', () => {
    const entries = new Map<string, unknown>([
      ['__proto__', 'x'],
      ['constructor', 3],
    ])
    expect(parseManifest(entries).provenance).toEqual({})
    expect(Object.getPrototypeOf(parseManifest(entries).provenance)).toBe(Object.prototype)
  })
})

describe('a quantizer in a file of its own', () => {
  test('given, or as training left it', () => {
    expect(parseQuantizerJson('{"thresholds":[0],"reproduction":[-2,2]}')).toEqual({
      thresholds: Float64Array.of(0),
      levels: Float64Array.of(-2, 2),
      compare: 'gt',
      levelRule: 'given',
    })
    const soft = parseQuantizerJson('{"amplitudes":[1,2],"shifts":[0,3],"scale":[1,2],"levelRule":"soft-midpoint"}')
    expect(Array.from(soft.thresholds)).toEqual([0, 1.5])
    expect(soft.levels[1]).toBeCloseTo(Math.tanh(0.75) + 2 * Math.tanh(-1.5), 15)
  })

  const cases: [string, string][] = [
    ['{"thresholds":[0],"levels":[-1]}', 'OHM1106'],
    ['{"thresholds":[1,0],"levels":[-1,0,1]}', 'OHM1106'],
    ['{"thresholds":[0],"levels":[-1,1],"compare":"eq"}', 'OHM1106'],
    ['{"thresholds":[0]}', 'OHM1101'],
    ['{"thresholds":"0","levels":[-1,1]}', 'OHM1101'],
    ['{"thresholds":[0],"levels":[-1,1],"scale":2}', 'OHM1204'],
    ['{"amplitudes":[1],"shifts":[0],"scale":0}', 'OHM1106'],
    ['{"amplitudes":[1],"shifts":[0]}', 'OHM1101'],
    ['{"amplitudes":[1],"shifts":[0],"scale":1,"levelRule":"midpoint"}', 'OHM1106'],
    ['[0]', 'OHM1005'],
    ['', 'OHM1005'],
  ]
  test.each(cases)('%s', (text, code) => {
    expect(problemsOf(() => parseQuantizerJson(text))[0]!.code).toBe(code)
  })
})
