import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { decode } from '../../src/deployment/decode.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import type { Deployment } from '../../src/deployment/deployment.ts'
import { encode } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { deploymentFiles, readDeployment, writeDeployment } from '../../src/deployment/store.ts'
import { availableEngines, engine, useEngine } from '../../src/numerics/kernels/module.ts'
import { head, matrix } from '../../src/numerics/matrix.ts'
import { normalAt, site, stages } from '../../src/numerics/random.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { generateSamples } from '../../src/task/generate.ts'
import { perVector } from '../../src/task/metric.ts'
import { pairedLoss } from '../../src/task/paired-loss.ts'
import { adapt, heldOutOf } from '../../src/training/adapt.ts'
import {
  type DigitalHalf,
  decoderMachine,
  flatten,
  shapeOfHalf,
  unflatten,
} from '../../src/training/decoder-machine.ts'
import type { Loss } from '../../src/training/machine.ts'
import { referenceSteps } from '../../src/training/reference-steps.ts'
import { lastLayerSums, withRidge } from '../../src/training/refit-decoder.ts'
import { outputOf } from '../../src/training/tune-decoder.ts'
import { loadNetwork, type NetworkName } from '../support/fixtures.ts'

async function deployed(name: NetworkName, profile: string, ...set: string[]): Promise<Deployment> {
  const { network } = await loadNetwork(name)
  return deploy(network, await setProfileValues(await readProfile(profile), set))
}

/** A chip that misses its targets by a fifth of the range. */
const WRONG = ['device.programming.model=normal-independent', 'device.programming.sigma=0.2']

describe('the digital half as a machine', () => {
  const key = { seed: 7, chip: 0 }
  const draw = (k: number, salt: number) => normalAt(key, site(stages.training, 'trainingNoise', salt), 0, 0, k)
  const dense = (outputs: number, inputs: number, activation: 'tanh' | 'linear', salt: number) => ({
    weight: matrix(
      outputs,
      inputs,
      Float64Array.from({ length: outputs * inputs }, (_, k) => draw(k, salt)),
    ),
    bias: Float64Array.from({ length: outputs }, (_, k) => draw(k, salt + 1)),
    activation,
  })
  const half: DigitalHalf = {
    levels: Float64Array.from([-0.9, -0.2, 0.4, 1.1]),
    decoder: [dense(7, 5, 'tanh', 1), dense(4, 7, 'linear', 3)],
  }
  const shape = shapeOfHalf(half)
  const BATCH = 11
  const codes = Uint16Array.from({ length: 5 * 16 }, (_, k) => (k * 7 + (k >> 3)) % 4)

  it('flat and back is the same', () => expect(unflatten(shape, flatten(half))).toEqual(half))

  for (const loss of ['squared-error', 'cross-entropy'] as Loss[])
    it(`has the gradients of central differences, levels too: ${loss}`, () => {
      const m = decoderMachine(shape, BATCH, loss, referenceSteps())
      const targets = Float32Array.from({ length: 4 * 16 }, (_, k) =>
        loss === 'squared-error' ? draw(k, 9) : Math.floor(k / 16) === k % 4 ? 1 : 0,
      )
      const values = flatten(half)
      const lossAt = (k: number, change: number) => {
        m.write(values.map((v, i) => (i === k ? v + change : v)))
        return m.backpropagate({ codes, targets })
      }
      m.write(values)
      m.backpropagate({ codes, targets })
      const gradients = m.gradients()
      for (let k = 0; k < 7 * 5 + 7 + 4 * 7 + 4 + 4; k++) {
        const numeric = (lossAt(k, 1e-5) - lossAt(k, -1e-5)) / 2e-5
        expect(Math.abs(gradients[k]! - numeric)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(numeric)))
      }
    })

  it('the refitted last layer has least squared error, and a large ridge leaves it as it was', () => {
    const all = { rows: 300, cols: 5, data: Uint16Array.from({ length: 1500 }, (_, k) => (k * k + 3 * k) % 4) }
    const targets = Float32Array.from({ length: 1200 }, (_, k) => draw(k, 11))
    const sums = lastLayerSums(half, all, targets)
    const errorOf = (of: DigitalHalf) => {
      const y = outputOf(of, all).data
      return y.reduce((s, v, k) => s + (v - targets[k]!) ** 2, 0)
    }
    const best = withRidge(half, sums, 0, 300)
    const least = errorOf(best)
    for (let k = 0; k < 32; k++)
      for (const change of [-1e-2, 1e-2]) {
        const last = structuredClone(best.decoder[1]!)
        if (k < 28) last.weight.data[k]! += change
        else last.bias[k - 28]! += change
        expect(errorOf({ ...half, decoder: [half.decoder[0]!, last] })).toBeGreaterThan(least - 1e-6)
      }
    const held = withRidge(half, sums, 1e12, 300).decoder[1]!
    for (const [k, w] of held.weight.data.entries()) expect(w).toBeCloseTo(half.decoder[1]!.weight.data[k]!, 6)
  })
})

