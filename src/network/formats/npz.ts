import { fail } from '../../base/errors.ts'
import { type NpyArray, parseNpy } from '../../numerics/npy.ts'
import type { Network } from '../network.ts'
import type { Manifest } from './manifest.ts'
import { isWeightKey, networkFromWeights } from './named-weights.ts'
import { unzip, zipEntries } from './zip.ts'

/**
 * A network from numpy.savez or numpy.savez_compressed, the arrays named as in `networkFromWeights`. Other arrays in
 * the archive are neither unpacked nor read.
 *
 * @param manifest  what stands beside the file, or null
 * @throws OHM1002, OHM1003, OHM1004 the archive; OHM1101, OHM1102, OHM1103, OHM1106, OHM1107 its content
 */
export function parseNpz(bytes: Uint8Array, manifest: Manifest | null, name = 'weights.npz'): Network {
  const tensors = new Map<string, NpyArray>()
  for (const entry of zipEntries(bytes, name)) {
    if (entry.name.endsWith('data.pkl'))
      fail('OHM1003', `${name} is a PyTorch checkpoint, which can run code and is not read`, {
        hint: 'export the model to ONNX, or save the arrays with numpy.savez',
      })
    const key = entry.name.replace(/\.npy$/, '')
    if (key !== entry.name && isWeightKey(key)) tensors.set(key, parseNpy(unzip(bytes, entry, name), key))
  }
  return networkFromWeights(tensors, manifest, 'npz')
}
