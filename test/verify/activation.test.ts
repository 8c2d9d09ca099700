import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import { readCircuit } from '../../src/emit/spice/read.ts'
import { head } from '../../src/numerics/matrix.ts'
import { readProfile } from '../../src/profile/read.ts'
import { type Check, compareNetlist, openEngine, verifyDeployment } from '../../src/verify/index.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'
import { requireTool } from '../support/tools.ts'

const network = fixtureNetwork('det_R1_shq_snr12')
/** Bent, uneven, steep between two points, and too narrow: many inputs lie beyond it. */
const TABLE = [
  [-1.3, -0.97],
  [-0.4, -0.35],
  [0.1, 0.12],
  [0.1001, 0.2],
  [0.7, 0.71234567890123],
  [1.5, 0.9],
] as const
const deployment = deploy(
  network,
  profileWith({
    'crossbar.wires.wordSegment': 2,
    'device.conductanceMin': 1e-6,
    'device.conductanceMax': 40e-6,
    'periphery.activation.transfer.model': 'measured',
    'periphery.activation.transfer.function': network.encoder[0]!.activation,
    'periphery.activation.transfer.table': TABLE,
    'periphery.activation.gainSigma': 0.05,
    'periphery.activation.offsetSigma': 0.01,
  }),
)
const failed = (checks: readonly Check[]) => checks.filter(({ status }) => status !== 'pass')

describe('a deck with measured activation stages', () => {
  it('holds the table as one subcircuit, which reads back as it was written', () => {
    const text = spiceNetlist(fabricate(deployment)).files[0]!.text
    const { circuit, problems } = readCircuit(text)
    expect(problems).toEqual([])
    const stages = circuit.subcircuits.filter(({ name }) => name.startsWith('measured_'))
    expect(stages.map(({ name }) => name)).toEqual([`measured_${network.encoder[0]!.activation}`])
    expect(JSON.stringify(stages[0])).toContain(JSON.stringify(TABLE))
    expect(circuit.cells.map(({ name }) => name)).not.toContain(`ob_${network.encoder[0]!.activation}`)
  })

  it('is solved to the voltages and codes of the simulator, inputs beyond the table among them', async () => {
    const y = head(deployment.calibration, 3)
    expect(encodeTrace(nominalChip(deployment), y, { noise: false }).counters.beyondTable).toBeGreaterThan(0)
    const { checks } = await verifyDeployment(deployment, { chips: 1, vectors: 2, only: ['netlist'] })
    expect(checks.length).toBeGreaterThanOrEqual(5)
    expect(failed(checks)).toEqual([])
  })

  it('in an installed ngspice as well', async () => {
    if (!requireTool('ngspice')) return
    const { checks } = await verifyDeployment(deployment, {
      engine: 'ngspice',
      chips: 1,
      vectors: 2,
      only: ['netlist'],
    })
    expect(failed(checks)).toEqual([])
  })

  it('whose table is another is found out', async () => {
    const chip = fabricate(deployment)
    const netlist = spiceNetlist(chip)
    const [file] = netlist.files
    const text = file!.text.replace('0.71234567890123', '0.7124')
    expect(text).not.toBe(file!.text)
    const engine = await openEngine('embedded')
    expect((await compareNetlist(chip, netlist, engine)).problems).toEqual([])
    expect((await compareNetlist(chip, { ...netlist, files: [{ ...file!, text }] }, engine)).problems).not.toEqual([])
  })

  it('predicts the encoder with the transistors themselves in the place of every stage', async () => {
    const url = new URL('../../hardware-profiles/tables/tanh-pair-27c.json', import.meta.url)
    const tanh = deploy(fixtureNetwork('vqcs_n20_I4'), await readProfile(url.pathname))
    const chip = fabricate(tanh)
    const netlist = spiceNetlist(chip, { inputs: head(tanh.calibration, 20) })
    const { files, expected, vectors } = netlist
    const pair = readFileSync(new URL('../../netlists/cells/transistors.cir', import.meta.url), 'utf8')
    const stage = `.subckt measured_tanh in out vin=1 vout=1 gain=1 offset=0
vcc vcc 0 2.5
vee vee 0 -2.5
xpair in out vcc vee ob_tanh_pair vin={vin} vout={gain*vout} offset={offset}
rout out 0 1e9
.ends measured_tanh
${pair}`
    // With 1e-15 S sixty pairs do not find their first operating point at once.
    const text = files[0]!.text
      .replace(/^\.subckt measured_tanh .*?^\.ends measured_tanh$/ms, stage)
      .replace('gmin=1e-15', 'gmin=1e-12')
    expect(text).toContain('xpair')
    const engine = await openEngine('embedded')
    expect((await compareNetlist(chip, netlist, engine)).problems).toEqual([])
    const nodes = expected.map(({ node }) => node)
    const solution = await engine.solve(text, nodes, vectors)
    const worst = { within: 0, beyond: 0 }
    let wrong = 0
    let codes = 0
    for (const { node, kind, values } of expected)
      for (const [v, value] of values.entries()) {
        const solved = solution.get(node)![v]!
        if (kind === 'code') {
          codes++
          if (Math.round(solved) !== value) wrong++
        } else if (node.includes('_out_')) {
          const input = solution.get(node.replace('out', 'amp'))![v]! / tanh.layers[0]!.amplifierVoltsPerUnit
          const where = Math.abs(input) > 5 ? 'beyond' : 'within'
          worst[where] = Math.max(worst[where], Math.abs(solved - value))
        }
      }
    expect({ codes, wrong }).toEqual({ codes: 200, wrong: 0 })
    // Volts of 0.5 V full scale. Beyond the table the pair goes on (Early effect) where the table is constant.
    expect(worst.within).toBeLessThan(5e-4)
    expect(worst.beyond).toBeLessThan(2e-3)
    expect(worst.within).toBeGreaterThan(1e-6)
  })
})
