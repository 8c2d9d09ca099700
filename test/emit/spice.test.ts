import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import { NOTATION } from '../../src/emit/spice/dialects/ngspice.ts'
import { expressionText, volts } from '../../src/emit/spice/expression.ts'
import { codeExpression } from '../../src/emit/spice/ladder.ts'
import { ladderNetlist } from '../../src/emit/spice/netlist.ts'
import { card, oneLine, spiceNumber } from '../../src/emit/spice/text.ts'
import { head, matrix } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { deployed, tiny, vectors, WIRES } from './spice/tiny.ts'

const deck = (changes: Partial<Record<FieldPath, FieldValue>> = {}, network = tiny): string[] =>
  spiceNetlist(fabricate(deployed(changes, network))).files[0]!.text.split('\n')

describe('numbers and lines', () => {
  property.prop([fc.double({ noNaN: true, noDefaultInfinity: true })])(
    'a number parses back to itself, without a suffix',
    (x) => {
      const text = spiceNumber(x)
      expect(text).toMatch(/^-?\d+(\.\d+)?(e-?\d+)?$/)
      expect(Number(text)).toBe(x === 0 ? 0 : x)
    },
  )

  it('refuses what a netlist cannot hold', () => {
    expect(() => spiceNumber(Number.NaN)).toThrow(RangeError)
    expect(() => spiceNumber(Number.POSITIVE_INFINITY)).toThrow(RangeError)
  })

  it('continues long cards with +', () => {
    const lines = card(
      'x',
      Array.from({ length: 100 }, (_, i) => `node_${i}`),
    ).split('\n')
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.slice(1).every((line) => line.startsWith('+ '))).toBe(true)
    expect(lines.every((line) => line.length <= 120)).toBe(true)
    expect(lines.join(' ').replaceAll('+ ', '').split(' ')).toHaveLength(101)
  })

  it('keeps free text on its line', () => {
    expect(oneLine('a\n.control\nshell rm -rf x\u0000\u2028é')).toBe('a?.control?shell rm -rf x?')
    expect(oneLine('x'.repeat(500))).toHaveLength(100)
  })
})

describe('the deck', () => {
  it('starts with a title, ends its control block in quit, and is the same twice', () => {
    const lines = deck(WIRES)
    expect(lines[0]).toBe('ohmbit encoder: tiny on test')
    expect(lines.slice(-4)).toEqual(['quit', '.endc', '.end', ''])
    expect(deck(WIRES)).toEqual(lines)
  })

  it('holds every device as the chip has it', () => {
    const deployment = deployed({ ...WIRES, 'device.programming.model': 'reram-wan2022-ibm' })
    const chip = fabricate(deployment, { seed: 4, chip: 9 })
    const { text } = spiceNetlist(chip).files[0]!
    const written = [...text.matchAll(/^xd_\d+_\d+ .* g=(\S+)$/gm)].map((m) => Number(m[1]))
    const devices = chip.layers.flatMap((l) => l.arrays.flatMap((a) => [...a.conductance.data]))
    expect(written).toEqual(devices.filter((g) => g > 0))
  })

  it('writes wires as segments between cells, driver and sense in the first and the last', () => {
    const lines = deck(WIRES)
    expect(lines).toContain('.param r_entry=22')
    expect(lines).toContain('.param r_exit=13')
    expect(lines).toContain('rw_1_0 word_1 w_1_0 {r_entry}')
    expect(lines).toContain('rw_1_1 w_1_0 w_1_1 {r_word}')
    expect(lines).toContain('rb_1_4 b_1_4 b_2_4 {r_bit}')
    expect(lines).toContain('rb_2_4 b_2_4 bit_4 {r_exit}')
  })

  it('merges the nodes of a resistance of 0', () => {
    const none = deck()
    expect(none.filter((line) => /^r[wb]_/.test(line))).toEqual([])
    expect(none.some((line) => /^xd_0_0 word_0 bit_0 ob_device g=/.test(line))).toBe(true)
    const driver = deck({ 'crossbar.wires.driver': 5 })
    expect(driver.filter((line) => /^r[wb]_/.test(line))).toHaveLength(3 + 4)
    expect(driver.some((line) => /^xd_0_3 w_0 bit_3 ob_device g=/.test(line))).toBe(true)
    const bit = deck({ 'crossbar.wires.bitSegment': 5 })
    expect(bit.some((line) => /^xd_2_3 word_2 b_2_3 ob_device g=/.test(line))).toBe(true)
    expect(bit.some((line) => line.startsWith('.param r_word') || line.startsWith('.param r_entry'))).toBe(false)
  })

  it('leaves out devices of 0 S and the open ends beyond them', () => {
    const lines = deck({ ...WIRES, 'device.conductanceMin': 0 })
    expect(lines.some((line) => / g=0(\s|$)/.test(line))).toBe(false)
    // Output 1 of layer 0 has weights 0, 0.75 and bias 0: its negative line conducts nowhere.
    expect(lines).toContain('* bit line 3: no device conducts')
    expect(lines.some((line) => /^rb_\d+_3 /.test(line))).toBe(false)
    // Its positive line has a device at word line 1 only: nothing above it.
    expect(lines.filter((line) => /^rb_\d+_2 /.test(line))).toEqual([
      'rb_1_2 b_1_2 b_2_2 {r_bit}',
      'rb_2_2 b_2_2 bit_2 {r_exit}',
    ])
  })

  it('joins row tiles and parallel devices at one virtual ground', () => {
    const lines = deck({ 'crossbar.wordLines': 2, 'device.devicesPerSide': 2, 'crossbar.bitLines': 12 })
    const joined = lines.join('\n').replaceAll('\n+ ', ' ').split('\n')
    expect(joined).toContain(
      'xarray_0 in_0 plus_0 plus_0 minus_0 minus_0 plus_1 plus_1 minus_1 minus_1 plus_2 plus_2 minus_2 minus_2 array_0_0',
    )
    expect(joined).toContain(
      'xarray_1 in_1 bias plus_0 plus_0 minus_0 minus_0 plus_1 plus_1 minus_1 minus_1 plus_2 plus_2 minus_2 minus_2 array_0_1',
    )
  })

  it('cannot be given a card by a name', () => {
    const name = 'n\n.control\nshell touch /tmp/x\n.endc\n'
    const lines = deck({}, { ...tiny, name })
    expect(lines[0]).toBe('ohmbit encoder: n?.control?shell touch /tmp/x?.endc? on test')
    expect(lines.filter((line) => line === '.control')).toHaveLength(1)
    const { text } = spiceNetlist(fabricate(deployed()), { provenance: { 'a\nb': 'c\n.include /etc/passwd' } })
      .files[0]!
    expect(text).toContain('\n* a?b: c?.include /etc/passwd\n')
  })

  it('carries the cells it uses, and those alone', () => {
    const cells = (lines: string[]) => lines.flatMap((line) => /^\.subckt (ob_\w+)/.exec(line)?.[1] ?? [])
    expect(cells(deck())).toEqual([
      'ob_device',
      'ob_tia',
      'ob_difference',
      'ob_tanh',
      'ob_linear',
      'ob_front_end',
      'ob_comparator_gt',
    ])
    expect(cells(deck({ 'periphery.tia.swing': 1 }))).toContain('ob_difference_clip')
  })
})

