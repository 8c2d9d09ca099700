import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { Turn } from '../../src/study/turn.ts'

it('gives each number once, in order, then none', () => {
  const turn = new Turn(3)
  expect([turn.next(), new Turn(turn.shared).next(), turn.next(), turn.next(), turn.next()]).toEqual([
    0,
    1,
    2,
    null,
    null,
  ])
})

it('gives none after a stop, whichever side asks', () => {
  const turn = new Turn(10)
  turn.next()
  new Turn(turn.shared).stop()
  expect([turn.next(), new Turn(turn.shared).next()]).toEqual([null, null])
})

it('two threads together take every number once', async () => {
  const file = new URL('../../src/study/turn.ts', import.meta.url).href
  const source = (await import('node:fs')).readFileSync(new URL(file), 'utf8')
  // Types stripped by hand: a worker reads plain JavaScript on every Node that is supported.
  const plain = (await import('typescript')).default.transpile(source, { module: 99, target: 99 })
  const turn = new Turn(20000)
  const worker = new Worker(
    new URL(
      `data:text/javascript,${encodeURIComponent(`${plain}
import { parentPort, workerData } from 'node:worker_threads'
const turn = new Turn(workerData); const taken = []
for (let k = turn.next(); k !== null; k = turn.next()) taken.push(k)
parentPort.postMessage(taken)`)}`,
    ),
    { workerData: turn.shared },
  )
  const there = new Promise<number[]>((resolve, reject) => worker.on('message', resolve).on('error', reject))
  const here: number[] = []
  for (let k = turn.next(); k !== null; k = turn.next()) {
    here.push(k)
    if (k % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const all = [...here, ...(await there)].sort((a, b) => a - b)
  expect(all).toEqual(Array.from({ length: 20000 }, (_, k) => k))
})
