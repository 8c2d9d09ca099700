import { test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { atLeast, renderMultiThreshold } from '../../../src/emit/threshold-table/multithreshold.ts'
import { buildTable } from '../../../src/emit/threshold-table/table.ts'
import { decodeModel } from '../../../src/network/formats/onnx/wire.ts'
import { multiThresholdCodes, multiThresholdProblems } from '../../../src/verify/table/multithreshold.ts'
import { byHand, sources } from '../../emit/threshold-table/sources.ts'

describe('MultiThreshold', () => {
  it.each(['gt', 'ge'] as const)('%s: gives the code of the table for every 16-bit word', (compare) => {
    const table = buildTable({ ...byHand, compare, thresholds: [-3, 0.1, 3] })
    const words = Array.from({ length: 65536 }, (_, i) => i - 32768)
    const codes = words.map((x) => table.thresholds.codes.filter((t) => (compare === 'gt' ? x > t : x >= t)).length)
    expect(multiThresholdCodes(renderMultiThreshold(table), words)).toEqual(codes)
  })

  property.prop([sources])('gives the codes of any table around every threshold', (source) => {
    const table = buildTable(source)
    expect(multiThresholdProblems(renderMultiThreshold(table), table)).toEqual([])
  })

  it('converts the tie: > t is >= the next word', () => {
    const table = buildTable({ ...byHand, thresholds: [-3, 0.1, 3] })
    expect(atLeast(table)).toEqual([-32767, 1639, 32768])
    const ge = buildTable({ ...byHand, compare: 'ge' })
    expect(atLeast(ge)).toEqual(ge.thresholds.codes)
  })

  it('is the model QONNX reads: one node of its domain, float32 thresholds 1 x (I - 1), codes of so many bits', () => {
    const { opset, producer, graph } = decodeModel(renderMultiThreshold(buildTable(byHand)), 'it')
    expect([opset, producer]).toEqual([13, 'ohmbit'])
    expect(graph.nodes).toEqual([
      {
        name: 'adc',
        operator: 'MultiThreshold',
        domain: 'qonnx.custom_op.general',
        inputs: ['words', 'thresholds'],
        outputs: ['codes'],
        attributes: new Map<string, unknown>([
          ['out_dtype', 'UINT2'],
          ['out_scale', 1],
          ['out_bias', 0],
          ['data_layout', 'NCHW'],
        ]),
      },
    ])
    expect(graph.initializers.map(({ name, dims, type }) => ({ name, dims, type }))).toEqual([
      { name: 'thresholds', dims: [1, 3], type: 1 },
    ])
    expect([...graph.inputs, ...graph.outputs]).toEqual([
      { name: 'words', type: 1, shape: [null, 2] },
      { name: 'codes', type: 1, shape: [null, 2] },
    ])
  })

  it('another model is refused, another table is told', () => {
    const table = buildTable(byHand)
    expect(multiThresholdProblems(new Uint8Array(), table)[0]).toContain('not a complete ONNX model')
    const ge = renderMultiThreshold(buildTable({ ...byHand, compare: 'ge' }))
    expect(multiThresholdProblems(ge, table)[0]).toContain('the table says')
  })
})
