import type { Kind } from './errors.ts'

interface Entry {
  readonly kind: Kind
  readonly title: string
  readonly explanation: string
}

/**
 * Every code ohmbit can print, with the text of `ohmbit explain CODE`.
 * 1xxx files and networks, 12xx profiles, 2xxx crossbar, 3xxx ADC, 4xxx decoder, 5xxx simulation,
 * 6xxx artefacts and external tools, 7xxx training, 9xxx usage and bugs.
 */
export const catalogue = {
  OHM1001: {
    kind: 'input',
    title: 'file cannot be read',
    explanation:
      'The file does not exist, is not a regular file, or may not be read. Check the path and its permissions.',
  },
  OHM1002: {
    kind: 'input',
    title: 'file is larger than the limit',
    explanation:
      'Files from outside are read whole, up to a limit for each format, so that a hostile or mistaken file cannot exhaust the memory.',
  },
  OHM1003: {
    kind: 'input',
    title: 'file format not recognised',
    explanation:
      'Networks are .onnx, .safetensors, .npz or .json; data is .npy; profiles and crossbars are .json. `ohmbit inspect FILE` says what a file is.',
  },
  OHM1004: {
    kind: 'input',
    title: 'file is damaged or cut short',
    explanation:
      'A length, offset, checksum or header inside the file contradicts its size or content. Export or download it again.',
  },
  OHM1005: {
    kind: 'input',
    title: 'not valid JSON',
    explanation:
      'The text is not JSON (RFC 8259): no comments, no trailing commas, keys in double quotes. The place is where the parser stopped.',
  },
  OHM1006: {
    kind: 'usage',
    title: 'output exists and was not made by ohmbit',
    explanation: 'Nothing is overwritten that ohmbit did not make. Choose another path or pass --force.',
  },
  OHM1007: {
    kind: 'input',
    title: 'file cannot be written',
    explanation:
      'The folder does not exist, is not writable, or the disk is full. Files are written to a temporary name and renamed, so the old content is still there.',
  },
  OHM1101: {
    kind: 'input',
    title: 'tensor missing or superfluous',
    explanation:
      'A network needs encoder, quantizer and decoder tensors, numbered without gaps. See docs/files.md for the names of each format.',
  },
  OHM1102: {
    kind: 'input',
    title: 'tensor has the wrong shape',
    explanation:
      'Weights are outputs x inputs, biases have one entry an output, and the output width of a layer is the input width of the next.',
  },
  OHM1103: {
    kind: 'input',
    title: 'tensor holds a value that is not a finite number',
    explanation:
      'NaN and infinities cannot become conductances or words. The training run that made the file has probably diverged.',
  },
  OHM1104: {
    kind: 'input',
    title: 'operator not supported',
    explanation:
      'ohmbit reads dense networks: Gemm, MatMul + Add, Tanh, Relu, Sigmoid, Identity and the quantizer patterns listed in docs/files.md. Anything else has no hardware counterpart here.',
  },
  OHM1105: {
    kind: 'input',
    title: 'graph is not a chain encoder - quantizer - decoder',
    explanation:
      'The graph must lead from one input through dense layers, one quantizer and dense layers to one output. Give encoder, decoder and quantizer as separate files if the exporter split them.',
  },
  OHM1106: {
    kind: 'input',
    title: 'quantizer is not valid',
    explanation: 'A quantizer of I >= 2 levels has I - 1 strictly ascending thresholds and I reproduction levels.',
  },
  OHM1107: {
    kind: 'input',
    title: 'data type not supported',
    explanation:
      'Tensors and arrays must be float32 or float64 (ONNX: also integer constants where the operator wants them; .npy: also integers), little-endian.',
  },
  OHM1108: {
    kind: 'input',
    title: 'external data refused',
    explanation:
      'The ONNX file points to tensors in another file. ohmbit never follows paths out of a file it was given. Save the model with its weights inside (onnx.save_model(..., save_as_external_data=False)).',
  },
  OHM1109: {
    kind: 'input',
    title: 'task description not valid',
    explanation:
      'A task is sparse-recovery, channel-estimation or symbol-detection with its parameters, as JSON or in the short form kind:key=value,key=value.',
  },
  OHM1110: {
    kind: 'input',
    title: 'data does not fit the network',
    explanation:
      'Inputs are vectors x measurements, truth is vectors x estimate components (or class labels), with equally many vectors.',
  },
  OHM1201: {
    kind: 'input',
    title: 'profile not found',
    explanation: 'The name is neither a preset (see `ohmbit profiles list`) nor a file.',
  },
  OHM1202: {
    kind: 'input',
    title: 'profile value not valid',
    explanation:
      'The value has the wrong type, lies outside its range or is not one of the allowed words. `ohmbit profiles show ID` prints every field with unit and range.',
  },
  OHM1203: {
    kind: 'input',
    title: 'quantity has the wrong unit or cannot be read',
    explanation:
      'Quantities are strings with a unit of the right dimension ("2 ohm", "100 uS", "10 mV", "85 degC") or plain numbers in SI units.',
  },
  OHM1204: {
    kind: 'input',
    title: 'unknown key',
    explanation:
      'Profiles, other ohmbit files and the options of library functions know a fixed set of keys, so that a misspelt one cannot silently leave a default in force.',
  },
  OHM1205: {
    kind: 'input',
    title: 'profile contradicts itself',
    explanation:
      'Single values are valid but do not go together, for instance a conductance range whose minimum is above its maximum.',
  },
  OHM1206: {
    kind: 'input',
    title: 'crossbar file not valid',
    explanation:
      'A crossbar file (format ohmbit/crossbar/1) gives wordLines, bitLines, the segment, driver and sense resistances, a wordLines x bitLines conductance matrix in siemens and input vectors in volts.',
  },
  OHM1207: {
    kind: 'input',
    title: 'profile value without effect',
    explanation:
      'A value other than its default is given, but what would use it is switched off, for instance a spread beside the model none. Warning only, one for each such value. docs/profile-fields.md names what each value needs.',
  },
  OHM1208: {
    kind: 'input',
    title: 'measured means far from their targets',
    explanation:
      'In most rows of device.programming.table the mean is more than half of the target away from it. A row is the conductance asked for, the mean conductance that devices then hold, and their standard deviation; the shift is worked out from the first two. Warning only: devices may be like that.',
  },
  OHM1301: {
    kind: 'input',
    title: 'deployment folder not valid',
    explanation:
      'deployment.json is missing, of another version, or does not agree with the SHA-256 of the files beside it. Run `ohmbit deploy` again.',
  },
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
  OHM5001: {
    kind: 'input',
    title: 'calibrated on standard normal vectors',
    explanation:
      'Neither --calibrate nor a task was given, so the input range was taken from standard normal vectors. Give measured vectors for a real deployment.',
  },
  OHM5002: {
    kind: 'input',
    title: 'no data and no task to score',
    explanation:
      'The network carries no task and no --inputs / --truth were given. Give both files, or a task with --task.',
  },
  OHM5003: {
    kind: 'input',
    title: 'metric does not fit the data',
    explanation:
      'nmseDb and mse need truth of the same shape as the estimate; ber needs class labels or k columns of +-1 with 2^k class scores.',
  },
  OHM5004: {
    kind: 'usage',
    title: 'option out of range',
    explanation: 'Chips, seeds, vectors and the like are whole numbers within stated limits.',
  },
  OHM5005: {
    kind: 'infeasible',
    title: 'not enough memory for the kernels',
    explanation: 'A WebAssembly memory holds at most 4 GiB. Use smaller arrays or fewer vectors at a time.',
  },
  OHM5006: {
    kind: 'usage',
    title: 'engine not available',
    explanation:
      '`reference` runs everywhere; `simd` needs 128-bit WebAssembly vectors (every Node.js 20); `relaxed` needs relaxed vectors: Node.js 22, or the flag --experimental-wasm-relaxed-simd.',
  },
  OHM5007: {
    kind: 'requirement',
    title: 'requirement not met',
    explanation:
      'Nothing that was tried meets the requirement that was given with --require. A requirement counts as met where the whole 95 % interval meets it, so more vectors can decide what is unsure.',
  },
  OHM5008: {
    kind: 'usage',
    title: 'adapted to another chip',
    explanation:
      'The digital half of this deployment was trained for one fabricated chip (ohmbit adapt); on other chips it may be worse than the one it replaced. Leave out --chip, --chips and --seed to simulate the chip it belongs to, or take the deployment that was adapted.',
  },
  OHM6001: {
    kind: 'requirement',
    title: 'verification failed',
    explanation:
      'An artefact run in its own tool does not agree with the simulator. The check names the largest difference and where it occurred.',
  },
  OHM6002: {
    kind: 'external',
    title: 'external tool missing or failed',
    explanation:
      'A circuit simulator or compiler could not be started, timed out or did not print the expected values. `ohmbit doctor` lists what is found.',
  },
  OHM6003: {
    kind: 'infeasible',
    title: 'netlist too large',
    explanation:
      'The netlist would exceed the size that is solved in reasonable time. Choose smaller tiles or verify a part.',
  },
  OHM6004: {
    kind: 'infeasible',
    title: 'not a static circuit',
    explanation:
      'A deck is the settled circuit for one set of voltages. Inputs sent bit after bit, partial sums that are converted before they are added, and pulses on non-linear devices are sequences of steps, so no single deck has their result. `ohmbit verify` skips the check and says so.',
  },
  OHM6005: {
    kind: 'infeasible',
    title: 'no circuit converts like this',
    explanation:
      'The simulator gives each threshold an error of its own, also where two thresholds share a code of the threshold DAC. A ramp passes such a code once, with one voltage, so no transient deck has the result. `ohmbit verify` skips the check and says so.',
  },
  OHM7001: {
    kind: 'numerical',
    title: 'training diverged',
    explanation:
      'The loss or a parameter became infinite or no number. Lower the rate, or begin from other weights (seed). The last checkpoint is as it was written.',
  },
  OHM7002: {
    kind: 'input',
    title: 'experiment not understood',
    explanation:
      'An experiment names a preset, or spells out task, shapes and schedules. The message names the place, the value and the rule.',
  },
  OHM7003: {
    kind: 'input',
    title: 'checkpoint cannot be used',
    explanation:
      'A checkpoint stands beside the network that a training run writes, as long as the run is not finished. It is damaged, of another experiment, of other data, engine or version, or it stands there although --resume was not given. `--resume` goes on with it, `--force` begins anew.',
  },
  OHM9001: {
    kind: 'usage',
    title: 'command line not understood',
    explanation: 'See `ohmbit --help` and `ohmbit COMMAND --help`.',
  },
  OHM9002: {
    kind: 'bug',
    title: 'internal error',
    explanation:
      'This is a defect of ohmbit. Please report it with the command line and the stack trace printed by OHMBIT_DEBUG=1.',
  },
} as const satisfies Record<string, Entry>

/** A code of the catalogue. */
export type Code = keyof typeof catalogue
