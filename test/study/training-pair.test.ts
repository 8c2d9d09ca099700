import { expect, it } from 'vitest'
import { preset } from '../../src/training/presets.ts'

// Built files: a worker cannot run TypeScript on every Node that is supported.
const dist = new URL('../../dist/', import.meta.url).href
const { pairedMachine } = (await import(
  `${dist}study/training-pair.js`
)) as typeof import('../../src/study/training-pair.ts')
const { machine } = (await import(`${dist}training/machine.js`)) as typeof import('../../src/training/machine.ts')
const { train } = (await import(`${dist}training/train.js`)) as typeof import('../../src/training/train.ts')
const { initialParameters } = (await import(`${dist}training/model.js`)) as typeof import('../../src/training/model.ts')
const { withEngine } = (await import(
  `${dist}numerics/kernels/module.js`
)) as typeof import('../../src/numerics/kernels/module.ts')

for (const batch of [9, 100])
  for (const noisy of [false, true])
    it(`two threads give the gradients of one: ${batch} vectors${noisy ? ', with noise' : ''}`, async () => {
      const { shape, loss, quantizer } = preset('deepvqcs-n20')
      const values = initialParameters(shape, quantizer, { seed: 3, chip: 0 })
      const pair = await pairedMachine(shape, batch, loss, false)
      try {
        const [one, two] = [machine(shape, batch, loss), pair].map((m) => {
          const wave = (rows: number, k: number) =>
            Float64Array.from({ length: rows * m.row }, (_, i) => Math.sin(k * i))
          m.steps.write(m.values, values)
          const noise = noisy ? wave(10, 0.3) : null
          const value = m.backpropagate(
            { inputs: wave(10, 1), targets: wave(20, 2) },
            { steepness: 8, blend: 0.4, noise },
          )
          return { value, gradients: m.steps.read(m.gradients, m.length) }
        })
        expect(Math.abs(one!.value - two!.value)).toBeLessThan(1e-6 * one!.value)
        const scale = Math.max(...one!.gradients.map(Math.abs))
        for (const [k, g] of one!.gradients.entries())
          expect(Math.abs(g - two!.gradients[k]!)).toBeLessThan(2e-6 * scale)
      } finally {
        await pair.close()
      }
    })

it('a run on two threads has the same bits every time', async () => {
  const experiment = {
    ...preset('deepvqcs-n20', { iterations: 150 }),
    samples: 2000,
    validation: { samples: 200, every: 50, patience: null },
  }
  const run = async () => {
    const pair = await pairedMachine(experiment.shape, experiment.batch, experiment.loss, false)
    try {
      return await train(experiment, { machine: pair })
    } finally {
      await pair.close()
    }
  }
  expect((await run()).network).toEqual((await run()).network)
})

it('plain TypeScript has one thread', async () => {
  const { shape, loss } = preset('deepvqcs-n20')
  await expect(withEngine('reference', () => pairedMachine(shape, 100, loss, false))).rejects.toMatchObject({
    code: 'OHM5006',
  })
})
