import type { FieldsOf, QuantityField } from './field.ts'

const resistance = (meaning: string, source: string): QuantityField<number> & { nullable?: never } => ({
  kind: 'quantity',
  unit: 'ohm',
  default: 0,
  min: 0,
  max: 1e9,
  meaning,
  source,
})

const SEGMENT = '0.29 ohm at 130 nm, 0.5 at 65 nm, 1.04 at 32 nm for a 4F pitch (NeuroSim tables)'

/** How weights are laid onto arrays, and the wires between the devices. */
export const crossbarFields: FieldsOf<'crossbar'> = {
  'crossbar.mapping': {
    kind: 'word',
    default: 'differential-one-sided',
    words: {
      'differential-one-sided': 'the unused side of a pair stays at conductanceMin',
      'differential-two-sided': 'both sides move around the middle of the range; draws far more current',
      'offset-column': 'one device a weight around the middle of the range, minus a reference column of the array',
      'dual-pair': 'two pairs, the second counting significance times as much; the first is filled first',
      'bit-sliced': 'slices of sliceBits bits, a pair each, counting powers of two',
    },
    meaning: 'how a signed weight becomes conductances',
    source: 'one-sided: aihwkit; two-sided and offset: CrossSim; dual pair: aihwkit',
  },
  'crossbar.significance': {
    kind: 'number',
    default: 4,
    above: 1,
    max: 1024,
    meaning: 'how much more the second pair of mapping dual-pair counts',
    source: '2 to 16',
  },
  'crossbar.slices': {
    kind: 'integer',
    default: 2,
    min: 1,
    max: 16,
    meaning: 'slices of mapping bit-sliced',
    source: '2 to 8',
  },
  'crossbar.sliceBits': {
    kind: 'integer',
    default: 2,
    min: 1,
    max: 8,
    meaning: 'bits of one slice of mapping bit-sliced; slices x sliceBits is at most 24',
    source: '1 to 4',
  },
  'crossbar.layout': {
    kind: 'word',
    default: 'adjacent',
    words: {
      adjacent: 'the bit lines of an output stand together',
      separate: 'positive and negative lines in arrays of their own',
      interleaved: 'both devices of a pair on one bit line, word lines doubled and driven with + and -',
    },
    meaning: 'where the two sides of a pair stand',
    source: 'adjacent; interleaved keeps bit line currents, and so the drop in the wires, small (CrossSim)',
  },
  'crossbar.lineOrder': {
    kind: 'word',
    default: 'natural',
    words: {
      natural: 'as in the network',
      'heavy-first': 'the words and outputs of most conductance nearest to amplifiers and drivers',
    },
    meaning: 'order of word and bit lines in an array',
    source: 'natural; heavy-first is a free remedy against wires',
  },
  'crossbar.scaling': {
    kind: 'word',
    default: 'layer-maximum',
    words: {
      'layer-maximum': 'the largest weight of the layer',
      percentile: 'the percentile below; larger weights clip and are counted',
    },
    meaning: 'which weight is mapped to the full conductance range',
    source: 'percentile as in CrossSim',
  },
  'crossbar.percentile': {
    kind: 'number',
    default: 100,
    above: 0,
    max: 100,
    meaning: 'percentile of |w| for scaling percentile',
    source: '99 to 100',
  },
  'crossbar.biasDrive': {
    kind: 'word',
    default: 'unit',
    words: {
      unit: "one unit of the layer's input",
      matched: 'the drive at which the largest bias uses the range that the largest weight uses',
    },
    meaning: 'constant drive of the bias word line',
    source: 'unit: the textbook layer; matched spares large biases the programming error',
  },
  'crossbar.wordLines': {
    kind: 'integer',
    default: 128,
    min: 1,
    max: 65536,
    meaning: 'word lines (inputs) of one physical array; larger layers are tiled',
    source: '128 to 256',
  },
  'crossbar.bitLines': {
    kind: 'integer',
    default: 128,
    min: 2,
    max: 65536,
    meaning: 'bit lines of one physical array; an output takes devicesPerSide of them for each of its columns',
    source: '128 to 256',
  },
  'crossbar.partialSums.kind': {
    kind: 'word',
    default: 'current',
    words: {
      current: 'their currents meet at one virtual ground',
      digitised: 'each is converted, and the words are added (shift and add)',
    },
    meaning: 'how the row tiles, and the slices of bit-sliced weights, of one output are added',
    source: 'current: no converter; digitised: limits the current of one amplifier',
  },
  'crossbar.partialSums.bits': {
    kind: 'integer',
    default: null,
    nullable: true,
    min: 2,
    max: 24,
    meaning: 'resolution of the conversion of digitised partial sums; null: exact',
    source: '8',
  },
  'crossbar.wires.wordSegment': resistance('word line resistance between neighbouring cells', SEGMENT),
  'crossbar.wires.bitSegment': resistance('bit line resistance between neighbouring cells', SEGMENT),
  'crossbar.wires.driver': resistance('extra resistance of a word line driver', '0: part of the first segment'),
  'crossbar.wires.sense': resistance('extra resistance between bit line and virtual ground', '0: ideal amplifier'),
  'crossbar.wires.drive': {
    kind: 'word',
    default: 'one-end',
    words: { 'one-end': 'at column 0', 'both-ends': 'at both ends, through a driver and a segment each' },
    meaning: 'where word lines are driven',
    source: 'one-end; both-ends quarters the drop along a word line',
  },
  'crossbar.wireCorrection': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'nothing',
      'output-gain': 'one gain an output, folded into its amplifier',
      programming: 'targets chosen so that the array with its wires equals the weights, as far as the range allows',
    },
    meaning: 'what deployment does against the known wires',
    source: 'none (default)',
  },
  'crossbar.faultRepair': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'nothing',
      compensate: 'the healthy devices of a weight are re-targeted so that the weight fits as well as it can',
      reassign: 'outputs are also given to the bit lines whose faults fit them best',
    },
    meaning: 'what is done on each chip about faults that a test has found',
    source: 'none (default)',
  },
  'crossbar.driftCompensation.kind': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'nothing',
      global: 'one factor a layer: mean |one-hot read| after programming over the same now',
      'per-output': 'one factor an output',
    },
    meaning: 'gain correction against drift at the time of use',
    source: 'global (aihwkit)',
  },
  'crossbar.driftCompensation.reads': {
    kind: 'word',
    default: 'measured',
    words: { measured: 'with read noise', exact: 'without' },
    meaning: 'whether the one-hot reads are noisy',
    source: 'measured: what a chip can do',
  },
  'crossbar.outputCalibration.kind': {
    kind: 'word',
    default: 'none',
    words: {
      none: 'nothing',
      offset: 'offset of each amplifier',
      'gain-and-offset': 'gain and offset of each amplifier',
    },
    meaning: 'trim of each output by least squares on known vectors, layer by layer',
    source: 'as MemTorch tunes its layers',
  },
  'crossbar.outputCalibration.vectors': {
    kind: 'integer',
    default: 64,
    min: 2,
    max: 256,
    meaning: 'calibration vectors of the trim',
    source: '64 (default)',
  },
  'crossbar.outputCalibration.reads': {
    kind: 'word',
    default: 'measured',
    words: { measured: 'with read noise', exact: 'without' },
    meaning: 'whether the trim sees read noise',
    source: 'measured: what a chip can do',
  },
}

