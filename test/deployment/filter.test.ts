import { fc, test as prop } from '@fast-check/vitest'
import { afterEach, describe, expect, it } from 'vitest'
import { deploy } from '../../src/deployment/deploy.ts'
import { encodeCounted, encodeTrace } from '../../src/deployment/encode.ts'
import { filterCodes, pickRows, TANH_ERROR } from '../../src/deployment/encode-filter.ts'
import { type Chip, fabricate } from '../../src/deployment/fabricate.ts'
import type { Activation, Network } from '../../src/network/network.ts'
import { availableEngines, kernel, useEngine } from '../../src/numerics/kernels/module.ts'
import { head, type Matrix, matrix, rowRange } from '../../src/numerics/matrix.ts'
import { readProfile, setProfileValues } from '../../src/profile/read.ts'
import { loadNetwork } from '../support/fixtures.ts'

afterEach(() => useEngine('simd'))

const ideal = await readProfile('ideal')
const engines = availableEngines().filter((name) => name !== 'reference')

describe('tanh of the filter', () => {
  // Every 61st float32; all of them were tried once, which takes ten seconds.
  for (const engine of engines)
    it(`is within its stated error (${engine})`, () => {
      useEngine(engine)
      const k = kernel('chip')!
      const n = 1 << 14
      const [single, double] = k.layout([4 * n, 8 * n]) as [number, number]
      let worst = 0
      let largest = 0
      let unlike = 0
      for (let bits = 0; bits <= 0x41100000; bits += 61 * n) {
        const words = k.i32(single, n)
        for (let i = 0; i < n; i++) words[i] = i % 2 ? bits + 61 * i : (bits + 61 * i) | 0x80000000
        const x = k.f32(single, n)
        const exact = k.f64(double, n)
        exact.set(x)
        k.exports['filterActivate']!(1, n, single)
        k.exports['activate']!(1, n, double)
        for (let i = 0; i < n; i++) {
          const e = Math.abs(x[i]! - exact[i]!)
          if (!(e <= worst)) worst = e
          largest = Math.max(largest, Math.abs(x[i]!))
          if (Object.is(x[i], 0) !== Object.is(exact[i], 0)) unlike++
        }
      }
      expect(worst).toBeLessThan(TANH_ERROR - 2 ** -47)
      expect(largest).toBeLessThanOrEqual(1 + TANH_ERROR)
      expect(unlike).toBe(0)
    })

  it('ends where it is flat', () => {
    const k = kernel('chip')!
    const [at] = k.layout([32]) as [number]
    const x = k.f32(at, 8)
    x.set([8, 9, 100, 3e38, Infinity, -9, -3e38, -Infinity])
    k.exports['filterActivate']!(1, 8, at)
    expect(Array.from(x, Math.abs)).toEqual(new Array(8).fill(Math.abs(x[0]!)))
  })
})

/** Vectors between two others, one each side of where a code changes, `distance` of the way apart. */
function straddling(chip: Chip, a: Float64Array, b: Float64Array, distance: number): Float64Array[] {
  const cols = a.length
  const mix = (s: number) => a.map((x, i) => x + s * (b[i]! - x))
  const code = (s: number) => encodeTrace(chip, matrix(1, cols, mix(s))).codes.data.join()
  const from = code(0)
  if (code(1) === from) return []
  let low = 0
  let high = 1
  while (high - low > 1e-12) {
    const mid = (low + high) / 2
    if (code(mid) === from) low = mid
    else high = mid
  }
  return [mix(low), mix(high), mix(low - distance), mix(high + distance)]
}

function stacked(rows: readonly Float64Array[], more: Matrix): Matrix {
  const data = new Float64Array((rows.length + more.rows) * more.cols)
  for (const [k, row] of rows.entries()) data.set(row, k * more.cols)
  data.set(more.data, rows.length * more.cols)
  return matrix(rows.length + more.rows, more.cols, data)
}

