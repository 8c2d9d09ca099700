import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture } from '../support/fixtures.ts'

const folder = emptyFolder()
const run = (...args: string[]) => ohmbit(args, { cwd: folder })
const WRONG = ['--set', 'device.programming.model=normal-independent', '--set', 'device.programming.sigma=0.2']

beforeAll(async () => {
  const model = fixture('networks/vqcs_n20_I4/model.onnx')
  await run('deploy', model, '--profile', 'ideal', ...WRONG, '-o', 'deployed')
})

describe('adapt', () => {
  it('writes the deployment of one chip, which simulate takes for that chip', async () => {
    const args = ['--chip', '2', '--seed', '7', '--pilots', '3000', '--iterations', '500', '-o', 'chip2', '--json']
    const { status, json } = await run('adapt', 'deployed', ...args)
    expect(status).toBe(0)
    expect(json.result).toMatchObject({
      ...{ chip: 2, seed: 7, pilots: 3000, heldOut: 300, validation: 270, training: 2430 },
      ...{ kept: 'adapted', metric: 'nmseDb', iterations: 500 },
    })
    const { before, after, gainDb } = json.result
    expect(gainDb).toBeCloseTo(before.value - after.value, 10)
    expect(gainDb).toBeGreaterThan(1)
    expect(json.provenance.seed).toBe(7)
    expect(JSON.parse(readFileSync(join(folder, 'chip2', 'deployment.json'), 'utf8')).adaptedTo).toEqual({
      ...{ seed: 7, chip: 2 },
    })

    const own = await run('simulate', 'chip2', '--samples', '2000', '--json')
    const same = await run('simulate', 'deployed', '--chip', '2', '--seed', '7', '--samples', '2000', '--json')
    expect(own.json.warnings).toEqual([])
    expect(own.json.result.chips).toBe(1)
    const value = (r: typeof own) => r.json.result.metric.deployed.mean
    expect(value(own)).toBeLessThan(value(same) - 1)

    // Adapted again it is the same chip, unless another is named.
    const again = async (...of: string[]) =>
      (await run('adapt', 'chip2', '--pilots', '60', '--iterations', '1', '-o', 'again', '--json', ...of)).json
    expect(await again()).toMatchObject({ result: { chip: 2, seed: 7 }, provenance: { seed: 7 }, warnings: [] })
    expect(await again('--chip', '2')).toMatchObject({ result: { chip: 2, seed: 0 }, warnings: [{ code: 'OHM5008' }] })
    const others = await run('simulate', 'chip2', '--chips', '2', '--json')
    expect(others.json.warnings.map((w: { code: string }) => w.code)).toContain('OHM5008')
    // Other signal paths of the same chip keep the mark.
    const older = await run('simulate', 'chip2', '--chip', '3', '--set', 'device.levels=64', '--json')
    expect(older.json.warnings.map((w: { code: string }) => w.code)).toContain('OHM5008')
  })

  it('says what came of it', async () => {
    const { stdout } = await run('adapt', 'deployed', '--pilots', '1000', '--iterations', '300', '-o', 'said')
    expect(stdout).toContain('chip 0 of seed 0, 1000 pilots')
    expect(stdout).toMatch(/600 pilots were trained on in 300 iterations, 200 said when to stop, 200 were held out/)
    expect(stdout).toContain('kept: the adapted digital half')
  })

  it('emits what it wrote', async () => {
    await run('adapt', 'deployed', '--pilots', '500', '--iterations', '100', '-o', 'small')
    const { status, json } = await run('emit', 'c', 'small', '-o', 'firmware', '--json')
    expect([status, json.result.files.length > 0]).toEqual([0, true])
    const deck = await run('emit', 'spice', 'small', '--chip', '0', '-o', 'deck', '--json')
    expect(deck.status).toBe(0)
  })

  it('takes own pilots, the first so many of them', async () => {
    const [y, x] = ['test_y.npy', 'test_x.npy'].map((name) => fixture(`networks/vqcs_n20_I4/${name}`)) as [
      string,
      string,
    ]
    const args = ['--inputs', y, '--truth', x, '--iterations', '50', '-o', 'own', '--json']
    const { json } = await run('adapt', 'deployed', '--pilots', '200', ...args)
    expect(json.result.pilots).toBe(200)
    expect(json.provenance.inputs.length).toBe(3)
    const more = await run('adapt', 'deployed', '--pilots', '10000000', ...args)
    expect([more.status, more.json.error.code]).toEqual([2, 'OHM9001'])
  })

  it('refuses', async () => {
    const few = await run('adapt', 'deployed', '--pilots', '49', '-o', 'no', '--json')
    expect(few.json.error.code).toBe('OHM5004')
    const both = await run('simulate', 'deployed', '--chip', '1', '--chips', '2', '--json')
    expect([both.status, both.json.error.code]).toEqual([2, 'OHM9001'])
    const nowhere = await run('adapt', 'deployed', '--json')
    expect(nowhere.status).toBe(2)
  })

  it('a folder whose mark is damaged is not believed', async () => {
    const { cp, writeFile } = await import('node:fs/promises')
    await run('adapt', 'deployed', '--pilots', '100', '--iterations', '10', '-o', 'marked')
    await cp(join(folder, 'marked'), join(folder, 'bad'), { recursive: true })
    const index = JSON.parse(readFileSync(join(folder, 'bad', 'deployment.json'), 'utf8'))
    index.adaptedTo = { seed: -1, chip: 0 }
    await writeFile(join(folder, 'bad', 'deployment.json'), JSON.stringify(index))
    const { json } = await run('simulate', 'bad', '--json')
    expect(json.error.code).toBe('OHM1301')
  })
})
