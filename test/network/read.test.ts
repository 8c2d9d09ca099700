import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { readMatrix } from '../../src/network/data.ts'
import { forward } from '../../src/network/forward.ts'
import type { Network } from '../../src/network/network.ts'
import { readNetwork } from '../../src/network/read.ts'
import { writeNetwork } from '../../src/network/write.ts'
import type { Matrix } from '../../src/numerics/matrix.ts'
import { fixtureManifest, fixtureNames, fixtureNetwork, fixtureTasks } from '../support/fixture-networks.ts'
import { fixture } from '../support/fixtures.ts'
import { Graph } from '../support/onnx-writer.ts'

const path = (name: string, file: string) => fixture(`networks/${name}/${file}`)
const problemsOf = async (run: Promise<unknown>) => {
  const error = await run.then(
    () => null,
    (e: unknown) => e,
  )
  if (!(error instanceof OhmbitError)) throw error ?? new Error('accepted')
  return error.problems
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Largest difference between two networks of the same structure. */
function difference(a: Network, b: Network): number {
  const numbers = (n: Network) => [
    ...[...n.encoder, ...n.decoder].flatMap((l) => [l.weight.data, l.bias]),
    n.quantizer.thresholds,
    n.quantizer.levels,
  ]
  const structure = (n: Network) => ({
    name: n.name,
    task: n.task,
    compare: n.quantizer.compare,
    layers: [n.encoder, n.decoder].map((p) => p.map((l) => [l.weight.rows, l.weight.cols, l.activation])),
    sizes: numbers(n).map((x) => x.length),
  })
  expect(structure(a)).toEqual(structure(b))
  const other = numbers(b)
  return Math.max(...numbers(a).flatMap((x, i) => Array.from(x, (v, k) => Math.abs(v - other[i]![k]!))))
}

/** The scores as the papers define them, independent of the library's own. */
const scores: Record<string, (x: Matrix, estimate: Matrix) => number> = {
  nmse_db_2000: (x, e) => {
    let [error, energy] = [0, 0]
    x.data.forEach((v, i) => {
      error += (v - e.data[i]!) ** 2
      energy += v * v
    })
    return 10 * Math.log10(error / energy)
  },
  mse_2000: (x, e) => x.data.reduce((sum, v, i) => sum + (v - e.data[i]!) ** 2, 0) / x.data.length,
  ber_2000: (x, e) => {
    let wrong = 0
    for (let r = 0; r < x.rows; r++) {
      const row = e.data.subarray(r * e.cols, (r + 1) * e.cols)
      const chosen = row.indexOf(Math.max(...row))
      for (let j = 0; j < x.cols; j++) if (((chosen >> j) & 1) * 2 - 1 !== x.data[r * x.cols + j]) wrong++
    }
    return wrong / (x.rows * x.cols)
  },
}

describe.each(fixtureNames)('%s', (name) => {
  test('ONNX and npz hold the same network', async () => {
    const reference = { ...fixtureNetwork(name), provenance: {} }
    const npz = await readNetwork(path(name, 'weights.npz'))
    expect({ ...npz, provenance: {} }).toEqual(reference)
    const onnx = await readNetwork(path(name, 'model.onnx'))
    // The graph holds differences of levels, rounded to float32.
    expect(difference(onnx, reference)).toBeLessThan(1e-7)
    expect(onnx.task).toEqual(fixtureTasks[name])
  })

  test('the forward pass gives the reference outputs and the held score', async () => {
    const [inputs, truth, analogReference, estimateReference] = await Promise.all(
      ['test_y', 'test_x', 'ref_enc_out', 'ref_xhat'].map((file) => readMatrix(path(name, `${file}.npy`))),
    )
    const manifest = fixtureManifest(name)
    for (const file of ['model.onnx', 'weights.npz']) {
      const { analog, estimate } = forward(await readNetwork(path(name, file)), inputs!)
      expect(analog.rows).toBe(2000)
      const worst = (a: Matrix, b: Matrix) => a.data.reduce((max, x, i) => Math.max(max, Math.abs(x - b.data[i]!)), 0)
      expect(worst(analog, analogReference!)).toBeLessThan(2e-5)
      expect(worst(estimate, estimateReference!)).toBeLessThan(2e-5)
      const held = Object.entries(scores).filter(([key]) => key in manifest)
      expect(held).toHaveLength(1)
      for (const [key, score] of held) {
        const value = score(truth!, estimate)
        if (key === 'ber_2000') expect(value).toBe(manifest[key])
        else expect(Math.abs(value - (manifest[key] as number))).toBeLessThan(1e-6)
      }
    }
  })

  test('written natively and read again it is the same, byte for byte too', async () => {
    const network = await readNetwork(path(name, 'model.onnx'))
    const [first, second] = [join(folder, `${name}.safetensors`), join(folder, `${name}.2.safetensors`)]
    await writeNetwork(first, network)
    const back = await readNetwork(first)
    expect(back).toEqual(network)
    await writeNetwork(second, back)
    expect(Buffer.compare(await readFile(first), await readFile(second))).toBe(0)
  })
})

test.each(['det_R1_shq_snr12', 'vqcs_n7_K10_1bit'])('%s as JSON, whose numbers have nine decimals', async (name) => {
  const json = await readNetwork(path(name, 'weights.json'))
  expect(difference(json, await readNetwork(path(name, 'weights.npz')))).toBeLessThan(6e-10)
})

describe('what stands beside the file', () => {
  const name = 'vqcs_n7_K10_1bit'

  test('weights without a manifest are refused with a manifest to write', async () => {
    const alone = join(folder, 'alone.npz')
    await copyFile(path(name, 'weights.npz'), alone)
    const [problem] = await problemsOf(readNetwork(alone))
    expect(problem).toMatchObject({ code: 'OHM1101', at: { file: alone } })
    expect(problem!.hint).toContain('{"enc_act":["tanh","tanh","tanh"],"dec_act":["tanh","tanh","linear"]}')
  })

  test('the content tells the format, not the name', async () => {
    const odd = join(folder, 'odd')
    await mkdir(odd)
    await copyFile(path(name, 'weights.npz'), join(odd, 'weights.bin'))
    await copyFile(path(name, 'manifest.json'), join(odd, 'manifest.json'))
    await copyFile(path(name, 'model.onnx'), join(odd, 'model'))
    expect((await readNetwork(join(odd, 'weights.bin'))).encoder).toEqual(
      (await readNetwork(path(name, 'model.onnx'))).encoder,
    )
    expect((await readNetwork(join(odd, 'model'))).name).toBe(name)
  })

  test('a task given by the user comes before the manifest', async () => {
    const file = path(name, 'model.onnx')
    const task = 'sparse-recovery:N=7,M=4,S=2,noiseVariance=0.5'
    expect((await readNetwork(file, { task })).task).toMatchObject({ S: 2, noiseVariance: 0.5 })
  })

  test('a manifest of something else does an ONNX file no harm, a task that cannot be does', async () => {
    const odd = join(folder, 'unrelated')
    await mkdir(odd)
    await copyFile(path(name, 'model.onnx'), join(odd, 'model.onnx'))
    for (const content of ['not JSON', '[]', '{"enc_act": ["gelu"]}', '{"icons": []}']) {
      await writeFile(join(odd, 'manifest.json'), content)
      expect(await readNetwork(join(odd, 'model.onnx'))).toMatchObject({ name, task: null })
    }
    await writeFile(join(odd, 'manifest.json'), '{"kind": "vqcs", "N": 7, "M": 4, "S": 9, "noise_var": 0.01}')
    expect((await problemsOf(readNetwork(join(odd, 'model.onnx'))))[0]).toMatchObject({
      code: 'OHM1109',
      at: { file: join(odd, 'manifest.json') },
    })
  })

  test('an unknown activation is named', async () => {
    const odd = join(folder, 'swish')
    await mkdir(odd)
    await copyFile(path(name, 'weights.npz'), join(odd, 'weights.npz'))
    const manifest = { ...fixtureManifest(name as never), enc_act: ['tanh', 'swish', 'tanh'] }
    await writeFile(join(odd, 'manifest.json'), JSON.stringify(manifest))
    const [problem] = await problemsOf(readNetwork(join(odd, 'weights.npz')))
    expect(problem).toMatchObject({ code: 'OHM1104', at: { file: join(odd, 'manifest.json'), pointer: '/enc_act/1' } })
    expect(problem!.message).toContain('swish')
  })
})

describe('encoder, decoder and quantizer in files of their own', () => {
  const files = { encoder: '', decoder: '', hard: '', soft: '' }
  beforeAll(async () => {
    for (const key of ['encoder', 'decoder', 'hard', 'soft'] as const)
      files[key] = join(folder, `${key}.${key === 'encoder' || key === 'decoder' ? 'onnx' : 'json'}`)
    const one = new Graph()
    const a = one.op('Tanh', [
      one.op('Gemm', ['y', one.floats([1, 2, 3, 4, 5, 6], [3, 2]), one.floats([1, 0, -1])], { transB: 1 }),
    ])
    await writeFile(files.encoder, one.bytes(a, { name: 'enc' }))
    const two = new Graph()
    await writeFile(files.decoder, two.bytes(two.op('MatMul', ['y', two.floats([1, 2, 3], [3, 1])])))
    await writeFile(files.hard, JSON.stringify({ thresholds: [-0.5, 0.5], levels: [-1, 0, 1], compare: 'ge' }))
    await writeFile(files.soft, JSON.stringify({ amplitudes: [0.5, 0.5], shifts: [-10, 10], scale: 20 }))
  })

  test('any of the three may be the file itself', async () => {
    const { encoder, decoder, hard } = files
    const network = await readNetwork(encoder, { decoder, quantizer: hard })
    expect(network.name).toBe('enc')
    expect(network.encoder.map((l) => [l.weight.rows, l.weight.cols, l.activation])).toEqual([[3, 2, 'tanh']])
    expect(network.decoder.map((l) => [l.weight.rows, l.weight.cols, l.activation])).toEqual([[1, 3, 'linear']])
    expect(network.quantizer).toEqual({
      thresholds: Float64Array.of(-0.5, 0.5),
      levels: Float64Array.of(-1, 0, 1),
      compare: 'ge',
      levelRule: 'given',
    })
    expect(await readNetwork(decoder, { encoder, quantizer: hard })).toEqual(network)
    expect(await readNetwork(hard, { encoder, decoder })).toEqual(network)
    expect(await readNetwork(encoder, { encoder, decoder, quantizer: hard })).toEqual(network)
  })

  test('a soft quantizer becomes hard', async () => {
    const { quantizer } = await readNetwork(files.encoder, { decoder: files.decoder, quantizer: files.soft })
    expect(quantizer).toEqual({
      thresholds: Float64Array.of(-0.5, 0.5),
      levels: Float64Array.of(-1, 0, 1),
      compare: 'gt',
      levelRule: 'saturated',
    })
  })

  test('a quantizer replaces that of a whole network', async () => {
    const whole = path('vqcs_n7_K10_1bit', 'model.onnx')
    expect((await readNetwork(whole, { quantizer: files.hard })).quantizer.levels).toHaveLength(3)
  })

  test('what is missing or in the wrong place is said', async () => {
    const { encoder, decoder, hard } = files
    const whole = path('vqcs_n7_K10_1bit', 'model.onnx')
    expect((await problemsOf(readNetwork(encoder, { decoder })))[0]).toMatchObject({ code: 'OHM1106' })
    expect((await problemsOf(readNetwork(encoder)))[0]).toMatchObject({ code: 'OHM1105', at: { file: encoder } })
    expect((await problemsOf(readNetwork(whole, { decoder, quantizer: hard })))[0]).toMatchObject({ code: 'OHM1105' })
    expect((await problemsOf(readNetwork(decoder, { decoder: encoder, quantizer: hard })))[0]).toMatchObject({
      code: 'OHM1102',
    })
    expect((await problemsOf(readNetwork(whole, { encoder, decoder, quantizer: hard })))[0]).toMatchObject({
      code: 'OHM9001',
    })
  })
})

describe('files that are something else', () => {
  const cases: [string, string | Uint8Array, string][] = [
    ['empty.onnx', '', 'OHM1003'],
    ['text.onnx', 'hello, this is not a model', 'OHM1004'],
    ['text.txt', 'hello', 'OHM1003'],
    ['text.npz', 'hello', 'OHM1004'],
    ['lfs.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'OHM1003'],
    ['array.npz', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0), 'OHM1003'],
    ['list.json', '[1, 2]', 'OHM1004'],
    ['broken.json', '{"F2": [1, 2}', 'OHM1005'],
    ['nan.json', '{"F2": [[1, NaN]], "b2": [0]}', 'OHM1103'],
  ]
  test.each(cases)('%s', async (name, content, code) => {
    const file = join(folder, name)
    await writeFile(file, content)
    expect((await problemsOf(readNetwork(file)))[0]).toMatchObject({ code, at: { file } })
  })

  test('a folder, and nothing', async () => {
    expect((await problemsOf(readNetwork(folder)))[0]).toMatchObject({ code: 'OHM1001', at: { file: folder } })
    expect((await problemsOf(readNetwork(join(folder, 'none.onnx'))))[0]).toMatchObject({ code: 'OHM1001' })
  })
})
