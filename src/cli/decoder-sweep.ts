import { fail } from '../base/errors.ts'
import { writeDeployment } from '../deployment/store.ts'
import { signed } from '../report/words.ts'
import { parseRequirement, requirementText } from '../study/requirement.ts'
import { sweepWordLengths, type WordLengthRow, type WordLengthTable, withWordLengths } from '../study/word-lengths.ts'
import type { Run } from './command.ts'
import { dataOf, deploymentOf, required, seedOf } from './shared.ts'
import { columns, count, metricText, metricTitle } from './style.ts'

export const run: Run = async (invocation) => {
  const { options, progress, signal } = invocation
  const apply = options['apply'] === true
  if (!apply && options['output'] !== undefined) fail('OHM9001', '-o goes with --apply')
  const folder = apply ? required(invocation, 'output', '-o DIR (with --apply)') : null
  const wanted = options['require'] as string | undefined
  if (apply && wanted === undefined) fail('OHM9001', '--apply needs a requirement: --require')
  const requirement = wanted === undefined ? null : parseRequirement(wanted)
  const ranges = {
    weightBits: rangeOf('--weight-bits', options['weightBits'] as string, 2, 24),
    activationBits: rangeOf('--activation-bits', options['activationBits'] as string, 8, 16),
  }
  const { deployment, input, profile, set } = await deploymentOf(invocation.args[0]!, invocation)
  const { files, ...data } = await dataOf(invocation)
  const samples = options['samples'] as number | undefined
  if (samples !== undefined && data.inputs !== undefined)
    fail('OHM9001', '--samples draws vectors from the task; it does not go with --inputs and --truth')
  const table = await sweepWordLengths(deployment, {
    ...data,
    ...ranges,
    ...(samples === undefined ? {} : { samples }),
    ...(requirement === null ? {} : { requirement }),
    seed: seedOf(invocation),
    signal,
    onRow: (done, total) => progress(`word lengths ${done + 1}/${total}`),
  })
  const { smallest, interrupted } = table
  const applied = folder !== null && smallest !== null && !interrupted
  if (applied) await writeDeployment(folder, withWordLengths(deployment, smallest), options['force'] === true)
  const missed = requirement !== null && smallest === null && !interrupted
  return {
    result: { ...table, applied: applied ? folder : null },
    text: [
      sweepText(table, deployment.network.name),
      ...(applied ? [`deployed with them: ${folder}`] : []),
      ...(interrupted ? [`interrupted after ${table.rows.length} word lengths`] : []),
    ].join('\n'),
    inputs: [input, ...files],
    seed: seedOf(invocation),
    set,
    profile,
    ...(missed ? { problem: { code: 'OHM5007' as const, ...missedText(table) } } : {}),
    exitCode: interrupted ? 130 : missed ? 1 : 0,
  }
}

/** `4..16` or `12`. */
function rangeOf(flag: string, text: string, least: number, most: number): number[] {
  const parts = /^(\d{1,2})(?:\.\.(\d{1,2}))?$/.exec(text)
  const low = Number(parts?.[1])
  const high = Number(parts?.[2] ?? parts?.[1])
  if (!(low >= least && high <= most && low <= high))
    fail('OHM9001', `${flag} ${text}: expected LOW..HIGH or one number, from ${least} to ${most}`)
  return Array.from({ length: high - low + 1 }, (_, k) => low + k)
}

function missedText({ requirement, rows }: WordLengthTable): { message: string; hint: string } {
  const unsure = rows.filter((row) => row.meets === 'unsure').length
  return {
    message: `none of ${count(rows.length, 'combination')} of word lengths meets ${requirementText(requirement!)}`,
    hint: rows.some((row) => row.meets === 'yes')
      ? 'some do here, but not on fresh vectors: more vectors decide (--samples)'
      : unsure > 0
        ? `${unsure} may or may not: more vectors decide (--samples)`
        : 'allow more bits: --weight-bits, --activation-bits, --set decoder.tableWords',
  }
}

/** A line for each weight width and scale: with the fewest activation bits that suffice, else with the most. */
function shownRows({ rows, requirement }: WordLengthTable): WordLengthRow[] {
  const groups = new Map<string, WordLengthRow[]>()
  for (const row of rows) {
    const key = `${row.weightBits} ${row.weightScale}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map((group) => {
    const byBits = group.toSorted((a, b) => a.activationBits - b.activationBits)
    return (requirement === null ? undefined : byBits.find((row) => row.meets === 'yes')) ?? byBits.at(-1)!
  })
}

function sweepText(table: WordLengthTable, name: string): string {
  const { metric, requirement, float, vectors, rows, smallest, confirmed } = table
  const text = (value: number) => metricText(metric, value)
  const shown = shownRows(table)
  const lines = shown.map(({ weightBits, weightScale, activationBits, loss, metric: value, size, ...row }) => [
    String(weightBits),
    weightScale,
    String(activationBits),
    ...(loss === null || size === null
      ? ['-', '', '-', '-', row.reason!.split('\n')[0]!]
      : [
          difference(metric, loss.value),
          `${difference(metric, loss.ci95[0])} to ${difference(metric, loss.ci95[1])}`,
          `${text(value!)}${row.withinInterval ? '' : ' *'}`,
          String(size.weightBytes),
          size.layers.map((l) => l.accumulatorBits).join(' '),
        ]),
    row.meets ?? '',
  ])
  const multiplies = rows.find((row) => row.size !== null)?.size?.multiplies
  return [
    `${name}: decoder in integers against floating point, ${count(vectors, 'vector')}${multiplies === undefined ? '' : `, ${count(multiplies, 'multiplication')} a vector`}`,
    `floating point: ${metricTitle(metric)} ${text(float.value)} (95 % interval ${text(float.ci95[0])} to ${text(float.ci95[1])})`,
    '',
    columns(
      [
        ['weight', 'scale', 'activation', 'loss', '95 % interval', metricTitle(metric), 'weight', 'sums, bits', ''],
        ['bits', '', 'bits', metric === 'nmseDb' ? 'dB' : '', '', '', 'bytes', 'a layer', requirement ? 'meets' : ''],
        ...lines,
      ],
      'rlrrlrrll',
    ),
    ...(shown.some((row) => row.withinInterval === false) ? ['* outside the 95 % interval of the float decoder'] : []),
    ...(requirement === null
      ? []
      : [
          `shown: the fewest activation bits of ${count(rows.length, 'combination')} that meet ${requirementText(requirement)} with the whole 95 % interval, else the most`,
          smallest === null
            ? `smallest: none meets ${requirementText(requirement)}`
            : `smallest: ${lengthsText(smallest)}, ${smallest.size!.weightBytes} bytes of weights, loss ${difference(metric, smallest.loss!.value)}${metric === 'nmseDb' ? ' dB' : ''}${confirmed === null ? '' : ` (${difference(metric, confirmed.value)} on as many fresh vectors)`}`,
        ]),
  ].join('\n')
}

const lengthsText = ({ weightBits, weightScale, activationBits }: WordLengthRow) =>
  `${weightBits}-bit weights ${weightScale}, ${activationBits}-bit activations`

/** A loss in the metric's unit. */
function difference(metric: string, value: number): string {
  if (metric === 'nmseDb' || !Number.isFinite(value)) return signed(value, 3)
  return value === 0 ? '0' : `${value > 0 ? '+' : ''}${value.toExponential(1)}`
}
