import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeCounted, encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { deploymentFiles } from '../../src/deployment/store.ts'
import type { Activation } from '../../src/network/network.ts'
import { curveAt, curveOf } from '../../src/numerics/curve.ts'
import { sigmoid, tanh } from '../../src/numerics/elementary.ts'
import { availableEngines, useEngine } from '../../src/numerics/kernels/module.ts'
import { head, rowRange } from '../../src/numerics/matrix.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'
import { profileWith } from '../support/profile.ts'

afterEach(() => useEngine('simd'))

type Points = readonly (readonly [number, number])[]
const sampled = (f: (x: number) => number, end: number, step: number): Points =>
  Array.from({ length: 2 * Math.round(end / step) + 1 }, (_, k) => {
    const x = (k - Math.round(end / step)) * step
    return [x, f(x)] as const
  })
const measured = (
  table: Points,
  more: Parameters<typeof profileWith>[0] = {},
  standsFor: Activation = 'tanh',
): Profile =>
  profileWith({
    ...more,
    'periphery.activation.transfer.model': 'measured',
    'periphery.activation.transfer.function': standsFor,
    'periphery.activation.transfer.table': table,
  })
/** A stage with all faults at once: gain, offset, asymmetry, a kink. */
const BENT: Points = sampled((x) => 0.95 * tanh(1.1 * x + 0.05) + 0.02 + 0.01 * Math.abs(x), 3, 0.25)
/** max |tanh''| = 4 / (3 sqrt 3) */
const CURVATURE = 4 / (3 * Math.sqrt(3))

describe('a table that is the function itself, sampled', async () => {
  const { network, inputs } = await loadNetwork('vqcs_n20_I4')
  const y = head(inputs, 200)

  it.each([0.5, 0.05, 0.005])('every %f: tanh within h^2 / 8 max |tanh"|', (step) => {
    const curve = curveOf(sampled(tanh, 10, step))
    const bound = (step ** 2 / 8) * CURVATURE
    let worst = 0
    for (let x = -12; x < 12; x += 0.00137) worst = Math.max(worst, Math.abs(curveAt(curve, x) - tanh(x)))
    expect(worst).toBeLessThanOrEqual(bound + 1e-8)
    expect(worst).toBeGreaterThan(bound * 0.9)
  })

  it('gives the ideal voltages within that bound, weighted by the next layer', () => {
    const step = 0.01
    const bound = (step ** 2 / 8) * CURVATURE
    const ideal = encodeTrace(fabricate(deploy(network, profileWith())), y)
    const table = measured(sampled(tanh, 40, step))
    const real = encodeTrace(fabricate(deploy(network, table)), y)
    expect(real.counters.beyondTable).toBe(0)
    // Volts of the first tanh layer: bound x 0.5 V; of what follows: bound x the sum of |w| of the output.
    const [first] = ideal.output.map((volts, l) =>
      Math.max(...volts.data.map((v, k) => Math.abs(v - real.output[l]!.data[k]!))),
    )
    expect(network.encoder[0]!.activation).toBe('tanh')
    expect(first!).toBeLessThanOrEqual(0.5 * bound * (1 + 1e-9) + 1e-15)
    expect(first!).toBeGreaterThan(0)
    const next = network.encoder[1]!.weight
    const unit = deploy(network, profileWith()).layers[1]!.amplifierVoltsPerUnit
    for (let o = 0; o < next.rows; o++) {
      let reach = 0
      for (let i = 0; i < next.cols; i++) reach += Math.abs(next.data[o * next.cols + i]!)
      for (let v = 0; v < y.rows; v++) {
        const k = v * next.rows + o
        const off = Math.abs(ideal.amplifier[1]!.data[k]! - real.amplifier[1]!.data[k]!)
        expect(off).toBeLessThanOrEqual(unit * reach * bound * (1 + 1e-9) + 1e-12)
      }
    }
    const errors = ideal.codes.data.filter((c, k) => c !== real.codes.data[k]).length
    expect(errors / ideal.codes.data.length).toBeLessThan(1e-3)
  })

  it.each([
    ['relu', (x: number) => Math.max(x, 0)],
    ['linear', (x: number) => x],
    ['sigmoid', sigmoid],
  ] as const)('%s', (activation, f) => {
    const [first, ...others] = network.encoder
    const other = { ...network, encoder: [{ ...first!, activation }, ...others] }
    const step = 2 ** -5
    const of = (profile: Profile) => encodeTrace(fabricate(deploy(other, profile)), y)
    const [ideal, real] = [of(profileWith()), of(measured(sampled(f, 64, step), {}, activation))]
    expect(real.counters.beyondTable).toBe(0)
    // Straight functions with a point at every kink are exact; max |sigmoid"| = 1 / (6 sqrt 3).
    const bound = activation === 'sigmoid' ? (step ** 2 / 8 / (6 * Math.sqrt(3))) * 0.5 : 0
    for (const [k, v] of ideal.output[0]!.data.entries())
      expect(Math.abs(v - real.output[0]!.data[k]!)).toBeLessThanOrEqual(bound + 1e-13)
  })
})

