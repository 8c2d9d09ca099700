/**
 * ngspice as WebAssembly (package eecircuit-engine), in a thread of its own: a solve cannot be interrupted otherwise,
 * and the package prints to the console.
 */
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
echo v1 a 0 0 >> after.cir
echo r1 a 0 1 >> after.cir
echo .op >> after.cir
echo .end >> after.cir
source after.cir
.endc`

const TOOL = 'eecircuit-engine'

/** @throws OHM6002 when the optional dependency is not installed or does not start */
export async function embeddedEngine(options: { timeoutSeconds?: number } = {}): Promise<CircuitEngine> {
  const seconds = options.timeoutSeconds ?? 300
  let url: string
  try {
    url = import.meta.resolve(TOOL)
    await import('node:fs/promises').then(({ access }) => access(new URL(url)))
  } catch {
    return fail('OHM6002', 'the embedded circuit simulator (npm package eecircuit-engine) is not installed', {
      hint: 'npm install eecircuit-engine, or use an installed ngspice (--with ngspice)',
    })
  }
  let worker: Worker | null = null
  let queue: Promise<unknown> = Promise.resolve()

  /** One answer of the thread; a thread that fails or takes too long is given up. */
  const answer = (thread: Worker) =>
    new Promise<string>((resolve, reject) => {
      const giveUp = (message: string) => {
        settle()
        if (worker === thread) worker = null
        void thread.terminate()
        reject(new OhmbitError({ code: 'OHM6002', message }))
      }
      const onMessage = (text: string) => {
        settle()
        resolve(text)
      }
      const onError = (error: Error) => giveUp(`${TOOL} stopped: ${error.message}`)
      const onExit = (code: number) => giveUp(`${TOOL} stopped with exit code ${code}`)
      const timer = setTimeout(() => giveUp(`${TOOL} did not finish within ${seconds} s`), seconds * 1000)
      const settle = () => {
        clearTimeout(timer)
        thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      }
      thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    })

  const start = async (): Promise<Worker> => {
    const thread = new Worker(THREAD, {
      eval: true,
      workerData: { url, most: MAX_LOG },
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    await answer(thread)
    return thread
  }
  const run = async (deck: string): Promise<string> => {
    worker ??= await start()
    worker.ref()
    const log = answer(worker)
    worker.postMessage(deck.replace(/^quit\n\.endc$/m, AFTERWARDS))
    const text = await log
    worker.unref()
    return text
  }
  worker = await start()
  worker.unref()
  return {
    id: 'embedded',
    // 33 000 unknowns, a wired 128 x 128 array, take about 3 s.
    limits: { arrayNodes: 33_000, deckNodes: 33_000 },
    async solve(deck, nodes, vectors, seen) {
      const turn = queue.then(() => run(deck))
      queue = turn.catch(() => {})
      return solution(TOOL, { log: await turn, stopped: null, status: 0 }, nodes, vectors, seen)
    },
    async close() {
      await worker?.terminate()
      worker = null
    },
  }
}