describe('a chip with large static errors', () => {
  let before: Deployment
  let result: Awaited<ReturnType<typeof adapt>>
  const chip = { seed: 5, chip: 2 }
  beforeAll(async () => {
    before = await deployed('vqcs_n20_I4', 'ideal', ...WRONG)
    result = await adapt(before, chip, { count: 4000 }, { iterations: 800 })
  }, 60_000)

  it('gains far more than chance on vectors that nothing has seen', () => {
    expect(result.kept).toBe('adapted')
    expect(result.change.ci95[1]).toBeLessThan(-1)
    const { inputs, truth } = generateSamples(before.network.task!, { samples: 2000, seed: 99 })
    const codes = encode(fabricate(before, chip), inputs)
    const errors = (of: Deployment) => perVector('nmseDb', decode(of, codes), truth)
    expect(pairedLoss('nmseDb', errors(before), errors(result.deployment)).ci95[1]).toBeLessThan(-1)
  })

  it('keeps its analog half to the byte', () => {
    const { network, layers, adc, scales, profile } = result.deployment
    expect({
      layers,
      adc,
      scales,
      profile,
      encoder: network.encoder,
      thresholds: network.quantizer.thresholds,
    }).toEqual({
      layers: before.layers,
      adc: before.adc,
      scales: before.scales,
      profile: before.profile,
      encoder: before.network.encoder,
      thresholds: before.network.quantizer.thresholds,
    })
    const files = deploymentFiles(before)
    for (const [name, content] of deploymentFiles(result.deployment))
      if (name.startsWith('targets/') || name === 'profile.json' || name === 'calibration.npy')
        expect(content).toEqual(files.get(name))
    const codes = (of: Deployment) => encode(fabricate(of, chip), before.calibration)
    expect(codes(result.deployment)).toEqual(codes(before))
  })

  it('trains levels, one table for all channels', () => {
    const { levels, levelRule } = result.deployment.network.quantizer
    expect(levels.length).toBe(4)
    expect(levelRule).toBe('given')
    expect(levels).not.toEqual(before.network.quantizer.levels)
  })

  it('gives the same bytes twice, and others for another chip', async () => {
    const again = await adapt(before, chip, { count: 4000 }, { iterations: 800 })
    expect(deploymentFiles(again.deployment)).toEqual(deploymentFiles(result.deployment))
    const other = await adapt(before, { ...chip, chip: 3 }, { count: 4000 }, { iterations: 100 })
    expect(other.before.value).not.toBe(result.before.value)
  })

  it('is a folder that says which chip it belongs to, and simulate warns on others', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'ohmbit-test-')), 'adapted')
    await writeDeployment(folder, result.deployment)
    const read = await readDeployment(folder)
    expect(read.adaptedTo).toEqual(chip)
    expect(JSON.parse(readFileSync(join(folder, 'deployment.json'), 'utf8')).adaptedTo).toEqual(chip)
    const strange = (options: Parameters<typeof simulate>[1]) =>
      simulate(read, { waterfallChips: 1, ...options }).warnings.filter(({ code }) => code === 'OHM5008')
    expect(strange({ seed: 5, firstChip: 2, chips: 1 })).toEqual([])
    expect(strange({ seed: 5, firstChip: 2, chips: 2 })[0]!.message).toContain('chips 2 to 3 of seed 5')
    expect(strange({ seed: 4, firstChip: 2, chips: 1 })[0]!.message).toContain('chip 2 of seed 5')
    const again = (other: Partial<typeof chip>) =>
      adapt(read, { ...chip, ...other }, { count: 60 }, { iterations: 1 }).then(({ warnings }) => warnings)
    expect(await again({})).toEqual([])
    for (const other of [{ seed: 0 }, { chip: 3 }]) expect(await again(other)).toMatchObject([{ code: 'OHM5008' }])
    const one = simulate(read, { seed: 5, firstChip: 2, chips: 1 }).metric.deployed.mean
    expect(one).toBe(simulate(read, { seed: 5, chips: 3 }).metric.deployed.perChip[2])
  })
})

describe('the pilots held out decide', () => {
  it('a training that does harm is not kept', async () => {
    const before = await deployed('vqcs_n20_I4', 'ideal')
    const outcomes = new Set<string>()
    for (const count of [50, 300, 2000]) {
      const { kept, deployment, ...r } = await adapt(before, { seed: 1 }, { count }, { iterations: 60 })
      outcomes.add(kept)
      expect(r.after.value).toBeLessThanOrEqual(r.before.value)
      expect(r.used.training + r.used.validation + r.used.heldOut).toBe(count)
      if (kept === 'before') {
        expect(deployment.network).toBe(before.network)
        expect(r.change.value).toBe(0)
      } else expect(r.after.value).toBeLessThan(r.before.value)
    }
    expect(outcomes).toContain('before')
  })

  it('an ideal chip loses no more than the interval on fresh vectors', async () => {
    const before = await deployed('vqcs_n20_I4', 'ideal')
    const { deployment } = await adapt(before, { seed: 3 }, { count: 20_000 }, { iterations: 600 })
    const { inputs, truth } = generateSamples(before.network.task!, { samples: 10_000, seed: 98 })
    const codes = encode(fabricate(before, { seed: 3 }), inputs)
    const errors = (of: Deployment) => perVector('nmseDb', decode(of, codes), truth)
    expect(pairedLoss('nmseDb', errors(before), errors(deployment)).ci95[0]).toBeLessThan(0.02)
  })

  it('they are a tenth, at least 200 but at most half, at most 20 000', () => {
    expect([50, 100, 1000, 5000, 1e5, 1e7].map(heldOutOf)).toEqual([25, 50, 200, 500, 10_000, 20_000])
  })
})

