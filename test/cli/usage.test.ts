/** What the command line refuses, and what it says then. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture } from '../support/fixtures.ts'

const model = fixture('networks/det_R1_shq_snr12/model.onnx')
const data = [
  '--inputs',
  fixture('networks/det_R1_shq_snr12/test_y.npy'),
  '--truth',
  fixture('networks/det_R1_shq_snr12/test_x.npy'),
]

describe('options that contradict each other', () => {
  it('--samples beside --inputs and --truth', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model, '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    for (const command of [
      ['evaluate', model],
      ['simulate', 'd', '--chips', '1'],
    ]) {
      const { status, json } = await ohmbit([...command, ...data, '--samples', '9', '--json'], { cwd: folder })
      expect(status).toBe(2)
      expect(json.error).toMatchObject({ code: 'OHM9001', kind: 'usage' })
      expect((await ohmbit([...command, ...data], { cwd: folder })).status).toBe(0)
    }
  })
})

describe('profiles new', () => {
  it('does not overwrite a file, not even one that ohmbit made, without --force', async () => {
    const folder = emptyFolder()
    const file = join(folder, 'mine.json')
    const make = (...more: string[]) => ohmbit(['profiles', 'new', 'mine', ...more, '--json'], { cwd: folder })
    expect((await make()).status).toBe(0)
    const edited = readFileSync(file, 'utf8').replace('"mine"', '"mine-edited"')
    writeFileSync(file, edited)
    const refused = await make()
    expect(refused.status).toBe(2)
    expect(refused.json.error.code).toBe('OHM1006')
    expect(readFileSync(file, 'utf8')).toBe(edited)
    expect((await make('--force')).status).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toBe(edited)
  })

  it('refuses the id of a shipped profile and names a way out that works', async () => {
    const folder = emptyFolder()
    const { status, json } = await ohmbit(['profiles', 'new', 'pcm', '-o', 'f.json', '--json'], { cwd: folder })
    expect(status).toBe(3)
    expect(json.error.code).toBe('OHM1202')
    const words = json.error.hint.match(/ohmbit (.*)$/)[1].split(' ')
    expect((await ohmbit(words, { cwd: folder })).status).toBe(0)
  })
})

describe('--set', () => {
  it('takes the list of docs/profiles.md', async () => {
    const page = readFileSync(new URL('../../docs/profiles.md', import.meta.url), 'utf8')
    const list = page.match(/--set "(device\.levels=\[.*?\])"/)![1]!
    const { json } = await ohmbit(['profiles', 'show', 'reram-cmo', '--set', list, '--json'])
    expect(json.result.profile.device.levels).toEqual([8e-6, 40e-6, 90e-6])
  })
})
