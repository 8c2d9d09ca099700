import type { Deployment } from '../deployment/deployment.ts'

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
    })),
    scales,
    adc: {
      thresholdsVolts: adc.thresholds,
      dacCodes: adc.dacCodes,
      dacBits: profile.adc.dac.bits,
      search: profile.adc.search,
      unreachableLevels: adc.merged,
    },
    decoder: decoder === null ? 'float' : 'fixed',
  }
}
