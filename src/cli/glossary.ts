/** Symbol, name and meaning of the field's words; docs/glossary.md is generated from it. */
export interface GlossaryEntry {
  readonly term: string
  readonly also?: readonly string[]
  readonly symbol?: string
  readonly meaning: string
}

export const glossary: readonly GlossaryEntry[] = [
  {
    term: 'task-based quantizer',
    meaning:
      'A network with a converter in its middle: an analog encoder, one serial ADC whose thresholds are chosen for the task, and a digital decoder, trained together.',
  },
  {
    term: 'EncNet',
    also: ['encoder'],
    symbol: 'f',
    meaning:
      'The encoder network in front of the ADC. On hardware: memristor crossbars with amplifiers and activation stages.',
  },
  {
    term: 'DecNet',
    also: ['decoder'],
    symbol: 'g',
    meaning: 'The decoder network behind the ADC. On hardware: fixed-point arithmetic.',
  },
  {
    term: 'threshold',
    symbol: 't_k',
    meaning: 'Edge between two codes of the quantizer: code = number of thresholds below x (strictly: x > t).',
  },
  {
    term: 'reproduction level',
    also: ['level'],
    symbol: 'g_i',
    meaning: 'The number the decoder sees for a code. I levels belong to I - 1 thresholds.',
  },
  {
    term: 'soft-to-hard quantization',
    also: ['SHQ'],
    symbol: 'v_i, s_i, h',
    meaning:
      'Training with a sum of tanh steps, sum v_i tanh(h a - s_i), whose steepness h grows until it acts as the hard quantizer.',
  },
  {
    term: 'rate',
    symbol: 'R',
    meaning: 'Bits per component of the signal: R = K ceil(log2 I) / N for K channels of I levels.',
  },
  {
    term: 'NMSE',
    also: ['nmseDb'],
    meaning: 'Normalised mean squared error in dB: 10 log10(mean |x - x^|^2 / mean |x|^2), the ratio of means.',
  },
  { term: 'BER', also: ['ber', 'bit error rate'], meaning: "Share of wrong bits; each user's symbol carries one." },
  {
    term: 'profile',
    also: ['hardware profile'],
    meaning:
      'What the hardware is: device, array, periphery, ADC, decoder, environment, every number with unit and source.',
  },
  {
    term: 'steepness',
    symbol: 'h',
    meaning: 'Of the tanh steps of the soft quantizer. It rises while training; at infinity the quantizer is hard.',
  },
  {
    term: 'straight-through',
    meaning: 'Gradient rule that passes errors through the quantizer unchanged where it is not saturated.',
  },
  {
    term: 'blend',
    symbol: 'beta',
    meaning:
      "Share of the soft quantizer's own gradient in what passes the quantizer; the rest is straight-through. Rises from 0 to 1.",
  },
  {
    term: 'hardware-aware training',
    meaning:
      'Training in which forward and backward pass use what a freshly made chip computes with, so that the network survives its chip.',
  },
  {
    term: 'checkpoint',
    meaning: 'Where a training run stands, as a file beside its network; --resume goes on with it to the same bits.',
  },
  {
    term: 'deployment',
    meaning:
      'A network on a profile, before any randomness: target conductances, voltage scales, DAC codes, fixed-point words.',
  },
  {
    term: 'chip',
    meaning:
      'One fabricated instance of a deployment: what was really programmed, stuck, drifted and offset. Named by (seed, chip number).',
  },
  { term: 'differential pair', meaning: 'A signed weight as the difference of two conductances, G+ - G-.' },
  {
    term: 'one-sided',
    also: ['differential-one-sided'],
    meaning: 'Mapping in which one device of a pair stays at gMin: G+ = gMin + s max(w, 0), G- = gMin + s max(-w, 0).',
  },
  {
    term: 'two-sided',
    also: ['differential-two-sided'],
    meaning:
      'Mapping in which the devices of a pair move in opposite directions from mid-range. Draws more current, so wires cost more.',
  },
  {
    term: 'layer-maximum scaling',
    also: ['layer-maximum'],
    meaning: 'The largest weight of a layer (bias included) takes the full conductance range.',
  },
  {
    term: 'conductance levels',
    meaning: 'The values a device can be asked for. With L evenly spaced levels a one-sided pair has 2 L - 1 weights.',
  },
  {
    term: 'programming error',
    meaning: 'Difference between the conductance a device ends at and the one asked for, drawn once a device.',
  },
  {
    term: 'drift',
    symbol: 'nu',
    meaning: 'Decay of conductance with time, g(t) = g ((t + t0) / t0)^-nu, the exponent drawn once a device.',
  },
  { term: 'read noise', meaning: 'Fluctuation of conductance from read to read, drawn anew for each vector.' },
  {
    term: 'wires',
    also: ['IR drop', 'wire resistance'],
    meaning:
      'Voltage lost in word and bit lines. With linear devices the array is still one matrix, I = T v, which is solved exactly.',
  },
  {
    term: 'TIA',
    also: ['transimpedance amplifier', 'amplifier'],
    meaning:
      'Turns the current difference of a pair of bit lines into a voltage; holds the lines at a virtual ground; clips at its swing.',
  },
  {
    term: 'activation stage',
    meaning: 'Circuit that realises tanh, relu or sigmoid in volts, with amplitude spread and offset.',
  },
  {
    term: 'serial ADC',
    meaning: 'One sample-and-hold, one comparator and one threshold DAC that convert all channels in turn.',
  },
  {
    term: 'threshold DAC',
    meaning: 'Converter that gives the comparator its threshold voltages; offset binary, so 0 V is exact.',
  },
  {
    term: 'binary search',
    meaning:
      'ceil(log2 I) compares a channel. Gives another code than linear search where realised thresholds do not ascend.',
  },
  {
    term: 'full scale',
    meaning: 'The largest signal a stage handles; what it is in network units comes from calibration vectors.',
  },
  {
    term: 'waterfall',
    meaning:
      'The way from the ideal metric to the deployed one: the loss of each stage alone, on the same chips and vectors, and their interaction. On the screen # is a loss, = a gain (a negative loss), +- half the 95 % interval over the chips; bars are in proportion to the largest row.',
  },
  {
    term: 'interaction',
    meaning:
      'What the deployed system loses beyond the sum of the single stages: they combine in the squared error, and dB values do not add. Negative where stages overlap (a code that is wrong already cannot be made wrong again), positive where they are worse together.',
  },
  {
    term: 'accumulator bound',
    meaning:
      'The largest partial sum that the weights and the input range allow; proved for every row, so overflow cannot happen.',
  },
  {
    term: 'bit-sliced',
    also: ['bit slices'],
    meaning:
      'Mapping in which a weight is cut into slices of few bits (crossbar.slices, crossbar.sliceBits), a pair of devices each; slices count powers of two when they are added.',
  },
  {
    term: 'retention',
    meaning:
      'Loss of the stored state with time: every device fades towards one end of its range, as a stretched exponential (device.retention). Drift is the power law beside it.',
  },
  {
    term: 'one-hot',
    also: ['one-hot reads'],
    meaning:
      'A read with one word line driven and all others at 0 V. Drift compensation compares the mean of such reads with that right after programming.',
  },
  {
    term: 'output calibration',
    meaning:
      'Trim of each amplifier, offset or gain and offset, by least squares on known vectors, layer by layer on every chip (crossbar.outputCalibration).',
  },
]
