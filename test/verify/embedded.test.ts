import { readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { type Probe, spiceNetlist } from '../../src/emit/index.ts'
import { ladderNetlist } from '../../src/emit/spice/netlist.ts'
import { head } from '../../src/numerics/matrix.ts'
import { type CircuitEngine, compareNetlist, openEngine } from '../../src/verify/index.ts'
import { lintNetlist } from '../../src/verify/netlist/lint.ts'
import { netlistChecks } from '../../src/verify/netlist-checks.ts'
import { planDecks } from '../../src/verify/plan.ts'
import { thresholdSweep } from '../../src/verify/sweep.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { deployments } from './random-deployments.ts'

let engine: CircuitEngine
beforeAll(async () => {
  engine = await openEngine('embedded')
})
afterAll(() => engine.close())

/** An engine that is handed an altered deck. */
const tampered = (change: (deck: string) => string): CircuitEngine => ({
  ...engine,
  solve: (deck, nodes, vectors) => {
    const other = change(deck)
    expect(other).not.toBe(deck)
    return engine.solve(other, nodes, vectors)
  },
})

const wired = profileWith({
  'crossbar.wires.wordSegment': 2,
  'crossbar.wires.bitSegment': 3,
  'crossbar.wires.driver': 20,
  'crossbar.wires.sense': 10,
  'device.conductanceMin': 1e-6,
  'device.conductanceMax': 40e-6,
  'device.programming.model': 'reram-wan2022-ibm',
  'periphery.tia.swing': 1,
  'periphery.tia.offsetSigma': 1e-3,
  'adc.dac.bits': 8,
  'adc.dac.unitSigma': 0.01,
  'adc.crosstalk': 1e-3,
})

describe('a trained encoder with wires and programming error', () => {
  const deployment = deploy(fixtureNetwork('vqcs_n20_I4'), wired)

  it('agrees with the circuit simulator in every voltage and code, nominal and sampled', async () => {
    const { checks } = await netlistChecks(deployment, engine, { chips: 1, vectors: 3, seed: 1 })
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'netlist-lint pass',
      'netlist-devices pass',
      'netlist-nominal pass',
      'netlist-chip-0 pass',
      'threshold-sweep pass',
      'netlist-transient pass',
    ])
  })

  it('compares every node inside one array, another on each chip', async () => {
    const chip = fabricate(deployment, { seed: 1 })
    const insides = []
    for (const turn of [0, 1, 2]) {
      const [deck] = planDecks(chip, head(deployment.calibration, 2), engine.limits, turn)
      const inside = deck!.netlist.expected.filter(({ kind }) => kind === 'inside')
      expect(lintNetlist(deck!.netlist.files[0]!.text, deck!).problems).toEqual([])
      expect(await compareNetlist(chip, deck!.netlist, engine)).toMatchObject({
        problems: [],
        inside: 2 * inside.length,
      })
      const moved = {
        ...deck!.netlist,
        expected: deck!.netlist.expected.map((p) =>
          p === inside[7] ? { ...p, values: p.values.map((x) => x + 1e-6) } : p,
        ),
      }
      expect((await compareNetlist(chip, moved, engine)).problems).toHaveLength(2)
      insides.push(inside)
    }
    // 11 x 100 lines are more than are saved by name, 51 x 20 as well; a line ends at its last device that conducts.
    const missing = insides.map((inside, turn) => [2200, 2040, 2200][turn]! - inside.length)
    expect(missing.every((n) => n >= 0 && n < 20)).toBe(true)
    expect(insides[1]![0]!.node).toBe('xlayer_1.xarray_0.w_0_0')
  })

  it('agrees far below the tolerance', async () => {
    const chip = fabricate(deployment, { seed: 2, chip: 5 })
    const { largest, voltages, codes, problems } = await compareNetlist(chip, spiceNetlist(chip), engine)
    expect(problems).toEqual([])
    expect([voltages, codes]).toEqual([3 * (50 + 50 + 10 + 10 + 10), 30])
    expect(largest.volts).toBeLessThan(1e-11)
  })

  it('fails when one device conducts 0.1 % more', async () => {
    const more = (deck: string) => {
      // The best conductor of the first array: its word line and output matter.
      const devices = [...deck.matchAll(/^(xd_\d+_\d+ .* g=)(\S+)$/gm)]
      const [card, head, g] = devices.reduce((a, b) => (Number(b[2]) > Number(a[2]) ? b : a))
      return deck.replace(card, `${head}${Number(g) * 1.001}`)
    }
    const chip = nominalChip(deployment)
    const { problems } = await compareNetlist(chip, spiceNetlist(chip), tampered(more))
    expect(problems.length).toBeGreaterThan(0)
  })

  const defects: [string, (deck: string) => string][] = [
    ['a wire segment', (deck) => deck.replace('.param r_bit=3', '.param r_bit=3.1')],
    ['an amplifier', (deck) => deck.replace(/l0_rf=(\S+)/, (_, r) => `l0_rf=${Number(r) * 1.0001}`)],
    ['an activation stage', (deck) => deck.replace('tanh(v(in)/vin)', 'v(in)/vin')],
    ['swapped sides of a pair', (deck) => deck.replace('xdiff_3 tp_3 tm_3', 'xdiff_3 tm_3 tp_3')],
    ['a threshold', (deck) => deck.replace(/^vt_1 t_1 0 \S+$/m, 'vt_1 t_1 0 0.4')],
    ['a stimulus', (deck) => deck.replace(/^bin_4 in_4 .*$/m, 'bin_4 in_4 0 V=pwl(v(vec),0,0.1,1,0.1)')],
  ]
  it.each(defects)('fails when %s is changed', async (_, change) => {
    const chip = nominalChip(deployment)
    const { problems } = await compareNetlist(chip, spiceNetlist(chip), tampered(change))
    expect(problems.length).toBeGreaterThan(0)
  })

  it('finds a threshold that moved by 1e-5 of full scale', async () => {
    const moved = tampered((deck) => deck.replace(/^vt_2 t_2 0 (\S+)$/m, (_, t) => `vt_2 t_2 0 ${Number(t) + 1e-5}`))
    const { checks } = await netlistChecks(deployment, moved, { chips: 0, vectors: 1, seed: 0 })
    expect(checks.find(({ id }) => id === 'threshold-sweep')!.status).toBe('fail')
  })
})

