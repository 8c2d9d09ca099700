/**
 * What the activation stages of a layer do: the function itself, or the table that was measured of a circuit which
 * stands for it.
 */
import type { Warning } from '../base/errors.ts'
import { activationFunctions } from '../network/activation.ts'
import { type Curve, curveAt, curveOf, isBeyond } from '../numerics/curve.ts'
import type { Profile } from '../profile/profile.ts'
import type { DeployedLayer } from './deployment.ts'

type Transfer = Profile['periphery']['activation']['transfer']

const curves = new WeakMap<NonNullable<Transfer['table']>, Curve>()

/** The measured curve of a layer's stages, output against input in units of the function; null: the function itself. */
export function measuredStage({ activation }: Pick<DeployedLayer, 'activation'>, profile: Profile): Curve | null {
  const { model, function: standsFor, table } = profile.periphery.activation.transfer
  if (model === 'ideal' || table === null || activation !== standsFor) return null
  const known = curves.get(table)
  if (known !== undefined) return known
  const curve = curveOf(table)
  curves.set(table, curve)
  return curve
}

/** The function of a layer's stages. */
export function stageFunction(layer: Pick<DeployedLayer, 'activation'>, profile: Profile): (x: number) => number {
  const curve = measuredStage(layer, profile)
  return curve === null ? activationFunctions[layer.activation] : (x) => curveAt(curve, x)
}

/**
 * Stages of one output after the other, in place: outGain curve(x) + outOffset.
 *
 * @param x        outputs x stride, units of the function
 * @param vectors  of a row that count; what fills it up is computed and not counted
 * @returns        inputs outside the table
 */
export function applyCurve(
  curve: Curve,
  x: Float64Array,
  vectors: number,
  stride: number,
  outGain: ArrayLike<number>,
  outOffset: ArrayLike<number>,
): number {
  let beyond = 0
  for (let o = 0; o < outGain.length; o++)
    for (let v = 0; v < stride; v++) {
      const k = o * stride + v
      if (v < vectors && isBeyond(curve, x[k]!)) beyond++
      x[k] = outGain[o]! * curveAt(curve, x[k]!) + outOffset[o]!
    }
  return beyond
}

/** Layers whose stages a measured table does not concern. */
export function transferWarnings(profile: Profile, layers: readonly Pick<DeployedLayer, 'activation'>[]): Warning[] {
  const { model, function: standsFor } = profile.periphery.activation.transfer
  if (model === 'ideal') return []
  const others = layers.flatMap(({ activation }, l) => (activation === standsFor ? [] : [`${l} (${activation})`]))
  if (others.length === 0) return []
  return [
    {
      code: 'OHM2009',
      message: `the measured activation stage stands for ${standsFor}; ${
        others.length === layers.length ? 'no encoder layer has it: ' : ''
      }the stages of encoder layer${others.length === 1 ? '' : 's'} ${others.join(', ')} stay ideal`,
      at: { pointer: '/periphery/activation/transfer' },
    },
  ]
}