/** The kernel's codes and counters against those of the plain float64 path; vectors on the edge included. */
function expectExact(chip: Chip, y: Matrix): void {
  const near: Float64Array[] = []
  for (const [k, distance] of [0, 1e-8, 1e-7, 1e-6, 1e-5].entries())
    near.push(
      ...straddling(
        chip,
        y.data.slice(k * y.cols, (k + 1) * y.cols),
        y.data.slice((k + 9) * y.cols, (k + 10) * y.cols),
        distance,
      ),
    )
  const all = stacked(near, y)
  const { codes, counters } = encodeTrace(chip, all)
  for (const engine of engines) {
    useEngine(engine)
    // The relaxed build is exact to its own float64 path only, which may be elsewhere right on the edge.
    const from = engine === 'simd' ? all : y
    const wanted = engine === 'simd' ? { codes, counters } : relaxedTrace(chip, y)
    expect(encodeCounted(chip, from)).toEqual(wanted)
  }
}

/** Vectors by fours: too few for the filter. */
function relaxedTrace(chip: Chip, y: Matrix): unknown {
  const parts = Array.from({ length: Math.ceil(y.rows / 4) }, (_, k) =>
    encodeCounted(chip, rowRange(y, 4 * k, Math.min(4 * k + 4, y.rows))),
  )
  const cols = parts[0]!.codes.cols
  const sum = (of: (c: (typeof parts)[number]['counters']) => number) => parts.reduce((n, p) => n + of(p.counters), 0)
  return {
    codes: { rows: y.rows, cols, data: Uint16Array.from(parts.flatMap(({ codes }) => Array.from(codes.data))) },
    counters: {
      inputClipped: sum((c) => c.inputClipped),
      partialClipped: 0,
      amplifierSaturated: parts[0]!.counters.amplifierSaturated.map((_, l) => sum((c) => c.amplifierSaturated[l]!)),
      adcClipped: sum((c) => c.adcClipped),
      metastable: 0,
    },
  }
}

interface Case {
  readonly network: Network
  readonly y: Matrix
  readonly values: readonly string[]
}

const volts = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((x) => Number(x.toPrecision(4)))
const cases: fc.Arbitrary<Case> = fc
  .record({
    widths: fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 2, maxLength: 4 }),
    kinds: fc.array(fc.constantFrom<Activation>('tanh', 'tanh', 'relu', 'sigmoid', 'linear'), {
      minLength: 3,
      maxLength: 3,
    }),
    vectors: fc.integer({ min: 64, max: 200 }),
    numbers: fc.infiniteStream(fc.integer({ min: -1000, max: 1000 }).map((x) => x / 997)),
    spread: fc.constantFrom(0.5, 1, 3),
    thresholds: fc.uniqueArray(fc.integer({ min: -90, max: 90 }), { minLength: 1, maxLength: 20 }),
    compare: fc.constantFrom('gt' as const, 'ge' as const),
    device: fc.constantFrom('0', '0.01', '0.2'),
    swing: fc.option(volts(0.05, 3), { nil: null }),
    clip: fc.option(volts(0.3, 2), { nil: null }),
    offset: fc.constantFrom('0 V', '0.01 V', '0.2 V'),
    search: fc.constantFrom('adc.search=binary', 'adc.search=linear', 'adc.architecture=flash'),
  })
  .map(({ widths, kinds, vectors, numbers, spread, thresholds, compare, device, swing, clip, offset, search }) => {
    const take = (n: number, scale: number) => Float64Array.from({ length: n }, () => scale * numbers.next().value)
    const dense = (outputs: number, inputs: number, activation: Activation) => ({
      weight: matrix(outputs, inputs, take(outputs * inputs, spread)),
      bias: take(outputs, 0.5),
      activation,
    })
    const channels = widths.at(-1)!
    const sorted = thresholds.sort((a, b) => a - b)
    return {
      network: {
        name: 'random',
        encoder: widths.slice(1).map((outputs, l) => dense(outputs, widths[l]!, kinds[l]!)),
        quantizer: {
          thresholds: Float64Array.from(sorted, (t) => t / 100),
          levels: Float64Array.from([...sorted, 91], (t) => t / 100),
          compare,
          levelRule: 'given' as const,
        },
        decoder: [dense(1, channels, 'linear')],
        task: null,
        provenance: {},
      },
      y: matrix(vectors, widths[0]!, take(vectors * widths[0]!, 1)),
      values: [
        'device.programming.model=normal-proportional',
        `device.programming.sigma=${device}`,
        `periphery.tia.offsetSigma=${offset}`,
        `periphery.activation.offsetSigma=${offset}`,
        'periphery.activation.gainSigma=0.05',
        `adc.frontEnd.offsetSigma=${offset}`,
        'adc.frontEnd.gainSigma=0.02',
        search,
        ...(swing === null ? [] : [`periphery.tia.swing=${swing} V`]),
        ...(clip === null ? [] : [`adc.clip=true`, `adc.fullScale=${clip} V`]),
      ],
    }
  })

