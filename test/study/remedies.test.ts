import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { compareRemedies, REMEDY_NAMES } from '../../src/study/remedies.ts'
import { loadNetwork } from '../support/fixtures.ts'

const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
const profile = await readProfile('wan2022-1s')

async function table(ohms: readonly number[], set: readonly string[] = []) {
  const deployment = deploy(network, await setProfileValues(profile, set), { calibration: inputs })
  return compareRemedies(deployment, { inputs, truth, ohms })
}

describe('remedies against wires', () => {
  it('stops between rows', async () => {
    const control = new AbortController()
    const { rows, interrupted } = await compareRemedies(deploy(network, profile, { calibration: inputs }), {
      inputs,
      truth,
      ohms: [1, 2],
      signal: control.signal,
      onRow: (done) => done === 2 && control.abort(),
    })
    expect(rows).toHaveLength(3)
    expect(interrupted).toBe(true)
  })

  it('programming leaves nothing, alone and interleaved, one- and two-sided; the others leave something', async () => {
    for (const mapping of ['one', 'two']) {
      const { rows, ideal } = await table([20], [`crossbar.mapping=differential-${mapping}-sided`])
      expect(rows.map((row) => row.remedy)).toEqual(REMEDY_NAMES)
      const delta = Object.fromEntries(rows.map((row) => [row.remedy, row.delta!]))
      expect(delta['none']).toBeGreaterThan(1)
      expect(Math.abs(delta['programming']!)).toBeLessThan(1e-3)
      expect(Math.abs(delta['programming + interleaved']!)).toBeLessThan(1e-3)
      for (const remedy of ['output gain', 'both ends', 'half-size arrays'])
        expect(delta[remedy]).toBeLessThan(delta['none']!)
      for (const row of rows) expect(row.metric! - ideal).toBe(row.delta)
    }
  })

  it('other imperfections of the profile, and its own remedies, do not matter', async () => {
    const plain = await table([5])
    const busy = await table(
      [5],
      [
        'crossbar.wireCorrection=programming',
        'crossbar.lineOrder=heavy-first',
        'device.levels=16',
        'adc.comparator.noise=10 mV',
      ],
    )
    expect(busy.rows).toEqual(plain.rows)
  })

  it('what cannot be is named', async () => {
    const { rows } = await table([5], ['crossbar.mapping=offset-column'])
    const impossible = rows.filter((row) => row.metric === null)
    expect(impossible.map((row) => row.remedy)).toEqual(['interleaved', 'programming + interleaved'])
    for (const row of impossible) expect(row.reason).toMatch(/no partner/)
  })
})
