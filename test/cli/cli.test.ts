import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture, NETWORKS } from '../support/fixtures.ts'

const model = (name: string) => fixture(`networks/${name}/model.onnx`)
const data = (name: string) => [
  '--inputs',
  fixture(`networks/${name}/test_y.npy`),
  '--truth',
  fixture(`networks/${name}/test_x.npy`),
]
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const tree = (folder: string): Record<string, string> =>
  Object.fromEntries(
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((f) => statSync(join(folder, f)).isFile())
      .sort()
      .map((f) => [f, sha256(join(folder, f))]),
  )

describe('scores of the trained networks', () => {
  for (const name of NETWORKS)
    it(`${name}: import, then evaluate gives the manifest's score`, async () => {
      const folder = emptyFolder()
      const file = join(folder, 'n.safetensors')
      const imported = await ohmbit(['import', model(name), '-o', file, '--json'])
      expect(imported.json).toMatchObject({ format: 'ohmbit/result/1', command: 'import', ok: true })
      expect(imported.json.result.file.sha256).toBe(sha256(file))
      const manifest = JSON.parse(readFileSync(fixture(`networks/${name}/manifest.json`), 'utf8'))
      const { json } = await ohmbit(['evaluate', file, ...data(name), '--json'])
      const { metric } = json.result
      if (manifest.ber_2000 !== undefined) expect(metric).toMatchObject({ name: 'ber', value: manifest.ber_2000 })
      else if (manifest.mse_2000 !== undefined) {
        expect(metric.name).toBe('mse')
        expect(Math.abs(metric.value - manifest.mse_2000)).toBeLessThan(1e-6)
      } else {
        expect(metric.name).toBe('nmseDb')
        expect(Math.abs(metric.value - manifest.nmse_db_2000)).toBeLessThan(1e-6)
      }
      expect(metric.ci95[0]).toBeLessThanOrEqual(metric.value)
      expect(metric.ci95[1]).toBeGreaterThanOrEqual(metric.value)
      expect(metric.samples).toBe(2000)
    })
})

describe('deploy and simulate', () => {
  it('the folder is the same bytes twice, and every listed hash is right', async () => {
    const folder = emptyFolder()
    for (const out of ['a', 'b'])
      expect(
        (await ohmbit(['deploy', model('det_R1_shq_snr12'), '--profile', 'reram-1t1r', '-o', out], { cwd: folder }))
          .status,
      ).toBe(0)
    const files = tree(join(folder, 'a'))
    expect(tree(join(folder, 'b'))).toEqual(files)
    const index = JSON.parse(readFileSync(join(folder, 'a/deployment.json'), 'utf8'))
    expect(Object.keys(files).sort()).toEqual([...Object.keys(index.files), 'deployment.json'].sort())
    for (const [name, { sha256: listed }] of Object.entries<{ sha256: string }>(index.files))
      expect(files[name]).toBe(listed)
  })

  it('the result is the same with one and two workers, and twice', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model('vqcs_n20_I4'), '--profile', 'reram-1t1r', '-o', 'd'], { cwd: folder })
    const simulate = async (...more: string[]) => {
      const { json, status } = await ohmbit(['simulate', 'd', '--chips', '6', '--seed', '4', '--json', ...more], {
        cwd: folder,
      })
      expect(status).toBe(0)
      return JSON.stringify({ ...json, provenance: { ...json.provenance, seconds: 0 } })
    }
    const one = await simulate('--workers', '1')
    expect(await simulate('--workers', '2')).toBe(one)
    expect(await simulate('--workers', '1')).toBe(one)
    expect(await simulate('--workers', '1', '--seed', '5')).not.toBe(one)
  })

  it('--set takes several assignments, and nothing else', async () => {
    const folder = emptyFolder()
    const profile = async (...args: string[]) => {
      const words = ['deploy', model('det_R1_shq_snr12'), '--profile', 'ideal', '-o', 'd', ...args, '--json']
      return (await ohmbit(words, { cwd: folder })).json
    }
    const together = await profile('--set', 'device.levels=16', 'device.devicesPerSide=2')
    const apart = await profile('--set', 'device.levels=16', '--set', 'device.devicesPerSide=2')
    expect(together.ok).toBe(true)
    expect(apart.provenance.profile).toEqual(together.provenance.profile)
    expect((await profile('--set', 'device.levels=16', 'stray')).error.code).toBe('OHM9001')
  })

  it('a damaged folder is refused with the file named', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model('det_R1_shq_snr12'), '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    const target = join(folder, 'd/targets/layer0_tile0.npy')
    const bytes = readFileSync(target)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(target, bytes)
    const { status, json } = await ohmbit(['simulate', 'd', '--json'], { cwd: folder })
    expect(status).toBe(3)
    expect(json.error.code).toBe('OHM1301')
    expect(json.error.message).toContain('layer0_tile0.npy')
  })

  it('does not overwrite what ohmbit did not make', async () => {
    const folder = emptyFolder()
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    const { status, json } = await ohmbit([
      'deploy',
      model('det_R1_shq_snr12'),
      '--profile',
      'ideal',
      '-o',
      folder,
      '--json',
    ])
    expect(status).toBe(2)
    expect(json.error.code).toBe('OHM1006')
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine')
  })
})

