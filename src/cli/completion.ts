import { fail } from '../base/errors.ts'
import type { Run } from './command.ts'
import { commandSpecs } from './commands.ts'

const COMMON = ['--json', '--quiet', '--seed', '--no-color', '--help']
const flagsOf = (name: string) => [
  ...commandSpecs.find((s) => s.name === name)!.options.flatMap((o) => o.flags.match(/--?[a-z-]+/g) ?? []),
  ...COMMON,
]
const heads = [...new Set(commandSpecs.map((s) => s.name.split(' ')[0]!))]
const tailsOf = (head: string) =>
  commandSpecs.filter((s) => s.name.startsWith(`${head} `)).map((s) => s.name.split(' ')[1]!)

/** The command line so far decides: a group offers its commands, a command its options and files. */
function bash(): string {
  const groups = heads.filter((h) => tailsOf(h).length > 0)
  return `# bash completion for ohmbit
_ohmbit() {
  local word="\${COMP_WORDS[COMP_CWORD]}" one="\${COMP_WORDS[1]}" command="\${COMP_WORDS[1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${heads.join(' ')} --help --version"
  else
    case "$one" in
${groups.map((g) => `      ${g}) if [ "$COMP_CWORD" -eq 2 ]; then words="${tailsOf(g).join(' ')}"; else command="$one \${COMP_WORDS[2]}"; fi ;;`).join('\n')}
    esac
    [ -n "$words" ] || case "$command" in
${commandSpecs.map((s) => `      "${s.name}") words="${flagsOf(s.name).join(' ')}" ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word") $(compgen -f -- "$word"))
}
complete -o filenames -F _ohmbit ohmbit`
}

function zsh(): string {
  return `#compdef ohmbit
autoload -U +X bashcompinit && bashcompinit
${bash()}`
}

function fish(): string {
  const quote = (s: string) => `'${s.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
  const lines = ['# fish completion for ohmbit']
  for (const head of heads) {
    const spec = commandSpecs.find((s) => s.name.split(' ')[0] === head)!
    const tails = tailsOf(head)
    lines.push(
      `complete -c ohmbit -n __fish_use_subcommand -a ${head} -d ${quote(tails.length > 0 ? (spec.group ?? '') : spec.summary)}`,
    )
    if (tails.length > 0)
      lines.push(
        `complete -c ohmbit -n '__fish_seen_subcommand_from ${head}; and not __fish_seen_subcommand_from ${tails.join(' ')}' -a ${quote(tails.join(' '))}`,
      )
  }
  for (const spec of commandSpecs)
    for (const { flags, description } of spec.options) {
      const long = flags.match(/--([a-z-]+)/)?.[1]
      const condition = spec.name
        .split(' ')
        .map((w) => `__fish_seen_subcommand_from ${w}`)
        .join('; and ')
      lines.push(`complete -c ohmbit -n '${condition}' -l ${long} -d ${quote(description)}`)
    }
  return lines.join('\n')
}

export const run: Run = async ({ args }) => {
  const shell = args[0]!
  const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish }
  if (!Object.hasOwn(scripts, shell))
    fail('OHM9001', `there is no completion for "${shell}"`, { hint: 'bash, zsh or fish' })
  const text = scripts[shell]!()
  return { result: { shell, script: text }, text }
}