describe('arrays too large for one deck', () => {
  const deployment = deploy(fixtureNetwork('det_R1_shq_snr12'), wired)
  const small = () => ({ ...engine, limits: { arrayNodes: 500, deckNodes: 1000 } })

  it('are reduced in the encoder, solved alone in part, and the check says so', async () => {
    const { checks } = await netlistChecks(deployment, small(), { chips: 0, vectors: 2, seed: 0 })
    expect(checks.map(({ status }) => status)).toEqual(['pass', 'pass', 'pass', 'pass', 'pass'])
    const { detail } = checks.find(({ id }) => id === 'netlist-nominal')!
    expect(detail).toMatch(/exceed the budget: encoder with arrays reduced/)
    expect(detail).toMatch(/layer 0 array 0 of 1, its first 13 x 15:/)
    expect(detail).toMatch(/layer 1 array 0 of 1:/)
  })

  it('fail when a wire is wrong', async () => {
    const wrong = {
      ...tampered((deck) => `${deck.replace('.param r_word=2\n', '.param r_word=2.1\n')} `),
      limits: small().limits,
    }
    const { checks } = await netlistChecks(deployment, wrong, { chips: 0, vectors: 2, seed: 0 })
    expect(checks.find(({ id }) => id === 'netlist-nominal')!.status).toBe('fail')
  })
})

describe('the golden deck', () => {
  it('solves to its golden values', async () => {
    const text = readFileSync(new URL('../../netlists/golden/tiny.cir', import.meta.url), 'utf8')
    const golden = JSON.parse(
      readFileSync(new URL('../golden/netlists/tiny.expected.json', import.meta.url), 'utf8'),
    ) as { vectors: number; probes: Probe[] }
    const nodes = golden.probes.map(({ node }) => node)
    const solution = await engine.solve(text, nodes, golden.vectors)
    for (const { node, values } of golden.probes)
      for (const [v, x] of values.entries()) expect(Math.abs(solution.get(node)![v]! - x)).toBeLessThan(1e-12)
  })
})

describe('a converter with a table a channel', () => {
  it('has it in the ladder, where the sweep finds every threshold of every channel', async () => {
    const plain = fabricate(deploy(fixtureNetwork('det_R1_shq_snr12'), wired), { seed: 1 })
    const perChannel = Array.from({ length: 4 }, (_, n) => plain.adc.thresholds.map((t) => t + 0.01 * n))
    const chip = { ...plain, adc: { ...plain.adc, perChannel } }
    const sweep = thresholdSweep(chip)
    expect(sweep).toMatchObject({ found: 28, channels: { swept: 4, of: 4 } })
    expect((await compareNetlist(chip, ladderNetlist(chip, sweep.volts), engine)).problems).toEqual([])
    const wrong = { ...ladderNetlist(chip, sweep.volts), files: ladderNetlist(plain, sweep.volts).files }
    expect((await compareNetlist(chip, wrong, engine)).problems.length).toBeGreaterThan(20)
  })
})

describe('random small deployments', () => {
  // OHMBIT_RANDOM_DEPLOYMENTS=300 runs as many, from a new seed each time.
  const numRuns = Number(process.env['OHMBIT_RANDOM_DEPLOYMENTS'] ?? 30)
  property.prop([deployments, fc.integer({ min: 0, max: 1000 })], { numRuns })(
    'every deck is clean, holds the chip and solves to the same volts and codes',
    async (deployment, seed) => {
      // Transients have random converters of their own.
      const { checks } = await netlistChecks(deployment, engine, { chips: 1, vectors: 5, seed, transient: false })
      expect(checks.filter(({ status }) => status !== 'pass')).toEqual([])
    },
    3_600_000,
  )
})

describe('an engine that cannot solve a deck', () => {
  it('says so, and solves the next one', async () => {
    const deployment = deploy(fixtureNetwork('det_R1_shq_snr12'), profileWith())
    const chip = nominalChip(deployment)
    const netlist = spiceNetlist(chip)
    const nodes = netlist.expected.map(({ node }) => node)
    const broken = netlist.files[0]!.text.replace(/^xact_0 .*$/m, 'xact_0 amp_0 out_0 no_such_cell')
    await expect(engine.solve(broken, nodes, 3)).rejects.toMatchObject({ code: 'OHM6002' })
    const singular = netlist.files[0]!.text.replace(/^bin_0 .*$/m, 'bin_0 in_0 0 V=0\nvshort in_0 0 1')
    await expect(engine.solve(singular, nodes, 3)).rejects.toMatchObject({ code: 'OHM6002' })
    await expect(engine.solve(netlist.files[0]!.text, [...nodes, 'nowhere'], 3)).rejects.toMatchObject({
      code: 'OHM6002',
    })
    expect((await compareNetlist(chip, netlist, engine)).problems).toEqual([])
  })

  it('is stopped after its time limit', async () => {
    await expect(openEngine('embedded', { timeoutSeconds: 0 })).rejects.toMatchObject({ code: 'OHM6002' })
  })
})
