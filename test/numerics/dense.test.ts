import { fc, test as prop } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { applyLayers } from '../../src/network/forward.ts'
import type { Activation } from '../../src/network/network.ts'
import { denseLayers } from '../../src/numerics/dense.ts'
import { availableEngines, useEngine } from '../../src/numerics/kernels/module.ts'
import { matrix } from '../../src/numerics/matrix.ts'

afterEach(() => useEngine('simd'))

const numbers = fc.infiniteStream(
  fc.oneof({ weight: 9, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) }, fc.constantFrom(0, -0, 40, -40)),
)
const batches = fc
  .record({
    widths: fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 2, maxLength: 4 }),
    vectors: fc.integer({ min: 0, max: 150 }),
    kinds: fc.infiniteStream(fc.constantFrom<Activation>('tanh', 'relu', 'sigmoid', 'linear')),
    numbers,
  })
  .map(({ widths, vectors, kinds, numbers }) => {
    const take = (n: number) => Float64Array.from({ length: n }, () => numbers.next().value)
    return {
      x: matrix(vectors, widths[0]!, take(vectors * widths[0]!)),
      layers: widths.slice(1).map((outputs, l) => ({
        weight: matrix(outputs, widths[l]!, take(outputs * widths[l]!)),
        bias: take(outputs),
        activation: kinds.next().value,
      })),
    }
  })

describe('dense layers', () => {
  prop.prop([batches], { numRuns: 60 })('simd gives the bits of the reference', ({ x, layers }) => {
    useEngine('reference')
    expect(denseLayers(layers, x)).toBeNull()
    const wanted = applyLayers(layers, x)
    useEngine('simd')
    expect(denseLayers(layers, x)).toEqual(wanted)
    expect(applyLayers(layers, x)).toEqual(wanted)
  })

  it('relaxed agrees to rounding, where it runs', () => {
    if (!availableEngines().includes('relaxed')) return
    const { x, layers } = fc.sample(batches, 1)[0]!
    const wanted = applyLayers(layers, x)
    useEngine('relaxed')
    const got = applyLayers(layers, x)
    for (const [i, y] of wanted.data.entries())
      expect(Math.abs(got.data[i]! - y)).toBeLessThan(1e-9 * (1 + Math.abs(y)))
  })

  it('a width that does not fit is refused by every engine', () => {
    const layer = { weight: matrix(2, 3), bias: new Float64Array(2), activation: 'tanh' } as const
    for (const engine of ['reference', 'simd'] as const) {
      useEngine(engine)
      expect(() => applyLayers([layer], matrix(1, 2))).toThrow(RangeError)
    }
  })
})
