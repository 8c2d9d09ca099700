import { describe, expect, it } from 'vitest'
import { buildFixedDecoder } from '../../src/decoder/build.ts'
import { estimateFixed } from '../../src/decoder/run.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { forward } from '../../src/network/forward.ts'
import { readProfile } from '../../src/profile/read.ts'
import { sweepWordLengths, type WordLengthOptions, withWordLengths } from '../../src/study/word-lengths.ts'
import { score } from '../../src/task/metric.ts'
import { fixtureNames, fixtureTasks } from '../support/fixture-networks.ts'
import { loadNetwork, type NetworkName } from '../support/fixtures.ts'

const profile = await readProfile('wan2022-1s')

/** A deployment of a fixture, and its held vectors. */
async function deployed(name: NetworkName) {
  const { network, inputs, truth } = await loadNetwork(name)
  return { deployment: deploy({ ...network, task: fixtureTasks[name] }, profile), inputs, truth }
}

/** One combination on a fixture's held vectors. */
async function one(name: NetworkName, weightBits: number, options: WordLengthOptions = {}) {
  const { deployment, inputs, truth } = await deployed(name)
  const table = await sweepWordLengths(deployment, {
    inputs,
    truth,
    weightBits: [weightBits],
    activationBits: [16],
    weightScales: ['per-tensor'],
    ...options,
  })
  return { table, row: table.rows[0]! }
}

describe('formats chosen automatically', () => {
  for (const name of fixtureNames)
    it(`${name}: at most 0.1 dB, or a bit error rate within its interval`, async () => {
      const { deployment, inputs, truth } = await deployed(name)
      const { weightBits, activationBits, weightScale } = deployment.profile.decoder
      expect([weightBits, activationBits, weightScale]).toEqual([16, 16, 'per-tensor'])
      const symbols = name === 'det_R1_shq_snr12'
      const { rows, smallest } = await sweepWordLengths(deployment, {
        inputs,
        truth,
        requirement: symbols
          ? { metric: 'ber', loss: true, limit: 1e-3 }
          : { metric: 'nmseDb', loss: true, limit: 0.1 },
        weightBits: [weightBits],
        activationBits: [activationBits],
        weightScales: [weightScale],
      })
      expect(rows[0]).toMatchObject({ withinInterval: true, meets: 'yes' })
      expect(smallest).toBe(rows[0])
      // Two bytes a weight, and biases no wider than the sums.
      const { decoder } = deployment.network
      const weights = decoder.reduce((n, layer) => n + layer.weight.data.length, 0)
      const biases = decoder.reduce((n, layer) => n + layer.bias.length, 0)
      const { weightBytes, multiplies, accumulatorBits } = rows[0]!.size!
      expect(multiplies).toBe(weights)
      expect(accumulatorBits).toBeLessThanOrEqual(deployment.profile.decoder.accumulatorBits)
      expect(weightBytes).toBeGreaterThan(2 * weights)
      expect(weightBytes).toBeLessThanOrEqual(2 * weights + decoder.length + (biases * accumulatorBits) / 8)
    })

  it('8-bit weights cost 0, 1.7 and 7.2 dB at 2, 4 and 16 levels; 12 bits at most 0.1', async () => {
    const cases = [
      ['vqcs_n20_I2', 0, 0.1],
      ['vqcs_n20_I4', 1.7, 0.3],
      ['vqcs_n20_I16', 7.2, 1],
    ] as const
    for (const [name, expected, room] of cases) {
      const { row } = await one(name, 8)
      expect(Math.abs(row.loss!.value - expected)).toBeLessThan(room)
      expect((await one(name, 12)).row.loss!.value).toBeLessThan(0.1)
    }
  })
})