describe('codes and counters with the filter', () => {
  prop.prop([cases], { numRuns: 60 })('are those of float64', async ({ network, y, values }) => {
    const deployment = deploy(network, await setProfileValues(ideal, values))
    for (const chip of [0, 1, 2]) expectExact(fabricate(deployment, { seed: 4, chip }), y)
  })

  for (const name of ['vqcs_n20_I4', 'chanest_M4'] as const)
    it(`are those of float64 on chips of ${name}, few vectors of which are computed twice`, async () => {
      const { network, inputs } = await loadNetwork(name)
      const y = head(inputs, 300)
      const profile = await setProfileValues(ideal, [
        'device.programming.model=normal-proportional',
        'device.programming.sigma=0.05',
      ])
      const deployment = deploy(network, profile)
      for (let index = 0; index < 8; index++) {
        const chip = fabricate(deployment, { seed: 2, chip: index })
        const trace = encodeTrace(chip, y)
        expect(encodeCounted(chip, y)).toEqual({ codes: trace.codes, counters: trace.counters })
        const found = filterCodes(kernel('chip')!, chip, trace.input, chip.adc.thresholds)!
        expect(found.others.length).toBeLessThan(y.rows / 5)
        const sure = Int32Array.from(found.codes.keys()).filter(
          (at) => !found.others.includes(Math.floor(at / trace.codes.cols)),
        )
        expect(sure.every((at) => found.codes[at] === trace.codes.data[at])).toBe(true)
      }
    })

  it('leave too many vectors near an edge, numbers beyond float32 and single vectors to float64', async () => {
    const { network, inputs } = await loadNetwork('vqcs_n20_I4')
    const chip = fabricate(deploy(network, ideal), { seed: 2 })
    const k = kernel('chip')!
    const { input } = encodeTrace(chip, head(inputs, 300))
    const run = (x: Matrix, thresholds = chip.adc.thresholds) => filterCodes(k, chip, x, thresholds)
    expect(run(input)).not.toBeNull()
    expect(run(head(input, 10))).toBeNull()
    expect(
      run(
        matrix(
          300,
          input.cols,
          input.data.map((x) => 1e35 * x),
        ),
      ),
    ).toBeNull()
    expect(
      run(
        matrix(
          300,
          input.cols,
          input.data.map((x, i) => (i === 7 ? Number.NaN : x)),
        ),
      ),
    ).toBeNull()
    expect(run(input, chip.adc.thresholds.slice().reverse())).toBeNull()
    const { output } = encodeTrace(chip, head(inputs, 1))
    const same = pickRows(input, new Int32Array(300))
    expect(run(same, Float64Array.of(-0.9, output.at(-1)!.data[0]!))).toBeNull()
  })
})
