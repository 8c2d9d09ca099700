/** Design points made whole: axes that follow from others, and each point checked as a profile. */

import type { Warning } from '../../base/errors.ts'
import { contradictions, mismatch } from '../../profile/check.ts'
import {
  FIELDS,
  type FieldPath,
  type FieldValue,
  formatValue,
  isFieldPath,
  valueAt,
  withValues,
} from '../../profile/fields.ts'
import type { Profile } from '../../profile/profile.ts'
import { unusedValues } from '../../profile/unused.ts'
import { numbersOf, type SpecAxis } from './axes.ts'
import type { Problems } from './file.ts'
import type { Values } from './points.ts'

/**
 * Add the values that follow from others. A derived axis that fits nowhere is reported once, at its first point.
 *
 * @param axes  without circles
 */
export function derivePoints(
  points: readonly Values[],
  axes: readonly SpecAxis[],
  profile: Profile,
  problems: Problems,
): readonly Values[] {
  const derived = inOrder(axes.filter(({ expression }) => expression !== null))
  if (derived.length === 0) return points
  const failed = new Set<SpecAxis>()
  return points.map((point, index) => {
    const values: Partial<Record<FieldPath, FieldValue>> = { ...point }
    const lookup = (path: FieldPath) => (Object.hasOwn(values, path) ? values[path]! : valueAt(profile, path))
    for (const axis of derived) {
      if (failed.has(axis)) continue
      const { path } = axis.axis
      const at = `${axis.pointer}/expression`
      try {
        const found = axis.expression!.evaluate(lookup)
        const [value] = numbersOf(path, found, axis.expression!)
        const wrong = found.list ? 'is given a list; it takes one value' : mismatch(FIELDS[path], value)
        if (wrong === null) values[path] = value!
        else {
          failed.add(axis)
          const text = found.list ? '' : `, not ${formatValue(FIELDS[path], value!)}`
          problems.add(at, `${path} ${wrong}${text}${whereText(point, index)}`, { code: 'OHM1202' })
        }
      } catch (error) {
        failed.add(axis)
        problems.caught(at, error)
      }
    }
    return values
  })
}

/** Each axis behind those it reads. */
function inOrder(derived: readonly SpecAxis[]): SpecAxis[] {
  const done: SpecAxis[] = []
  const visit = (axis: SpecAxis): void => {
    if (done.includes(axis)) return
    for (const path of axis.expression!.paths) {
      const other = derived.find((one) => one.axis.path === path)
      if (other !== undefined && other !== axis) visit(other)
    }
    done.push(axis)
  }
  derived.forEach(visit)
  return done
}

/** " at point 3 (adc.dac.bits = 4)" */
export function whereText(point: Values, index: number): string {
  const entries = Object.entries(point).slice(0, 4)
  if (entries.length === 0) return ''
  const text = entries.map(([path, value]) => `${path} = ${formatValue(FIELDS[path as FieldPath], value)}`)
  return ` at point ${index} (${text.join(', ')})`
}

/** Values that do not go together, at the first point where they do not. */
export function checkPoints(
  points: readonly Values[],
  axes: readonly SpecAxis[],
  profile: Profile,
  problems: Problems,
): void {
  const reported = new Set<string>()
  for (const [index, point] of points.entries()) {
    for (const { paths, message, hint } of contradictions(withValues(profile, point))) {
      const mine = axes.find(({ axis }) => (paths as readonly string[]).includes(axis.path))
      const key = `${mine?.pointer} ${paths.join()}`
      if (reported.has(key)) continue
      reported.add(key)
      problems.add(mine?.pointer ?? '/profile', `${message}${whereText(point, index)}`, { code: 'OHM1205', hint })
    }
    if (reported.size > 20) return
  }
}

/** Points that are asked whether an axis does anything. */
const LOOKS = 64

/** Axes without effect at every point that was looked at. */
export function idleAxes(points: readonly Values[], axes: readonly SpecAxis[], profile: Profile): Warning[] {
  const step = Math.max(1, Math.floor(points.length / LOOKS))
  const looked = points.filter((_, k) => k % step === 0)
  const reasons = new Map<string, string>()
  const used = new Set<string>()
  for (const point of looked) {
    const idle = new Map(unusedValues(withValues(profile, point)).map(({ path, reason }) => [path as string, reason]))
    for (const { axis } of axes) {
      const value = point[axis.path]
      // A default is not among the unused ones, whether it is used or not.
      if (value === undefined || JSON.stringify(value) === JSON.stringify(FIELDS[axis.path].default)) continue
      const reason = idle.get(axis.path)
      if (reason === undefined) used.add(axis.path)
      else reasons.set(axis.path, reason)
    }
  }
  return [...reasons]
    .filter(([path]) => !used.has(path) && isFieldPath(path))
    .map(([path, reason]) => ({
      code: 'OHM1207',
      message: `the axis ${path} has no effect: ${reason}`,
      at: { pointer: axes.find(({ axis }) => axis.path === path)!.pointer },
    }))
}
