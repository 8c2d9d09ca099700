import { fileURLToPath } from 'node:url'
import { readMatrix } from '../../src/network/data.ts'
import type { Network } from '../../src/network/network.ts'
import { readNetwork } from '../../src/network/read.ts'
import type { Matrix } from '../../src/numerics/matrix.ts'

/** The six trained networks that stand in the repository as fixtures. */
export const NETWORKS = [
  'vqcs_n20_I2',
  'vqcs_n20_I4',
  'vqcs_n20_I16',
  'vqcs_n7_K10_1bit',
  'det_R1_shq_snr12',
  'chanest_M4',
] as const
export type NetworkName = (typeof NETWORKS)[number]

export const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url))

export async function loadNetwork(name: NetworkName): Promise<{ network: Network; inputs: Matrix; truth: Matrix }> {
  return {
    network: await readNetwork(fixture(`networks/${name}/model.onnx`)),
    inputs: await readMatrix(fixture(`networks/${name}/test_y.npy`)),
    truth: await readMatrix(fixture(`networks/${name}/test_x.npy`)),
  }
}
