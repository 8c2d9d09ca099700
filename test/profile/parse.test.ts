import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { FIELD_PATHS, FIELDS, type Field } from '../../src/profile/fields.ts'
import { parseProfile, profileProblems } from '../../src/profile/parse.ts'

const HEAD = '"format": "ohmbit/profile/1"'
const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')
const problems = (body: string) => profileProblems(`{${HEAD}, ${body}}`, 'mine.json')
const codes = async (body: string) => (await problems(body)).map((p) => `${p.code} ${p.at?.pointer}`)

describe('a profile file', () => {
  it('may give values plain, with units, or wrapped with a source and a note', async () => {
    const { profile, sources } = await parseProfile(
      `{${HEAD}, "$schema": "./x.json", "id": "mine", "source": "the whole", "note": "n",
        "device": {
          "source": "the section", "conductanceMin": 2e-6,
          "conductanceMax": { "value": "50 \u00b5S", "source": "a paper", "note": "fig. 3" },
          "levels": { "value": ["2 uS", 1e-5, "50 uS"], "source": "a table" },
          "programming": { "model": "lognormal", "sigma": "5 %" } },
        "adc": { "dac": { "bits": null }, "hold": { "capacitance": "100 fF" } },
        "environment": { "temperature": "85 degC", "timeSinceProgramming": "2 days" } }`,
      'x',
    )
    expect(profile.device).toMatchObject({
      conductanceMin: 2e-6,
      conductanceMax: 50e-6,
      levels: [2e-6, 1e-5, 50e-6],
      programming: { model: 'lognormal', sigma: 0.05, scale: 1 },
    })
    expect(profile.adc).toMatchObject({ dac: { bits: null }, hold: { capacitance: 100e-15 } })
    expect(profile.environment).toEqual({ temperature: 358.15, timeSinceProgramming: 172800 })
    expect(sources).toEqual({
      'device.conductanceMin': { source: 'the section' },
      'device.conductanceMax': { source: 'a paper', note: 'fig. 3' },
      'device.levels': { source: 'a table' },
      'device.programming.model': { source: 'the section' },
      'device.programming.sigma': { source: 'the section' },
      'adc.dac.bits': { source: 'the whole' },
      'adc.hold.capacitance': { source: 'the whole' },
      'environment.temperature': { source: 'the whole' },
      'environment.timeSinceProgramming': { source: 'the whole' },
    })
  })

  // The golden files were read line by line when they were made; they hold places, excerpts and hints still.
  it.each(['many-mistakes', 'contradictions'])('%s: every problem at once, each at its place', async (name) => {
    const found = await profileProblems(read(`fixtures/profiles/${name}.json`), `${name}.json`)
    expect(found).toEqual(JSON.parse(read(`golden/profile-${name}.json`)))
    const lines = read(`fixtures/profiles/${name}.json`).split('\n')
    for (const { at, excerpt } of found) expect(excerpt!.text).toBe(lines[at!.line! - 1])
  })

  it('says what else a file is instead of listing every key of it', async () => {
    const found = await profileProblems('{"format": "ohmbit/deployment/1", "x": 1, "y": 2}', 'd.json')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ code: 'OHM1202', at: { line: 1, column: 12 } })
    expect((await profileProblems('{"format": "ohmbit/profile/2"}', 'd.json'))[0]!.hint).toMatch(/another version/)
    expect((await profileProblems('{"device": {}}', 'd.json'))[0]!.message).toBe('format is missing')
    expect((await profileProblems('[1]', 'd.json'))[0]!.message).toBe('a profile must be an object, not a list of 1')
  })

  it('knows where a misplaced key belongs', async () => {
    expect((await problems('"adc": {"noise": "1 mV"}'))[0]!.hint).toMatch(
      /^it belongs to adc\.comparator\.noise; known keys/,
    )
    expect((await problems('"wordSegment": "1 ohm"'))[0]!.hint).toMatch(/^it belongs to crossbar\.wires\.wordSegment;/)
  })

  it('applies ranges to quantities after conversion', async () => {
    expect(await codes('"device": {"faults": {"stuckAtMax": "101 %"}}')).toEqual(['OHM1202 /device/faults/stuckAtMax'])
    expect(await codes('"adc": {"hold": {"capacitance": "0 fF"}}')).toEqual(['OHM1202 /adc/hold/capacitance'])
    expect(await codes('"environment": {"temperature": "-300 degC"}')).toEqual(['OHM1202 /environment/temperature'])
    expect(await codes('"device": {"levels": ["1 uS", "-2 uS"]}')).toEqual(['OHM1202 /device/levels'])
  })

  it.each(FIELD_PATHS)('refuses what %s does not accept', async (path) => {
    for (const bad of wrongValues(FIELDS[path])) {
      const body = path
        .split('.')
        .reduceRight((inner, key) => `{${JSON.stringify(key)}: ${inner}}`, JSON.stringify(bad))
      const found = await problems(body.slice(1, -1))
      expect(found.map((p) => p.at?.pointer)).toEqual([`/${path.replaceAll('.', '/')}`])
      expect(found[0]!.message).toContain(path)
      expect(found[0]!.excerpt).toBeDefined()
    }
  })
})

