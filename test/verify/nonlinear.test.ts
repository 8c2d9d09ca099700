import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeviceLaw, OHMIC } from '../../src/crossbar/iv.ts'
import { nonlinearSolver } from '../../src/crossbar/nonlinear.ts'
import type { Wires } from '../../src/crossbar/wires.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import type { DenseLayer, Network } from '../../src/network/network.ts'
import { type Matrix, matrix, maxAbs } from '../../src/numerics/matrix.ts'
import { type ChipKey, site, uniformAt } from '../../src/numerics/random.ts'
import type { FieldPath, FieldValue } from '../../src/profile/fields.ts'
import { type CircuitEngine, compareNetlist, openEngine } from '../../src/verify/index.ts'
import { netlistChecks } from '../../src/verify/netlist-checks.ts'
import { profileWith } from '../support/profile.ts'

let engine: CircuitEngine
beforeAll(async () => {
  engine = await openEngine('embedded', { timeoutSeconds: 60 })
})
afterAll(() => engine.close())

const SIDE = 16
const VECTORS = 3

/** Expression of a device's current at volts v(a) - v(b), from the published formulas; parameters in braces' reach. */
const FORMULAS: Record<string, string> = {
  milo2021: 'g*(v(a)-v(b))+n2*(v(a)-v(b))*(v(a)-v(b))+n3*(v(a)-v(b))*(v(a)-v(b))*(v(a)-v(b))',
  cubic: 'g*((v(a)-v(b))-c*(v(a)-v(b))*(v(a)-v(b))*(v(a)-v(b)))',
  sinh: 'g*v0*0.5*(exp((v(a)-v(b))/v0)-exp(-(v(a)-v(b))/v0))',
  'power-law': 'g*v0*pwr((v(a)-v(b))/v0,p)',
}

/** A 16 x 16 array with wires as a deck of its own, written here and not by the emitter. */
function deckOf(g: Matrix, wires: Wires, law: DeviceLaw, inputs: Matrix): string {
  const lines = [
    'oracle',
    `.param v0=${law.voltage} c=${law.cubic} p=${Math.log2(law.gamma)} rt=${law.seriesOhms}`,
    '.subckt cell a c g=1 n2=0 n3=0',
    law.seriesOhms > 0 ? 'rt a2 c {rt}' : 'vt a2 c 0',
    `bd a a2 I={${FORMULAS[law.model]!.replaceAll('v(b)', 'v(a2)')}}`,
    '.ends cell',
  ]
  for (let i = 0; i < SIDE; i++) {
    const knots = Array.from({ length: VECTORS }, (_, v) => `${v},${inputs.data[v * SIDE + i]!}`).join(',')
    lines.push(`bs_${i} s_${i} 0 V=pwl(v(vec),${knots})`, `re_${i} s_${i} w_${i}_0 ${wires.driver + wires.wordSegment}`)
    for (let j = 0; j < SIDE; j++) {
      const x = g.data[i * SIDE + j]!
      const l = Math.log10(x)
      const n2 = 1.388e-4 * l ** 3 + 1.541e-3 * l ** 2 + 5.711e-3 * l + 7.063e-3
      const n3 = 8.871e-5 * l ** 2 + 6.7919e-4 * l + 1.2968e-3
      if (j > 0) lines.push(`rw_${i}_${j} w_${i}_${j - 1} w_${i}_${j} ${wires.wordSegment}`)
      if (i > 0) lines.push(`rb_${i}_${j} b_${i - 1}_${j} b_${i}_${j} ${wires.bitSegment}`)
      lines.push(`x_${i}_${j} w_${i}_${j} b_${i}_${j} cell g=${x} n2=${n2} n3=${n3}`)
    }
  }
  for (let j = 0; j < SIDE; j++)
    lines.push(
      `ro_${j} b_${SIDE - 1}_${j} o_${j} ${wires.bitSegment + wires.sense}`,
      `vo_${j} o_${j} 0 0`,
      `h_${j} y_${j} 0 vo_${j} 1e6`,
      `ry_${j} y_${j} 0 1e9`,
    )
  lines.push(
    'vvec vec 0 0',
    'rvec vec 0 1e9',
    '.options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-15',
    '.control',
    'set numdgt=16',
    `dc vvec 0 ${VECTORS - 1} 1`,
    ...Array.from({ length: SIDE }, (_, j) => `print line v(y_${j})`),
    'quit',
    '.endc',
    '.end',
  )
  return `${lines.join('\n')}\n`
}

const LAWS: DeviceLaw[] = [
  { ...OHMIC, model: 'milo2021' },
  { ...OHMIC, model: 'cubic', cubic: 0.9 },
  { ...OHMIC, model: 'cubic', cubic: -3 },
  { ...OHMIC, model: 'sinh', voltage: 0.1 },
  { ...OHMIC, model: 'power-law', voltage: 0.2, gamma: 3 },
  { ...OHMIC, model: 'sinh', voltage: 0.1, seriesOhms: 15e3 },
  { ...OHMIC, model: 'milo2021', seriesOhms: 4e3 },
  { ...OHMIC, model: 'power-law', voltage: 0.1, gamma: 5, seriesOhms: 1e4 },
]

