/** The command that trains, from its files: interrupted at random, on bad paths, through to the simulator. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readNetwork } from '../../src/network/read.ts'
import { formatNpy } from '../../src/numerics/npy.ts'
import { generateSamples } from '../../src/task/generate.ts'
import { emptyFolder, ohmbit } from '../support/cli.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const format = 'ohmbit/experiment/1'
const task = { kind: 'sparse-recovery', N: 8, M: 4, S: 1, noiseVariance: 0.01 } as const
const small = {
  format,
  task,
  levels: 4,
  encoder: [
    { outputs: 12, activation: 'tanh' },
    { outputs: 4, activation: 'tanh' },
  ],
  decoder: [
    { outputs: 16, activation: 'tanh' },
    { outputs: 8, activation: 'linear' },
  ],
  iterations: 4000,
  batch: 40,
  samples: 3000,
  restarts: 2,
  validation: { samples: 300, every: 500 },
}
const put = (folder: string, name: string, value: object) => {
  writeFileSync(join(folder, name), JSON.stringify(value, null, 2))
  return name
}

/** Start training and end it from outside. @returns signal or exit code */
async function cut(folder: string, args: string[], milliseconds: number, signal: 'SIGKILL' | 'SIGINT', ready?: string) {
  const child = spawn(process.execPath, [MAIN, 'train', ...args, '--quiet'], { cwd: folder, stdio: 'ignore' })
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.on('exit', (code, by) => resolve(by ?? code)),
  )
  let gone = false
  void ended.then(() => {
    gone = true
  })
  while (ready !== undefined && !gone && !existsSync(join(folder, ready))) await pause(10)
  await pause(milliseconds)
  child.kill(signal)
  return ended
}

