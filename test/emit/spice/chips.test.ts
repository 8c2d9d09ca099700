import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import { chipNetlists } from '../../../src/emit/spice/chips.ts'
import { DIALECTS } from '../../../src/emit/spice/dialects/dialect.ts'
import { ladderNetlist, spiceNetlist } from '../../../src/emit/spice/netlist.ts'
import { readCircuit } from '../../../src/emit/spice/read.ts'
import { tileNames, tileNetlists } from '../../../src/emit/spice/tiles.ts'
import { fromRows } from '../../../src/numerics/matrix.ts'
import { compareNetlist } from '../../../src/verify/compare.ts'
import type { CircuitEngine } from '../../../src/verify/engines/engine.ts'
import { openEngine } from '../../../src/verify/engines/open.ts'
import { lintNetlist } from '../../../src/verify/index.ts'
import { deployed, vectors, WIRES } from './tiny.ts'

const SPREAD = {
  'device.programming.model': 'reram-wan2022-ibm',
  'periphery.tia.gainSigma': 0.02,
  'adc.comparator.offsetSigma': 1e-3,
  'adc.frontEnd.gainSigma': 0.01,
} as const
const deployment = deployed({ ...WIRES, ...SPREAD })
const chips = [0, 1, 2].map((chip) => fabricate(deployment, { seed: 5, chip }))

let engine: CircuitEngine
beforeAll(async () => {
  engine = await openEngine('embedded')
})
afterAll(() => engine.close())

describe('several chips', () => {
  const { files, expected } = chipNetlists(chips, { inputs: vectors })
  const text = (name: string) => files.find((file) => file.name === name)!.text
  /** The deck with a chip's file in place of its include. */
  const whole = (k: number) => text('encoder.cir').replace('.include chip_0000.inc\n', text(`chip_000${k}.inc`))

  it('are one deck, and an include and expected values a chip', () => {
    expect(files.map(({ name }) => name)).toEqual([
      'encoder.cir',
      ...[0, 1, 2].flatMap((k) => [`chip_000${k}.inc`, `chip_000${k}.expected.json`]),
    ])
    expect(readCircuit(text('encoder.cir')).circuit.includes).toEqual(['chip_0000.inc'])
    expect(text('encoder.cir')).toMatch(/^\* chips: seed 5, 3 from 0 to 2;/m)
    expect(text('chip_0001.inc')).toMatch(/^\* chip: seed 5, chip 1$/m)
    expect(JSON.parse(text('chip_0002.expected.json'))).toMatchObject({
      deck: 'encoder.cir',
      include: 'chip_0002.inc',
      probes: expected[2],
    })
  })

  it('hold in the deck what they have in common, in an include what differs, nothing twice', () => {
    const names = (deck: string, pattern: RegExp) => [...deck.matchAll(pattern)].map((m) => m[1]!)
    const subcircuits = (deck: string) => names(deck, /^\.subckt (\w+)/gm)
    const parameters = (deck: string) => names(deck, /^\.param (\w+)/gm)
    expect(subcircuits(text('chip_0001.inc'))).toEqual(['array_0_0', 'layer_0', 'array_1_0', 'layer_1'])
    expect(subcircuits(text('encoder.cir')).filter((name) => !name.startsWith('ob_'))).toEqual(['adc'])
    expect(parameters(text('chip_0001.inc'))).toEqual(['adc_gain', 'comparator_offset'])
    expect(parameters(text('encoder.cir'))).not.toContain('adc_gain')
    expect(parameters(text('encoder.cir'))).toContain('r_word')
  })

  it.each([0, 2])('solved with the file of chip %i gives what the simulator says of it', async (k) => {
    const deck = whole(k)
    expect(lintNetlist(deck, { conductanceMax: 1 }).problems).toEqual([])
    const alone = spiceNetlist(chips[k]!, { inputs: vectors })
    const netlist = { ...alone, files: [{ name: 'encoder.cir', text: deck }] }
    const comparison = await compareNetlist(chips[k]!, netlist, engine)
    expect(comparison.problems).toEqual([])
    expect(comparison.voltages).toBeGreaterThan(20)
    // The values of another chip are not this one's.
    const other = await compareNetlist(chips[k]!, { ...netlist, files: [{ name: '', text: whole(1) }] }, engine)
    expect(other.problems.length).toBeGreaterThan(0)
  })

  it.each(DIALECTS)('in dialect %s the deck names the include its own way', (dialect) => {
    const [deck, include] = chipNetlists(chips, { dialect }).files
    expect(deck!.text).toContain(dialect === 'spectre' ? 'include "chip_0000.scs"' : '.include chip_0000.inc\n')
    expect(include!.name).toBe(dialect === 'spectre' ? 'chip_0000.scs' : 'chip_0000.inc')
    expect(include!.text).not.toContain('agauss')
  })

  it('without spread are all alike: the include has nothing in it', () => {
    const same = deployed(WIRES)
    const { files } = chipNetlists([0, 1].map((chip) => fabricate(same, { chip })))
    expect(files[1]!.text.split('\n').filter((line) => line !== '' && !line.startsWith('*'))).toEqual([])
  })

  it('are refused when there are none', () => {
    expect(() => chipNetlists([])).toThrow(/no chip/)
  })
})

