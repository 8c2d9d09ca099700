import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { crc32, sha256Hex } from '../../src/base/hash.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

describe('SHA-256', () => {
  it.each([
    // FIPS 180-4 examples
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('%.20s', (text, digest) => {
    expect(sha256Hex(text)).toBe(digest)
    expect(sha256Hex(ascii(text))).toBe(digest)
  })

  property.prop([fc.string({ unit: 'grapheme' })])('a text hashes as its UTF-8 bytes', (text) => {
    expect(sha256Hex(text)).toBe(sha256Hex(ascii(text)))
  })
})

describe('CRC-32', () => {
  it('of "123456789" is cbf43926, of nothing 0', () => {
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926)
    expect(crc32(new Uint8Array())).toBe(0)
  })

  property.prop([fc.uint8Array({ maxLength: 64 })])(
    'is the remainder of the polynomial division, bit by bit',
    (bytes) => {
      let c = 0xffffffff
      for (const byte of bytes)
        for (let bit = 0; bit < 8; bit++) c = ((c ^ (byte >>> bit)) & 1 ? 0xedb88320 : 0) ^ (c >>> 1)
      expect(crc32(bytes)).toBe(~c >>> 0)
    },
  )

  property.prop([fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'sees any change within one byte',
    (bytes, where, change) => {
      const other = bytes.slice()
      other[where % bytes.length]! ^= change
      expect(crc32(other)).not.toBe(crc32(bytes))
    },
  )
})
