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
    const { checks } = await verifyDeployment(deployment, { chips: 2, vectors: 3, only: ['netlist'] })
    expect(checks.length).toBeGreaterThanOrEqual(6)
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

  it('of the transistor-level pair', async () => {
    const profile = await readProfile(
      new URL('../../hardware-profiles/tables/tanh-pair-27c.json', import.meta.url).pathname,
    )
    const tanh = fixtureNetwork('vqcs_n20_I4')
    const { checks } = await verifyDeployment(deploy(tanh, profile), { chips: 0, vectors: 2, only: ['netlist'] })
    expect(failed(checks)).toEqual([])
  })
})
