import { formatText, parseFormat } from '../../decoder/format.ts'
import type { TableChip, TableSource, ThresholdTable } from './table.ts'

/** Everything but the long arrays, as `name: value` lines for the head of a text rendering. */
export function factLines(table: ThresholdTable): string[] {
  const { numberFormat, levels, quantizationError: error } = table
  return Object.entries({
    format: table.format,
    'level count': table.levelCount,
    compare: table.compare,
    order: table.order,
    search: table.search,
    unit: table.unit,
    'full scale': table.range.high,
    'volts per unit': table.voltsPerUnit,
    'number format': `${formatText(numberFormat)} ${numberFormat.rounding} ${numberFormat.overflow}`,
    'level rule': levels.rule,
    'level format': `${formatText(levels.format)} ${levels.format.rounding} ${levels.format.overflow}`,
    'largest error of a code': `${error.codeVolts} V`,
    'largest error of a DAC code': `${error.dacVolts} V`,
    'largest error of a level': error.level,
    'DAC bits': table.dac.bits,
    channels: table.channels,
    'scan order': table.scanOrder.join(' '),
    crc32: table.crc32,
    'crc32 of': table.crc32Of,
    'network sha256': table.network.sha256,
    'profile sha256': table.profile.sha256,
    chip: chipText(table.chip),
    sha256: table.sha256,
  }).map(([name, value]) => `${name}: ${value}`)
}

/** A chip in one line: `3 of seed 7`, with what its table is. */
export function chipText(chip: TableChip | null): string {
  if (chip === null) return 'none'
  const { calibrated, channel } = chip
  return `${chip.chip} of seed ${chip.seed}${calibrated ? ', calibrated' : ''}${channel === undefined ? '' : `, channel ${channel}`}`
}

function readChip(text: string): TableChip | null {
  const found = /^(\d{1,10}) of seed (\d{1,10})(, calibrated)?(?:, channel (\d{1,5}))?$/.exec(text)
  if (found === null) return null
  const [, chip, seed, calibrated, channel] = found
  return {
    seed: Number(seed),
    chip: Number(chip),
    ...(calibrated === undefined ? {} : { calibrated: true }),
    ...(channel === undefined ? {} : { channel: Number(channel) }),
  }
}

/** A decimal number as JavaScript, C and CSV write it; NaN for anything else. */
export function numberOf(text: string | undefined): number {
  return text !== undefined && /^-?\d{1,400}(\.\d{1,400})?(e[+-]?\d{1,4})?$/.test(text) ? Number(text) : Number.NaN
}

/**
 * Read the lines of `factLines` back.
 *
 * @param prefix  what stands before each of them
 * @returns       a source without thresholds and levels; absent numbers are NaN, for `sourceProblem` to find
 * @throws OHM1202 a number format that cannot be read
 */
export function readFacts(lines: readonly string[], prefix: string): Omit<TableSource, 'thresholds' | 'levels'> {
  const facts = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(': ')
    if (line.startsWith(prefix) && colon > 0) facts.set(line.slice(prefix.length, colon), line.slice(colon + 2))
  }
  const text = (name: string) => facts.get(name) ?? ''

  return {
    compare: text('compare') as TableSource['compare'],
    search: text('search') as TableSource['search'],
    fullScale: numberOf(facts.get('full scale')),
    voltsPerUnit: numberOf(facts.get('volts per unit')),
    levelRule: text('level rule') as TableSource['levelRule'],
    levelFormat: parseFormat(text('level format').split(' ')[0]!),
    dacBits: numberOf(facts.get('DAC bits')),
    scanOrder: text('scan order').split(' ').map(numberOf),
    networkSha256: text('network sha256'),
    profileSha256: text('profile sha256'),
    chip: readChip(text('chip')),
  }
}
