import { describe, expect, it } from 'vitest'
import { transferMatrix, type Wires } from '../../src/crossbar/wires.ts'
import { prefersIteration, signedTransfer } from '../../src/crossbar/wires-iterative.ts'
import { type Matrix, matrix, maxAbs } from '../../src/numerics/matrix.ts'
import { site, uniformAt } from '../../src/numerics/random.ts'

/** Devices uniform in 1-100 uS, every 17th open, one short. */
function array(m: number, n: number): Matrix {
  const g = matrix(m, n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      g.data[i * n + j] =
        (i * n + j) % 17 === 3 ? 0 : 1e-6 + 99e-6 * uniformAt({ seed: 3, chip: 0 }, site(0, 'fault'), i, j)
  g.data[0] = 1e-3
  return g
}

function signedReference(g: Matrix, wires: Wires, signs: Int8Array, lines: number): Matrix {
  const t = transferMatrix(g, wires)
  const out = matrix(g.cols / lines, g.rows)
  for (let j = 0; j < g.cols; j++)
    for (let i = 0; i < g.rows; i++)
      out.data[Math.floor(j / lines) * g.rows + i]! += signs[j]! * t.data[j * g.rows + i]!
  return out
}

describe('conjugate gradients equal block elimination', () => {
  const cases: [number, number, number, Wires][] = [
    [64, 64, 2, { wordSegment: 2, bitSegment: 2, driver: 0, sense: 0 }],
    [100, 24, 8, { wordSegment: 0.5, bitSegment: 5, driver: 100, sense: 20 }],
    [5, 60, 2, { wordSegment: 20, bitSegment: 0.1, driver: 0, sense: 3 }],
    [1, 2, 2, { wordSegment: 1, bitSegment: 1, driver: 0, sense: 0 }],
  ]
  for (const [m, n, lines, wires] of cases)
    it(`${m} x ${n}, ${lines} lines an output, ${JSON.stringify(wires)}`, () => {
      const g = array(m, n)
      const signs = Int8Array.from({ length: n }, (_, j) => (j % lines < lines / 2 ? 1 : -1))
      const ours = signedTransfer(g, wires, signs, lines)!
      const reference = signedReference(g, wires, signs, lines)
      const scale = maxAbs(transferMatrix(g, wires))
      for (const [k, x] of ours.data.entries())
        expect(Math.abs(x - reference.data[k]!)).toBeLessThanOrEqual(1e-12 * scale)
    })

  it('is chosen for large arrays with wires on both sides, never where a segment has no resistance', () => {
    const wires = { wordSegment: 1, bitSegment: 1, driver: 0, sense: 0 }
    expect(prefersIteration(matrix(128, 128), wires, 64)).toBe(true)
    expect(prefersIteration(matrix(11, 100), wires, 50)).toBe(false)
    expect(prefersIteration(matrix(128, 128), { ...wires, bitSegment: 0 }, 64)).toBe(false)
    expect(prefersIteration(matrix(128, 128), { ...wires, wordSegment: 0 }, 64)).toBe(false)
  })
})
