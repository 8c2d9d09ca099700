import { basename, dirname, join } from 'node:path'
import { fail } from '../base/errors.ts'
import { kindOfPath, readBounded, readText } from '../base/files.ts'
import { parseJson } from '../base/json.ts'
import { crossbarFromJson } from '../crossbar/circuit-file.ts'
import { isDeployment, profileHash, readDeployment } from '../deployment/store.ts'
import { type DenseLayer, dimensions, type Network } from '../network/network.ts'
import { type NetworkFormat, networkFormat, readNetwork } from '../network/read.ts'
import { formatTask } from '../network/task-format.ts'
import { maxAbs } from '../numerics/matrix.ts'
import { parseNpy } from '../numerics/npy.ts'
import { mean, standardDeviation } from '../numerics/statistics.ts'
import { readProfile } from '../profile/read.ts'
import { plainText } from '../report/study/quantity.ts'
import { requirementText } from '../study/requirement.ts'
import { STUDY_FORMAT } from '../study/spec/fields.ts'
import { isStudy, readStudyFolder } from '../study/store/read-study-file.ts'
import type { Outcome, Run } from './command.ts'
import { decoderFacts, decoderLines } from './decoder-lines.ts'
import { adcLine, deploymentSummary, wireLines } from './deployment-summary.ts'
import { inputOf } from './shared.ts'
import { columns, count, quantityText } from './style.ts'

const FORMATS: Readonly<Record<NetworkFormat, string>> = {
  safetensors: 'safetensors, the native format of ohmbit',
  onnx: 'onnx',
  npz: 'npz weights',
  json: 'json weights',
}

const NPY_MAGIC = '\u0093NUMPY'

export const run: Run = async ({ args }) => {
  const path = args[0]!
  if ((await kindOfPath(path)) === 'folder') {
    if (await isDeployment(path)) return inspectDeployment(path)
    if (await isStudy(path)) return inspectStudy(path)
    fail('OHM1003', `${path} is a folder without a deployment.json or study.json`, { at: { file: path } })
  }
  const bytes = await readBounded(path)
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 6)) === NPY_MAGIC) return inspectData(path)
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 19)) === 'ohmbit checkpoint 1')
    return {
      result: { kind: 'checkpoint' },
      text: `${path}: where a training run stands; \`ohmbit train ... -o ${path.replace(/\.checkpoint$/, '')} --resume\` goes on with it`,
      inputs: [await inputOf(path)],
    }
  if (basename(path) === 'decoder.json' && (await isDeployment(dirname(path)))) return inspectDecoder(path)
  if (path.toLowerCase().endsWith('.json')) {
    const value = parseJson(await readText(path), path).value as Record<string, unknown> | null
    const format = typeof value === 'object' && value !== null ? value['format'] : undefined
    if (typeof format === 'string' && format.startsWith('ohmbit/profile/')) return inspectProfile(path)
    if (typeof format === 'string' && format.startsWith('ohmbit/crossbar/')) return inspectCrossbar(path, value)
    if (typeof format === 'string' && format.startsWith('ohmbit/deployment/'))
      return inspectDeployment(join(path, '..'))
    if (typeof format === 'string' && format.startsWith('ohmbit/study-folder/')) return inspectStudy(join(path, '..'))
    if (format === STUDY_FORMAT)
      return {
        result: { kind: 'study-file', format },
        text: `${path}: a study; what it costs: ohmbit study run ${path} --dry-run`,
        inputs: [await inputOf(path)],
      }
    if (typeof format === 'string')
      return {
        result: { kind: 'other', format },
        text: `${path}: ${format}`,
        inputs: [await inputOf(path)],
      }
  }
  return inspectNetwork(path, networkFormat(bytes, basename(path)))
}

async function inspectNetwork(path: string, format: NetworkFormat): Promise<Outcome> {
  const network = await readNetwork(path)
  return {
    result: { kind: 'network', format, ...networkFacts(network) },
    text: networkText(network, format),
    inputs: [await inputOf(path)],
  }
}

