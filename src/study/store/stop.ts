/** Asking a run to stop, from another process or machine: a file in its folder that names its lock. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomic } from '../../base/files.ts'
import { type LockOwner, lockOwner } from './lock.ts'

/** The run was asked to stop by `study cancel`. */
export class StudyStopped extends Error {
  constructor() {
    super('the study was cancelled')
  }
}

const FILE = 'stop.json'
const EVERY_MS = 500

/** @returns whom was asked; null where nobody runs */
export async function requestStop(folder: string): Promise<LockOwner | null> {
  const owner = await lockOwner(folder)
  if (owner !== null) await writeAtomic(join(folder, FILE), `${JSON.stringify({ token: owner.token })}\n`)
  return owner
}

export const removeStop = (folder: string): Promise<void> => rm(join(folder, FILE), { force: true })

/**
 * Look for a request to this run.
 *
 * @returns a signal that aborts when one came, and a function that ends looking
 */
export function watchStop(folder: string, owner: LockOwner): { signal: AbortSignal; end: () => void } {
  const asked = new AbortController()
  const timer = setInterval(async () => {
    try {
      const text = await readFile(join(folder, FILE), 'utf8')
      if (text.length < 4096 && JSON.parse(text)?.token === owner.token) asked.abort(new StudyStopped())
    } catch {
      // Nobody asks.
    }
  }, EVERY_MS)
  timer.unref()
  return { signal: asked.signal, end: () => clearInterval(timer) }
}
