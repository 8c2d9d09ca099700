import { describe, expect, it } from 'vitest'
import { knownOptions, onlyOptions } from '../../src/base/options.ts'

interface Options {
  readonly seed?: number
  readonly chips?: number
}
const names = { seed: true, chips: true } as const

describe('options of a function', () => {
  it('are taken where they are known', () => {
    expect(() => knownOptions<Options>('simulate', {}, names)).not.toThrow()
    expect(() => knownOptions<Options>('simulate', { seed: 1, chips: 2 }, names)).not.toThrow()
  })

  it('are refused otherwise, all at once, with what was meant', () => {
    const given = { sede: 1, chip: 2, colour: 3, toString: 4 }
    expect(() => knownOptions<Options>('simulate', given as Options, names)).toThrow(
      expect.objectContaining({
        problems: [
          { code: 'OHM1204', message: 'simulate has no option "sede"', hint: 'did you mean "seed"?' },
          { code: 'OHM1204', message: 'simulate has no option "chip"', hint: 'did you mean "chips"?' },
          { code: 'OHM1204', message: 'simulate has no option "colour"', hint: 'its options: seed, chips' },
          { code: 'OHM1204', message: 'simulate has no option "toString"', hint: 'its options: seed, chips' },
        ],
      }),
    )
  })

  it('must be an object', () => {
    for (const given of [null, 3, [1]])
      expect(() => knownOptions<Options>('simulate', given as Options, names)).toThrow(/must be an object/)
  })

  it('that another function has are picked out', () => {
    const given = { seed: 1, other: 2 }
    expect(onlyOptions<Options>(given, names)).toEqual({ seed: 1 })
  })
})
