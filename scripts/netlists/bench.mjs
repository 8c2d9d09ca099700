// Benches of the cell library: netlists/benches/<name>.cir with what they print, and their solved values beside them.
import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../netlists/benches/', import.meta.url)

/** Names of all benches, sorted. */
export const benchNames = () =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.cir'))
    .map((file) => file.slice(0, -4))
    .sort()

export const goldenUrl = (name) => new URL(`${name}.golden.json`, folder)

/**
 * One bench: its text, its deck with every .include written out, the nodes it prints, how many values each has, and the axes of
 * its analysis (values of the inner sweep or of time; of the outer sweep).
 */
export function readBench(name) {
  const text = readFileSync(new URL(`${name}.cir`, folder), 'utf8')
  const deck = text.replace(/^\.include (\S+)$/gm, (_, path) => readFileSync(new URL(path, folder), 'utf8').trimEnd())
  const nodes = [...text.matchAll(/^print line (.*)$/gm)].flatMap(([, list]) =>
    [...list.matchAll(/v\((\w+)\)/g)].map(([, node]) => node),
  )
  const range = (start, stop, step) =>
    Array.from({ length: Math.round((stop - start) / step) + 1 }, (_, k) => start + k * step)
  const dc = /^dc \w+ (\S+) (\S+) (\S+)(?: \w+ (\S+) (\S+) (\S+))?$/m.exec(text)
  if (dc !== null) {
    const [inner, outer] = [dc.slice(1, 4).map(Number), dc[4] === undefined ? [0, 0, 1] : dc.slice(4).map(Number)]
    const axes = { inner: range(...inner), outer: range(...outer) }
    return { name, text, deck, nodes, analysis: 'dc', ...axes, points: axes.inner.length * axes.outer.length }
  }
  const tran = /^tran (\S+) (\S+) 0 \S+ uic$/m.exec(text)
  if (tran === null) throw new Error(`${name}: neither a dc nor a tran command`)
  const inner = range(0, Number(tran[2]), Number(tran[1]))
  return { name, text, deck, nodes, analysis: 'tran', inner, outer: [0], points: inner.length }
}

/** What solved values may differ by. Steps of a transient depend on the simulator's version. */
export const TOLERANCE = {
  dc: { relative: 1e-9, absolute: 1e-12 },
  tran: { relative: 1e-4, absolute: 1e-6 },
}

/** @returns the worst place where `solution` leaves the golden's tolerance; null when nowhere */
export function compareGolden(golden, solution) {
  let worst = null
  for (const [node, wanted] of Object.entries(golden.nodes)) {
    const found = solution.get(node)
    if (found === undefined || found.length !== wanted.length) return { node, at: -1, excess: Number.POSITIVE_INFINITY }
    for (const [at, value] of wanted.entries()) {
      const allowed = golden.tolerance.relative * Math.abs(value) + golden.tolerance.absolute
      const excess = Math.abs(found[at] - value) / allowed
      if (!(excess <= 1) && !(worst !== null && excess <= worst.excess))
        worst = { node, at, value, found: found[at], excess }
    }
  }
  return worst
}
