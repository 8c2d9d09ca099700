/**
 * The control block of a deck, read back: only what the ngspice dialect writes.
 */
import type { Analysis } from './circuit.ts'
import { readNumber } from './read-expression.ts'
import { windowName } from './windows.ts'

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
  if (words === null || words[1] !== words[3] || rest[0] !== 'set run = $curplot') return null
  const begins = rest.flatMap((line, k) => (line === 'setplot new' ? [k] : []))
  if (begins[0] !== 1) return null
  const windows = begins.map((from, w) => transientWindow(rest.slice(from, begins[w + 1]), w))
  const [first] = windows
  if (first === undefined || first === null) return null
  const times: number[] = []
  for (const window of windows) {
    if (window === null || window.nodes.join() !== first.nodes.join()) return null
    // A window may begin before the end of the one before.
    const known = times.indexOf(window.times[0]!)
    const overlap = known < 0 ? 0 : times.length - known
    if (window.times.slice(0, overlap).some((t, k) => t !== times[known + k])) return null
    times.push(...window.times.slice(overlap))
  }
  const [step, stop] = [readNumber(words[1]!), readNumber(words[2]!)]
  if (step === null || stop === null) return null
  return { kind: 'transient', stop, step, nodes: first.nodes, times }
}

/** One window of printed times. */
function transientWindow(lines: readonly string[], w: number): { nodes: string[]; times: number[] } | null {
  const list = /^compose when values (.+)$/.exec(lines[1] ?? '')
  if (list === null || lines[2] !== 'setscale when') return null
  const lets = lines.slice(3).filter((line) => !line.startsWith('print '))
  const printed = listed('print line', lines.slice(3 + lets.length), /^([a-z]\w*)$/)
  if (printed === null || printed.length !== lets.length) return null
  const prefix = windowName('', w)
  if (!printed.every((name) => name.startsWith(prefix))) return null
  const nodes = printed.map((name) => name.slice(prefix.length))
  if (nodes.some((node, k) => lets[k] !== `let ${printed[k]} = interpolate({$run}.${node})`)) return null
  const times = list[1]!.split(' ').map(readNumber)
  return times.includes(null) ? null : { nodes, times: times as number[] }
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
