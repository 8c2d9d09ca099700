/** A thread that does one training run; `stop` from outside ends it after a last checkpoint. */
import { parentPort, workerData } from 'node:worker_threads'
import { OhmbitError } from '../base/errors.ts'
import { useEngine } from '../numerics/kernels/module.ts'
import { runTrainingJob } from './training-job.ts'
import type { TrainingMessage, TrainingWorkerData } from './training-jobs.ts'

const { job, engine } = workerData as TrainingWorkerData
useEngine(engine)
const port = parentPort!
const say = (message: TrainingMessage) => port.postMessage(message)
const abort = new AbortController()
port.on('message', () => abort.abort(new Error('interrupted')))
try {
  const outcome = await runTrainingJob(job, {
    signal: abort.signal,
    onProgress: (progress) => say({ kind: 'progress', progress }),
  })
  say({ kind: 'done', outcome })
} catch (error) {
  if (!(error instanceof OhmbitError)) throw error
  say({ kind: 'failed', problems: error.problems })
}
port.close()
