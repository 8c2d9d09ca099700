import { OhmbitError, type Problem } from './errors.ts'
import { quote } from './json.ts'
import { suggest } from './suggest.ts'

/** Every option of a function, so that none can be forgotten here. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>

/**
 * Refuse options that a function does not have: a misspelt one must not leave a default in force.
 *
 * @param name  of the function
 * @throws OHM1204, all of them at once; also options that are no object
 */
export function knownOptions<T extends object>(name: string, options: T, known: OptionNames<T>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new OhmbitError({ code: 'OHM1204', message: `the options of ${name} must be an object` })
  const names = Object.keys(known)
  const problems: Problem[] = []
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(known, key)) continue
    const meant = suggest(key, names)
    problems.push({
      code: 'OHM1204',
      message: `${name} has no option ${quote(key)}`,
      hint: meant === null ? `its options: ${names.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`,
    })
  }
  if (problems.length > 0) throw new OhmbitError(problems)
}

/** Those options that another function has, too. */
export function onlyOptions<K extends object>(options: K, known: OptionNames<K>): K {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(known, key))) as K
}
