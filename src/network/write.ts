import { writeAtomic } from '../base/files.ts'
import { formatSafetensors } from './formats/safetensors.ts'
import type { Network } from './network.ts'

/** Write a network in the native form, .safetensors; the same network gives the same bytes. @throws OHM1007 */
export async function writeNetwork(path: string, network: Network): Promise<void> {
  await writeAtomic(path, formatSafetensors(network))
}
