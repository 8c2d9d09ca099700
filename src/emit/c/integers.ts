/** C's integer types, and numbers as their literals. */

export type IntegerType = 'int8_t' | 'int16_t' | 'int32_t' | 'int64_t'
export type StoredType = IntegerType | 'uint8_t' | 'uint16_t'

export const BYTES: Readonly<Record<StoredType, number>> = {
  int8_t: 1,
  uint8_t: 1,
  int16_t: 2,
  uint16_t: 2,
  int32_t: 4,
  int64_t: 8,
}

export interface Span {
  readonly low: number
  readonly high: number
}

/** Whether every number of a span is a word of so many bits. */
export function fitsBits({ low, high }: Span, bits: number): boolean {
  return low >= -(2 ** (bits - 1)) && high < 2 ** (bits - 1)
}

export function spanOf(values: ArrayLike<number>): Span {
  let low = 0
  let high = 0
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!)
    high = Math.max(high, values[i]!)
  }
  return { low, high }
}

/** The narrowest signed type for a span. */
export function integerType(span: Span): IntegerType {
  for (const bits of [8, 16, 32] as const) if (fitsBits(span, bits)) return `int${bits}_t`
  return 'int64_t'
}

/** The type of a sum: 32 bits where it fits, 64 else. Never narrower, as C's arithmetic is not. */
export function sumType(...spans: readonly Span[]): 'int32_t' | 'int64_t' {
  return spans.every((span) => fitsBits(span, 32)) ? 'int32_t' : 'int64_t'
}

/** The type of a code. */
export function codeType(levels: number): 'uint8_t' | 'uint16_t' {
  return levels > 256 ? 'uint16_t' : 'uint8_t'
}

/** A number as a constant of its type, whatever the width of int. @param x  a whole number below 2^53 */
export function literal(x: number, type: StoredType): string {
  // -2147483648 is minus 2147483648, which is no int32_t.
  if (x === -2147483648 && type === 'int32_t') return '(-INT32_C(2147483647) - 1)'
  if (type === 'int64_t') return `INT64_C(${x})`
  return type === 'int32_t' ? `INT32_C(${x})` : `${x}`
}

const WIDTH = 100

/** `static const TYPE NAME[N] = {...};`, lines of at most 100 characters. */
export function constArray(type: StoredType, name: string, values: ArrayLike<number>): string[] {
  const lines: string[] = []
  let line = ' '
  for (let i = 0; i < values.length; i++) {
    // Small constants need no macro: an initializer is converted.
    const x = values[i]!
    const text = Math.abs(x) < 32768 ? ` ${x},` : ` ${literal(x, type)},`
    if (line.length + text.length > WIDTH) {
      lines.push(line)
      line = ' '
    }
    line += text
  }
  return [`static const ${type} ${name}[${values.length}] = {`, ...lines, line, '};', '']
}

/** Little-endian two's complement. @param bytes  1, 2, 4 or 8 */
export function bytesOfWords(values: ArrayLike<number>, bytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * bytes))
  for (let i = 0; i < values.length; i++) {
    const word = BigInt.asUintN(64, BigInt(values[i]!))
    for (let b = 0; b < bytes; b++) view.setUint8(i * bytes + b, Number((word >> BigInt(8 * b)) & 255n))
  }
  return new Uint8Array(view.buffer)
}
