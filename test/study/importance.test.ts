import { describe, expect, it } from 'vitest'
import { sarThresholds } from '../../src/adc/memristive-sar.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { meanInterval } from '../../src/numerics/statistics.ts'
import type { FieldPath } from '../../src/profile/fields.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { setProfileValues } from '../../src/profile/read.ts'
import { analyse } from '../../src/study/analysis/analyse.ts'
import { runShard, shardRunner } from '../../src/study/engine/shard.ts'
import {
  checkImportance,
  chipDeviates,
  IMPORTANCE_PATHS,
  isWide,
  likelihoodRatio,
  PLAIN_SHARE,
  widenedProfile,
} from '../../src/study/importance.ts'
import type { Importance, Row, Study } from '../../src/study/study.ts'
import { expectCount, phi } from '../support/distribution.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { rowOf } from '../support/play-study.ts'
import { quickProfile, smallStudy } from '../support/study.ts'

const network = fixtureNetwork('vqcs_n20_I4')
const made = async (...changes: string[]) => deploy(network, await setProfileValues(await quickProfile(), changes))
const key = { seed: 7, chip: 12 }

/** What a chip's standard normal numbers are, taken from the chip that was made. */
const fromChip: readonly [FieldPath, string[], (chip: ReturnType<typeof fabricate>, profile: Profile) => number[]][] = [
  ['adc.comparator.offsetSigma', ['adc.comparator.offsetSigma=3 mV'], ({ adc }) => [adc.comparatorOffset / 3e-3]],
  [
    'adc.comparator.offsetSigma',
    ['adc.comparator.offsetSigma=3 mV', 'adc.architecture=flash'],
    ({ adc, deployment }) => [...adc.thresholds].map((t, k) => (t - deployment.adc.nominal[k]!) / 3e-3),
  ],
  [
    'adc.thresholdSigma',
    ['adc.thresholdSigma=2 mV'],
    ({ adc, deployment }) => [...adc.thresholds].map((t, k) => (t - deployment.adc.nominal[k]!) / 2e-3),
  ],
  ['adc.frontEnd.gainSigma', ['adc.frontEnd.gainSigma=0.02'], ({ adc }) => [(adc.gain - 1) / 0.02]],
  ['adc.frontEnd.offsetSigma', ['adc.frontEnd.offsetSigma=1 mV'], ({ adc }) => [adc.offset / 1e-3]],
  [
    'periphery.tia.gainSigma',
    ['periphery.tia.gainSigma=0.01'],
    ({ layers }) => layers.flatMap((layer) => [...layer.amplifierGain].map((g) => (g - 1) / 0.01)),
  ],
  [
    'periphery.tia.offsetSigma',
    ['periphery.tia.offsetSigma=1 mV'],
    ({ layers }) => layers.flatMap((layer) => [...layer.amplifierOffset].map((v) => v / 1e-3)),
  ],
  [
    'periphery.activation.gainSigma',
    ['periphery.activation.gainSigma=0.01'],
    ({ layers }) => layers.flatMap((layer) => [...layer.activationGain].map((g) => (g - 1) / 0.01)),
  ],
  [
    'periphery.activation.offsetSigma',
    ['periphery.activation.offsetSigma=1 mV'],
    ({ layers }) => layers.flatMap((layer) => [...layer.activationOffset].map((v) => v / 1e-3)),
  ],
]

