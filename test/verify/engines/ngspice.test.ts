/** A program on the PATH that calls itself ngspice and lies: only a clean run with every value counts. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/verify/index.ts'

const path = process.env['PATH']
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fake-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => {
  process.env['PATH'] = path
})

/** What it does when it is handed a deck; asked for its version it answers. */
async function fake(script: string, timeoutSeconds = 20) {
  const file = join(folder, 'ngspice')
  writeFileSync(file, `#!/bin/sh\n[ "$1" = --version ] && exit 0\n${script}\n`)
  chmodSync(file, 0o755)
  process.env['PATH'] = `${folder}${delimiter}${path}`
  return openEngine('ngspice', { timeoutSeconds })
}

const A = "echo 'v(a) = ( 1.0000000000000000e+00\t2.5000000000000000e-01\t)'"
const B = "echo 'v(b) = ( 3.0000000000000000e+00\t-4.0000000000000000e-11\t)'"
const solved = async (script: string) => (await fake(script)).solve('title\n.end\n', ['a', 'b'], 2)

describe('a run counts', () => {
  it('with exit code 0, a clean log and every value', async () => {
    const solution = await solved(`${A}; ${B}`)
    expect([...solution.get('a')!]).toEqual([1, 0.25])
    expect([...solution.get('b')!]).toEqual([3, -4e-11])
  })

  it('whatever was printed is seen, also of a run that does not count', async () => {
    let log = ''
    const engine = await fake(`${A}; exit 3`)
    await expect(
      engine.solve('', ['a'], 2, (text) => {
        log = text
      }),
    ).rejects.toMatchObject({ message: 'ngspice ended with exit code 3' })
    expect(log).toMatch(/^v\(a\) = /)
  })
})

describe('a run does not count', () => {
  it.each([
    ['exit code 1 with all values', `${A}; ${B}; exit 1`, /exit code 1/],
    ['killed with all values', `${A}; ${B}; kill -9 $$`, /exit code null/],
    [
      'a singular matrix and exit code 0',
      `echo 'Warning: singular matrix:  check node x'; ${A}; ${B}`,
      /singular matrix/,
    ],
    ['a singular matrix on stderr', `${A}; ${B}; echo 'Warning: singular matrix' >&2`, /singular matrix/],
    ['the warning after all values', `${A}; ${B}; echo 'doAnalyses: iteration limit reached; run aborted'`, /aborted/],
    ['gmin stepping', `echo 'Note: Starting dynamic gmin stepping'; ${A}; ${B}`, /stepping/],
    ['a missing node', A, /no value for node b/],
    ['a missing vector', `${A}; echo 'v(b) = ( 1.0000000000000000e+00\t)'`, /no value for node b/],
    ['a vector too many', `${A}; echo 'v(b) = ( 1.0e+00\t2.0e+00\t3.0e+00\t)'`, /no value for node b/],
    ['no value between parentheses', `${A}; echo 'v(b) = (  )'`, /no value for node b/],
    ['NaN', `${A}; echo 'v(b) = ( 1.0e+00\tnan\t)'`, /no value for node b/],
    ['-nan(ind)', `${A}; echo 'v(b) = ( 1.0e+00\t-nan(ind)\t)'`, /no value for node b/],
    ['an infinity', `${A}; echo 'v(b) = ( 1.0e+00\tinf\t)'`, /no value for node b/],
    ['more than a double holds', `${A}; echo 'v(b) = ( 1.0e+00\t1.0e+999\t)'`, /no value for node b/],
    ['a number cut off in its digits', `${A}; printf 'v(b) = ( 1.0e+00\t-4.00'`, /no value for node b/],
    ['a number cut off in its exponent', `${A}; echo 'v(b) = ( 1.0e+00\t-4.0e-1 )'`, /no value for node b/],
    ['cut off before the last parenthesis', `${A}; printf 'v(b) = ( 1.0e+00\t-4.0e-11'`, /no value for node b/],
    ['an open list that runs into the next node', `echo 'v(b) = ( 1.0e+00'; ${A}`, /no value for node b/],
    ['a number of another kind', `${A}; echo 'v(b) = ( 0x10 1 )'`, /no value for node b/],
    ['a node printed twice', `${A}; ${B}; ${B}`, /node b twice/],
    ['nothing at all', ':', /no value for node a/],
  ])('%s', async (_, script, message) => {
    await expect(solved(script)).rejects.toMatchObject({ code: 'OHM6002', message: expect.stringMatching(message) })
  })

  it('that hangs, also where something it started holds its output open', async () => {
    for (const script of [`${A}; ${B}; exec sleep 30`, `${A}; ${B}; sleep 30 & sleep 30`])
      await expect((await fake(script, 0.5)).solve('', ['a', 'b'], 2)).rejects.toMatchObject({
        code: 'OHM6002',
        message: 'ngspice did not finish within 0.5 s',
      })
  })

  it('that prints without end: stopped at a bound', async () => {
    const engine = await fake(`${A}; ${B}; exec yes 'v(c) = 1.0e+00'`)
    await expect(engine.solve('', ['a', 'b'], 2)).rejects.toMatchObject({
      code: 'OHM6002',
      message: expect.stringMatching(/printed more than \d+ bytes/),
    })
  })

  it('and its folder is gone afterwards', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('ohmbit-')).length
    await expect(solved('exit 1')).rejects.toMatchObject({ code: 'OHM6002' })
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('ohmbit-')).length).toBeLessThanOrEqual(before)
  })

  it('is no longer there when it is wanted', async () => {
    const engine = await fake(A)
    process.env['PATH'] = '/nowhere'
    await expect(engine.solve('', ['a'], 2)).rejects.toMatchObject({ message: 'ngspice is not installed' })
  })
})
