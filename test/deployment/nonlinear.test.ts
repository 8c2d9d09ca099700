import { describe, expect, it } from 'vitest'
import { outputLines } from '../../src/crossbar/array.ts'
import { cellCurve } from '../../src/crossbar/iv.ts'
import { nonlinearSolver } from '../../src/crossbar/nonlinear.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeTrace, layerCurrents } from '../../src/deployment/encode.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { simulate } from '../../src/deployment/simulate.ts'
import { fromRows, head, matrix, maxAbs, rowRange } from '../../src/numerics/matrix.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'

type Changes = Partial<Record<FieldPath, FieldValue>>
const network = fixtureNetwork('vqcs_n20_I4')
const real: Changes = {
  'device.conductanceMin': 1e-6,
  'device.conductanceMax': 40e-6,
  'device.programming.model': 'reram-wan2022-ibm',
  'periphery.input.fullScale': 0.4,
}
const wires: Changes = { 'crossbar.wires.wordSegment': 3, 'crossbar.wires.bitSegment': 2, 'crossbar.wires.driver': 30 }
const sinh: Changes = { 'device.iv.model': 'sinh', 'device.iv.voltage': 0.3 }
const chipOf = (changes: Changes) =>
  fabricate(deploy(network, profileWith({ ...real, ...changes })), { seed: 2, chip: 7 })
const inputs = (chip: ReturnType<typeof chipOf>, count = 6) => head(chip.deployment.calibration, count)

describe('a law without curvature is the linear device', () => {
  it.each<Changes>([
    { 'device.iv.model': 'cubic', 'device.iv.cubic': 0 },
    { 'device.iv.model': 'power-law', 'device.iv.gamma': 2 },
  ])('bit for bit: %o', (changes) => {
    const plain = chipOf(wires)
    const chip = chipOf({ ...wires, ...changes })
    expect(chip.layers[0]!.parts[0]!.nonlinear).toBeNull()
    expect(encodeTrace(chip, inputs(chip))).toEqual(encodeTrace(plain, inputs(plain)))
  })

  it.each([{}, wires])('a sinh that is nearly straight gives nearly the same, wires %o', (more) => {
    const plain = encodeTrace(chipOf(more), inputs(chipOf(more)), { noise: false })
    const bent = encodeTrace(
      chipOf({ ...more, 'device.iv.model': 'sinh', 'device.iv.voltage': 100 }),
      inputs(chipOf(more)),
      { noise: false },
    )
    for (const [l, volts] of plain.output.entries())
      for (const [k, v] of volts.data.entries())
        expect(Math.abs(bent.output[l]!.data[k]! - v)).toBeLessThan(1e-4 * maxAbs(volts))
    expect(bent.output[0]!.data).not.toEqual(plain.output[0]!.data)
  })
})

describe('access transistors of linear devices', () => {
  it('leave g / (1 + g R) of every device', () => {
    const chip = chipOf({ 'device.accessTransistor.resistance': 15e3 })
    const { parts, arrays } = chip.layers[0]!
    const [tile] = chip.deployment.layers[0]!.tiles
    const [o, i] = [3, 5]
    const sum = outputLines(tile!)[o]!.reduce((s, { line, weight }) => {
      const g = arrays[0]!.conductance.data[i * tile!.target.cols + line]!
      return s + (weight * g) / (1 + g * 15e3)
    }, 0)
    expect(parts[0]!.nonlinear).toBeNull()
    expect(parts[0]!.effective.data[o * parts[0]!.effective.cols + i]).toBeCloseTo(sum, 15)
  })

  it('damp read noise by 1 / (1 + g R)^2', () => {
    const noise: Changes = {
      'device.readNoise.model': 'proportional',
      'device.readNoise.sigma': 0.05,
      'device.programming.model': 'none',
      'device.levels': [1e-6, 40e-6],
    }
    const plain = chipOf(noise).layers[0]!.parts[0]!.readVariance!
    const damped = chipOf({ ...noise, 'device.accessTransistor.resistance': 1e6 }).layers[0]!.parts[0]!.readVariance!
    const [low, high] = [1e-6, 40e-6].map((g) => ({
      plain: (0.05 * g) ** 2,
      damped: (0.05 * g) ** 2 / (1 + g * 1e6) ** 4,
    }))
    // A pair is one device high and one low, or both low.
    for (const [k, q] of plain.data.entries()) {
      const one = Math.abs(q / (high!.plain + low!.plain) - 1) < 1e-9
      const wanted = one ? high!.damped + low!.damped : 2 * low!.damped
      expect(damped.data[k]! / wanted).toBeCloseTo(1, 9)
    }
  })
})