const spread = { kind: 'number', default: 0, min: 0, max: 10 } as const
const offset = { kind: 'quantity', unit: 'V', default: 0, min: 0, max: 1000 } as const
const fullScale = { kind: 'quantity', unit: 'V', above: 0, max: 1000 } as const

/** Word line drivers, transimpedance amplifiers, activation stages. */
export const peripheryFields: FieldsOf<'periphery'> = {
  'periphery.input.fullScale': {
    ...fullScale,
    default: 0.2,
    meaning: 'word line voltage at full scale of the input (read voltage)',
    source: '0.1 to 0.3 V, low enough not to disturb the devices (default)',
  },
  'periphery.input.bits': {
    kind: 'integer',
    default: null,
    nullable: true,
    min: 2,
    max: 24,
    meaning: 'resolution of the input DAC, 2^bits - 2 symmetric steps; null: unquantized',
    source: '8 (aihwkit, 254 steps)',
  },
  'periphery.input.clip': {
    kind: 'boolean',
    default: false,
    meaning: 'clip inputs at full scale (a DAC with bits always does)',
    source: 'true for a real driver',
  },
  'periphery.input.encoding': {
    kind: 'word',
    default: 'amplitude',
    words: {
      amplitude: 'a voltage in proportion',
      'pulse-width': 'full scale for a time in proportion, current integrated; devices see one voltage only',
      'bit-serial': 'bits of the word one after the other at full scale, added with powers of two; needs input.bits',
    },
    meaning: 'how a value is put on a word line; bit-serial applies to the first layer, the others then use amplitudes',
    source: 'amplitude; the others avoid non-linear devices',
  },
  'periphery.tia.swing': {
    kind: 'quantity',
    unit: 'V',
    default: null,
    nullable: true,
    above: 0,
    max: 1000,
    meaning: 'amplifier outputs clip at +- this voltage, which is also their full scale; null: never',
    source: '0.5 to 1.5 V from 1.2 to 3.3 V supplies (default)',
  },
  'periphery.tia.gainSigma': {
    ...spread,
    meaning: 'relative spread of the amplifier gain, one draw an output',
    source: '0.5 % resistor matching (default)',
  },
  'periphery.tia.offsetSigma': {
    ...offset,
    meaning: 'spread of the amplifier offset at its output, one draw an output',
    source: '1 mV (default)',
  },
  'periphery.tia.bandwidth': {
    kind: 'quantity',
    unit: 'Hz',
    default: null,
    nullable: true,
    above: 0,
    max: 1e12,
    meaning: "noise bandwidth of the column's thermal (and shot) noise; null: no such noise",
    source: '1 / (2 readTime) for an integrator [textbook]',
  },
  'periphery.tia.shotNoise': {
    kind: 'boolean',
    default: false,
    meaning: 'add shot noise 2 q |I| bandwidth; ohmic devices have thermal noise only',
    source: 'false',
  },
  'periphery.tia.readTime': {
    kind: 'quantity',
    unit: 's',
    default: 100e-9,
    above: 0,
    max: 1,
    meaning: 'time of one read of an array; sets energy and latency',
    source: '100 ns (default)',
  },
  'periphery.activation.fullScale': {
    ...fullScale,
    default: 0.5,
    meaning: "voltage at one full scale of a layer's output",
    source: '(default)',
  },
  'periphery.activation.saturation': {
    kind: 'number',
    default: 4,
    above: 0,
    max: 1000,
    meaning: 'pre-activation, in network units, at the full swing before a tanh or sigmoid stage',
    source: '4: tanh(4) = 0.9993',
  },
  'periphery.activation.gainSigma': {
    ...spread,
    meaning: 'relative spread of the activation stage amplitude, one draw an output',
    source: '0.5 % (default)',
  },
  'periphery.activation.offsetSigma': {
    ...offset,
    meaning: 'spread of the activation stage offset at its output, one draw an output',
    source: '1 mV (default)',
  },
}
