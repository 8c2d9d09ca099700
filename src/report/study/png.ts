/** A picture of few colours as PNG: no compression, so the same bytes on every machine. */

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]
/** Most bytes in a stored block of deflate. */
const BLOCK = 65535

let table: Uint32Array | null = null

/** CRC-32 as PNG uses it. Source: RFC 2083, sec. 15 */
function crc32(bytes: Uint8Array): number {
  if (table === null) {
    table = new Uint32Array(256)
    for (let n = 0; n < 256; n++) {
      let c = n
      for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
      table[n] = c
    }
  }
  let c = 0xffffffff
  for (const byte of bytes) c = table[(c ^ byte) & 255]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

/** Source: RFC 1950, sec. 9 */
function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return ((b << 16) | a) >>> 0
}

const word = (x: number) => [(x >>> 24) & 255, (x >>> 16) & 255, (x >>> 8) & 255, x & 255]

function chunk(type: string, content: readonly number[] | Uint8Array): Uint8Array {
  const body = new Uint8Array(4 + content.length)
  for (let k = 0; k < 4; k++) body[k] = type.charCodeAt(k)
  body.set(content, 4)
  const out = new Uint8Array(body.length + 8)
  out.set(word(content.length))
  out.set(body, 4)
  out.set(word(crc32(body)), body.length + 4)
  return out
}

/** zlib without compression. */
function stored(raw: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(raw.length / BLOCK))
  const out = new Uint8Array(2 + raw.length + 5 * blocks + 4)
  out.set([0x78, 0x01])
  let at = 2
  for (let k = 0; k < blocks; k++) {
    const part = raw.subarray(k * BLOCK, (k + 1) * BLOCK)
    const n = part.length
    out.set([k === blocks - 1 ? 1 : 0, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255], at)
    out.set(part, at + 5)
    at += 5 + n
  }
  out.set(word(adler32(raw)), at)
  return out
}

/**
 * @param pixels   rows x columns, each the number of a colour
 * @param palette  at most 256 colours, red, green and blue of 0 to 255
 */
export function png(
  pixels: Uint8Array,
  columns: number,
  palette: readonly (readonly [number, number, number])[],
): Uint8Array {
  const rows = pixels.length / columns
  const raw = new Uint8Array(pixels.length + rows)
  for (let r = 0; r < rows; r++) raw.set(pixels.subarray(r * columns, (r + 1) * columns), r * (columns + 1) + 1)
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', [...word(columns), ...word(rows), 8, 3, 0, 0, 0]),
    chunk('PLTE', palette.flat()),
    chunk('IDAT', stored(raw)),
    chunk('IEND', []),
  ]
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The picture as an address that holds it. */
export function dataUrl(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let k = 0; k < bytes.length; k += 3) {
    const left = bytes.length - k
    const three = (bytes[k]! << 16) | ((bytes[k + 1] ?? 0) << 8) | (bytes[k + 2] ?? 0)
    parts.push(
      LETTERS[three >> 18]!,
      LETTERS[(three >> 12) & 63]!,
      left > 1 ? LETTERS[(three >> 6) & 63]! : '=',
      left > 2 ? LETTERS[three & 63]! : '=',
    )
  }
  return `data:image/png;base64,${parts.join('')}`
}
