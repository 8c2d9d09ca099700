import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { kernelBinaries } from '../../../scripts/build-kernels.mjs'
import { availableEngines, engine, kernel, useEngine } from '../../../src/numerics/kernels/module.ts'

afterEach(() => useEngine('simd'))

describe('kernels', () => {
  it('are, byte for byte, what their sources compile to', async () => {
    const kept = readFileSync(new URL('../../../src/numerics/kernels/binaries.generated.ts', import.meta.url), 'utf8')
    expect(await kernelBinaries()).toBe(kept)
  })

  it('run here, simd by default, and reference gives none', () => {
    expect(engine()).toBe('simd')
    expect(availableEngines()).toContain('simd')
    expect(kernel('wires')).not.toBeNull()
    useEngine('reference')
    expect(kernel('wires')).toBeNull()
  })

  it('an engine that does not run is refused by name', () => {
    if (availableEngines().includes('relaxed')) expect(() => useEngine('relaxed')).not.toThrow()
    else expect(() => useEngine('relaxed')).toThrow(/relaxed/)
  })

  it('memory grows to hold what is laid out, aligned', () => {
    const k = kernel('wires')!
    const sizes = [8, 1000, 3_000_000]
    const [a, b, c] = k.layout(sizes) as [number, number, number]
    expect([a % 64, b % 64, c % 64]).toEqual([0, 0, 0])
    expect(b - a).toBeGreaterThanOrEqual(8)
    expect(c - b).toBeGreaterThanOrEqual(1000)
    k.u8(c, 3_000_000).fill(7)
    expect(k.u8(c, 3_000_000).every((x) => x === 7)).toBe(true)
  })
})
