import { fail } from '../base/errors.ts'
import { applyLayers } from '../network/forward.ts'
import type { DenseLayer, Network } from '../network/network.ts'
import { formatTask } from '../network/task-format.ts'
import { head, type Matrix, matrix, maxAbs } from '../numerics/matrix.ts'
import { normalAt, site, stages } from '../numerics/random.ts'
import { generateSamples } from '../task/generate.ts'
import { taskShape } from '../task/sensing.ts'
import type { Scales } from './deployment.ts'

/** Vectors drawn for calibration when none are given, and vectors kept in a deployment. */
export const CALIBRATION = { samples: 4096, kept: 256, seed: 0 } as const

/** Full scales, in network units, that volts can be assigned to. */
const RANGE = { low: 1e-100, high: 1e100 } as const

const HEADROOM = 1.1
const THRESHOLD_HEADROOM = 1.25

/** Calibration vectors: given, else from the task (seed 0), else standard normal. vectors x measurements */
export function calibrationVectors(
  network: Network,
  given: Matrix | null,
): { inputs: Matrix; origin: Scales['origin'] } {
  if (given !== null) return { inputs: given, origin: 'given' }
  if (network.task !== null) {
    const { inputs } = taskShape(network.task)
    const wanted = network.encoder[0]!.weight.cols
    if (inputs !== wanted)
      fail(
        'OHM1109',
        `the task ${formatTask(network.task)} gives ${inputs} measurements; the network takes ${wanted}`,
        {
          hint: 'correct the task (--task), or give calibration vectors (--calibrate)',
        },
      )
    return {
      inputs: generateSamples(network.task, { samples: CALIBRATION.samples, seed: CALIBRATION.seed }).inputs,
      origin: 'task',
    }
  }
  const inputs = matrix(CALIBRATION.samples, network.encoder[0]!.weight.cols)
  const at = site(stages.calibration, 'calibration')
  const key = { seed: CALIBRATION.seed, chip: 0 }
  for (let v = 0; v < inputs.rows; v++)
    for (let i = 0; i < inputs.cols; i++) inputs.data[v * inputs.cols + i] = normalAt(key, at, i, 0, v)
  return { inputs, origin: 'standard-normal' }
}

/**
 * Full scales in network units.
 *
 * Input and hidden linear or relu layers: calibration maximum x 1.1; tanh and sigmoid layers: 1; a linear or relu last
 * layer: 1.25 max |t_k|, or the calibration maximum where there is one threshold only (I = 2).
 */
export function scalesOf(network: Network, inputs: Matrix, origin: Scales['origin']): Scales {
  const nonZero = (x: number) => (x > 0 ? x : 1)
  const { thresholds } = network.quantizer
  const layers: number[] = []
  let a = inputs
  for (const [l, layer] of network.encoder.entries()) {
    a = applyLayers([layer], a)
    layers.push(fullScale(layer, l === network.encoder.length - 1, a))
  }
  const input = nonZero(HEADROOM * maxAbs(inputs))
  // Volts per unit and its inverse must both be ordinary numbers.
  for (const [place, scale] of [['input', input] as const, ...layers.map((x, l) => [`encoder.${l}`, x] as const)])
    if (!(scale > RANGE.low && scale < RANGE.high))
      fail(
        'OHM1110',
        `the full scale of ${place} would be ${scale}; signals must lie between ${RANGE.low} and ${RANGE.high}`,
        {
          at: { pointer: place },
          hint: 'check the units of the calibration vectors and of the network',
        },
      )
  return { input, layers, origin }

  function fullScale(layer: DenseLayer, last: boolean, output: Matrix): number {
    if (layer.activation === 'tanh' || layer.activation === 'sigmoid') return 1
    if (!last) return nonZero(HEADROOM * maxAbs(output))
    return nonZero(thresholds.length > 1 ? THRESHOLD_HEADROOM * maxAbs(thresholds) : maxAbs(output))
  }
}

/** The vectors a deployment keeps. */
export function keptVectors(inputs: Matrix): Matrix {
  const kept = head(inputs, CALIBRATION.kept)
  return { ...kept, data: kept.data.slice() }
}
