import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { withValues } from '../../src/profile/fields.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'

const { network } = await loadNetwork('vqcs_n20_I4')
const ideal = await readProfile('ideal')
const warned = async (...changes: string[]) =>
  deploy(network, await setProfileValues(ideal, changes))
    .warnings.filter((w) => w.code === 'OHM2001')
    .map((w) => w.message)

describe('models outside the range they were fitted in', () => {
  it('within it nothing is said', async () => {
    expect(await warned('device.programming.model=pcm-joshi', 'device.conductanceMax=25 uS')).toEqual([])
    expect(
      await warned('device.iv.model=milo2021', 'device.conductanceMin=50 uS', 'device.conductanceMax=225 uS'),
    ).toEqual([])
    expect(await warned('environment.temperature=400 K')).toEqual([])
  })

  it('devices of a fit, of a relaxation, of a table', async () => {
    const wide = ['device.conductanceMin=0 S', 'device.conductanceMax=100 uS']
    expect((await warned(...wide, 'device.programming.model=pcm-joshi'))[0]).toMatch(
      /^\d+ devices have targets outside the 0-25 uS that programming error pcm-joshi was fitted on$/,
    )
    expect(
      (
        await warned(
          ...wide,
          'device.programming.model=write-verify',
          'device.programming.writeVerify.relaxation=reram-milo2021',
        )
      )[0],
    ).toMatch(/outside the 50-225 uS that relaxation reram-milo2021 was fitted on$/)
    expect(await warned(...wide, 'device.programming.writeVerify.relaxation=reram-milo2021')).toEqual([])
    const table = withValues(await setProfileValues(ideal, wide), {
      'device.programming.model': 'table',
      'device.programming.table': [
        [10e-6, 10e-6, 1e-6],
        [60e-6, 60e-6, 1e-6],
      ],
    })
    const { warnings, layers } = deploy(network, table)
    const outside = layers
      .flatMap((layer) => layer.tiles.flatMap((tile) => Array.from(tile.target.data)))
      .filter((g) => g < 10e-6 || g > 60e-6).length
    expect(warnings.map((w) => w.message)).toContain(
      `${outside} devices have targets outside the 10-60 uS that programming error table was fitted on`,
    )
  })

  it('times, accelerated ones of drift', async () => {
    expect(
      (await warned('device.programming.model=reram-wan2022-ibm', 'environment.timeSinceProgramming=10 days'))[0],
    ).toBe(
      '864000 s since programming lies outside the 1-172800 s that programming error reram-wan2022-ibm was fitted on',
    )
    const cmo = ['device.drift.model=reram-cmo', 'device.conductanceMin=8 uS', 'device.conductanceMax=90 uS']
    expect(await warned(...cmo, 'environment.timeSinceProgramming=1 s')).toEqual([])
    const cold = ['device.temperature.activationEnergy=1 eV', 'environment.temperature=280 K']
    expect((await warned(...cmo, ...cold, 'environment.timeSinceProgramming=1 s'))[0]).toMatch(
      /^0\.0\d+ s since programming lies outside the times from 1 s that drift reram-cmo/,
    )
  })

  it('a model at scale 0 is not used: nothing is said of it', async () => {
    const wide = [
      'device.conductanceMin=0 S',
      'device.conductanceMax=300 uS',
      'environment.timeSinceProgramming=10 days',
    ]
    const models = [
      ['programming', 'pcm-joshi'],
      ['programming', 'reram-wan2022-ibm'],
      ['drift', 'reram-cmo'],
      ['readNoise', 'pcm-hermes-1'],
    ] as const
    for (const [mechanism, model] of models) {
      const used = [...wide, `device.${mechanism}.model=${model}`, 'environment.temperature=400 K']
      expect(await warned(...used), model).not.toEqual([])
      expect(await warned(...used, `device.${mechanism}.scale=0`), model).toEqual([])
    }
  })

  it('every measured model that scales with its range, too: conductances of another device are said', async () => {
    for (const model of [
      'programming.model=pcm-nandakumar',
      'drift.model=pcm-nandakumar',
      'readNoise.model=pcm-nandakumar',
    ]) {
      expect(await warned(`device.${model}`, 'device.conductanceMax=25 uS'), model).toEqual([])
      expect((await warned(`device.${model}`, 'device.conductanceMax=26 uS'))[0], model).toMatch(
        /^\d+ devices have targets outside the 0-25 uS/,
      )
    }
  })

  it('SONOS: 1600 nA, whatever the voltage makes of them', async () => {
    for (const model of ['programming.model=sonos', 'readNoise.model=sonos']) {
      expect(await warned(`device.${model}`, 'device.conductanceMax=16 uS'), model).toEqual([])
      expect((await warned(`device.${model}`, 'device.conductanceMax=20 uS'))[0], model).toMatch(
        /outside the 0-16 uS that .* sonos was fitted on$/,
      )
      const lower = 'device.programming.referenceVoltage=50 mV'
      expect(await warned(`device.${model}`, 'device.conductanceMax=32 uS', lower), model).toEqual([])
    }
  })

  it('voltages beyond a current-voltage curve, conductances too', async () => {
    const found = await warned('device.iv.model=milo2021', 'periphery.activation.fullScale=0.8 V')
    expect(found[0]).toMatch(/outside the 50-225 uS that current against voltage milo2021 was fitted on$/)
    expect(found[1]).toBe(
      'word lines are driven with up to 0.8 V; current against voltage milo2021 holds up to 0.5 V and goes on along its tangent',
    )
  })

  it('temperatures that nothing in the profile answers to', async () => {
    const hot = ['device.drift.model=pcm-nandakumar', 'environment.temperature=360 K']
    hot.push('device.conductanceMax=25 uS')
    expect((await warned(...hot))[0]).toMatch(/^the chip is at 360 K, its devices are modelled at 300 K/)
    expect(await warned(...hot, 'device.temperature.activationEnergy=0.6 eV')).toEqual([])
    expect((await warned('device.temperature.coefficient=-0.1 / K', 'environment.temperature=320 K'))[0]).toMatch(
      /takes every conductance to 0$/,
    )
  })
})
