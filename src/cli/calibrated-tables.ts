import type { Chip } from '../deployment/fabricate.ts'
import { channelTables, type EmittedTable, thresholdTable } from '../emit/index.ts'
import { tableArtefacts, type WrittenFile, writeArtefacts } from './shared.ts'

/**
 * Write the tables of a calibrated chip: the one for all channels, and where each channel has its own one folder a channel.
 *
 * @returns what was written, and the table for all
 */
export async function writeCalibrated(
  folder: string,
  chip: Chip,
  force: boolean,
): Promise<{ readonly written: readonly WrittenFile[]; readonly shared: EmittedTable }> {
  const shared = thresholdTable(chip, { calibrated: true })
  const written = await writeArtefacts(folder, tableArtefacts(shared), force)
  const single = channelTables(chip)
  const digits = String(single.length - 1).length
  for (const [n, table] of single.entries())
    written.push(
      ...(await writeArtefacts(`${folder}/channel${String(n).padStart(digits, '0')}`, tableArtefacts(table), force)),
    )
  return { written, shared }
}
