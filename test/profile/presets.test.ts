import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { FIELD_PATHS, FIELDS, isFieldPath } from '../../src/profile/fields.ts'
import { idealised } from '../../src/profile/isolate.ts'
import { parseProfile } from '../../src/profile/parse.ts'
import { listPresets, newProfile, showProfile } from '../../src/profile/presets.ts'
import { readProfile, readProfileWithSources } from '../../src/profile/read.ts'
import { profileWith } from '../support/profile.ts'

const folder = fileURLToPath(new URL('../../hardware-profiles/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
const ids = ['ideal', 'pcm', 'reram-1t1r', 'reram-cmo', 'sonos', 'wan2022-1s', 'wan2022-sandia']

const scratch = mkdtempSync(join(tmpdir(), 'ohmbit-profiles-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const codeOf = async (promise: Promise<unknown>) => {
  try {
    await promise
    return 'none'
  } catch (error) {
    if (error instanceof OhmbitError) return error.code
    throw error
  }
}

describe('every shipped profile', () => {
  it('is in the list of presets, but for the template', async () => {
    expect(files.sort()).toEqual([...ids, 'template'].map((id) => `${id}.json`).sort())
    const presets = await listPresets()
    expect(presets.map((p) => p.id)).toEqual(ids)
    for (const { description } of presets) expect(description.length).toBeGreaterThan(20)
  })

  it.each(files)('%s is valid, named like its file, and says what it does not model', async (file) => {
    const { profile } = await parseProfile(readFileSync(join(folder, file), 'utf8'), file)
    expect(`${profile.id}.json`).toBe(file)
    expect(profile.source.length).toBeGreaterThan(5)
    expect(profile.notModelled.length).toBeGreaterThan(0)
  })

  it.each(files)('%s has a source on every number', (file) => {
    const walk = (value: unknown, path: string): void => {
      if (isFieldPath(path)) {
        const { kind } = FIELDS[path]
        const wrapped = value as { value: unknown; source?: string }
        if (kind === 'word' || kind === 'boolean' || value === null) return
        expect(typeof wrapped, path).toBe('object')
        expect(wrapped.source?.length, path).toBeGreaterThan(3)
        return
      }
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`)
    }
    walk(JSON.parse(readFileSync(join(folder, file), 'utf8')), '')
  })

  it('ideal has no imperfection', async () => {
    const profile = await readProfile('ideal')
    expect(idealised(profile)).toEqual(profile)
    expect(profile.decoder.arithmetic).toBe('float')
    expect(profile.adc.dac.bits).toBeNull()
  })

  it('wan2022-1s is its definition', async () => {
    const { id, description, source, notModelled, ...values } = await readProfile('wan2022-1s')
    const wanted = profileWith({
      'device.programming.model': 'reram-wan2022-ibm',
      'device.conductanceMin': 1e-6,
      'device.conductanceMax': 40e-6,
      'environment.timeSinceProgramming': 1,
    })
    expect({ ...wanted, ...values }).toEqual(wanted)
    expect(values.crossbar).toMatchObject({
      mapping: 'differential-one-sided',
      scaling: 'layer-maximum',
      biasDrive: 'unit',
      wires: { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0 },
    })
  })

  it('the two readings of Wan 2022 differ in the model alone, and name each other', async () => {
    const [ibm, sandia] = [await readProfile('wan2022-1s'), await readProfile('wan2022-sandia')]
    const { model } = sandia.device.programming
    expect(model).toBe('reram-wan2022-sandia')
    const swapped = { ...ibm.device, programming: { ...ibm.device.programming, model } }
    expect({ ...ibm, device: swapped }).toEqual({
      ...sandia,
      id: ibm.id,
      description: ibm.description,
      source: ibm.source,
      notModelled: ibm.notModelled,
    })
    for (const [one, other] of [
      [ibm, sandia],
      [sandia, ibm],
    ] as const) {
      expect(one.description).toContain(other.id)
      expect(one.notModelled.join()).toContain(other.id)
    }
  })

  it('the template shows every value, at its default, with meaning and source', async () => {
    const { profile, sources } = await readProfileWithSources('template')
    expect(Object.keys(sources)).toEqual(FIELD_PATHS)
    for (const path of FIELD_PATHS) expect(sources[path]!.note).toContain(FIELDS[path].meaning)
    const { device, crossbar, periphery, adc, decoder, environment } = profileWith()
    expect(profile).toMatchObject({ device, crossbar, periphery, adc, decoder, environment })
  })
})

describe('readProfile', () => {
  it('takes presets and paths, the preset first unless told otherwise', async () => {
    const path = join(scratch, 'mine.json')
    writeFileSync(path, '{"format": "ohmbit/profile/1", "device": {"devicesPerSide": 3}}')
    expect(await readProfile(path)).toMatchObject({ id: 'mine', device: { devicesPerSide: 3 } })
    expect((await readProfile('ideal')).id).toBe('ideal')
    expect(await codeOf(readProfile('ideal', { fileOnly: true }))).toBe('OHM1001')
  })

  it('names the file in its errors', async () => {
    const path = join(scratch, 'bad.json')
    writeFileSync(path, '{"format": "ohmbit/profile/1",\n "devise": {}}')
    const error = await readProfile(path).catch((e: unknown) => e)
    expect((error as OhmbitError).problems).toMatchObject([
      { code: 'OHM1204', at: { file: path, line: 2, column: 2 }, hint: expect.stringMatching(/did you mean "device"/) },
    ])
  })

  it('suggests presets and leaves their folder in no way', async () => {
    const error = await readProfile('reram-1t1').catch((e: unknown) => e)
    expect((error as OhmbitError).hint).toBe(`did you mean reram-1t1r? presets: ${ids.join(', ')}`)
    for (const id of ['../package', '..', '../hardware-profiles/ideal', 'ideal.json', 'no/such', '', '\0'])
      expect(await codeOf(readProfile(id)), id).toBe('OHM1201')
    expect(await codeOf(newProfile('mine', { from: '../package' }))).toBe('OHM1201')
  })

  it('refuses folders and files that are too large', async () => {
    const path = join(scratch, 'large.json')
    writeFileSync(path, ' '.repeat((1 << 20) + 1))
    expect(await codeOf(readProfile(path))).toBe('OHM1002')
    expect(await codeOf(readProfile(scratch))).toBe('OHM1201')
  })
})

describe('showProfile', () => {
  it('has a row for every value, with unit, source, and whether it is a default', async () => {
    const rows = await showProfile('reram-1t1r', ['adc.dac.bits=12'])
    expect(rows.map((r) => r.path)).toEqual(FIELD_PATHS)
    const row = (path: string) => rows.find((r) => r.path === path)
    expect(row('device.conductanceMax')).toEqual({
      path: 'device.conductanceMax',
      value: '40 uS',
      unit: 'S',
      source: 'Wan et al., Nature 608 (2022) 504: devices are programmed from 1 to 40 uS',
      meaning: 'highest conductance; the largest weight of a layer is mapped to it',
      accepts: 'a conductance above 0 S and at most 1 S',
      isDefault: false,
    })
    expect(row('adc.dac.bits')).toMatchObject({ value: '12', source: '--set', isDefault: false })
    expect(row('device.readNoise.model')).toMatchObject({ value: 'none', isDefault: true })
    expect(row('environment.timeSinceProgramming')).toMatchObject({ value: '1 day' })
  })
})

describe('newProfile', () => {
  it('is the template, or a preset, under a new id', async () => {
    const fresh = await newProfile('my-chip.v2')
    expect((await parseProfile(fresh, 'x')).profile.id).toBe('my-chip.v2')
    expect(fresh.replace('"my-chip.v2"', '"template"')).toBe(readFileSync(join(folder, 'template.json'), 'utf8'))
    const copy = await newProfile('mine', { from: 'pcm' })
    expect(copy.replace('"mine"', '"pcm"')).toBe(readFileSync(join(folder, 'pcm.json'), 'utf8'))
  })

  it.each(['', '../x', 'a b', '-x', 'x'.repeat(65), '"', 'a\n'])('refuses %j as id', async (id) => {
    expect(await codeOf(newProfile(id))).toBe('OHM1202')
  })
})
