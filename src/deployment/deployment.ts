import type { AdcDesign } from '../adc/design.ts'
import type { Warning } from '../base/errors.ts'
import type { MappedLayer } from '../crossbar/mapping.ts'
import type { WireReport } from '../crossbar/wire-correction.ts'
import type { FixedDecoder } from '../decoder/build.ts'
import type { Activation, Network } from '../network/network.ts'
import type { Matrix } from '../numerics/matrix.ts'
import type { ChipKey } from '../numerics/random.ts'
import type { Profile } from '../profile/profile.ts'
import type { InputEncoding } from './input-encoding.ts'
import type { PartialSums } from './partial-sums.ts'

/** Signal ranges in network units, from calibration; everything that turns units into volts follows from them. */
export interface Scales {
  /** |input| at full scale. */
  readonly input: number
  /** |output| at full scale, a layer. */
  readonly layers: readonly number[]
  /** Where they come from. */
  readonly origin: 'given' | 'task' | 'standard-normal'
}

/** One encoder layer on hardware. */
export interface DeployedLayer extends MappedLayer {
  readonly activation: Activation
  readonly inputs: number
  readonly outputs: number
  /** volts per unit on the word lines */
  readonly inputVoltsPerUnit: number
  /** volts on the bias word line, and the same in units of the layer's input */
  readonly biasVolts: number
  readonly biasUnits: number
  /** volts per unit between amplifier and activation stage */
  readonly amplifierVoltsPerUnit: number
  /** ohm; amplifier volts = feedback x (I+ - I-) */
  readonly feedbackOhms: number
  /** volts per unit at the output */
  readonly outputVoltsPerUnit: number
  readonly encoding: InputEncoding
  /** Converters of digitised partial sums; null: currents are added, or converted exactly. */
  readonly partialSums: PartialSums | null
  /** Gain of each output's amplifier against the wires; null = 1 for all. */
  readonly outputGain: Float64Array | null
  /** What was done against the wires and what is left; null: nothing was done. */
  readonly wireReport: WireReport | null
}

/** Network x Profile, deterministic: what would be built if every device did as told. */
export interface Deployment {
  readonly format: 'ohmbit/deployment/1'
  readonly network: Network
  readonly profile: Profile
  readonly scales: Scales
  readonly layers: readonly DeployedLayer[]
  readonly adc: AdcDesign
  /** null: float decoder */
  readonly decoder: FixedDecoder | null
  /** 256 input vectors that the ranges were taken from, for `verify` and for a `simulate` without data. */
  readonly calibration: Matrix
  readonly warnings: readonly Warning[]
  /** The chip whose codes the digital half was trained on; absent: any chip's. */
  readonly adaptedTo?: ChipKey
}
