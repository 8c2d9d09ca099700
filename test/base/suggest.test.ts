import { expect, it } from 'vitest'
import { suggest } from '../../src/base/suggest.ts'

const keys = ['conductanceMin', 'conductanceMax', 'levels', 'bits']

it('finds the misspelt word, whatever its case', () => {
  expect(suggest('conductanceMn', keys)).toBe('conductanceMin')
  expect(suggest('ConductanceMAX', keys)).toBe('conductanceMax')
  expect(suggest('level', keys)).toBe('levels')
})

it('is silent rather than far-fetched', () => {
  expect(suggest('temperature', keys)).toBeNull()
  expect(suggest('x', keys)).toBeNull()
  expect(suggest('zz', keys)).toBeNull()
  expect(suggest('anything', [])).toBeNull()
  expect(suggest('b'.repeat(1e6), keys)).toBeNull()
})
