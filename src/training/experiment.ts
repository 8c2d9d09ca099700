/**
 * What a training run is: task, shapes, schedules, seeds. Everything that its result depends on, but own data.
 */
import type { LevelRule } from '../network/network.ts'
import type { Task } from '../network/task.ts'
import type { MetricName } from '../task/metric.ts'
import type { Loss } from './machine.ts'
import type { ModelShape } from './model.ts'
import type { Schedule } from './schedule.ts'

/**
 * How the quantizer is trained through.
 *
 * - soft: the soft quantizer's own gradient
 * - straight-through: the gradient passes where the quantizer is not saturated. [0] "DeepVQCS-STE"
 * - blend: from the second to the first by `blend`. [0] eq. (32)
 * - passing-noise: noise of the width of a cell instead of the quantizer, the gradient passes. [1] sec. 3.2
 */
export const GRADIENT_RULES = ['blend', 'soft', 'straight-through', 'passing-noise'] as const
export type GradientRule = (typeof GRADIENT_RULES)[number]

export interface Experiment {
  readonly name: string
  /** null: own data. */
  readonly task: Task | null
  readonly metric: MetricName
  readonly shape: ModelShape
  readonly loss: Loss
  readonly quantizer: {
    /** Thresholds begin evenly on +-range. */
    readonly range: number
    /** Sum of the amplitudes at the begin. */
    readonly amplitude: number
    readonly learnAmplitudes: boolean
    readonly learnThresholds: boolean
    readonly levelRule: Exclude<LevelRule, 'given'>
  }
  readonly gradient: GradientRule
  readonly iterations: number
  readonly batch: number
  /** Vectors of the training set; batches are drawn from it with replacement. */
  readonly samples: number
  readonly seed: number
  /** Runs from different beginnings; validation chooses. */
  readonly restarts: number
  readonly rate: Schedule
  /** Of amplitudes and thresholds. */
  readonly quantizerRate: Schedule
  readonly steepness: Schedule
  readonly blend: Schedule
  readonly adam: { readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  readonly validation: {
    /** Vectors. */
    readonly samples: number
    /** Iterations between two looks. */
    readonly every: number
    /** Looks without a better score after which training ends; null = never. */
    readonly patience: number | null
  }
  /** Least squares for the last digital layer, where it is linear, on the codes of the hard quantizer. */
  readonly refit: boolean
}
