/** Drift compensation and output calibration: in the amplifiers' gains and offsets, and nowhere else. */
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { type Chip, fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { applyLayers } from '../../src/network/forward.ts'
import { head, type Matrix } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { average } from '../support/distribution.ts'
import { loadNetwork, NETWORKS } from '../support/fixtures.ts'

const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
const y = head(inputs, 200)
const x = head(truth, 200)
const ideal = await readProfile('ideal')
const GLOBAL = 'crossbar.driftCompensation.kind=global'
const PER_OUTPUT = 'crossbar.driftCompensation.kind=per-output'
const EXACT_DRIFT = 'crossbar.driftCompensation.reads=exact'
const TRIM = 'crossbar.outputCalibration.kind=gain-and-offset'
const OFFSET = 'crossbar.outputCalibration.kind=offset'
const EXACT_TRIM = 'crossbar.outputCalibration.reads=exact'

const chipOf = async (changes: readonly string[], options: { chip?: number; seconds?: number } = {}) =>
  fabricate(deploy(network, await setProfileValues(ideal, changes)), { seed: 4, ...options })
const gains = (chip: Chip) => chip.layers.flatMap((layer) => Array.from(layer.amplifierGain))
const offsets = (chip: Chip) => chip.layers.flatMap((layer) => Array.from(layer.amplifierOffset))

describe('with everything ideal nothing changes', () => {
  for (const name of NETWORKS)
    it(name, async () => {
      const own = await loadNetwork(name)
      const sample = head(own.inputs, 100)
      const plain = fabricate(deploy(own.network, ideal))
      const limit = Math.max(...plain.deployment.layers.map((l) => l.amplifierVoltsPerUnit))
      for (const kind of [TRIM, OFFSET, GLOBAL, PER_OUTPUT]) {
        const chip = fabricate(deploy(own.network, await setProfileValues(ideal, [kind])))
        for (const gain of gains(chip)) expect(Math.abs(gain - 1)).toBeLessThanOrEqual(1e-12)
        for (const offset of offsets(chip)) expect(Math.abs(offset)).toBeLessThanOrEqual(1e-12 * Math.max(1, limit))
        const [a, b] = [encodeTrace(plain, sample), encodeTrace(chip, sample)]
        expect(b.codes).toEqual(a.codes)
      }
    })
})

describe('drift compensation', () => {
  const fixed = ['device.drift.model=fixed', 'device.drift.exponent=0.05', 'device.conductanceMin=0 S']
  const old = { seconds: 1e6 }
  const factor = (1e6 + 1) ** 0.05

  it('undoes a drift that all devices share, exactly', async () => {
    for (const kind of [GLOBAL, PER_OUTPUT]) {
      const chip = await chipOf([...fixed, kind, EXACT_DRIFT], old)
      for (const gain of gains(chip)) expect(gain / factor).toBeCloseTo(1, 12)
      const plain = encodeTrace(await chipOf([]), y)
      const restored = encodeTrace(chip, y)
      for (const [k, z] of restored.amplifier[0]!.data.entries())
        expect(z).toBeCloseTo(plain.amplifier[0]!.data[k]!, 12)
      expect(chip.untrimmedOutputs).toBe(0)
    }
  })

  it('is the ratio of the mean |one-hot reads|, over the layer or over each output', async () => {
    const drift = ['device.drift.model=pcm-nandakumar', 'device.conductanceMin=0.1 uS', 'device.conductanceMax=25 uS']
    const fresh = await chipOf(drift, { seconds: 0 })
    const now = await chipOf(drift, old)
    const means = (chip: Chip, l: number) => {
      const { effective } = chip.layers[l]!.parts[0]!
      return Array.from({ length: effective.rows }, (_, o) =>
        average(effective.data.subarray(o * effective.cols, (o + 1) * effective.cols).map(Math.abs)),
      )
    }
    const global = await chipOf([...drift, GLOBAL, EXACT_DRIFT], old)
    const own = await chipOf([...drift, PER_OUTPUT, EXACT_DRIFT], old)
    for (const l of fresh.layers.keys()) {
      const [before, after] = [means(fresh, l), means(now, l)]
      for (const [o, gain] of own.layers[l]!.amplifierGain.entries())
        expect(gain / (before[o]! / after[o]!)).toBeCloseTo(1, 12)
      for (const gain of global.layers[l]!.amplifierGain)
        expect(gain / (average(before) / average(after))).toBeCloseTo(1, 12)
      expect(global.layers[l]!.arrays).toEqual(now.layers[l]!.arrays)
    }
  })

  it('also meets the temperature coefficient: conductances are compared with those at the reference', async () => {
    const chip = await chipOf([
      'device.temperature.coefficient=0.002 / K',
      'environment.temperature=350 K',
      GLOBAL,
      EXACT_DRIFT,
    ])
    for (const gain of gains(chip)) expect(gain).toBeCloseTo(1 / 1.1, 12)
  })

  it('measured reads scatter about the exact ones, and are the same for the same chip', async () => {
    const noisy = [...fixed, PER_OUTPUT, 'device.readNoise.model=proportional', 'device.readNoise.sigma=0.05']
    const chip = await chipOf(noisy, old)
    const ratio = gains(chip).map((gain) => gain / factor)
    expect(ratio.every((r) => Math.abs(r - 1) < 0.15)).toBe(true)
    expect(ratio.every((r) => r !== 1)).toBe(true)
    expect(Math.abs(average(ratio) - 1)).toBeLessThan(0.02)
    expect(gains(await chipOf(noisy, old))).toEqual(gains(chip))
    expect(gains(await chipOf(noisy, { ...old, chip: 1 }))).not.toEqual(gains(chip))
    const quiet = await chipOf([...noisy, EXACT_DRIFT], old)
    for (const gain of gains(quiet)) expect(gain / factor).toBeCloseTo(1, 12)
  })

  it('a dead output keeps its gain and is counted', async () => {
    for (const kind of [GLOBAL, PER_OUTPUT]) {
      const chip = await chipOf(['device.faults.formingFailure=1', kind])
      expect(gains(chip).every((gain) => gain === 1)).toBe(true)
      expect(chip.untrimmedOutputs).toBe(gains(chip).length)
    }
  })

  it('recovers most of what shared drift costs the task', async () => {
    const score = async (...more: string[]) =>
      simulate(
        deploy(network, await setProfileValues(ideal, [...fixed, 'environment.timeSinceProgramming=1e6', ...more])),
        {
          inputs: y,
          truth: x,
          chips: 2,
        },
      ).metric
    const plain = await score()
    const compensated = await score(GLOBAL, EXACT_DRIFT)
    expect(plain.deployed.mean - plain.ideal).toBeGreaterThan(1)
    expect(Math.abs(compensated.deployed.mean - compensated.ideal)).toBeLessThan(0.02)
  })
})

describe('output calibration', () => {
  const mismatch = ['periphery.tia.gainSigma=0.1', 'periphery.tia.offsetSigma=20 mV']

  it('takes gain and offset errors of the amplifiers out, layer after layer', async () => {
    const chip = await chipOf([...mismatch, TRIM])
    for (const gain of gains(chip)) expect(gain).toBeCloseTo(1, 10)
    for (const offset of offsets(chip)) expect(offset).toBeCloseTo(0, 10)
    expect(encodeTrace(chip, y).codes).toEqual(encodeTrace(await chipOf([]), y).codes)
  })

  it('offset alone leaves the gains as they are, and makes the mean error zero', async () => {
    const plain = await chipOf(mismatch)
    const chip = await chipOf([...mismatch, OFFSET, 'crossbar.outputCalibration.vectors=256'])
    expect(gains(chip)).toEqual(gains(plain))
    expect(offsets(chip)).not.toEqual(offsets(plain))
    const sample = chip.deployment.calibration
    for (const e of meanErrors(chip, sample)) expect(Math.abs(e)).toBeLessThan(1e-12)
    expect(Math.max(...meanErrors(plain, sample).map(Math.abs))).toBeGreaterThan(1e-3)
  })

  /** mean of z - ideal z over vectors, first layer, volts */
  function meanErrors(chip: Chip, sample: Matrix): number[] {
    const layer = chip.deployment.layers[0]!
    const z = encodeTrace(chip, sample, { noise: false }).amplifier[0]!
    const wanted = applyLayers([{ ...network.encoder[0]!, activation: 'linear' }], sample)
    return Array.from({ length: layer.outputs }, (_, o) =>
      average(
        Array.from(
          { length: sample.rows },
          (_, v) => z.data[v * z.cols + o]! - wanted.data[v * z.cols + o]! * layer.amplifierVoltsPerUnit,
        ),
      ),
    )
  }

  it('is the least-squares solution: no other gain or offset of an output does better', async () => {
    const changes = [
      'device.programming.model=pcm-nandakumar',
      'device.conductanceMax=25 uS',
      'crossbar.outputCalibration.vectors=64',
    ]
    const chip = await chipOf([...changes, TRIM])
    const sample = head(chip.deployment.calibration, 64)
    const layer = chip.deployment.layers[0]!
    const z = encodeTrace(chip, sample, { noise: false }).amplifier[0]!
    const wanted = applyLayers([{ ...network.encoder[0]!, activation: 'linear' }], sample)
    for (let o = 0; o < layer.outputs; o++) {
      const pairs = Array.from({ length: 64 }, (_, v) => [
        z.data[v * z.cols + o]!,
        wanted.data[v * z.cols + o]! * layer.amplifierVoltsPerUnit,
      ])
      const size = Math.max(...pairs.map(([, t]) => Math.abs(t!)))
      // Normal equations of a second fit: residuals without mean and without correlation to the output.
      expect(Math.abs(average(pairs.map(([is, should]) => should! - is!)))).toBeLessThan(1e-12 * size)
      expect(Math.abs(average(pairs.map(([is, should]) => (should! - is!) * is!)))).toBeLessThan(1e-12 * size * size)
    }
  })

  it('leaves saturated vectors out of the fit', async () => {
    const swing = 'periphery.tia.swing=0.5 V'
    const chip = await chipOf([...mismatch, TRIM, swing])
    for (const gain of chip.layers[0]!.amplifierGain) expect(gain).toBeCloseTo(1, 10)
    // Later layers see that the ones before them clip.
    for (const gain of gains(chip)) expect(gain).toBeCloseTo(1, 3)
  })

  it('measured reads trim a little differently than exact ones, always alike on the same chip', async () => {
    const noisy = [...mismatch, TRIM, 'device.readNoise.model=proportional', 'device.readNoise.sigma=0.02']
    const measured = await chipOf(noisy)
    expect(gains(measured)).toEqual(gains(await chipOf(noisy)))
    const errors = gains(measured).map((gain) => Math.abs(gain - 1))
    expect(Math.max(...errors)).toBeGreaterThan(1e-6)
    expect(Math.max(...errors)).toBeLessThan(0.05)
    for (const gain of gains(await chipOf([...noisy, EXACT_TRIM]))) expect(gain).toBeCloseTo(1, 10)
  })

  it('dead outputs stay finite and are counted', async () => {
    const chip = await chipOf(['device.faults.formingFailure=1', ...mismatch, TRIM])
    expect(chip.untrimmedOutputs).toBe(gains(chip).length)
    expect([...gains(chip), ...offsets(chip)].every(Number.isFinite)).toBe(true)
    const { warnings } = simulate(chip.deployment, { inputs: y, truth: x, chips: 1 })
    expect(warnings.map((w) => w.code)).toContain('OHM2008')
  })

  it('gains programming error back', async () => {
    const error = [
      'device.programming.model=pcm-nandakumar',
      'device.conductanceMax=25 uS',
      'device.conductanceMin=0.1 uS',
    ]
    const score = async (...more: string[]) =>
      simulate(deploy(network, await setProfileValues(ideal, [...error, ...mismatch, ...more])), {
        inputs: y,
        truth: x,
        chips: 6,
        waterfallChips: 1,
      }).metric.deployed.mean
    const plain = await score()
    expect(await score(TRIM)).toBeLessThan(plain - 0.5)
    expect(await score(OFFSET)).toBeLessThan(plain)
  })
})
