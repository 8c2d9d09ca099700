#!/usr/bin/env node
/**
 * The command line: parse, call one public function, print. Commands are loaded when they are called, so that
 * `ohmbit --help` needs nothing but commander.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Kind, Problem, Warning } from '../base/errors.ts'
import type { Outcome, Run } from './command.ts'
import { type CommandSpec, commandSpecs } from './commands.ts'
import { version } from './version.ts'

const EXIT: Readonly<Record<Kind, number>> = {
  requirement: 1,
  usage: 2,
  input: 3,
  infeasible: 4,
  numerical: 5,
  external: 6,
  bug: 70,
}
const INTERRUPTED = 130

interface Common {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly color?: boolean
}

let exitCode = 0

async function execute(spec: CommandSpec, args: string[], options: Record<string, unknown>): Promise<void> {
  const { styleFor } = await import('./style.ts')
  const { problemsText, warningsText } = await import('./print-problems.ts')
  const common = options as Common
  const started = performance.now()
  const out = styleFor(process.stdout, common.color !== false)
  const err = styleFor(process.stderr, common.color !== false)
  const abort = new AbortController()
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(INTERRUPTED)
    abort.abort(new Error('interrupted'))
  }
  process.on('SIGINT', interrupt)
  const quiet = common.quiet === true || common.json === true
  const live = !quiet && process.stderr.isTTY
  let shown = 0
  const progress = (text: string) => {
    if (!live) return
    process.stderr.write(`\r${text.slice(0, err.columns).padEnd(shown)}`)
    shown = Math.min(text.length, err.columns)
  }
  const clear = () => {
    if (shown > 0) process.stderr.write(`\r${' '.repeat(shown)}\r`)
  }
  const say = (text: string) => {
    if (quiet) return
    clear()
    process.stderr.write(`${text}\n`)
  }
  const envelope = (body: Record<string, unknown>) =>
    process.stdout.write(
      `${JSON.stringify({ format: 'ohmbit/result/1', command: spec.name, ...body }, jsonValue, 2)}\n`,
    )
  const { catalogue } = await import('../base/catalogue.ts')
  const plainProblem = ({ code, message, at, hint }: Problem) => ({
    code,
    kind: catalogue[code].kind,
    message,
    at,
    hint,
  })
  try {
    const run: Run = (await spec.load()).run
    const outcome: Outcome = await run({ args, options, style: out, quiet, signal: abort.signal, progress, say })
    clear()
    exitCode = outcome.exitCode ?? 0
    const warnings: readonly Warning[] = outcome.warnings ?? []
    if (common.json)
      envelope({
        ok: exitCode === 0,
        result: outcome.result,
        ...(outcome.problem !== undefined
          ? { error: plainProblem(outcome.problem) }
          : exitCode === INTERRUPTED
            ? { error: { code: null, kind: 'interrupted', message: 'interrupted; the result covers what was done' } }
            : {}),
        warnings,
        provenance: {
          version,
          seed: outcome.seed ?? null,
          inputs: outcome.inputs ?? [],
          profile: outcome.profile ?? null,
          set: outcome.set ?? [],
          seconds: Number(((performance.now() - started) / 1000).toFixed(3)),
        },
      })
    else {
      if (warnings.length > 0 && common.quiet !== true) process.stderr.write(`${warningsText(warnings, err)}\n`)
      if (outcome.text !== '') process.stdout.write(`${outcome.text}\n`)
      if (outcome.problem !== undefined) process.stderr.write(`${problemsText([outcome.problem], err)}\n`)
    }
  } catch (thrown) {
    clear()
    const { OhmbitError } = await import('../base/errors.ts')
    const problems: readonly Problem[] =
      thrown instanceof OhmbitError
        ? thrown.problems
        : abort.signal.aborted
          ? []
          : [{ code: 'OHM9002', message: thrown instanceof Error ? thrown.message : String(thrown) }]
    exitCode = thrown instanceof OhmbitError ? EXIT[thrown.kind] : abort.signal.aborted ? INTERRUPTED : EXIT.bug
    const plain = problems.map(plainProblem)
    if (common.json)
      envelope({
        ok: false,
        error: plain[0] ?? { code: null, kind: 'interrupted', message: 'interrupted before anything was finished' },
        errors: plain,
      })
    else process.stderr.write(`${problems.length > 0 ? problemsText(problems, err) : 'interrupted'}\n`)
    if (process.env['OHMBIT_DEBUG'] && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`)
  } finally {
    process.off('SIGINT', interrupt)
  }
}

/** JSON has neither infinities nor typed arrays. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return null
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

function build(spec: CommandSpec, parent: Command): void {
  const command = parent.command(spec.name.split(' ').at(-1)!).description(spec.summary)
  for (const [name, description] of spec.args) command.argument(name, description)
  for (const { flags, description, kind, choices, fallback, required } of spec.options) {
    const option = new Option(flags, required ? `${description} (required)` : description)
    if (kind === 'integer') option.argParser(wholeNumber)
    if (kind === 'repeat') option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
    if (choices) option.choices(choices)
    if (fallback !== undefined) option.default(fallback)
    command.addOption(option)
  }
  command
    .option('--json', 'print one JSON envelope instead of text')
    .option('--quiet', 'no progress and no warnings on stderr')
    .addOption(new Option('--seed <n>', 'seed of everything random').argParser(wholeNumber))
    .option('--no-color', 'no colours')
  const needed = spec.options.filter((o) => o.required).map((o) => o.flags.replace(/, --[a-z-]+/, ''))
  command.usage(
    [...spec.args.map(([name]) => (name.startsWith('[') ? name : `<${name}>`)), ...needed, '[options]'].join(' '),
  )
  if (spec.examples.length > 0)
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((e) => `  $ ohmbit ${e}`).join('\n')}`)
  // `--set a=1 b=2` is as good as `--set a=1 --set b=2`: what stands beyond the arguments must then be assignments.
  const sets = spec.options.some((o) => o.flags.startsWith('--set '))
  command.allowExcessArguments(sets)
  command.action(async () => {
    const options = command.opts()
    // Of any number of arguments, `--set` takes what are assignments.
    const many = spec.args.at(-1)?.[0].includes('...') === true
    const isSet = (word: string) => options['set'] !== undefined && /^[A-Za-z]\w*(\.\w+)*=/.test(word)
    const given = many ? command.args.filter((word) => !isSet(word)) : command.args.slice(0, spec.args.length)
    const beyond = many ? command.args.filter(isSet) : command.args.slice(spec.args.length)
    const stray = beyond.find((word) => !isSet(word))
    if (stray !== undefined) command.error(`error: too many arguments: ${stray}`)
    await execute(spec, given, {
      ...options,
      ...(beyond.length > 0 ? { set: [...(options['set'] as string[]), ...beyond] } : {}),
    })
  })
}

function program(): Command {
  const root = new Command('ohmbit')
    .description(
      'Task-based quantizer networks as hardware: memristor crossbars, one serial ADC, a fixed-point decoder.',
    )
    .version(version, '-V, --version')
    .showHelpAfterError('(see --help)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'error OHM9001: ')) })
    .addHelpText('after', '\nStart with: ohmbit demo')
  const groups = new Map<string, Command>()
  for (const spec of commandSpecs) {
    const [head, tail] = spec.name.split(' ')
    if (tail === undefined) build(spec, root)
    else {
      let group = groups.get(head!)
      if (group === undefined) {
        group = root.command(head!).description(spec.group ?? '')
        groups.set(head!, group)
      }
      build(spec, group)
    }
  }
  for (const command of [
    root,
    ...groups.values(),
    ...root.commands,
    ...[...groups.values()].flatMap((g) => g.commands),
  ])
    command.exitOverride()
  return root
}

/** The command that was meant, for the envelope of a usage error: a known name, else the first word. */
function commandWords(argv: readonly string[]): string {
  const words = argv.filter((a) => !a.startsWith('-'))
  const known = [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => commandSpecs.some((s) => s.name === name))
  return known ?? words[0] ?? ''
}

