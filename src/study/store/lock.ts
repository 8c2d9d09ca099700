/**
 * One run on one folder. The lock is the file `lock.N.json` of the highest N. Making a file either succeeds or finds
 * another there, so that of many runs that find a lock left behind, one makes N + 1 and the others see it.
 *
 * Whether the owner is gone: on the same machine by its process number and the moment that it was started; on another
 * machine by the file not growing, which its owner makes longer every few seconds. No clock is compared with another.
 */

import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { link, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fail, OhmbitError } from '../../base/errors.ts'

const NAME = /^lock\.(\d{1,9})\.json$/
const nameOf = (n: number) => `lock.${n}.json`

/** Seconds between beats, and without a beat before another machine's lock counts as left behind. */
const BEAT = { every: 3, patience: 45 } as const

export interface LockOwner {
  readonly host: string
  readonly pid: number
  /** When the process was started, as its machine counts; '' where that is not known. */
  readonly started: string
  /** Boot and process namespace: numbers of processes mean the same. '' where that is not known. */
  readonly machine: string
  readonly token: string
}

export interface Lock {
  /** Aborts when the lock was lost, to another machine that saw no beat. */
  readonly lost: AbortSignal
  readonly owner: LockOwner
  release(): Promise<void>
}

/** Locks of this process: after it, a process of the same number is another one. */
const held = new Set<string>()

/**
 * Take the lock of a folder, from whoever is gone.
 *
 * @throws OHM8003 another run has the folder
 */
export async function takeLock(folder: string, patience: number = BEAT.patience): Promise<Lock> {
  const owner = ownerHere()
  for (let attempt = 0; attempt < 20; attempt++) {
    const top = await topLock(folder)
    if (top !== null && !(await isLeftBehind(join(folder, nameOf(top)), patience)))
      refuse(folder, await readOwner(folder))
    const mine = (top ?? 0) + 1
    if (!(await make(folder, mine, owner))) continue
    // The one that was left behind must still stand below: else another took it, worked, and left meanwhile.
    const now = await numbers(folder)
    if (now.at(-1) !== mine || (top !== null && !now.includes(top)) || (top === null && now.length > 1)) {
      await rm(join(folder, nameOf(mine)), { force: true })
      await pause(20)
      continue
    }
    held.add(owner.token)
    return keep(folder, mine, owner)
  }
  return refuse(folder, await readOwner(folder))
}

/** Who has the folder; null: nobody, or one that is gone. */
export async function lockOwner(folder: string): Promise<LockOwner | null> {
  const top = await topLock(folder)
  if (top === null) return null
  const owner = await readOwner(folder)
  // Of another machine it is not known; its owner is named.
  return owner !== null && isHere(owner) && !isAlive(owner) ? null : owner
}

function refuse(folder: string, owner: LockOwner | null): never {
  const who = owner === null ? 'another run' : `process ${owner.pid} on ${owner.host}`
  return fail('OHM8003', `${folder} is in use by ${who}`, {
    at: { file: folder },
    hint: '`ohmbit study status DIR` shows how far it is, `ohmbit study cancel DIR` stops it',
  })
}

/** A machine that slept, or was cut off, finds another run in its place. */
const lockLost = (folder: string) =>
  new OhmbitError({
    code: 'OHM8003',
    message: `${folder} was taken over by another run, which saw nothing of this one for ${BEAT.patience} seconds`,
    at: { file: folder },
  })

async function numbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .map((name) => NAME.exec(name))
    .filter((found) => found !== null)
    .map((found) => Number(found[1]))
    .sort((a, b) => a - b)
}

const topLock = async (folder: string): Promise<number | null> => (await numbers(folder)).at(-1) ?? null

/** @returns false where it exists */
async function make(folder: string, n: number, owner: LockOwner): Promise<boolean> {
  const path = join(folder, nameOf(n))
  const whole = join(folder, `lock.${owner.token}.tmp`)
  const content = `${JSON.stringify(owner)}\n`
  try {
    await writeFile(whole, content)
    await link(whole, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // File systems without hard links: the file may be seen before it has its content.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS') {
      return writeFile(path, content, { flag: 'wx' }).then(
        () => true,
        () => false,
      )
    }
    return fail('OHM1007', `cannot write the lock of ${folder}: ${(error as Error).message}`, { at: { file: path } })
  } finally {
    await rm(whole, { force: true }).catch(() => {})
  }
}

