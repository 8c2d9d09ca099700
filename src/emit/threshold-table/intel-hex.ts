/** Intel HEX as programmers of flash and EEPROM read it. Source: Intel, Hexadecimal Object File Format, revision A, 1988. */

const RECORD_BYTES = 16
const SEGMENT = 1 << 16
const DATA = 0
const END = 1
const LINEAR_ADDRESS = 4

/**
 * Bytes from address 0: records of 16 bytes, a linear address record at each multiple of 64 KiB above 0, the end record.
 */
export function renderIntelHex(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    if (at > 0 && at % SEGMENT === 0) lines.push(record(0, LINEAR_ADDRESS, [at >>> 24, (at >>> 16) & 255]))
    lines.push(record(at % SEGMENT, DATA, bytes.subarray(at, at + RECORD_BYTES)))
  }
  lines.push(record(0, END, []), '')
  return lines.join('\n')
}

function record(address: number, type: number, data: ArrayLike<number>): string {
  const bytes = [data.length, address >>> 8, address & 255, type, ...Array.from(data)]
  const sum = bytes.reduce((a, b) => a + b, 0)
  return `:${[...bytes, -sum & 255].map((b) => b.toString(16).padStart(2, '0')).join('')}`.toUpperCase()
}

/** A record that cannot be read, by its line. */
export interface HexProblem {
  readonly problem: string
  readonly line: number
}

/**
 * Data of records that follow each other from address 0, line ends of any kind.
 *
 * @returns the bytes, or the first line that is no record, has a wrong sum, leaves a gap or stands behind the end
 */
export function readIntelHex(text: string): Uint8Array | HexProblem {
  const lines = text.split(/\r?\n/)
  const data: number[] = []
  let base = 0
  let ended = false
  for (const [i, line] of lines.entries()) {
    const wrong = (problem: string): HexProblem => ({ problem, line: i + 1 })
    if (line === '' && i === lines.length - 1) break
    if (ended) return wrong('something stands behind the end record')
    if (!/^:([0-9a-fA-F]{2}){5,260}$/.test(line)) return wrong('it is no record')
    const bytes = Array.from({ length: (line.length - 1) / 2 }, (_, k) =>
      Number.parseInt(line.slice(1 + 2 * k, 3 + 2 * k), 16),
    )
    const [count, high, low, type] = bytes as [number, number, number, number]
    const content = bytes.slice(4, -1)
    if (count !== content.length) return wrong(`it says ${count} bytes and has ${content.length}`)
    if (bytes.reduce((a, b) => a + b, 0) % 256 !== 0) return wrong('its sum is wrong')
    if (type === END) ended = true
    else if (type === LINEAR_ADDRESS && count === 2) base = (content[0]! * 256 + content[1]!) * SEGMENT
    else if (type !== DATA) return wrong(`records of type ${type} do not occur in a table`)
    else if (base + 256 * high + low !== data.length) return wrong('its address does not follow the record before')
    else for (const byte of content) data.push(byte)
  }
  return ended ? Uint8Array.from(data) : { problem: 'the end record is missing', line: lines.length }
}
