/** Points where axes begin and end, deployed before anything runs: what fails there, and what is to be known. */
import { OhmbitError, type Warning } from '../../base/errors.ts'
import { deploy } from '../../deployment/deploy.ts'
import { pointProfile } from '../mechanisms.ts'
import type { Point, Study } from '../study.ts'
import type { SpecAxis } from './axes.ts'
import { whereText } from './derive.ts'
import type { Problems } from './file.ts'

/** Deployments that are made for it. */
const MOST = 32

/** Of each network and each axis, the first points of its least and its largest value, or of each word. */
export function endPoints(points: readonly Point[], axes: readonly SpecAxis[]): Point[] {
  const found = new Set<Point>()
  for (const network of new Set(points.map((point) => point.network)))
    for (const { axis } of axes) {
      const first = new Map<string, Point>()
      let least: Point | null = null
      let largest: Point | null = null
      for (const point of points) {
        const value = point.values[axis.path]
        if (point.network !== network || value === undefined) continue
        if (typeof value !== 'number') {
          const name = JSON.stringify(value)
          if (!first.has(name)) first.set(name, point)
        } else {
          if (least === null || value < (least.values[axis.path] as number)) least = point
          if (largest === null || value > (largest.values[axis.path] as number)) largest = point
        }
      }
      for (const point of [least, largest, ...first.values()]) if (point !== null) found.add(point)
    }
  return [...found].sort((a, b) => a.index - b.index).slice(0, MOST)
}

/**
 * @param known  warnings of the profile itself
 * @returns      further ones, each once, with the point where it came up first
 */
export function deployEnds(
  study: Study,
  axes: readonly SpecAxis[],
  known: readonly Warning[],
  problems: Problems,
): Warning[] {
  const said = new Set(known.map(kindOf))
  const fresh: Warning[] = []
  for (const point of endPoints(study.points, axes)) {
    const { network, scales, calibration } = study.networks[point.network]!
    try {
      for (const warning of deploy(network, pointProfile(study, point), { like: { scales, calibration } }).warnings) {
        // What has no effect at one point may have at others; idle axes are said elsewhere.
        if (said.has(kindOf(warning)) || warning.code === 'OHM1207') continue
        said.add(kindOf(warning))
        fresh.push({ ...warning, message: `${warning.message}${whereText(point.values, point.index)}` })
      }
    } catch (error) {
      if (!(error instanceof OhmbitError)) throw error
      const { code, message, hint } = error.problems[0]!
      problems.add('/axes', `${message}${whereText(point.values, point.index)}`, {
        code,
        ...(hint === undefined ? {} : { hint }),
      })
    }
  }
  return fresh
}

/** Warnings that differ in their numbers alone are the same. */
const kindOf = ({ code, at, message }: Warning) => `${code} ${at?.pointer ?? message.replaceAll(/[\d.e+-]+/g, '#')}`
