/** The experiment that a file means: its preset or what it spells out, and what its keys have to do with each other. */
import { OhmbitError, type Problem } from '../base/errors.ts'
import type { Network } from '../network/network.ts'
import { parseTask } from '../network/task-format.ts'
import { taskShape } from '../task/sensing.ts'
import type { Experiment } from './experiment.ts'
import type { ExperimentFile, ExperimentKeys, ScheduleKeys } from './experiment-file.ts'
import { type LayerShape, type ModelShape, parametersOf, shapeOf } from './model.ts'
import { preset, schedulesOf } from './presets.ts'
import type { Schedule } from './schedule.ts'
import { rowLength } from './steps.ts'

/** What a file refers to. */
export interface Referred {
  /** The network of `from`. */
  readonly network?: Network
  /** Of own data. */
  readonly data?: { readonly count: number; readonly inputs: number; readonly truth: number }
}

/** Numbers that training may hold at a time: vectors in single precision, parameters and activations in one memory. */
const MOST = { vectors: 2 ** 29, scored: 2 ** 27, model: 2 ** 28 } as const

/**
 * @throws OHM7002 with everything that is wrong; OHM1109 a task whose numbers do not fit together
 */
export function resolveExperiment(file: ExperimentFile, given: Referred = {}): Experiment {
  const { keys } = file
  const problems: Problem[] = []
  const report = (pointer: string, message: string, hint?: string) => {
    problems.push(file.problem(pointer, message, hint))
  }
  const stop = () => {
    if (problems.length > 0) throw new OhmbitError(problems)
  }
  checkTogether(keys, report)
  const task = keys.task === undefined ? null : taskOf(keys, report)
  stop()
  const base = baseOf(file, given, task, report)
  stop()
  const experiment = withKeys(base!, keys, given, report)
  stop()
  checkExperiment(experiment, keys, given, report)
  stop()
  return experiment
}

type Report = (pointer: string, message: string, hint?: string) => void

function taskOf({ task }: ExperimentKeys, report: Report) {
  try {
    return parseTask(task)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    for (const { message, at } of error.problems) report(`/${at?.pointer ?? 'task'}`, message)
    return null
  }
}

/** Keys that need, or exclude, one another. */
function checkTogether(keys: ExperimentKeys, report: Report): void {
  const { data, hardware } = keys
  if (keys.preset === undefined) {
    if (keys.channels !== undefined)
      report('/channels', 'channels goes with a preset', 'without one, the last layer of the encoder says it')
    if (keys.from === undefined) {
      const missing: string[] = (['encoder', 'decoder', 'levels'] as const).filter((key) => keys[key] === undefined)
      if (keys.task === undefined && data === undefined) missing.unshift('task or data')
      if (missing.length > 0)
        report('', `without a preset or a network to go on from, an experiment needs ${missing.join(', ')}`)
    }
  } else if (keys.encoder !== undefined && keys.channels !== undefined)
    report('/channels', 'channels and encoder contradict each other; the last layer of the encoder says it')
  if (keys.snrDb !== undefined && keys.preset !== 'symbol-detection')
    report('/snrDb', 'snrDb goes with the preset symbol-detection', 'else it stands in the task')
  if (keys.preset !== undefined && keys.snrDb !== undefined && keys.task !== undefined)
    report('/snrDb', 'snrDb stands beside a task, which has its own')
  if (keys.from !== undefined)
    for (const key of ['encoder', 'decoder', 'levels', 'channels'] as const)
      if (keys[key] !== undefined && keys.preset === undefined)
        report(`/${key}`, `${key} is that of the network in "from"`, `leave out ${key}`)
  if (hardware !== undefined && keys.profile === undefined)
    report('/hardware', 'hardware needs a profile', 'add "profile": "ID or file"')
  if (data !== undefined) {
    if ((data.validationInputs === undefined) !== (data.validationTruth === undefined))
      report('/data', 'validationInputs and validationTruth belong together')
    if (keys.samples !== undefined)
      report('/samples', 'samples are drawn from a task; own data are all used', 'leave out samples')
    if (keys.validation?.samples !== undefined)
      report('/validation/samples', 'samples are drawn from a task; own validation vectors are all used')
  }
}

