/** Contents of ROMs and of golden vectors as files of `$readmemh`. */
import { fail } from '../../base/errors.ts'

export interface Memory {
  /** File name, ending in .mem. */
  readonly name: string
  /** What a word is, for the first line. */
  readonly content: string
  readonly bits: number
  /** Two's complement in `bits` bits. */
  readonly words: readonly bigint[]
}

/** Words of whole numbers. @throws RangeError one that does not fit: a mistake of the caller */
export function memory(name: string, content: string, bits: number, values: ArrayLike<number>): Memory {
  const words = Array.from(values, (x) => {
    const word = BigInt(x)
    if (word < -(1n << BigInt(bits - 1)) || word >= 1n << BigInt(bits))
      throw new RangeError(`${name}: ${x} does not fit ${bits} bits`)
    return BigInt.asUintN(bits, word)
  })
  return { name, content, bits, words }
}

/** `lanes` values of `bits` bits in a word, the first lowest. @param values  a multiple of `lanes` */
export function packed(name: string, content: string, bits: number, lanes: number, values: ArrayLike<number>): Memory {
  const single = memory(name, content, bits, values).words
  const words = Array.from({ length: single.length / lanes }, (_, k) => {
    let word = 0n
    for (let p = lanes - 1; p >= 0; p--) word = (word << BigInt(bits)) | single[k * lanes + p]!
    return word
  })
  return { name, content, bits: bits * lanes, words }
}

/** Bytes of all files of one emission. */
const MOST_TEXT = 512 << 20

/** One `//` line, then one word a line. */
export function memoryText({ name, content, bits, words }: Memory, version: string): string {
  const digits = Math.ceil(bits / 4)
  if (words.length * (digits + 1) > MOST_TEXT)
    fail('OHM5004', `${name} would have ${words.length} words of ${bits} bits`, { hint: 'use fewer --vectors' })
  const lines = words.map((word) => word.toString(16).padStart(digits, '0'))
  return `// ${version}: ${content}; ${words.length} words of ${bits} bits\n${lines.join('\n')}\n`
}

/**
 * FNV-1a over the 32-bit parts of words, lowest part first: one changed word always changes it.
 *
 * Source: Fowler, Noll, Vo; offset basis and prime of the 32-bit hash
 */
export function fingerprint(memories: readonly Memory[]): number {
  let hash = 0x811c9dc5
  for (const { bits, words } of memories)
    for (const word of words)
      for (let at = 0; at < bits; at += 32)
        hash = Math.imul(hash ^ Number((word >> BigInt(at)) & 0xffffffffn), 0x01000193)
  return hash >>> 0
}
