/**
 * Activation stages that follow a measured table: the same straight lines between the same points as in the simulator.
 */
import { measuredStage } from '../../deployment/activation-stage.ts'
import type { DeployedLayer } from '../../deployment/deployment.ts'
import type { Profile } from '../../profile/profile.ts'
import { anchor, follower } from './build.ts'
import type { Subcircuit } from './circuit.ts'
import { call, lines, over, parameter, plus, times, volts } from './expression.ts'

/** The cell of a layer's activation stages. */
export function stageCell(layer: Pick<DeployedLayer, 'activation'>, profile: Profile): string {
  return measuredStage(layer, profile) === null ? `ob_${layer.activation}` : `measured_${layer.activation}`
}

/** The subcircuit of the profile's measured stage, with pins and parameters of ob_tanh; none where no layer has it. */
export function stageSubcircuits(
  layers: readonly Pick<DeployedLayer, 'activation'>[],
  profile: Profile,
): readonly Subcircuit[] {
  const { table } = profile.periphery.activation.transfer
  const layer = layers.find((l) => measuredStage(l, profile) !== null)
  if (layer === undefined || table === null) return []
  // ngspice goes on along the last line: constant beyond is said of the argument.
  const within = call('min', call('max', over(volts('in'), parameter('vin')), table[0]![0]), table.at(-1)![0])
  const value = lines(within, table)
  return [
    {
      name: stageCell(layer, profile),
      about: [
        `measured activation stage for ${layer.activation}, ${table.length} points: out = gain vout table(v(in) / vin) + offset`,
      ],
      pins: ['in', 'out'],
      parameters: { vin: 1, vout: 1, gain: 1, offset: 0 },
      elements: [
        follower('out', plus(times(times(parameter('gain'), parameter('vout')), value), parameter('offset'))),
        anchor('out'),
      ],
    },
  ]
}
