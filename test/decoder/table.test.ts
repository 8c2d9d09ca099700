import { describe, expect, test } from 'vitest'
import { wordRange, wordValue } from '../../src/decoder/format.ts'
import { activationTable, type TableId, tableWord } from '../../src/decoder/table.ts'
import { activationFunctions } from '../../src/network/activation.ts'

/** Largest |table - function| over every argument word. */
function worstError(id: TableId, tableWords: number, bits = 16): number {
  const table = activationTable(id, tableWords, bits)
  const { low, high } = wordRange(table.input)
  let worst = 0
  for (let u = low; u <= high; u++) {
    const exact = activationFunctions[id](wordValue(u, table.input))
    worst = Math.max(worst, Math.abs(wordValue(tableWord(table, u), table.output) - exact))
  }
  return worst
}

describe('accuracy over every argument', () => {
  test('tanh: 257 words 1.15e-4, 513 words 4.6e-5', () => {
    expect(worstError('tanh', 257)).toBeLessThanOrEqual(1.151e-4)
    expect(worstError('tanh', 257)).toBeGreaterThan(1.1e-4)
    expect(worstError('tanh', 513)).toBeLessThanOrEqual(4.65e-5)
  })

  test('sigmoid is at most as far off as half a tanh and its rounding', () => {
    expect(worstError('sigmoid', 257)).toBeLessThanOrEqual(1.15e-4 / 2 + 2 ** -16)
    expect(worstError('sigmoid', 513)).toBeLessThanOrEqual(4.65e-5 / 2 + 2 ** -16)
  })

  test('narrow outputs: half a step, and one step below the end +1 that no word reaches', () => {
    for (const id of ['tanh', 'sigmoid'] as const) expect(worstError(id, 257, 8)).toBeLessThanOrEqual(2 ** -7)
  })

  test('beyond the argument range the function is flat to the last bit', () => {
    for (const [id, end] of [
      ['tanh', 8],
      ['sigmoid', 16],
    ] as const) {
      const table = activationTable(id, 257, 16)
      const { low, high } = wordRange(table.input)
      expect(wordValue(low, table.input)).toBe(-end)
      expect(tableWord(table, high)).toBe(32767)
      expect(tableWord(table, low)).toBe(id === 'tanh' ? -32767 : 1)
    }
  })
})

describe('shape', () => {
  for (const id of ['tanh', 'sigmoid'] as const)
    for (const [tableWords, bits] of [
      [3, 16],
      [257, 16],
      [32769, 16],
      [257, 8],
      [33, 11],
    ] as const)
      test(`${id}, ${tableWords} words, ${bits} bits: monotone and symmetric`, () => {
        const table = activationTable(id, tableWords, bits)
        const { low, high } = wordRange(table.input)
        const limit = 2 ** (bits - 1) - 1
        let last = Number.NEGATIVE_INFINITY
        for (let u = low; u <= high; u++) {
          const y = tableWord(table, u)
          if (y < last || Math.abs(y) > limit) throw new Error(`word ${u} gives ${y} after ${last}`)
          last = y
          if (u < 0 && u > low) {
            const mirror = tableWord(table, -u)
            if (id === 'tanh' ? y !== 0 - mirror : y !== 2 ** (bits - 1) - mirror && mirror !== limit)
              throw new Error(`word ${u} gives ${y}, its mirror ${mirror}`)
          }
        }
        expect(tableWord(table, 0)).toBe(id === 'tanh' ? 0 : 2 ** (bits - 2))
      })

  test('entries are the function, rounded half to even', () => {
    const { words } = activationTable('tanh', 257, 16)
    expect(words.length).toBe(257)
    expect(words[32]).toBe(Math.round(Math.tanh(1) * 32768))
    expect(words[256]).toBe(32767)
  })
})
