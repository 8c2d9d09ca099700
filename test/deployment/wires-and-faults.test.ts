/** Wire correction and fault repair through the whole path: deployment, chip, folder, netlist. */
import { describe, expect, it } from 'vitest'
import { addTile, effectiveMatrix } from '../../src/crossbar/array.ts'
import { deviceLaw } from '../../src/crossbar/iv.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { encode } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { readDeployment, writeDeployment } from '../../src/deployment/store.ts'
import { arraySources, layerSubcircuits } from '../../src/emit/spice/layer.ts'
import { forward } from '../../src/network/forward.ts'
import { matrix } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { emptyFolder } from '../support/cli.ts'
import { loadNetwork } from '../support/fixtures.ts'

const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
const ideal = await readProfile('ideal')
const WIRES = ['crossbar.wires.wordSegment=10 ohm', 'crossbar.wires.bitSegment=10 ohm']
const RANGE = ['device.conductanceMin=1 uS', 'device.conductanceMax=40 uS']
const deployed = async (...set: string[]) =>
  deploy(network, await setProfileValues(ideal, [...RANGE, ...set]), { calibration: inputs })

describe('wire correction', () => {
  it('programmed around 10 ohm a segment, the codes are those of the network', async () => {
    const wanted = forward(network, inputs).codes.data
    const errors = async (correction: string) => {
      const deployment = await deployed(...WIRES, `crossbar.wireCorrection=${correction}`)
      return encode(nominalChip(deployment), inputs).data.filter((code, k) => code !== wanted[k]).length
    }
    const [none, gain, programming] = [await errors('none'), await errors('output-gain'), await errors('programming')]
    expect(programming).toBe(0)
    expect(gain).toBeGreaterThan(0)
    expect(gain).toBeLessThan(none / 2)
  })

  it('gains are one number in deployment, nominal chip and chips with spread', async () => {
    const deployment = await deployed(...WIRES, 'crossbar.wireCorrection=output-gain', 'periphery.tia.gainSigma=0.01')
    const plain = await deployed(...WIRES, 'periphery.tia.gainSigma=0.01')
    const nominal = nominalChip(deployment)
    const chip = fabricate(deployment, { seed: 3 })
    const unequal = fabricate(plain, { seed: 3 })
    for (const [l, { outputGain }] of deployment.layers.entries()) {
      expect(nominal.layers[l]!.amplifierGain).toEqual(outputGain)
      for (const [o, gain] of chip.layers[l]!.amplifierGain.entries())
        expect(gain).toBe(unequal.layers[l]!.amplifierGain[o]! * outputGain![o]!)
    }
  })

  it('a folder holds the corrected targets and what was done', async () => {
    const deployment = await deployed(...WIRES, 'crossbar.wireCorrection=programming')
    const folder = `${emptyFolder()}/d`
    await writeDeployment(folder, deployment)
    const read = await readDeployment(folder)
    expect(read.layers).toEqual(deployment.layers)
    expect(read.layers[0]!.wireReport!.correction).toBe('programming')
    expect(read.warnings.filter(({ code }) => code === 'OHM2006')).toEqual([])
  })

  it('warns where error is left', async () => {
    const deployment = await deployed(...WIRES, 'crossbar.wireCorrection=output-gain')
    expect(deployment.layers[0]!.wireReport!.after.relative).toBeGreaterThan(0.01)
    expect(deployment.warnings.map(({ code }) => code)).toContain('OHM2006')
  })
})

describe('fault repair', () => {
  const FAULTS = ['device.faults.stuckAtMin=0.005', 'device.faults.stuckAtMax=0.005']

  it('brings back what 1 % stuck devices cost: more by re-assigning', async () => {
    const loss = async (repair: string) => {
      const { metric, counters } = simulate(await deployed(...FAULTS, `crossbar.faultRepair=${repair}`), {
        inputs,
        truth,
        chips: 8,
        seed: 1,
        waterfallChips: 1,
      })
      return { loss: metric.deployed.mean - metric.ideal, counters }
    }
    const [none, compensate, reassign] = [await loss('none'), await loss('compensate'), await loss('reassign')]
    expect(none.loss).toBeGreaterThan(10)
    expect(compensate.loss).toBeLessThan(6)
    expect(reassign.loss).toBeLessThan(1)
    expect(none.counters['faultyWeights']).toBeUndefined()
    expect(reassign.counters['faultyWeights']).toBe(compensate.counters['faultyWeights'])
    expect(reassign.counters['repairedWeights']).toBeGreaterThan(compensate.counters['repairedWeights']!)
    expect(reassign.counters['weightErrorBeforeRepair']).toBe(compensate.counters['weightErrorBeforeRepair'])
    expect(reassign.counters['weightErrorAfterRepair']).toBeLessThan(compensate.counters['weightErrorAfterRepair']!)
  })

  it("the chip's own lines make its effective matrix and stand in its netlist", async () => {
    const deployment = await deployed('device.faults.stuckAtMax=0.05', 'crossbar.faultRepair=reassign')
    const chip = fabricate(deployment, { seed: 1 })
    for (const [l, layer] of deployment.layers.entries()) {
      const made = chip.layers[l]!
      const tile = layer.tiles[0]!
      const lines = made.arrays[0]!.lineOutputs
      expect(lines).not.toEqual(tile.lineOutputs)
      const whole = matrix(layer.outputs, layer.inputs + 1)
      const own = { ...tile, lineOutputs: lines }
      addTile(whole, effectiveMatrix(made.arrays[0]!.conductance, own, deployment.profile.crossbar.wires), own, 1)
      expect(made.parts[0]!.effective).toEqual(whole)

      const { crossbar, device } = deployment.profile
      const arrays = arraySources(made, crossbar.wires, deviceLaw(device))
      const elements = layerSubcircuits({ index: l, layer, made, arrays, swing: null }).at(-1)!.elements
      const array = elements.find((e) => e.kind === 'instance' && e.name === 'array_0')
      const nets = array?.kind === 'instance' ? array.nodes.filter((net) => /^(plus|minus)_/.test(net)) : null
      expect(nets).toEqual(lines.map((o, j) => `${tile.lineWeights[j]! > 0 ? 'plus' : 'minus'}_${tile.outputs[o]}`))
    }
  })

  it('healthy devices draw the errors they draw without repair', async () => {
    const errors = ['device.programming.model=normal-independent', 'device.programming.sigma=0.001']
    const [plain, repaired] = await Promise.all(
      ['none', 'compensate'].map(async (repair) =>
        fabricate(await deployed(...FAULTS, ...errors, `crossbar.faultRepair=${repair}`), { seed: 2 }),
      ),
    )
    for (const [l, { arrays }] of plain!.layers.entries()) {
      const before = arrays[0]!.conductance.data
      const after = repaired!.layers[l]!.arrays[0]!.conductance.data
      const moved = before.filter((g, k) => g !== after[k]).length
      expect(moved).toBeGreaterThan(0)
      // 1 % of faults touch about 2 % of the pairs.
      expect(moved).toBeLessThan(0.05 * before.length)
    }
  })
})
