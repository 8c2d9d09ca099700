import { test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { renderSpi } from '../../../src/emit/threshold-table/spi.ts'
import { renderSvd } from '../../../src/emit/threshold-table/svd.ts'
import { buildTable } from '../../../src/emit/threshold-table/table.ts'
import { addressProblems, svdProblems } from '../../../src/verify/table/svd.ts'
import { parseXml } from '../../../src/verify/table/xml.ts'
import { byHand, sources } from '../../emit/threshold-table/sources.ts'

const svd = renderSvd(buildTable(byHand))
const spi = renderSpi(buildTable(byHand))

describe('a register map', () => {
  property.prop([sources])('of any table keeps the rules, at the addresses of the write sequence', (source) => {
    const table = buildTable(source)
    expect(svdProblems(renderSvd(table))).toEqual([])
    expect(addressProblems(renderSvd(table), renderSpi(table))).toEqual([])
  })

  it.each<[string, string | RegExp, string, string]>([
    ['an element without end', '</register>', '', 'close'],
    ['an element out of order', /(<name>ID<\/name>)\s*(<desc.*)/, '$2$1', 'too late'],
    ['an unknown element', '<width>16</width>', '<width>16</width><colour>red</colour>', '<colour>'],
    ['a missing element', '<baseAddress>0x00000000</baseAddress>', '', '<baseAddress> is missing'],
    ['an element twice', '<width>16</width>', '<width>16</width><width>16</width>', 'twice'],
    ['a word for a number', '<size>16</size>', '<size>sixteen</size>', 'sixteen'],
    ['an unknown access', '<access>read-only', '<access>readonly', 'readonly'],
    ['an unknown type', '>int16_t<', '>short<', 'short'],
    ['a name that is no identifier', '<name>ID<', '<name>I D<', 'identifier'],
    ['an array without its place', 'THRESHOLD[%s]', 'THRESHOLD', 'identifier'],
    ['two registers at one address', '<addressOffset>0x0002', '<addressOffset>0x0000', 'share'],
    ['two registers of one name', '<name>ID<', '<name>CTRL<', 'CTRL twice'],
    ['a register that is not aligned', '<addressOffset>0x0002', '<addressOffset>0x0003', 'aligned'],
    ['a register outside', '<size>0x0500', '<size>0x0400', 'outside'],
    ['fields on each other', '<bitOffset>1<', '<bitOffset>0<', 'overlaps'],
    ['a field too high', '<bitOffset>4<', '<bitOffset>14<', 'beyond'],
    ['a value that does not fit', '<value>2<', '<value>4<', 'fit'],
    ['another root', /device/g, 'machine', 'machine'],
    ['no version of the schema', ' schemaVersion="1.3"', '', 'schemaVersion'],
  ])('%s is found', (_, from, to, problem) => {
    const broken = svd.replace(from, to)
    expect(broken).not.toBe(svd)
    expect(svdProblems(broken).join('\n')).toContain(problem)
  })

  it('a write to another address is found', () => {
    expect(addressProblems(svd, spi.replace('0x0102,', '0x0104,'))).toEqual([
      'THRESHOLD[1] is at 0x0104 in adc_spi.csv and at 258 in adc.svd',
    ])
    expect(addressProblems(svd, spi.replace('COUNT,', 'NUMBER,')).length).toBe(1)
  })
})

describe('XML', () => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n'
  it('elements, attributes, text', () => {
    expect(parseXml(`${head}<a x="1"><b/> t &amp; u </a>\n`)).toEqual({
      name: 'a',
      attributes: { x: '1' },
      text: 't &amp; u',
      children: [{ name: 'b', attributes: {}, text: '', children: [] }],
    })
  })

  it.each(['', '<a/>', `${head}<a>`, `${head}<a></b>`, `${head}<a/><b/>`, `${head}<a x=1/>`, `${head}<a>&</a>`])(
    'refuses %j',
    (text) => {
      expect(() => parseXml(text)).toThrow(SyntaxError)
    },
  )

  it('an attribute twice is refused', () => {
    expect(() => parseXml(`${head}<a x="1" x="2"/>`)).toThrow('twice')
  })
})
