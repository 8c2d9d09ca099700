import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { lockOwner, takeLock } from '../../../src/study/store/lock.ts'
import { requestStop, watchStop } from '../../../src/study/store/stop.ts'
import { emptyFolder } from '../../support/cli.ts'

const locks = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('lock'))
const content = (folder: string) => JSON.parse(readFileSync(join(folder, locks(folder)[0]!), 'utf8').split('\n')[0]!)

/** A process that does nothing. */
const idle = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
const ended = (child: ChildProcess) => new Promise((resolve) => child.on('exit', resolve))

describe('lock of a folder', () => {
  it('is had by one at a time, and leaves nothing', async () => {
    const folder = emptyFolder()
    const lock = await takeLock(folder)
    await expect(takeLock(folder)).rejects.toMatchObject({ code: 'OHM8003' })
    expect(await lockOwner(folder)).toMatchObject({ pid: process.pid, host: hostname() })
    await lock.release()
    expect(readdirSync(folder)).toEqual([])
    await (await takeLock(folder)).release()
    expect(await lockOwner(folder)).toBeNull()
  })

  it('of many that ask at once, one has it', async () => {
    for (let round = 0; round < 20; round++) {
      const folder = emptyFolder()
      // Left behind by a process that is gone.
      if (round % 2 === 1) writeFileSync(join(folder, 'lock.7.json'), `${JSON.stringify(await gone())}\n`)
      const taken = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(folder)))
      const held = taken.filter((t) => t.status === 'fulfilled')
      expect(held).toHaveLength(1)
      await held[0]!.value.release()
      expect(readdirSync(folder)).toEqual([])
    }
  })

  it('is taken from a process that is gone, and not from one that lives', async () => {
    const folder = emptyFolder()
    const probe = await takeLock(folder)
    const mine = content(folder)
    await probe.release()
    const child = idle()
    const theirs = { ...mine, pid: child.pid, started: startOf(child.pid!), token: 'theirs' }
    writeFileSync(join(folder, 'lock.3.json'), `${JSON.stringify(theirs)}\n`)
    await expect(takeLock(folder)).rejects.toMatchObject({ code: 'OHM8003' })
    // Another process has got the same number.
    writeFileSync(join(folder, 'lock.3.json'), `${JSON.stringify({ ...theirs, started: '1' })}\n`)
    await (await takeLock(folder)).release()
    writeFileSync(join(folder, 'lock.3.json'), `${JSON.stringify(theirs)}\n`)
    child.kill('SIGKILL')
    await ended(child)
    const lock = await takeLock(folder)
    expect(locks(folder)).toEqual(['lock.4.json'])
    await lock.release()
  })

  it('of this very process number, but not of this process, is left behind', async () => {
    const folder = emptyFolder()
    const probe = await takeLock(folder)
    const mine = content(folder)
    await probe.release()
    writeFileSync(join(folder, 'lock.1.json'), `${JSON.stringify({ ...mine, token: 'before' })}\n`)
    await (await takeLock(folder)).release()
  })

  it('of another machine is taken when it does not beat, and not when it does', async () => {
    const folder = emptyFolder()
    const path = join(folder, 'lock.1.json')
    const far = { host: 'elsewhere', pid: 1, started: '', machine: '', token: 't' }
    const write = (beats: number) => writeFileSync(path, `${JSON.stringify(far)}\n${'.'.repeat(beats)}`)
    write(0)
    let beats = 0
    const timer = setInterval(() => write(++beats), 200)
    await expect(takeLock(folder, 30)).rejects.toThrow(/process 1 on elsewhere/)
    clearInterval(timer)
    const lock = await takeLock(folder, 2)
    expect(locks(folder)).toEqual(['lock.2.json'])
    await lock.release()
  })

  it('that is cut or no lock at all does not stand in the way for ever', async () => {
    for (const text of ['', '{', 'null\n', '[]\n', `{"host":5}\n`, `{"__proto__":{"pid":1}}\n`]) {
      const folder = emptyFolder()
      writeFileSync(join(folder, 'lock.1.json'), text)
      await (await takeLock(folder, 1)).release()
      expect(readdirSync(folder)).toEqual([])
    }
  })
})

describe('asking a run to stop', () => {
  it('reaches the run that has the folder, and no later one', async () => {
    const folder = emptyFolder()
    expect(await requestStop(folder)).toBeNull()
    const lock = await takeLock(folder)
    const { signal, end } = watchStop(folder, lock.owner)
    const other = watchStop(folder, { ...lock.owner, token: 'later' })
    expect(await requestStop(folder)).toMatchObject({ pid: process.pid })
    for (let i = 0; i < 100 && !signal.aborted; i++) await pause(50)
    expect(signal.aborted).toBe(true)
    expect(other.signal.aborted).toBe(false)
    end()
    other.end()
    await lock.release()
  })
})

async function gone(): Promise<object> {
  const folder = emptyFolder()
  const lock = await takeLock(folder)
  const owner = content(folder)
  await lock.release()
  const child = idle()
  const pid = child.pid
  child.kill('SIGKILL')
  await ended(child)
  return { ...owner, pid, started: '1', token: 'gone' }
}

const startOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)!.trim().split(' ')[19]!
  } catch {
    return ''
  }
}
