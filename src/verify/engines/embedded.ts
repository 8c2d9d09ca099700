/**
 * ngspice as WebAssembly (package eecircuit-engine), in a thread of its own: a solve cannot be interrupted otherwise,
 * and the package prints to the console.
 */
import { access } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { fail, OhmbitError } from '../../base/errors.ts'
import { type CircuitEngine, MAX_LOG, solution } from './engine.ts'

/** Plain JavaScript, so that it runs alike from TypeScript sources and from dist. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData.url).then(async ({ Simulation }) => {
  // It keeps the end of what is printed, and of a long log the warnings at its beginning would be gone.
  Simulation.MAX_INFO_CHARS = workerData.most
  const simulation = new Simulation()
  await simulation.start()
  parentPort.on('message', async (deck) => {
    simulation.setNetList(deck)
    await simulation.runSim()
    parentPort.postMessage(simulation.getInfo())
  })
  parentPort.postMessage('ready')
})`

/**
 * The package runs the circuit it last read once more and collects its result, so `quit` gives way to a circuit of one
 * resistor; `remcirc` frees the large one.
 */
const AFTERWARDS = `remcirc
echo after > after.cir
echo v1 after 0 0 >> after.cir
echo r1 after 0 1 >> after.cir
echo .op >> after.cir
echo .end >> after.cir
source after.cir
.endc`

const TOOL = 'eecircuit-engine'

/** Decks solved at a time: each thread holds a simulator of its own, up to some hundred MB for a large deck. */
const LANES = 2

/**
 * @throws OHM6002 when the optional dependency is not installed or does not start
 */
export async function embeddedEngine(options: { timeoutSeconds?: number } = {}): Promise<CircuitEngine> {
  let url: string
  try {
    url = import.meta.resolve(TOOL)
    await access(new URL(url))
  } catch {
    return fail('OHM6002', 'the embedded circuit simulator (npm package eecircuit-engine) is not installed', {
      hint: 'npm install eecircuit-engine, or use an installed ngspice (--with ngspice)',
    })
  }
  const lanes = Array.from({ length: Math.min(LANES, availableParallelism()) }, () =>
    lane(url, options.timeoutSeconds ?? 300),
  )
  await lanes[0]!.start()
  return {
    id: 'embedded',
    // 33 000 unknowns, a wired 128 x 128 array, take about 3 s.
    limits: { arrayNodes: 33_000, deckNodes: 33_000 },
    solve(deck, nodes, vectors, seen) {
      const free = lanes.reduce((a, b) => (b.waiting() < a.waiting() ? b : a))
      return free.turn(deck, (log) => solution(TOOL, { log, stopped: null, status: 0 }, nodes, vectors, seen))
    },
    async close() {
      await Promise.all(lanes.map((each) => each.close()))
    },
  }
}

/** A thread and the decks that wait for it. */
interface Lane {
  start(): Promise<void>
  waiting(): number
  /** Run a deck when its turn has come. A thread whose run `judge` refuses is given up, so that nothing of it is left. */
  turn<T>(deck: string, judge: (log: string) => T): Promise<T>
  close(): Promise<void>
}

function lane(url: string, seconds: number): Lane {
  let worker: Worker | null = null
  let queue: Promise<unknown> = Promise.resolve()
  let waiting = 0

  const giveUp = async () => {
    const thread = worker
    worker = null
    await thread?.terminate()
  }
  /** One answer of the thread; one that fails or takes too long is given up. */
  const answer = (thread: Worker) =>
    new Promise<string>((resolve, reject) => {
      const refuse = (message: string) => {
        settle()
        void giveUp()
        reject(new OhmbitError({ code: 'OHM6002', message }))
      }
      const onMessage = (text: string) => {
        settle()
        resolve(text)
      }
      const onError = (error: Error) => refuse(`${TOOL} stopped: ${error.message}`)
      const onExit = (code: number) => refuse(`${TOOL} stopped with exit code ${code}`)
      const timer = setTimeout(() => refuse(`${TOOL} did not finish within ${seconds} s`), seconds * 1000)
      const settle = () => {
        clearTimeout(timer)
        thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      }
      thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    })
  const start = async (): Promise<void> => {
    worker = new Worker(THREAD, {
      eval: true,
      workerData: { url, most: MAX_LOG },
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    await answer(worker)
    worker.unref()
  }
  const run = async (deck: string): Promise<string> => {
    if (worker === null) await start()
    const thread = worker!
    thread.ref()
    const log = answer(thread)
    thread.postMessage(deck.replace(/^quit\n\.endc$/m, AFTERWARDS))
    const text = await log
    thread.unref()
    return text
  }
  return {
    start,
    waiting: () => waiting,
    async turn(deck, judge) {
      waiting++
      const turn = queue.then(() => run(deck))
      const judged = turn.then(judge)
      queue = judged.catch(giveUp)
      try {
        return await judged
      } finally {
        waiting--
      }
    },
    close: giveUp,
  }
}
