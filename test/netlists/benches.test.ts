import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { benchNames, compareGolden, type Golden, goldenUrl, readBench } from '../../scripts/netlists/bench.mjs'
import { cells as library } from '../../src/emit/spice/cells.ts'
import { ngspice } from '../../src/emit/spice/dialects/ngspice.ts'
import type { CircuitEngine } from '../../src/verify/engines/engine.ts'
import { openEngine } from '../../src/verify/engines/open.ts'
import { requireTool } from '../support/tools.ts'
import { CONVERTED, laws } from './laws.ts'

const folder = new URL('../../netlists/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, folder), 'utf8')
const files = readdirSync(new URL('cells/', folder)).filter((name) => name.endsWith('.cir'))
const cells = files.flatMap((name) => Array.from(read(`cells/${name}`).matchAll(/^\.subckt (\w+)/gm), (m) => m[1]!))
const golden = (name: string): Golden => JSON.parse(readFileSync(goldenUrl(name), 'utf8'))

describe('the library', () => {
  it('every cell has a bench named after it, and every bench a cell', () => {
    expect(cells.length).toBeGreaterThan(30)
    expect(cells.filter((cell) => !benchNames().includes(cell))).toEqual([])
    expect(benchNames().filter((name) => !cells.includes(name.replace(/-\w+$/, '')))).toEqual([])
  })

  it('our reader takes every cell', () => {
    expect([...library().keys()].sort()).toEqual([...cells].sort())
  })

  it('every bench uses its cell, ends in quit, and has a golden of what it prints', () => {
    for (const name of benchNames()) {
      const { deck, nodes, points } = readBench(name)
      expect(deck, name).toMatch(new RegExp(` ${name.replace(/-\w+$/, '')}( \\w+=\\S+)*$`, 'm'))
      expect(deck, name).not.toContain('.include')
      expect(deck, name).toMatch(/\nquit\n\.endc\n\.end\n$/)
      const { bench, nodes: solved } = golden(name)
      expect(bench).toBe(name)
      expect(Object.keys(solved), name).toEqual(nodes)
      for (const values of Object.values(solved)) expect(values, name).toHaveLength(points)
    }
  })

  it('the README describes every cell with its pins and parameters', () => {
    const readme = read('README.md')
    const headers = files.flatMap((name) =>
      Array.from(
        read(`cells/${name}`)
          .replaceAll('\n+', '')
          .matchAll(/^\.subckt (.*)$/gm),
        (m) => m[1]!.split(/\s+/),
      ),
    )
    for (const [cell, ...words] of headers) {
      const row = readme.split('\n').find((line) => line.startsWith(`| \`${cell}\``))
      expect(row, `${cell} in netlists/README.md`).toBeDefined()
      for (const word of words) expect(row, `${cell}: ${word}`).toMatch(new RegExp(`\\b${word.replace(/=.*/, '')}\\b`))
    }
  })

  it('every bench has a law that does not come from its golden', () => {
    expect(benchNames().filter((name) => !(name in laws) && name !== 'ob_serial_adc3')).toEqual([])
  })
})

/** A bench whose cells are in the dialect's words. */
function withWrittenCells(text: string): string {
  const written = ngspice.part([], { parameters: {}, cells: [...library().values()], subcircuits: [] })
  const [title, ...rest] = text.replaceAll(/^\.include .*\n/gm, '').split('\n')
  return [title, written, ...rest].join('\n')
}

const ENGINES = ['embedded', 'ngspice'] as const
describe.each(ENGINES)('solved by %s', (id) => {
  const present = id === 'embedded' || requireTool('ngspice')
  let engine: CircuitEngine
  beforeAll(async () => {
    if (present) engine = await openEngine(id)
  })
  afterAll(async () => {
    if (present) await engine.close()
  })

  it.skipIf(!present).each(benchNames())('%s: the golden, and the law', async (name) => {
    const { text, deck, nodes, points, inner, outer } = readBench(name)
    // One simulator takes the cells as they stand in their files, the other as decks carry them: read and written again.
    const solution = await engine.solve(id === 'ngspice' ? deck : withWrittenCells(text), nodes, points)
    expect(compareGolden(golden(name), solution)).toBeNull()
    const law = laws[name]
    if (law === undefined) return
    const [absolute, relative] = law.within
    for (const [node, expected] of Object.entries(law.nodes)) {
      const found = solution.get(node)!
      const wrong = outer.flatMap((y, k) =>
        inner.flatMap((x, j) => {
          const [value, wanted] = [found[k * inner.length + j]!, expected(x, y)]
          return Math.abs(value - wanted) <= absolute + relative * Math.abs(wanted)
            ? []
            : [{ node, x, y, value, wanted }]
        }),
      )
      expect(wrong).toEqual([])
    }
  })
})

describe('what the goldens show', () => {
  it('ob_serial_adc3: every code is the number of thresholds below the held voltage less the offset', () => {
    const { inner } = readBench('ob_serial_adc3')
    const { code, held } = golden('ob_serial_adc3').nodes
    const wanted = CONVERTED.map((v) => [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75].filter((t) => v > t + 0.02).length)
    // Codes stand from the end of a conversion, at 2 (k + 1) us, until the next sample begins 50 ns later.
    const at = (k: number) => inner.findIndex((t) => Math.abs(t - 2e-6 * (k + 1)) < 1e-9)
    expect(CONVERTED.map((_, k) => code![at(k)]!.toFixed(6))).toEqual(wanted.map((c) => c.toFixed(6)))
    for (const [k, v] of CONVERTED.entries()) expect(Math.abs(held![at(k)]! - v)).toBeLessThan(1e-6)
    // -0.26 and 0.26 V lie within the offset of a threshold: without it their codes would be others.
    expect(new Set(wanted).size).toBeGreaterThan(4)
  })
})
