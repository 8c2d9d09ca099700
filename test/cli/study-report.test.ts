import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { studyReport } from '../../src/cli/study-report.ts'
import { runInMemory } from '../../src/study/run-study.ts'
import { studyFiles } from '../../src/study/store/study-file.ts'
import { version } from '../../src/study/version.ts'
import { gridStudy } from '../support/study.ts'

describe('the report of a study that ran', () => {
  it('is a page with its figures; the same study gives the same bytes', async () => {
    const study = await gridStudy({ name: 'a grid' })
    const result = await runInMemory(study)
    const files = await studyReport(study, result)
    expect([...files.keys()].filter((name) => !name.endsWith('.vl.json'))).toEqual([
      'figures/sweep-programming-sigma.svg',
      'figures/sweep-programming-sigma-yield.svg',
      'figures/map.svg',
      'figures/map-yield.svg',
      'figures/yield-curve.svg',
      'figures/tile.svg',
      'index.html',
    ])
    for (const name of files.keys())
      if (name.endsWith('.svg')) expect(files.has(name.replace(/svg$/, 'vl.json'))).toBe(true)
    expect([...(await studyReport(study, await runInMemory(study, { workers: 2 })))]).toEqual([...files])
  })

  it('names the program, the profile and every file that the study begins with, by its hash', async () => {
    const study = await gridStudy()
    const page = (await studyReport(study, await runInMemory(study))).get('index.html')!
    for (const [path, content] of studyFiles(study, version, 'simd')) {
      expect(page).toContain(path)
      expect(page).toContain(createHash('sha256').update(content).digest('hex'))
    }
    expect(page).toContain(`ohmbit ${version}`)
    expect(page).toContain(study.profile.id)
    expect(page).toContain('&quot;shardChips&quot;: 5')
  })
})
