import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { availableEngines, withEngine } from '../../src/numerics/kernels/module.ts'
import { normalAt, site, stages } from '../../src/numerics/random.ts'
import { kernelSteps } from '../../src/training/kernel-steps.ts'
import { type Loss, machine, type QuantizerState } from '../../src/training/machine.ts'
import { initialParameters, type ModelShape, parametersOf } from '../../src/training/model.ts'
import { referenceSteps } from '../../src/training/reference-steps.ts'

const key = { seed: 7, chip: 0 }
const draw = (k: number, salt = 0) => normalAt(key, site(stages.training, 'trainingNoise', salt), 0, 0, k)

const shape: ModelShape = {
  encoder: [
    { inputs: 3, outputs: 7, activation: 'sigmoid' },
    { inputs: 7, outputs: 5, activation: 'tanh' },
  ],
  steps: 3,
  decoder: [
    { inputs: 5, outputs: 6, activation: 'tanh' },
    { inputs: 6, outputs: 9, activation: 'relu' },
    { inputs: 9, outputs: 4, activation: 'linear' },
  ],
}
const BATCH = 11
const ROW = 16

function setting(loss: Loss) {
  const values = initialParameters(shape, { range: 0.5, amplitude: 0.9 }, key)
  for (let k = 0; k < values.length; k++) values[k]! += 0.05 * draw(k)
  const inputs = Float64Array.from({ length: 3 * ROW }, (_, k) => draw(k, 1))
  const targets = new Float64Array(4 * ROW)
  for (let b = 0; b < ROW; b++)
    for (let r = 0; r < 4; r++)
      targets[r * ROW + b] = loss === 'squared-error' ? draw(r * ROW + b, 2) : r === b % 4 ? 1 : 0
  return { values, batch: { inputs, targets } }
}
/** The padding that parametersOf puts between sections. */
const real = (() => {
  const at = parametersOf(shape)
  const out: number[] = []
  const add = (begin: number, length: number) => out.push(...Array.from({ length }, (_, k) => begin + k))
  for (const [l, { weight, bias }] of [...at.encoder, ...at.decoder].entries()) {
    const { inputs, outputs } = [...shape.encoder, ...shape.decoder][l]!
    add(weight, inputs * outputs)
    add(bias, outputs)
  }
  add(at.amplitudes, shape.steps)
  add(at.thresholds, shape.steps)
  return out
})()

const soft: QuantizerState = { steepness: 3, blend: 1, noise: null }

describe('gradients of every parameter', () => {
  for (const loss of ['squared-error', 'cross-entropy'] as const)
    it(`equal central differences in double precision, ${loss}`, () => {
      const { values, batch } = setting(loss)
      const m = machine(shape, BATCH, loss, { steps: referenceSteps() })
      const lossAt = (k: number, change: number) => {
        m.steps.write(m.values, values)
        m.steps.write(m.values + k, [values[k]! + change])
        return m.backpropagate(batch, soft)
      }
      m.steps.write(m.values, values)
      m.backpropagate(batch, soft)
      const gradients = m.steps.read(m.gradients, m.length)
      for (const k of real) {
        const numeric = (lossAt(k, 1e-5) - lossAt(k, -1e-5)) / 2e-5
        expect(Math.abs(gradients[k]! - numeric)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(numeric)))
      }
    })

  it('straight-through: the blend is linear in both, and stops where the quantizer is saturated', () => {
    const { values, batch } = setting('squared-error')
    const m = machine(shape, BATCH, 'squared-error', { steps: referenceSteps() })
    const at = (blend: number) => {
      m.steps.write(m.values, values)
      m.backpropagate(batch, { ...soft, blend })
      return m.steps.read(m.gradients, m.length)
    }
    const [through, half, whole] = [at(0), at(0.25), at(1)]
    for (const k of real) expect(half[k]!).toBeCloseTo(0.75 * through[k]! + 0.25 * whole[k]!, 12)
    // Amplitudes so small that every analog output lies beyond their sum: nothing passes.
    const places = parametersOf(shape)
    values.fill(1e-9, places.amplitudes, places.amplitudes + shape.steps)
    const none = at(0)
    for (let k = places.encoder[0]!.weight; k < places.amplitudes; k++) expect(none[k]! + 0).toBe(0)
  })

  it('vectors of the padding reach no gradient', () => {
    const { values, batch } = setting('squared-error')
    const m = machine(shape, BATCH, 'squared-error', { steps: referenceSteps() })
    const at = (padding: number) => {
      m.steps.write(m.values, values)
      const inputs = Float64Array.from(batch.inputs, (x, k) => (k % ROW < BATCH ? x : padding))
      const loss = m.backpropagate({ ...batch, inputs }, soft)
      return [loss, ...m.steps.read(m.gradients, m.length)]
    }
    expect(at(3)).toEqual(at(-8))
  })
})

interface PyTorch {
  readonly steepness: number
  readonly layers: readonly { readonly weight: number[]; readonly bias: number[] }[]
  readonly amplitudes: number[]
  readonly thresholds: number[]
  readonly inputs: number[][]
  readonly signals: number[][]
  readonly cases: readonly {
    readonly loss: Loss
    readonly blend: number
    readonly value: number
    /** Weight and bias of each layer, amplitudes, thresholds. */
    readonly gradients: number[][]
  }[]
}

