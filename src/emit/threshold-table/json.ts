import type { NumberFormat } from '../../decoder/format.ts'
import type { TableSource } from './table.ts'

/** What a table's JSON was made from, as far as it can be read. @throws SyntaxError on text that is not JSON */
export function readJson(text: string): TableSource {
  const root = entries(JSON.parse(text))
  const levels = entries(root.get('levels'))
  const format = entries(levels.get('format'))
  const chip = root.get('chip') === null ? null : entries(root.get('chip'))
  return {
    compare: string(root.get('compare')) as TableSource['compare'],
    search: string(root.get('search')) as TableSource['search'],
    fullScale: number(entries(root.get('range')).get('high')),
    voltsPerUnit: number(root.get('voltsPerUnit')),
    thresholds: numbers(entries(root.get('thresholds')).get('volts')),
    levelRule: string(levels.get('rule')) as TableSource['levelRule'],
    levels: numbers(levels.get('values')),
    levelFormat: {
      signed: format.get('signed') === true,
      bits: number(format.get('bits')),
      frac: number(format.get('frac')),
    } satisfies NumberFormat,
    dacBits: number(entries(root.get('dac')).get('bits')),
    scanOrder: numbers(root.get('scanOrder')),
    networkSha256: string(entries(root.get('network')).get('sha256')),
    profileSha256: string(entries(root.get('profile')).get('sha256')),
    chip:
      chip === null
        ? null
        : {
            seed: number(chip.get('seed')),
            chip: number(chip.get('chip')),
            ...(chip.get('calibrated') === true ? { calibrated: true } : {}),
            ...(chip.has('channel') ? { channel: number(chip.get('channel')) } : {}),
          },
  }
}

/** Own entries only: a key of the file never becomes a property. */
function entries(value: unknown): Map<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

const string = (value: unknown) => (typeof value === 'string' ? value : '')
const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN)
const numbers = (value: unknown) => (Array.isArray(value) ? value.map(number) : [])