describe('deviates of a chip', () => {
  it.each(fromChip)('of %s (%j) are those that fabrication drew', async (path, changes, measured) => {
    const deployment = await made(...changes)
    const deviates = chipDeviates(path, deployment, key)
    const seen = measured(fabricate(deployment, key), deployment.profile)
    expect(seen.length).toBe(deviates.length)
    for (const [k, xi] of seen.entries()) expect(xi).toBeCloseTo(deviates[k]!, 9)
    // Another sigma, the same deviates.
    const wide = deploy(network, widenedProfile(deployment.profile, { path, scale: 3 }), { like: deployment })
    expect(chipDeviates(path, wide, key)).toEqual(deviates)
    expect(wide.layers).toEqual(deployment.layers)
    expect(wide.adc).toEqual(deployment.adc)
  })

  it('of the units of the DAC: its weights give the thresholds of the chip', async () => {
    const deployment = await made('adc.dac.bits=8', 'adc.dac.unitSigma=0.05')
    const xi = chipDeviates('adc.dac.unitSigma', deployment, key)
    expect(xi.length).toBe(8)
    const weights = [...xi].map((z, b) => 2 ** b + 0.05 * 2 ** (b / 2) * z)
    const sum = weights.reduce((a, b) => a + b, 0)
    const { fullScale } = deployment.profile.adc
    const wanted = [...deployment.adc.dacCodes!].map(
      (code) =>
        ((weights.reduce((s, w, b) => s + ((code >> b) & 1) * w, 0) * 255) / sum - 128) * ((2 * fullScale) / 256),
    )
    for (const [k, t] of fabricate(deployment, key).adc.thresholds.entries()) expect(t).toBeCloseTo(wanted[k]!, 12)
  })

  it('of the levels stored in a memristive converter: their sums give the thresholds of the chip', async () => {
    const deployment = await made(
      'adc.architecture=memristive-sar',
      'adc.memristor.sigma=0.01',
      'adc.memristor.residualLimit=100',
    )
    const xi = chipDeviates('adc.memristor.sigma', deployment, key)
    expect(xi.length).toBe(3)
    let k = 0
    const stored = deployment.adc.sar!.stored.map((levels) =>
      levels.map((x) => x + 0.01 * deployment.profile.adc.fullScale * xi[k++]!),
    )
    expect(fabricate(deployment, key).adc.thresholds).toEqual(sarThresholds(stored))
  })

  it('every path that can be widened is tested here', () => {
    const tested = new Set<FieldPath>([...fromChip.map(([path]) => path), 'adc.dac.unitSigma', 'adc.memristor.sigma'])
    expect([...tested].sort()).toEqual([...IMPORTANCE_PATHS].sort())
  })

  it('refuses what cannot be widened, and says what can', async () => {
    const many = fixtureNetwork('chanest_M4')
    const profile = await setProfileValues(await quickProfile(), ['periphery.tia.gainSigma=0.01'])
    const deployment = deploy(many, profile)
    const refusal = (path: FieldPath) => {
      try {
        checkImportance({ path, scale: 3 }, deployment)
      } catch (error) {
        return error
      }
      return null
    }
    expect(refusal('adc.comparator.offsetSigma')).toBe(null)
    expect(refusal('device.programming.sigma')).toMatchObject({
      problems: [{ code: 'OHM8001', hint: expect.stringContaining('adc.thresholdSigma') }],
    })
    expect(refusal('adc.frontEnd.gainSigma')).toMatchObject({
      problems: [{ code: 'OHM8001', hint: expect.stringContaining('it is 0') }],
    })
    expect(refusal('periphery.tia.gainSigma')).toMatchObject({
      problems: [{ code: 'OHM8001', message: expect.stringContaining('deviates from periphery.tia.gainSigma') }],
    })
  })
})

const importance: Importance = { path: 'adc.comparator.offsetSigma', scale: 3 }

describe('likelihood ratios', () => {
  it.each([
    ['adc.comparator.offsetSigma', 1, 3],
    ['adc.comparator.offsetSigma', 1, 10],
    ['adc.thresholdSigma', 3, 2.5],
  ] as const)('of %s with %i deviates, widened by %d: bounded, and 1 in the mean', async (path, count, scale) => {
    const deployment = await made('adc.thresholdSigma=1 mV')
    const chips = 20_000
    const weights = Float64Array.from({ length: chips }, (_, chip) =>
      likelihoodRatio({ seed: 3 }, { path, scale }, deployment, chip),
    )
    expect(chipDeviates(path, deployment, key).length).toBe(count)
    expect(Math.max(...weights)).toBeLessThanOrEqual(1 / PLAIN_SHARE)
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
    const { low, high } = meanInterval(weights, 0.9999)
    expect(low).toBeLessThan(1)
    expect(high).toBeGreaterThan(1)
    expect(high - low).toBeLessThan(0.06)
    const wide = weights.filter((_, chip) => isWide({ seed: 3 }, chip)).length
    expectCount(wide, chips, 1 - PLAIN_SHARE)
  })

  it('is 1 where the chip draws nothing', async () => {
    const deployment = await made()
    for (let chip = 0; chip < 20; chip++)
      expect(likelihoodRatio({ seed: 1 }, { path: 'adc.thresholdSigma', scale: 3 }, deployment, chip)).toBe(1)
  })
})

