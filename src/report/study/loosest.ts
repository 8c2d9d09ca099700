/** The yield against the parameter whose loosest value was looked for. */
import type { TopLevelSpec } from 'vega-lite'
import type { LoosestResult, StudyResult } from '../../study/result.ts'
import { COLOURS, VEGA_LITE } from '../theme.ts'
import { type FreeAxis, headingOf } from './design.ts'
import { type DataTable, known, STUDY_CONFIG, seen } from './figure.ts'
import { axisName, level, percent, plainText, valueText } from './quantity.ts'
import { axisDefinition, drawnAxis, scaleOf } from './scales.ts'

const WIDTH = 560
const HEIGHT = 280

/** Values a thousand times apart, or nearly: the search went over powers. */
const POWERS = 15

function axisOf({ path, unit, steps }: LoosestResult): Pick<FreeAxis, 'name' | 'unit' | 'logarithmic'> {
  const values = steps.map(({ value }) => value)
  const least = Math.min(...values)
  return { name: axisName(path), unit, logarithmic: least > 0 && Math.max(...values) > POWERS * least }
}

/** One sentence: the answer, and what it rests on. */
export function loosestFinding(loosest: LoosestResult): string {
  const name = axisName(loosest.path)
  const wanted = level(loosest.yieldWanted)
  const requirement = plainText(loosest.steps[0]?.yield.requirement ?? 'the requirement')
  if (loosest.value === null)
    return `No value of ${name} that was tried keeps ${requirement} on ${wanted} of the chips.`
  const step = loosest.steps.find(({ value }) => value === loosest.value)
  const reached = step === undefined ? '' : `, where ${percent(step.yield.fraction)} do`
  const next = loosest.bracket[1]
  const fails = next === null ? '; all values that were tried do' : `; ${valueText(next, loosest.unit)} does not`
  return `The loosest ${name} that keeps ${requirement} on ${wanted} of the chips is ${valueText(loosest.value, loosest.unit)}${reached}${fails}.`
}

/** The Vega-Lite specification: one dot a value that was tried. */
export function loosestSpec(result: StudyResult, loosest: LoosestResult): TopLevelSpec {
  const axis = drawnAxis(
    axisOf(loosest),
    loosest.steps.map(({ value }) => value),
  )
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: scaleOf(axis.domain, axis.logarithmic),
    axis: axisDefinition({ ...axis, ticks: null }, WIDTH),
  }
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    scale: scaleOf([0, 100], false),
    axis: { title: 'yield [%]', gridOpacity: 0.25, tickCount: 6 },
  })
  const values = [...loosest.steps]
    .sort((a, b) => a.value - b.value)
    .map(({ value, yield: met, kept }) => ({
      x: seen(axis.place(value)),
      y: seen(100 * met.fraction),
      low: seen(100 * (known(met.ci95[0]) ?? met.fraction)),
      high: seen(100 * (known(met.ci95[1]) ?? met.fraction)),
      kept: kept ? 'as wanted' : 'less',
    }))
  const words = ['as wanted', 'less']
  const spec = {
    $schema: VEGA_LITE,
    background: 'transparent',
    width: WIDTH,
    height: HEIGHT,
    title: headingOf(
      result,
      [
        'one dot a value that was tried, with its 95 % interval',
        'dashed: the yield wanted',
        ...(loosest.value === null ? [] : ['upright: the loosest value that keeps it']),
      ],
      WIDTH + 60,
    ),
    data: { values },
    layer: [
      {
        data: { values: [{ y: seen(100 * loosest.yieldWanted) }] },
        mark: { type: 'rule', strokeDash: [5, 3], strokeWidth: 1.4 },
        encoding: { y: y('y') },
      },
      ...(loosest.value === null
        ? []
        : [
            {
              data: { values: [{ x: seen(axis.place(loosest.value)) }] },
              mark: { type: 'rule', strokeWidth: 1.4 },
              encoding: { x },
            },
          ]),
      { mark: { type: 'line', strokeWidth: 1.2, color: COLOURS.grey }, encoding: { x, y: y('y') } },
      {
        name: 'whisker',
        mark: { type: 'rule', strokeWidth: 1.4 },
        encoding: { x, y: y('low'), y2: { field: 'high' } },
      },
      {
        mark: { type: 'point', size: 70, opacity: 1, strokeWidth: 0 },
        encoding: {
          x,
          y: y('y'),
          fill: {
            field: 'kept',
            type: 'nominal',
            scale: { domain: words, range: [COLOURS.blue, COLOURS.vermillion] },
            legend: { title: null, orient: 'top', labelFontSize: 11, symbolStrokeWidth: 0 },
          },
          shape: { field: 'kept', type: 'nominal', scale: { domain: words, range: ['circle', 'triangle-up'] } },
        },
      },
    ],
    config: STUDY_CONFIG,
  }
  return spec as unknown as TopLevelSpec
}

/** The steps in the order in which they were tried. */
export function loosestTable({ path, unit, steps }: LoosestResult): DataTable {
  return {
    columns: [
      { title: 'step', numeric: true },
      { title: axisName(path), numeric: true },
      { title: 'yield', numeric: true },
      { title: '95 % interval', numeric: true },
      { title: 'as wanted', numeric: false },
    ],
    rows: steps.map(({ value, yield: met, kept, certain }, k) => [
      String(k + 1),
      valueText(value, unit),
      percent(met.fraction),
      `${percent(met.ci95[0])} to ${percent(met.ci95[1])}`,
      `${kept ? 'yes' : 'no'}${certain ? '' : ', not certain'}`,
    ]),
  }
}
