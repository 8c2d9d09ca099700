/** adc_multithreshold.onnx: the digital comparison as a node MultiThreshold of QONNX, as FINN and its kin take it. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { readJson } from './json.ts'
import { jsonText, type TableSource, type ThresholdTable } from './table.ts'

const IR_VERSION = 8
const OPSET = 13
const DOMAIN = 'qonnx.custom_op.general'
const FLOAT = 1
const METADATA = 14
const TABLE_KEY = 'ohmbit/adc-table'

/** Thresholds of a comparison x >= t that gives the same codes for every 16-bit word. */
export function atLeast({ compare, thresholds }: ThresholdTable): number[] {
  // For whole numbers x > t is x >= t + 1; 32768 is no 16-bit word and never reached, as nothing exceeds 32767.
  return thresholds.codes.map((t) => (compare === 'gt' ? t + 1 : t))
}

/**
 * ONNX model: words (N x channels, whole numbers as float32) to codes (N x channels).
 *
 * code = number of thresholds with x >= t, out_scale 1, out_bias 0. Every number is a whole one below 2^24: exact.
 * Source: onnx/onnx.proto (field numbers); qonnx, MultiThreshold (operator, attributes, tie rule); FINN's annotation of
 * data types.
 */
export function renderMultiThreshold(table: ThresholdTable): Uint8Array {
  const thresholds = atLeast(table)
  const codeBits = Math.ceil(Math.log2(table.levelCount))
  const node = message((w) => {
    text(w, 1, 'words')
    text(w, 1, 'thresholds')
    text(w, 2, 'codes')
    text(w, 3, 'adc')
    text(w, 4, 'MultiThreshold')
    nested(w, 5, attribute('out_dtype', { text: `UINT${codeBits}` }))
    nested(w, 5, attribute('out_scale', { float: 1 }))
    nested(w, 5, attribute('out_bias', { float: 0 }))
    nested(w, 5, attribute('data_layout', { text: 'NCHW' }))
    text(w, 7, DOMAIN)
  })
  const graph = message((w) => {
    nested(w, 1, node)
    text(w, 2, 'adc')
    nested(w, 5, tensor('thresholds', [1, thresholds.length], thresholds))
    nested(w, 11, value('words', table.channels))
    nested(w, 12, value('codes', table.channels))
    nested(w, 14, annotation('words', 'INT16'))
    nested(w, 14, annotation('thresholds', thresholds.some((t) => t > 32767) ? 'INT17' : 'INT16'))
    nested(w, 14, annotation('codes', `UINT${codeBits}`))
  })
  return message((w) => {
    w.tag(1, WireType.Varint).int64(IR_VERSION)
    text(w, 2, 'ohmbit')
    nested(w, 7, graph)
    nested(w, 8, operators('', OPSET))
    nested(w, 8, operators(DOMAIN, 1))
    nested(w, METADATA, entry('crc32', table.crc32))
    nested(w, METADATA, entry('sha256', table.sha256))
    nested(w, METADATA, entry(TABLE_KEY, jsonText(table)))
  })
}

/** What `renderMultiThreshold` was given: the model carries the table's JSON. @throws Error on anything else */
export function readMultiThreshold(bytes: Uint8Array): TableSource {
  const model = new BinaryReader(bytes)
  while (model.pos < model.len) {
    const [field, wire] = model.tag()
    if (field !== METADATA || wire !== WireType.LengthDelimited) {
      model.skip(wire, field)
      continue
    }
    const [key, content] = readEntry(model.bytes())
    if (key === TABLE_KEY) return readJson(content)
  }
  throw new SyntaxError('it holds no table')
}

function readEntry(bytes: Uint8Array): [string, string] {
  const r = new BinaryReader(bytes)
  let key = ''
  let content = ''
  while (r.pos < r.len) {
    const [field, wire] = r.tag()
    if (field === 1 && wire === WireType.LengthDelimited) key = r.string()
    else if (field === 2 && wire === WireType.LengthDelimited) content = r.string()
    else r.skip(wire, field)
  }
  return [key, content]
}

function message(write: (w: BinaryWriter) => void): Uint8Array {
  const w = new BinaryWriter()
  write(w)
  return w.finish()
}
const text = (w: BinaryWriter, field: number, content: string) => w.tag(field, WireType.LengthDelimited).string(content)
const nested = (w: BinaryWriter, field: number, content: Uint8Array) =>
  w.tag(field, WireType.LengthDelimited).bytes(content)

/** AttributeProto */
const attribute = (name: string, content: { readonly float: number } | { readonly text: string }) =>
  message((w) => {
    text(w, 1, name)
    if ('float' in content) w.tag(2, WireType.Bit32).float(content.float)
    else text(w, 4, content.text)
    w.tag(20, WireType.Varint).int32('float' in content ? 1 : 3)
  })

/** TensorProto of float32. */
const tensor = (name: string, dims: readonly number[], values: readonly number[]) =>
  message((w) => {
    for (const n of dims) w.tag(1, WireType.Varint).int64(n)
    w.tag(2, WireType.Varint).int32(FLOAT)
    text(w, 8, name)
    const view = new DataView(new ArrayBuffer(4 * values.length))
    for (const [i, x] of values.entries()) view.setFloat32(4 * i, x, true)
    nested(w, 9, new Uint8Array(view.buffer))
  })

/** ValueInfoProto: float32, any number of vectors x channels. */
const value = (name: string, channels: number) =>
  message((w) => {
    text(w, 1, name)
    const shape = message((s) => {
      nested(
        s,
        1,
        message((d) => text(d, 2, 'N')),
      )
      nested(
        s,
        1,
        message((d) => d.tag(1, WireType.Varint).int64(channels)),
      )
    })
    const tensorType = message((t) => {
      t.tag(1, WireType.Varint).int32(FLOAT)
      nested(t, 2, shape)
    })
    nested(
      w,
      2,
      message((t) => nested(t, 1, tensorType)),
    )
  })

/** TensorAnnotation: the data type by FINN's key. */
const annotation = (tensorName: string, type: string) =>
  message((w) => {
    text(w, 1, tensorName)
    nested(w, 2, entry('finn_datatype', type))
  })

/** StringStringEntryProto */
const entry = (key: string, content: string) =>
  message((w) => {
    text(w, 1, key)
    text(w, 2, content)
  })

/** OperatorSetIdProto */
const operators = (domain: string, version: number) =>
  message((w) => {
    text(w, 1, domain)
    w.tag(2, WireType.Varint).int64(version)
  })