describe('expected values', () => {
  it("are the simulator's, node by node", () => {
    const deployment = deployed({ ...WIRES, 'periphery.tia.gainSigma': 0.1 })
    const chip = fabricate(deployment, { seed: 1 })
    const { expected, files, vectors: count } = spiceNetlist(chip, { inputs: vectors })
    const trace = encodeTrace(chip, vectors, { noise: false })
    const of = (node: string) => expected.find((p) => p.node === node)!.values
    expect(count).toBe(3)
    expect(of('l0_amp_2')).toEqual([0, 1, 2].map((v) => trace.amplifier[0]!.data[v * 3 + 2]))
    expect(of('l1_out_0')).toEqual([...trace.output[1]!.data])
    expect(of('code_0')).toEqual([...trace.codes.data])
    expect(JSON.parse(files[1]!.text).probes).toEqual(expected)
  })

  it('leave out what changes while the converter searches', () => {
    const still = fabricate(deployed())
    const moving = fabricate(
      deployed({
        'adc.hold.droop': 1e6,
        'adc.comparator.hysteresis': 0.3,
        'adc.dac.settlingError': 0.5,
        'adc.comparator.noise': 0.1,
      }),
    )
    expect(spiceNetlist(moving).expected).toEqual(spiceNetlist(still).expected)
    expect(spiceNetlist(moving).files[0]!.text).toMatch(
      /^\* not in this deck: comparator noise, droop, hysteresis, threshold DAC settling$/m,
    )
  })

  it('default to the first calibration vectors', () => {
    const chip = fabricate(deployed())
    expect(spiceNetlist(chip).expected).toEqual(spiceNetlist(chip, { inputs: head(vectors, 3) }).expected)
  })

  it('need a vector', () => {
    expect(() => spiceNetlist(fabricate(deployed()), { inputs: matrix(0, 2) })).toThrow(/1 to 4096 vectors/)
    expect(() => ladderNetlist(fabricate(deployed()), matrix(4097, 1))).toThrow(/1 to 4096 vectors/)
  })
})

describe('the code of a search', () => {
  const at = (k: number) => volts(`d${k}`)
  const text = (thresholds: number[], search: 'binary' | 'linear') =>
    expressionText(codeExpression(thresholds, search, at), {
      ...NOTATION,
      volts: (node) => node,
    })
  /** Evaluates the expression as JavaScript, decisions as 0 or 1. */
  const code = (thresholds: number[], search: 'binary' | 'linear', x: number) => {
    const decisions = thresholds.map((t, k) => `const d${k} = ${x > t ? 1 : 0}`)
    return Function(`${decisions.join('\n')}\nreturn ${text(thresholds, search)}`)() as number
  }

  it('is a plain sum while thresholds ascend', () => {
    expect(text([-1, 0, 0, 2], 'binary')).toBe('d0+d1+d2+d3')
  })

  it('is refused where a linear search would nest too deep', () => {
    const thresholds = Array.from({ length: 501 }, (_, k) => -k)
    expect(() => codeExpression(thresholds, 'linear', at)).toThrow(/501 thresholds out of order/)
  })

  property.prop([
    fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 9 }),
    fc.constantFrom<'binary' | 'linear'>('binary', 'linear'),
    fc.integer({ min: -10, max: 10 }),
  ])('follows the search where they do not', (thresholds, search, x) => {
    let wanted = 0
    if (search === 'linear') while (wanted < thresholds.length && x > thresholds[wanted]!) wanted++
    else {
      let high = thresholds.length
      while (wanted < high) {
        const mid = (wanted + high) >> 1
        if (x > thresholds[mid]!) wanted = mid + 1
        else high = mid
      }
    }
    expect(code(thresholds, search, x)).toBe(wanted)
  })
})
