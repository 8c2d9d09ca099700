// Rows of the bench table: measured beside their peer in the same run, each as the least of several repeats.
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const rows = []

/** Least seconds of several calls, the first one thrown away. */
export function best(work, { repeats = 5, atLeast = 0.2 } = {}) {
  let result = work()
  let seconds = Number.POSITIVE_INFINITY
  const end = performance.now() + 1000 * atLeast
  for (let i = 0; i < repeats || (performance.now() < end && i < 100_000); i++) {
    const start = performance.now()
    result = work()
    seconds = Math.min(seconds, (performance.now() - start) / 1000)
  }
  return { seconds, result }
}

// Debian's own python3 has scipy even where another python3 comes first on the path.
const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import numpy, scipy.sparse']).status === 0,
)
export const hasPython = python !== undefined
/** The first python3 that has PyTorch. */
const torch = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import numpy, torch']).status === 0,
)
export const hasTorch = torch !== undefined
export const hasNgspice = spawnSync('ngspice', ['--version']).status === 0

const peerFile = fileURLToPath(new URL('./peer.py', import.meta.url))

/** A case of peer.py, on one thread; null where python3 with numpy and scipy (training: PyTorch) is missing. */
export function peer(name, input) {
  const program = input.kind === 'training' ? torch : python
  if (program === undefined) return null
  const out = execFileSync(program, [peerFile], {
    input: JSON.stringify(input),
    maxBuffer: 1 << 30,
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
  })
  return { name, ...JSON.parse(out) }
}

/** max |a - b| / max |b| */
export function distance(a, b) {
  let worst = 0
  let largest = 0
  for (let i = 0; i < b.length; i++) {
    worst = Math.max(worst, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
  }
  return worst / largest
}

/**
 * @param seconds  ours (or another quantity that is better small, with `unit`; for `vectors/s` seconds a vector)
 * @param other    { name, seconds } of the peer or of a limit; null = not installed
 * @param floor    least ratio peer / ours; null = none
 * @param limit    largest error; null = none
 */
export function add(id, seconds, other, { floor = null, error = null, limit = null, unit = 's', note = '' } = {}) {
  const ratio = other === null ? null : other.seconds / seconds
  const slow = ratio !== null && floor !== null && ratio < floor
  const wrong = error !== null && limit !== null && !(error <= limit)
  rows.push({
    id,
    seconds,
    peer: other?.name ?? null,
    peerSeconds: other?.seconds ?? null,
    ratio,
    error,
    floor,
    pass: floor === null && limit === null ? null : (ratio === null && floor !== null ? null : !slow) && !wrong,
    unit,
    note,
  })
}

const shown = (x, unit) => {
  if (x === null) return '-'
  if (unit === 'MB') return `${x.toFixed(0)} MB`
  if (unit === 'power') return x.toFixed(2)
  if (unit === 'vectors/s') return `${Math.round(1 / x)} vectors/s`
  const [scale, name] = x >= 1 ? [1, 's'] : x >= 1e-3 ? [1e3, 'ms'] : x >= 1e-6 ? [1e6, 'us'] : [1e9, 'ns']
  return `${(x * scale).toPrecision(3)} ${name}`
}

/** The table as text, markdown compatible. */
export function tableText() {
  const table = [
    ['what', 'ohmbit', 'peer', 'peer time', 'ratio', 'floor', 'difference', 'passes'],
    ...rows.map((r) => [
      r.id,
      shown(r.seconds, r.unit),
      r.peer ?? '-',
      shown(r.peerSeconds, r.unit),
      r.ratio === null ? '-' : r.ratio >= 100 ? r.ratio.toFixed(0) : r.ratio.toPrecision(3),
      r.floor === null ? '-' : String(r.floor),
      r.error === null ? '-' : r.error.toExponential(0),
      r.pass === null ? '-' : r.pass ? 'yes' : 'NO',
    ]),
  ]
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)))
  const line = (row) => `| ${row.map((c, i) => c.padEnd(widths[i])).join(' | ')} |`
  return [line(table[0]), `|${widths.map((w) => '-'.repeat(w + 2)).join('|')}|`, ...table.slice(1).map(line)].join('\n')
}
