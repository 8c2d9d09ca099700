import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { kindOfPath, readBounded, readText, writeAtomic, writeFolder } from '../../src/base/files.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohmbit-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)
const codeOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  )
  return error instanceof OhmbitError ? [error.code, error.at?.file] : error
}
const never = async () => false
const always = async () => true

describe('reading', () => {
  it('gives the bytes, and UTF-8 text', async () => {
    await writeFile(path('a'), 'ohm Ω')
    expect(await readText(path('a'))).toBe('ohm Ω')
    expect((await readBounded(path('a'))).length).toBe(6)
  })

  it('a file at the limit is read, one byte more is refused unread', async () => {
    await writeFile(path('a'), '12345')
    expect((await readBounded(path('a'), 5)).length).toBe(5)
    expect(await codeOf(readBounded(path('a'), 4))).toEqual(['OHM1002', path('a')])
  })

  it('what is missing, a folder or a device is refused by name', async () => {
    expect(await codeOf(readBounded(path('none')))).toEqual(['OHM1001', path('none')])
    expect(await codeOf(readBounded(folder))).toEqual(['OHM1001', folder])
    expect(await codeOf(readBounded('/dev/zero'))).toEqual(['OHM1001', '/dev/zero'])
    await expect(readBounded(path('none'))).rejects.toThrow('no such file or folder')
  })
})

describe('writing a file', () => {
  it('makes the folders on the way, replaces what is there, leaves nothing temporary', async () => {
    await writeAtomic(path('x/y/a'), 'one')
    await writeAtomic(path('x/y/a'), Uint8Array.of(116, 119, 111))
    expect(await readText(path('x/y/a'))).toBe('two')
    expect(await readdir(path('x/y'))).toEqual(['a'])
  })

  it('an impossible place is an error with the path, and the folder stays clean', async () => {
    await writeFile(path('file'), '')
    expect(await codeOf(writeAtomic(path('file/a'), 'x'))).toEqual(['OHM1007', path('file/a')])
    await mkdir(path('taken'))
    expect(await codeOf(writeAtomic(path('taken'), 'x'))).toEqual(['OHM1007', path('taken')])
    expect((await readdir(folder)).sort()).toEqual(['file', 'taken'])
  })
})

describe('writing a folder', () => {
  const files = new Map<string, string>([
    ['a.txt', 'A'],
    ['deep/b.txt', 'B'],
  ])

  it('all files or none, in a new or an empty folder', async () => {
    await writeFolder(path('new/out'), files, never)
    await mkdir(path('empty'))
    await writeFolder(path('empty'), files, never)
    for (const name of ['new/out', 'empty']) {
      expect(await readText(path(`${name}/a.txt`))).toBe('A')
      expect(await readText(path(`${name}/deep/b.txt`))).toBe('B')
    }
    expect((await readdir(folder)).sort()).toEqual(['empty', 'new'])
    expect(await readdir(path('new'))).toEqual(['out'])
  })

  it('a trailing slash changes nothing', async () => {
    await writeFolder(`${path('out')}/`, files, never)
    expect(await readdir(folder)).toEqual(['out'])
  })

  it('what may be replaced is replaced as a whole', async () => {
    await writeFolder(path('out'), new Map([['old.txt', 'old']]), never)
    await writeFolder(path('out'), files, always)
    expect((await readdir(path('out'))).sort()).toEqual(['a.txt', 'deep'])
    expect(await readdir(folder)).toEqual(['out'])
  })

  it('what may not be replaced stays as it was', async () => {
    await mkdir(path('out'))
    await writeFile(path('out/mine.txt'), 'mine')
    await writeFile(path('file'), 'mine too')
    expect(await codeOf(writeFolder(path('out'), files, never))).toEqual(['OHM1006', path('out')])
    expect(await codeOf(writeFolder(path('file'), files, always))).toEqual(['OHM1006', path('file')])
    expect(await readText(path('out/mine.txt'))).toBe('mine')
    expect((await readdir(folder)).sort()).toEqual(['file', 'out'])
  })

  it('a failure half-way leaves the old folder and nothing else', async () => {
    await writeFolder(path('out'), files, never)
    const clash = new Map([
      ['a', 'a file'],
      ['a/b', 'below it'],
    ])
    expect(await codeOf(writeFolder(path('out'), clash, always))).toEqual(['OHM1007', path('out')])
    expect(await readText(path('out/a.txt'))).toBe('A')
    expect(await readdir(folder)).toEqual(['out'])
  })

  it('a link to a folder is replaced, what it points to is not touched', async () => {
    await mkdir(path('real'))
    await writeFile(path('real/mine.txt'), 'mine')
    await symlink(path('real'), path('out'))
    await writeFolder(path('out'), files, always)
    expect(await readFile(path('real/mine.txt'), 'utf8')).toBe('mine')
    expect(await readText(path('out/a.txt'))).toBe('A')
  })
})

describe('what stands at a path', () => {
  it('file, folder, other, nothing', async () => {
    await writeFile(path('a'), '')
    expect(await Promise.all([path('a'), folder, '/dev/null', path('none')].map(kindOfPath))).toEqual([
      'file',
      'folder',
      'other',
      'nothing',
    ])
  })
})
