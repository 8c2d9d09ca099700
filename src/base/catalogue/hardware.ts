/** Crossbar, ADC, decoder. */
import type { Entry } from './entry.ts'

export const hardware = {
  OHM2001: {
    kind: 'input',
    title: 'outside the valid range of a model',
    explanation:
      'The model was fitted on devices in a stated conductance or time range; outside it the result is extrapolated. Warning only: the values are counted.',
  },
  OHM2002: {
    kind: 'input',
    title: 'weights clipped to the conductance range',
    explanation:
      'Percentile scaling maps weights beyond the percentile to the end of the conductance range. Their number and the largest excess are reported.',
  },
  OHM2003: {
    kind: 'infeasible',
    title: 'layer cannot be placed on the array',
    explanation:
      'An array must have room for at least one word line and one complete group of bit lines (two sides times devices a side).',
  },
  OHM2004: {
    kind: 'numerical',
    title: 'wire solution not accurate',
    explanation:
      "The residual of Kirchhoff's current law is above the tolerance. Resistances many orders of magnitude apart can cause this.",
  },
  OHM2005: {
    kind: 'input',
    title: 'signal clipped at a full scale',
    explanation:
      'Inputs beyond the input range, or amplifier outputs beyond the swing, are clipped as the circuit would. Calibrate with data of the right range (--calibrate) if the share is high.',
  },
  OHM2006: {
    kind: 'input',
    title: 'wires or access transistors not fully corrected',
    explanation:
      'The wire correction of the profile (crossbar.wireCorrection), which takes access transistors for part of the wires, leaves more than 1 % of error in the matrix of a layer, or makes it good only with a gain above 10: the conductance range has no room for what the wires take, or the device levels are too coarse. Smaller arrays, lower conductances, one-sided mapping, driving from both ends or the interleaved layout leave less to correct; `ohmbit crossbar remedies DIR` compares them.',
  },
  OHM2007: {
    kind: 'input',
    title: 'devices given up while writing',
    explanation:
      'Write-verify reached its largest number of pulses without a read within the tolerance, and left the devices where they were. Warning only. Widen programming.writeVerify.tolerance, allow more pulses, or use finer ones: no loop can place a device better than the spread of one pulse and of one read lets it.',
  },
  OHM2008: {
    kind: 'input',
    title: 'outputs that cannot be corrected',
    explanation:
      'Drift compensation and output calibration scale an output by what it reads. An output that reads nothing (dead lines, weights of zero) has no such factor and keeps its gain. Warning only.',
  },
  OHM2009: {
    kind: 'input',
    title: 'layers without the measured activation stage',
    explanation:
      'The table of periphery.activation.transfer is of a circuit that stands for one function (transfer.function). Layers whose activation is another function keep ideal stages; their number and activation are named. Warning only.',
  },
  OHM3001: {
    kind: 'input',
    title: 'thresholds merged',
    explanation:
      'Two thresholds become one: on the grid of the threshold DAC, or among the sums of stored levels of a memristive SAR. The level between them can never be produced. Use more DAC bits (adc.dac.bits) or stored bits (adc.memristor.levelBits), or a smaller full scale.',
  },
  OHM3002: {
    kind: 'input',
    title: 'threshold outside the DAC range',
    explanation: "A threshold beyond the converter's full scale is set to the last DAC code.",
  },
  OHM3003: {
    kind: 'input',
    title: 'reproduction levels do not ascend',
    explanation:
      'Negative amplitudes in the soft quantizer give levels that fall somewhere. Legal, but unusual: check the training.',
  },
  OHM3004: {
    kind: 'infeasible',
    title: 'threshold table needs a quantized DAC',
    explanation:
      'The profile has an unquantized threshold DAC (adc.dac.bits is null), so there are no DAC codes to put into a table. Pass --dac-bits N.',
  },
  OHM3005: {
    kind: 'infeasible',
    title: 'too many levels',
    explanation: 'A threshold table counts levels in 16 bits.',
  },
  OHM3006: {
    kind: 'input',
    title: 'threshold table is damaged',
    explanation: 'The CRC or hash does not agree with the content, or the file is not byte-equal to its re-emission.',
  },
  OHM3007: {
    kind: 'infeasible',
    title: 'thresholds cannot be realised',
    explanation:
      'A memristive SAR makes 2^n - 1 thresholds of few stored levels, so it realises only some sets of thresholds. The nearest set is further away than adc.memristor.residualLimit allows, or the number of levels is no power of two. Use more adc.memristor.levelBits, a larger limit, or adc.architecture serial.',
  },
  OHM3008: {
    kind: 'infeasible',
    title: 'converter cannot be calibrated',
    explanation:
      'Calibration writes codes to a threshold DAC: it needs a quantized DAC (adc.dac.bits) whose codes are set one by one, which a memristive SAR does not have.',
  },
  OHM3009: {
    kind: 'input',
    title: 'table of wanted thresholds',
    explanation:
      'A memristive SAR has stored levels in place of DAC codes. The threshold table of its deployment holds the thresholds that the network wants, on the DAC that was asked for, not the ones that its stored levels give.',
  },
  OHM4001: {
    kind: 'infeasible',
    title: 'accumulator too narrow',
    explanation:
      'The largest partial sum that the weights and the input range allow does not fit the declared accumulator, so overflow cannot be excluded, or biases and rounding leave the weights too few of its bits. Widen decoder.accumulatorBits or narrow the weights.',
  },
  OHM4002: {
    kind: 'input',
    title: 'decoder words saturate',
    explanation:
      'Some values exceeded their fixed-point format and were set to its end. The count is reported by layer.',
  },
  OHM4003: {
    kind: 'input',
    title: 'number formats chosen automatically',
    explanation:
      'Emitted C and Verilog are integer code, but the profile decodes in floating point or has an unquantized threshold DAC. Word lengths then are those of the decoder section of the profile (16 bits by default) and a 16-bit DAC. Deploy with --set decoder.arithmetic=fixed, adc.dac.bits=N to choose them and to simulate what they cost.',
  },
} as const satisfies Record<string, Entry>
