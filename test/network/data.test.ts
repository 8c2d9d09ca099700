import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseMatrix, readMatrix } from '../../src/network/data.ts'
import { formatNpy } from '../../src/numerics/npy.ts'

describe('vectors from .npy', () => {
  test('rows are vectors; one axis is one column', () => {
    expect(parseMatrix(formatNpy([2, 3], [1, 2, 3, 4, 5, 6], 'f4'), 'y')).toEqual({
      rows: 2,
      cols: 3,
      data: Float64Array.of(1, 2, 3, 4, 5, 6),
    })
    expect(parseMatrix(formatNpy([3], [1, 2, 3], 'f8'), 'labels')).toMatchObject({ rows: 3, cols: 1 })
  })

  test('a value that is not finite is named by row and column', () => {
    expect(() => parseMatrix(formatNpy([2, 2], [1, 2, 3, Number.NaN], 'f8'), 'y.npy')).toThrow(
      'y.npy holds NaN in row 1, column 1',
    )
  })

  test.each([[[]], [[1, 1, 1]], [[0, 3]]])('shape %j is no list of vectors', (shape) => {
    const count = shape.reduce((a, b) => a * b, 1)
    expect(() => parseMatrix(formatNpy(shape, new Float64Array(count), 'f8'), 'y')).toThrow(/vectors x components/)
  })

  test('errors name the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
    const path = join(folder, 'y.npy')
    await writeFile(path, 'nothing')
    await expect(readMatrix(path)).rejects.toMatchObject({ code: 'OHM1004', at: { file: path } })
    await expect(readMatrix(join(folder, 'missing.npy'))).rejects.toMatchObject({ code: 'OHM1001' })
    await rm(folder, { recursive: true })
  })
})
