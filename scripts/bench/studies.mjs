// Studies into a folder: chips a second on one worker and on two, and memory at 1000 and 10 000 chips.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy, readProfile, runStudy } from '../../dist/index.js'
import { add } from './table.mjs'

const VECTORS = 500

/** Seconds of a whole study, and of a chip once all workers are at it. */
async function timed(deployment, data, chips, workers) {
  const home = mkdtempSync(join(tmpdir(), 'ohmbit-bench-'))
  const start = performance.now()
  let from = null
  const onProgress = ({ chips: done }) => {
    if (from === null && done >= chips / 4) from = { at: performance.now(), done }
  }
  try {
    await runStudy(deployment, {
      ...data,
      chips,
      workers,
      require: 'nmseDb <= -2',
      folder: join(home, 'study'),
      onProgress,
    })
    const end = performance.now()
    return { whole: (end - start) / 1000, chip: (end - from.at) / 1000 / (chips - from.done) }
  } finally {
    rmSync(home, { recursive: true })
  }
}

export async function studyRows(network, inputs, truth) {
  const head = (m) => ({ rows: VECTORS, cols: m.cols, data: m.data.slice(0, VECTORS * m.cols) })
  const deployment = deploy(network, await readProfile('reram-1t1r'), { calibration: inputs })
  const data = { inputs: head(inputs), truth: head(truth) }
  const chips = 1000
  await timed(deployment, data, 100, 1)
  const least = (a, b) => ({ whole: Math.min(a.whole, b.whole), chip: Math.min(a.chip, b.chip) })
  let [single, double] = [await timed(deployment, data, chips, 1), await timed(deployment, data, chips, 2)]
  single = least(single, await timed(deployment, data, chips, 1))
  double = least(double, await timed(deployment, data, chips, 2))
  add(
    `study, a chip of reram-1t1r, ${VECTORS} vectors, two workers`,
    double.chip,
    { name: 'one worker', seconds: single.chip },
    { floor: 1.7 },
  )
  add(
    `study, ${chips} such chips into a folder, two workers`,
    double.whole,
    { name: 'one worker', seconds: single.whole },
    {},
  )
  const memory = (count) =>
    Number(
      execFileSync(process.execPath, [new URL('./study-memory.mjs', import.meta.url).pathname, count, 2], {
        encoding: 'utf8',
      }),
    )
  const thousand = memory(1000)
  add(
    'memory of a study, 10000 chips, two workers',
    memory(10_000),
    { name: '1000 chips', seconds: thousand },
    { floor: 0.75, unit: 'MB' },
  )
}
