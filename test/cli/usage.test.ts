/** What the command line refuses, and what it says then. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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

describe('files given where something else is wanted', () => {
  const say = async (folder: string, ...args: string[]) => {
    const { status, stderr } = await ohmbit(args, { cwd: folder })
    return `${status} ${stderr}`
  }

  it('a network in place of a deployment is to be deployed first', async () => {
    const folder = emptyFolder()
    await ohmbit(['import', model, '-o', 'n.safetensors'], { cwd: folder })
    for (const command of [['simulate'], ['verify'], ['emit', 'thresholds']]) {
      const said = await say(folder, ...command, 'n.safetensors', ...(command[0] === 'emit' ? ['-o', 't'] : []))
      expect(said).toMatch(/^3 error OHM1301: n\.safetensors is a file; this command takes a deployment folder/)
      expect(said).toContain('deploy it first: ohmbit deploy n.safetensors')
    }
    await ohmbit(['deploy', 'n.safetensors', '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    expect(await say(folder, 'simulate', 'd/deployment.json')).toContain('give the folder it stands in: d\n')
  })

  it('a file is named once', async () => {
    const said = await say(emptyFolder(), 'inspect', 'nowhere.onnx')
    expect(said.split('nowhere.onnx')).toHaveLength(2)
  })

  it('profiles check takes a preset too', async () => {
    const { status, stdout } = await ohmbit(['profiles', 'check', 'pcm'])
    expect([status, stdout]).toEqual([0, 'pcm: valid, shipped with ohmbit\n'])
    expect(await say(emptyFolder(), 'profiles', 'check', 'pcn')).toContain('3 error OHM1001')
  })

  it('endings that would lie about the content are refused before anything is done', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model, '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    const refused = { import: ['import', model, '-o', 'a.b/x.npz'], svg: ['simulate', 'd', ...data, '--svg', 'x.png'] }
    expect(await say(folder, ...refused.import)).toMatch(
      /^2 error OHM9001: a\.b\/x\.npz: .* for instance a\.b\/x\.safetensors/s,
    )
    expect(await say(folder, ...refused.svg)).toMatch(/^2 error OHM9001: x\.png: .* for instance x\.svg/s)
    expect(readdirSync(folder)).toEqual(['d'])
  })
})

describe('what a command says', () => {
  it('deploy names the data that simulate will need when there is no task', async () => {
    const folder = emptyFolder()
    copyFileSync(model, join(folder, 'm.onnx'))
    const next = async (...more: string[]) => {
      const { stdout } = await ohmbit(['deploy', 'm.onnx', '--profile', 'ideal', '-o', 'd', ...more], { cwd: folder })
      return stdout.match(/^next: (.*)$/m)![1]
    }
    expect(await next()).toBe('ohmbit simulate d --inputs Y.npy --truth X.npy')
    expect(await next('--task', 'symbol-detection:antennas=12,users=4,snrDb=12')).toBe('ohmbit simulate d')
  })

  it('simulate is headed by what was simulated, and --set is on record', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model, '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    const words = [
      'simulate',
      'd',
      '--chips',
      '1',
      '--seed',
      '4',
      '--set',
      'device.levels=16',
      'device.devicesPerSide=2',
    ]
    const { stdout } = await ohmbit(words, { cwd: folder })
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'det_R1_shq_snr12 on ideal: 1 chip, 256 vectors, seed 4',
      'with device.levels=16, device.devicesPerSide=2',
    ])
    const { json } = await ohmbit([...words, '--json'], { cwd: folder })
    expect(json.provenance.set).toEqual(['device.levels=16', 'device.devicesPerSide=2'])
    expect((await ohmbit(['simulate', 'd', '--chips', '1', '--json'], { cwd: folder })).json.provenance.set).toEqual([])
    const svg = [...words, '--svg', 'w.svg']
    await ohmbit(svg, { cwd: folder })
    expect(readFileSync(join(folder, 'w.svg'), 'utf8')).toContain('with device.levels=16, device.devicesPerSide=2')
  })

  it('usage errors carry their code, and a group says what it needs', async () => {
    expect((await ohmbit(['simulate', 'd', '--nope'])).stderr).toContain("error OHM9001: unknown option '--nope'")
    expect((await ohmbit(['deploy'])).stderr).toContain("error OHM9001: missing required argument 'network'")
    const wanted = 'profiles needs one of its commands: list, show, check, new'
    expect((await ohmbit(['profiles'])).stderr).toContain(`error OHM9001: ${wanted}`)
    expect((await ohmbit(['profiles', '--json'])).json.error.message).toBe(wanted)
  })

  it('help marks what is required', async () => {
    const { stdout } = await ohmbit(['deploy', '--help'])
    expect(stdout).toContain('Usage: ohmbit deploy <network> --profile <id or file> -o <path> [options]')
    expect(stdout.match(/\(required\)/g)).toHaveLength(2)
  })
})

describe('inspect', () => {
  it('says what a file is and where it came from', async () => {
    const folder = emptyFolder()
    await ohmbit(['import', model, '-o', 'n.safetensors'], { cwd: folder })
    const { stdout } = await ohmbit(['inspect', 'n.safetensors'], { cwd: folder })
    expect(stdout).toContain('  file: safetensors, the native format of ohmbit\n  imported from: onnx\n')
    const original = await ohmbit(['inspect', model])
    expect(original.stdout).toContain('  file: onnx\n')
    expect(original.stdout).not.toContain('imported from')
    expect(original.stdout).not.toContain('format:')
    expect((await ohmbit(['inspect', 'n.safetensors', '--json'], { cwd: folder })).json.result.format).toBe(
      'safetensors',
    )
  })

  it('explains the decoder of a deployment', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model, '--profile', 'reram-1t1r', '-o', 'd'], { cwd: folder })
    const { json } = await ohmbit(['inspect', 'd/decoder.json', '--json'], { cwd: folder })
    const words = JSON.parse(readFileSync(join(folder, 'd/decoder.json'), 'utf8'))
    expect(json.result).toMatchObject({ kind: 'decoder', accumulatorBits: words.accumulatorBits })
    expect(json.result.layers).toHaveLength(words.layers.length)
    for (const layer of json.result.layers) expect(layer.accumulatorBits).toBeLessThanOrEqual(words.accumulatorBits)
  })
})