function wrongValues(field: Field): unknown[] {
  const anyway = [[], 'no such word']
  switch (field.kind) {
    case 'boolean':
      return [...anyway.slice(1), 1, null]
    case 'word':
      return [...anyway, 1, null, 'constructor']
    case 'curve':
      return [[], 1, true, [[0, 0]]]
    case 'table':
      return [[], 1, true]
    case 'levels':
      return [[], 1, 2.5, true, field.maxCount + 1]
    default: {
      const { min, above, max, below } = field
      const out = [min === undefined ? undefined : min - 1, above, max === undefined ? undefined : max * 2, below]
      const wrong: unknown[] = [true, ...out.filter((x) => x !== undefined)]
      if (field.kind === 'integer') wrong.push('8', 2.5)
      if (!field.nullable) wrong.push(null)
      return wrong
    }
  }
}

describe('a hostile file', () => {
  it.each([
    ['deep nesting', `{${HEAD}, "device": ${'{"a":'.repeat(50_000)}`, 'OHM1005'],
    ['more than a mebibyte', `{${HEAD}, "note": "${'x'.repeat(1 << 20)}"}`, 'OHM1002'],
    ['a prototype key', `{${HEAD}, "__proto__": {"device": {}}}`, 'OHM1005'],
    ['a constructor key', `{${HEAD}, "device": {"constructor": {"prototype": {}}}}`, 'OHM1005'],
    ['a repeated key', `{${HEAD}, "device": {}, "device": {}}`, 'OHM1005'],
    ['a comment', `{${HEAD} /* why */}`, 'OHM1005'],
    ['an overflowing number', `{${HEAD}, "adc": {"fullScale": 1e999}}`, 'OHM1005'],
  ])('%s is refused', async (_, text, code) => {
    expect((await profileProblems(text, 'evil.json'))[0]!.code).toBe(code)
  })

  it('of a hundred thousand mistakes is answered soon, with fifty of them', async () => {
    const many = Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join(',')
    const start = performance.now()
    const found = await profileProblems(`{${HEAD}, ${many}}`, 'evil.json')
    expect(performance.now() - start).toBeLessThan(30_000)
    expect(found).toHaveLength(51)
    expect(found.at(-1)!.message).toBe('and 79950 more problems')
    const levels = await profileProblems(`{${HEAD}, "device": {"levels": [${'"x",'.repeat(200_000)}"x"]}}`, 'evil.json')
    expect(levels).toHaveLength(1)
  })

  it('cannot bring control characters to the terminal', async () => {
    const found = await problems('"\\u001b[2J\u009b31m": 1')
    expect(found[0]!.message).toBe('unknown key "\ufffd[2J\ufffd31m"')
    expect(found[0]!.excerpt!.text).not.toMatch(/\p{Cc}/u)
  })
})
