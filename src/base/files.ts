/**
 * The file system, bounded and atomic. One of the few places where `node:*` may appear.
 */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fail } from './errors.ts'

/** Default limit for a file that is read whole. */
export const MAX_FILE_BYTES = 1 << 30

/**
 * Read a whole regular file.
 *
 * @throws OHM1001 when it cannot be read, OHM1002 when it is larger than `maxBytes`
 */
export async function readBounded(path: string, maxBytes: number = MAX_FILE_BYTES): Promise<Uint8Array> {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever. Windows has neither.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (error: NodeJS.ErrnoException) => fail('OHM1001', `cannot read ${path}: ${reason(error)}`, { at: { file: path } }),
  )
  try {
    const info = await handle.stat()
    if (!info.isFile()) fail('OHM1001', `cannot read ${path}: not a regular file`, { at: { file: path } })
    if (info.size > maxBytes)
      fail('OHM1002', `${path} has ${info.size} bytes; the limit is ${maxBytes}`, { at: { file: path } })
    // Read what was measured, in case the file grows meanwhile.
    const bytes = new Uint8Array(info.size)
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await handle.close()
  }
}

/** Whether a path, its links followed, stays inside a folder; true for what does not exist. */
export async function liesWithin(folder: string, path: string): Promise<boolean> {
  try {
    const inside = relative(await realpath(folder), await realpath(path))
    return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
  } catch {
    return (await kindOfPath(path)) === 'nothing'
  }
}

/** Read a UTF-8 text file, within the limit. */
export async function readText(path: string, maxBytes: number = 64 << 20): Promise<string> {
  return new TextDecoder().decode(await readBounded(path, maxBytes))
}

/**
 * Write to a temporary name in the same folder, then rename: readers see the old content or the new, never a part.
 *
 * @param flush  have it on the disk before the old content goes
 */
export async function writeAtomic(path: string, content: Uint8Array | string, flush = false): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await makeFolder(dirname(path))
    await writeFile(temporary, content, { flush })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    fail('OHM1007', `cannot write ${path}: ${reason(error as NodeJS.ErrnoException)}`, { at: { file: path } })
  }
}

/** Remove what interrupted calls of `writeAtomic` for this path left behind. */
export async function removeTemporaries(path: string): Promise<void> {
  const folder = dirname(path)
  const begin = `${basename(path)}.`
  const names = await readdir(folder).catch(() => [])
  for (const name of names)
    if (name.startsWith(begin) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(begin.length)))
      await rm(join(folder, name), { force: true }).catch(() => {})
}

/** Remove a file, if it is there. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error) =>
    fail('OHM1007', `cannot remove ${path}: ${reason(error)}`, { at: { file: path } }),
  )
}

/**
 * Make a folder and its parents, one level at a time: Node's own recursive form never returns where the file system says
 * "no such entry" for a parent that exists, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || (await kindOfPath(path)) === 'folder') return
    const parent = dirname(path)
    if (code !== 'ENOENT' || parent === path || (await kindOfPath(parent)) !== 'nothing') throw error
    await makeFolder(parent)
    await mkdir(path)
  }
}

/** What stands at a path. */
export async function kindOfPath(path: string): Promise<'file' | 'folder' | 'other' | 'nothing'> {
  try {
    const info = await stat(path)
    return info.isFile() ? 'file' : info.isDirectory() ? 'folder' : 'other'
  } catch {
    return 'nothing'
  }
}

/**
 * Write a set of files as one folder: everything into a temporary sibling, then one rename, so that an interrupted
 * run leaves either the old folder or the new. An existing folder is replaced only if `mayReplace` says so.
 *
 * @throws OHM1006 when something stands there that may not be replaced
 */
export async function writeFolder(
  path: string,
  files: ReadonlyMap<string, Uint8Array | string>,
  mayReplace: (path: string) => Promise<boolean>,
): Promise<void> {
  const there = await kindOfPath(path)
  if (there !== 'nothing' && !(there === 'folder' && ((await isEmpty(path)) || (await mayReplace(path)))))
    fail('OHM1006', `${path} exists and was not made by ohmbit`, {
      at: { file: path },
      hint: 'choose another folder, or pass --force',
    })
  const inside = relative(resolve(path), process.cwd())
  if (there === 'folder' && !inside.startsWith('..'))
    fail('OHM1006', `${path} is the current folder or one above it; it cannot be replaced as a whole`, {
      at: { file: path },
      hint: 'choose a folder of its own',
    })
  const suffix = randomBytes(6).toString('hex')
  const fresh = `${path.replace(/[/\\]+$/, '')}.${suffix}.tmp`
  const old = `${path.replace(/[/\\]+$/, '')}.${suffix}.old`
  try {
    for (const [name, content] of files) {
      const target = join(fresh, name)
      await makeFolder(dirname(target))
      await writeFile(target, content)
    }
    if (there !== 'nothing') await rename(path, old)
    await makeFolder(dirname(path))
    await rename(fresh, path)
    await rm(old, { recursive: true, force: true })
  } catch (error) {
    if ((await kindOfPath(path)) === 'nothing') await rename(old, path).catch(() => {})
    await rm(fresh, { recursive: true, force: true }).catch(() => {})
    fail('OHM1007', `cannot write ${path}: ${reason(error as NodeJS.ErrnoException)}`, { at: { file: path } })
  }
}

async function isEmpty(path: string): Promise<boolean> {
  return (await readdir(path)).length === 0
}

function reason(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    ENOSPC: 'no space left on the disk',
    EROFS: 'the file system is read-only',
  }
  return known[error.code ?? ''] ?? error.message
}