describe('chosen arrays', () => {
  const tiled = deployed({ ...WIRES, ...SPREAD, 'crossbar.wordLines': 2 })
  const chip = fabricate(tiled, { seed: 5, chip: 1 })

  it('are decks of their own, driven as in the encoder', async () => {
    const netlists = tileNetlists(chip, 'all', { inputs: vectors })
    expect(netlists.map(({ files }) => files[0]!.name)).toEqual([
      'array_0_0.cir',
      'array_0_1.cir',
      'array_1_0.cir',
      'array_1_1.cir',
    ])
    for (const netlist of netlists) {
      expect(lintNetlist(netlist.files[0]!.text, { conductanceMax: 1 }).problems).toEqual([])
      expect((await compareNetlist(chip, netlist, engine)).problems).toEqual([])
    }
    // Their currents add up to the encoder's amplifiers: plus and minus line of output 1 in both row tiles.
    const tia = (k: number, line: number) => netlists[k]!.expected[line]!.values
    const made = chip.layers[0]!
    const amplifier = spiceNetlist(chip, { inputs: vectors }).expected.find(({ node }) => node === 'l0_amp_1')!
    for (let v = 0; v < 3; v++) {
      const sum = tia(0, 3)[v]! - tia(0, 2)[v]! + tia(1, 3)[v]! - tia(1, 2)[v]!
      expect(amplifier.values[v]).toBeCloseTo(made.amplifierGain[1]! * sum + made.amplifierOffset[1]!, 12)
    }
  })

  it('are named LAYER.ARRAY, each once', () => {
    expect(tileNames([2, 1], 'all')).toHaveLength(3)
    expect(tileNames([2, 1], '1.0, 0.1,1.0')).toEqual([
      { layer: 1, tile: 0 },
      { layer: 0, tile: 1 },
    ])
  })

  it.each([
    ['0.2', /there is no array 0.2/],
    ['2.0', /there is no array 2.0/],
    ['0', /"0" names no array; write LAYER.ARRAY/],
    ['0.0,', /"" names no array/],
    ['-1.0', /"-1.0" names no array/],
  ])('"%s" is refused', (names, message) => {
    expect(() => tileNames([2, 1], names)).toThrow(message)
  })
})

it('the ladder of a chip can be written in any dialect', () => {
  for (const dialect of DIALECTS)
    expect(ladderNetlist(chips[0]!, fromRows([[0.1]]), { dialect }).files[0]!.text).toContain(`dialect: ${dialect}`)
})
