import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test as check } from '@fast-check/vitest'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { profileToJson } from '../../src/profile/canonical.ts'
import { fieldsPage } from '../../src/profile/fields-page.ts'
import { profileSchema } from '../../src/profile/schema.ts'
import { supportPage } from '../../src/profile/support-page.ts'
import { layout, profileTemplate } from '../../src/profile/template.ts'
import { arbitraryProfile } from '../support/arbitrary-profile.ts'

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const read = (path: string) => readFileSync(root(path), 'utf8')

describe('the JSON Schema', () => {
  // With the meta-schema, which the reader leaves out for speed.
  const validate = new Ajv({ allowUnionTypes: true, strict: true }).compile(profileSchema())

  it('is a valid schema that accepts every shipped profile', () => {
    const files = (readdirSync(root('hardware-profiles'), { recursive: true }) as string[]).filter((file) =>
      file.endsWith('.json'),
    )
    expect(files.some((file) => file.includes('tanh-pair'))).toBe(true)
    for (const file of files) expect(validate(JSON.parse(read(`hardware-profiles/${file}`))), file).toBe(true)
  })

  check.prop([arbitraryProfile])('accepts every profile', (profile) => {
    expect(validate(JSON.parse(profileToJson(profile)))).toBe(true)
  })

  it('refuses what the reader refuses', () => {
    expect(validate(JSON.parse(read('test/fixtures/profiles/many-mistakes.json')))).toBe(false)
    expect(validate({})).toBe(false)
    expect(validate({ format: 'ohmbit/profile/1' })).toBe(true)
  })
})

describe('generated files', () => {
  it.each([
    ['schemas/profile.schema.json', `${JSON.stringify(profileSchema(), null, 2)}\n`],
    ['hardware-profiles/template.json', profileTemplate()],
    ['docs/profile-fields.md', fieldsPage()],
    ['docs/support.md', supportPage()],
  ])('%s is fresh (npm run generate)', (path, content) => {
    expect(read(path)).toBe(content)
  })

  it('the layout of profiles is JSON of the same content', () => {
    const value = JSON.parse(read('hardware-profiles/reram-1t1r.json'))
    expect(JSON.parse(layout(value))).toEqual(value)
    expect(layout({ a: {}, b: [], c: { d: 1 } })).toBe('{\n  "a": {},\n  "b": [],\n  "c": { "d": 1 }\n}\n')
  })
})