const layerFacts = (l: DenseLayer) => ({
  inputs: l.weight.cols,
  outputs: l.weight.rows,
  activation: l.activation,
  weightMaximum: maxAbs(l.weight),
  biasMaximum: maxAbs(l.bias),
})

function networkFacts(network: Network) {
  return {
    name: network.name,
    ...dimensions(network),
    encoder: network.encoder.map(layerFacts),
    quantizer: {
      thresholds: network.quantizer.thresholds,
      levels: network.quantizer.levels,
      compare: network.quantizer.compare,
      levelRule: network.quantizer.levelRule,
    },
    decoder: network.decoder.map(layerFacts),
    parameters: [...network.encoder, ...network.decoder].reduce((n, l) => n + l.weight.data.length + l.bias.length, 0),
    task: network.task,
    provenance: network.provenance,
  }
}

function networkText(network: Network, format: NetworkFormat): string {
  const facts = networkFacts(network)
  const layer = (part: string) => (l: ReturnType<typeof layerFacts>, i: number) => [
    `  ${part} ${i}`,
    `${l.inputs} -> ${l.outputs}`,
    l.activation,
    `max |w| ${l.weightMaximum.toPrecision(4)}`,
    `max |b| ${l.biasMaximum.toPrecision(4)}`,
  ]
  const list = (x: Float64Array) =>
    Array.from(x.subarray(0, 8), (v) => v.toPrecision(4)).join(' ') + (x.length > 8 ? ` ... (${x.length})` : '')
  return [
    `network ${network.name}: ${facts.inputs} measurements, ${facts.channels} channels of ${facts.levels} levels, ${facts.outputs} outputs, ${facts.parameters} parameters`,
    columns([...facts.encoder.map(layer('encoder')), ...facts.decoder.map(layer('decoder'))]),
    `  quantizer: code = number of thresholds ${network.quantizer.compare === 'gt' ? '<' : '<='} x`,
    `    thresholds ${list(network.quantizer.thresholds)}`,
    `    levels     ${list(network.quantizer.levels)}  (${network.quantizer.levelRule})`,
    `  task: ${network.task === null ? 'none (give --task, or --inputs and --truth)' : formatTask(network.task)}`,
    `  file: ${FORMATS[format]}`,
    ...Object.entries(network.provenance)
      .filter(([key]) => key !== 'format' || format === 'safetensors')
      .map(([key, value]) => `  ${key === 'format' ? 'imported from' : key}: ${value}`),
  ].join('\n')
}

async function inspectProfile(path: string): Promise<Outcome> {
  const profile = await readProfile(path)
  return {
    result: { kind: 'profile', id: profile.id, description: profile.description, source: profile.source },
    text: `profile ${profile.id}: ${profile.description}\n  source: ${profile.source}\n  all values: ohmbit profiles show ${path}`,
    inputs: [await inputOf(path)],
    profile: { id: profile.id, sha256: profileHash(profile) },
  }
}

async function inspectCrossbar(path: string, value: unknown): Promise<Outcome> {
  const { name, conductance, wires, inputs } = crossbarFromJson(value)
  const siemens = (x: number) => quantityText(x, 'S')
  const low = conductance.data.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  return {
    result: {
      kind: 'crossbar',
      name,
      wordLines: conductance.rows,
      bitLines: conductance.cols,
      wires,
      vectors: inputs.rows,
      conductance: { minimum: low, maximum: maxAbs(conductance) },
    },
    text: [
      `crossbar ${name}: ${count(conductance.rows, 'word line')} x ${count(conductance.cols, 'bit line')}, ${count(inputs.rows, 'input vector')}`,
      `  conductances ${siemens(low)} to ${siemens(maxAbs(conductance))}`,
      `  ohm: word segment ${wires.wordSegment}, bit segment ${wires.bitSegment}, driver ${wires.driver}, sense ${wires.sense}`,
      `  solve: ohmbit crossbar solve ${path}`,
    ].join('\n'),
    inputs: [await inputOf(path)],
  }
}

