import { fail } from '../base/errors.ts'
import { writeDeployment } from '../deployment/store.ts'
import { head } from '../numerics/matrix.ts'
import { signed } from '../report/words.ts'
import type { MetricName, Score } from '../task/metric.ts'
import { type Adapted, adapt } from '../training/adapt.ts'
import type { Pilots } from '../training/pilots.ts'
import type { Run } from './command.ts'
import { dataOf, deploymentOf, engineOf, required, seedOf } from './shared.ts'
import { columns, count, metricText, metricTitle } from './style.ts'

/** Pilots when nothing is said. */
const PILOTS = 10_000

export const run: Run = async (invocation) => {
  const { options, style, signal, progress } = invocation
  const folder = required(invocation, 'output', '-o DIR')
  const { deployment, input, profile, set } = await deploymentOf(invocation.args[0]!, invocation)
  const { files, inputs, truth } = await dataOf(invocation)
  const engine = engineOf(invocation)
  const wanted = options['pilots'] as number | undefined
  if (inputs !== undefined && wanted !== undefined && wanted > inputs.rows)
    fail('OHM9001', `--pilots ${wanted}, but --inputs holds ${count(inputs.rows, 'vector')}`)
  const pilots: Pilots =
    inputs === undefined || truth === undefined
      ? { count: wanted ?? PILOTS }
      : wanted === undefined || inputs.rows !== truth.rows
        ? { inputs, truth }
        : { inputs: head(inputs, wanted), truth: head(truth, wanted) }
  // An adapted deployment is of one chip: that is meant where no other is named.
  const own = ['chip', 'seed'].some((name) => options[name] !== undefined) ? undefined : deployment.adaptedTo
  const seed = own?.seed ?? seedOf(invocation)
  const index = own?.chip ?? (options['chip'] as number | undefined) ?? 0
  const metric = options['metric'] as MetricName | undefined
  const iterations = options['iterations'] as number | undefined
  const adapted = await adapt(deployment, { seed, chip: index }, pilots, {
    ...(metric === undefined ? {} : { metric }),
    ...(iterations === undefined ? {} : { iterations }),
    signal,
    onProgress: (t, all, loss) => progress(`iteration ${t}/${all}: loss ${loss.toPrecision(4)}`),
  })
  await writeDeployment(folder, adapted.deployment, options['force'] === true)
  const { deployment: written, chip, used, warnings, ...rest } = adapted
  return {
    result: {
      folder,
      chip: chip.chip,
      seed: chip.seed,
      ...rest,
      ...used,
      gainDb: gainDb(adapted),
      levels: Array.from(written.network.quantizer.levels),
      engine,
    },
    text: [
      style.c.bold(
        `${written.network.name} on ${profile.id}: chip ${chip.chip} of seed ${chip.seed}, ${count(adapted.pilots, 'pilot')}`,
      ),
      ...(set.length === 0 ? [] : [`with ${set.join(', ')}`]),
      '',
      adaptedText(adapted),
      '',
      `written: ${folder}`,
      `next: ohmbit simulate ${folder}${written.network.task === null ? ' --inputs Y.npy --truth X.npy' : ' --samples 10000'}`,
    ].join('\n'),
    warnings,
    inputs: [input, ...files],
    seed,
    profile,
    set,
  }
}

/** Of the error that is left: positive = better; null where one of the two is perfect. */
function gainDb({ metric, before, after }: Adapted): number | null {
  const gain = metric === 'nmseDb' ? before.value - after.value : 10 * Math.log10(before.value / after.value)
  return Number.isFinite(gain) ? gain : null
}

function adaptedText(adapted: Adapted): string {
  const { metric, before, after, tried, change, kept, used, iterations } = adapted
  const row = (name: string, { value, ci95 }: Score) => [
    name,
    metricText(metric, value),
    `${metricText(metric, ci95[0])} to ${metricText(metric, ci95[1])}`,
  ]
  const digits = metric === 'nmseDb' ? 3 : 6
  const gain = gainDb(adapted)
  return [
    `${used.training} pilots were trained on in ${count(iterations, 'iteration')}, ${used.validation} said when to stop, ${used.heldOut} were held out`,
    columns([['', metricTitle(metric), '95 % interval'], row('before', before), row('after', after)], 'lrl'),
    kept === 'adapted'
      ? `change ${signed(change.value, digits)} (95 %: ${signed(change.ci95[0], digits)} to ${signed(change.ci95[1], digits)})${gain === null ? '' : `, ${gain.toFixed(2)} dB gained`}; kept: the adapted digital half`
      : `kept: the digital half as it was${tried === null ? '' : ` (the adapted one scores ${metricText(metric, tried.value)} on the pilots held out)`}; more pilots may help`,
  ].join('\n')
}
