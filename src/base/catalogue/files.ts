/** Files, networks, data, profiles. */
import type { Entry } from './entry.ts'

export const files = {
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
} as const satisfies Record<string, Entry>
