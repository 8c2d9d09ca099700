import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { buildFixedDecoder } from '../../../src/decoder/build.ts'
import type { FixedLayer } from '../../../src/decoder/fixed-decoder.ts'
import { goldenVectors } from '../../../src/decoder/golden.ts'
import { deploy } from '../../../src/deployment/deploy.ts'
import type { Deployment } from '../../../src/deployment/deployment.ts'
import { fabricate } from '../../../src/deployment/fabricate.ts'
import { networkHash, profileHash } from '../../../src/deployment/store.ts'
import { planDecnet } from '../../../src/emit/c/plan.ts'
import { type CSourceOptions, cSource, parseTable } from '../../../src/emit/index.ts'
import { forward } from '../../../src/network/forward.ts'
import { WARNINGS_AS_ERRORS } from '../../../src/verify/c-program.ts'
import { type FixtureName, fixtureNames, fixtureNetwork } from '../../support/fixture-networks.ts'
import { profileWith } from '../../support/profile.ts'
import { requireTool } from '../../support/tools.ts'

const fixed = { 'decoder.arithmetic': 'fixed', 'adc.dac.bits': 10 } as const
const deployments = new Map<FixtureName, Deployment>()
function deployed(name: FixtureName): Deployment {
  const made = deployments.get(name) ?? deploy(fixtureNetwork(name), profileWith(fixed))
  deployments.set(name, made)
  return made
}
const textOf = (deployment: Deployment, file: string, options: CSourceOptions = {}) =>
  cSource(deployment, options).files.find((f) => f.name === file)!.text
const problem = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return (error as { code?: string }).code
  }
}

