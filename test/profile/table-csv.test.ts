import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OhmbitError, type Problem } from '../../src/base/errors.ts'
import { profileProblems } from '../../src/profile/parse.ts'
import { profileFromJson, profileToJson, readProfile } from '../../src/profile/read.ts'
import { parseTableCsv } from '../../src/profile/table-csv.ts'

const folder = mkdtempSync(join(tmpdir(), 'ohmbit-tables-'))
afterAll(() => rmSync(folder, { recursive: true }))

const profileText = (table: unknown, more = '') =>
  `{"format": "ohmbit/profile/1", "device": {"programming": {"model": "table", "table": ${JSON.stringify(table)}}${more}}}`
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
async function problemsOf(work: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await work
    return []
  } catch (error) {
    if (error instanceof OhmbitError) return error.problems
    throw error
  }
}

const ROWS = [
  [10e-6, 11.5e-6, 0.5e-6],
  [20e-6, 20e-6, 1e-6],
]

describe('a table of measurements', () => {
  it.each([
    'target_uS,mean_uS,sigma_uS\n10,11.5,0.5\n20,20,1\n',
    '\ufefftarget_uS, mean_uS, sigma_uS\r\n10, 11.5, .5\r\n2e1, 20.0, 1\r\n\r\n',
    'target,mean,sigma\n10e-6,11.5e-6,5e-7\n2e-5,2e-5,1E-6',
  ])('in microsiemens or siemens, digits kept: %j', (text) => {
    expect(parseTableCsv(text, 't.csv')).toEqual(ROWS)
  })

  it('is read from beside the profile, and stands in the canonical profile as rows', async () => {
    write('lot1.csv', 'target_uS,mean_uS,sigma_uS\n10,11.5,0.5\n20,20,1\n')
    const profile = await readProfile(write('by-name.json', profileText('lot1.csv')))
    expect(profile.device.programming.table).toEqual(ROWS)
    expect(profileFromJson(profileToJson(profile))).toEqual(profile)
    const wrapped = await readProfile(write('wrapped.json', profileText({ value: 'lot1.csv', source: 'lot 1' })))
    expect(wrapped.device).toEqual(profile.device)
    const inside = await readProfile(
      write(
        'inside.json',
        profileText([
          ['10 uS', '11.5 uS', '0.5 uS'],
          [20e-6, 20e-6, 1e-6],
        ]),
      ),
    )
    expect(inside.device).toEqual(profile.device)
  })
})

describe('mistakes', () => {
  it.each([
    ['', 1, 'the first line is not the header of such a table'],
    ['10,10,1\n', 1, 'the first line is not the header of such a table'],
    ['target_uS,mean_uS,sigma_uS\n', 1, 'the table has no rows'],
    ['target_uS,mean_uS,sigma_uS\n1,1,0.1\n2,2\n', 3, 'a row has 3 values, not 2'],
    ['target_uS,mean_uS,sigma_uS\n1,1,0.1\n\n2,2,0.1\n', 3, 'a row has 3 values, not 0'],
    ['target_uS,mean_uS,sigma_uS\n1,-1,0.1\n', 2, '"-1" is not a conductance'],
    ['target_uS,mean_uS,sigma_uS\n1,1,NaN\n', 2, '"NaN" is not a conductance'],
    ['target_uS,mean_uS,sigma_uS\n1,1,1e9999\n', 2, '"1e9999" is not a conductance'],
    ['target_uS,mean_uS,sigma_uS\n2,2,0.1\n2,2,0.1\n', 3, 'the targets do not ascend: "2" follows'],
    [`target,mean,sigma\n${'1,1,1\n'.repeat(4097)}`, 4098, 'the table has 4097 rows; the limit is 4096'],
  ])('%j', async (text, line, message) => {
    write('bad.csv', text)
    const file = join(folder, 'bad.csv')
    const [problem] = await problemsOf(readProfile(write('p.json', profileText('bad.csv'))))
    expect(problem!.message).toContain(message)
    expect(problem!.at).toEqual({ file, line })
  })

  it('all at once, up to twenty', async () => {
    write('many.csv', `target_uS,mean_uS,sigma_uS\n${'x,y,z\n'.repeat(100)}`)
    const found = await problemsOf(readProfile(write('p.json', profileText('many.csv', ', "devicesPerSide": 0'))))
    expect(found.filter((p) => p.at?.file?.endsWith('many.csv'))).toHaveLength(20)
    expect(found.some((p) => p.message.includes('devicesPerSide'))).toBe(true)
  })

  it.each([
    '../lot1.csv',
    '/etc/passwd',
    'sub/lot1.csv',
    'sub\\lot1.csv',
    'C:lot1.csv',
    '.hidden',
    '..',
    '',
    `${'a'.repeat(300)}.csv`,
  ])('the name %j leads elsewhere and is refused', async (name) => {
    const [problem] = await problemsOf(readProfile(write('p.json', profileText(name))))
    expect(problem!.code).toBe('OHM1202')
    expect(problem!.message).toContain('is not the plain name of a file beside the profile')
    expect(problem!.at?.pointer).toBe('/device/programming/table')
  })

  it('files that are missing or too large', async () => {
    expect((await problemsOf(readProfile(write('p.json', profileText('none.csv')))))[0]!.code).toBe('OHM1001')
    write('huge.csv', 'x'.repeat((1 << 19) + 1))
    expect((await problemsOf(readProfile(write('p.json', profileText('huge.csv')))))[0]!.code).toBe('OHM1002')
  })

  it('a text alone cannot name a file, and the model needs a table', async () => {
    expect((await profileProblems(profileText('lot1.csv'), 'p.json'))[0]!.message).toContain('only a profile read from')
    const [missing] = await profileProblems(profileText(null), 'p.json')
    expect(missing!.message).toBe('the programming model is table, but there is no table')
    const [order] = await profileProblems(
      profileText([
        [2e-6, 2e-6, 0],
        [1e-6, 1e-6, 0],
      ]),
      'p.json',
    )
    expect(order!.message).toBe('targets of the table do not ascend: 1 uS follows 2 uS')
  })
})
