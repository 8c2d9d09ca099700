/**
 * What the hardware is: plain numbers in SI units, every field filled in. `readProfile` makes one from JSON with
 * units; `fields.ts` holds the unit, range, default and meaning of each field.
 */

export type ProgrammingModel =
  | 'none'
  | 'pcm-nandakumar'
  | 'pcm-joshi'
  | 'pcm-hermes-1'
  | 'pcm-hermes-2'
  | 'reram-wan2022-ibm'
  | 'reram-wan2022-sandia'
  | 'reram-milo2021'
  | 'reram-cmo-0.2'
  | 'reram-cmo-2'
  | 'sonos'
  | 'state-independent'
  | 'normal-independent'
  | 'normal-proportional'
  | 'uniform-independent'
  | 'uniform-proportional'
  | 'lognormal'

export type DriftModel =
  | 'none'
  | 'pcm-nandakumar'
  | 'pcm-hermes-1'
  | 'pcm-hermes-2'
  | 'state-independent'
  | 'fixed'
  | 'reram-cmo'

export type ReadNoiseModel =
  | 'none'
  | 'pcm-nandakumar'
  | 'pcm-hermes-1'
  | 'pcm-hermes-2'
  | 'reram-cmo'
  | 'sonos'
  | 'proportional'
  | 'independent'

export interface Profile {
  readonly format: 'ohmbit/profile/1'
  readonly id: string
  readonly description: string
  /** Where the numbers come from. */
  readonly source: string
  /** What a user must not expect from this profile. */
  readonly notModelled: readonly string[]

  readonly device: {
    /** siemens, 0 <= conductanceMin < conductanceMax */
    readonly conductanceMin: number
    readonly conductanceMax: number
    /** Evenly spaced levels from min to max, an explicit ascending list in siemens, or null: continuous. */
    readonly levels: number | readonly number[] | null
    /** Equal devices in parallel on each side of a pair. */
    readonly devicesPerSide: number
    readonly programming: {
      readonly model: ProgrammingModel
      /** Factor on the model's standard deviation. */
      readonly scale: number
      /** Spread of the generic models: of conductanceMax (independent), of g (proportional), of ln g (lognormal). */
      readonly sigma: number
      /** volts; turns a current-domain model (sonos) into conductances. */
      readonly referenceVoltage: number
    }
    readonly drift: {
      readonly model: DriftModel
      /** Factor on the model's mean and spread of the exponent. */
      readonly scale: number
      /** Mean and spread of nu for `fixed` (spread 0 = the same for all). */
      readonly exponent: number
      readonly exponentSigma: number
      /** seconds; t0 of `fixed`. */
      readonly referenceTime: number
    }
    readonly readNoise: {
      readonly model: ReadNoiseModel
      readonly scale: number
      /** Spread of the generic models: of g (proportional) or of conductanceMax (independent). */
      readonly sigma: number
    }
    /** Probabilities. A device is drawn once into disjoint classes; lines are drawn once each. */
    readonly faults: {
      readonly stuckAtMin: number
      readonly stuckAtMax: number
      readonly stuckAtMid: number
      readonly formingFailure: number
      readonly deadWordLine: number
      readonly deadBitLine: number
    }
  }

  readonly crossbar: {
    readonly mapping: 'differential-one-sided' | 'differential-two-sided'
    /** Which weight becomes the full conductance range. */
    readonly scaling: 'layer-maximum' | 'percentile'
    /** Percentile of |w| for `percentile`; larger weights clip and are counted. */
    readonly percentile: number
    /** Drive of the bias word line: one unit of the layer's input, or the drive at which the largest bias uses the range. */
    readonly biasDrive: 'unit' | 'matched'
    /** Physical word and bit lines of one array; larger layers are tiled, row tiles sum as currents. */
    readonly wordLines: number
    readonly bitLines: number
    /** ohm; segment between neighbouring cells, extra driver and sense resistance. All 0 = no wires. */
    readonly wires: {
      readonly wordSegment: number
      readonly bitSegment: number
      readonly driver: number
      readonly sense: number
    }
  }

  readonly periphery: {
    readonly input: {
      /** volts at full scale of the word-line drive (read voltage). */
      readonly fullScale: number
      /** Input DAC resolution, symmetric, 2^bits - 2 steps; null = unquantized. */
      readonly bits: number | null
      /** Clip inputs at full scale, as a DAC does. */
      readonly clip: boolean
    }
    readonly tia: {
      /** volts; outputs clip at +-swing; null = never. It is also the full scale of the stage before the activation. */
      readonly swing: number | null
      /** Relative, one draw an output. */
      readonly gainSigma: number
      /** volts, one draw an output. */
      readonly offsetSigma: number
    }
    readonly activation: {
      /** volts at one full scale of a layer's output. */
      readonly fullScale: number
      /** Pre-activation (network units) at the full swing before a tanh or sigmoid stage. */
      readonly saturation: number
      /** Relative spread of the stage's amplitude, one draw an output. */
      readonly gainSigma: number
      /** volts at the stage's output, one draw an output. */
      readonly offsetSigma: number
    }
  }

  readonly adc: {
    /** volts; V_FS of the threshold DAC and of the input range. */
    readonly fullScale: number
    /** Clip the input at full scale. */
    readonly clip: boolean
    readonly search: 'binary' | 'linear'
    readonly dac: {
      /** Threshold DAC resolution; null = unquantized. */
      readonly bits: number | null
      /** Relative mismatch of one unit element. */
      readonly unitSigma: number
      /** Remaining share of the step from the threshold before at the strobe (exp(-t/tau)). */
      readonly settlingError: number
    }
    /** volts; extra independent error of each realised threshold, one draw a threshold, shared by all channels. */
    readonly thresholdSigma: number
    readonly comparator: {
      /** volts, one draw a chip */
      readonly offsetSigma: number
      /** volts rms, fresh each compare */
      readonly noise: number
      /** volts */
      readonly hysteresis: number
      /** volts; inside it the decision is a fair coin */
      readonly metaWindow: number
    }
    /** Share of the channel before that leaks in. */
    readonly crosstalk: number
    readonly hold: {
      /** farad; null = ideal hold (no kT/C, no memory) */
      readonly capacitance: number | null
      /** ohm */
      readonly switchResistance: number
      /** seconds */
      readonly sampleTime: number
      /** volts a second, signed */
      readonly droop: number
    }
    readonly frontEnd: {
      /** Relative, one draw a chip. */
      readonly gainSigma: number
      /** volts, one draw a chip. */
      readonly offsetSigma: number
      /** 1 / volt^2: v + cubic v^3. */
      readonly cubic: number
    }
    /** seconds a compare (droop, conversion time). */
    readonly compareTime: number
  }

  readonly decoder: {
    readonly arithmetic: 'float' | 'fixed'
    readonly weightBits: number
    readonly weightScale: 'per-tensor' | 'per-row'
    readonly activationBits: number
    readonly accumulatorBits: number
    /** Words of the tanh / sigmoid table over one sign of the argument. */
    readonly tableWords: number
  }

  readonly environment: {
    /** kelvin */
    readonly temperature: number
    /** seconds */
    readonly timeSinceProgramming: number
  }
}
