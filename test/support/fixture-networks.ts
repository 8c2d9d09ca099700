import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Activation, DenseLayer, Network } from '../../src/network/network.ts'
import type { Task } from '../../src/network/task.ts'
import { type Matrix, matrix, transpose } from '../../src/numerics/matrix.ts'

/**
 * The trained networks under test/fixtures, loaded without the library's readers, so that rooms below them can be
 * tested against real data. Trusted files only: nothing is checked.
 */
const folder = (name: string) => fileURLToPath(new URL(`../fixtures/networks/${name}/`, import.meta.url))

export const fixtureNames = [
  'vqcs_n20_I2',
  'vqcs_n20_I4',
  'vqcs_n20_I16',
  'vqcs_n7_K10_1bit',
  'det_R1_shq_snr12',
  'chanest_M4',
] as const
export type FixtureName = (typeof fixtureNames)[number]

/** What a fixture is for, as its manifest says it in words. */
export const fixtureTasks: Readonly<Record<FixtureName, Task>> = {
  vqcs_n20_I2: { kind: 'sparse-recovery', N: 20, M: 10, S: 2, noiseVariance: 1e-4, sensing: 'dct' },
  vqcs_n20_I4: { kind: 'sparse-recovery', N: 20, M: 10, S: 2, noiseVariance: 1e-4, sensing: 'dct' },
  vqcs_n20_I16: { kind: 'sparse-recovery', N: 20, M: 10, S: 2, noiseVariance: 1e-4, sensing: 'dct' },
  vqcs_n7_K10_1bit: { kind: 'sparse-recovery', N: 7, M: 4, S: 1, noiseVariance: 1e-2, sensing: 'dct' },
  det_R1_shq_snr12: { kind: 'symbol-detection', antennas: 12, users: 4, snrDb: 12 },
  chanest_M4: { kind: 'channel-estimation', antennas: 10, users: 4, pilots: 12, snr: 4 },
}

export function fixtureManifest(name: FixtureName): Record<string, unknown> {
  return JSON.parse(readFileSync(`${folder(name)}manifest.json`, 'utf8'))
}

/** One of a fixture's .npy arrays. */
export function fixtureArray(name: FixtureName, file: string): Matrix {
  return parseNpy(readFileSync(`${folder(name)}${file}.npy`))
}

export function fixtureNetwork(name: FixtureName): Network {
  const manifest = fixtureManifest(name)
  const tensors = parseStoredZip(readFileSync(`${folder(name)}weights.npz`))
  const layers = (weight: string, bias: string, activations: unknown): DenseLayer[] =>
    (activations as Activation[]).map((activation, i) => ({
      weight: tensors.get(`${weight}${i + 2}`)!,
      bias: tensors.get(`${bias}${i + 2}`)!.data,
      activation,
    }))
  return {
    name,
    encoder: layers('F', 'b', manifest['enc_act']),
    quantizer: {
      thresholds: tensors.get('thresholds')!.data,
      levels: tensors.get('levels')!.data,
      compare: 'gt',
      levelRule: 'given',
    },
    decoder: layers('W', 'r', manifest['dec_act']),
    task: fixtureTasks[name],
    provenance: {},
  }
}

function parseNpy(file: Buffer): Matrix {
  const start = 10 + file.readUInt16LE(8)
  const header = file.subarray(10, start).toString('latin1')
  const shape = header
    .match(/'shape': \(([^)]*)\)/)![1]!
    .split(',')
    .filter((s) => s.trim() !== '')
    .map(Number)
  const width = header.includes("'<f8'") ? 8 : 4
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1))
  for (let i = 0; i < data.length; i++)
    data[i] = width === 8 ? file.readDoubleLE(start + 8 * i) : file.readFloatLE(start + 4 * i)
  const [rows, cols] = shape.length === 2 ? [shape[0]!, shape[1]!] : [1, data.length]
  return header.includes("'fortran_order': True") ? transpose(matrix(cols, rows, data)) : matrix(rows, cols, data)
}

function parseStoredZip(file: Buffer): Map<string, Matrix> {
  const tensors = new Map<string, Matrix>()
  let at = file.readUInt32LE(file.length - 22 + 16)
  while (file.readUInt32LE(at) === 0x02014b50) {
    const size = file.readUInt32LE(at + 20)
    const nameLength = file.readUInt16LE(at + 28)
    const name = file.subarray(at + 46, at + 46 + nameLength).toString()
    const local = file.readUInt32LE(at + 42)
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    tensors.set(name.replace(/\.npy$/, ''), parseNpy(file.subarray(start, start + size)))
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return tensors
}
