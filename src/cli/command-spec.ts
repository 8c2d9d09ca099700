/** What a command of the command table is, and options that several have. */
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

export const FORCE: OptionSpec = { flags: '--force', description: 'overwrite even what ohmbit did not make' }
export const INPUTS: OptionSpec = { flags: '--inputs <Y.npy>', description: 'measurements, vectors x measurements' }
export const TRUTH: OptionSpec = {
  flags: '--truth <X.npy>',
  description: 'true signals or symbols, vectors x components',
}
export const METRIC: OptionSpec = {
  flags: '--metric <name>',
  description: "score; default: the task's, else by shape",
  choices: ['nmseDb', 'mse', 'ber'],
}
export const TASK: OptionSpec = {
  flags: '--task <spec>',
  description: 'what the network is for, e.g. sparse-recovery:N=20,M=10,S=2,noiseVariance=1e-4',
}
export const SET: OptionSpec = {
  flags: '--set <path=value>',
  description: 'change a profile value, e.g. crossbar.wires.wordSegment="5 ohm"; repeatable',
  kind: 'repeat',
}
export const CHIP: OptionSpec = {
  flags: '--chip <k>',
  description: 'of this fabricated chip (with --seed) instead of the nominal design',
  kind: 'integer',
}
export const ENGINE: OptionSpec = {
  flags: '--engine <name>',
  description:
    'kernels: auto, reference (plain TypeScript), simd, or relaxed (fused multiply-add, not bit-reproducible)',
  choices: ['auto', 'reference', 'simd', 'relaxed'],
}
export const out = (what: string): OptionSpec => ({ flags: '-o, --output <path>', description: what })
export const outNeeded = (what: string): OptionSpec => ({ ...out(what), required: true })
export const DIR = ['dir', 'deployment folder'] as const
