/** The command table: all that `--help`, shell completion and docs/commands.md need; no heavy imports here. */
import type { Run } from './command.ts'

export interface OptionSpec {
  readonly flags: string
  readonly description: string
  readonly kind?: 'integer' | 'repeat'
  readonly choices?: readonly string[]
  readonly fallback?: string | number
  /** The command does not go without it. */
  readonly required?: true
}

export interface CommandSpec {
  /** One or two words. */
  readonly name: string
  readonly summary: string
  /** Summary of the first word, where it is a group. */
  readonly group?: string
  readonly args: readonly (readonly [name: string, description: string])[]
  readonly options: readonly OptionSpec[]
  readonly examples: readonly string[]
  readonly load: () => Promise<{ readonly run: Run }>
}

const FORCE: OptionSpec = { flags: '--force', description: 'overwrite even what ohmbit did not make' }
const INPUTS: OptionSpec = { flags: '--inputs <Y.npy>', description: 'measurements, vectors x measurements' }
const TRUTH: OptionSpec = { flags: '--truth <X.npy>', description: 'true signals or symbols, vectors x components' }
const METRIC: OptionSpec = {
  flags: '--metric <name>',
  description: "score; default: the task's, else by shape",
  choices: ['nmseDb', 'mse', 'ber'],
}
const TASK: OptionSpec = {
  flags: '--task <spec>',
  description: 'what the network is for, e.g. sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4',
}
const SET: OptionSpec = {
  flags: '--set <path=value>',
  description: 'change a profile value, e.g. crossbar.wires.wordSegment="5 ohm"; repeatable',
  kind: 'repeat',
}
const CHIP: OptionSpec = {
  flags: '--chip <k>',
  description: 'of this fabricated chip (with --seed) instead of the nominal design',
  kind: 'integer',
}
const ENGINE: OptionSpec = {
  flags: '--engine <name>',
  description:
    'kernels: auto, reference (plain TypeScript), simd, or relaxed (fused multiply-add, not bit-reproducible)',
  choices: ['auto', 'reference', 'simd', 'relaxed'],
}
const out = (what: string): OptionSpec => ({ flags: '-o, --output <path>', description: what })
const outNeeded = (what: string): OptionSpec => ({ ...out(what), required: true })
const DIR = ['dir', 'deployment folder'] as const
const PROFILES = 'hardware profiles: list, show, check, new'
const ADC = 'the converter on the bench: characterise, calibrate'
const EMIT = 'write artefacts: thresholds, spice, c'