const FLAGS = ['--json', '--quiet', '--no-color']

/** What to say when a group stands alone, or nothing was given; null where there is a command. */
function commandMissing(argv: readonly string[]): string | null {
  const words = argv.filter((word) => !word.startsWith('-'))
  if (words.length === 0) return argv.every((flag) => FLAGS.includes(flag)) ? 'there is no command' : null
  const tails = commandSpecs.filter((s) => s.name.startsWith(`${words[0]} `)).map((s) => s.name.split(' ')[1])
  return words.length > 1 || tails.length === 0 ? null : `${words[0]} needs one of its commands: ${tails.join(', ')}`
}

/** Flags that every command takes may also stand before the command. */
function flagsLast(argv: readonly string[]): readonly string[] {
  const first = argv.findIndex((word) => !FLAGS.includes(word))
  return first > 0 ? [...argv.slice(first), ...argv.slice(0, first)] : argv
}

async function main(given: readonly string[]): Promise<void> {
  const argv = flagsLast(given)
  const json = argv.includes('--json')
  try {
    const root = program()
    if (json)
      for (const c of [root, ...root.commands, ...root.commands.flatMap((g) => g.commands)])
        c.configureOutput({ writeErr: () => {} })
    await root.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version are successes; a group without its command shows its help and is a usage error.
    exitCode = error.exitCode === 0 ? 0 : EXIT.usage
    const missing = exitCode === 0 ? null : commandMissing(argv)
    const message = missing ?? error.message.replace(/^error: /, '')
    if (missing !== null && error.code === 'commander.help' && !json)
      process.stderr.write(`\nerror OHM9001: ${message}\n`)
    if (json && exitCode !== 0)
      process.stdout.write(
        `${JSON.stringify(
          {
            format: 'ohmbit/result/1',
            command: commandWords(argv),
            ok: false,
            error: {
              code: 'OHM9001',
              kind: 'usage',
              message,
              hint: 'see --help',
            },
          },
          null,
          2,
        )}\n`,
      )
  }
  process.exitCode = exitCode
}

// A closed pipe (`ohmbit ... | head`) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`error OHM1007: cannot write to standard output: ${error.message}\n`)
  process.exit(EXIT.input)
})
await main(process.argv.slice(2))
