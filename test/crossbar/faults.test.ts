import { describe, expect, it } from 'vitest'
import { FAULT_KINDS, faultClasses } from '../../src/crossbar/faults.ts'
import { type ChipKey, site, uniformAt } from '../../src/numerics/random.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { profileWith } from '../support/profile.ts'

const SHARES = { stuckAtMin: 0.02, stuckAtMax: 0.03, stuckAtMid: 0.01, formingFailure: 0.04 } as const
const faultsOf = (changes: Partial<Record<string, FieldValue>> = {}) =>
  profileWith(
    Object.fromEntries(
      Object.entries({ ...SHARES, ...changes }).map(([k, v]) => [`device.faults.${k}` as FieldPath, v]),
    ),
  ).device.faults
const drawOf = (key: ChipKey) => (i: number, j: number, before: number) =>
  uniformAt(key, site(0, 'fault'), i, j, 0, before)
const ROWS = 300
const COLS = 200
const classes = (changes: Partial<Record<string, FieldValue>>, key = { seed: 4, chip: 0 }) =>
  faultClasses(faultsOf(changes), ROWS, COLS, drawOf(key))

/** Runs of equal classes along a line, with the index they start at: [class, length, start]. */
function runs(line: readonly number[]): [number, number, number][] {
  const found: [number, number, number][] = []
  for (const [k, c] of line.entries()) {
    const last = found.at(-1)
    if (last !== undefined && last[0] === c) last[1]++
    else found.push([c, 1, k])
  }
  return found
}
const word = (all: Uint8Array, i: number) => Array.from(all.subarray(i * COLS, (i + 1) * COLS))
const bit = (all: Uint8Array, j: number) => Array.from({ length: ROWS }, (_, i) => all[i * COLS + j]!)

describe('clustered faults', () => {
  for (const [clustering, lines, lineOf] of [
    ['word-line', ROWS, word],
    ['bit-line', COLS, bit],
  ] as const)
    for (const length of [2, 5, 17]) {
      it(`${clustering}, ${length} devices a run: whole runs, of one class`, () => {
        const all = classes({ clustering, clusterLength: length })
        for (let l = 0; l < lines; l++) {
          const line = lineOf(all, l)
          for (const [kind, count, start] of runs(line)) {
            if (kind === 0) continue
            // Shorter only at an end of the line, or where a run of an earlier class lies over it.
            const atEnd = start === 0 || start + count === line.length
            const before = line[start - 1] ?? 0
            const after = line[start + count] ?? 0
            const covered = (before > 0 && before < kind) || (after > 0 && after < kind)
            if (!atEnd && !covered) expect(count).toBeGreaterThanOrEqual(length)
          }
        }
      })

      it(`${clustering}, ${length} devices a run: each class has its stated share, at the ends of lines too`, () => {
        const kinds = FAULT_KINDS.length
        const counts = new Array<number>(kinds + 1).fill(0)
        const atEnds = new Array<number>(kinds + 1).fill(0)
        const chips = 12
        for (let chip = 0; chip < chips; chip++) {
          const all = classes({ clustering, clusterLength: length }, { seed: 4, chip })
          for (const c of all) counts[c]!++
          for (let l = 0; l < lines; l++) {
            const line = lineOf(all, l)
            atEnds[line[0]!]!++
            atEnds[line.at(-1)!]!++
          }
        }
        const n = chips * ROWS * COLS
        for (const [k, kind] of FAULT_KINDS.entries()) {
          const p = SHARES[kind]
          // Devices of a run fail together: `length` times the variance of independent ones.
          const sigma = Math.sqrt((p * (1 - p) * length) / n)
          expect(Math.abs(counts[k + 1]! / n - p)).toBeLessThan(4 * sigma)
          const ends = 2 * lines * chips
          expect(Math.abs(atEnds[k + 1]! / ends - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / ends))
        }
      })
    }

  it('runs of one device are independent faults, the same devices', () => {
    for (const clustering of ['word-line', 'bit-line'])
      expect(classes({ clustering, clusterLength: 1 })).toEqual(classes({ clustering: 'independent' }))
  })

  it('switching a class off leaves the classes before it where they were', () => {
    const clustered = { clustering: 'word-line', clusterLength: 6 }
    const all = classes(clustered)
    const fewer = classes({ ...clustered, stuckAtMid: 0, formingFailure: 0 })
    for (const [k, c] of fewer.entries()) expect(c).toBe(all[k]! <= 2 ? all[k] : 0)
  })

  it('a run longer than the line is the whole line', () => {
    const all = classes({ clustering: 'word-line', clusterLength: 4096 })
    for (let i = 0; i < ROWS; i++) expect(runs(word(all, i)).length).toBeLessThanOrEqual(3)
  })

  it('certain failure is everywhere', () => {
    const all = classes({
      clustering: 'bit-line',
      clusterLength: 9,
      stuckAtMin: 0,
      stuckAtMax: 1,
      stuckAtMid: 0,
      formingFailure: 0,
    })
    expect(all.every((c) => c === 2)).toBe(true)
  })
})