describe('a study with importance sampling', async () => {
  const plain = await smallStudy({ requirement: { metric: 'nmseDb', loss: false, limit: 3 }, chips: 3000 })
  const deployment = deploy(plain.networks[0]!.network, plain.profile, { like: plain.networks[0]! })
  const at = { seed: plain.seed }

  /** Rows whose score is the size of the chip's offset in standard deviations: it fails beyond 3. */
  const byOffset = (chips: number, sampled: boolean): Row[] =>
    Array.from({ length: chips }, (_, chip) => {
      const [xi] = chipDeviates(importance.path, deployment, { ...at, chip })
      const z = sampled && isWide(at, chip) ? importance.scale * xi! : xi!
      return rowOf(0, chip, Math.abs(z), {
        weight: sampled ? likelihoodRatio(at, importance, deployment, chip) : 1,
      })
    })

  it('knows a rare yield whose truth is known, several times sharper than plain sampling', () => {
    const truth = 2 * phi(3) - 1
    const study: Study = { ...plain, importance }
    const result = analyse(study, study.points, () => byOffset(3000, true))
    expect(result.yield!.method).toBe('importance')
    const [low, high] = result.yield!.ci95
    expect(low).toBeLessThan(truth)
    expect(high).toBeGreaterThan(truth)
    const [wideLow, wideHigh] = analyse(plain, plain.points, () => byOffset(3000, false)).yield!.ci95
    expect((wideHigh - wideLow) / (high - low)).toBeGreaterThan(3)
    expect(result.importance!.effectiveChips).toBeGreaterThan(10 * 3000)
    // The plain half is a plain sample.
    expect(result.importance!.plainChips).toBe(byOffset(3000, false).filter(({ chip }) => !isWide(at, chip)).length)
    expect(result.importance!.plain!.ci95[0]).toBeLessThan(truth)
    // Mean and median of |z| too are those of the plain law.
    const { metric } = result
    expect(metric.ci95[0]).toBeLessThan(Math.sqrt(2 / Math.PI))
    expect(metric.ci95[1]).toBeGreaterThan(Math.sqrt(2 / Math.PI))
    const median = metric.quantiles.find(({ p }) => p === 0.5)!
    expect(median.ci95[0]).toBeLessThan(0.67449)
    expect(median.ci95[1]).toBeGreaterThan(0.67449)
    expect(metric.standardDeviation).toBeCloseTo(Math.sqrt(1 - 2 / Math.PI), 1)
    const { distribution } = result.points[0]!
    expect(distribution.length).toBe(512)
    expect(distribution.filter((x) => x > 0.67449).length / 512).toBeCloseTo(0.5, 1)
  })

  it('contains the truth as often as it says', () => {
    const truth = 2 * phi(3) - 1
    const study: Study = { ...plain, importance }
    const all = byOffset(400 * 300, true)
    let inside = 0
    for (let r = 0; r < 300; r++) {
      const { yield: found } = analyse(study, study.points, () => all.slice(400 * r, 400 * (r + 1)))
      if (found!.ci95[0] <= truth && truth <= found!.ci95[1]) inside++
    }
    expectCount(inside, 300, 0.95)
  })

  it('of real chips: plain ones are those of the plain study, wide ones are others, and the yields agree', async () => {
    // An offset so large that it is what makes chips fail.
    const offsets = await smallStudy({
      profile: await quickProfile(['adc.comparator.offsetSigma=150 mV', 'device.programming.sigma=0.01']),
      requirement: { metric: 'nmseDb', loss: false, limit: -4.1 },
    })
    const rows = (study: Study, chips: number) =>
      runShard(shardRunner(study), study.points[0]!, { point: 0, firstChip: 0, chips })
    const study: Study = { ...offsets, importance }
    const sampled = rows(study, 800)
    const plainly = rows(offsets, 3000)
    for (const [chip, row] of sampled.entries())
      if (!isWide(study, chip)) expect({ ...row, weight: 1 }).toEqual(plainly[chip])
      else expect(row.weight).not.toBe(1)
    expect(sampled.filter((row, chip) => row.value !== plainly[chip]!.value).length).toBeGreaterThan(300)
    const a = analyse(study, study.points, () => sampled)
    const b = analyse(offsets, offsets.points, () => plainly)
    expect(a.yield!.ci95[0]).toBeLessThanOrEqual(b.yield!.ci95[1])
    expect(a.yield!.ci95[1]).toBeGreaterThanOrEqual(b.yield!.ci95[0])
    // As many plain chips as it claims to be worth, or at least several times as many as it took.
    expect(a.importance!.effectiveChips).toBeGreaterThan(4 * 800)
    const width = ([low, high]: readonly [number, number]) => high - low
    const same = analyse(offsets, offsets.points, () => plainly.slice(0, 800))
    expect(width(same.yield!.ci95) / width(a.yield!.ci95)).toBeGreaterThan(2)
    expect(a.warnings.filter(({ message }) => message.includes('do not meet'))).toEqual([])
    // Widening what does not make chips fail: said, not hidden.
    const other = analyse(
      { ...study, requirement: { metric: 'nmseDb', loss: false, limit: -13.4 } },
      study.points,
      () => sampled,
    )
    expect(other.warnings.map(({ message }) => message).join()).toContain('that makes chips fail')
  })

  it('says when its plain chips contradict it', () => {
    const study: Study = { ...plain, importance }
    // The law that the weights are of and that of the chips differ: only wide chips fail.
    const said = (made: readonly Row[]) =>
      analyse(study, study.points, () => made)
        .warnings.map(({ message }) => message)
        .join()
    expect(said(byOffset(3000, true))).not.toContain('do not meet')
    expect(said(byOffset(3000, true).map((row) => ({ ...row, value: isWide(at, row.chip) ? 4 : 0 })))).toContain(
      'do not meet',
    )
  })
})
