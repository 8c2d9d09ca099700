import { fail } from '../base/errors.ts'
import { type AdcReport, characteriseChipAdc } from '../deployment/characterise-adc.ts'
import { fabricate } from '../deployment/fabricate.ts'
import { nominalChip } from '../deployment/nominal.ts'
import { renderSvg } from '../report/svg.ts'
import { transferFinding, transferSpec } from '../report/transfer.ts'
import { fixed, signed } from '../report/words.ts'
import type { MetricName } from '../task/metric.ts'
import type { Run } from './command.ts'
import { dataOf, deploymentOf, ending, seedOf, writeOwn } from './shared.ts'
import { columns, count, metricText, metricTitle, quantityText } from './style.ts'

/** Rows of the threshold table that a screen shows. */
const MOST_ROWS = 32

export const run: Run = async (invocation) => {
  const { options, style } = invocation
  const figure = options['svg'] as string | undefined
  if (figure !== undefined) ending(figure, '.svg', 'a figure')
  const { deployment, input, profile, set } = await deploymentOf(invocation.args[0]!, invocation)
  const { files, ...data } = await dataOf(invocation)
  const index = options['chip'] as number | undefined
  const metric = options['metric'] as MetricName | undefined
  const channel = options['channel'] as number | undefined
  const channels = deployment.layers.at(-1)!.outputs
  if (channel !== undefined && !(channel >= 0 && channel < channels))
    fail('OHM9001', `--channel ${channel}: there are channels 0 to ${channels - 1}`)
  const seed = seedOf(invocation)
  const chip = index === undefined ? nominalChip(deployment) : fabricate(deployment, { seed, chip: index })
  const report = characteriseChipAdc(chip, {
    ...data,
    confidence: Number(options['confidence']) / 100,
    ...(metric === undefined ? {} : { metric }),
    ...(channel === undefined ? {} : { channel }),
  })
  const who = index === undefined ? 'nominal converter' : `converter of chip ${index}, seed ${seed}`
  const heading = `${deployment.network.name} on ${profile.id}: ${who}`
  const changes = set.length === 0 ? [] : [`with ${set.join(', ')}`]
  if (figure !== undefined) {
    const spec = transferSpec(report, heading, [...changes, `input: ${count(report.vectors, 'vector')}, ideal encoder`])
    const svg = await renderSvg(spec, `Transfer: ${heading}`, transferFinding(report))
    await writeOwn(figure, svg, options['force'] === true)
  }
  return {
    result: { chip: index ?? null, ...report },
    text:
      `${[style.c.bold(heading), ...changes].join('\n')}\n\n${reportText(report)}` +
      (figure === undefined ? '' : `\nwritten: ${figure}`),
    inputs: [input, ...files],
    seed,
    profile,
    set,
  }
}

const millivolts = (x: number | null, digits = 3) => (x === null ? 'n/a' : fixed(1e3 * x, digits))
const plain = (x: number | null, digits: number) => (x === null ? 'n/a' : x.toPrecision(digits))

/** The figures of a converter, for a person. */
export function reportText(report: AdcReport): string {
  const { thresholds, ramp, thresholdError, inl, dnl, task, time } = report
  const rows = thresholds.target
    .slice(0, MOST_ROWS)
    .map((t, k) => [
      `  ${k}`,
      millivolts(t),
      millivolts(thresholds.exact[k]!),
      thresholds.error[k] === null ? 'n/a' : signed(1e3 * thresholds.error[k]!, 3),
      millivolts(thresholds.halfway[k]!),
      millivolts(thresholds.ramp[k]!),
      inl === null || inl[k] == null ? 'n/a' : signed(inl[k]!, 4),
      dnl === null || dnl[k] == null ? 'n/a' : signed(dnl[k]!, 4),
    ])
  const more = thresholds.target.length - rows.length
  const largest = (values: readonly (number | null)[] | null) =>
    values === null
      ? 'n/a'
      : `${plain(
          values.reduce<number>((a, x) => Math.max(a, Math.abs(x ?? 0)), 0),
          3,
        )} LSBeq`
  return [
    columns([['threshold', 'target', 'exact', 'error', '50 %', 'ramp', 'INL', 'DNL'], ...rows], 'lrrrrrrr'),
    ...(more > 0 ? [`  ... ${count(more, 'more threshold')}, all with --json`] : []),
    `volts in mV; INL and DNL in LSBeq = ${quantityText(report.lsb, 'V')}, DNL of the cell above; channel ${report.channel}`,
    '',
    columns([
      ['threshold error', `rms ${millivolts(thresholdError.rms)} mV, largest ${millivolts(thresholdError.largest)} mV`],
      [
        'gain and offset',
        `${plain(report.gain, 6)}, ${millivolts(report.offset)} mV (what brings the thresholds to their targets)`,
      ],
      ['INL, DNL', `${largest(inl)}, ${largest(dnl)}`],
      ['missing codes', report.missingCodes.length === 0 ? 'none' : report.missingCodes.slice(0, 16).join(', ')],
      ['monotone', report.monotone ? 'yes' : 'no'],
      [
        'ramp',
        `${ramp.samples} samples, ${ramp.samplesPerCode} a mean cell: widths within ${plain(ramp.accuracy, 2)} LSBeq with ${100 * ramp.confidence} % confidence`,
      ],
      ['conversion', `${count(time.cycles, 'cycle')} a channel at most, ${quantityText(time.seconds, 's')} for all`],
      [
        'code errors',
        `${plain(100 * report.codeErrorRate, 3)} % over ${count(report.vectors, 'vector')} behind an ideal encoder`,
      ],
      ['level MSE', plain(report.levelMse, 4)],
      [
        'task',
        task === null
          ? 'n/a (no task and no data)'
          : `${metricTitle(task.metric)} ${metricText(task.metric, task.value)}, ideal ${metricText(task.metric, task.ideal)}: loss ${signed(task.loss, task.metric === 'nmseDb' ? 3 : 6)}`,
      ],
    ]),
  ].join('\n')
}
