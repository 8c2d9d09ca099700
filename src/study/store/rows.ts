/** Where the rows of a study are kept: in memory, or as shards of a folder. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '../../base/files.ts'
import type { Point, Row, Shard } from '../study.ts'
import type { StudyOnDisk } from './read-study-file.ts'
import { formatShard, MAX_SHARD_BYTES, parseShard, SHARD_NAME, shardName } from './shard-file.ts'

export interface RowStore {
  /** Rows of a shard in chip order; null where there are none, or not as they were written. */
  read(shard: Shard): readonly Row[] | null
  write(shard: Shard, point: Point, rows: readonly Row[]): Promise<void>
  /** Files that were there and were not as written. */
  readonly damaged: ReadonlySet<string>
}

export function memoryRows(): RowStore {
  const shards = new Map<string, readonly Row[]>()
  return {
    read: (shard) => shards.get(shardName(shard)) ?? null,
    write: async (shard, _point, rows) => {
      shards.set(shardName(shard), rows)
    },
    damaged: new Set(),
  }
}

const SHARDS = 'shards'

/** Rows kept at hand, so that a point that is looked at again is not read again. */
const KEPT_ROWS = 2000

/** Shards of a study's folder. Of all rows, only the last few thousand that were read are in memory. */
export function folderRows(folder: string, { study, hash, version }: StudyOnDisk): RowStore {
  const damaged = new Set<string>()
  const kept = new Map<string, readonly Row[]>()
  let count = 0
  const keep = (name: string, rows: readonly Row[]) => {
    kept.set(name, rows)
    count += rows.length
    for (const [oldest, { length }] of kept) {
      if (count <= KEPT_ROWS) break
      kept.delete(oldest)
      count -= length
    }
    return rows
  }
  return {
    damaged,
    read(shard) {
      const name = shardName(shard)
      const known = kept.get(name)
      if (known !== undefined) return known
      const path = join(folder, SHARDS, name)
      if (!existsSync(path)) return null
      const rows = parseShard(study, hash, shard, readShard(path))
      if (rows === null) {
        damaged.add(name)
        return null
      }
      return keep(name, rows)
    },
    async write(shard, point, rows) {
      await writeAtomic(join(folder, SHARDS, shardName(shard)), formatShard(study, hash, point, shard, rows, version))
    },
  }
}

/** Bytes of a shard; none where they cannot be read, or are too many. */
function readShard(path: string): Uint8Array {
  try {
    const info = statSync(path)
    return info.isFile() && info.size <= MAX_SHARD_BYTES ? readFileSync(path) : new Uint8Array()
  } catch {
    return new Uint8Array()
  }
}

/** Remove shards that the finished study does not have, and what interrupted writing left behind. */
export async function tidyFolder(folder: string, shards: ReadonlySet<string>): Promise<void> {
  const unfinished = /\.[0-9a-f]{12}\.tmp$/
  const clean = async (path: string, remove: (name: string) => boolean) => {
    for (const name of await readdir(path).catch(() => []))
      if (unfinished.test(name) || remove(name))
        await rm(join(path, name), { force: true, recursive: false }).catch(() => {})
  }
  await clean(join(folder, SHARDS), (name) => SHARD_NAME.test(name) && !shards.has(name))
  await clean(folder, (name) => /^lock\.[0-9a-f-]{36}\.tmp$/.test(name))
  await clean(join(folder, 'rounds'), () => false)
  await clean(join(folder, 'figures'), () => false)
}
