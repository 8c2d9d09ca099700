import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { thresholdTable } from '../../src/emit/index.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { tableChecks } from '../../src/verify/table-checks.ts'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture, loadNetwork } from '../support/fixtures.ts'

const cwd = emptyFolder()
const name = 'vqcs_n7_K10_1bit'
const file = (f: string) => fixture(`networks/${name}/${f}`)
const data = ['--inputs', file('test_y.npy'), '--truth', file('test_x.npy')]
await ohmbit(['deploy', file('model.onnx'), '--profile', 'ideal', '--calibrate', file('test_y.npy'), '-o', 'd'], {
  cwd,
})
const simulate = (...more: string[]) => ohmbit(['simulate', 'd', ...data, ...more], { cwd })

describe('simulate says', () => {
  it('on how many chips the waterfall stands, where they are fewer', async () => {
    const noisy = ['--set', 'adc.comparator.offsetSigma=5 mV', '--chips', '3']
    expect((await simulate(...noisy, '--waterfall-chips', '2')).stdout).toMatch(/^.*3 chips.*, waterfall on 2 chips\n/)
    expect((await simulate(...noisy, '--waterfall-chips', '2', '--json')).json.result).toMatchObject({
      chips: 3,
      waterfallChips: 2,
    })
    expect((await simulate(...noisy)).stdout).not.toContain('waterfall on')
    expect((await simulate(...noisy, '--json')).json.result).toMatchObject({ chips: 3, waterfallChips: 3 })
  })

  it('what writing took, and how often amplifiers met their swing, and nothing where neither happened', async () => {
    const plain = await simulate('--chips', '1')
    expect(plain.stdout).not.toMatch(/write-verify|at their swing/)
    const set = [
      'device.programming.model=write-verify',
      'periphery.tia.swing=0.1 V',
      'periphery.activation.saturation=0.1',
    ]
    const args = ['--chips', '1', ...set.flatMap((s) => ['--set', s])]
    const { counters } = (await simulate(...args, '--json')).json.result
    const { stdout } = await simulate(...args)
    expect(counters.writePulses).toBeGreaterThan(0)
    expect(counters.amplifierSaturated).toBeGreaterThan(0)
    expect(stdout).toContain(`write-verify: ${counters.writePulses} pulses`)
    expect(stdout).toContain(`amplifier outputs at their swing: ${counters.amplifierSaturated} in `)
  })

  it('which values have no effect', async () => {
    const { json, stderr } = await simulate('--chips', '1', '--set', 'device.readNoise.sigma=0.1', '--json')
    expect(json.warnings).toContainEqual({
      code: 'OHM1207',
      message: 'device.readNoise.sigma = 0.1 has no effect: device.readNoise.model is none',
      at: { pointer: '/device/readNoise/sigma' },
    })
    expect(stderr).not.toContain('error')
  })
})

it('crossbar remedies names what it switches off', async () => {
  const args = ['crossbar', 'remedies', 'd', '--ohms', '5', ...data]
  expect((await ohmbit(args, { cwd })).stdout).not.toContain('switched off')
  const set = ['--set', 'adc.dac.bits=6', '--set', 'device.levels=8']
  expect((await ohmbit([...args, ...set], { cwd })).stdout).toMatch(
    /^switched off for this table: conductance levels, ADC thresholds, and the remedies of the profile$/m,
  )
  expect((await ohmbit([...args, ...set, '--json'], { cwd })).json.result.switchedOff).toEqual([
    'conductance-levels',
    'adc-thresholds',
  ])
})

it('cost says what does not follow the node', async () => {
  const { stdout } = await ohmbit(['cost', 'd'], { cwd })
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Only cells and the energy of converters follow --node')
})

it('explain knows the words of the profile', async () => {
  for (const word of ['bit-sliced', 'retention', 'one-hot', 'output calibration'])
    expect((await ohmbit(['explain', word])).status, word).toBe(0)
})

describe('the cause of', () => {
  const load = async (...set: string[]) => {
    const { network, inputs } = await loadNetwork('vqcs_n20_I4')
    const profile = await setProfileValues(await readProfile('ideal'), set)
    return deploy(network, profile, { calibration: inputs })
  }

  it('what correction leaves: wires, access transistors, or both', async () => {
    const said = async (...set: string[]) =>
      (await load('crossbar.wireCorrection=output-gain', 'device.conductanceMax=100 uS', ...set)).warnings
        .filter(({ code }) => code === 'OHM2006')
        .map(({ message }) => /^(.*?) still change/.exec(message)?.[1])
    const wires = ['crossbar.wires.wordSegment=20', 'crossbar.wires.bitSegment=20']
    const transistor = 'device.accessTransistor.resistance=15 kohm'
    expect(new Set(await said(...wires))).toEqual(new Set(['wires']))
    expect(new Set(await said(transistor))).toEqual(new Set(['access transistors']))
    expect(new Set(await said(...wires, transistor))).toEqual(new Set(['wires and access transistors']))
  })

  it('a table of a memristive SAR, and of checks without one', async () => {
    const sar = await load('adc.architecture=memristive-sar', 'adc.memristor.levelBits=8')
    expect(thresholdTable(sar, { dacBits: 10 }).warnings.map(({ code }) => code)).toContain('OHM3009')
    const { checks } = await tableChecks(sar, [])
    for (const { status, detail } of checks)
      expect({ status, detail }).toEqual({ status: 'skipped', detail: expect.stringMatching(/^a memristive SAR/) })
    const serial = await load('adc.dac.bits=10')
    expect(thresholdTable(serial).warnings.map(({ code }) => code)).not.toContain('OHM3009')
  })
})