describe('crossbar solve', () => {
  for (const file of readdirSync(fixture('crossbar')))
    it(`${file} to 1e-12`, async () => {
      const { json, status } = await ohmbit(['crossbar', 'solve', fixture(`crossbar/${file}`), '--json'])
      expect(status).toBe(0)
      const expected: number[] = JSON.parse(
        readFileSync(fixture(`crossbar/${file}`), 'utf8'),
      ).expected.outputAmps.flat()
      const largest = Math.max(...expected.map(Math.abs))
      const worst = Math.max(...json.result.outputAmps.flat().map((x: number, i: number) => Math.abs(x - expected[i]!)))
      expect(worst / largest).toBeLessThanOrEqual(1e-12)
      expect(json.result.method).toBe('schur-pcg')
    })

  it('reports every wrong field at once', async () => {
    const folder = emptyFolder()
    writeFileSync(
      join(folder, 'c.json'),
      JSON.stringify({
        format: 'ohmbit/crossbar/1',
        wordLines: 2,
        bitLines: 1,
        wordSegmentOhms: -1,
        conductancesSiemens: [[1e-6], [-1]],
        inputsVolts: [[0.1]],
      }),
    )
    const { json, status } = await ohmbit(['crossbar', 'solve', join(folder, 'c.json'), '--json'])
    expect(status).toBe(3)
    expect(json.errors.map((e: { at: { pointer: string } }) => e.at.pointer)).toEqual([
      '/wordSegmentOhms',
      '/conductancesSiemens/1/0',
      '/inputsVolts/0',
    ])
  })
})

describe('emit thresholds', () => {
  it('an unquantized DAC needs --dac-bits, exit 4', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model('vqcs_n20_I4'), '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    const refused = await ohmbit(['emit', 'thresholds', 'd', '-o', 't', '--json'], { cwd: folder })
    expect(refused.status).toBe(4)
    expect(refused.json.error.code).toBe('OHM3004')
    expect(existsSync(join(folder, 't'))).toBe(false)
    const made = await ohmbit(['emit', 'thresholds', 'd', '-o', 't', '--dac-bits', '10', '--json'], { cwd: folder })
    expect(made.status).toBe(0)
    for (const { path, bytes, sha256: hash } of made.json.result.files) {
      expect(statSync(join(folder, path)).size).toBe(bytes)
      expect(sha256(join(folder, path))).toBe(hash)
    }
  })
})

describe('emit c', () => {
  it('writes the files it names, prints bytes and proved widths, and says which formats were chosen', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model('vqcs_n7_K10_1bit'), '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    const { status, json } = await ohmbit(['emit', 'c', 'd', '-o', 'c', '--json'], { cwd: folder })
    expect(status).toBe(0)
    for (const { path, bytes, sha256: hash } of json.result.files) {
      expect(statSync(join(folder, path)).size).toBe(bytes)
      expect(sha256(join(folder, path))).toBe(hash)
    }
    expect(json.warnings.map((w: { code: string }) => w.code)).toEqual(['OHM4003', 'OHM4003'])
    expect(json.result.layers).toHaveLength(3)
    const again = await ohmbit(['emit', 'c', 'd', '--first-layer', 'multiply', '--chip', '2', '-o', 'c'], {
      cwd: folder,
    })
    expect(again.stdout).toContain(`${json.result.footprint.weightBytes} bytes`)
    expect(again.stdout).toContain('sums int64_t, 33 bits proved')
  })
})

