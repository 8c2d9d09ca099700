/** Simulation, artefacts and external tools, training, studies, usage and bugs. */
import type { Entry } from './entry.ts'

export const work = {
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
  OHM8001: {
    kind: 'input',
    title: 'study not understood',
    explanation:
      'A study names networks or a deployment, a profile, axes and a number of chips. The message names the place, the value and the rule. `--dry-run` checks a study and says what it costs, and runs nothing.',
  },
  OHM8002: {
    kind: 'input',
    title: 'study folder cannot be used',
    explanation:
      'The folder is not that of a study, belongs to another study or another version, or its study.json is damaged. Shards that are damaged are not an error: they are found by their checksum and run again.',
  },
  OHM8003: {
    kind: 'input',
    title: 'study folder is in use',
    explanation:
      'Another run has this folder. The lock names its machine and process; a lock whose process is gone is taken over by itself.',
  },
  OHM8004: {
    kind: 'infeasible',
    title: 'study is too large',
    explanation:
      'Points times chips go beyond what a study may hold. Name fewer values, sample the ranges (latin-hypercube, sobol) instead of crossing them, or take fewer chips.',
  },
  OHM8005: {
    kind: 'external',
    title: 'cluster scheduler failed',
    explanation:
      'sbatch, squeue or scancel is missing or answered with an error; the message holds what it said. Shards that are done stay done: run the study again on the cluster, or on threads.',
  },
  OHM8006: {
    kind: 'numerical',
    title: 'study has no answer',
    explanation:
      'The rows that there are do not determine what was asked for: no value of the range keeps the requirement, the weights of importance sampling leave too few effective chips, or a metric is not finite.',
  },
  OHM8007: {
    kind: 'external',
    title: 'worker threads died',
    explanation:
      'A shard was begun several times, and each time the thread that ran it ended before it was done, as a rule for want of memory. Fewer --workers need less. Shards that are done stay done.',
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
