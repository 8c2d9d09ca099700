import { fail } from '../base/errors.ts'
import { checkVectors } from '../deployment/simulate.ts'
import { forward } from '../network/forward.ts'
import { generateSamples } from '../task/generate.ts'
import { defaultMetric, type MetricName, score } from '../task/metric.ts'
import { FIRST } from '../task/stream.ts'
import type { Run } from './command.ts'
import { dataOf, networkOf, seedOf } from './shared.ts'
import { count, metricText, metricTitle } from './style.ts'

const SAMPLES = 10_000

export const run: Run = async (invocation) => {
  const { options } = invocation
  const { network, input } = await networkOf(invocation.args[0]!, invocation)
  const { files, ...data } = await dataOf(invocation)
  const seed = seedOf(invocation)
  const drawn = data.inputs === undefined
  if (!drawn && options['samples'] !== undefined)
    fail('OHM9001', '--samples draws vectors from the task; it does not go with --inputs and --truth')
  if (drawn && network.task === null)
    fail('OHM5002', 'the network has no task, so there is nothing to draw vectors from', {
      hint: 'give --inputs Y.npy --truth X.npy, or --task',
    })
  const { inputs, truth } = drawn
    ? generateSamples(network.task!, {
        samples: (options['samples'] as number | undefined) ?? SAMPLES,
        seed,
        first: FIRST.test,
      })
    : { inputs: data.inputs!, truth: data.truth! }
  checkVectors(network, inputs, truth)
  const { estimate } = forward(network, inputs)
  const name = (options['metric'] as MetricName | undefined) ?? defaultMetric(network.task, estimate.cols, truth)
  const metric = score(name, estimate, truth)
  return {
    result: { network: network.name, metric },
    text: `${network.name}: ${metricTitle(name)} ${metricText(name, metric.value)} (95 % interval ${metric.ci95.map((x) => metricText(name, x)).join(' to ')}; ${count(metric.samples, 'vector')}${drawn ? `, drawn with seed ${seed}` : ''})`,
    inputs: [input, ...files],
    seed,
  }
}
