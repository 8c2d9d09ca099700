import { test as check, fc } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { OhmbitError, type Problem } from '../../src/base/errors.ts'
import { locate, parseJson, quote, segments } from '../../src/base/json.ts'

const problems = (text: string, limits = {}): readonly Problem[] => {
  try {
    parseJson(text, 'f.json', limits)
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
  return []
}

describe('parseJson', () => {
  check.prop([fc.json()])('gives what JSON.parse gives', (text) => {
    // Keys that reach a prototype are the one thing refused on purpose.
    fc.pre(!/__proto__|constructor|prototype/.test(text))
    expect(parseJson(text).value).toEqual(JSON.parse(text))
  })

  const character = fc.constantFrom(...'{}[]",:019.eE+-tfn \n\t\r\u000b\u00a0\ufeff\\u/*\'\u0001')
  check.prop([fc.json(), fc.nat(), fc.nat(3), fc.string({ unit: character, maxLength: 2 })], { numRuns: 2000 })(
    'accepts a damaged text exactly when JSON.parse does (but for refused keys and overflow)',
    (text, at, width, patch) => {
      const start = at % (text.length + 1)
      const damaged = text.slice(0, start) + patch + text.slice(start + width)
      let valid = true
      try {
        JSON.parse(damaged)
      } catch {
        valid = false
      }
      const found = problems(damaged)
      const own = found.filter((p) => /twice|beyond the range|is refused/.test(p.message))
      expect(found.length === own.length).toBe(valid)
    },
  )

  it.each([
    ['{"a": 1,}', 1, 9, /trailing commas/],
    ['{"a": 1 // why\n}', 1, 9, /comments/],
    ['{\n  "a": tru\n}', 2, 8, /JSON word/],
    ['{\r\n  "a" 1\r\n}', 2, 7, /colon/],
    ['[1 2]', 1, 4, /comma/],
    ['{"a": "b', 1, 7, /not closed/],
    ['', 1, 1, /a value is expected|empty/],
    ['[1] x', 1, 5, /JSON word|ended/],
    ['[01]', 1, 3, /comma/],
  ])('shows where %j is wrong', (text, line, column, message) => {
    const [first, ...rest] = problems(text)
    expect(rest).toEqual([])
    expect(first).toMatchObject({ code: 'OHM1005', at: { file: 'f.json', line, column } })
    expect(first!.message).toMatch(message)
  })

  it('refuses repeated keys and keys that reach a prototype, all at once', () => {
    const text = '{\n "a": 1,\n "a": 2,\n "__proto__": {"polluted": 1},\n "b": {"constructor": 1, "prototype": 2}\n}'
    expect(problems(text)).toEqual([
      {
        code: 'OHM1005',
        message: 'the key "a" appears twice in one object',
        at: { file: 'f.json', line: 3, column: 2, pointer: '/a' },
        excerpt: { text: ' "a": 2,', width: 3 },
      },
      {
        code: 'OHM1005',
        message: 'the key "__proto__" is refused',
        at: { file: 'f.json', line: 4, column: 2, pointer: '/__proto__' },
        excerpt: { text: ' "__proto__": {"polluted": 1},', width: 11 },
      },
      {
        code: 'OHM1005',
        message: 'the key "constructor" is refused',
        at: { file: 'f.json', line: 5, column: 8, pointer: '/b/constructor' },
        excerpt: { text: ' "b": {"constructor": 1, "prototype": 2}', width: 13 },
      },
      {
        code: 'OHM1005',
        message: 'the key "prototype" is refused',
        at: { file: 'f.json', line: 5, column: 26, pointer: '/b/prototype' },
        excerpt: { text: ' "b": {"constructor": 1, "prototype": 2}', width: 11 },
      },
    ])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('is bounded in depth and length, without recursing first', () => {
    expect(problems('['.repeat(1_000_000))[0]).toMatchObject({ code: 'OHM1005', at: { line: 1, column: 65 } })
    expect(problems('{"a":'.repeat(500_000))[0]!.message).toBe('not valid JSON: nested deeper than 64 levels')
    expect(problems(`${'['.repeat(64)}${']'.repeat(64)}`)).toEqual([])
    // Brackets inside strings are no levels.
    expect(problems(JSON.stringify('['.repeat(1000)))).toEqual([])
    expect(problems(' '.repeat(101), { maxLength: 100 })[0]!.code).toBe('OHM1002')
  })

  it('refuses numbers beyond a double', () => {
    expect(problems('[1, 1e999]')[0]).toMatchObject({ code: 'OHM1005', at: { pointer: '/1', line: 1, column: 5 } })
  })

  it('cuts the list of a hundred thousand repeated keys', () => {
    const text = `{${'"a":1,'.repeat(100_000)}"a":1}`
    expect(problems(text)).toHaveLength(50)
  })
})

describe('locate', () => {
  const document = parseJson('{\n  "a": [10, {"b/c": null}],\r\n\t"d": "x"\n}', 'f.json')

  it('finds values, keys, array entries and escaped names', () => {
    expect(locate(document, '/a/1/b~1c')).toEqual({
      at: { file: 'f.json', line: 2, column: 21, pointer: '/a/1/b~1c' },
      excerpt: { text: '  "a": [10, {"b/c": null}],', width: 4 },
    })
    expect(locate(document, '/a/1/b~1c', 'key').at).toMatchObject({ line: 2, column: 14 })
    expect(locate(document, '/a/0', 'key').at).toMatchObject({ line: 2, column: 9 })
    expect(locate(document, '').at).toEqual({ file: 'f.json', line: 1, column: 1, pointer: '' })
  })

  it('keeps columns when tabs are shown, and falls back to the deepest ancestor', () => {
    expect(locate(document, '/d')).toEqual({
      at: { file: 'f.json', line: 3, column: 7, pointer: '/d' },
      excerpt: { text: ' "d": "x"', width: 3 },
    })
    expect(locate(document, '/d/e/f').at).toMatchObject({ line: 3, column: 7, pointer: '/d/e/f' })
  })

  it('marks no more than the first line of a value and leaves very long lines out', () => {
    const tall = parseJson('{"a": [\n1\n]}')
    expect(locate(tall, '/a').excerpt).toEqual({ text: '{"a": [', width: 1 })
    const wide = parseJson(`{"a": ${JSON.stringify('x'.repeat(1000))}, "b": 1}`)
    expect(locate(wide, '/b')).toEqual({ at: { line: 1, column: 1016, pointer: '/b' } })
  })
})

describe('quote', () => {
  it('keeps foreign text short, on one line and without control characters', () => {
    expect(quote('a"b')).toBe('"a\\"b"')
    expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(57)}..."`)
    expect(quote('\u001b[31m\u009b\u202e\n')).toBe('"\ufffd[31m\ufffd\ufffd\ufffd"')
  })

  it('has pointers unescaped in the right order', () => {
    expect(segments('/a~01/b~1c/')).toEqual(['a~1', 'b/c', ''])
  })
})
