// Exact currents of a crossbar with wires, from conductances: one vector, and 100 vectors; scipy assembles and solves.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transferCurrents } from '../../dist/crossbar/multiport.js'
import { prepareSolver, transferMatrix } from '../../dist/crossbar/wires.js'
import { matrix } from '../../dist/index.js'
import { useEngine } from '../../dist/numerics/kernels/module.js'
import { site, uniformAt } from '../../dist/numerics/random.js'
import { add, best, distance, hasNgspice, peer } from './table.mjs'

const OHMS = 2
const WIRES = { wordSegment: OHMS, bitSegment: OHMS, driver: 0, sense: 0 }
const SIZES = [
  [11, 100],
  [32, 32],
  [64, 64],
  [128, 128],
  [256, 256],
  [512, 512],
]
const FLOORS = {
  one: { '64x64': 100, '128x128': 100, '256x256': 100, '512x512': 60 },
  hundred: { '11x100': 18, '32x32': 35, '64x64': 35, '128x128': 35, '256x256': 35, '512x512': 35 },
  reference: { '64x64': 30, '128x128': 30, '256x256': 30 },
}
const key = { seed: 1, chip: 0 }

/** Devices uniform in 1 to 100 uS, inputs uniform in +-0.2 V: the hardest case, trained layers draw less. */
export function testArray(m, n, vectors) {
  const g = matrix(m, n)
  for (let k = 0; k < m * n; k++) g.data[k] = 1e-6 + 99e-6 * uniformAt(key, site(0, 'fault'), k >> 8, k & 255)
  const v = matrix(vectors, m)
  for (let k = 0; k < v.data.length; k++) v.data[k] = 0.4 * uniformAt(key, site(0, 'calibration'), 0, 0, k) - 0.2
  return { g, v }
}

const rowsOf = (a) =>
  Array.from({ length: a.rows }, (_, i) => Array.from(a.data.subarray(i * a.cols, (i + 1) * a.cols)))

export async function wireRows() {
  const seconds = { one: {}, hundred: {} }
  let spsolve64 = null
  for (const [m, n] of SIZES) {
    const name = `${m}x${n}`
    const { g, v } = testArray(m, n, 100)
    const first = { rows: 1, cols: m, data: v.data.slice(0, m) }
    const input = { kind: 'wires', conductance: rowsOf(g), ohms: OHMS }
    const repeats = m >= 256 ? 1 : 3
    const one = peer('scipy spsolve', { ...input, inputs: rowsOf(first), repeats })
    if (name === '64x64') spsolve64 = one
    const ours = best(() => prepareSolver(g, WIRES).solve(first).outputAmps)
    seconds.one[name] = ours.seconds
    const difference = (result, other) => other && distance(result.data, other.result.flat())
    add(`wires ${name}, 1 vector`, ours.seconds, one, {
      floor: FLOORS.one[name] ?? null,
      error: difference(ours.result, one),
      limit: 1e-10,
    })
    if (m <= 256) {
      useEngine('reference')
      const plain = best(() => prepareSolver(g, WIRES).solve(first).outputAmps)
      useEngine('simd')
      add(`wires ${name}, 1 vector, plain TypeScript`, plain.seconds, one, {
        floor: FLOORS.reference[name] ?? null,
        error: difference(plain.result, one),
        limit: 1e-10,
      })
    }
    const many = peer('scipy splu', { ...input, inputs: rowsOf(v), repeats })
    const hundred = best(() => transferCurrents(transferMatrix(g, WIRES), v))
    seconds.hundred[name] = hundred.seconds
    add(`wires ${name}, 100 vectors`, hundred.seconds, many, {
      floor: FLOORS.hundred[name] ?? null,
      error: difference(hundred.result, many),
      limit: 1e-12,
    })
  }
  // What doubling the side costs: 2 = in proportion to the cells.
  for (const [kind, label] of [
    ['one', '1 vector'],
    ['hundred', '100 vectors'],
  ])
    for (const [small, large] of [
      ['64x64', '128x128'],
      ['128x128', '256x256'],
      ['256x256', '512x512'],
    ])
      add(
        `growth ${small} to ${large}, ${label}: power of the side`,
        Math.log2(seconds[kind][large] / seconds[kind][small]),
        null,
        {
          unit: 'power',
        },
      )
  if (hasNgspice) add('wires 64x64, ngspice .op', seconds.one['64x64'], ngspice(64), { floor: 10_000 })
  add('memory of the process, 512x512, 1 vector', memory(), { name: 'limit', seconds: 250 }, { floor: 1, unit: 'MB' })
  return spsolve64
}

/** Peak resident size of a process of its own that solves one 512 x 512 array, in MB. */
function memory() {
  const text = execFileSync(process.execPath, [new URL('./memory.mjs', import.meta.url).pathname], { encoding: 'utf8' })
  return Number(text)
}

/** The same array as a deck: seconds of ngspice beyond those of an empty deck. */
function ngspice(side) {
  const { g, v } = testArray(side, side, 1)
  const lines = ['crossbar', '.options reltol=1e-9']
  for (let i = 0; i < side; i++) {
    lines.push(`v${i} in${i} 0 ${v.data[i]}`, `rw${i}_0 in${i} w${i}_0 ${OHMS}`)
    for (let j = 0; j < side; j++) {
      if (j > 0) lines.push(`rw${i}_${j} w${i}_${j - 1} w${i}_${j} ${OHMS}`)
      lines.push(`rd${i}_${j} w${i}_${j} b${i}_${j} ${1 / g.data[i * side + j]}`)
      lines.push(`rb${i}_${j} b${i}_${j} ${i === side - 1 ? '0' : `b${i + 1}_${j}`} ${OHMS}`)
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'ohmbit-bench-'))
  const time = (name, body) => {
    const path = join(folder, name)
    writeFileSync(path, [...body, '.op', '.end', ''].join('\n'))
    const start = performance.now()
    spawnSync('ngspice', ['-n', '-b', path])
    return (performance.now() - start) / 1000
  }
  const empty = Math.min(...[1, 2, 3].map(() => time('empty.cir', ['empty', 'r1 a 0 1', 'v1 a 0 1'])))
  const full = Math.min(...[1, 2].map(() => time('array.cir', lines)))
  rmSync(folder, { recursive: true })
  return { name: 'ngspice', seconds: full - empty }
}
