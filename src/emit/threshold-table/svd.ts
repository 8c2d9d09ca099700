import { readJson } from './json.ts'
import { type Field, MAP_VERSION, REGISTER_BYTES, type Register, registerMap, windowBytes } from './register-map.ts'
import { jsonText, type TableSource, type ThresholdTable } from './table.ts'

const OPEN = '<ohmbitAdcTable>\n'
const CLOSE = '</ohmbitAdcTable>'

/** An element of one line, or with children. */
const leaf = (name: string, text: string | number) => `<${name}>${text}</${name}>`
const element = (name: string, children: readonly string[]) => [
  `<${name}>`,
  ...children.map((line) => `  ${line}`),
  `</${name}>`,
]
const hex = (x: number, digits = 4) => `0x${x.toString(16).padStart(digits, '0')}`

/**
 * adc.svd: the register map for debuggers and header generators; the table itself as JSON in the vendor extensions.
 *
 * Source: Arm, CMSIS-SVD 1.3 (element order of CMSIS-SVD.xsd)
 */
export function renderSvd(table: ThresholdTable): string {
  const registers = registerMap(table)
  const peripheral = element('peripheral', [
    leaf('name', 'ADC'),
    leaf('description', `Serial ADC of ${table.levelCount} levels, ${table.channels} channels`),
    // The addresses are those of its SPI frames; a memory-mapped converter adds its own base.
    leaf('baseAddress', hex(0, 8)),
    ...element('addressBlock', [
      leaf('offset', hex(0)),
      leaf('size', hex(5 * windowBytes(table))),
      leaf('usage', 'registers'),
    ]),
    ...element('registers', registers.flatMap(registerLines)),
  ])
  const device = [
    leaf('vendor', 'ohmbit'),
    leaf('name', 'OHMBIT_ADC'),
    leaf('version', `${MAP_VERSION}.0`),
    leaf('description', `Registers of a serial ADC. Threshold table crc32 ${table.crc32} sha256 ${table.sha256}`),
    leaf('addressUnitBits', 8),
    leaf('width', 16),
    leaf('size', 16),
    leaf('access', 'read-write'),
    leaf('resetValue', hex(0)),
    leaf('resetMask', hex(0xffff)),
    ...element('peripherals', peripheral),
  ]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<device schemaVersion="1.3" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance" xs:noNamespaceSchemaLocation="CMSIS-SVD.xsd">',
    ...device.map((line) => `  ${line}`),
    '  <vendorExtensions>',
    // No < and no & occur in a table's JSON.
    `${OPEN}${jsonText(table)}${CLOSE}`,
    '  </vendorExtensions>',
    '</device>',
    '',
  ].join('\n')
}

function registerLines({ name, description, address, count, access, type, reset, fields }: Register): string[] {
  return element('register', [
    ...(count === null ? [] : [leaf('dim', count), leaf('dimIncrement', REGISTER_BYTES)]),
    leaf('name', count === null ? name : `${name}[%s]`),
    leaf('description', description),
    leaf('addressOffset', hex(address)),
    leaf('access', access),
    leaf('resetValue', hex(reset)),
    leaf('dataType', type),
    ...(fields.length === 0 ? [] : element('fields', fields.flatMap(fieldLines))),
  ])
}

function fieldLines({ name, description, bit, width, values }: Field): string[] {
  return element('field', [
    leaf('name', name),
    leaf('description', description),
    leaf('bitOffset', bit),
    leaf('bitWidth', width),
    ...(values === undefined
      ? []
      : element(
          'enumeratedValues',
          values.flatMap((v) =>
            element('enumeratedValue', [
              leaf('name', v.name),
              leaf('description', v.description),
              leaf('value', v.value),
            ]),
          ),
        )),
  ])
}

/** What `renderSvd` was given. @throws SyntaxError no table in it */
export function readSvd(text: string): TableSource {
  const from = text.indexOf(OPEN)
  const to = text.indexOf(CLOSE, from)
  if (from < 0 || to < 0) throw new SyntaxError('it holds no table')
  return readJson(text.slice(from + OPEN.length, to))
}
