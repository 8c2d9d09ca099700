import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { formatSafetensors, parseSafetensors } from '../../../src/network/formats/safetensors.ts'
import { isSafetensors } from '../../../src/network/formats/tensors.ts'
import type { DenseLayer, Network } from '../../../src/network/network.ts'
import { matrix } from '../../../src/numerics/matrix.ts'

const activations = ['tanh', 'relu', 'sigmoid', 'linear'] as const
const real = fc.double({ noNaN: true, noDefaultInfinity: true })

/** Any network, of any depth and width and with any numbers. */
const networks: fc.Arbitrary<Network> = fc
  .record({
    widths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 6 }),
    cut: fc.integer({ min: 1, max: 4 }),
    numbers: fc.oneof(fc.infiniteStream(real), fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true }))),
    words: fc.infiniteStream(fc.constantFrom(...activations)),
    thresholds: fc.uniqueArray(
      real.map((x) => x + 0),
      { minLength: 1, maxLength: 5 },
    ),
    compare: fc.constantFrom('gt' as const, 'ge' as const),
    levelRule: fc.constantFrom('given' as const, 'saturated' as const, 'soft-midpoint' as const),
    name: fc.string(),
    provenance: fc.dictionary(
      fc.string().filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key)),
      fc.oneof(
        fc.string(),
        real.map((x) => x + 0),
      ),
      { maxKeys: 4, noNullPrototype: true },
    ),
  })
  .map(({ widths, cut, numbers, words, thresholds, compare, levelRule, name, provenance }) => {
    const take = (n: number) => Float64Array.from({ length: n }, () => numbers.next().value)
    const layers = widths.slice(1).map(
      (rows, i): DenseLayer => ({
        weight: matrix(rows, widths[i]!, take(rows * widths[i]!)),
        bias: take(rows),
        activation: words.next().value,
      }),
    )
    const at = Math.min(cut, layers.length - 1)
    return {
      name,
      encoder: layers.slice(0, at),
      quantizer: {
        thresholds: Float64Array.from(thresholds).sort(),
        levels: take(thresholds.length + 1),
        compare,
        levelRule,
      },
      decoder: layers.slice(at),
      task: null,
      provenance,
    }
  })

const small: Network = {
  name: 'small',
  encoder: [{ weight: matrix(1, 2, Float64Array.of(1, 2)), bias: Float64Array.of(0), activation: 'tanh' }],
  quantizer: {
    thresholds: Float64Array.of(0),
    levels: Float64Array.of(-1, 1),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [{ weight: matrix(1, 1, Float64Array.of(3)), bias: Float64Array.of(0), activation: 'linear' }],
  task: { kind: 'symbol-detection', antennas: 2, users: 1, snrDb: [1, 2], csiError: 0.2 },
  provenance: { seed: 3, origin: 'here' },
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] } & Record<string, string>>

/** The small network's file with its header changed. */
function changed(edit: (header: Header, meta: Record<string, unknown>) => void, tail = new Uint8Array(0)): Uint8Array {
  const bytes = formatSafetensors(small)
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  const header: Header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  const meta = JSON.parse(header['__metadata__']!['ohmbit']!)
  edit(header, meta)
  if (header['__metadata__'] !== undefined) header['__metadata__']['ohmbit'] = JSON.stringify(meta)
  return container(JSON.stringify(header), [...bytes.subarray(8 + length), ...tail])
}

function container(header: string, data: ArrayLike<number>, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, 8)
  bytes.set(Array.from(data), 8 + text.length)
  return bytes
}

const codeOf = (bytes: Uint8Array) => {
  try {
    parseSafetensors(bytes)
  } catch (error) {
    return error instanceof OhmbitError ? error.code : error
  }
  return 'accepted'
}