describe('train', () => {
  it('killed at any moment and gone on with, it ends in the same bytes', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', small)
    expect((await ohmbit(['train', 'e.json', '-o', 'whole.safetensors', '--quiet'], { cwd: folder })).status).toBe(0)
    const args = ['e.json', '-o', 'cut.safetensors', '--resume', '--checkpoint-every', '150']
    const checkpoint = 'cut.safetensors.checkpoint'
    let kills = 0
    for (const milliseconds of [0, 130, 40, 310, 90, 220])
      if ((await cut(folder, args, milliseconds, 'SIGKILL', checkpoint)) === 'SIGKILL') kills++
    expect(kills).toBeGreaterThan(1)
    const { json } = await ohmbit(['train', ...args, '--json'], { cwd: folder })
    expect(json.ok).toBe(true)
    expect(sha256(join(folder, 'cut.safetensors'))).toBe(sha256(join(folder, 'whole.safetensors')))
    expect(readdirSync(folder).sort()).toEqual(['cut.safetensors', 'e.json', 'whole.safetensors'])
    // Nothing is left to do.
    expect((await ohmbit(['train', ...args, '--json'], { cwd: folder })).json.result.already).toBe(true)
  })

  it('Ctrl-C leaves a last checkpoint, exits 130, and resuming gives the same bytes', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', { ...small, restarts: 1, iterations: 20_000 })
    const args = ['e.json', '-o', 'n.safetensors', '--resume']
    const checkpoint = join(folder, 'n.safetensors.checkpoint')
    expect(await cut(folder, args, 200, 'SIGINT', 'n.safetensors.checkpoint')).toBe(130)
    expect(existsSync(join(folder, 'n.safetensors'))).toBe(false)
    // Without --resume nobody's work is thrown away.
    const { json } = await ohmbit(['train', 'e.json', '-o', 'n.safetensors', '--json'], { cwd: folder })
    expect(json.error).toMatchObject({ code: 'OHM7003' })
    expect(json.error.hint).toContain('--resume')
    expect((await ohmbit(['inspect', checkpoint, '--json'])).json.result.kind).toBe('checkpoint')
    // Another experiment, or a damaged checkpoint: said, and left as it is.
    const before = sha256(checkpoint)
    const other = await ohmbit(['train', ...args, '--seed', '5', '--json'], { cwd: folder })
    expect(other.json.error).toMatchObject({ code: 'OHM7003' })
    expect(other.json.error.message).toContain('another experiment')
    expect(sha256(checkpoint)).toBe(before)
    const gone = await ohmbit(['train', ...args, '--json'], { cwd: folder })
    expect(gone.json.result.resumedAt).toBeGreaterThan(0)
    await ohmbit(['train', 'e.json', '-o', 'whole.safetensors', '--quiet'], { cwd: folder })
    expect(sha256(join(folder, 'n.safetensors'))).toBe(sha256(join(folder, 'whole.safetensors')))
  })

  it('two threads: killed and gone on with to the same bytes; not with one, and never more than two', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', { ...small, restarts: 1, iterations: 20_000 })
    const args = ['e.json', '-o', 'n.safetensors', '--resume', '--threads', '2', '--checkpoint-every', '200']
    expect(await cut(folder, args, 200, 'SIGKILL', 'n.safetensors.checkpoint')).toBe('SIGKILL')
    const one = await ohmbit(['train', 'e.json', '-o', 'n.safetensors', '--resume', '--json'], { cwd: folder })
    expect(one.json.error).toMatchObject({ code: 'OHM7003' })
    expect(one.json.error.hint).toContain('--threads 2')
    expect((await ohmbit(['train', ...args, '--json'], { cwd: folder })).json.result.provenance.engine).toContain(
      '2 threads',
    )
    const whole = ['train', 'e.json', '-o', 'whole.safetensors', '--threads', '2', '--quiet']
    expect((await ohmbit(whole, { cwd: folder })).status).toBe(0)
    expect(sha256(join(folder, 'n.safetensors'))).toBe(sha256(join(folder, 'whole.safetensors')))
    expect((await ohmbit(['train', 'e.json', '-o', 'x.safetensors', '--threads', '3'], { cwd: folder })).status).toBe(2)
    const single = ['train', 'e.json', '-o', 'x.safetensors', '--threads', '2', '--set', 'batch=1', '--json']
    expect((await ohmbit(single, { cwd: folder })).json.error).toMatchObject({ code: 'OHM7002' })
  })

  it('a damaged checkpoint is named, --force begins anew', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', { ...small, iterations: 200, restarts: 1 })
    await cut(
      folder,
      ['e.json', '-o', 'n.safetensors', '--set', 'iterations=100000'],
      0,
      'SIGKILL',
      'n.safetensors.checkpoint',
    )
    truncateSync(join(folder, 'n.safetensors.checkpoint'), 1000)
    const args = ['train', 'e.json', '-o', 'n.safetensors', '--json']
    const { json, status } = await ohmbit([...args, '--resume'], { cwd: folder })
    expect([status, json.error.code]).toEqual([3, 'OHM7003'])
    expect(json.error.message).toContain('damaged')
    expect((await ohmbit([...args, '--force'], { cwd: folder })).json.ok).toBe(true)
    expect(existsSync(join(folder, 'n.safetensors.checkpoint'))).toBe(false)
  })

  it('several runs side by side give the bytes of one after the other', async () => {
    const folder = emptyFolder()
    const files = [2, 4, 8].map((levels) => put(folder, `i${levels}.json`, { ...small, levels, iterations: 500 }))
    for (const workers of ['1', '2']) {
      const { json } = await ohmbit(['train', ...files, '-o', `w${workers}`, '--workers', workers, '--json'], {
        cwd: folder,
      })
      expect(json.result.networks.map((n: { levels: number[] }) => n.levels.length)).toEqual([2, 4, 8])
    }
    for (const levels of [2, 4, 8])
      expect(sha256(join(folder, `w2/i${levels}.safetensors`))).toBe(sha256(join(folder, `w1/i${levels}.safetensors`)))
    // One that fails does not take the others with it.
    put(folder, 'bad.json', { ...small, rate: { kind: 'constant', value: 1e30 }, gradient: 'soft' })
    const mixed = await ohmbit(['train', 'i2.json', 'bad.json', '-o', 'm', '--json'], { cwd: folder })
    expect([mixed.status, mixed.json.error.code]).toEqual([5, 'OHM7001'])
    expect(mixed.json.error.hint).toContain('1 other network written')
    expect(sha256(join(folder, 'm/i2.safetensors'))).toBe(sha256(join(folder, 'w1/i2.safetensors')))
  })

  it('a network goes straight through deploy, simulate and verify', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', small)
    const args = ['train', 'e.json', '--iterations', '300', '--set', 'restarts=1', 'validation.samples=1000']
    const { json } = await ohmbit([...args, '-o', 'n.safetensors', '--json'], { cwd: folder })
    expect(json.result).toMatchObject({ metric: 'nmseDb', iterations: 300, validationVectors: 1000 })
    expect(json.result.score).toBeLessThan(-0.5)
    expect(json.result.file.sha256).toBe(sha256(join(folder, 'n.safetensors')))
    const { provenance } = await readNetwork(join(folder, 'n.safetensors'))
    expect(provenance).toMatchObject({ seed: 0, iterations: 300, score: json.result.score, 'validation vectors': 1000 })
    const evaluated = await ohmbit(['evaluate', 'n.safetensors', '--json'], { cwd: folder })
    expect(Math.abs(evaluated.json.result.metric.value - json.result.score)).toBeLessThan(0.6)
    const deployed = await ohmbit(['deploy', 'n.safetensors', '--profile', 'ideal', '-o', 'd', '--json'], {
      cwd: folder,
    })
    expect(deployed.json.ok).toBe(true)
    const simulated = await ohmbit(['simulate', 'd', '--chips', '1', '--json'], { cwd: folder })
    expect(simulated.json.result.metric.deployed.mean).toBeCloseTo(simulated.json.result.metric.ideal, 6)
    // Netlists and tables; the tools outside have tests of their own, and take half a minute.
    const verified = await ohmbit(['verify', 'd', '--chips', '1', '--vectors', '1', '--json'], {
      cwd: folder,
      env: { PATH: '' },
    })
    const statuses = verified.json.result.checks.map((c: { status: string }) => c.status)
    expect(statuses).not.toContain('fail')
    expect(statuses.filter((s: string) => s === 'pass').length).toBeGreaterThan(5)
    expect(verified.json.ok).toBe(true)
  })

  it('a network can be gone on from, also through hardware, and that resumes to the same bytes', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', { ...small, restarts: 1, iterations: 600 })
    await ohmbit(['train', 'e.json', '-o', 'n.safetensors', '--quiet'], { cwd: folder })
    put(folder, 'aware.json', {
      format,
      from: './n.safetensors',
      iterations: 500,
      samples: 3000,
      batch: 40,
      validation: { samples: 300 },
      profile: 'wan2022-1s',
      hardware: { clip: 2, refresh: 7, set: ['device.devicesPerSide=2'] },
    })
    const { json } = await ohmbit(['train', 'aware.json', '-o', 'whole.safetensors', '--json'], { cwd: folder })
    expect(json.result).toMatchObject({ validationVectors: 300, validationChips: 4 })
    expect(json.result.provenance).toMatchObject({ profile: 'wan2022-1s', iterations: 500, 'validation chips': 4 })
    // On so many vectors as the chips are tried on, not all that there are.
    const many = ['train', 'aware.json', '--iterations', '2', '--set', 'validation.samples=5000', '-o', 'm.safetensors']
    const { provenance } = (await ohmbit([...many, '--json'], { cwd: folder })).json.result
    expect(provenance).toMatchObject({ 'validation vectors': 4000 })
    const args = ['aware.json', '-o', 'cut.safetensors', '--resume', '--checkpoint-every', '45']
    for (const milliseconds of [50, 200, 350])
      await cut(folder, args, milliseconds, 'SIGKILL', 'cut.safetensors.checkpoint')
    expect((await ohmbit(['train', ...args, '--json'], { cwd: folder })).json.ok).toBe(true)
    expect(sha256(join(folder, 'cut.safetensors'))).toBe(sha256(join(folder, 'whole.safetensors')))
    // The same from the command line, on another's profile: it is another experiment.
    const wrong = ['train', 'deepvqcs-n20', '--from', 'n.safetensors', '-o', 'x.safetensors', '--json']
    const refused = await ohmbit(wrong, { cwd: folder })
    expect(refused.json.error).toMatchObject({ code: 'OHM7002', at: { pointer: '/from' } })
  })

  it('own data', async () => {
    const folder = emptyFolder()
    const { inputs, truth } = generateSamples({ ...task, sensing: 'dct' }, { samples: 400, seed: 1 })
    const npy = (name: string, { rows, cols, data }: typeof inputs, count = rows) =>
      writeFileSync(join(folder, name), formatNpy([count, cols], data.slice(0, count * cols), 'f8'))
    npy('y.npy', inputs)
    npy('x.npy', truth)
    const own = { ...small, task: undefined, samples: undefined, restarts: 1, iterations: 300, validation: {} }
    put(folder, 'e.json', { ...own, data: { inputs: './y.npy', truth: 'x.npy' } })
    const train = (...more: string[]) =>
      ohmbit(['train', 'e.json', '-o', 'n.safetensors', '--json', ...more], { cwd: folder })
    const { json } = await train()
    expect(json.result).toMatchObject({ metric: 'nmseDb', validationVectors: 40 })
    expect(json.provenance.inputs.map((i: { path: string }) => i.path)).toEqual(['e.json', 'y.npy', 'x.npy'])
    // A checkpoint knows its data.
    await cut(
      folder,
      ['e.json', '-o', 'm.safetensors', '--set', 'iterations=100000'],
      0,
      'SIGKILL',
      'm.safetensors.checkpoint',
    )
    npy('x.npy', { ...truth, data: truth.data.map((v) => 2 * v) })
    const other = ['train', 'e.json', '-o', 'm.safetensors', '--set', 'iterations=100000', '--resume', '--json']
    expect((await ohmbit(other, { cwd: folder })).json.error).toMatchObject({ code: 'OHM7003' })

    npy('x.npy', truth, 399)
    expect((await train('--force')).json.error.code).toBe('OHM1110')
    npy('y.npy', inputs, 5)
    npy('x.npy', truth, 5)
    expect((await train('--force')).json.error.hint).toContain('validationInputs')
    npy('y.npy', inputs, 0)
    npy('x.npy', truth, 0)
    expect((await train('--force')).json.error.code).toBe('OHM1102')
    npy('y.npy', inputs, 50)
    npy('x.npy', { ...truth, cols: 4, rows: 50, data: truth.data.slice(0, 200) })
    expect((await train('--force')).json.error.code).toBe('OHM7002')
    npy('x.npy', { ...truth, data: truth.data.map((v, i) => (i === 3 ? Number.NaN : v)) }, 50)
    expect((await train('--force')).json.error.code).toBe('OHM1103')
    npy('x.npy', truth, 50)
    npy('y.npy', { ...inputs, data: inputs.data.map((v, i) => (i === 4 * 45 + 2 ? 1e39 : v)) }, 50)
    expect((await train('--force')).json.error.message).toContain('inputs, vector 45, component 2: 1e+39')
    if (process.platform !== 'win32') {
      const outside = emptyFolder()
      writeFileSync(join(outside, 'x.npy'), readFileSync(join(folder, 'y.npy')))
      symlinkSync(join(outside, 'x.npy'), join(folder, 'link.npy'))
      const linked = await train('--force', '--set', 'data.truth=link.npy')
      expect(linked.json.error.message).toContain('leads out of the folder')
    }
  })

  it('own bits are -1 and 1, own classes 0 to 2^k - 1: said before the first iteration, with the row of the file', async () => {
    const folder = emptyFolder()
    const rows = 200
    const inputs = generateSamples({ ...task, sensing: 'dct' }, { samples: rows, seed: 1 }).inputs
    writeFileSync(join(folder, 'y.npy'), formatNpy([rows, inputs.cols], inputs.data, 'f8'))
    const sign = (v: number, j: number) => (inputs.data[v * inputs.cols + j]! > 0 ? 1 : -1)
    const train = async (outputs: number, cols: number, truth: (v: number, j: number) => number) => {
      const data = Float64Array.from({ length: rows * cols }, (_, k) => truth(Math.floor(k / cols), k % cols))
      writeFileSync(join(folder, 'x.npy'), formatNpy([rows, cols], data, 'f8'))
      const decoder = [{ outputs, activation: 'linear' }]
      const own = {
        ...small,
        task: undefined,
        samples: undefined,
        restarts: 1,
        iterations: 100,
        validation: {},
        decoder,
      }
      put(folder, 'e.json', { ...own, data: { inputs: 'y.npy', truth: 'x.npy' } })
      const args = ['train', 'e.json', '-o', 'n.safetensors', '--json']
      const { json } = await ohmbit(args, { cwd: folder })
      expect(existsSync(join(folder, 'n.safetensors.checkpoint'))).toBe(false)
      return json
    }
    // One bit reads as two classes: the same network.
    const bits = await train(2, 1, sign)
    expect(bits.result.metric).toBe('ber')
    const classes = await train(2, 1, (v, j) => (sign(v, j) + 1) / 2)
    expect(classes.result.score).toBe(bits.result.score)
    expect((await train(4, 2, sign)).ok).toBe(true)
    const wrong = (v: number) => (at: number) => (v === at ? 0 : 1)
    // Row 19 is kept for validation, row 20 is trained on.
    for (const row of [19, 20])
      expect((await train(4, 2, (v) => wrong(row)(v))).error.message).toContain(`truth, vector ${row}, component 0: 0`)
    expect((await train(4, 1, (v) => (v === 31 ? 4 : 1))).error.message).toContain('vector 31: 4 is no class')
    expect((await train(5, 3, sign)).error.message).toContain('needs 3 as a signal, or 8 as bits')
  })

  it('a loss that explodes is an error with its iteration; the checkpoint is as it was', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', { ...small, gradient: 'soft', rate: { kind: 'ramp', first: 1e-3, rise: 1e28, most: 1e30 } })
    const args = ['train', 'e.json', '-o', 'n.safetensors', '--json', '--checkpoint-every', '1']
    const { status, json } = await ohmbit(args, { cwd: folder })
    expect([status, json.error.code]).toEqual([5, 'OHM7001'])
    expect(json.error.message).toMatch(/iteration \d+/)
    // Whole: it can be gone on with, to the same end.
    const again = await ohmbit([...args, '--resume'], { cwd: folder })
    expect([again.status, again.json.error.code]).toEqual([5, 'OHM7001'])
    expect(existsSync(join(folder, 'n.safetensors'))).toBe(false)
  })

  it('a path that cannot be written is found before the first iteration', async () => {
    const folder = emptyFolder()
    put(folder, 'e.json', { ...small, iterations: 1e9 })
    writeFileSync(join(folder, 'file'), 'mine')
    writeFileSync(join(folder, 'mine.safetensors'), 'mine')
    mkdirSync(join(folder, 'a.safetensors'))
    mkdirSync(join(folder, 'locked'))
    chmodSync(join(folder, 'locked'), 0o500)
    const refused = async (output: string, ...more: string[]) =>
      (await ohmbit(['train', 'e.json', '-o', output, '--json', ...more], { cwd: folder })).json.error?.code
    expect(await refused('file/n.safetensors')).toBe('OHM1007')
    expect(await refused('mine.safetensors')).toBe('OHM1006')
    expect(await refused('mine.safetensors', '--resume')).toBe('OHM1006')
    expect(await refused('a.safetensors')).toBe('OHM1006')
    expect(await refused('n.onnx')).toBe('OHM9001')
    if (existsSync('/proc/self')) expect(await refused('/proc/none/n.safetensors')).toBe('OHM1007')
    if (process.getuid?.() !== 0) expect(await refused('locked/n.safetensors')).toBe('OHM1007')
    expect(readFileSync(join(folder, 'mine.safetensors'), 'utf8')).toBe('mine')
  })

  it.skipIf(process.platform !== 'linux')(
    'a full disk is an error, and the checkpoint before it is whole',
    async () => {
      const folder = emptyFolder()
      put(folder, 'e.json', { ...small, iterations: 2000, restarts: 1 })
      // Files may not grow beyond so many kilobytes: what a full disk does, for one process.
      const limited = (kilobytes: number, ...more: string[]) => {
        const words = [process.execPath, MAIN, 'train', 'e.json', '-o', 'n.safetensors', '--json', ...more]
        return spawnSync('bash', ['-c', `ulimit -f ${kilobytes}; exec "$@"`, 'bash', ...words], {
          cwd: folder,
          encoding: 'utf8',
        })
      }
      // Not even the first: found before training.
      const none = limited(4)
      expect([none.status, JSON.parse(none.stdout).error.code]).toEqual([3, 'OHM1007'])
      expect(readdirSync(folder)).toEqual(['e.json'])
      // The first fits, with the best candidate in it one does not.
      const first = limited(9, '--checkpoint-every', '100')
      expect([first.status, JSON.parse(first.stdout).error.code]).toEqual([3, 'OHM1007'])
      expect(JSON.parse(first.stdout).error.hint).toContain('--resume')
      expect(readdirSync(folder).sort()).toEqual(['e.json', 'n.safetensors.checkpoint'])
      const { json } = await ohmbit(['train', 'e.json', '-o', 'n.safetensors', '--resume', '--json'], { cwd: folder })
      expect(json.result.resumedAt).toBeGreaterThan(0)
      await ohmbit(['train', 'e.json', '-o', 'whole.safetensors', '--quiet'], { cwd: folder })
      expect(sha256(join(folder, 'n.safetensors'))).toBe(sha256(join(folder, 'whole.safetensors')))
    },
  )

  it('--list prints every preset; usage mistakes are said', async () => {
    const { stdout, status } = await ohmbit(['train', '--list'])
    expect(status).toBe(0)
    expect(stdout).toContain('deepvqcs-n20        10 -> 50 tanh -> 10 tanh | 4 levels | 80 tanh')
    const several = ['deepvqcs-n20', '--set', 'batch=0', 'encoder.0.outputs=0', '-o', 'x.safetensors', '--json']
    expect((await ohmbit(['train', ...several])).json.errors).toHaveLength(2)
    for (const args of [[], ['deepvqcs-n20'], ['deepvqcs-n20', 'symbol-detection', '-o', 'x.safetensors']])
      expect((await ohmbit(['train', ...args, '--json'])).json.error.code).toBe('OHM9001')
    const misspelt = await ohmbit(['train', 'deepvqcs-n2', '-o', 'x.safetensors', '--json'])
    expect(misspelt.json.error).toMatchObject({ code: 'OHM7002', hint: expect.stringContaining('deepvqcs-n20') })
  })
})