describe('every digital half', () => {
  it('in integers: words of the same widths, scored in integers', async () => {
    const fixed = ['decoder.arithmetic=fixed', 'decoder.weightBits=8']
    const before = await deployed('vqcs_n20_I4', 'ideal', ...WRONG, ...fixed)
    const { deployment, change, after } = await adapt(before, { seed: 1 }, { count: 3000 }, { iterations: 500 })
    expect(change.ci95[1]).toBeLessThan(-0.5)
    const { decoder } = deployment
    expect(decoder!.accumulatorBits).toBe(before.decoder!.accumulatorBits)
    for (const layer of decoder!.layers)
      for (const bound of layer.bounds) expect(bound.bits).toBeLessThanOrEqual(decoder!.accumulatorBits)
    for (const w of decoder!.layers.flatMap((layer) => Array.from(layer.weights)))
      expect(Math.abs(w + 0.5)).toBeLessThan(128)
    expect(after.samples).toBe(300)
  })

  it('of class scores: fewer wrong bits', async () => {
    const before = await deployed('det_R1_shq_snr12', 'ideal', ...WRONG)
    const { metric, kept, change } = await adapt(before, { seed: 2, chip: 1 }, { count: 20_000 }, { iterations: 600 })
    expect([metric, kept]).toEqual(['ber', 'adapted'])
    expect(change.ci95[1]).toBeLessThan(0)
  })

  it('of channels, from own pilots: less squared error', async () => {
    const { profile } = await deployed('chanest_M4', 'ideal', ...WRONG)
    const { network, inputs, truth } = await loadNetwork('chanest_M4')
    const before = deploy({ ...network, task: null }, profile)
    const own = { inputs: head(inputs, 1500), truth: head(truth, 1500) }
    const { kept, change, pilots } = await adapt(before, { seed: 2 }, own, { iterations: 200, metric: 'mse' })
    expect([pilots, kept]).toEqual([own.inputs.rows, 'adapted'])
    expect(change.ci95[1]).toBeLessThan(0)
  })
})

it('engines agree within rounding', async () => {
  const before = await deployed('det_R1_shq_snr12', 'ideal', ...WRONG)
  const was = engine()
  const levels: Float64Array[] = []
  try {
    for (const name of availableEngines()) {
      useEngine(name)
      const { deployment } = await adapt(before, { seed: 2 }, { count: 1000 }, { iterations: 40 })
      levels.push(deployment.network.quantizer.levels)
    }
  } finally {
    useEngine(was)
  }
  for (const found of levels) for (const [k, g] of found.entries()) expect(g).toBeCloseTo(levels[0]![k]!, 3)
})

describe('refused', () => {
  const cases: [string, string, (d: Deployment) => Promise<unknown>][] = [
    ['too few pilots', 'OHM5004', (d) => adapt(d, {}, { count: 49 })],
    ['too many pilots', 'OHM5004', (d) => adapt(d, {}, { count: 1e9 })],
    ['half a pilot', 'OHM5004', (d) => adapt(d, {}, { count: 100.5 })],
    ['a chip out of range', 'OHM5004', (d) => adapt(d, { chip: 2 ** 32 }, { count: 100 })],
    ['inputs of the wrong width', 'OHM1110', (d) => adapt(d, {}, { inputs: matrix(60, 9), truth: matrix(60, 20) })],
    ['truth of the wrong width', 'OHM1110', (d) => adapt(d, {}, { inputs: matrix(60, 10), truth: matrix(60, 19) })],
    ['fewer truths', 'OHM1110', (d) => adapt(d, {}, { inputs: matrix(60, 10), truth: matrix(59, 20) })],
    ['no iteration', 'OHM5004', (d) => adapt(d, {}, { count: 100 }, { iterations: 0 })],
    ['a misspelt option', 'OHM1204', (d) => adapt(d, {}, { count: 100 }, { iteration: 5 } as object)],
    [
      'no task and no data',
      'OHM5002',
      (d) => adapt({ ...d, network: { ...d.network, task: null } }, {}, { count: 100 }),
    ],
  ]
  for (const [name, code, call] of cases)
    it(name, async () => {
      const d = await deployed('vqcs_n20_I4', 'ideal')
      await expect(call(d)).rejects.toMatchObject({ code })
    })

  it('a stop in the middle', async () => {
    const d = await deployed('vqcs_n20_I4', 'ideal')
    const reason = new Error('stop')
    await expect(adapt(d, {}, { count: 100 }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
