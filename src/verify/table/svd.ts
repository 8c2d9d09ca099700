/** The rules of CMSIS-SVD that a register map can break, and the addresses of the write sequence looked up in it. */
import { parseXml, type XmlElement } from './xml.ts'

const NUMBER = /^\+?(0x|0X|#)?[0-9a-fA-F]+[kmgtKMGT]?$/
const NAME = /^[_A-Za-z][_A-Za-z0-9]*$/
const ARRAY_NAME = /^[_A-Za-z][_A-Za-z0-9]*\[%s\]$/
const ACCESS = /^(read-only|write-only|read-write|writeOnce|read-writeOnce)$/
const DATA_TYPE = /^u?int(8|16|32|64)_t( \*)?$/
const PROPERTIES = ['size', 'access', 'protection', 'resetValue', 'resetMask']

/** Children of an element in their order; `!` behind a name: it must be there. Source: Arm, CMSIS-SVD.xsd 1.3 */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  device: [
    ...['vendor', 'vendorID', 'name!', 'series', 'version!', 'description!', 'licenseText', 'cpu'],
    ...['headerSystemFilename', 'headerDefinitionsPrefix', 'addressUnitBits!', 'width!', ...PROPERTIES],
    ...['peripherals!', 'vendorExtensions'],
  ],
  peripherals: ['peripheral!'],
  peripheral: [
    ...['name!', 'version', 'description', 'groupName', 'prependToName', 'appendToName', 'baseAddress!'],
    ...[...PROPERTIES, 'addressBlock!', 'interrupt', 'registers!'],
  ],
  addressBlock: ['offset!', 'size!', 'usage!', 'protection'],
  registers: ['register!'],
  register: [
    ...['dim', 'dimIncrement', 'dimIndex', 'dimName', 'dimArrayIndex', 'name!', 'displayName', 'description'],
    ...['alternateGroup', 'alternateRegister', 'addressOffset!', ...PROPERTIES, 'dataType', 'modifiedWriteValues'],
    ...['writeConstraint', 'readAction', 'fields'],
  ],
  fields: ['field!'],
  field: [
    ...['name!', 'description', 'bitOffset!', 'bitWidth', 'access', 'modifiedWriteValues', 'writeConstraint'],
    ...['readAction', 'enumeratedValues'],
  ],
  enumeratedValues: ['name', 'headerEnumName', 'usage', 'enumeratedValue!'],
  enumeratedValue: ['name!', 'description', 'value!'],
}
const REPEATED = ['peripheral', 'addressBlock', 'interrupt', 'register', 'field', 'enumeratedValues', 'enumeratedValue']

const LEAVES: Readonly<Record<string, RegExp>> = {
  ...Object.fromEntries(
    ['addressUnitBits', 'width', 'size', 'resetValue', 'resetMask', 'baseAddress', 'offset', 'dim', 'dimIncrement']
      .concat('addressOffset', 'bitOffset', 'bitWidth', 'value')
      .map((name) => [name, NUMBER]),
  ),
  access: ACCESS,
  dataType: DATA_TYPE,
  usage: /^(registers|buffer|reserved)$/,
  description: /^[ -~]+$/,
}

/** A register as it stands in a map; arrays element by element. */
interface Place {
  readonly name: string
  readonly address: number
  readonly bytes: number
}

/** What is wrong with a register map, in words. */
export function svdProblems(text: string): string[] {
  let device: XmlElement
  try {
    device = parseXml(text)
  } catch (error) {
    return [(error as Error).message]
  }
  const problems: string[] = []
  if (device.name !== 'device') return [`the root is <${device.name}>, not <device>`]
  if (!/^\d+\.\d+$/.test(device.attributes['schemaVersion'] ?? '')) problems.push('device has no schemaVersion')
  structure(device, problems)
  if (problems.length === 0)
    for (const peripheral of child(device, 'peripherals')!.children) layout(device, peripheral, problems)
  return problems
}

