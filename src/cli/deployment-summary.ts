import { conversionTime } from '../adc/convert.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { decoderFacts } from './decoder-lines.ts'
import { count, quantityText } from './style.ts'

/** The numbers of a deployment that fit on a screen, for `deploy` and `inspect`. */
export function deploymentSummary(deployment: Deployment) {
  const { layers, adc, profile, decoder, scales } = deployment
  const devices = layers.flatMap((l) => l.tiles).reduce((n, t) => n + t.target.rows * t.target.cols, 0)
  return {
    profile: profile.id,
    devices,
    layers: layers.map((l) => ({
      inputs: l.inputs,
      outputs: l.outputs,
      activation: l.activation,
      arrays: l.tiles.map((t) => ({ wordLines: t.target.rows, bitLines: t.target.cols })),
      weightMaximum: l.weightMaximum,
      siemensPerUnit: l.scale,
      clippedWeights: l.clipped,
      feedbackOhms: l.feedbackOhms,
      inputVoltsPerUnit: l.inputVoltsPerUnit,
      outputVoltsPerUnit: l.outputVoltsPerUnit,
      ...(l.wireReport === null ? {} : { wires: l.wireReport }),
    })),
    scales,
    adc: {
      thresholdsVolts: adc.thresholds,
      dacCodes: adc.dacCodes,
      dacBits: profile.adc.dac.bits,
      architecture: profile.adc.architecture,
      search: profile.adc.search,
      conversion: conversionTime(adc.thresholds.length + 1, layers.at(-1)!.outputs, profile.adc),
      ...(adc.sar === undefined ? {} : { storedLevels: adc.sar.stored, residual: adc.sar.residual }),
      unreachableLevels: adc.merged,
    },
    decoder: decoder === null ? 'float' : 'fixed',
    fixedDecoder: decoder === null ? null : decoderFacts(decoder),
  }
}

/** What the converter is and how long it takes, in one line. */
export function adcLine({ adc, layers, profile }: Deployment): string {
  const { architecture, dac, memristor, search } = profile.adc
  const { cycles, seconds } = conversionTime(adc.thresholds.length + 1, layers.at(-1)!.outputs, profile.adc)
  const levels =
    adc.sar !== undefined
      ? `stored levels of ${count(memristor.levelBits, 'bit')}, thresholds off by up to ${quantityText(adc.sar.residual.largest, 'V')}`
      : dac.bits === null
        ? 'unquantized DAC'
        : `${dac.bits}-bit DAC`
  return [
    `${architecture} ADC: ${count(adc.thresholds.length, 'threshold')}`,
    levels,
    ...(architecture === 'flash' ? [] : [`${search} search`]),
    `${count(cycles, 'cycle')} a channel at most`,
    `${quantityText(seconds, 's')} for ${count(layers.at(-1)!.outputs, 'channel')}`,
  ].join(', ')
}

/** One line a layer that was corrected against its wires. */
export function wireLines(deployment: Deployment): string[] {
  const percent = (share: number) => `${(100 * share).toPrecision(2)} %`
  return deployment.layers.flatMap(({ wireReport: report }, l) =>
    report === null
      ? []
      : [
          `  encoder ${l}: wires change the weights by ${percent(report.before.relative)}, after ${report.correction} correction by ${percent(report.after.relative)} (largest ${percent(report.after.largest)})${report.headroom < 1 ? `, amplifier gains up to ${(1 / report.headroom).toPrecision(3)}` : ''}`,
        ],
  )
}
