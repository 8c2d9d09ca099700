import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { beforeAll, describe, expect, it } from 'vitest'
import { COUNTERS } from '../../../src/study/store/columns.ts'
import { formatShard, parseShard, shardName } from '../../../src/study/store/shard-file.ts'
import type { Row, Shard, Study } from '../../../src/study/study.ts'
import { gridStudy } from '../../support/study.ts'

const OWNER = 'a'.repeat(64)
let study: Study
beforeAll(async () => {
  study = await gridStudy()
})

const shard: Shard = { point: 1, firstChip: 40, chips: 3 }
const rowsFor = (values: readonly number[]): Row[] =>
  values.map((value, r) => ({
    point: 1,
    chip: 40 + r,
    value,
    codeErrors: 7 * r,
    weight: 1 + r / 3,
    mechanisms: 2 ** 10 + r,
    counters: r === 1 ? { adcClipped: 3, squaredErrorAfterRepair: 0.25 } : {},
  }))
const written = (rows: readonly Row[] = rowsFor([-3.5, -4.25, 0.1]), of: Shard = shard) =>
  formatShard(study, OWNER, study.points[of.point]!, of, rows, '1.2.3')

describe('shards as Parquet', () => {
  it('rows come back as they were, any doubles in them', () => {
    const doubles = fc.array(fc.double(), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(doubles, (values) => {
        const rows = rowsFor(values)
        expect(parseShard(study, OWNER, shard, written(rows))).toEqual(rows)
      }),
    )
    const far: Shard = { point: 1, firstChip: 2 ** 32 - 2, chips: 2 }
    const rows = rowsFor([1, 2]).map((row, r) => ({ ...row, chip: far.firstChip + r, codeErrors: 2 ** 40 }))
    expect(parseShard(study, OWNER, far, written(rows, far))).toEqual(rows)
  })

  it('the same rows are the same bytes', () => {
    expect(Buffer.from(written()).equals(written())).toBe(true)
  })

  it('another reader sees a table with a column for each axis, the metric and each counter', async () => {
    const bytes = written()
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    const table = await parquetReadObjects({ file })
    expect(Object.keys(table[0]!)).toEqual([
      ...['point', 'chip', 'network', 'device.programming.sigma', 'crossbar.scaling', 'nmseDb', 'codeErrors', 'weight'],
      ...['mechanisms', ...COUNTERS],
    ])
    expect(table[1]).toMatchObject({
      ...{ point: 1, chip: 41n, network: 'vqcs_n7_K10_1bit', 'device.programming.sigma': 0.02 },
      ...{ 'crossbar.scaling': 'percentile', nmseDb: -4.25, codeErrors: 7n, adcClipped: 3, metastable: 0 },
    })
  })

  it('a flipped byte at any place is found, and so is any cut', () => {
    const bytes = written()
    for (let at = 0; at < bytes.length; at++) {
      const bad = bytes.slice()
      bad[at]! ^= 1 << (at % 8)
      expect(parseShard(study, OWNER, shard, bad), `byte ${at}`).toBeNull()
      expect(parseShard(study, OWNER, shard, bytes.subarray(0, at)), `cut at ${at}`).toBeNull()
    }
    expect(parseShard(study, OWNER, shard, Buffer.concat([bytes, Buffer.from([0])]))).toBeNull()
  })

  it('a shard of another study, of other chips or of another table is none of this one', async () => {
    const bytes = written()
    expect(parseShard(study, 'b'.repeat(64), shard, bytes)).toBeNull()
    expect(parseShard(study, OWNER, { ...shard, firstChip: 41 }, bytes)).toBeNull()
    expect(parseShard(study, OWNER, { ...shard, point: 2 }, bytes)).toBeNull()
    expect(parseShard({ ...study, metric: 'mse' }, OWNER, shard, bytes)).toBeNull()
    expect(parseShard({ ...study, axes: [] }, OWNER, shard, bytes)).toBeNull()
  })

  it('files made to do harm, with a right digest, give rows of this shard or nothing', () => {
    const bytes = written()
    const footer = bytes.length - new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 8, true) - 8
    const mark = Buffer.from('ohmbit.sha256')
    const sign = (file: Uint8Array) => {
      const at = Buffer.from(file).lastIndexOf(mark)
      if (at < 0 || at + 79 > file.length) return file
      file.fill(0x30, at + 15, at + 79)
      file.set(new TextEncoder().encode(createHash('sha256').update(file).digest('hex')), at + 15)
      return file
    }
    expect(parseShard(study, OWNER, shard, sign(bytes.slice()))).toEqual(rowsFor([-3.5, -4.25, 0.1]))
    const change = fc.tuple(fc.integer({ min: footer - 40, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }))
    let read = 0
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bad = bytes.slice()
        for (const [at, byte] of changes) bad[at] = byte
        const rows = parseShard(study, OWNER, shard, sign(bad))
        if (rows === null) return
        read++
        expect(rows.map(({ point, chip }) => [point, chip])).toEqual([1, 1, 1].map((p, r) => [p, 40 + r]))
      }),
      { numRuns: 3000 },
    )
    // The digest is right: these files are parsed, not only hashed.
    expect(read).toBeGreaterThan(0)
    const endless = sign(
      Buffer.concat([bytes.subarray(0, footer), Buffer.alloc(1 << 20, 0xff), bytes.subarray(footer)]),
    )
    expect(parseShard(study, OWNER, shard, endless)).not.toBeUndefined()
  })

  it('names sort by point and chip', () => {
    expect(shardName({ point: 12, firstChip: 50, chips: 25 })).toBe('p00012-c0000050-n25.parquet')
  })
})