describe('16 x 16 arrays with wires against the circuit simulator', () => {
  it.each(LAWS.map((law, k) => ({ ...law, k })))('$model, $seriesOhms ohm in series', async ({ k, ...law }) => {
    const key: ChipKey = { seed: 1, chip: k }
    const draw = (stage: number, n: number) => uniformAt(key, site(stage, 'programming', 0), n)
    const g = matrix(
      SIDE,
      SIDE,
      Float64Array.from({ length: SIDE ** 2 }, (_, n) => 1e-6 * (50 + 175 * draw(0, n))),
    )
    const inputs = matrix(
      VECTORS,
      SIDE,
      Float64Array.from({ length: VECTORS * SIDE }, (_, n) => 0.8 * draw(1, n) - 0.4),
    )
    const wires: Wires = {
      wordSegment: 1 + 9 * draw(2, 0),
      bitSegment: 1 + 9 * draw(2, 1),
      driver: 100 * draw(2, 2),
      sense: 100 * draw(2, 3),
    }
    const ours = nonlinearSolver({ conductance: g, wires, law }).solve(inputs)
    const nodes = Array.from({ length: SIDE }, (_, j) => `y_${j}`)
    const solution = await engine.solve(deckOf(g, wires, law, inputs), nodes, VECTORS)
    expect(ours.residual).toBeLessThanOrEqual(1e-12)
    let worst = 0
    for (let v = 0; v < VECTORS; v++)
      for (let j = 0; j < SIDE; j++) {
        const amps = solution.get(`y_${j}`)![v]! / 1e6
        const off = Math.abs(amps - ours.outputAmps.data[v * SIDE + j]!)
        worst = Math.max(worst, off / maxAbs(ours.outputAmps))
        expect(off).toBeLessThanOrEqual(1e-6 * Math.abs(amps))
      }
    expect(worst).toBeLessThan(1e-8)
  })
})

const dense = (inputs: number, outputs: number, activation: DenseLayer['activation']): DenseLayer => ({
  weight: matrix(
    outputs,
    inputs,
    Float64Array.from({ length: inputs * outputs }, (_, k) => Math.sin(1 + 3 * k)),
  ),
  bias: Float64Array.from({ length: outputs }, (_, o) => 0.2 * Math.cos(o)),
  activation,
})
const network: Network = {
  name: 'small',
  encoder: [dense(7, 6, 'tanh'), dense(6, 4, 'linear')],
  quantizer: {
    thresholds: Float64Array.of(-0.3, 0.1, 0.4),
    levels: Float64Array.of(0, 1, 2, 3),
    compare: 'gt',
    levelRule: 'given',
  },
  decoder: [dense(4, 1, 'linear')],
  task: null,
  provenance: {},
}

describe('deployments with devices that are not ohmic', () => {
  const base: Partial<Record<FieldPath, FieldValue>> = {
    'crossbar.wires.wordSegment': 2,
    'crossbar.wires.bitSegment': 3,
    'crossbar.wires.driver': 20,
    'device.conductanceMin': 1e-6,
    'device.conductanceMax': 100e-6,
    'device.programming.model': 'reram-milo2021',
    'periphery.input.fullScale': 0.4,
  }
  const cases: Partial<Record<FieldPath, FieldValue>>[] = [
    { 'device.iv.model': 'sinh', 'device.iv.voltage': 0.2 },
    { 'device.iv.model': 'milo2021', 'device.accessTransistor.resistance': 2000 },
    { 'device.iv.model': 'cubic', 'device.iv.cubic': 4, 'crossbar.layout': 'interleaved' },
    { 'device.iv.model': 'power-law', 'device.iv.gamma': 2.5, 'crossbar.mapping': 'offset-column' },
    { 'device.accessTransistor.resistance': 15e3 },
  ]

  it.each(cases)('%o: lint, devices, volts and codes', async (changes) => {
    const deployment = deploy(network, profileWith({ ...base, ...changes }))
    const { checks } = await netlistChecks(deployment, engine, { chips: 1, vectors: 2, seed: 3 })
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([])
  })

  it('writes the access transistor as a resistor of its own, and says what the devices are', () => {
    const deployment = deploy(network, profileWith({ ...base, ...cases[1] }))
    const { text } = spiceNetlist(fabricate(deployment)).files[0]!
    expect(text).toContain('.param r_access=2000\n')
    expect(text).toMatch(
      /^rt_0_0 w_0_0 d_0_0 \{r_access\}\nxd_0_0 d_0_0 b_0_0 ob_device_milo2021 g=\S+[\s+]+square=\S+[\s+]+cube=\S+[\s+]+edge=\{iv_edge\}$/m,
    )
    expect(text).toMatch(/^\* devices: Milo et al\..*; access transistors of 2000 ohm in series$/m)
  })

  it('a wrong parameter of the law is found', async () => {
    const chip = fabricate(deploy(network, profileWith({ ...base, ...cases[0] })))
    const wrong: CircuitEngine = {
      ...engine,
      solve: (deck, nodes, vectors) => engine.solve(deck.replace('iv_v0=0.2', 'iv_v0=0.201'), nodes, vectors),
    }
    expect((await compareNetlist(chip, spiceNetlist(chip), wrong)).problems.length).toBeGreaterThan(0)
  })

  it('arrays too large for one deck are verified alone, in part', async () => {
    const deployment = deploy(network, profileWith({ ...base, ...cases[0] }))
    const small = { ...engine, limits: { arrayNodes: 100, deckNodes: 200 } }
    const { checks } = await netlistChecks(deployment, small, { chips: 0, vectors: 2, seed: 0 })
    const nominal = checks.find(({ id }) => id === 'netlist-nominal')!
    expect(nominal.status).toBe('pass')
    expect(nominal.detail).toMatch(/layer 0 array 0 of 1, its first/)
    expect(nominal.detail).not.toMatch(/encoder with arrays reduced/)
    expect(() => spiceNetlist(fabricate(deployment), { arrays: 'transfer' })).toThrow(
      expect.objectContaining({ code: 'OHM6003' }),
    )
  })
})