describe("PyTorch's automatic differentiation", () => {
  const torch: PyTorch = JSON.parse(
    readFileSync(new URL('../fixtures/training/pytorch-gradients.json', import.meta.url), 'utf8'),
  )
  const at = parametersOf(shape)
  const places = [
    ...[...at.encoder, ...at.decoder].flatMap(({ weight, bias }) => [weight, bias]),
    at.amplitudes,
    at.thresholds,
  ]
  const values = new Float64Array(at.length)
  const numbers = [...torch.layers.flatMap(({ weight, bias }) => [weight, bias]), torch.amplitudes, torch.thresholds]
  for (const [k, list] of numbers.entries()) values.set(list, places[k]!)
  /** vectors x features, as features x row */
  const turned = (rows: readonly number[][]) => {
    const out = new Float64Array(rows[0]!.length * ROW)
    for (const [b, row] of rows.entries()) for (const [r, x] of row.entries()) out[r * ROW + b] = x
    return out
  }
  const classes = torch.inputs.map((_, b) => [0, 1, 2, 3].map((r) => (r === b % 4 ? 1 : 0)))
  for (const engine of availableEngines())
    for (const { loss, blend, value, gradients } of torch.cases)
      it(`gives what ${engine} does: ${loss}, blend ${blend}`, () => {
        const got = withEngine(engine, () => {
          const m = machine(shape, BATCH, loss)
          m.steps.write(m.values, values)
          const targets = turned(loss === 'squared-error' ? torch.signals : classes)
          const sum = m.backpropagate(
            { inputs: turned(torch.inputs), targets },
            { steepness: torch.steepness, blend, noise: null },
          )
          return { value: sum, gradients: m.steps.read(m.gradients, m.length) }
        })
        const tolerance = engine === 'reference' ? 1e-12 : 2e-5
        expect(Math.abs(got.value - value)).toBeLessThan(tolerance * value)
        const scale = Math.max(...gradients.flat().map(Math.abs))
        for (const [k, list] of gradients.entries())
          for (const [i, g] of list.entries())
            expect(Math.abs(got.gradients[places[k]! + i]! - g)).toBeLessThan(tolerance * scale)
      })
})

for (const engine of availableEngines().filter((e) => e !== 'reference'))
  for (const loss of ['squared-error', 'cross-entropy'] as const)
    for (const blend of [0, 0.3, 1])
      it(`${engine} gives the gradients of plain TypeScript in single precision: ${loss}, blend ${blend}`, () => {
        const { values, batch } = setting(loss)
        const run = (m: ReturnType<typeof machine>) => {
          m.steps.write(m.values, values)
          const value = m.backpropagate(batch, { steepness: 20, blend, noise: null })
          const gradients = m.steps.read(m.gradients, m.length)
          const adam = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, fast: 0.1, slow: 0.001 }
          for (const section of [0, 1, 2, 3]) m.step(section, adam)
          return { value, gradients, moved: m.steps.read(m.values, m.length) }
        }
        const expected = run(machine(shape, BATCH, loss, { steps: referenceSteps() }))
        const got = withEngine(engine, () => run(machine(shape, BATCH, loss, { steps: kernelSteps(9)! })))
        expect(Math.abs(got.value - expected.value)).toBeLessThan(1e-5 * expected.value)
        const scale = Math.max(...expected.gradients.map(Math.abs))
        for (const k of real) {
          expect(Math.abs(got.gradients[k]! - expected.gradients[k]!)).toBeLessThan(2e-5 * scale)
          // The first step of Adam is the rate times the sign of the gradient, where there is one.
          if (Math.abs(expected.gradients[k]!) > 1e-3 * scale)
            expect(Math.abs(got.moved[k]! - expected.moved[k]!)).toBeLessThan(1e-5)
        }
      })

for (const engine of availableEngines().filter((e) => e !== 'reference'))
  it(`${engine}: tanh and sigmoid to 1.2e-7, tanh of small numbers to 3e-7 of itself`, () => {
    const count = 4000
    const x = Float64Array.from({ length: count }, (_, k) =>
      Math.fround((k % 2 === 0 ? 1 : -1) * 10 ** ((k / count) * 40 - 38)),
    )
    for (const [activation, f] of [
      ['tanh', Math.tanh],
      ['sigmoid', (v: number) => 1 / (1 + Math.exp(-v))],
    ] as const) {
      const got = withEngine(engine, () => {
        const steps = kernelSteps(1)!
        const [weight, bias, from, to] = steps.layout([1, 1, count, count]) as [number, number, number, number]
        steps.write(weight, [1])
        steps.write(from, x)
        steps.dense({ weight, bias, inputs: 1, outputs: 1, activation }, from, to, count)
        return steps.read(to, count)
      })
      for (const [k, v] of x.entries()) {
        expect(Math.abs(got[k]! - f(v))).toBeLessThanOrEqual(1.2e-7)
        if (activation === 'tanh') expect(Math.abs(got[k]! - f(v))).toBeLessThanOrEqual(3e-7 * Math.abs(f(v)) + 1e-44)
      }
    }
  })
