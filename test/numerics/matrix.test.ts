import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { affine, fromRows, head, matrix, maxAbs, row, rowRange, toRows, transpose } from '../../src/numerics/matrix.ts'

const entry = fc.double({ min: -10, max: 10, noNaN: true })
const sizes = fc.record({
  vectors: fc.integer({ min: 0, max: 9 }),
  inputs: fc.integer({ min: 1, max: 7 }),
  outputs: fc.integer({ min: 1, max: 5 }),
})
const layers = sizes.chain(({ vectors, inputs, outputs }) => {
  const entries = (n: number) => fc.array(entry, { minLength: n, maxLength: n }).map((d) => Float64Array.from(d))
  return fc.record({
    x: entries(vectors * inputs).map((d) => matrix(vectors, inputs, d)),
    w: entries(outputs * inputs).map((d) => matrix(outputs, inputs, d)),
    b: entries(outputs),
  })
})

describe('affine', () => {
  property.prop([layers])('is the bias plus the sum in index order, bit for bit', ({ x, w, b }) => {
    const z = affine(x, w, b)
    expect([z.rows, z.cols]).toEqual([x.rows, w.rows])
    for (let v = 0; v < x.rows; v++)
      for (let o = 0; o < w.rows; o++) {
        let s = b[o]!
        for (let i = 0; i < w.cols; i++) s += row(w, o)[i]! * row(x, v)[i]!
        expect(row(z, v)[o]).toBe(s)
      }
  })

  property.prop([layers])('gives a vector the same result in any batch', ({ x, w, b }) => {
    const together = affine(x, w, b)
    for (let v = 0; v < x.rows; v++) expect(affine(rowRange(x, v, v + 1), w, b).data).toEqual(row(together, v).slice())
  })

  it('without bias starts at zero', () => {
    expect(toRows(affine(fromRows([[1, 2]]), fromRows([[3, 4], [5, 6]]), null))).toEqual([[11, 17]]) // biome-ignore format: matrices
  })

  it('refuses widths that do not match', () => {
    expect(() => affine(matrix(1, 2), matrix(1, 3), null)).toThrow(RangeError)
  })
})

describe('matrices', () => {
  property.prop([layers])('the transpose of the transpose is the matrix, entry (i, j) becomes (j, i)', ({ w }) => {
    const t = transpose(w)
    for (let i = 0; i < w.rows; i++) for (let j = 0; j < w.cols; j++) expect(row(t, j)[i]).toBe(row(w, i)[j])
    expect(transpose(t)).toEqual(w)
  })

  it('are checked against their data', () => {
    expect(() => matrix(2, 2, new Float64Array(3))).toThrow(RangeError)
    expect(() => fromRows([[1, 2], [3]])).toThrow(RangeError)
  })

  it('largest size, first rows', () => {
    expect(maxAbs([1, -3, 2])).toBe(3)
    expect(maxAbs(matrix(0, 0))).toBe(0)
    expect(toRows(head(fromRows([[1], [2], [3]]), 2))).toEqual([[1], [2]])
    expect(head(fromRows([[1]]), 5).rows).toBe(1)
  })
})
