import { cpSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { OhmbitError } from '../../../src/base/errors.ts'
import { makeStudyFolder } from '../../../src/study/store/folder.ts'
import { isStudy, readStudyFolder } from '../../../src/study/store/read-study-file.ts'
import { emptyFolder } from '../../support/cli.ts'
import { gridStudy } from '../../support/study.ts'

let folder: string
let text: string
let plain: Record<string, unknown>
beforeAll(async () => {
  folder = join(emptyFolder(), 'study')
  await makeStudyFolder(folder, await gridStudy({ until: { of: 'yield', halfWidth: 0.01 } }))
  text = readFileSync(join(folder, 'study.json'), 'utf8')
  plain = JSON.parse(text)
})
const put = (content: string) => writeFileSync(join(folder, 'study.json'), content)
const withKeys = (changes: object) => put(JSON.stringify({ ...plain, ...changes }))

describe('study.json from outside', () => {
  it('is read whatever its layout', async () => {
    put(JSON.stringify(plain))
    const { study } = await readStudyFolder(folder)
    expect(study.points).toHaveLength(4)
    put(text)
    expect((await readStudyFolder(folder)).study).toEqual(study)
    expect(await isStudy(folder)).toBe(true)
    expect(await isStudy(emptyFolder())).toBe(false)
  })

  it.each([
    ['another format', { format: 'ohmbit/study-folder/9' }, /this version reads/],
    ['no list of points', { points: 3 }, /\/points: must be a list/],
    ['points that are not numbered', { points: [{ index: 1 }] }, /\/points\/0\/values|\/points\/0/],
    ['a value out of its range', { points: [point({ 'device.programming.sigma': -1 })] }, /device\.programming\.sigma/],
    ['a path that no profile has', { points: [point({ 'device.colour': 1 })] }, /no value "device\.colour"/],
    ['a network that is not there', { points: [{ ...point({}), network: 1 }] }, /\/points\/0\/network/],
    ['an unknown mechanism', { points: [{ ...point({}), mechanisms: ['gravity'] }] }, /mechanisms\/0/],
    ['more chips than any study has', { chips: 2 ** 31, shardChips: 1 }, /more than a study may hold/],
    ['chips beyond their numbers', { firstChip: 2 ** 32 - 1 }, /more than a study may hold/],
    ['a yield of nothing', { requirement: null }, /a yield needs one/],
    ['an engine that is not the same everywhere', { engine: 'relaxed' }, /\/engine/],
    ['a file elsewhere', { profile: '../secret.json' }, /not the name of an input/],
    ['a file that is not listed', { profile: 'inputs/other.json' }, /missing or cannot be read/],
  ])('%s is refused, and named', async (_, changes, message) => {
    withKeys(changes)
    await expect(readStudyFolder(folder)).rejects.toMatchObject({
      code: 'OHM8002',
      message: expect.stringMatching(message),
    })
  })

  it('links out of the folder are not followed', async () => {
    const copy = join(emptyFolder(), 'study')
    cpSync(folder, copy, { recursive: true })
    writeFileSync(join(copy, 'study.json'), text)
    const outside = join(emptyFolder(), 'profile.json')
    cpSync(join(copy, 'inputs/profile.json'), outside)
    unlinkSync(join(copy, 'inputs/profile.json'))
    symlinkSync(outside, join(copy, 'inputs/profile.json'))
    await expect(readStudyFolder(copy)).rejects.toThrow(/leads out of the folder/)
  })

  it('with anything in place of anything it is read or refused', async () => {
    const paths = fc.constantFrom(...pathsOf(plain))
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', -0, 1e308, '', [], {}, null))
    await fc.assert(
      fc.asyncProperty(paths, values, async (path, value) => {
        put(JSON.stringify(replaced(plain, path, value)))
        const error = await readStudyFolder(folder).then(
          () => null,
          (thrown) => thrown,
        )
        if (error !== null) {
          expect(error).toBeInstanceOf(OhmbitError)
          expect(error.code).toMatch(/^OHM(8002|5006)$/)
        }
      }),
      { numRuns: 300 },
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

function point(values: object) {
  return { index: 0, network: 0, values, mechanisms: 'all' }
}

function pathsOf(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, v]) => pathsOf(v, [...at, Array.isArray(value) ? Number(key) : key]))
      : []
  return [...(at.length > 0 ? [at] : []), ...inside]
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by
  const copy = structuredClone(value) as Record<string | number, unknown>
  copy[key] = replaced(copy[key], rest, by)
  return copy
}
