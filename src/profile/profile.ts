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
  | 'table'
  | 'write-verify'

/** What may still move a device after write-verify has accepted it: a measured spread, or nothing. */
export type RelaxationModel = Exclude<
  ProgrammingModel,
  | 'normal-independent'
  | 'normal-proportional'
  | 'uniform-independent'
  | 'uniform-proportional'
  | 'lognormal'
  | 'table'
  | 'write-verify'
>

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

export type IvModel = 'linear' | 'milo2021' | 'cubic' | 'sinh' | 'power-law'

export type Mapping = 'differential-one-sided' | 'differential-two-sided' | 'offset-column' | 'dual-pair' | 'bit-sliced'

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
      /** Rows of target, mean and standard deviation in siemens, ascending targets: what `table` interpolates. */
      readonly table: readonly (readonly [number, number, number])[] | null
      /** The loop of `write-verify`: pulse, read, stop when close enough. */
      readonly writeVerify: {
        /** Share of conductanceMax within which a read is accepted. */
        readonly tolerance: number
        /** Pulses after which a device is given up. */
        readonly maximumPulses: number
        /** Pulses from conductanceMin to conductanceMax. */
        readonly fullRangePulses: number
        /** Curvature of the pulse response, in units of fullRangePulses; larger is straighter. */
        readonly curvature: number
        /** Spread of one pulse's step, as a share of the conductance range times the root of the pulses. */
        readonly pulseSigma: number
        /** Spread of the verifying read, as a share of conductanceMax. */
        readonly readSigma: number
        /** What moves an accepted device afterwards. */
        readonly relaxation: RelaxationModel
      }
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
    /** Loss of the stored state with time: g -> g_end + (g - g_end) exp(-(t / timeConstant)^stretch). */
    readonly retention: {
      readonly model: 'none' | 'stretched-exponential'
      /** seconds, at temperature.reference */
      readonly timeConstant: number
      readonly stretch: number
      /** Where it ends: share of the range above conductanceMin. */
      readonly end: number
    }
    readonly temperature: {
      /** 1 / kelvin: g(T) = g (1 + coefficient (T - reference)) */
      readonly coefficient: number
      /** kelvin */
      readonly reference: number
      /** joule; Arrhenius acceleration of drift and retention between reference and environment.temperature; 0 = none */
      readonly activationEnergy: number
    }
    /** Current of a device against its voltage; `conductance` is its small-signal value at 0 V. */
    readonly iv: {
      readonly model: IvModel
      /** 1 / volt^2: I = G (V - cubic V^3) of `cubic`. */
      readonly cubic: number
      /** volts; V0 of `sinh`, reference of `power-law`. */
      readonly voltage: number
      /** gamma >= 2 of `power-law`: I grows with |V|^(log2 gamma); 2 is ohmic. */
      readonly gamma: number
    }
    readonly accessTransistor: {
      /** ohm in series with every device; 0 = none */
      readonly resistance: number
    }
    /** Probabilities. A device is drawn once into disjoint classes; lines are drawn once each. */
    readonly faults: {
      readonly stuckAtMin: number
      readonly stuckAtMax: number
      readonly stuckAtMid: number
      readonly formingFailure: number
      readonly deadWordLine: number
      readonly deadBitLine: number
      /** Whether device faults come one by one or in runs along a line. */
      readonly clustering: 'independent' | 'word-line' | 'bit-line'
      /** Devices in a run. */
      readonly clusterLength: number
    }
  }

  readonly crossbar: {
    readonly mapping: Mapping
    /** How much more the second pair of `dual-pair` counts than the first. */
    readonly significance: number
    /** Slices a weight is cut into by `bit-sliced`, and bits of one slice. */
    readonly slices: number
    readonly sliceBits: number
    /**
     * `adjacent`: the lines of an output stand together; `separate`: positive and negative lines in arrays of their own;
     * `interleaved`: both devices of a pair on one bit line, word lines doubled and driven with + and -.
     */
    readonly layout: 'adjacent' | 'separate' | 'interleaved'
    /** `heavy-first`: the words and outputs with most conductance stand nearest to amplifiers and drivers. */
    readonly lineOrder: 'natural' | 'heavy-first'
    /** Which weight becomes the full conductance range. */
    readonly scaling: 'layer-maximum' | 'percentile'
    /** Percentile of |w| for `percentile`; larger weights clip and are counted. */
    readonly percentile: number
    /** Drive of the bias word line: one unit of the layer's input, or the drive at which the largest bias uses the range. */
    readonly biasDrive: 'unit' | 'matched'
    /** Physical word and bit lines of one array; larger layers are tiled, row tiles sum as currents. */
    readonly wordLines: number
    readonly bitLines: number
    /** How the tiles (and weight slices) of one output are added up. */
    readonly partialSums: {
      /** `current`: at one virtual ground; `digitised`: each is converted and the words are added. */
      readonly kind: 'current' | 'digitised'
      /** Resolution of that conversion; null = exact. */
      readonly bits: number | null
    }
    /** ohm; segment between neighbouring cells, extra driver and sense resistance. All 0 = no wires. */
    readonly wires: {
      readonly wordSegment: number
      readonly bitSegment: number
      readonly driver: number
      readonly sense: number
      /** Whether word lines are driven from one end or from both. */
      readonly drive: 'one-end' | 'both-ends'
    }
    /** What is done at deployment against the wires, which are known: nothing, one gain an output, or other targets. */
    readonly wireCorrection: 'none' | 'output-gain' | 'programming'
    /** What is done on each chip about faults found by a test: partner devices re-targeted, lines re-assigned. */
    readonly faultRepair: 'none' | 'compensate' | 'reassign'
    /** What is done on each chip about drift when it is read: gain from one-hot reads now against those after programming. */
    readonly driftCompensation: {
      readonly kind: 'none' | 'global' | 'per-output'
      /** Whether the reads are free of read noise. */
      readonly reads: 'exact' | 'measured'
    }
    /** Trim of each output's amplifier by least squares on known vectors. */
    readonly outputCalibration: {
      readonly kind: 'none' | 'offset' | 'gain-and-offset'
      readonly vectors: number
      readonly reads: 'exact' | 'measured'
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
      /** How an input value reaches the word line: as a voltage, as the length of a pulse, or bit after bit. */
      readonly encoding: 'amplitude' | 'pulse-width' | 'bit-serial'
    }
    readonly tia: {
      /** volts; outputs clip at +-swing; null = never. It is also the full scale of the stage before the activation. */
      readonly swing: number | null
      /** Relative, one draw an output. */
      readonly gainSigma: number
      /** volts, one draw an output. */
      readonly offsetSigma: number
      /** hertz; bandwidth of the noise of a column: 4 k T sum(G) bandwidth; null = no such noise */
      readonly bandwidth: number | null
      /** Add 2 q |I| bandwidth: for devices that are no ohmic conductors. */
      readonly shotNoise: boolean
      /** seconds a read of an array takes: pulse length, energy, latency */
      readonly readTime: number
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
      readonly transfer: {
        /** Whether a stage follows its function, or a table measured of a circuit. */
        readonly model: 'ideal' | 'measured'
        /** The function that the table stands for; stages of other functions stay ideal. */
        readonly function: 'tanh' | 'relu' | 'sigmoid' | 'linear'
        /** Rows of input (the function's argument) and output (its value), ascending inputs; straight lines between. */
        readonly table: readonly (readonly [number, number])[] | null
      }
    }
  }

  readonly adc: {
    /** volts; V_FS of the threshold DAC and of the input range. */
    readonly fullScale: number
    /** Clip the input at full scale. */
    readonly clip: boolean
    /** One comparator that is used again and again, one a threshold, or one with memristor-stored levels. */
    readonly architecture: 'serial' | 'flash' | 'memristive-sar'
    readonly search: 'binary' | 'linear' | 'ramp'
    /** Stored levels of a memristive SAR. */
    readonly memristor: {
      /** Resolution of a stored level. */
      readonly levelBits: number
      /** Error of a stored level as a share of full scale, one draw a chip. */
      readonly sigma: number
      /** Largest distance of a realisable threshold from a wanted one, as a share of 2 fullScale / I. */
      readonly residualLimit: number
    }
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
