import { availableParallelism } from 'node:os'
import { fail } from '../base/errors.ts'
import { meanInterval } from '../numerics/statistics.ts'
import { renderSvg } from '../report/svg.ts'
import { waterfallFinding, waterfallSpec } from '../report/waterfall.ts'
import { simulateParallel } from '../study/chips.ts'
import type { MetricName } from '../task/metric.ts'
import type { Run } from './command.ts'
import { dataOf, deploymentOf, ending, engineOf, seedOf, writeOwn } from './shared.ts'
import { counterLines, simulationText } from './simulation-text.ts'
import { count, metricText } from './style.ts'

/** Chips when nothing is said. */
const CHIPS = 20

export const run: Run = async (invocation) => {
  const { options, style, signal, progress } = invocation
  const figure = options['svg'] as string | undefined
  if (figure !== undefined) ending(figure, '.svg', 'a figure')
  const { deployment, input, profile, set } = await deploymentOf(invocation.args[0]!, invocation)
  const { files, ...data } = await dataOf(invocation)
  const engine = engineOf(invocation)
  const own = deployment.adaptedTo
  const asked = ['chip', 'chips', 'seed'].some((name) => options[name] !== undefined)
  const only = (options['chip'] as number | undefined) ?? (own !== undefined && !asked ? own.chip : undefined)
  if (options['chip'] !== undefined && options['chips'] !== undefined)
    fail('OHM9001', '--chip is one chip and --chips n of them; give one of the two')
  const chips = only !== undefined ? 1 : ((options['chips'] as number | undefined) ?? CHIPS)
  const seed = own !== undefined && !asked ? own.seed : seedOf(invocation)
  const metric = options['metric'] as MetricName | undefined
  const samples = options['samples'] as number | undefined
  const waterfallChips = options['waterfallChips'] as number | undefined
  if (samples !== undefined && data.inputs !== undefined)
    fail('OHM9001', '--samples draws vectors from the task; it does not go with --inputs and --truth')
  const { result, interrupted } = await simulateParallel(deployment, {
    ...data,
    chips,
    ...(only === undefined ? {} : { firstChip: only }),
    seed,
    ...(metric === undefined ? {} : { metric }),
    ...(samples === undefined ? {} : { samples }),
    ...(waterfallChips === undefined ? {} : { waterfallChips }),
    workers: (options['workers'] as number | undefined) ?? (chips >= 4 ? availableParallelism() : 1),
    signal,
    onChip: (done, total, values) => {
      const { low, high } = meanInterval(values)
      const half = Number.isNaN(low) ? '' : ` +- ${((high - low) / 2).toPrecision(2)}`
      progress(
        `chip ${done}/${total}: mean ${metricText(metric ?? deployment.network.task?.kind ?? '', mean(values))}${half}`,
      )
    },
  })
  const { warnings, ...rest } = result
  const fewer = result.waterfallChips < result.chips ? `, waterfall on ${count(result.waterfallChips, 'chip')}` : ''
  const heading = `${deployment.network.name} on ${profile.id}: ${only === undefined ? count(result.chips, 'chip') : `chip ${only}`}, ${count(result.vectors, 'vector')}, seed ${seed}${fewer}`
  const changes = set.length === 0 ? [] : [`with ${set.join(', ')}`]
  if (figure !== undefined) {
    const title = [`Waterfall: ${heading}`, ...changes].join(', ')
    const svg = await renderSvg(waterfallSpec(result, heading, changes), title, waterfallFinding(result))
    await writeOwn(figure, svg, options['force'] === true)
  }
  return {
    result: { ...rest, interrupted, engine },
    text:
      `${[style.c.bold(heading), ...changes].join('\n')}\n\n` +
      [simulationText(result, style), ...counterLines(result)].join('\n') +
      (figure === undefined ? '' : `\nwritten: ${figure}`) +
      (interrupted ? `\ninterrupted after ${result.chips} of ${chips} chips` : ''),
    warnings,
    inputs: [input, ...files],
    seed,
    profile,
    set,
    exitCode: interrupted ? 130 : 0,
  }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
