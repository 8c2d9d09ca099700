import { deflateRawSync } from 'node:zlib'
import { crc32 } from '../../src/base/hash.ts'

/** One file of an archive, with what a test wants to be wrong about it. */
export interface ZipFile {
  readonly name: string
  readonly content: Uint8Array
  readonly deflate?: boolean
  /** Over what the directory would truly say. */
  readonly stated?: { readonly size?: number; readonly crc?: number; readonly method?: number; readonly flags?: number }
}

/** A zip archive, as numpy.savez and savez_compressed make them. */
export function zipBytes(files: readonly ZipFile[], comment = ''): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, deflate = false, stated = {} } of files) {
    const data = deflate ? deflateRawSync(content) : Buffer.from(content)
    const { size = content.length, crc = crc32(content), method = deflate ? 8 : 0, flags = 0 } = stated
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(flags, 2)
    fields.writeUInt16LE(method, 4)
    fields.writeUInt32LE(crc, 10)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(size, 18)
    fields.writeUInt16LE(name.length, 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    parts.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), data)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, Buffer.from(name))
    offset += 30 + name.length + data.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return new Uint8Array(Buffer.concat([...parts, central, end, Buffer.from(comment)]))
}
