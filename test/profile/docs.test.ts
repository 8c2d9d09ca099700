import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { STAGES } from '../../src/profile/isolate.ts'
import { parseProfile, profileProblems } from '../../src/profile/parse.ts'
import { presetIds } from '../../src/profile/preset-files.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/profiles.md', import.meta.url)), 'utf8')
const example = /```json\n([\s\S]*?)```/.exec(page)![1]!

it('the example of docs/profiles.md is a valid profile', async () => {
  const { profile, sources } = await parseProfile(example, 'mine.json')
  expect(profile.device.programming.sigma).toBe(0.04)
  expect(sources['device.conductanceMin']).toEqual({ source: 'measurements of lot 1' })
})

it('its misspelt key is reported as the page shows', async () => {
  const [problem] = await profileProblems(example.replace('conductanceMin', 'conductanceMn'), 'mine.json')
  expect(page).toContain(`error ${problem!.code}: ${problem!.message}\n`)
  expect(page).toContain(`  --> mine.json:${problem!.at!.line}:${problem!.at!.column}  ${problem!.at!.pointer}\n`)
  expect(page).toContain(`${problem!.at!.line} | ${problem!.excerpt!.text}\n`)
  expect(page).toContain(`  = ${problem!.hint}\n`)
})

it('the tables name every preset and every stage', async () => {
  for (const id of await presetIds()) expect(page).toContain(`\n| \`${id}\` |`)
  for (const stage of STAGES) expect(page).toContain(`\n| ${stage} |`)
})