function structure(element: XmlElement, problems: string[]): void {
  const order = ORDER[element.name]
  if (order === undefined) {
    const rule = LEAVES[element.name]
    // What vendors add is theirs.
    if (element.name !== 'vendorExtensions' && element.children.length > 0)
      problems.push(`<${element.name}> has elements in it`)
    if (rule !== undefined && !rule.test(element.text))
      problems.push(`<${element.name}>${element.text}</${element.name}> is not valid`)
    return
  }
  const names = element.children.map(({ name }) => name)
  const where = `<${element.name}>${child(element, 'name')?.text ?? ''}`
  const plain = order.map((name) => name.replace('!', ''))
  let last = 0
  for (const [i, name] of names.entries()) {
    const at = plain.indexOf(name)
    if (at < 0) problems.push(`${where}: <${name}> does not belong there`)
    else if (at < last) problems.push(`${where}: <${name}> stands too late`)
    else last = at
    if (names.indexOf(name) < i && !REPEATED.includes(name)) problems.push(`${where}: <${name}> twice`)
  }
  for (const name of order)
    if (name.endsWith('!') && !names.includes(name.slice(0, -1)))
      problems.push(`${where}: <${name.slice(0, -1)}> is missing`)
  const label = child(element, 'name')
  if (label !== null) {
    const array = child(element, 'dim') !== null
    if (!(array ? ARRAY_NAME : NAME).test(label.text)) problems.push(`${where}: its name is no identifier`)
    if (array && child(element, 'dimIncrement') === null) problems.push(`${where}: dim without dimIncrement`)
  }
  for (const part of element.children) structure(part, problems)
}

/** Names once, registers aligned, apart from each other and inside the address block; fields likewise in their register. */
function layout(device: XmlElement, peripheral: XmlElement, problems: string[]): void {
  const registers = child(peripheral, 'registers')!.children
  const names = registers.map((r) => child(r, 'name')!.text)
  for (const name of names) if (names.indexOf(name) !== names.lastIndexOf(name)) problems.push(`register ${name} twice`)
  const places = placesOf(device, peripheral).sort((a, b) => a.address - b.address)
  const blocks = peripheral.children.filter(({ name }) => name === 'addressBlock')
  for (const [i, { name, address, bytes }] of places.entries()) {
    const before = places[i - 1]
    if (before !== undefined && before.address + before.bytes > address)
      problems.push(`registers ${before.name} and ${name} share address ${address}`)
    if (address % bytes !== 0) problems.push(`register ${name} is not aligned`)
    const inside = blocks.some((b) => {
      const offset = numberIn(b, 'offset')!
      return offset <= address && address + bytes <= offset + numberIn(b, 'size')!
    })
    if (!inside) problems.push(`register ${name} lies outside the address block`)
  }
  for (const register of registers) {
    const size = numberIn(register, 'size') ?? numberIn(device, 'size') ?? 32
    let taken = 0n
    for (const field of child(register, 'fields')?.children ?? []) {
      const [offset, width] = [numberIn(field, 'bitOffset')!, numberIn(field, 'bitWidth') ?? 1]
      const mask = ((1n << BigInt(width)) - 1n) << BigInt(offset)
      const label = `field ${child(register, 'name')!.text}.${child(field, 'name')!.text}`
      if (offset + width > size) problems.push(`${label} reaches beyond its register`)
      if ((taken & mask) !== 0n) problems.push(`${label} overlaps another`)
      taken |= mask
      for (const value of child(field, 'enumeratedValues')?.children ?? [])
        if ((numberIn(value, 'value') ?? 0) >= 2 ** width) problems.push(`${label} has a value that does not fit`)
    }
  }
}

function placesOf(device: XmlElement, peripheral: XmlElement): Place[] {
  return child(peripheral, 'registers')!.children.flatMap((register) => {
    const name = child(register, 'name')!.text
    const bytes = (numberIn(register, 'size') ?? numberIn(device, 'size') ?? 32) / 8
    const address = numberIn(register, 'addressOffset')!
    const count = numberIn(register, 'dim')
    if (count === null) return [{ name, address, bytes }]
    const step = numberIn(register, 'dimIncrement')!
    return Array.from({ length: count }, (_, k) => ({
      name: name.replace('%s', String(k)),
      address: address + k * step,
      bytes,
    }))
  })
}

/** Transfers of adc_spi.csv whose register is not at that address in the map. @param svd  without `svdProblems` */
export function addressProblems(svd: string, spi: string): string[] {
  const device = parseXml(svd)
  const places = new Map(
    child(device, 'peripherals')!
      .children.flatMap((peripheral) => placesOf(device, peripheral))
      .map(({ name, address }) => [name, address]),
  )
  return spi.split('\n').flatMap((line) => {
    const row = /^\d+,(?:write|poll),(0x[0-9a-f]+),0x[0-9a-f]{4},0x[0-9a-f]{4},([\w[\]]+),/.exec(line)
    if (row === null) return []
    const address = places.get(row[2]!)
    return address === Number(row[1]) ? [] : [`${row[2]} is at ${row[1]} in adc_spi.csv and at ${address} in adc.svd`]
  })
}

const child = (element: XmlElement, name: string) => element.children.find((c) => c.name === name) ?? null

function numberIn(element: XmlElement, name: string): number | null {
  const found = child(element, name)
  return found === null ? null : Number(found.text)
}
