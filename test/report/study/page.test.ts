import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { studyFigures } from '../../../src/report/study/figures.ts'
import { type PageDetails, reportFiles, studyPage } from '../../../src/report/study/page.ts'
import type { StudyResult } from '../../../src/study/result.ts'
import { type Browser, openChromium } from '../../support/chromium.ts'
import { requireTool } from '../../support/tools.ts'
import { ageing, corners, grid, loosest, monteCarlo, ranges, sensitivity, sweep, tile } from './results.ts'

const details: PageDetails = {
  version: '0.1.0',
  specification: '{\n  "kind": "grid"\n}',
  files: [{ path: 'study.json', sha256: 'ab'.repeat(32) }],
  profile: {
    id: 'reram-1t1r',
    description: 'one transistor, one device',
    source: 'a paper',
    notModelled: ['forming', 'wear'],
  },
}
const pageOf = async (result: StudyResult) => studyPage(result, await studyFigures(result, tile), details)

const EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>&amp;\u202e\'{x}'
const hostile = (): StudyResult => {
  const result = grid()
  return {
    ...result,
    name: EVIL,
    profile: EVIL,
    networks: result.networks.map(({ ideal }) => ({ name: EVIL, ideal })),
    points: result.points.map((point) => ({ ...point, network: `${EVIL} ${point.network}` })),
    warnings: [{ code: 'OHM8006', message: EVIL }],
  }
}
const hostileDetails: PageDetails = {
  version: EVIL,
  specification: EVIL,
  files: [{ path: EVIL, sha256: EVIL }],
  profile: { id: EVIL, description: EVIL, source: EVIL, notModelled: [EVIL] },
}

describe('the page', () => {
  it('is the same bytes for the same result', async () => {
    expect(await pageOf(sensitivity())).toBe(await pageOf(sensitivity()))
  })

  it('says what was found, asked, warned of, left out and where it comes from', async () => {
    const page = await pageOf({
      ...sensitivity(),
      warnings: [{ code: 'OHM8006', message: 'three chips have no score' }],
    })
    for (const text of [
      '<h1>where the loss comes from</h1>',
      'Without programming error the score would gain the most, 0.93 dB',
      '&quot;kind&quot;: &quot;grid&quot;',
      'three chips have no score',
      'ab'.repeat(32),
      '<dt>seed</dt><dd>1</dd>',
      'one transistor, one device',
      '<li>forming</li>',
      'docs/limits.md',
    ])
      expect(page.replaceAll('\u00a0', ' ')).toContain(text)
  })

  it('has one main, headings in order, ids that are unique and links that lead somewhere', async () => {
    for (const result of [monteCarlo(), sweep(), hostile()]) {
      const page = await pageOf(result)
      const count = (tag: string) => page.split(`<${tag}`).length - 1
      expect([count('main'), count('h1'), count('nav'), count('footer')]).toEqual([1, 1, 1, 1])
      const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map((m) => Number(m[1]))
      for (const [k, level] of levels.entries()) expect(level - (levels[k - 1] ?? 0)).toBeLessThanOrEqual(1)
      const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]!)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [, id] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(id)
      for (const [, list] of page.matchAll(/aria-labelledby="([^"]*)"/g))
        for (const id of list!.split(' ')) expect(ids).toContain(id)
    }
  })

  it('gives every table a caption and every cell of its head a scope, every figure its data', async () => {
    const page = await pageOf(corners())
    const tables = page.match(/<table>.*?<\/table>/gs)!
    for (const table of tables) {
      expect(table).toMatch(/^<table><caption id=/)
      for (const cell of table.match(/<th(?: [^>]*)?>/g)!) expect(cell).toMatch(/scope="(col|row)"/)
    }
    const figures = page.match(/<figure>.*?<\/figure>/gs)!
    expect(figures).toHaveLength(3)
    for (const figure of figures) {
      expect(figure).toMatch(/<svg [^>]*role="img"/)
      expect(figure).toMatch(/<figcaption>.+\.<\/figcaption>/)
      expect(figure).toMatch(/<details><summary>.*<table>/s)
    }
  })

  it('loads nothing and runs nothing', async () => {
    for (const result of [sweep(), hostile()]) {
      const page = await pageOf(result)
      expect(page).not.toMatch(/<script|<iframe|<object|<embed|<img|@import|javascript:/)
      for (const [, where] of page.matchAll(/(?:src|href)="([^"]*)"/g)) expect(where).toMatch(/^(#|data:)/)
      expect(page).toContain("default-src 'none'")
    }
  })

  it('escapes every text that comes from outside', async () => {
    const page = studyPage(hostile(), await studyFigures(hostile()), hostileDetails)
    expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>(?!<\/)|\u202e/)
    expect(page.split('&lt;script&gt;').length).toBeGreaterThan(8)
  })

  it('comes with its figures and their specifications as files', async () => {
    const files = reportFiles(monteCarlo(), await studyFigures(monteCarlo(), tile), details)
    expect([...files.keys()]).toEqual([
      'figures/yield-curve.svg',
      'figures/yield-curve.vl.json',
      'figures/tile.svg',
      'figures/tile.vl.json',
      'index.html',
    ])
    const spec = JSON.parse(files.get('figures/yield-curve.vl.json')!) as Record<string, unknown>
    expect(spec['$schema']).toContain('vega-lite')
    expect(Object.keys(spec)).toContain('layer')
  })
})

