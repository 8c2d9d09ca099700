import { fail } from '../base/errors.ts'
import type { Run } from './command.ts'
import { type CommandSpec, commandSpecs } from './commands.ts'
import { argumentOf, optionValue, type Place, SHELLS } from './completion-values.ts'

const COMMON = ['--json', '--quiet', '--seed', '--no-color', '--help']
const heads = [...new Set(commandSpecs.map((s) => s.name.split(' ')[0]!))]
const tailsOf = (head: string) =>
  commandSpecs.filter((s) => s.name.startsWith(`${head} `)).map((s) => s.name.split(' ')[1]!)
const flagsOf = (flags: string): string[] => flags.match(/--?[a-z-]+(?=[, ]|$)/g) ?? []

/** Everything of a command that can be completed. */
interface Offer {
  readonly spec: CommandSpec
  readonly flags: readonly string[]
  readonly values: readonly { readonly flags: readonly string[]; readonly place: Place }[]
  readonly argument: Place
}

async function offerOf(spec: CommandSpec): Promise<Offer> {
  const values: { flags: readonly string[]; place: Place }[] = [
    { flags: ['--seed'], place: { words: [], files: false } },
  ]
  for (const option of spec.options) {
    const place = await optionValue(option)
    if (place !== null) values.push({ flags: flagsOf(option.flags), place })
  }
  const flags = [...spec.options.flatMap((o) => flagsOf(o.flags)), ...COMMON]
  return { spec, flags, values, argument: await argumentOf(spec) }
}

/**
 * The command line so far decides: a group offers its commands, an option its values, a dash the options, anything else
 * the arguments, and files only where files are taken.
 */
function bash(offers: readonly Offer[]): string {
  const take = ({ words, files }: Place) => [`words="${words.join(' ')}"`, ...(files ? ['files=1'] : [])].join('; ')
  return `# bash completion for ohmbit
_ohmbit() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words="" files=""
  COMPREPLY=()
  case "$command" in
    ${heads.filter((h) => tailsOf(h).length > 0).join('|')}) [ "$COMP_CWORD" -eq 2 ] || command="$command \${COMP_WORDS[2]}" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${heads.join(' ')} --help --version"
  else
    case "$command:$before" in
${offers
  .flatMap(({ spec, values }) =>
    values.map(
      ({ flags, place }) => `      ${flags.map((flag) => `"${spec.name}:${flag}"`).join('|')}) ${take(place)} ;;`,
    ),
  )
  .join('\n')}
      *)
        case "$command:$word" in
${offers.map(({ spec, flags }) => `          "${spec.name}:-"*) words="${flags.join(' ')}" ;;`).join('\n')}
${heads
  .filter((h) => tailsOf(h).length > 0)
  .map((h) => `          "${h}:"*) words="${tailsOf(h).join(' ')}" ;;`)
  .join('\n')}
${offers.map(({ spec, argument }) => `          "${spec.name}:"*) ${take(argument)} ;;`).join('\n')}
        esac
        ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
  local IFS=$'\\n'
  [ -z "$files" ] || COMPREPLY+=($(compgen -f -- "$word"))
}
complete -o filenames -F _ohmbit ohmbit`
}

function zsh(offers: readonly Offer[]): string {
  return `#compdef ohmbit
autoload -U +X bashcompinit && bashcompinit
${bash(offers)}`
}

function fish(offers: readonly Offer[]): string {
  const quote = (s: string) => `'${s.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`
  const take = ({ words, files }: Place) =>
    [files ? '-F' : '-f', ...(words.length > 0 ? ['-a', quote(words.join(' '))] : [])].join(' ')
  const lines = ['# fish completion for ohmbit', 'complete -c ohmbit -f']
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
  for (const { spec, values, argument } of offers) {
    const condition = quote(
      spec.name
        .split(' ')
        .map((w) => `__fish_seen_subcommand_from ${w}`)
        .join('; and '),
    )
    if (argument.files || argument.words.length > 0) lines.push(`complete -c ohmbit -n ${condition} ${take(argument)}`)
    for (const { flags, description } of spec.options) {
      const names = flagsOf(flags)
      const value = values.find((v) => v.flags.some((flag) => names.includes(flag)))
      lines.push(
        `complete -c ohmbit -n ${condition} ${names.map((n: string) => (n.startsWith('--') ? `-l ${n.slice(2)}` : `-s ${n.slice(1)}`)).join(' ')}${value === undefined ? '' : ` -r ${take(value.place)}`} -d ${quote(description)}`,
      )
    }
  }
  return lines.join('\n')
}

export const run: Run = async ({ args }) => {
  const shell = SHELLS.find((s) => s === args[0])
  if (shell === undefined)
    return fail('OHM9001', `there is no completion for "${args[0]}"`, { hint: SHELLS.join(', ') })
  const script = { bash, zsh, fish }[shell]
  const text = script(await Promise.all(commandSpecs.map(offerOf)))
  return { result: { shell, script: text }, text }
}
