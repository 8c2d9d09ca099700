import { test as check } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdBehaviour } from '../../src/adc/convert.ts'
import { isActive, STAGES, type Stage } from '../../src/profile/isolate.ts'
import { readProfile } from '../../src/profile/read.ts'
import {
  chipProfile,
  mechanismBits,
  mechanismsOf,
  pointProfile,
  stagesOf,
  stagesOfBits,
} from '../../src/study/mechanisms.ts'
import type { Mechanisms, Point, Study } from '../../src/study/study.ts'
import { expectCount } from '../support/distribution.ts'

const study: Pick<Study, 'profile' | 'seed'> = { profile: await readProfile('pcm'), seed: 5 }
const point = (mechanisms: Mechanisms, values: Point['values'] = {}): Point => ({
  index: 0,
  network: 0,
  values,
  mechanisms,
})
const stages = stagesOf(study, point('all'))
const n = stages.length

describe('mechanisms of a chip', () => {
  it('are all that the profile has, with the values of the point', () => {
    expect(stages).toEqual(STAGES.filter((stage) => isActive(study.profile, stage)))
    expect(mechanismsOf(study, point('all'), 3)).toEqual(stages)
    const quiet = point('all', { 'device.drift.model': 'none', 'crossbar.wires.wordSegment': 0 })
    expect(stagesOf(study, quiet)).not.toContain('drift')
    expect(mechanismsOf(study, quiet, 3)).toEqual(stagesOf(study, quiet))
  })

  it('are those named, of the ones that the profile has, in signal order', () => {
    expect(mechanismsOf(study, point(['wires', 'drift', 'faults']), 0)).toEqual(['drift', 'wires'])
    expect(mechanismsOf(study, point([]), 0)).toEqual([])
  })

  check.prop([fc.integer({ min: 0, max: 2 ** 32 - 1 })])('grow one by one along the order of the chip', (chip) => {
    let before: readonly Stage[] = []
    for (let first = 0; first <= n; first++) {
      const now = mechanismsOf(study, point({ first, reversed: false }), chip)
      expect(now.length).toBe(first)
      expect(now).toEqual(expect.arrayContaining([...before]))
      expect(now).toEqual(stages.filter((stage) => now.includes(stage)))
      // From the other end come the others.
      const others = mechanismsOf(study, point({ first: n - first, reversed: true }), chip)
      expect([...now, ...others].sort()).toEqual([...stages].sort())
      before = now
    }
  })

  it('come first and last equally often', () => {
    const chips = 4000
    for (const reversed of [false, true]) {
      const counts = new Map<Stage, number>()
      for (let chip = 0; chip < chips; chip++) {
        const [stage] = mechanismsOf(study, point({ first: 1, reversed }), chip)
        counts.set(stage!, (counts.get(stage!) ?? 0) + 1)
      }
      for (const stage of stages) expectCount(counts.get(stage) ?? 0, chips, 1 / n)
    }
  })
})

describe('the profile of a chip', () => {
  it('with all stages is that of the point, and has the stages it was made with', () => {
    const warm = point('all', { 'environment.temperature': 330 })
    expect(chipProfile(study, warm, stages)).toEqual(pointProfile(study, warm))
    expect(pointProfile(study, warm).environment.temperature).toBe(330)
    for (const stage of stages) {
      const on = stages.filter((other) => other !== stage)
      const profile = chipProfile(study, warm, on)
      // Without adc-noise the hold capacitor remembers and makes a noise below all that a sum shows.
      const quiet = stage === 'adc-noise' && holdBehaviour(profile).noise < 1e-30
      expect(STAGES.filter((other) => isActive(profile, other) && !(quiet && other === stage))).toEqual(on)
    }
  })

  check.prop([fc.subarray([...STAGES])])('bits say which stages were on', (on) => {
    expect(stagesOfBits(mechanismBits(on))).toEqual(on)
    expect(mechanismBits(on)).toBeLessThan(2 ** STAGES.length)
  })
})
