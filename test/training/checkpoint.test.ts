import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { type CheckpointOf, decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpoint.ts'
import type { TrainingState } from '../../src/training/train.ts'

const of: CheckpointOf = { experiment: 'a'.repeat(64), data: '', engine: 'simd', version: '1.2.3' }
const LENGTH = 5
const numbers = fc.float64Array({ minLength: LENGTH, maxLength: LENGTH, noNaN: true })
const count = fc.integer({ min: 0, max: 1e9 })
const candidate = fc.option(
  fc.record({ score: fc.double({ noNaN: true }), run: count, iteration: count, values: numbers }),
)
const snapshot = fc.record({ iteration: count, values: numbers })
const states: fc.Arbitrary<TrainingState> = fc.record({
  run: count,
  iteration: count,
  stale: count,
  values: numbers,
  first: numbers,
  second: numbers,
  best: candidate,
  chosen: candidate,
  hardware: fc.oneof(fc.constant([]), fc.tuple(snapshot, snapshot)),
})
const state: TrainingState = {
  run: 1,
  iteration: 200,
  stale: 3,
  values: Float64Array.of(1, 2, 3, 4, 5),
  first: new Float64Array(5),
  second: new Float64Array(5),
  best: { score: -1.5, run: 1, iteration: 100, values: Float64Array.of(5, 4, 3, 2, 1) },
  chosen: null,
  hardware: [],
}
const codeOf = (bytes: Uint8Array, wanted = of, length = LENGTH) => {
  try {
    decodeCheckpoint(bytes, wanted, length, 'c')
    return null
  } catch (error) {
    if (error instanceof OhmbitError) return error.code
    throw error
  }
}

describe('checkpoint', () => {
  test.prop([states])('comes back to the bit', (given) => {
    expect(decodeCheckpoint(encodeCheckpoint(of, given), of, LENGTH, 'c')).toEqual(given)
  })

  it('with any byte changed, or cut anywhere, is refused', () => {
    const bytes = encodeCheckpoint(of, state)
    expect(codeOf(bytes)).toBe(null)
    for (let k = 0; k < bytes.length; k++) {
      const bad = Uint8Array.from(bytes)
      bad[k]! ^= 1 << (k % 8)
      expect(codeOf(bad)).toBe('OHM7003')
      expect(codeOf(bytes.slice(0, k))).toBe('OHM7003')
    }
    expect(codeOf(new Uint8Array([...bytes, 0]))).toBe('OHM7003')
  })

  it('of another experiment, data, engine, version or size is refused, and says which', () => {
    const bytes = encodeCheckpoint(of, state)
    const others: [Partial<CheckpointOf>, RegExp][] = [
      [{ experiment: 'b'.repeat(64) }, /another experiment/],
      [{ data: 'c'.repeat(64) }, /another set of data/],
      [{ engine: 'relaxed' }, /begun with simd, here is relaxed/],
      [{ version: '1.2.4' }, /version/],
    ]
    for (const [change, message] of others)
      expect(() => decodeCheckpoint(bytes, { ...of, ...change }, LENGTH, 'c')).toThrow(message)
    expect(codeOf(bytes, of, 6)).toBe('OHM7003')
  })
})
