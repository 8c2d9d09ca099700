/**
 * The control block of a deck, read back: only what the ngspice dialect writes.
 */
import type { Analysis } from './circuit.ts'
import { readNumber } from './read-expression.ts'

/** A node of the top, or one inside an instance: its path, joined with '.' */
const NODE = /^v\(([a-z][\w.]*)\)$/

/** Where a deck has none that is understood. */
export const NO_ANALYSIS: Analysis = { kind: 'vectors', count: 0, nodes: [] }

/** @param control  commands between .control and .endc */
export function readAnalysis(control: readonly string[]): Analysis | { readonly problem: string } {
  if (control.length === 0) return { problem: 'there is no analysis' }
  if (control.at(-1) !== 'quit') return { problem: '.control does not end in quit' }
  if (control[0] !== 'set numdgt=16') return { problem: '.control does not begin with set numdgt=16' }
  const [run = '', ...rest] = control.slice(1, -1)
  return (
    vectors([run, ...rest]) ??
    transient(run, rest) ??
    noise([run, ...rest]) ?? { problem: `.control: "${run.slice(0, 60)}" is no analysis we write` }
  )
}

function vectors(commands: readonly string[]): Analysis | null {
  const saves = commands.filter((line) => line.startsWith('save '))
  const [run = '', ...rest] = commands.slice(saves.length)
  const sweep = /^dc vvec 0 (\d+) 1$/.exec(run)
  if (sweep === null) return null
  const count = Number(sweep[1]) + 1
  const together = rest.length === 1 && rest[0] === 'print line all'
  if (together && saves.length === 0) return { kind: 'vectors', count, nodes: [], all: true }
  if (!together && saves.length > 0) return null
  const nodes = together ? listed('save', saves, NODE) : listed('print line', rest, NODE)
  return nodes === null ? null : { kind: 'vectors', count, nodes }
}

function transient(run: string, rest: readonly string[]): Analysis | null {
  const words = /^tran (\S+) (\S+) 0 (\S+) uic$/.exec(run)
  const times = /^compose when values (.+)$/.exec(rest[2] ?? '')
  if (words === null || words[1] !== words[3] || times === null) return null
  if (rest[0] !== 'set run = $curplot' || rest[1] !== 'setplot new' || rest[3] !== 'setscale when') return null
  const lets = rest.slice(4).filter((line) => !line.startsWith('print '))
  const nodes = listed('print line', rest.slice(4 + lets.length), /^at_([a-z]\w*)$/)
  if (nodes === null || nodes.length !== lets.length) return null
  if (nodes.some((node, k) => lets[k] !== `let at_${node} = interpolate({$run}.${node})`)) return null
  const numbers = [words[1]!, words[2]!, ...times[1]!.split(' ')].map(readNumber)
  if (numbers.includes(null)) return null
  const [step, stop, ...at] = numbers as number[]
  return { kind: 'transient', stop: stop!, step: step!, nodes, times: at }
}

function noise(commands: readonly string[]): Analysis | null {
  const temperature = /^option temp=(\S+)$/.exec(commands[0] ?? '')?.[1]
  const celsius = temperature === undefined ? undefined : readNumber(temperature)
  if (celsius === null) return null
  const [drive = '', run = '', ...rest] = celsius === undefined ? commands : commands.slice(1)
  const source = /^alter @v(\w+)\[acmag\]=1$/.exec(drive)?.[1]
  const words = /^noise v\(([a-z]\w*)\) v(\w+) dec (\d+) (\S+) (\S+)$/.exec(run)
  if (source === undefined || words === null || words[2] !== source) return null
  const prints = [
    'setplot noise1',
    'print line frequency onoise_spectrum inoise_spectrum',
    'setplot noise2',
    'print line onoise_total inoise_total',
  ]
  if (rest.length !== prints.length || prints.some((line, k) => rest[k] !== line)) return null
  const [from, to] = [readNumber(words[4]!), readNumber(words[5]!)]
  if (from === null || to === null) return null
  const band = { from, to, pointsPerDecade: Number(words[3]) }
  return { kind: 'noise', node: words[1]!, source, ...band, ...(celsius === undefined ? {} : { celsius }) }
}

/** Nodes of commands that list them, each word as the pattern has it; null when a line is anything else. */
function listed(command: string, all: readonly string[], pattern: RegExp): string[] | null {
  const nodes: string[] = []
  for (const line of all) {
    if (!line.startsWith(`${command} `)) return null
    for (const word of line.slice(command.length + 1).split(' ')) {
      const node = pattern.exec(word)?.[1]
      if (node === undefined) return null
      nodes.push(node)
    }
  }
  return nodes
}
