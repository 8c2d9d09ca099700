import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { readCircuit } from '../../src/emit/index.ts'
import { emptyFolder, ohmbit } from '../support/cli.ts'

const folder = emptyFolder()
const emit = (to: string, ...more: string[]) =>
  ohmbit(['emit', 'spice', join(folder, 'deployed'), '-o', join(folder, to), ...more])
const names = (from: string) => readdirSync(join(folder, from)).sort()
const text = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')

beforeAll(async () => {
  const example = fileURLToPath(new URL('../../examples/vqcs_n20_I4/model.onnx', import.meta.url))
  await ohmbit(['deploy', example, '--profile', 'reram-1t1r', '-o', join(folder, 'deployed')])
})

describe('emit spice', () => {
  it('writes one deck that runs alone, with version, hashes, profile, seed and dialect, and no date', async () => {
    const { json } = await emit('one', '--chip', '3', '--vectors', '2', '--json')
    expect(json.ok).toBe(true)
    expect(json.result.dialect.triedIn).toContain('ngspice 39')
    expect(names('one')).toEqual(['encoder.cir', 'encoder.expected.json'])
    const deck = text('one', 'encoder.cir')
    const { circuit, problems } = readCircuit(deck)
    expect(problems).toEqual([])
    const header = circuit.header.join('\n')
    for (const line of [/^ohmbit: \d/m, /^network sha256: [0-9a-f]{64}$/m, /^profile sha256: [0-9a-f]{64}$/m])
      expect(header).toMatch(line)
    expect(header).toMatch(/^profile: reram-1t1r$/m)
    expect(header).toMatch(/^chip: seed 0, chip 3$/m)
    expect(deck).toContain('* dialect: ngspice.')
    expect(header).not.toMatch(/\d{4}-\d\d-\d\d|\d\d:\d\d/)
    expect(circuit.analysis).toMatchObject({ kind: 'vectors', count: 2 })
    expect(JSON.parse(text('one', 'encoder.expected.json'))).toMatchObject({ deck: 'encoder.cir', vectors: 2 })
    await emit('again', '--chip', '3', '--vectors', '2')
    expect(text('again', 'encoder.cir')).toBe(deck)
  })

  it.each([
    ['xyce', 'encoder.xyce.cir'],
    ['ltspice', 'encoder.ltspice.cir'],
    ['spectre', 'encoder.scs'],
  ])('in dialect %s says that it was never run', async (dialect, name) => {
    const { stdout, status } = await emit(dialect, '--dialect', dialect)
    expect(status).toBe(0)
    expect(names(dialect)).toEqual(['encoder.expected.json', name].sort())
    expect(stdout).toContain(`dialect ${dialect}: written to the manual, never run`)
    expect(text(dialect, name)).toContain('never run')
  })

  it('writes several chips as one deck and an include each', async () => {
    await emit('many', '--chips', '2')
    expect(names('many')).toEqual([
      'chip_0000.expected.json',
      'chip_0000.inc',
      'chip_0001.expected.json',
      'chip_0001.inc',
      'encoder.cir',
    ])
  })

  it('writes chosen arrays alone', async () => {
    await emit('arrays', '--tiles', '0.0', '--chip', '1')
    expect(names('arrays')).toEqual(['array_0_0.cir', 'array_0_0.expected.json'])
    expect(text('arrays', 'array_0_0.cir')).toMatch(/^\* chip: seed 0, chip 1$/m)
  })

  it('writes a conversion of all channels with its codes and their decisions', async () => {
    await emit('conversion', '--conversion', '--chip', '1')
    expect(names('conversion')).toEqual(['conversion.cir', 'conversion.expected.json'])
    const { circuit, problems } = readCircuit(text('conversion', 'conversion.cir'))
    expect(problems).toEqual([])
    expect(circuit.header.join('\n')).toMatch(/^chip: seed 0, chip 1$/m)
    expect(circuit.header.join('\n')).toMatch(/^not in this deck: comparator noise, kT\/C noise$/m)
    expect(circuit.analysis.kind).toBe('transient')
    const { deck, codes, probes } = JSON.parse(text('conversion', 'conversion.expected.json'))
    expect(deck).toBe('conversion.cir')
    expect(codes).toHaveLength(10)
    // Two decisions a channel tell four levels apart.
    expect(probes[0]).toMatchObject({ node: 'held', kind: 'held' })
    expect(probes[0].seconds).toHaveLength(20)
    expect(probes.slice(-10).map(({ values }: { values: number[] }) => values[0])).toEqual(codes)
  })

  it.each([
    [['--dialect', 'hspice'], /hspice.*ngspice/s],
    [['--tiles', '7.0'], /there is no array 7\.0/],
    [['--tiles', 'left'], /"left" names no array/],
    [['--chips', '0'], /chips/],
    [['--chips', '2', '--chip', '1'], /--chips and --chip do not go together/],
    [['--chips', '2', '--tiles', 'all'], /--chips and --tiles do not go together/],
    [['--chips', '2', '--conversion'], /--chips and --conversion do not go together/],
    [['--tiles', '0.0', '--noise', '0.1'], /--tiles and --noise do not go together/],
  ])('refuses %j', async (options, message) => {
    const { status, stderr } = await emit('never', ...options)
    expect(status).toBe(2)
    expect(stderr).toMatch(message)
  })
})
