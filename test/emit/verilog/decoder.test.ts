import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { decoderFiles } from '../../../src/emit/verilog/verilog.ts'
import { wordDecoders } from '../../decoder/random-decoders.ts'
import { requireTool } from '../../support/tools.ts'
import { icarus, lint } from './simulate.ts'

const ABOUT = ['ohmbit test']
const order = (channels: number) => Array.from({ length: channels }, (_, n) => n)
const text = (files: readonly { name: string; text: string }[], name: string) =>
  files.find((f) => f.name === name)!.text

/** Multipliers: one, some, or all outputs of the widest layer. */
const multipliersOf = (decoder: { layers: readonly { outputs: number }[] }, choice: number) =>
  Math.min(choice, Math.max(...decoder.layers.map((l) => l.outputs)))

describe('decnet', () => {
  property.prop([wordDecoders, fc.constantFrom(1, 2, 3, 1000)], { numRuns: 40 })(
    'gives the words of the integer decoder in the stated clocks, for any widths, shifts and activations',
    async ({ decoder }, choice) => {
      if (!requireTool('iverilog')) return
      const { files, vectors, latencyCycles, intervalCycles } = decoderFiles(
        decoder,
        order(decoder.layers[0]!.inputs),
        ABOUT,
        { multipliers: multipliersOf(decoder, choice), randomVectors: 60 },
      )
      const { status, output } = await icarus(files, 'decnet_tb')
      expect(output.trim()).toContain(
        `decnet_tb: PASS, ${vectors} vectors, 0 mismatches, latency ${latencyCycles} clocks, one vector every ${intervalCycles} clocks`,
      )
      expect(status).toBe(0)
    },
  )

  property.prop([wordDecoders, fc.constantFrom(1, 3, 1000)], { numRuns: 6 })(
    'is clean under verilator -Wall, for any widths, shifts and activations',
    async ({ decoder }, choice) => {
      if (!requireTool('verilator')) return
      const multipliers = multipliersOf(decoder, choice)
      const { files } = decoderFiles(decoder, order(decoder.layers[0]!.inputs), ABOUT, { multipliers })
      expect(await lint(files, 'decnet')).toBe('')
    },
  )

  property.prop([wordDecoders, fc.nat(), fc.nat()], { numRuns: 10 })(
    'one changed bit in any constant is found, and so is a file that is missing or cut',
    async ({ decoder }, which, where) => {
      if (!requireTool('iverilog')) return
      const { files } = decoderFiles(decoder, order(decoder.layers[0]!.inputs), ABOUT, {
        multipliers: 1,
        randomVectors: 4,
      })
      const constants = files.filter(({ name }) => name.endsWith('.mem') && !name.includes('golden'))
      const { name, text: whole } = constants[which % constants.length]!
      const lines = whole.trimEnd().split('\n')
      const at = 1 + (where % (lines.length - 1))
      const digit = Number.parseInt(lines[at]!.at(-1)!, 16)
      const changed = lines.with(at, `${lines[at]!.slice(0, -1)}${(digit ^ 1).toString(16)}`).join('\n')
      const tampered = await icarus(files, 'decnet_tb', { [name]: `${changed}\n` })
      expect(tampered.status).not.toBe(0)
      expect(tampered.output).toContain('the ROMs hold other constants')
      expect((await icarus(files, 'decnet_tb', { [name]: null })).output).toContain(`${name} is missing or too short`)
      const cut = `${lines.slice(0, -1).join('\n')}\n`
      expect((await icarus(files, 'decnet_tb', { [name]: cut })).output).toContain(`${name} is missing or too short`)
      for (const golden of ['decnet_golden_codes.mem', 'decnet_golden_words.mem']) {
        const without = await icarus(files, 'decnet_tb', { [golden]: null })
        expect(without.output).toContain(`${golden} is missing`)
        expect(without.status).not.toBe(0)
      }
    },
  )

  property.prop([wordDecoders], { numRuns: 5 })('one changed word of the answers is found', async ({ decoder }) => {
    if (!requireTool('iverilog')) return
    const { files } = decoderFiles(decoder, order(decoder.layers[0]!.inputs), ABOUT, {
      multipliers: 1,
      randomVectors: 4,
    })
    const lines = text(files, 'decnet_golden_words.mem').split('\n')
    const digit = Number.parseInt(lines[2]!.at(-1)!, 16)
    lines[2] = `${lines[2]!.slice(0, -1)}${(digit ^ 1).toString(16)}`
    const { status, output } = await icarus(files, 'decnet_tb', { 'decnet_golden_words.mem': lines.join('\n') })
    expect(output).toMatch(/\d+ mismatches/)
    expect(status).not.toBe(0)
  })

  property.prop([wordDecoders], { numRuns: 10 })('takes codes in scan order', async ({ decoder }) => {
    if (!requireTool('iverilog')) return
    const backwards = order(decoder.layers[0]!.inputs).reverse()
    const { files } = decoderFiles(decoder, backwards, ABOUT, { multipliers: 1, randomVectors: 20 })
    expect((await icarus(files, 'decnet_tb')).output).toContain('PASS')
  })

  property.prop([wordDecoders], { numRuns: 20 })('is the same bytes for the same decoder', ({ decoder }) => {
    const make = () => decoderFiles(decoder, order(decoder.layers[0]!.inputs), ABOUT)
    expect(make()).toEqual(make())
  })

  it('refuses multipliers that no layer has outputs for', () => {
    const { decoder } = fc.sample(wordDecoders, { numRuns: 1, seed: 1 })[0]!
    for (const multipliers of [0, 1.5, -1, 1000])
      expect(() => decoderFiles(decoder, order(decoder.layers[0]!.inputs), ABOUT, { multipliers })).toThrow(
        /multipliers/,
      )
  })
})