describe('the files', () => {
  const deployment = deployed('det_R1_shq_snr12')

  it('are the same twice, plain ASCII, say version and hashes, and no date', () => {
    const { files } = cSource(deployment, { version: '1.2.3' })
    expect(cSource(deployment, { version: '1.2.3' }).files).toEqual(files)
    expect(files.map((f) => f.name)).toEqual([
      'decnet.h',
      'decnet.c',
      'adc_table.h',
      'adc_table.c',
      'main.c',
      'CMakeLists.txt',
      'golden.json',
    ])
    for (const { name, text } of files) {
      expect(text).toMatch(/^[\n\x20-\x7e]+\n$/)
      if (name !== 'CMakeLists.txt') expect(text).toContain(networkHash(deployment.network))
      if (name !== 'CMakeLists.txt') expect(text).toContain(profileHash(deployment.profile))
      expect(text).not.toMatch(/\b20\d\d-\d\d-\d\d\b/)
    }
    for (const name of ['decnet.h', 'decnet.c', 'main.c', 'CMakeLists.txt'])
      expect(files.find((f) => f.name === name)!.text).toContain('ohmbit 1.2.3')
  })

  it('keep floating point, the heap and static variables out of the decoder', () => {
    for (const name of ['decnet.c', 'adc_table.c']) {
      const code = textOf(deployment, name).replace(/\/\*[\s\S]*?\*\//g, '')
      expect(code).not.toMatch(/\b(float|double|malloc|calloc|free|goto)\b|\d\.\d/)
      expect(code).not.toMatch(/^static (?!const|int|uint|void)/m)
      expect(code).toContain(name === 'decnet.c' ? '((-1 >> 1) == -1)' : 'adc_table_selftest')
    }
  })

  it('compile without the self-test too, and their headers for C++', () => {
    if (!requireTool('cc')) return
    const folder = mkdtempSync(join(tmpdir(), 'ohmbit-c-'))
    try {
      for (const { name, text } of cSource(deployment).files) writeFileSync(join(folder, name), text)
      const cc = (...args: string[]) => execFileSync('cc', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
      cc(...WARNINGS_AS_ERRORS, '-DDECNET_SELFTEST=0', 'main.c', 'decnet.c', 'adc_table.c', '-o', 'main')
      const printed = execFileSync(join(folder, 'main'), { encoding: 'utf8' })
      expect(printed.trim().split(' ')).toHaveLength(deployment.network.decoder.at(-1)!.weight.rows + 2)
      expect(cc('-E', '-D__cplusplus', 'decnet.h', '-P')).toContain('extern "C" {')
      expect(cc('-E', '-D__cplusplus', 'adc_table.h', '-P')).toContain('extern "C" {')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('a version cannot leave its comment', () => {
    const text = textOf(deployment, 'decnet.c', { version: '1*/ int evil; /*\n#error' })
    expect(text).toContain(' * ohmbit 1intevilerror\n')
  })

  it('the header of the threshold table can be read back, and a chip is named in every file with a banner', () => {
    const { files } = cSource(fabricate(deployment, { seed: 4, chip: 2 }))
    const text = (name: string) => files.find((f) => f.name === name)!.text
    expect(parseTable(text('adc_table.h'), 'adc_table.h').chip).toEqual({ seed: 4, chip: 2 })
    for (const name of ['decnet.h', 'decnet.c', 'adc_table.c', 'main.c']) expect(text(name)).toContain('2 of seed 4')
  })

  it('codes above 256 levels are 16-bit words', () => {
    const network = fixtureNetwork('det_R1_shq_snr12')
    const levels = Float64Array.from({ length: 300 }, (_, k) => k / 100)
    const thresholds = Float64Array.from({ length: 299 }, (_, k) => (k - 149) / 150)
    const wide = deploy({ ...network, quantizer: { ...network.quantizer, levels, thresholds } }, profileWith(fixed))
    expect(textOf(wide, 'decnet.h')).toContain('void decnet_step(const uint16_t *codes, int16_t *out);')
    expect(textOf(wide, 'adc_table.h')).toContain('uint16_t adc_table_code(int16_t x);')
    expect(textOf(deployment, 'decnet.h')).toContain('void decnet_step(const uint8_t *codes, int16_t *out);')
  })
})

describe('formats', () => {
  it('of a fixed-point deployment are its own: no warning', () => {
    expect(cSource(deployed('vqcs_n20_I4')).warnings).toEqual([])
  })

  it('of a float decoder and an unquantized DAC are chosen and named', () => {
    const network = fixtureNetwork('vqcs_n7_K10_1bit')
    const ideal = deploy(network, profileWith())
    const { warnings, files } = cSource(ideal)
    expect(warnings.map(({ code, at }) => `${code} ${at?.pointer}`)).toEqual([
      'OHM4003 /decoder/arithmetic',
      'OHM4003 /adc/dac/bits',
    ])
    expect(warnings[0]!.message).toContain('16-bit weights, 16-bit activations')
    const decoder = buildFixedDecoder(network, ideal.profile.decoder, forward(network, ideal.calibration).codes)
    const golden = JSON.parse(files.find((f) => f.name === 'golden.json')!.text)
    expect(golden.vectors.map((v: { output: number[] }) => v.output)).toEqual(
      goldenVectors(decoder).map((v) => v.output),
    )
    expect(cSource(ideal, { dacBits: 8 }).warnings).toHaveLength(1)
  })
})

describe('the first layer', () => {
  it.each(fixtureNames)('%s: auto takes the table exactly where it is not larger', (name) => {
    const bytes = (firstLayer: 'auto' | 'table' | 'multiply') => {
      const { footprint } = cSource(deployed(name), { firstLayer })
      return footprint.weightBytes + footprint.tableBytes
    }
    expect(bytes('auto')).toBe(Math.min(bytes('table'), bytes('multiply')))
  })

  it('of two levels is the weights themselves, added or not', () => {
    const { layers, decoder } = planDecnet(deployed('vqcs_n20_I2').decoder!)
    expect([...layers[0]!.columns!.entries]).toEqual([...decoder.layers[0]!.weights])
    expect(layers[0]!.columns!.step).toBe(decoder.levels.words[1]! - decoder.levels.words[0]!)
    expect(textOf(deployed('vqcs_n20_I2'), 'decnet.c')).toContain('decnet_column_0')
    expect(textOf(deployed('vqcs_n20_I2'), 'decnet.c', { firstLayer: 'multiply' })).not.toContain('decnet_column_0')
  })

  it('as a table of millions of entries is refused, and not chosen', () => {
    const { decoder } = deployed('vqcs_n20_I16')
    const wide = { ...decoder!, levels: { ...decoder!.levels, words: new Int32Array(6000) } }
    expect(problem(() => planDecnet(wide, 'table'))).toBe('OHM5004')
    expect(planDecnet(wide, 'auto').layers[0]!.columns).toBeNull()
  })
})

describe('accumulators', () => {
  it.each(fixtureNames)('%s: as wide as proved, no wider than needed, and said so', (name) => {
    const { decoder } = deployed(name)
    const { layers, files } = cSource(deployed(name), { firstLayer: 'multiply' })
    for (const [l, { accumulator, accumulatorBits }] of layers.entries()) {
      expect(accumulatorBits).toBe(Math.max(...decoder!.layers[l]!.bounds.map((b) => b.bits)))
      expect(accumulator).toBe(accumulatorBits <= 32 ? 'int32_t' : 'int64_t')
      expect(files[1]!.text).toContain(`${accumulatorBits} bits (output`)
    }
  })

  it('that are always zero need no shift, however far', () => {
    const { decoder } = deployed('det_R1_shq_snr12')
    const [first, last] = decoder!.layers as [FixedLayer, FixedLayer]
    const zero: FixedLayer = {
      ...first,
      weights: new Int32Array(first.weights.length),
      biases: new Float64Array(first.outputs),
      shifts: new Int32Array(first.outputs).fill(-82),
      bounds: first.bounds.map(() => ({ low: 0, high: 0, bits: 1 })),
    }
    const [plan] = planDecnet({ ...decoder!, layers: [zero, last] }, 'multiply').layers
    expect([plan!.shifts, plan!.accumulator, plan!.weightType]).toEqual([0, 'int32_t', 'int8_t'])
  })

  it('of short words are 32 bits, their weights one byte each', () => {
    const changes = { ...fixed, 'decoder.weightBits': 8, 'decoder.activationBits': 12 } as const
    const deployment = deploy(fixtureNetwork('vqcs_n7_K10_1bit'), profileWith(changes))
    const { layers, footprint } = cSource(deployment)
    expect(layers.map(({ weights, accumulator }) => `${weights} ${accumulator}`)).toEqual(
      new Array(3).fill('int8_t int32_t'),
    )
    // 35 x 10 + 35 x 35 + 7 x 35 weights, 77 biases of four bytes
    expect(footprint.weightBytes).toBe(1820 + 4 * 77)
  })
})

describe('golden.json', () => {
  const schema = JSON.parse(readFileSync(new URL('../../../schemas/golden.schema.json', import.meta.url), 'utf8'))
  const valid = new Ajv({ allErrors: true, strict: true }).compile(schema)

  it.each(fixtureNames)('%s: satisfies its schema, which refuses a missing or unknown field', (name) => {
    const json = JSON.parse(textOf(deployed(name), 'golden.json'))
    expect(valid(json) ? [] : valid.errors).toEqual([])
    for (const key of Object.keys(json)) {
      const { [key]: _, ...rest } = json
      expect(valid(rest)).toBe(false)
    }
    expect(valid({ ...json, more: 1 })).toBe(false)
  })

  it('has every tie of the threshold search and both ends', () => {
    const { adc } = JSON.parse(textOf(deployed('vqcs_n20_I16'), 'golden.json'))
    for (const [k, t] of adc.thresholds.entries()) {
      expect(adc.code[adc.x.indexOf(t)]).toBe(k)
      expect(adc.code[adc.x.indexOf(t + 1)]).toBe(k + 1)
    }
    expect([adc.code[adc.x.indexOf(-32768)], adc.code[adc.x.indexOf(32767)]]).toEqual([0, 15])
  })
})
