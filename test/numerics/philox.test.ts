import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { philox4x32 } from '../../src/numerics/philox.ts'

const run = (key: readonly number[], counter: readonly number[]) => {
  const out = new Uint32Array(4)
  philox4x32(key[0]!, key[1]!, counter[0]!, counter[1]!, counter[2]!, counter[3]!, out)
  return Array.from(out)
}

/** The definition in whole numbers of any size. */
function definition(key: readonly number[], counter: readonly number[]): number[] {
  const mask = 0xffffffffn
  let [a, b] = key.map(BigInt) as [bigint, bigint]
  let [x0, x1, x2, x3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint]
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * x0
    const p1 = 0xcd9e8d57n * x2
    ;[x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ a, p1 & mask, (p0 >> 32n) ^ x3 ^ b, p0 & mask]
    a = (a + 0x9e3779b9n) & mask
    b = (b + 0xbb67ae85n) & mask
  }
  return [x0, x1, x2, x3].map(Number)
}

describe('Philox4x32-10', () => {
  // kat_vectors of Random123 1.14
  it.each([
    [
      [0, 0],
      [0, 0, 0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('key %j counter %j: the known answer of Random123', (key, counter, answer) => {
    expect(run(key, counter)).toEqual(answer)
  })

  const word = fc.integer({ min: 0, max: 0xffffffff })
  property.prop([fc.tuple(word, word), fc.tuple(word, word, word, word)], { numRuns: 500 })(
    'equals its definition for any key and counter',
    (key, counter) => {
      expect(run(key, counter)).toEqual(definition(key, counter))
    },
  )
})