describe('usage', () => {
  it('unknown commands, options and missing arguments exit 2, with an envelope if wanted', async () => {
    for (const args of [
      ['frobnicate'],
      ['deploy'],
      ['simulate', 'd', '--nope'],
      ['profiles'],
      ['simulate', 'd', '--chips', '-1'],
    ]) {
      expect((await ohmbit(args)).status).toBe(2)
      const { json } = await ohmbit([...args, '--json'])
      expect(json).toMatchObject({ format: 'ohmbit/result/1', ok: false, error: { code: 'OHM9001', kind: 'usage' } })
    }
  })

  it('the envelope of a usage error names the command, not its arguments', async () => {
    expect((await ohmbit(['simulate', 'folder', '--chips', 'abc', '--json'])).json.command).toBe('simulate')
    expect((await ohmbit(['crossbar', 'solve', '--nope', '--json'])).json.command).toBe('crossbar solve')
    expect((await ohmbit(['--json', '--no-color', 'explain', 'NMSE'])).json.ok).toBe(true)
  })

  it('a result that cannot be written is not a success', async () => {
    if (process.platform !== 'linux') return console.log('skipped: /dev/full is not on this system')
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [main, 'explain', 'NMSE'], {
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    expect(status).toBe(3)
    expect(String(stderr)).toContain('OHM1007')
  })

  it('a missing file exits 3 and names it', async () => {
    const { status, json } = await ohmbit(['inspect', '/nowhere/model.onnx', '--json'])
    expect(status).toBe(3)
    expect(json.error).toMatchObject({ code: 'OHM1001', kind: 'input' })
    expect(json.error.message).toContain('/nowhere/model.onnx')
  })

  it('--help of every command exits 0', async () => {
    const { commandSpecs } = await import('../../src/cli/commands.ts')
    for (const spec of commandSpecs) {
      const { status, stdout } = await ohmbit([...spec.name.split(' '), '--help'])
      expect(status).toBe(0)
      for (const { flags } of spec.options) expect(stdout).toContain(flags.split(' ')[0])
    }
  })

  it('explain knows every code and finds near misses', async () => {
    expect((await ohmbit(['explain', 'OHM1204'])).stdout).toContain('unknown key')
    expect((await ohmbit(['explain', 'one-sided'])).stdout).toContain('gMin')
    const { status, stderr } = await ohmbit(['explain', 'OHM1205x'])
    expect(status).toBe(2)
    expect(stderr).toContain('did you mean')
  })

  it('completion scripts are valid shell and offer the commands', async () => {
    const { stdout } = await ohmbit(['completion', 'bash'])
    expect(stdout).toContain('crossbar')
    expect(stdout).toContain('--calibrate')
  })

  it('doctor reports this node', async () => {
    const { json } = await ohmbit(['doctor', '--json'])
    expect(json.result.node).toBe(process.version)
  })
})

describe('inspect', () => {
  it('tells networks, profiles, crossbars, data and deployments apart', async () => {
    const folder = emptyFolder()
    await ohmbit(['deploy', model('det_R1_shq_snr12'), '--profile', 'ideal', '-o', 'd'], { cwd: folder })
    await ohmbit(['profiles', 'new', 'mine', '-o', 'mine.json'], { cwd: folder })
    const kinds: [string, string][] = [
      [model('chanest_M4'), 'network'],
      [join(folder, 'mine.json'), 'profile'],
      [fixture('crossbar/4x3_r2.json'), 'crossbar'],
      [fixture('networks/vqcs_n20_I4/test_y.npy'), 'data'],
      [join(folder, 'd'), 'deployment'],
    ]
    for (const [path, kind] of kinds) {
      const { json } = await ohmbit(['inspect', path, '--json'])
      expect(json.result.kind).toBe(kind)
      expect((await ohmbit(['inspect', path])).stdout.split('\n').length).toBeLessThanOrEqual(30)
    }
  })
})