describe('a measured stage', async () => {
  const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')

  it('is outGain curve(x) + outOffset on every tanh layer, spreads included; others stay ideal and that is said', () => {
    const profile = measured(BENT, { 'periphery.activation.gainSigma': 0.05, 'periphery.activation.offsetSigma': 0.01 })
    const [hidden, last] = network.encoder
    const deployment = deploy({ ...network, encoder: [hidden!, { ...last!, activation: 'linear' }] }, profile)
    const chip = fabricate(deployment, { seed: 4 })
    const { amplifier, output, counters } = encodeTrace(chip, head(inputs, 20))
    const curve = curveOf(BENT)
    let beyond = 0
    for (const [l, layer] of deployment.layers.entries()) {
      const { activationGain, activationOffset } = chip.layers[l]!
      for (const [k, z] of amplifier[l]!.data.entries()) {
        const o = k % layer.outputs
        const x = z / layer.amplifierVoltsPerUnit
        if (layer.activation === 'tanh' && Math.abs(x) > 3) beyond++
        const f = layer.activation === 'tanh' ? curveAt(curve, x) : x
        expect(output[l]!.data[k]).toBe(activationGain[o]! * layer.outputVoltsPerUnit * f + activationOffset[o]!)
      }
    }
    expect(deployment.layers.map((layer) => layer.activation)).toEqual(['tanh', 'linear'])
    expect(counters.beyondTable).toBe(beyond)
    expect(beyond).toBeGreaterThan(0)
    const [warning] = deployment.warnings.filter((w) => w.code === 'OHM2009')
    expect(warning!.message).toBe(
      'the measured activation stage stands for tanh; the stages of encoder layer 1 (linear) stay ideal',
    )
    const none = deploy(network, measured(BENT, {}, 'relu')).warnings.find((w) => w.code === 'OHM2009')
    expect(none!.message).toContain(
      'no encoder layer has it: the stages of encoder layers 0 (tanh), 1 (tanh) stay ideal',
    )
  })

  const changes: Readonly<Record<string, readonly string[]>> = {
    'nothing but programming error': [],
    'read noise': ['device.readNoise.model=proportional', 'device.readNoise.sigma=0.05'],
    'swing, clipping, offsets': [
      'periphery.tia.swing=0.2 V',
      'periphery.tia.offsetSigma=0.05 V',
      'periphery.activation.gainSigma=0.1',
      'periphery.activation.offsetSigma=0.02 V',
      'adc.clip=true',
    ],
    'bits one by one': ['periphery.input.encoding=bit-serial', 'periphery.input.bits=5'],
    'comparator noise': ['adc.comparator.noise=0.05 V'],
    'digitised partial sums': [
      'crossbar.partialSums.kind=digitised',
      'crossbar.partialSums.bits=8',
      'crossbar.wordLines=7',
    ],
    'non-linear devices': ['device.iv.model=cubic', 'device.iv.cubic=1'],
    'output calibration': ['crossbar.outputCalibration.kind=gain-and-offset', 'crossbar.outputCalibration.vectors=16'],
  }
  for (const [name, values] of Object.entries(changes))
    it(`gives the same codes and counters on the engines reference and simd: ${name}`, async () => {
      const profile = await setProfileValues(measured(BENT), [
        'device.programming.model=normal-proportional',
        'device.programming.sigma=0.05',
        ...values,
      ])
      const y = rowRange(inputs, 3, name === 'non-linear devices' ? 9 : 134)
      useEngine('reference')
      const chip = fabricate(deploy(network, profile), { seed: 3, chip: 1 })
      const { codes, counters } = encodeTrace(chip, y, { first: 3 })
      expect(encodeCounted(chip, y, { first: 3 })).toMatchObject({ codes, counters })
      useEngine('simd')
      const other = fabricate(deploy(network, profile), { seed: 3, chip: 1 })
      const fast = encodeCounted(other, y, { first: 3 })
      expect({ codes: fast.codes, counters: fast.counters }).toEqual({ codes, counters })
      expect(counters.beyondTable).toBeGreaterThan(0)
    })

  it.skipIf(!availableEngines().includes('relaxed'))(
    'is the same on the relaxed engine but for codes on a threshold',
    () => {
      const chip = fabricate(deploy(network, measured(BENT)), { seed: 3 })
      const y = head(inputs, 130)
      const { codes } = encodeCounted(chip, y)
      useEngine('relaxed')
      const other = encodeCounted(chip, y).codes
      expect(codes.data.filter((c, k) => c !== other.data[k]).length).toBeLessThanOrEqual(1)
    },
  )

  it('has its share of the waterfall in periphery, and its counter and warning in a simulation', () => {
    const data = { inputs: head(inputs, 200), truth: head(truth, 200), chips: 2 }
    const result = simulate(deploy(network, measured(BENT)), data)
    const share = (stage: string) => result.waterfall.find((row) => row.stage === stage)!
    expect(result.waterfall.filter((row) => row.active).map((row) => row.stage)).toEqual([
      'ideal',
      'periphery',
      'interaction',
    ])
    expect(share('periphery').delta).toBeCloseTo(result.metric.deployed.mean - result.metric.ideal, 12)
    expect(share('periphery').delta).not.toBe(0)
    const beyond = result.counters['beyondActivationTable']!
    const warning = result.warnings.find((w) => w.code === 'OHM2001')
    expect(warning!.message).toContain(
      `outside the table (-3 to 3) and took its end values: ${beyond} of ${200 * 2 * (50 + 10)} (`,
    )
  })

  it('changes nothing where there is none: same chips, codes and keys of the result', async () => {
    const profile = await readProfile('reram-cmo')
    const idle = { 'periphery.activation.transfer.table': BENT } as const
    const data = { inputs: head(inputs, 70), truth: head(truth, 70), chips: 2 }
    const [with_, without] = [{ ...profile, ...reset(profile, idle) }, profile].map((p) =>
      simulate(deploy(network, p), data),
    )
    expect({ ...with_, warnings: [] }).toEqual({ ...without, warnings: [] })
    expect(Object.keys(without!.counters)).not.toContain('beyondActivationTable')
    const [a, b] = [measured(BENT), profileWith()].map((p) => fabricate(deploy(network, p), { seed: 9, chip: 2 }))
    expect(a!.layers).toEqual(b!.layers)
    expect(a!.adc).toEqual(b!.adc)
  })

  it('stands in the deployment folder as points', () => {
    const files = deploymentFiles(deploy(network, measured(BENT)))
    const kept = JSON.parse(String(files.get('profile.json'))) as Profile
    expect(kept.periphery.activation.transfer.table).toEqual(BENT)
    expect(JSON.parse(String(files.get('deployment.json'))).files['profile.json'].sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

/** The profile's periphery with a table that is not used. */
function reset(
  profile: Profile,
  { 'periphery.activation.transfer.table': table }: { readonly 'periphery.activation.transfer.table': Points },
) {
  const { periphery } = profile
  const { activation } = periphery
  return { periphery: { ...periphery, activation: { ...activation, transfer: { ...activation.transfer, table } } } }
}
