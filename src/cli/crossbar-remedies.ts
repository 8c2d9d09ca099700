import { fail } from '../base/errors.ts'
import { signed, stageName } from '../report/words.ts'
import { compareRemedies, REMEDY_NAMES, type RemedyRow, type RemedyTable } from '../study/remedies.ts'
import type { MetricName } from '../task/metric.ts'
import type { Run } from './command.ts'
import { dataOf, deploymentOf } from './shared.ts'
import { columns, count, metricText, metricTitle } from './style.ts'

const MOST = { ohms: 1e9, values: 64 } as const

export const run: Run = async (invocation) => {
  const { options, progress, signal } = invocation
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const { files, ...data } = await dataOf(invocation)
  const metric = options['metric'] as MetricName | undefined
  const table = await compareRemedies(deployment, {
    ...data,
    ...(metric === undefined ? {} : { metric }),
    ohms: ohmsOf(options['ohms'] as string),
    signal,
    onRow: (done, total) => progress(`row ${done + 1}/${total}`),
  })
  return {
    result: table,
    text:
      remediesText(table, deployment.network.name, deployment.profile.crossbar.mapping) +
      (table.interrupted ? '\ninterrupted' : ''),
    inputs: [input, ...files],
    set: (options['set'] as string[] | undefined) ?? [],
    profile,
    exitCode: table.interrupted ? 130 : 0,
  }
}

/** A comma-separated list of resistances. */
function ohmsOf(text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (values.length > MOST.values || values.some((r) => !(r > 0 && r <= MOST.ohms)))
    fail('OHM9001', `--ohms ${text}: expected up to ${MOST.values} resistances above 0 and at most 1e9 ohm`, {
      hint: 'for example --ohms 1,2,5,20',
    })
  return values
}

function remediesText(
  { metric, ideal, switchedOff, vectors, rows }: RemedyTable,
  name: string,
  mapping: string,
): string {
  const ohms = [...new Set(rows.map((row) => row.ohms))]
  const digits = metric === 'nmseDb' ? 2 : 5
  const cell = (row: RemedyRow | undefined) =>
    row === undefined ? '' : row.delta === null ? '-' : signed(row.delta, digits)
  const lines = REMEDY_NAMES.map((remedy) => {
    const own = rows.filter((row) => row.remedy === remedy)
    return [remedy, ...ohms.map((r) => cell(own.find((row) => row.ohms === r)))]
  })
  const reasons = [...new Set(rows.flatMap((row) => (row.reason === null ? [] : [`- ${row.remedy}: ${row.reason}`])))]
  const left = rows.filter((row) => row.residual !== null && row.remedy === 'programming')
  return [
    `${name}, ${mapping}: loss of ${metricTitle(metric)}${metric === 'nmseDb' ? ' in dB' : ''} by wires alone, against ${metricText(metric, ideal)} without wires (${count(vectors, 'vector')})`,
    ...(switchedOff.length === 0
      ? []
      : [`switched off for this table: ${switchedOff.map(stageName).join(', ')}, and the remedies of the profile`]),
    columns([['ohm a segment', ...ohms.map(String)], ...lines], `l${'r'.repeat(ohms.length)}`),
    ...left.map(
      ({ ohms: r, residual, headroom }) =>
        `programming at ${r} ohm: ${(100 * headroom!).toPrecision(3)} % of the scale on the weakest output, ${(100 * residual!).toPrecision(2)} % of error left in the weights`,
    ),
    ...reasons,
  ].join('\n')
}
