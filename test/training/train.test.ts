import { describe, expect, it } from 'vitest'
import { availableEngines } from '../../src/numerics/kernels/module.ts'
import { taskData } from '../../src/training/data.ts'
import { preset } from '../../src/training/presets.ts'
import { power, scheduled } from '../../src/training/schedule.ts'
import { type TrainingState, train } from '../../src/training/train.ts'

const small = {
  ...preset('deepvqcs-n20', { levels: 4, iterations: 600 }),
  samples: 5000,
  validation: { samples: 500, every: 200, patience: null },
}

describe('a run', () => {
  it('learns: after 600 iterations the hard quantizer recovers something', async () => {
    const { score, network } = await train(small)
    expect(score).toBeLessThan(-3)
    expect(network.quantizer.levels.length).toBe(4)
  })

  for (const engine of availableEngines().filter((e) => e !== 'relaxed'))
    it(`that is cut and goes on ends in the same bits (${engine})`, async () => {
      const e = {
        ...small,
        ...(engine === 'reference'
          ? { iterations: 60, batch: 20, validation: { samples: 100, every: 30, patience: null } }
          : {}),
      }
      const run = async () => {
        const whole = await train(e)
        const states: TrainingState[] = []
        await train(e, { stateEvery: e.iterations / 3, onState: async (s) => void states.push(structuredClone(s)) })
        for (const resume of states) {
          const again = await train(e, { resume })
          expect(again.network).toEqual(whole.network)
          expect(again.score).toBe(whole.score)
        }
        expect(states.length).toBe(3)
      }
      const { useEngine, engine: now } = await import('../../src/numerics/kernels/module.ts')
      const before = now()
      useEngine(engine)
      try {
        await run()
      } finally {
        useEngine(before)
      }
    })

  it('restarts are chosen by validation', async () => {
    const e = { ...small, iterations: 200, restarts: 3 }
    const scores = await Promise.all([0, 1, 2].map(async (run) => (await train({ ...e, restarts: run + 1 })).score))
    expect(scores[2]).toBe(Math.min(...scores))
    expect((await train(e)).score).toBe(scores[2])
  })

  it('the last layer of least squares is taken where validation finds it better, and else left out', async () => {
    const e = { ...small, iterations: 300 }
    const plain = await train(e)
    const refit = await train({ ...e, refit: true })
    expect([plain.refitted, refit.refitted]).toEqual([false, true])
    expect(refit.score).toBeLessThan(plain.score)
    // More features than vectors: least squares learns them by heart.
    const few = taskData(e.task!, 20, e.seed, 0, e.shape.decoder.at(-1)!.outputs)
    const heart = await train({ ...e, refit: true }, { data: few })
    expect(heart.refitted).toBe(false)
    expect(heart).toEqual(await train(e, { data: few }))
  })

  it('a rate that explodes is an error that names the iteration', async () => {
    const e = { ...small, rate: { kind: 'constant', value: 1e30 } as const, gradient: 'soft' as const }
    await expect(train(e)).rejects.toMatchObject({ code: 'OHM7001' })
  })
})

describe('what a program gives', () => {
  const code = (work: () => unknown) =>
    Promise.resolve()
      .then(work)
      .catch((error) => error.code ?? error)

  for (const options of [
    { iterations: 0 },
    { iterations: 1.5 },
    { iterations: '20' },
    { levels: 1 },
    { levels: 2.5 },
    { channels: 0 },
    { channels: 1.5 },
    { schedule: 'nope' },
    { gradient: 'nope' },
    { snrDb: 3 },
    { iteration: 3 },
  ])
    it(`no preset with ${JSON.stringify(options)}`, async () =>
      expect(await code(() => preset('deepvqcs-n20', options as object))).toMatch(/^OHM(1204|5004|7002)$/))

  for (const rest of [
    { iterations: 0 },
    { batch: 1.5 },
    { restarts: Number.NaN },
    { gradient: 'nope' },
    { metric: 'nope' },
    { rate: { kind: 'nope' } },
    { validation: { samples: 10, every: 0, patience: null } },
  ])
    it(`no run with ${JSON.stringify(rest)}`, async () =>
      expect(await code(() => train({ ...small, ...(rest as object) }))).toBe('OHM7002'))

  it('no options that train does not have', async () => {
    expect(await code(() => train(small, { onprogress: () => {} } as object))).toBe('OHM1204')
    expect(await code(() => train(small, { stateEvery: 0 }))).toBe('OHM5004')
  })
})

describe('schedules', () => {
  it('hit their ends', () => {
    expect(scheduled({ kind: 'cosine', first: 3, last: 1 }, 100, 100)).toBeCloseTo(1, 15)
    expect(scheduled({ kind: 'cosine', first: 3, last: 1 }, 50, 100)).toBeCloseTo(2, 15)
    expect(scheduled({ kind: 'linear', first: 5, last: 105 }, 100, 100)).toBe(105)
    expect(scheduled({ kind: 'inverse-root', first: 1e-2, least: 1e-4 }, 4, 10)).toBe(5e-3)
    expect(scheduled({ kind: 'inverse-root', first: 1e-2, least: 1e-4 }, 1e8, 1e8)).toBe(1e-4)
    // [0]: at 1e7 iterations h ends at 105.
    expect(scheduled({ kind: 'ramp', first: 5, rise: 1e-5, most: 300 }, 1e7, 1e7)).toBeCloseTo(105, 9)
    expect(scheduled({ kind: 'stairs', first: 5, rise: 0.05, every: 100, most: 300 }, 101, 1e7)).toBeCloseTo(5.1, 12)
  })
  it('powers are products', () => {
    for (const k of [0, 1, 2, 3, 10, 1000]) expect(power(0.999, k)).toBeCloseTo(0.999 ** k, 12)
  })
})
