import { describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encode } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { cSource, thresholdTable, verilog } from '../../src/emit/index.ts'
import * as ohmbit from '../../src/index.ts'
import { type Matrix, matrix } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'

const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
const on = async (...set: string[]) =>
  deploy(network, await setProfileValues(await readProfile('ideal'), set), { calibration: inputs })
const deployment = await on()

const spoilt = (m: Matrix, row: number, column: number, value: number) => {
  const copy = matrix(m.rows, m.cols, m.data.slice())
  copy.data[row * m.cols + column] = value
  return copy
}

describe('vectors that hold no numbers', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s is refused with its place', (value) => {
    const refusal = expect.objectContaining({
      code: 'OHM1110',
      message: expect.stringContaining(`hold ${value} in row 3, column 7 (from 0)`),
      at: { pointer: '/3/7' },
    })
    const bad = spoilt(inputs, 3, 7, value)
    expect(() => encode(fabricate(deployment), bad)).toThrow(refusal)
    expect(() => simulate(deployment, { inputs: bad, truth, chips: 1 })).toThrow(refusal)
    expect(() => simulate(deployment, { inputs, truth: spoilt(truth, 3, 7, value), chips: 1 })).toThrow(refusal)
    expect(() => deploy(network, deployment.profile, { calibration: bad })).toThrow(refusal)
  })
})

describe('the age of a chip', () => {
  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, null, '3600'])('%s is refused', (seconds) => {
    expect(() => fabricate(deployment, { seconds: seconds as number })).toThrow(
      expect.objectContaining({ code: 'OHM5004', message: expect.stringContaining(`seconds is ${seconds};`) }),
    )
  })

  it('outside the range of a model is said as deploy says it', async () => {
    const set = ['device.programming.model=reram-wan2022-ibm', 'device.iv.gamma=3']
    const young = await on(...set)
    const old = await on(...set, 'environment.timeSinceProgramming=10 days')
    expect(old.warnings).not.toEqual(young.warnings)
    expect(fabricate(young).warnings).toEqual(young.warnings)
    const sorted = (list: readonly { readonly message: string }[]) => list.map(({ message }) => message).sort()
    expect(sorted(fabricate(young, { seconds: 864_000 }).warnings)).toEqual(sorted(old.warnings))
    expect(sorted(fabricate(old, { seconds: 1 }).warnings)).toEqual(sorted(young.warnings))
  })
})

describe('options that a function does not have', () => {
  const chip = fabricate(deployment)
  const calls: Readonly<Record<string, (options: object) => unknown>> = {
    deploy: (o) => deploy(network, deployment.profile, o),
    fabricate: (o) => fabricate(deployment, o),
    encode: (o) => encode(chip, inputs, o),
    simulate: (o) => simulate(deployment, o),
    simulateParallel: (o) => ohmbit.simulateParallel(deployment, o),
    calibrateAdc: (o) => ohmbit.calibrateAdc(chip, o),
    characteriseChipAdc: (o) => ohmbit.characteriseChipAdc(chip, o),
    adcCalibrationStudy: (o) => ohmbit.adcCalibrationStudy(deployment, o),
    estimateCost: (o) => ohmbit.estimateCost(deployment, o),
    compareRemedies: (o) => ohmbit.compareRemedies(deployment, { ohms: [1], ...o }),
    sweepWordLengths: (o) => ohmbit.sweepWordLengths(deployment, o),
    generateSamples: (o) => ohmbit.generateSamples(network.task!, { samples: 1, seed: 0, ...o }),
    readProfile: (o) => readProfile('ideal', o),
    thresholdTable: (o) => thresholdTable(deployment, o),
    cSource: (o) => cSource(deployment, o),
    verilog: (o) => verilog(deployment, o),
  }

  it.each(Object.entries(calls))('%s', async (name, call) => {
    await expect(async () => call({ colour: 'red' })).rejects.toThrow(
      expect.objectContaining({ code: 'OHM1204', message: `${name} has no option "colour"` }),
    )
  })
})
