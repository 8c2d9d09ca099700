import { crc32, inflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { dataUrl, png } from '../../../src/report/study/png.ts'

interface Chunk {
  readonly type: string
  readonly content: Buffer
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const file = Buffer.from(bytes)
  expect([...file.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const found: Chunk[] = []
  for (let at = 8; at < file.length; ) {
    const n = file.readUInt32BE(at)
    const body = file.subarray(at + 4, at + 8 + n)
    if (crc32 !== undefined) expect(file.readUInt32BE(at + 8 + n)).toBe(crc32(body))
    found.push({ type: body.subarray(0, 4).toString('latin1'), content: body.subarray(4) })
    at += 12 + n
  }
  return found
}

it.each([
  [1, 1],
  [3, 2],
  [512, 300],
])('%i x %i: zlib reads back every pixel', (columns, rows) => {
  const pixels = Uint8Array.from({ length: columns * rows }, (_, k) => (k * 7) % 3)
  const palette = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ] as const
  const chunks = chunksOf(png(pixels, columns, palette))
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND'])
  const head = chunks[0]!.content
  expect([head.readUInt32BE(0), head.readUInt32BE(4), ...head.subarray(8)]).toEqual([columns, rows, 8, 3, 0, 0, 0])
  expect([...chunks[1]!.content]).toEqual(palette.flat())
  const raw = inflateSync(chunks[2]!.content)
  expect(raw).toHaveLength(rows * (columns + 1))
  for (let r = 0; r < rows; r++) {
    expect(raw[r * (columns + 1)]).toBe(0)
    expect(
      raw
        .subarray(r * (columns + 1) + 1, (r + 1) * (columns + 1))
        .equals(pixels.subarray(r * columns, (r + 1) * columns)),
    ).toBe(true)
  }
})

it.each([0, 1, 2, 3, 4, 100])('an address of %i bytes is base64', (n) => {
  const bytes = Uint8Array.from({ length: n }, (_, k) => (k * 37) % 256)
  expect(dataUrl(bytes)).toBe(`data:image/png;base64,${Buffer.from(bytes).toString('base64')}`)
})