/**
 * In the page: the widths, what sticks out of it, texts without contrast, texts of a figure that lie over each other or
 * outside it, scripts that ran.
 */
const EXAMINE = `(() => {
  const luminance = (c) => {
    const [r, g, b] = c.match(/[0-9.]+/g).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p)
    return (x + 0.05) / (y + 0.05)
  }
  const paper = getComputedStyle(document.body).backgroundColor
  const faint = []
  for (const e of document.querySelectorAll('h1,h2,h3,p,li,a,td,th,caption,summary,dt,dd,figcaption,code,footer')) {
    if (e.classList.contains('skip')) continue
    const { color } = getComputedStyle(e)
    if (contrast(color, paper) < 4.5) faint.push(e.tagName + ' ' + e.textContent.slice(0, 30))
  }
  const hidden = []
  const overlapping = []
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim() !== '' && t.closest('[display=none]') === null && getComputedStyle(t).opacity !== '0' && t.getAttribute('opacity') !== '0')
    const boxes = []
    for (const t of texts) {
      const box = t.getBoundingClientRect()
      const where = svg.getAttribute('aria-labelledby').split('-title')[0] + ': ' + t.textContent
      if (box.width === 0 || box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) hidden.push(where)
      const on = t.parentElement.getAttribute('class').match(/onDark|onLight/)
      if (on === null && contrast(getComputedStyle(t).fill, paper) < 4.5) faint.push(where)
      const across = Math.min(box.width, box.height)
      for (const other of boxes) {
        const w = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const h = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
        if (w > 1 && h > 0.35 * across) overlapping.push(where + ' / ' + other.text)
      }
      boxes.push({ box, text: t.textContent })
    }
  }
  return {
    width: document.documentElement.scrollWidth,
    faint, hidden, overlapping,
    figures: document.querySelectorAll('figure svg').length,
    dark: matchMedia('(prefers-color-scheme: dark)').matches,
    title: document.title,
    images: [...document.querySelectorAll('image')].length,
  }
})()`

interface Examined {
  readonly width: number
  readonly faint: readonly string[]
  readonly hidden: readonly string[]
  readonly overlapping: readonly string[]
  readonly figures: number
  readonly dark: boolean
  readonly title: string
  readonly images: number
}

describe('in chromium', () => {
  const there = requireTool('chromium')
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    if (!there) return
    folder = mkdtempSync(join(tmpdir(), 'ohmbit-page-'))
    browser = await openChromium()
  }, 120_000)
  afterAll(async () => {
    if (!there) return
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const STUDIES = { monteCarlo, sweep, grid, ageing, sensitivity, ranges, corners, loosest, hostile } as const

  it.skipIf(!there)('the examination finds what is wrong', async () => {
    const file = join(folder, 'bad.html')
    const text = (x: number, words: string) =>
      `<g class="mark-text"><text x="${x}" y="20" fill="#000">${words}</text></g>`
    writeFileSync(
      file,
      `<!doctype html><meta charset="utf-8"><title>bad - study</title><link rel="icon" href="data:,">
<style>body{background:#fff}p{color:#aaa}</style><p>faint</p><div style="width:900px">wide</div>
<svg width="200" height="40" aria-labelledby="bad-title">${text(10, 'one text')}${text(14, 'another')}${text(190, 'outside')}</svg>
<img src="missing.png"><script>document.title = 'scripts run'</script>`,
    )
    const { complaints, loaded, value } = await browser.look(file, { width: 400 }, EXAMINE)
    const found = value as Examined
    expect(found.faint).toEqual(['P faint'])
    expect(found.hidden).toEqual(['bad: outside'])
    expect(found.overlapping).toEqual(['bad: another / one text'])
    expect(found.width).toBeGreaterThan(400)
    expect(loaded).toEqual([expect.stringContaining('missing.png')])
    expect(complaints).toEqual([expect.stringContaining('missing.png')])
    expect(found.title).toBe('bad - study')
  })

  it.skipIf(!there).each(Object.entries(STUDIES))(
    '%s: nothing complains, nothing is loaded, every text can be read',
    async (name, make) => {
      const result = make()
      const figures = await studyFigures(result, tile)
      const file = join(folder, `${name}.html`)
      writeFileSync(file, studyPage(result, figures, name === 'hostile' ? hostileDetails : details))
      for (const how of [
        { width: 400, dark: false },
        { width: 1200, dark: true },
      ]) {
        const { complaints, loaded, value } = await browser.look(file, how, EXAMINE)
        const { width, figures: drawn, dark, images, title, ...bad } = value as Examined
        expect(complaints).toEqual([])
        expect(loaded).toEqual([])
        expect(width).toBe(how.width)
        expect(dark).toBe(how.dark)
        expect(drawn).toBe(figures.length)
        expect(images).toBe(4)
        expect(title).toMatch(/ - study$/)
        expect(bad).toEqual({ faint: [], hidden: [], overlapping: [] })
      }
    },
    60_000,
  )
})
