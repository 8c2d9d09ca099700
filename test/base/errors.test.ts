import { describe, expect, it } from 'vitest'
import { type Code, catalogue } from '../../src/base/catalogue.ts'
import { fail, inFile, OhmbitError, type Problem } from '../../src/base/errors.ts'

const thrown = (f: () => unknown): OhmbitError => {
  try {
    f()
  } catch (error) {
    if (error instanceof OhmbitError) return error
  }
  throw new Error('no OhmbitError was thrown')
}

describe('errors are data', () => {
  const problems: Problem[] = [
    { code: 'OHM1102', message: 'first', at: { pointer: 'encoder.0.weight' }, hint: 'transpose it' },
    { code: 'OHM4001', message: 'second', at: { file: 'other.json', line: 3 } },
  ]

  it('one problem: code, kind, message, place and hint', () => {
    const error = thrown(() => fail('OHM2003', 'no room', { at: { pointer: '/crossbar' }, hint: 'a larger array' }))
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('OhmbitError')
    expect(error.code).toBe('OHM2003')
    expect(error.kind).toBe('infeasible')
    expect(error.message).toBe('no room')
    expect(error.at).toEqual({ pointer: '/crossbar' })
    expect(error.hint).toBe('a larger array')
    expect(error.problems).toEqual([
      { code: 'OHM2003', message: 'no room', at: { pointer: '/crossbar' }, hint: 'a larger array' },
    ])
  })

  it('several problems: all are kept, the first speaks', () => {
    const error = new OhmbitError(problems)
    expect(error.problems).toEqual(problems)
    expect(error.message).toBe('first\nsecond')
    expect([error.code, error.kind, error.hint]).toEqual(['OHM1102', 'input', 'transpose it'])
  })

  it('a file name is added where none stands, and the cause is kept', () => {
    const error = new OhmbitError(problems)
    const named = inFile(error, 'model.onnx')
    expect(named.problems.map((p) => p.at)).toEqual([
      { file: 'model.onnx', pointer: 'encoder.0.weight' },
      { file: 'other.json', line: 3 },
    ])
    expect(named.cause).toBe(error)
    expect(error.problems[0]!.at).toEqual({ pointer: 'encoder.0.weight' })
  })

  it('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(new OhmbitError(problems).problems))).toEqual(problems)
  })
})

describe('the catalogue', () => {
  it.each(Object.keys(catalogue) as Code[])('%s has a kind, a title and an explanation', (code) => {
    const { kind, title, explanation } = catalogue[code]
    expect(code).toMatch(/^OHM\d{4}$/)
    expect(['requirement', 'usage', 'input', 'infeasible', 'numerical', 'external', 'bug']).toContain(kind)
    expect(title).toMatch(/^\S.*[^\s.]$/)
    expect(explanation).toMatch(/[.)]$/)
  })

  it('is in ascending order', () => {
    const codes = Object.keys(catalogue)
    expect(codes).toEqual([...codes].sort())
  })
})
