import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OhmbitError, type Problem } from '../../src/base/errors.ts'
import { profileProblems } from '../../src/profile/parse.ts'
import { profileFromJson, profileToJson, readProfile, setProfileValues } from '../../src/profile/read.ts'
import { parseCurveCsv } from '../../src/profile/table-csv.ts'

const outside = mkdtempSync(join(tmpdir(), 'ohmbit-curves-'))
const folder = join(outside, 'profiles')
mkdirSync(folder)
afterAll(() => rmSync(outside, { recursive: true }))

const profileText = (table: unknown, model = 'measured') =>
  `{"format": "ohmbit/profile/1", "periphery": {"activation": {"transfer": {"model": "${model}", "table": ${JSON.stringify(table)}}}}}`
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

const POINTS = [
  [-2, -0.9],
  [0, 0],
  [2.5, 0.9],
]
const TEXT = 'input,output\n-2,-0.9\n0,0\n2.5,0.9\n'

describe('the table of an activation stage', () => {
  it.each([TEXT, '\ufeffinput, output\r\n-2, -.9\r\n-0, 0\r\n25e-1, 9.0E-1\r\n\r\n'])('is read: %j', (text) => {
    expect(parseCurveCsv(text, 't.csv')).toEqual(POINTS)
  })

  it('is read from beside the profile, and stands in the canonical profile as points', async () => {
    write('pair.csv', TEXT)
    const profile = await readProfile(write('by-name.json', profileText('pair.csv')))
    expect(profile.periphery.activation.transfer).toEqual({ model: 'measured', function: 'tanh', table: POINTS })
    expect(profileFromJson(profileToJson(profile))).toEqual(profile)
    const inside = await readProfile(write('inside.json', profileText(POINTS)))
    expect(inside.periphery).toEqual(profile.periphery)
    const set = await setProfileValues(await readProfile('ideal'), [
      'periphery.activation.transfer.model=measured',
      'periphery.activation.transfer.table=[[-2, -0.9], [0, 0], [2.5, 0.9]]',
    ])
    expect(set.periphery.activation.transfer).toEqual(profile.periphery.activation.transfer)
  })

  it('may be a link within the folder', async () => {
    write('target.csv', TEXT)
    symlinkSync('target.csv', join(folder, 'link.csv'))
    expect((await readProfile(write('p.json', profileText('link.csv')))).periphery.activation.transfer.table).toEqual(
      POINTS,
    )
  })
})

describe('mistakes in it', () => {
  it.each([
    ['', 1, 'the first line is not the header of such a table'],
    ['vin,vout\n0,0\n', 1, 'the first line is not the header of such a table'],
    ['input,output\n', 1, 'the table has no rows'],
    ['input,output\n0,0\n', 2, 'the table has 1 row; it needs 2'],
    ['input,output\n0,0\n1\n', 3, 'a row has 2 values, not 1'],
    ['input,output\n0,0\n1,NaN\n', 3, '"NaN" is not a finite number'],
    ['input,output\n0,0\nInfinity,1\n', 3, '"Infinity" is not a finite number'],
    ['input,output\n0,0\n1,1e999\n', 3, '"1e999" is not a finite number'],
    ['input,output\n0,0\n0x1,1\n', 3, '"0x1" is not a finite number'],
    ['input,output\n0,0\n1,1\n-1,-1\n', 4, 'the inputs do not ascend: "-1" follows'],
    ['input,output\n0,0\n-0,1\n', 3, 'the inputs do not ascend: "-0" follows'],
    [`input,output\n${'1,1\n'.repeat(4097)}`, 4098, 'the table has 4097 rows; the limit is 4096'],
  ])('%j', async (text, line, message) => {
    const file = write('bad.csv', text)
    const [problem] = await problemsOf(readProfile(write('p.json', profileText('bad.csv'))))
    expect(problem!.code).toBe('OHM1202')
    expect(problem!.message).toContain(message)
    expect(problem!.at).toEqual({ file, line })
  })

  it.each(['../pair.csv', '/etc/passwd', 'sub/pair.csv', '.hidden', ''])(
    'the name %j leads elsewhere',
    async (name) => {
      const [problem] = await problemsOf(readProfile(write('p.json', profileText(name))))
      expect(problem!.message).toContain('is not the plain name of a file beside the profile')
      expect(problem!.at?.pointer).toBe('/periphery/activation/transfer/table')
    },
  )

  it('a link that leads out of the folder is refused, with its place and a way out', async () => {
    writeFileSync(join(outside, 'secret.csv'), TEXT)
    symlinkSync(join(outside, 'secret.csv'), join(folder, 'escape.csv'))
    const [problem] = await problemsOf(readProfile(write('p.json', profileText('escape.csv'))))
    expect(problem!.code).toBe('OHM1202')
    expect(problem!.message).toBe('"escape.csv" is a link that leads out of the folder of the profile')
    expect(problem!.hint).toBe('put the CSV itself into the folder of the profile')
    expect(problem!.at?.pointer).toBe('/periphery/activation/transfer/table')
  })

  it('a file too large, a file that is missing, numbers too large', async () => {
    write('huge.csv', 'x'.repeat((1 << 19) + 1))
    expect((await problemsOf(readProfile(write('p.json', profileText('huge.csv')))))[0]!.code).toBe('OHM1002')
    expect((await problemsOf(readProfile(write('p.json', profileText('none.csv')))))[0]!.code).toBe('OHM1001')
    write('far.csv', 'input,output\n0,0\n1e7,1\n')
    const [far] = await problemsOf(readProfile(write('p.json', profileText('far.csv'))))
    expect(far!.message).toContain('plain numbers up to 1000000')
  })

  it('measured without a table, points out of order, a name in a text alone', async () => {
    const [missing] = await profileProblems(profileText(null), 'p.json')
    expect(missing!.message).toBe('the activation stage is measured, but there is no table')
    const [order] = await profileProblems(profileText([...POINTS].reverse()), 'p.json')
    expect(order!.message).toBe('inputs of the table do not ascend: 0 follows 2.5')
    const [named] = await profileProblems(profileText('pair.csv'), 'p.json')
    expect(named!.message).toContain('only a profile read from a file')
    expect(named!.hint).toBe('write the rows [[input, output], ...]')
    expect(await profileProblems(profileText(null, 'ideal'), 'p.json')).toEqual([])
  })
})
