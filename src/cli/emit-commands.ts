/** The commands that write artefacts. */
import { CHIP, type CommandSpec, DIR, FORCE, INPUTS, outNeeded } from './command-spec.ts'

const EMIT = 'write artefacts: thresholds, spice, c, verilog'

export const emitCommands: readonly CommandSpec[] = [
  {
    name: 'emit thresholds',
    group: EMIT,
    summary: "the ADC's threshold table: JSON, C header, CSV, memory images, SPI writes, register map, ONNX",
    args: [DIR],
    options: [
      CHIP,
      {
        flags: '--calibrated',
        description: "of the chip's calibration (as adc calibrate); a folder a channel where each has its own table",
      },
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
    summary: 'the encoder as a netlist with its expected voltages',
    args: [DIR],
    options: [
      CHIP,
      {
        flags: '--chips <n>',
        description: 'chips 0 to n - 1: one deck, and an include a chip with what differs',
        kind: 'integer',
      },
      {
        flags: '--tiles <names>',
        description: 'single arrays with their drive: LAYER.ARRAY, comma separated, or all',
      },
      {
        flags: '--noise <column>',
        description: 'small-signal noise of one column instead: LAYER.OUTPUT, as 0.3; the profile gives its bandwidth',
      },
      {
        flags: '--conversion',
        description: 'a transient of the serial ADC converting the first vector instead, channel after channel',
      },
      {
        flags: '--dialect <id>',
        description: 'simulator; those other than ngspice are written to their manuals and were never run',
        choices: ['ngspice', 'xyce', 'ltspice', 'spectre'],
        fallback: 'ngspice',
      },
      { flags: '--vectors <n>', description: 'input vectors from the deployment', kind: 'integer', fallback: 1 },
      INPUTS,
      outNeeded('folder to write'),
      FORCE,
    ],
    examples: [
      'emit spice deployed --chip 3 -o netlist',
      'emit spice deployed --chips 100 -o monte-carlo',
      'emit spice deployed --tiles 0.0,1.0 --dialect spectre -o arrays',
      'emit spice deployed --chip 0 --conversion -o conversion',
    ],
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
    name: 'emit verilog',
    group: EMIT,
    summary: 'the digital half as Verilog-2005: threshold search and integer decoder, with testbenches',
    args: [DIR],
    options: [
      CHIP,
      {
        flags: '--multipliers <n>',
        description: 'rows of a layer that are summed at the same time (default 4)',
        kind: 'integer',
      },
      { flags: '--vectors <n>', description: 'random golden vectors (default 200)', kind: 'integer' },
      { flags: '--dac-bits <n>', description: 'threshold DAC resolution, where the profile has none', kind: 'integer' },
      outNeeded('folder to write'),
      FORCE,
    ],
    examples: ['emit verilog deployed -o rtl', 'emit verilog deployed --multipliers 16 -o rtl'],
    load: () => import('./emit-verilog.ts'),
  },
]