describe('sweep', () => {
  it('a row is what the decoder of these widths scores', async () => {
    const { deployment, inputs, truth } = await deployed('vqcs_n20_I4')
    const { row, table } = await one('vqcs_n20_I4', 9)
    const { network, calibration } = deployment
    const { codes, estimate } = forward(network, inputs)
    const decoder = buildFixedDecoder(
      network,
      { ...profile.decoder, weightBits: 9, activationBits: 16, weightScale: 'per-tensor' },
      forward(network, calibration).codes,
    )
    expect(row.metric).toBe(score('nmseDb', estimateFixed(decoder, codes).estimate, truth).value)
    expect(table.float.value).toBe(score('nmseDb', estimate, truth).value)
    expect(row.loss!.value).toBeCloseTo(row.metric! - table.float.value, 10)
    // Paired: far narrower than the interval of the score itself.
    const width = ([low, high]: readonly [number, number]) => high - low
    expect(width(row.loss!.ci95)).toBeLessThan(width(table.float.ci95) / 3)
  })

  it('the smallest: by bytes, then by activation bits; none of the rows that meet it is smaller', async () => {
    const { deployment } = await deployed('vqcs_n20_I4')
    const { rows, smallest, confirmed, vectors } = await sweepWordLengths(deployment, {
      requirement: { metric: 'nmseDb', loss: true, limit: 0.1 },
      weightBits: [9, 10, 11],
      activationBits: [8, 9, 16],
      samples: 4000,
    })
    expect(vectors).toBe(4000)
    expect(confirmed!.value).not.toBe(smallest!.loss!.value)
    expect(confirmed!.ci95[1]).toBeLessThanOrEqual(0.1)
    expect(rows).toHaveLength(18)
    expect(smallest).toMatchObject({ weightBits: 10, weightScale: 'per-row', meets: 'yes' })
    expect(smallest!.loss!.ci95[1]).toBeLessThanOrEqual(0.1)
    for (const row of rows.filter((r) => r.meets === 'yes')) {
      const bytes = row.size!.weightBytes - smallest!.size!.weightBytes
      expect(bytes > 0 || (bytes === 0 && row.activationBits >= smallest!.activationBits)).toBe(true)
    }
  })

  it('deployed with the smallest, a simulation loses what the row says', async () => {
    const { deployment, inputs, truth } = await deployed('vqcs_n20_I4')
    const { row } = await one('vqcs_n20_I4', 8)
    const smaller = withWordLengths(deployment, row)
    expect(smaller.decoder!.layers[0]!.weightFormats[0]!.bits).toBe(8)
    const stage = simulate(smaller, { inputs, truth, chips: 1 }).waterfall.find((r) => r.stage === 'fixed-point')!
    expect(stage.delta).toBeCloseTo(row.loss!.value, 9)
  })

  it('nothing meets it, and what is unsure is said to be', async () => {
    const { table } = await one('vqcs_n20_I4', 8, { requirement: { metric: 'nmseDb', loss: true, limit: 1 } })
    expect([table.smallest, table.rows[0]!.meets]).toEqual([null, 'no'])
    const at = table.rows[0]!.loss!.value
    const unsure = await one('vqcs_n20_I4', 8, { requirement: { metric: 'nmseDb', loss: true, limit: at + 1e-6 } })
    expect([unsure.table.smallest, unsure.row.meets]).toEqual([null, 'unsure'])
  })

  it('a requirement on the score itself', async () => {
    const meets = async (limit: number) =>
      (await one('det_R1_shq_snr12', 12, { requirement: { metric: 'ber', loss: false, limit } })).row.meets
    expect([await meets(0.1), await meets(1e-6)]).toEqual(['yes', 'no'])
  })

  it('an accumulator that is too narrow is a row with its reason', async () => {
    const { deployment, inputs, truth } = await deployed('vqcs_n20_I4')
    const narrow = { ...deployment, profile: { ...profile, decoder: { ...profile.decoder, accumulatorBits: 26 } } }
    const { rows, smallest } = await sweepWordLengths(narrow, {
      inputs,
      truth,
      requirement: { metric: 'nmseDb', loss: true, limit: 3 },
      weightBits: [8, 16],
      activationBits: [9, 16],
      weightScales: ['per-tensor'],
    })
    expect(rows.map((row) => row.reason === null)).toEqual([true, false, false, false])
    expect(rows[3]).toMatchObject({ meets: 'no', metric: null, size: null })
    expect(rows[3]!.reason).toMatch(/accumulator/)
    expect(smallest).toBe(rows[0])
  })

  it('stops between rows; refuses widths out of range and metrics that do not fit', async () => {
    const control = new AbortController()
    const { table } = await one('vqcs_n20_I4', 8, {
      activationBits: [8, 9, 10, 11],
      signal: control.signal,
      onRow: (done) => done === 1 && control.abort(),
    })
    expect([table.rows.length, table.interrupted]).toEqual([2, true])
    await expect(one('vqcs_n20_I4', 25)).rejects.toMatchObject({ code: 'OHM1202' })
    const ber = { metric: 'ber', loss: true, limit: 1 } as const
    await expect(one('vqcs_n20_I4', 8, { requirement: ber })).rejects.toMatchObject({ code: 'OHM5003' })
  })
})
