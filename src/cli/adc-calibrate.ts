import { fail } from '../base/errors.ts'
import { type AdcCalibration, calibrateAdc } from '../deployment/calibrate-adc.ts'
import { fabricate } from '../deployment/fabricate.ts'
import { signed } from '../report/words.ts'
import { type AdcCalibrationResult, adcCalibrationStudy } from '../study/adc-calibration.ts'
import type { MetricName } from '../task/metric.ts'
import { writeCalibrated } from './calibrated-tables.ts'
import type { Run } from './command.ts'
import { dataOf, deploymentOf, filesText, seedOf } from './shared.ts'
import { columns, count, metricText, metricTitle } from './style.ts'

export const run: Run = async (invocation) => {
  const { options, style, signal, progress } = invocation
  const { deployment, input, profile, set } = await deploymentOf(invocation.args[0]!, invocation)
  const { files: dataFiles, ...data } = await dataOf(invocation)
  const index = (options['chip'] as number | undefined) ?? 0
  const chips = options['chips'] as number | undefined
  const metric = options['metric'] as MetricName | undefined
  const samples = options['samples'] as number | undefined
  if (samples !== undefined && data.inputs !== undefined)
    fail('OHM9001', '--samples draws vectors from the task; it does not go with --inputs and --truth')
  const folder = options['output'] as string | undefined
  const seed = seedOf(invocation)
  const how = {
    reoptimise: options['reoptimise'] === true,
    refitLevels: options['refitLevels'] === true,
    ...(metric === undefined ? {} : { metric }),
  }
  const { chip, ...calibration } = calibrateAdc(fabricate(deployment, { seed, chip: index }), how)
  const study = await adcCalibrationStudy(deployment, {
    ...how,
    ...data,
    ...(samples === undefined ? {} : { samples }),
    seed,
    signal,
    chips: chips ?? 1,
    firstChip: chips === undefined ? index : 0,
    onChip: (done, total) => progress(`chip ${done}/${total}`),
  })
  const emitted = folder === undefined ? null : await writeCalibrated(folder, chip, options['force'] === true)
  const written = emitted?.written ?? []
  const heading = `${deployment.network.name} on ${profile.id}: calibration of chip ${index}, seed ${seed}`
  return {
    result: { chip: index, ...calibration, study, files: written },
    text: [
      ...[style.c.bold(heading), ...(set.length === 0 ? [] : [`with ${set.join(', ')}`]), ''],
      chipText(calibration),
      '',
      studyText(study),
      ...(written.length === 0 ? [] : [filesText(written)]),
      ...(study.interrupted ? [`interrupted after ${study.chips.length} of ${chips ?? 1} chips`] : []),
    ].join('\n'),
    warnings: emitted?.shared.warnings ?? [],
    inputs: [input, ...dataFiles],
    seed,
    profile,
    set,
    exitCode: study.interrupted ? 130 : 0,
  }
}

const millivolts = (x: number) => signed(1e3 * x, 3)
/** Values that a screen shows. */
const MOST = 16

function chipText(calibration: Omit<AdcCalibration, 'chip'>): string {
  const { shifts, noise, candidates, scoreBefore, judge, chosen, channels, conversions, codes, levels } = calibration
  const shown = shifts.slice(0, MOST).map((s) => (s === null ? 'n/a' : millivolts(s)))
  const scoreText = (x: number) => (judge === 'level-mse' ? x.toPrecision(4) : metricText(judge, x))
  const range = (of: 'gain' | 'offset', text: (x: number) => string) => {
    const values = channels.map((c) => c[of])
    return `${text(Math.min(...values))} to ${text(Math.max(...values))}`
  }
  return [
    `thresholds found at (less where they are wanted, mV): ${shown.join(' ')}${shifts.length > MOST ? ` ... (${shifts.length})` : ''}`,
    `noise of a transition ${(1e3 * noise).toPrecision(3)} mV rms; channels: gain ${range('gain', (x) => x.toFixed(4))}, offset ${range('offset', millivolts)} mV`,
    '',
    columns(
      [
        ['table', judge === 'level-mse' ? 'level MSE' : metricTitle(judge), 'residual'],
        ['as designed', scoreText(scoreBefore), ''],
        ...candidates.map((c) => [c.name, scoreText(c.score), `${(1e3 * c.residual).toPrecision(3)} mV`]),
      ],
      'lrr',
    ),
    `chosen: ${chosen}${levels === null ? '' : ', levels refitted'}; DAC codes ${
      codes.length === 1
        ? codes[0]!.slice(0, MOST).join(' ') + (codes[0]!.length > MOST ? ' ...' : '')
        : `a channel, channel 0: ${codes[0]!.slice(0, MOST).join(' ')}${codes[0]!.length > MOST ? ' ...' : ''}`
    }; ${conversions} conversions`,
  ].join('\n')
}

function studyText({ metric, ideal, chips, before, after, restored, vectors }: AdcCalibrationResult): string {
  const digits = metric === 'nmseDb' ? 3 : 6
  const loss = ({ median, ci95 }: AdcCalibrationResult['before']) =>
    `${signed(median, digits)}${ci95 === null ? '' : ` (95 % of the median: ${signed(ci95[0], digits)} to ${signed(ci95[1], digits)})`}`
  return [
    `loss of ${metricTitle(metric)}${metric === 'nmseDb' ? ' in dB' : ''} against ${metricText(metric, ideal)}, ${count(chips.length, 'chip')}, ${count(vectors, 'fresh vector')}${chips.length > 1 ? ', medians' : ''}`,
    columns([
      ['  before', loss(before)],
      ['  after', loss(after)],
    ]),
    restored === null ? '  nothing was lost' : `  restored: ${(100 * restored).toFixed(1)} %`,
  ].join('\n')
}
