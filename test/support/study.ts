/** Small studies for tests: a trained network of few devices, few vectors. */
import { deploy } from '../../src/deployment/deploy.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import type { Axis, Point, Study } from '../../src/study/study.ts'
import { generateSamples } from '../../src/task/generate.ts'
import { fixtureNetwork } from './fixture-networks.ts'

/** Programming error and read noise alone: a few milliseconds a chip. */
export async function quickProfile(changes: readonly string[] = []): Promise<Profile> {
  return setProfileValues(await readProfile('ideal'), [
    'device.programming.model=normal-proportional',
    'device.programming.sigma=0.05',
    'adc.comparator.offsetSigma=10 mV',
    ...changes,
  ])
}

export async function smallStudy(changes: Partial<Study> = {}, vectors = 20): Promise<Study> {
  const network = fixtureNetwork('vqcs_n7_K10_1bit')
  const profile = changes.profile ?? (await quickProfile())
  const { scales, calibration } = deploy(network, profile)
  const { inputs, truth } = generateSamples(network.task!, { samples: vectors, seed: 3 })
  return {
    name: 'small',
    kind: 'monte-carlo',
    networks: [{ name: network.name, network, scales, calibration, inputs, truth }],
    profile,
    axes: [],
    points: [{ index: 0, network: 0, values: {}, mechanisms: 'all' }],
    metric: 'nmseDb',
    chips: 20,
    firstChip: 0,
    seed: 1,
    shardChips: 5,
    requirement: { metric: 'nmseDb', loss: false, limit: -3 },
    until: null,
    attributions: [],
    importance: null,
    loosest: null,
    ...changes,
  }
}

/** As `smallStudy`, over a word and a number of the profile. */
export async function gridStudy(changes: Partial<Study> = {}): Promise<Study> {
  const sigmas = [0.02, 0.05]
  const scalings = ['layer-maximum', 'percentile']
  const points: Point[] = sigmas.flatMap((sigma, i) =>
    scalings.map((scaling, k) => ({
      index: 2 * i + k,
      network: 0,
      values: { 'device.programming.sigma': sigma, 'crossbar.scaling': scaling },
      mechanisms: 'all' as const,
    })),
  )
  const axes: Axis[] = [
    { path: 'device.programming.sigma', values: sigmas, derived: false },
    { path: 'crossbar.scaling', values: scalings, derived: false },
  ]
  return smallStudy({ kind: 'grid', axes, points, chips: 8, ...changes })
}
