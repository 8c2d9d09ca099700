import { designAdc } from '../adc/design.ts'
import { fail, type Warning } from '../base/errors.ts'
import { knownOptions } from '../base/options.ts'
import { mapLayer } from '../crossbar/mapping.ts'
import { correctWires } from '../crossbar/wire-correction.ts'
import { hasWires } from '../crossbar/wires.ts'
import { buildFixedDecoder } from '../decoder/build.ts'
import { checkNetwork } from '../network/check.ts'
import { forward } from '../network/forward.ts'
import type { DenseLayer, Network } from '../network/network.ts'
import { type Matrix, matrix, maxAbs } from '../numerics/matrix.ts'
import { profileWarnings } from '../profile/doubts.ts'
import { lineNeeds } from '../profile/geometry.ts'
import type { Profile } from '../profile/profile.ts'
import { transferWarnings } from './activation-stage.ts'
import type { DeployedLayer, Deployment, Scales } from './deployment.ts'
import { checkFinite } from './finite.ts'
import { inputEncoding } from './input-encoding.ts'
import { withConverters } from './partial-sums.ts'
import { calibrationVectors, keptVectors, scalesOf } from './scales.ts'
import { validityWarnings } from './validity.ts'

/** Arrays a layer: what the random generator's address space has room for. */
const MOST_TILES = 65536
/** Relative error of a layer's matrix that the wires leave, and share of the range they leave, that are worth a warning. */
const WIRE_LIMITS = { error: 0.01, headroom: 0.1 } as const

export interface DeployOptions {
  /** vectors x measurements; sets the signal ranges */
  readonly calibration?: Matrix
  /** Ranges of another deployment of the same network, with the vectors it kept: for paired comparisons. */
  readonly like?: Pick<Deployment, 'scales' | 'calibration' | 'adaptedTo'>
}

/**
 * Put a network on hardware: conductance targets, voltage scales, threshold DAC codes, fixed-point words.
 *
 * Pure and deterministic: equal input gives equal output, bit for bit.
 *
 * @throws OHM1110 calibration vectors of the wrong width, OHM2003 an array too small, OHM4001 an accumulator too narrow
 */
export function deploy(network: Network, profile: Profile, options: DeployOptions = {}): Deployment {
  knownOptions<DeployOptions>('deploy', options, { calibration: true, like: true })
  checkNetwork(network)
  const warnings: Warning[] = []
  const inputs = network.encoder[0]!.weight.cols
  if (options.calibration !== undefined && options.calibration.cols !== inputs)
    fail('OHM1110', `calibration vectors have ${options.calibration.cols} entries; the network takes ${inputs}`)
  if (options.calibration !== undefined) checkFinite('calibration vectors', options.calibration)
  checkRoom(profile)

  let { scales, calibration } = options.like ?? { scales: null, calibration: null }
  if (scales === null || calibration === null) {
    const found = calibrationVectors(network, options.calibration ?? null)
    scales = scalesOf(network, found.inputs, found.origin)
    calibration = keptVectors(found.inputs)
  }
  if (scales.origin === 'standard-normal')
    warnings.push({
      code: 'OHM5001',
      message: 'signal ranges come from standard normal vectors: no calibration vectors and no task were given',
    })

  warnings.push(...profileWarnings(profile))

  const designed = network.encoder.map((layer, l) => deployLayer(layer, l, network.encoder.length, scales, profile))
  const layers = withConverters(designed, network, profile, calibration)
  const most = layers.findIndex((layer) => layer.tiles.length > MOST_TILES)
  if (most >= 0)
    fail(
      'OHM2003',
      `encoder layer ${most} needs ${layers[most]!.tiles.length} arrays; at most ${MOST_TILES} are possible`,
      {
        at: { pointer: '/crossbar/wordLines' },
        hint: 'use larger arrays',
      },
    )
  for (const [l, layer] of layers.entries())
    if (layer.clipped > 0)
      warnings.push({
        code: 'OHM2002',
        message: `${layer.clipped} weights of encoder layer ${l} clip at ${layer.weightMaximum.toPrecision(4)} (largest ${layer.excess.toFixed(2)} times that)`,
        at: { pointer: `encoder.${l}` },
      })
  const culprits = [
    ...(hasWires(profile.crossbar.wires) ? ['wires'] : []),
    ...(profile.device.accessTransistor.resistance > 0 ? ['access transistors'] : []),
  ].join(' and ')
  for (const [l, { wireReport }] of layers.entries()) {
    if (wireReport === null) continue
    const { correction, before, after, headroom } = wireReport
    if (after.relative > WIRE_LIMITS.error)
      warnings.push({
        code: 'OHM2006',
        message: `${culprits} still change the weights of encoder layer ${l} by ${percent(after.relative)} after ${correction} correction (${percent(before.relative)} without)`,
        at: { pointer: `encoder.${l}` },
      })
    if (headroom < WIRE_LIMITS.headroom)
      warnings.push({
        code: 'OHM2006',
        message: `${culprits} leave an output of encoder layer ${l} ${percent(headroom)} of the conductance range; its amplifier multiplies noise and errors by ${(1 / headroom).toPrecision(2)}`,
        at: { pointer: `encoder.${l}` },
      })
  }
  warnings.push(...validityWarnings(profile, layers), ...transferWarnings(profile, layers))

  const adc = designAdc(network.quantizer, layers.at(-1)!.outputVoltsPerUnit, profile.adc)
  if (adc.merged > 0)
    warnings.push({
      code: 'OHM3001',
      message: `${adc.merged} of ${adc.thresholds.length} thresholds ${adc.sar === undefined ? 'share a DAC code' : 'coincide'} with their neighbour; as many levels are unreachable`,
      at: { pointer: adc.sar === undefined ? '/adc/dac/bits' : '/adc/memristor/levelBits' },
    })
  if (adc.outside > 0)
    warnings.push({
      code: 'OHM3002',
      message: `${adc.outside} thresholds lie outside the DAC's +-${profile.adc.fullScale} V and take its end codes`,
      at: { pointer: '/adc/fullScale' },
    })
  if (network.quantizer.levels.some((g, k, all) => k > 0 && g < all[k - 1]!))
    warnings.push({ code: 'OHM3003', message: 'the reproduction levels do not ascend with the code' })

  const decoder =
    profile.decoder.arithmetic === 'fixed'
      ? buildFixedDecoder(network, profile.decoder, forward(network, calibration).codes)
      : null
  const clippedWords = decoder === null ? 0 : decoder.layers.reduce((n, layer) => n + layer.saturatedWeights, 0)
  if (clippedWords > 0)
    warnings.push({
      code: 'OHM4002',
      message: `${clippedWords} decoder weights saturate in the formats of least output error`,
      at: { pointer: '/decoder/weightBits' },
    })
  const adaptedTo = options.like?.adaptedTo
  return {
    ...{ format: 'ohmbit/deployment/1', network, profile, scales, layers, adc, decoder, calibration, warnings },
    ...(adaptedTo === undefined ? {} : { adaptedTo }),
  }
}