describe('the native format', () => {
  property.prop([networks])('reads back exactly, and the same network gives the same bytes', (network) => {
    const bytes = formatSafetensors(network)
    expect(isSafetensors(bytes)).toBe(true)
    const back = parseSafetensors(bytes)
    expect(back).toEqual(network)
    expect(formatSafetensors(back)).toEqual(bytes)
  })

  test('the tensor names and the metadata key are those that are documented', () => {
    const bytes = formatSafetensors(small)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    expect((8 + length) % 8).toBe(0)
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    expect(Object.keys(header)).toEqual([
      '__metadata__',
      'encoder.0.weight',
      'encoder.0.bias',
      'quantizer.thresholds',
      'quantizer.levels',
      'decoder.0.weight',
      'decoder.0.bias',
    ])
    expect(header['encoder.0.weight']).toEqual({ dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] })
    expect(JSON.parse(header.__metadata__.ohmbit)).toEqual({
      format: 'ohmbit/network/1',
      name: 'small',
      activations: { encoder: ['tanh'], decoder: ['linear'] },
      compare: 'gt',
      levelRule: 'given',
      task: small.task,
      provenance: small.provenance,
    })
  })

  test('float64 where any number needs it', () => {
    const third: Network = { ...small, quantizer: { ...small.quantizer, thresholds: Float64Array.of(1 / 3) } }
    const bytes = formatSafetensors(third)
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const { __metadata__, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
    const words = { F32: 4, F64: 8 } as Record<string, number>
    for (const [name, { dtype, data_offsets }] of Object.entries<{ dtype: string; data_offsets: number[] }>(tensors)) {
      expect(dtype).toBe(name === 'quantizer.thresholds' ? 'F64' : 'F32')
      expect(data_offsets[0]! % words[dtype]!).toBe(0)
    }
    expect(parseSafetensors(formatSafetensors(third))).toEqual(third)
  })

  test('a file cut short anywhere is refused', () => {
    const bytes = formatSafetensors(small)
    for (let n = 0; n < bytes.length; n++) expect(codeOf(bytes.subarray(0, n))).toMatch(/^OHM100[245]$/)
  })

  const hostile: [string, () => Uint8Array, string][] = [
    ['a header of 2^63 bytes', () => container('{}', [], 1n << 63n), 'OHM1002'],
    ['a header longer than the file', () => container('{}', [], 100n), 'OHM1004'],
    ['a header that is no JSON', () => container('{"a":', []), 'OHM1005'],
    ['deep nesting', () => container(`{"a":${'['.repeat(100000)}`, []), 'OHM1005'],
    ['a repeated name', () => container('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":1}', []), 'OHM1005'],
    ['a shape of 2^40 x 2^40', () => changed((h) => (h['encoder.0.weight']!.shape = [2 ** 40, 2 ** 40])), 'OHM1004'],
    ['a shape of 2^40 x 0', () => changed((h) => (h['encoder.0.weight']!.shape = [2 ** 40, 0])), 'OHM1004'],
    ['a negative size', () => changed((h) => (h['encoder.0.weight']!.shape = [-1, -2])), 'OHM1004'],
    ['a gap', () => changed((h) => (h['encoder.0.weight']!.data_offsets = [8, 16])), 'OHM1004'],
    ['an overlap', () => changed((h) => (h['encoder.0.bias']!.data_offsets = [4, 8])), 'OHM1004'],
    ['bytes left over', () => changed(() => {}, new Uint8Array(4)), 'OHM1004'],
    ['half precision', () => changed((h) => (h['encoder.0.weight']!.dtype = 'F16')), 'OHM1107'],
    [
      'a missing tensor',
      () =>
        changed((h) => {
          h['x'] = h['encoder.0.bias']!
          delete h['encoder.0.bias']
        }),
      'OHM1101',
    ],
    [
      'no metadata',
      () =>
        changed((h) => {
          delete h['__metadata__']
        }),
      'OHM1101',
    ],
    [
      'another version',
      () =>
        changed((_, m) => {
          m['format'] = 'ohmbit/network/9'
        }),
      'OHM1101',
    ],
    [
      'an unknown activation',
      () =>
        changed((_, m) => {
          m['activations'] = { encoder: ['gelu'], decoder: ['linear'] }
        }),
      'OHM1101',
    ],
    [
      'activations without tensors',
      () =>
        changed((_, m) => {
          m['activations'] = { encoder: ['tanh', 'tanh'], decoder: ['linear'] }
        }),
      'OHM1101',
    ],
    [
      'a task that is none',
      () =>
        changed((_, m) => {
          m['task'] = { kind: 'sparse-recovery', N: 1e9 }
        }),
      'OHM1109',
    ],
    ['a vector as weight', () => changed((h) => (h['encoder.0.weight']!.shape = [2])), 'OHM1102'],
  ]
  test.each(hostile)('%s is refused', (_, bytes, code) => {
    expect(codeOf(bytes())).toBe(code)
  })

  test('NaN is named by tensor and entry', () => {
    const bytes = formatSafetensors(small)
    new DataView(bytes.buffer).setFloat32(bytes.length - 8, Number.NaN, true)
    expect(() => parseSafetensors(bytes)).toThrow('decoder.0.weight holds NaN at entry 0')
  })

  test('keys that could reach a prototype do not', () => {
    const bytes = changed((_, m) => {
      m['provenance'] = JSON.parse('{"seed": 3, "__proto__": {"polluted": 1}}')
    })
    expect(codeOf(bytes)).toBe('OHM1005')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
