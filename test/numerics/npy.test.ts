import { readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { formatNpy, parseNpy } from '../../src/numerics/npy.ts'

const fixture = (path: string) => new Uint8Array(readFileSync(new URL(`../fixtures/networks/${path}`, import.meta.url)))

/** A .npy file with any header text. */
function raw(header: string, payload: ArrayLike<number>, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header)
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0]
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...text,
    ...Array.from(payload),
  ])
}
const bytesOf = (array: { buffer: ArrayBufferLike }) => new Uint8Array(array.buffer)
const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof OhmbitError ? error.code : error
  }
  return 'accepted'
}

describe('.npy', () => {
  test.each(['vqcs_n20_I4/test_y.npy', 'det_R1_shq_snr12/ref_xhat.npy', 'chanest_M4/test_x.npy'])(
    'numpy.save wrote %s and so do we, byte for byte',
    (path) => {
      const bytes = fixture(path)
      const { shape, data } = parseNpy(bytes, path)
      expect(Buffer.compare(formatNpy(shape, data, 'f4'), bytes)).toBe(0)
    },
  )

  property.prop([fc.array(fc.double(), { maxLength: 40 }), fc.integer({ min: 1, max: 4 })])(
    'f8 is exact for every double',
    (values, cols) => {
      const rows = Math.floor(values.length / cols)
      const data = Float64Array.from(values.slice(0, rows * cols))
      expect(parseNpy(formatNpy([rows, cols], data, 'f8'), 'x')).toEqual({ shape: [rows, cols], data })
    },
  )

  test('headers of every version, key order, quote and Python 2 long', () => {
    const one = bytesOf(new Float32Array([1.5, -2]))
    for (const [header, version] of [
      ["{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 1],
      ["{'shape': (2L,), 'fortran_order': False, 'descr': '<f4'}", 2],
      ['{"descr": "<f4", "fortran_order": True, "shape": (1, 2)}', 3],
    ] as const)
      expect(Array.from(parseNpy(raw(header, one, version), 'x').data)).toEqual([1.5, -2])
  })

  test('Fortran order comes out in C order', () => {
    const header = (shape: string) => `{'descr': '<f4', 'fortran_order': True, 'shape': ${shape}}`
    const read = (shape: string, values: number[]) =>
      Array.from(parseNpy(raw(header(shape), bytesOf(Float32Array.from(values))), 'x').data)
    expect(read('(2, 3)', [1, 4, 2, 5, 3, 6])).toEqual([1, 2, 3, 4, 5, 6])
    // x[i, j, k] = 100 i + 10 j + k
    expect(read('(2, 2, 2)', [0, 100, 10, 110, 1, 101, 11, 111])).toEqual([0, 1, 10, 11, 100, 101, 110, 111])
  })

  test('labels may be integers or booleans', () => {
    const read = (descr: string, payload: ArrayLike<number>, n: number) =>
      Array.from(
        parseNpy(raw(`{'descr': '${descr}', 'fortran_order': False, 'shape': (${n},)}`, payload), 'labels').data,
      )
    expect(read('|i1', [255, 127], 2)).toEqual([-1, 127])
    expect(read('|b1', [0, 1], 2)).toEqual([0, 1])
    expect(read('<i2', bytesOf(new Int16Array([-300, 7])), 2)).toEqual([-300, 7])
    expect(read('<u4', bytesOf(new Uint32Array([4294967295])), 1)).toEqual([4294967295])
    expect(read('<i8', bytesOf(new BigInt64Array([-9007199254740991n])), 1)).toEqual([-9007199254740991])
    expect(() => read('<i8', bytesOf(new BigInt64Array([1n, 1n << 53n])), 2)).toThrow(/beyond 2\^53 at entry 1/)
  })

  test('data types that are not read are named', () => {
    const bad = (descr: string, order: string, shape: string) =>
      codeOf(() => parseNpy(raw(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}}`, [0, 0]), 'x'))
    expect(bad("'<f2'", 'False', '(1,)')).toBe('OHM1107')
    expect(bad("'>f4'", 'False', '(1,)')).toBe('OHM1107')
    expect(bad("'|O'", 'False', '(1,)')).toBe('OHM1107')
    expect(bad("[('a', '<f4')]", 'False', '(1,)')).toBe('OHM1107')
  })

  test('a header is data, never code, and sizes are believed only if the bytes are there', () => {
    const header = (shape: string) => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}}`
    for (const shape of ['(1099511627776, 1099511627776)', '(1099511627776,)', '(3,)', '(99999999999999999999,)', '()'])
      expect(codeOf(() => parseNpy(raw(header(shape), new Uint8Array(8)), 'x'))).toBe('OHM1004')
    for (const text of [
      '',
      '{',
      '{}',
      "__import__('os')",
      header('(2,)').replace('(2,)', '(-2,)'),
      `${header('(2,)')};`,
    ])
      expect(codeOf(() => parseNpy(raw(text, new Uint8Array(8)), 'x'))).toBe('OHM1004')
  })

  test('cut short anywhere', () => {
    const bytes = formatNpy([3, 2], [1, 2, 3, 4, 5, 6], 'f8')
    for (let n = 0; n < bytes.length; n++) expect(codeOf(() => parseNpy(bytes.subarray(0, n), 'x'))).toBe('OHM1004')
  })
})