/** @throws OHM2003 an array has no room for one word and one output */
function checkRoom({ device, crossbar }: Profile): void {
  const needs = lineNeeds({ device, crossbar })
  const least = needs.bitLinesPerOutput + needs.sharedBitLines
  const lines = [
    ['bitLines', 'bit', 'output', least],
    ['wordLines', 'word', 'word', needs.wordLinesPerWord],
  ] as const
  for (const [key, name, item, wanted] of lines)
    if (crossbar[key] < wanted)
      fail(
        'OHM2003',
        `an array of ${crossbar[key]} ${name} lines has no room for one ${item}: mapping ${crossbar.mapping}, layout ${crossbar.layout}, ${device.devicesPerSide} devices a side`,
        { at: { pointer: `/crossbar/${key}` }, hint: `use at least ${wanted}` },
      )
}

const percent = (share: number) => `${(100 * share).toPrecision(2)} %`

function deployLayer(layer: DenseLayer, index: number, count: number, scales: Scales, profile: Profile): DeployedLayer {
  const { periphery, crossbar, device } = profile
  const { rows: outputs, cols: inputs } = layer.weight
  const first = index === 0
  const last = index === count - 1
  const driveVolts = first ? periphery.input.fullScale : periphery.activation.fullScale
  const driveUnits = first ? scales.input : scales.layers[index - 1]!
  const inputVoltsPerUnit = driveVolts / driveUnits

  // The bias line is driven with one unit, or with what makes the largest bias use the range; never beyond full scale.
  const weightSize = maxAbs(layer.weight)
  const biasSize = maxAbs(layer.bias)
  const wanted = crossbar.biasDrive === 'matched' && biasSize > 0 && weightSize > 0 ? biasSize / weightSize : 1
  const biasUnits = Math.min(wanted, driveUnits)

  const extended = matrix(outputs, inputs + 1)
  for (let o = 0; o < outputs; o++) {
    extended.data.set(layer.weight.data.subarray(o * inputs, (o + 1) * inputs), o * (inputs + 1))
    extended.data[o * (inputs + 1) + inputs] = layer.bias[o]! / biasUnits
  }
  const { mapped, outputGain, wireReport } = correctWires(
    mapLayer(extended, device, crossbar),
    extended,
    device,
    crossbar,
  )

  const outputVolts = last ? profile.adc.fullScale : periphery.activation.fullScale
  const outputUnits = scales.layers[index]!
  const saturating = layer.activation === 'tanh' || layer.activation === 'sigmoid'
  // sigmoid(z) = (1 + tanh(z / 2)) / 2 saturates at twice the argument.
  const amplifierUnits = saturating
    ? periphery.activation.saturation * (layer.activation === 'sigmoid' ? 2 : 1)
    : outputUnits
  const amplifierVoltsPerUnit = (periphery.tia.swing ?? periphery.activation.fullScale) / amplifierUnits
  return {
    ...mapped,
    activation: layer.activation,
    inputs,
    outputs,
    inputVoltsPerUnit,
    biasVolts: biasUnits * inputVoltsPerUnit,
    biasUnits,
    amplifierVoltsPerUnit,
    feedbackOhms: amplifierVoltsPerUnit / (mapped.scale * inputVoltsPerUnit),
    outputVoltsPerUnit: outputVolts / outputUnits,
    encoding: inputEncoding(periphery, index, driveVolts),
    partialSums: null,
    outputGain,
    wireReport,
  }
}
