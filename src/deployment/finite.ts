import { fail } from '../base/errors.ts'
import type { Matrix } from '../numerics/matrix.ts'

/**
 * Refuse NaN and infinities in vectors from outside: they would become codes like any other.
 *
 * @param name  plural, for the message
 * @throws OHM1110 naming the first such entry
 */
export function checkFinite(name: string, { cols, data }: Matrix): void {
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad < 0) return
  const row = Math.floor(bad / cols)
  const column = bad % cols
  fail('OHM1110', `the ${name} hold ${data[bad]} in row ${row}, column ${column} (from 0)`, {
    at: { pointer: `/${row}/${column}` },
    hint: 'give finite numbers only',
  })
}