describe('non-linear devices', () => {
  it('without wires: the sum of the cells at the word-line volts', () => {
    const chip = chipOf({ ...sinh, 'device.accessTransistor.resistance': 5e3 })
    const layer = chip.deployment.layers[0]!
    const volts = matrix(
      1,
      layer.inputs,
      Float64Array.from({ length: layer.inputs }, (_, i) => 0.3 * Math.cos(i)),
    )
    const amps = layerCurrents(layer, chip.layers[0]!, volts, null)
    const { lines, array } = chip.layers[0]!.parts[0]!.nonlinear![0]!
    const cell = cellCurve(array.law)
    const { target } = layer.tiles[0]!
    const out = new Float64Array(2)
    for (const [o, all] of outputLines(lines).entries()) {
      let sum = 0
      for (const { line, weight } of all)
        for (let i = 0; i < target.rows; i++) {
          const v = i < layer.inputs ? volts.data[i]! : layer.biasVolts
          cell(chip.layers[0]!.arrays[0]!.conductance.data[i * target.cols + line]!, v, out)
          sum += weight * out[0]!
        }
      expect(Math.abs(sum - amps.data[o]!)).toBeLessThan(1e-12 * maxAbs(amps))
    }
  })

  it('beyond the voltage of their curve are counted: with and without wires, pulses too', () => {
    // The curve turns over at 1 / sqrt(3 cubic) = 0.1 V; full scale is 0.2 V.
    const cubic: Changes = { 'device.iv.model': 'cubic', 'device.iv.cubic': 1 / 0.03 }
    const beyond = (changes: Changes) => {
      const chip = chipOf(changes)
      return encodeTrace(chip, inputs(chip, 3)).counters.beyondCurve
    }
    const plain = chipOf({ ...cubic, 'device.programming.model': 'none' })
    const y = inputs(plain, 3)
    const trace = encodeTrace(plain, y)
    let expected = 0
    for (const [l, layer] of plain.deployment.layers.entries()) {
      const volts = l === 0 ? trace.input : trace.output[l - 1]!
      for (const { target } of layer.tiles)
        for (let v = 0; v < volts.rows; v++)
          for (let i = 0; i < target.rows; i++) {
            const drive = i < layer.inputs ? volts.data[v * layer.inputs + i]! : layer.biasVolts
            if (Math.abs(drive) <= 0.1) continue
            for (let j = 0; j < target.cols; j++) if (target.data[i * target.cols + j]! > 0) expected++
          }
    }
    expect(expected).toBeGreaterThan(0)
    expect(trace.counters.beyondCurve).toBe(expected)
    expect(beyond({ ...cubic, ...wires })).toBeGreaterThan(0)
    expect(beyond({ ...cubic, 'periphery.input.encoding': 'pulse-width' })).toBeGreaterThan(expected)
    expect(beyond({ ...cubic, 'device.iv.cubic': 0.01 })).toBe(0)
    expect(beyond({})).toBeUndefined()
  })

  it('with wires: nothing depends on the batch, bit for bit', () => {
    const chip = chipOf({ ...sinh, ...wires })
    const y = inputs(chip, 5)
    const whole = encodeTrace(chip, y)
    for (let v = 0; v < 5; v++)
      expect(Array.from(encodeTrace(chip, rowRange(y, v, v + 1), { first: v }).output.at(-1)!.data)).toEqual(
        Array.from(whole.output.at(-1)!.data.subarray(10 * v, 10 * v + 10)),
      )
  })

  it('row tiles add up, doubled word lines are driven with the opposite sign', () => {
    for (const more of [{ 'crossbar.wordLines': 8 }, { 'crossbar.layout': 'interleaved' }] as Changes[]) {
      const odd = chipOf({ ...sinh, 'device.programming.model': 'none' })
      const chip = chipOf({ ...sinh, 'device.programming.model': 'none', ...more })
      const [a, b] = [odd, chip].map((c) => encodeTrace(c, inputs(c)).amplifier[0]!)
      for (const [k, v] of a!.data.entries()) expect(Math.abs(b!.data[k]! - v)).toBeLessThan(1e-12 * maxAbs(a!))
    }
  })

  it('the waterfall has a row for it, and only that row loses', () => {
    const deployment = deploy(network, profileWith({ ...sinh, 'periphery.input.fullScale': 0.6 }))
    const { waterfall } = simulate(deployment, { chips: 1 })
    const active = waterfall.filter((row) => row.active).map((row) => row.stage)
    expect(active).toEqual(['ideal', 'current-voltage', 'interaction'])
    expect(waterfall.find((row) => row.stage === 'current-voltage')!.delta).toBeGreaterThan(0.05)
    expect(Math.abs(waterfall.at(-1)!.delta)).toBeLessThan(1e-9)
  })
})

