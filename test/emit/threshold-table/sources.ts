import { fc } from '@fast-check/vitest'
import { fittingFormat } from '../../../src/decoder/format.ts'
import type { TableSource } from '../../../src/emit/threshold-table/table.ts'

/** A table small enough to work out by hand. */
export const byHand: TableSource = {
  compare: 'gt',
  search: 'binary',
  fullScale: 1,
  voltsPerUnit: 0.5,
  thresholds: [-0.50001, 0.1, 0.75],
  levelRule: 'given',
  levels: [-1.5, -0.25, 0.375, 1.25],
  levelFormat: { signed: true, bits: 16, frac: 14 },
  dacBits: 3,
  scanOrder: [0, 1],
  networkSha256: 'ab'.repeat(32),
  profileSha256: '01'.repeat(32),
  chip: { seed: 7, chip: 3 },
}

const hash = fc.stringMatching(/^[0-9a-f]{64}$/)
const word = fc.integer({ min: 0, max: 0xffffffff })
const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true })

/** Any table there can be, of up to 40 levels. */
export const sources: fc.Arbitrary<TableSource> = fc
  .record({
    compare: fc.constantFrom('gt' as const, 'ge' as const),
    search: fc.constantFrom('binary' as const, 'linear' as const, 'ramp' as const),
    fullScale: size,
    voltsPerUnit: size,
    thresholds: fc
      .uniqueArray(
        fc.oneof(
          fc.double({ min: -2, max: 2, noNaN: true }),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          // gaps of one subnormal step, and the far ends
          fc.integer({ min: -20, max: 20 }).map((n) => n * Number.MIN_VALUE),
          fc.constantFrom(-Number.MAX_VALUE, Number.MAX_VALUE),
        ),
        {
          minLength: 1,
          maxLength: 39,
          // 0 and -0 are one number
          comparator: (a, b) => a === b,
        },
      )
      .map((t) => t.sort((a, b) => a - b)),
    levelRule: fc.constantFrom('saturated' as const, 'soft-midpoint' as const, 'given' as const),
    someLevels: fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 40, maxLength: 40 }),
    levelBits: fc.integer({ min: 2, max: 16 }),
    dacBits: fc.integer({ min: 1, max: 16 }),
    channels: fc.integer({ min: 1, max: 20 }).chain((n) => fc.shuffledSubarray([...Array(n).keys()], { minLength: n })),
    networkSha256: hash,
    profileSha256: hash,
    chip: fc.option(fc.record({ seed: word, chip: word })),
    calibration: fc.constantFrom('none', 'shared', 'channel'),
  })
  .map(({ someLevels, levelBits, channels, calibration, ...rest }) => {
    const levels = someLevels.slice(0, rest.thresholds.length + 1)
    const chip =
      rest.chip === null || calibration === 'none'
        ? rest.chip
        : {
            ...rest.chip,
            calibrated: true as const,
            ...(calibration === 'channel' ? { channel: channels.length - 1 } : {}),
          }
    return { ...rest, chip, levels, levelFormat: fittingFormat(levels, levelBits), scanOrder: channels }
  })
