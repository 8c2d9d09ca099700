import { describe, expect, it } from 'vitest'
import { decodeCache } from '../../src/deployment/decode-cache.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { idealRun, runChip } from '../../src/deployment/run-chip.ts'
import { planSimulation } from '../../src/deployment/simulate.ts'
import { site, uniformAt } from '../../src/numerics/random.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'

describe('what was decoded before', () => {
  it('a place answers for its own vector and codes only, whatever shares it', () => {
    const cache = decodeCache(2, 3)
    const truth = new Map<string, number>()
    const key = { seed: 2, chip: 0 }
    let hits = 0
    for (let k = 0; k < 20_000; k++) {
      const draw = (n: number) => Math.floor(4 * uniformAt(key, site(0, 'fault'), n, 0, k))
      const vector = draw(9) & 1
      const codes = Uint16Array.from([9, draw(0), draw(1), draw(2)])
      const name = `${vector} ${codes.join(' ')}`
      const slot = cache.slot(vector, codes, 1)
      if (cache.holds(slot, vector, codes, 1)) {
        hits++
        expect(cache.error[slot]).toBe(truth.get(name))
      } else {
        cache.take(slot, vector, codes, 1)
        truth.set(name, truth.get(name) ?? k)
        cache.error[slot] = truth.get(name)!
      }
    }
    expect(hits).toBeGreaterThan(5000)
  })

  it.each(['fixed', 'float'])(
    'a chip scores the same whatever chips were run before it (%s decoder)',
    async (arithmetic) => {
      const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
      const profile = await setProfileValues(await readProfile('wan2022-1s'), [
        `decoder.arithmetic=${arithmetic}`,
        'device.devicesPerSide=16',
      ])
      const plan = planSimulation(deploy(network, profile), { inputs, truth, chips: 6, waterfallChips: 1 })
      const alone = Array.from({ length: 6 }, (_, chip) => runChip(plan, idealRun(plan), chip))
      const ideal = idealRun(plan)
      const together = [5, 4, 3, 2, 1, 0, 5].map((chip) => runChip(plan, ideal, chip))
      for (const outcome of together) expect(outcome).toEqual(alone[outcome.chip])
    },
  )
})