async function inspectStudy(folder: string): Promise<Outcome> {
  const { study, version, engine } = await readStudyFolder(folder)
  const { name, kind, chips, seed, metric, points, axes, networks, requirement } = study
  return {
    result: {
      ...{ kind: 'study', name, study: kind, version, kernels: engine, chips, seed, metric, points: points.length },
      ...{ axes: axes.map(({ path }) => path), networks: networks.map((n) => n.name), profile: study.profile.id },
      requirement: requirement === null ? null : requirementText(requirement),
    },
    text: [
      `study ${plainText(name)}: ${kind}, ${networks.map((n) => plainText(n.name)).join(', ')} on ${study.profile.id}`,
      `  ${count(points.length, 'point')}, ${study.until === null ? '' : 'at most '}${count(chips, 'chip')} a point, ${count(networks[0]!.inputs.rows, 'vector')} a chip, seed ${seed}, scored in ${metric}`,
      ...(axes.length === 0 ? [] : [`  axes: ${axes.map(({ path }) => path).join(', ')}`]),
      ...(requirement === null ? [] : [`  requirement: ${requirementText(requirement)}`]),
      `  how far it is: ohmbit study status ${folder}; what it found: ohmbit study show ${folder}`,
    ].join('\n'),
    inputs: [await inputOf(join(folder, 'study.json'))],
    seed,
    profile: { id: study.profile.id, sha256: profileHash(study.profile) },
  }
}

async function inspectDeployment(folder: string): Promise<Outcome> {
  const deployment = await readDeployment(folder)
  const facts = deploymentSummary(deployment)
  return {
    result: { kind: 'deployment', network: networkFacts(deployment.network), ...facts },
    text: [
      `deployment of ${deployment.network.name} on ${deployment.profile.id}: ${facts.devices} devices`,
      columns(
        facts.layers.map((l, i) => [
          `  encoder ${i}`,
          `${l.inputs} -> ${l.outputs} ${l.activation}`,
          `arrays ${l.arrays.map((a) => `${a.wordLines} x ${a.bitLines}`).join(', ')}`,
          `${quantityText(l.siemensPerUnit, 'S')} a unit`,
          `feedback ${quantityText(l.feedbackOhms, 'ohm')}`,
        ]),
      ),
      ...wireLines(deployment),
      `  ${adcLine(deployment)}`,
      ...(deployment.decoder === null ? ['  decoder: float'] : decoderLines(deployment.decoder)),
      `  signal ranges from ${facts.scales.origin}: input ${facts.scales.input.toPrecision(4)}, layers ${facts.scales.layers.map((x) => x.toPrecision(4)).join(', ')}`,
    ].join('\n'),
    warnings: deployment.warnings,
    inputs: [await inputOf(join(folder, 'deployment.json'))],
    profile: { id: deployment.profile.id, sha256: profileHash(deployment.profile) },
  }
}

/** The fixed-point words of a deployment: a file that only its folder makes sense of. */
async function inspectDecoder(path: string): Promise<Outcome> {
  const folder = dirname(path)
  const { decoder, network } = await readDeployment(folder)
  if (decoder === null) return fail('OHM1301', `the decoder of ${folder} is a float one; ${path} is no part of it`)
  return {
    result: { kind: 'decoder', ...decoderFacts(decoder) },
    text: [
      `fixed-point decoder of the deployment ${folder} (${network.name})`,
      ...decoderLines(decoder),
      `  the whole deployment: ohmbit inspect ${folder}`,
    ].join('\n'),
    inputs: [await inputOf(path)],
  }
}

async function inspectData(path: string): Promise<Outcome> {
  const { shape, data } = parseNpy(await readBounded(path), path)
  const finite = data.filter(Number.isFinite)
  const facts = {
    shape,
    mean: mean(finite),
    standardDeviation: standardDeviation(finite),
    maximum: maxAbs(finite),
    notFinite: data.length - finite.length,
  }
  return {
    result: { kind: 'data', ...facts },
    text: `data ${shape.join(' x ')}: mean ${facts.mean.toPrecision(4)}, standard deviation ${facts.standardDeviation.toPrecision(4)}, largest size ${facts.maximum.toPrecision(4)}, not finite ${facts.notFinite}`,
    inputs: [await inputOf(path)],
  }
}