async function keep(folder: string, n: number, owner: LockOwner): Promise<Lock> {
  const path = join(folder, nameOf(n))
  for (const below of (await numbers(folder)).filter((k) => k < n))
    await rm(join(folder, nameOf(below)), { force: true })
  const file = await open(path, 'a')
  const lost = new AbortController()
  let beating: Promise<void> = Promise.resolve()
  const beat = async () => {
    try {
      if ((await topLock(folder)) !== n) return lost.abort(lockLost(folder))
      await file.appendFile('.')
    } catch {
      // A beat that fails is missed; the next may come.
    }
  }
  const timer = setInterval(() => {
    beating = beating.then(beat)
  }, BEAT.every * 1000)
  timer.unref()
  return {
    owner,
    lost: lost.signal,
    release: async () => {
      clearInterval(timer)
      await beating
      await file.close().catch(() => {})
      held.delete(owner.token)
      if (!lost.signal.aborted) await rm(path, { force: true })
    },
  }
}

/** Whether the owner of a lock is gone. Waits for a beat of another machine. */
async function isLeftBehind(path: string, patience: number): Promise<boolean> {
  let size = await sizeOf(path)
  for (let waited = 0; ; waited++) {
    if (size === null) return true
    const owner = await readOwnerFile(path)
    if (owner !== null && isHere(owner)) return !isAlive(owner)
    // No owner: of a file system without links, being written, or cut. It is given the time of a beat or two.
    if (waited >= (owner === null ? Math.min(patience, 2 * BEAT.every) : patience)) return true
    await pause(1000)
    const now = await sizeOf(path)
    if (now !== null && now !== size) return false
    size = now
  }
}

const sizeOf = async (path: string): Promise<number | null> =>
  stat(path).then(
    ({ size }) => size,
    () => null,
  )

async function readOwner(folder: string): Promise<LockOwner | null> {
  const top = await topLock(folder)
  return top === null ? null : readOwnerFile(join(folder, nameOf(top)))
}

async function readOwnerFile(path: string): Promise<LockOwner | null> {
  try {
    const { size } = await stat(path)
    if (size > 1 << 24) return null
    const [line = ''] = (await readFile(path, 'utf8')).split('\n')
    const value = line.length > 4096 ? null : JSON.parse(line)
    const { host, pid, started, machine, token } = value as Record<string, unknown>
    return typeof host === 'string' &&
      /^[\w.:-]{1,253}$/.test(host) &&
      Number.isSafeInteger(pid) &&
      (pid as number) > 0 &&
      typeof started === 'string' &&
      typeof machine === 'string' &&
      typeof token === 'string'
      ? { host, pid: pid as number, started, machine, token }
      : null
  } catch {
    return null
  }
}

function ownerHere(): LockOwner {
  return {
    host: hostHere(),
    pid: process.pid,
    started: statusOf(process.pid)?.started ?? '',
    machine: machineHere(),
    token: randomUUID(),
  }
}

/** Whether process numbers of the owner's machine are those of this one. */
function isHere(owner: LockOwner): boolean {
  return owner.host === hostHere() && owner.machine === machineHere()
}

function isAlive({ pid, started, token }: LockOwner): boolean {
  if (pid === process.pid) return held.has(token)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Of another user: it lives.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = statusOf(pid)
  // Dead, and its parent has not asked: it does nothing more.
  if (now !== null && /[ZX]/.test(now.state)) return false
  return now === null || started === '' || now.started === started
}

/** State, and clock ticks after boot at which a process was started; null where there is no /proc. */
function statusOf(pid: number): { state: string; started: string } | null {
  try {
    // The name of the program, in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)!.trim().split(' ')
    return { state: fields[0] ?? '', started: fields[19] ?? '' }
  } catch {
    return null
  }
}

/** A name that may be shown. */
const hostHere = (): string =>
  hostname()
    .replace(/[^\w.:-]/g, '_')
    .slice(0, 253) || '_'

function machineHere(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}
