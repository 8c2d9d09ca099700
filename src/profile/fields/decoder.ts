import type { FieldsOf } from './field.ts'
import { AGEING, anyOf, is, isNot } from './need.ts'

/** Table sizes with a whole number of index bits: 2^m + 1. */
const TABLE_WORDS = Array.from({ length: 15 }, (_, m) => 2 ** (m + 1) + 1)

const EMITTED = 'emitted C and Verilog'

/** The digital half: arithmetic of the decoder network. */
export const decoderFields: FieldsOf<'decoder'> = {
  'decoder.arithmetic': {
    kind: 'word',
    default: 'float',
    words: { float: '64-bit floating point', fixed: 'integers of the word lengths below, as written to decoder.json' },
    meaning: 'arithmetic of the decoder',
    source: 'fixed for hardware',
  },
  'decoder.weightBits': {
    kind: 'integer',
    default: 16,
    min: 2,
    max: 24,
    meaning: 'word length of the weights',
    source: '16; 12 lose at most 0.1 dB, 8 up to several',
    usedWhen: [is('decoder.arithmetic', 'fixed')],
    usedEvenSo: EMITTED,
  },
  'decoder.weightScale': {
    kind: 'word',
    default: 'per-tensor',
    words: { 'per-tensor': 'one a layer', 'per-row': 'one an output' },
    meaning: 'how many binary points the weights of a layer have',
    source: 'per-row helps short words',
    usedWhen: [is('decoder.arithmetic', 'fixed')],
    usedEvenSo: EMITTED,
  },
  'decoder.activationBits': {
    kind: 'integer',
    default: 16,
    min: 8,
    max: 16,
    meaning: 'word length of the activations',
    source: '16',
    usedWhen: [is('decoder.arithmetic', 'fixed')],
    usedEvenSo: EMITTED,
  },
  'decoder.accumulatorBits': {
    kind: 'integer',
    default: 48,
    min: 8,
    max: 53,
    meaning: 'word length of the sums; deployment proves that no sum overflows it',
    source: '48: the accumulator of common FPGA multipliers',
    usedWhen: [is('decoder.arithmetic', 'fixed')],
    usedEvenSo: EMITTED,
  },
  'decoder.tableWords': {
    kind: 'integer',
    default: 257,
    allowed: TABLE_WORDS,
    meaning: 'words of the tanh or sigmoid table over one sign of the argument, interpolated; 2^m + 1',
    source: '257: maximum error 1.15e-4; 513: 4.6e-5',
    usedWhen: [is('decoder.arithmetic', 'fixed')],
    usedEvenSo: EMITTED,
  },
}

/** Conditions the chip is used in. */
export const environmentFields: FieldsOf<'environment'> = {
  'environment.temperature': {
    kind: 'quantity',
    unit: 'K',
    default: 300,
    min: 0,
    max: 1000,
    meaning:
      'temperature of the chip: kT/C noise of the hold capacitor (none at 0 K), noise of the columns, conductances and their ageing',
    source: '300 K',
    usedWhen: [
      anyOf(
        isNot('adc.hold.capacitance', null),
        isNot('periphery.tia.bandwidth', null),
        isNot('device.temperature.coefficient', 0),
        isNot('device.temperature.activationEnergy', 0),
      ),
    ],
  },
  'environment.timeSinceProgramming': {
    kind: 'quantity',
    unit: 's',
    default: 1,
    min: 0,
    max: 36500 * 86400,
    meaning: 'age of the chip; sets drift, accumulated read noise and the time-dependent programming models',
    source: '1 s, 1 hour, 1 day',
    usedWhen: [AGEING],
  },
}