export const commandSpecs: readonly CommandSpec[] = [
  {
    name: 'demo',
    summary: 'the whole tour on a shipped trained network',
    args: [],
    options: [out('folder to write (default ohmbit-demo)'), FORCE],
    examples: ['demo', 'demo -o /tmp/tour'],
    load: () => import('./demo.ts'),
  },
  {
    name: 'inspect',
    summary: 'say what a file is: network, profile, deployment, crossbar, data',
    args: [['file', 'file or folder']],
    options: [],
    examples: ['inspect model.onnx', 'inspect deployed/'],
    load: () => import('./inspect.ts'),
  },
  {
    name: 'doctor',
    summary: 'what this machine has: Node, circuit simulators, compilers',
    args: [],
    options: [],
    examples: ['doctor'],
    load: () => import('./doctor.ts'),
  },
  {
    name: 'import',
    summary: 'bring a network of any supported format into the native one',
    args: [['[file]', '.onnx, .safetensors, .npz or .json; may be left out when --encoder and --decoder are given']],
    options: [
      outNeeded('network to write, .safetensors'),
      { flags: '--encoder <file>', description: 'encoder graph, when the exporter split the network' },
      { flags: '--decoder <file>', description: 'decoder graph' },
      { flags: '--quantizer <file>', description: 'quantizer JSON: thresholds and levels' },
      TASK,
      FORCE,
    ],
    examples: [
      'import model.onnx -o model.safetensors',
      'import encoder.onnx --decoder decoder.onnx --quantizer adc.json -o model.safetensors',
    ],
    load: () => import('./import.ts'),
  },
  {
    name: 'evaluate',
    summary: 'score the ideal network with its hard quantizer',
    args: [['network', 'network file']],
    options: [
      { flags: '--samples <n>', description: 'vectors drawn from the task (default 10000)', kind: 'integer' },
      INPUTS,
      TRUTH,
      METRIC,
      TASK,
    ],
    examples: ['evaluate model.onnx --inputs y.npy --truth x.npy', 'evaluate model.safetensors --samples 100000'],
    load: () => import('./evaluate.ts'),
  },
  {
    name: 'profiles list',
    group: PROFILES,
    summary: 'the presets with their provenance',
    args: [],
    options: [],
    examples: ['profiles list'],
    load: () => import('./profiles-list.ts'),
  },
  {
    name: 'profiles show',
    group: PROFILES,
    summary: 'every value of a profile with unit and source, defaults filled in',
    args: [['profile', 'preset id or file']],
    options: [SET],
    examples: ['profiles show reram-1t1r'],
    load: () => import('./profiles-show.ts'),
  },
  {
    name: 'profiles check',
    group: PROFILES,
    summary: 'all problems of a profile file, with their places',
    args: [['profile', 'file or preset id']],
    options: [],
    examples: ['profiles check mine.json'],
    load: () => import('./profiles-check.ts'),
  },
  {
    name: 'profiles new',
    group: PROFILES,
    summary: 'a commented profile to start your own from',
    args: [['id', 'its id']],
    options: [
      out('file to write (default ID.json)'),
      { flags: '--from <preset>', description: 'start from this preset instead of the template' },
      FORCE,
    ],
    examples: ['profiles new mine -o mine.json', 'profiles new mine --from pcm -o mine.json'],
    load: () => import('./profiles-new.ts'),
  },
  {
    name: 'deploy',
    summary: 'put a network on hardware',
    args: [['network', 'network file']],
    options: [
      { flags: '--profile <id or file>', description: 'hardware profile', required: true },
      outNeeded('deployment folder to write'),
      TASK,
      {
        flags: '--calibrate <Y.npy>',
        description: 'vectors that set the signal ranges (default: drawn from the task)',
      },
      SET,
      FORCE,
    ],
    examples: [
      'deploy model.onnx --profile reram-1t1r -o deployed',
      'deploy model.onnx --profile mine.json --calibrate y.npy --set device.levels=64 -o deployed',
    ],
    load: () => import('./deploy.ts'),
  },
  {
    name: 'simulate',
    summary: 'what the hardware costs the task: ideal against deployed, loss by stage',
    args: [DIR],
    options: [
      INPUTS,
      TRUTH,
      METRIC,
      { flags: '--chips <n>', description: 'chips to fabricate', kind: 'integer', fallback: 20 },
      {
        flags: '--samples <n>',
        description: "fresh vectors from the task (default: the deployment's 256)",
        kind: 'integer',
      },
      { flags: '--svg <file>', description: 'draw the waterfall as a figure, .svg' },
      { flags: '--workers <n>', description: 'threads (default: all cores); the result is the same', kind: 'integer' },
      {
        flags: '--waterfall-chips <n>',
        description: 'chips on which the single stages are measured (default: all)',
        kind: 'integer',
      },
      ENGINE,
      SET,
      FORCE,
    ],
    examples: [
      'simulate deployed --chips 100 --inputs y.npy --truth x.npy',
      'simulate deployed --svg waterfall.svg',
      'simulate deployed --set crossbar.wires.wordSegment="5 ohm"',
    ],
    load: () => import('./simulate.ts'),
  },
  {
    name: 'cost',
    summary: 'energy, time and area of one encode, estimated',
    args: [DIR],
    options: [
      {
        flags: '--node <nm>',
        description: 'technology node in nanometres',
        choices: ['130', '90', '65', '45', '32', '22', '14', '7'],
        fallback: '130',
      },
      {
        flags: '--cell <kind>',
        description: 'crossing alone, or with an access transistor',
        choices: ['1R', '1T1R'],
        fallback: '1T1R',
      },
      SET,
    ],
    examples: ['cost deployed', 'cost deployed --node 65 --cell 1R'],
    load: () => import('./cost.ts'),
  },
  {
    name: 'crossbar solve',
    group: 'single crossbars with wire resistance',
    summary: 'exact currents of one crossbar with wires',
    args: [['file', 'crossbar JSON (ohmbit/crossbar/1)']],
    options: [
      out('write the result as JSON'),
      { flags: '--nodes', description: 'every node voltage too' },
      ENGINE,
      FORCE,
    ],
    examples: ['crossbar solve examples/crossbar.json --nodes', 'crossbar solve array.json --nodes -o solution.json'],
    load: () => import('./crossbar-solve.ts'),
  },
  {
    name: 'crossbar remedies',
    summary: 'what wires cost a deployment, and what each remedy brings back',
    args: [DIR],
    options: [
      { flags: '--ohms <list>', description: 'resistances of a wire segment, comma separated', fallback: '1,2,5,20' },
      INPUTS,
      TRUTH,
      METRIC,
      SET,
    ],
    examples: [
      'crossbar remedies deployed --ohms 2,10',
      'crossbar remedies deployed --set crossbar.mapping=differential-two-sided --inputs y.npy --truth x.npy',
    ],
    load: () => import('./crossbar-remedies.ts'),
  },
  {
    name: 'adc characterise',
    group: ADC,
    summary: "the converter's thresholds as realised: errors, linearity, missing codes, loss in the task",
    args: [DIR],
    options: [
      CHIP,
      { flags: '--channel <n>', description: 'channel that is read (default: the last)', kind: 'integer' },
      {
        flags: '--confidence <percent>',
        description: 'of the ramp histogram',
        choices: ['90', '95', '99', '99.9'],
        fallback: '99',
      },
      INPUTS,
      TRUTH,
      METRIC,
      { flags: '--svg <file>', description: 'draw the transfer as a figure, .svg' },
      SET,
      FORCE,
    ],
    examples: ['adc characterise deployed --chip 3', 'adc characterise deployed --chip 3 --svg transfer.svg'],
    load: () => import('./adc-characterise.ts'),
  },
  {
    name: 'emit thresholds',
    group: EMIT,
    summary: "the ADC's threshold table as JSON, C header and CSV",
    args: [DIR],
    options: [
      CHIP,
      { flags: '--dac-bits <n>', description: 'threshold DAC resolution, where the profile has none', kind: 'integer' },
      outNeeded('folder to write'),
      FORCE,
    ],
    examples: ['emit thresholds deployed -o tables'],
    load: () => import('./emit-thresholds.ts'),
  },
  {
    name: 'emit spice',
    group: EMIT,
    summary: 'the encoder as an ngspice deck with its expected voltages',
    args: [DIR],
    options: [
      CHIP,
      { flags: '--vectors <n>', description: 'input vectors from the deployment', kind: 'integer', fallback: 1 },
      INPUTS,
      outNeeded('folder to write'),
      FORCE,
    ],
    examples: ['emit spice deployed --chip 3 -o netlist'],
    load: () => import('./emit-spice.ts'),
  },
  {
    name: 'emit c',
    group: EMIT,
    summary: 'the digital half as C99: threshold search and integer decoder, with self-tests and golden vectors',
    args: [DIR],
    options: [
      CHIP,
      {
        flags: '--first-layer <form>',
        description: 'first decoder layer as weights, or tabulated over codes; auto: where that is not larger',
        choices: ['auto', 'table', 'multiply'],
        fallback: 'auto',
      },
      { flags: '--dac-bits <n>', description: 'threshold DAC resolution, where the profile has none', kind: 'integer' },
      outNeeded('folder to write'),
      FORCE,
    ],
    examples: ['emit c deployed -o firmware', 'emit c deployed --first-layer table -o firmware'],
    load: () => import('./emit-c.ts'),
  },
  {
    name: 'verify',
    summary: 'run every artefact in its own tool and compare with the simulator',
    args: [DIR],
    options: [
      { flags: '--chips <n>', description: 'fabricated chips beside the nominal design', kind: 'integer', fallback: 3 },
      { flags: '--vectors <n>', description: 'input vectors a chip', kind: 'integer', fallback: 3 },
      {
        flags: '--with <engine>',
        description: 'circuit simulator',
        choices: ['embedded', 'ngspice'],
        fallback: 'embedded',
      },
      {
        flags: '--require <tools>',
        description: 'tools that must be there, comma separated: ngspice, cc, arm-none-eabi-gcc',
      },
    ],
    examples: ['verify deployed', 'verify deployed --with ngspice --chips 3'],
    load: () => import('./verify.ts'),
  },
  {
    name: 'explain',
    summary: 'what an error code or a term means',
    args: [['term', 'OHM1204, NMSE, one-sided, ...']],
    options: [],
    examples: ['explain OHM1204', 'explain serial-adc'],
    load: () => import('./explain.ts'),
  },
  {
    name: 'completion',
    summary: 'completion script for a shell',
    args: [['shell', 'bash, zsh or fish']],
    options: [],
    examples: ['completion bash > ~/.local/share/bash-completion/completions/ohmbit'],
    load: () => import('./completion.ts'),
  },
]