const METRICS = { 'sparse-recovery': 'nmseDb', 'channel-estimation': 'mse', 'symbol-detection': 'ber' } as const

function baseOf(
  { keys, file }: ExperimentFile,
  { network, data }: Referred,
  task: Experiment['task'],
  report: Report,
): Experiment | null {
  const { levels, channels, snrDb, iterations = 100_000 } = keys
  if (keys.preset !== undefined) {
    const options = {
      iterations,
      ...(levels === undefined ? {} : { levels }),
      ...(channels === undefined ? {} : { channels }),
      ...(snrDb === undefined ? {} : { snrDb }),
    }
    const found = preset(keys.preset, options)
    const base = { ...found, task: task ?? found.task }
    const inputs = data?.inputs ?? taskShape(base.task!).inputs
    const shape = shaped(
      keys.encoder ?? found.shape.encoder,
      keys.decoder ?? found.shape.decoder,
      found.shape.steps,
      inputs,
    )
    if (network !== undefined && !sameShape(shapeOf(network), shape))
      report('/from', `the network is ${shapeText(shapeOf(network))}; the experiment asks for ${shapeText(shape)}`)
    return { ...base, shape }
  }
  const purpose = task ?? (data === undefined ? (network?.task ?? null) : null)
  const inputs = data?.inputs ?? (purpose === null ? 0 : taskShape(purpose).inputs)
  const shape = network === undefined ? shaped(keys.encoder!, keys.decoder!, levels! - 1, inputs) : shapeOf(network)
  if (purpose === null && data === undefined) {
    report('/from', 'the network has no task, so there is nothing to draw vectors from', 'add "task" or "data"')
    return null
  }
  const outputs = shape.decoder.at(-1)!.outputs
  const truth = data?.truth ?? taskShape(purpose!).truth
  const metric: Experiment['metric'] =
    keys.metric ?? (purpose === null ? (truth === outputs ? 'nmseDb' : 'ber') : METRICS[purpose.kind])
  const stem = file.replace(/^.*[/\\]/, '').replace(/\.json$/i, '')
  const rule = network?.quantizer.levelRule
  return {
    ...preset('deepvqcs-n20', { iterations }),
    name: network?.name || stem,
    task: purpose,
    metric,
    shape,
    loss: metric === 'ber' ? 'cross-entropy' : 'squared-error',
    quantizer: {
      range: 0.8,
      amplitude: 0.8,
      learnAmplitudes: true,
      learnThresholds: false,
      levelRule: rule === 'soft-midpoint' ? rule : 'saturated',
    },
    samples: 100_000,
  }
}

function withKeys(base: Experiment, keys: ExperimentKeys, { data, network }: Referred, report: Report): Experiment {
  // The schedules of a preset are those of its paper's task; any that are asked for by name replace them.
  const named = keys.schedule ?? (network === undefined ? null : 'fine-tune')
  const { name, metric, loss, gradient, batch, seed, restarts, refit } = keys
  const given = { name, metric, loss, gradient, batch, seed, restarts, refit }
  const own = named === null || (named === 'budget' && keys.preset !== undefined)
  const schedules = own ? base : schedulesOf(named, base.iterations)
  const changed = (key: (typeof SCHEDULE_KEYS)[number]) => changedSchedule(schedules[key], keys[key], `/${key}`, report)
  return {
    ...base,
    ...(Object.fromEntries(SCHEDULE_KEYS.map((key) => [key, changed(key)])) as Record<
      (typeof SCHEDULE_KEYS)[number],
      Schedule
    >),
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Experiment>),
    samples: data?.count ?? keys.samples ?? base.samples,
    quantizer: { ...base.quantizer, ...keys.quantizer },
    adam: { ...base.adam, ...keys.adam },
    validation: { ...base.validation, ...keys.validation },
  }
}

const SCHEDULE_KEYS = ['rate', 'quantizerRate', 'steepness', 'blend'] as const

