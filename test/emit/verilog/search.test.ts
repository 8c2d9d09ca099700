import { fc, test as property } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { convert } from '../../../src/adc/convert.ts'
import { placeThresholds } from '../../../src/adc/design.ts'
import { fabricateAdc } from '../../../src/adc/instance.ts'
import { buildTable, type TableSource } from '../../../src/emit/threshold-table/table.ts'
import { searchCases } from '../../../src/emit/verilog/search-testbench.ts'
import { searchFiles } from '../../../src/emit/verilog/verilog.ts'
import { matrix } from '../../../src/numerics/matrix.ts'
import { profileWith } from '../../support/profile.ts'
import { requireTool } from '../../support/tools.ts'
import { sources } from '../threshold-table/sources.ts'
import { icarus, lint } from './simulate.ts'

const ABOUT = ['ohmbit test']
const KEY = { seed: 1, chip: 0 }

/** Codes of the simulator, with no imperfection. */
function converted(source: TableSource, volts: readonly number[]): number[] {
  const profile = profileWith({
    'adc.search': source.search,
    'adc.fullScale': source.fullScale,
    'adc.dac.bits': source.dacBits,
  })
  const design = placeThresholds(Float64Array.from(source.thresholds), source.compare, profile.adc)
  const input = matrix(volts.length, 1, Float64Array.from(volts))
  return [...convert(input, design, fabricateAdc(design, profile, KEY), profile, null).codes.data]
}

describe('the golden conversions', () => {
  property.prop([sources], { numRuns: 100 })('have the codes of the simulator, ties included', (source) => {
    const cases = searchCases(buildTable(source))
    expect(cases.map(({ code }) => code)).toEqual(
      converted(
        source,
        cases.map(({ volts }) => volts),
      ),
    )
    // Every threshold is tried at its own voltage and at the next doubles.
    expect(cases.length).toBe(3 + 4 * source.thresholds.length)
  })

  property.prop([sources], { numRuns: 100 })('take no more compares than their search may', (source) => {
    const levels = source.levels.length
    for (const { code, compares } of searchCases(buildTable(source)))
      if (source.search === 'binary') {
        expect(compares).toBeLessThanOrEqual(Math.ceil(Math.log2(levels)))
        expect(compares).toBeGreaterThanOrEqual(Math.floor(Math.log2(levels)))
      } else expect(compares).toBe(Math.min(code + 1, levels - 1))
  })
})

describe('adc_search', () => {
  property.prop([sources], { numRuns: 25 })(
    'finds these codes in compares + 1 clocks each, one comparator result a clock',
    async (source) => {
      if (!requireTool('iverilog')) return
      const table = buildTable(source)
      const cases = searchCases(table)
      const { status, output } = await icarus(searchFiles(table, ABOUT), 'adc_search_tb')
      const clocks = cases.reduce((sum, { compares }) => sum + compares + 1, 0)
      expect(output).toContain(`adc_search_tb: PASS, ${cases.length} conversions, 0 mismatches, ${clocks} clocks`)
      expect(status).toBe(0)
    },
  )

  property.prop([sources], { numRuns: 6 })('is clean under verilator -Wall', async (source) => {
    if (!requireTool('verilator')) return
    expect(await lint(searchFiles(buildTable(source), ABOUT), 'adc_search')).toBe('')
  })

  property.prop([sources, fc.nat()], { numRuns: 12 })(
    'a changed DAC code is found, and so is a file that is missing',
    async (source, where) => {
      if (!requireTool('iverilog')) return
      const files = searchFiles(buildTable(source), ABOUT)
      const lines = files
        .find(({ name }) => name === 'adc_dac.mem')!
        .text.trimEnd()
        .split('\n')
      const at = 1 + (where % (lines.length - 1))
      const digit = Number.parseInt(lines[at]!.at(-1)!, 16)
      const changed = lines.with(at, `${lines[at]!.slice(0, -1)}${(digit ^ 1).toString(16)}`).join('\n')
      const tampered = await icarus(files, 'adc_search_tb', { 'adc_dac.mem': changed })
      expect(tampered.output).toContain('holds other DAC codes')
      expect(tampered.status).not.toBe(0)
      for (const name of ['adc_dac.mem', 'adc_golden.mem'])
        expect((await icarus(files, 'adc_search_tb', { [name]: null })).output).toContain(`${name} is missing`)
    },
  )
})