describe('encodings', () => {
  const fullScale = 0.4
  const grid: Changes = { 'periphery.input.bits': 4, 'periphery.input.encoding': 'pulse-width' }
  const volts = (inputs: number) =>
    matrix(
      2,
      inputs,
      Float64Array.from({ length: 2 * inputs }, (_, k) => (((k * 5) % 15) - 7) * (fullScale / 7)),
    )

  it('pulses without wires: |v| / V_fs of the current at full scale', () => {
    const chip = chipOf({ ...sinh, ...grid })
    const layer = chip.deployment.layers[0]!
    const drive = volts(layer.inputs)
    const amps = layerCurrents(layer, chip.layers[0]!, drive, null)
    const { array, lines } = chip.layers[0]!.parts[0]!.nonlinear![0]!
    const solver = nonlinearSolver(array)
    for (let v = 0; v < 2; v++) {
      const sum = new Float64Array(array.conductance.cols)
      for (let i = 0; i < array.conductance.rows; i++) {
        const average = i < layer.inputs ? drive.data[v * layer.inputs + i]! : layer.biasVolts
        const alone = matrix(1, array.conductance.rows)
        alone.data[i] = Math.sign(average) * Math.max(fullScale, Math.abs(average))
        const { outputAmps } = solver.solve(alone)
        if (average !== 0)
          for (let j = 0; j < sum.length; j++) sum[j]! += (average / alone.data[i]!) * outputAmps.data[j]!
      }
      for (const [o, all] of outputLines(lines).entries()) {
        const wanted = all.reduce((s, { line, weight }) => s + weight * sum[line]!, 0)
        expect(Math.abs(amps.data[v * layer.outputs + o]! - wanted)).toBeLessThan(1e-12 * maxAbs(amps))
      }
    }
  })

  it('pulses with wires: the average over the read, time step by time step', () => {
    const chip = chipOf({ ...sinh, ...wires, ...grid, 'crossbar.wires.driver': 500 })
    const layer = { ...chip.deployment.layers[0]!, biasVolts: (3 / 7) * fullScale }
    const drive = volts(layer.inputs)
    const amps = layerCurrents(layer, chip.layers[0]!, drive, null)
    const { array, lines } = chip.layers[0]!.parts[0]!.nonlinear![0]!
    const solver = nonlinearSolver(array)
    for (let v = 0; v < 2; v++) {
      const average = [...drive.data.subarray(v * layer.inputs, (v + 1) * layer.inputs), layer.biasVolts]
      const sum = new Float64Array(array.conductance.cols)
      for (let t = 0; t < 7; t++) {
        const now = average.map((x) => (Math.round((Math.abs(x) / fullScale) * 7) > t ? Math.sign(x) * fullScale : 0))
        const { outputAmps } = solver.solve(fromRows([now]))
        for (let j = 0; j < sum.length; j++) sum[j]! += outputAmps.data[j]! / 7
      }
      for (const [o, all] of outputLines(lines).entries()) {
        const wanted = all.reduce((s, { line, weight }) => s + weight * sum[line]!, 0)
        expect(Math.abs(amps.data[v * layer.outputs + o]! - wanted)).toBeLessThan(1e-10 * maxAbs(amps))
      }
    }
    // Superposition does not hold: the same average as amplitudes gives other currents.
    const amplitude = layerCurrents({ ...layer, encoding: { kind: 'amplitude' } }, chip.layers[0]!, drive, null)
    expect(Math.abs(amplitude.data[0]! - amps.data[0]!)).toBeGreaterThan(1e-3 * maxAbs(amps))
  })

  it('bits after bits are always at full scale, so that without a bias the law only scales', () => {
    const chip = chipOf({ ...sinh, ...grid, 'periphery.input.encoding': 'bit-serial' })
    const layer = { ...chip.deployment.layers[0]!, biasVolts: 0 }
    const drive = volts(layer.inputs)
    const bent = layerCurrents(layer, chip.layers[0]!, drive, null)
    const straight = layerCurrents(
      layer,
      { ...chip.layers[0]!, parts: chip.layers[0]!.parts.map((part) => ({ ...part, nonlinear: null })) },
      drive,
      null,
    )
    const factor = (0.3 / fullScale) * Math.sinh(fullScale / 0.3)
    for (const [k, a] of bent.data.entries())
      expect(Math.abs(a - factor * straight.data[k]!)).toBeLessThan(1e-12 * maxAbs(bent))
  })
})