/** A schedule of its own, or some numbers of the one there is. */
function changedSchedule(there: Schedule, given: ScheduleKeys | undefined, pointer: string, report: Report): Schedule {
  if (given === undefined) return there
  if ('kind' in given) return given as Schedule
  for (const key of Object.keys(given))
    if (!Object.hasOwn(there, key))
      report(
        `${pointer}/${key}`,
        `${key} is no number of a ${there.kind} schedule, which ${pointer.slice(1)} is`,
        `its numbers: ${Object.keys(there).slice(1).join(', ')}; for a schedule of another kind give "kind" too`,
      )
  return { ...there, ...given } as Schedule
}

/** What would fail, or mean nothing, only after hours. */
function checkExperiment(e: Experiment, keys: ExperimentKeys, { data }: Referred, report: Report): void {
  const { encoder, decoder } = e.shape
  const outputs = decoder.at(-1)!.outputs
  const shape = e.task === null ? null : taskShape(e.task)
  const inputs = data?.inputs ?? shape!.inputs
  const truth = data?.truth ?? shape!.truth
  const source = data === undefined ? 'the task gives' : 'the data have'
  if (inputs !== encoder[0]!.inputs)
    report('/from', `${source} ${inputs} measurements; the network takes ${encoder[0]!.inputs}`)
  const at = keys.decoder === undefined ? '' : `/decoder/${decoder.length - 1}/outputs`
  if (e.metric === 'ber') {
    if (!(2 ** truth === outputs || (truth === 1 && Number.isInteger(Math.log2(outputs)) && outputs > 1)))
      report(
        at,
        keys.metric === undefined && e.task === null
          ? `the decoder has ${outputs} outputs; truth of ${truth} columns needs ${truth} as a signal, or ${2 ** truth} as bits`
          : `the decoder has ${outputs} outputs; ${truth} bits are ${2 ** truth} classes`,
      )
  } else {
    if (truth !== outputs) report(at, `the decoder has ${outputs} outputs; ${source} ${truth} components`)
    if (e.loss === 'cross-entropy') report('/loss', 'cross-entropy is for classes: it goes with the metric ber')
  }
  if (e.refit && decoder.at(-1)!.activation !== 'linear')
    report('/refit', `least squares needs a linear last layer; it is ${decoder.at(-1)!.activation}`)
  if (e.refit && e.loss === 'cross-entropy') report('/refit', 'least squares does not go with cross-entropy')
  if (e.shape.steps > 8192 && e.quantizer.levelRule === 'soft-midpoint')
    report('/levels', `soft-midpoint levels are possible up to 8193 levels; here are ${e.shape.steps + 1}`)
  if (e.samples * (inputs + outputs) > MOST.vectors)
    report('/samples', `${e.samples} vectors of ${inputs} + ${outputs} numbers need more memory than there may be`)
  if (data === undefined && e.validation.samples * (inputs + Math.max(truth, outputs)) > MOST.scored)
    report('/validation/samples', `${e.validation.samples} validation vectors need more memory than there may be`)
  const units = [...encoder, ...decoder].reduce((n, layer) => n + layer.outputs, inputs)
  if (5 * parametersOf(e.shape).length + 3 * units * rowLength(e.batch) > MOST.model)
    report('/batch', 'parameters and activations of a batch need more memory than there may be')
}

const shaped = (
  encoder: readonly Pick<LayerShape, 'outputs' | 'activation'>[],
  decoder: readonly Pick<LayerShape, 'outputs' | 'activation'>[],
  steps: number,
  inputs: number,
): ModelShape => {
  const chain = (list: typeof encoder, first: number) =>
    list.map(({ outputs, activation }, l) => ({ inputs: l === 0 ? first : list[l - 1]!.outputs, outputs, activation }))
  return { encoder: chain(encoder, inputs), steps, decoder: chain(decoder, encoder.at(-1)!.outputs) }
}

const sameShape = (a: ModelShape, b: ModelShape) => shapeText(a) === shapeText(b)

/** 10 -> 50 tanh -> 10 tanh | 4 levels | 80 tanh -> 20 linear */
export function shapeText({ encoder, steps, decoder }: ModelShape): string {
  const layers = (list: readonly LayerShape[]) => list.map((l) => `${l.outputs} ${l.activation}`).join(' -> ')
  return `${encoder[0]!.inputs} -> ${layers(encoder)} | ${steps + 1} levels | ${layers(decoder)}`
}
