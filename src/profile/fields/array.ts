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
    },
    meaning: 'how a signed weight becomes a pair of conductances',
    source: 'one-sided: aihwkit; two-sided: CrossSim',
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
    meaning: 'bit lines of one physical array; an output takes 2 x devicesPerSide of them',
    source: '128 to 256',
  },
  'crossbar.wires.wordSegment': resistance('word line resistance between neighbouring cells', SEGMENT),
  'crossbar.wires.bitSegment': resistance('bit line resistance between neighbouring cells', SEGMENT),
  'crossbar.wires.driver': resistance('extra resistance of a word line driver', '0: part of the first segment'),
  'crossbar.wires.sense': resistance('extra resistance between bit line and virtual ground', '0: ideal amplifier'),
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
