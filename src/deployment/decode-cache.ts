/**
 * What a decoder made of a vector's codes is the same on every chip, so it is kept: chips of small error share most of
 * their changed code words. Exact: an entry is used only where vector and all codes are equal.
 */

/** Bytes one cache may take, and entries a vector. */
const LIMIT = { bytes: 1 << 24, entriesPerVector: 32 } as const

export interface DecodeCache {
  /** Place of an entry in the arrays below; every (vector, codes) has one place, and the last one there stays. */
  slot(vector: number, codes: Uint16Array, at: number): number
  /** Whether the place holds this very entry. */
  holds(slot: number, vector: number, codes: Uint16Array, at: number): boolean
  /** Take the place; the caller fills in what was decoded. */
  take(slot: number, vector: number, codes: Uint16Array, at: number): void
  readonly error: Float64Array
  readonly energy: Float64Array
  /** Words that saturated. */
  readonly saturated: Uint32Array
}

/**
 * @param vectors   vectors of the simulation
 * @param channels  codes a vector
 */
export function decodeCache(vectors: number, channels: number): DecodeCache {
  const entryBytes = 2 * channels + 24
  const wanted = Math.min(vectors * LIMIT.entriesPerVector, LIMIT.bytes / entryBytes)
  const slots = 2 ** Math.max(4, Math.floor(Math.log2(wanted)))
  const mask = slots - 1
  /** Vector + 1 of each place; 0 = empty. */
  const owner = new Uint32Array(slots)
  const kept = new Uint16Array(slots * channels)
  return {
    slot(vector, codes, at) {
      let h = Math.imul(vector + 1, 0x9e3779b1)
      for (let n = 0; n < channels; n++) h = Math.imul(h ^ codes[at + n]!, 0x01000193)
      return (h ^ (h >>> 15)) & mask
    },
    holds(slot, vector, codes, at) {
      if (owner[slot] !== vector + 1) return false
      const k = slot * channels
      for (let n = 0; n < channels; n++) if (kept[k + n] !== codes[at + n]) return false
      return true
    },
    take(slot, vector, codes, at) {
      owner[slot] = vector + 1
      const k = slot * channels
      for (let n = 0; n < channels; n++) kept[k + n] = codes[at + n]!
    },
    error: new Float64Array(slots),
    energy: new Float64Array(slots),
    saturated: new Uint32Array(slots),
  }
}
