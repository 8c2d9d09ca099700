/**
 * What the simulator says a deck's nodes are at: the numbers a circuit simulator has to confirm.
 */
import { convert, presented } from '../../adc/convert.ts'
import { encodeTrace } from '../../deployment/encode.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { type Matrix, matrix, row } from '../../numerics/matrix.ts'
import type { Profile } from '../../profile/profile.ts'

/** One node of a deck and its value for every vector. */
export interface Probe {
  readonly node: string
  /** `code`: a whole number of volts. */
  readonly kind: 'amplifier' | 'output' | 'held' | 'code' | 'bitLine' | 'inside' | 'noise' | 'threshold'
  /** Encoder layer of an amplifier or output. */
  readonly layer: number | null
  /** Output, channel or bit line; device of a node inside an array. */
  readonly index: number
  readonly values: readonly number[]
}

/** A profile whose ADC decides as a static circuit does: no droop, hysteresis or DAC settling. */
export function staticAdc(profile: Profile): Profile {
  const { adc } = profile
  return {
    ...profile,
    adc: {
      ...adc,
      hold: { ...adc.hold, droop: 0 },
      comparator: { ...adc.comparator, hysteresis: 0 },
      dac: { ...adc.dac, settlingError: 0 },
    },
  }
}

/** What of the ADC the static ladder leaves out although the profile has it. */
export function leftOut(profile: Profile): string[] {
  const { adc, device, periphery } = profile
  const parts: [string, boolean][] = [
    ['read noise', device.readNoise.model !== 'none' && device.readNoise.scale !== 0],
    ['noise of the columns', periphery.tia.bandwidth !== null],
    ['comparator noise', adc.comparator.noise !== 0],
    ['kT/C noise', adc.hold.capacitance !== null],
    ['metastability', adc.comparator.metaWindow !== 0],
    ['droop', adc.hold.droop !== 0],
    ['hysteresis', adc.comparator.hysteresis !== 0],
    ['threshold DAC settling', adc.dac.settlingError !== 0],
  ]
  return parts.filter(([, present]) => present).map(([name]) => name)
}

/** One column a node, read from a vectors x nodes matrix. */
function probes(
  values: { rows: number; cols: number; data: ArrayLike<number> },
  prefix: string,
  kind: Probe['kind'],
  layer: number | null,
): Probe[] {
  return Array.from({ length: values.cols }, (_, index) => ({
    node: `${prefix}_${index}`,
    kind,
    layer,
    index,
    values: Array.from({ length: values.rows }, (_, v) => values.data[v * values.cols + index]!),
  }))
}

/**
 * Comparator inputs and codes of the static ladder.
 *
 * @param volts  vectors x channels, volts at the multiplexer
 */
export function ladderProbes(chip: Chip, volts: Matrix): Probe[] {
  const profile = staticAdc(chip.deployment.profile)
  const { codes } = convert(volts, chip.deployment.adc, chip.adc, profile, null)
  const limit = profile.adc.clip ? profile.adc.fullScale : Number.POSITIVE_INFINITY
  const held = matrix(volts.rows, volts.cols)
  for (let v = 0; v < volts.rows; v++)
    presented(
      row(volts, v).map((x) => Math.min(Math.max(x, -limit), limit)),
      chip.adc,
      profile,
      null,
      row(held, v),
    )
  return [...probes(held, 'held', 'held', null), ...probes(codes, 'code', 'code', null)]
}

/** Input volts and every probed node of the whole encoder. @param inputs vectors x measurements, network units */
export function encoderProbes(chip: Chip, inputs: Matrix): { drive: Matrix; probes: Probe[] } {
  const trace = encodeTrace(chip, inputs, { noise: false })
  const layers = trace.amplifier.flatMap((amplifier, l) => [
    ...probes(amplifier, `l${l}_amp`, 'amplifier', l),
    ...probes(trace.output[l]!, `l${l}_out`, 'output', l),
  ])
  return { drive: trace.input, probes: [...layers, ...ladderProbes(chip, trace.output.at(-1)!)] }
}

/**
 * Outputs of one array's transimpedance amplifiers: -rf I.
 *
 * @param amps  vectors x bitLines
 */
export function bitLineProbes(amps: Matrix, feedbackOhms: number): Probe[] {
  return probes({ ...amps, data: amps.data.map((a) => -feedbackOhms * a) }, 'tia', 'bitLine', null)
}
