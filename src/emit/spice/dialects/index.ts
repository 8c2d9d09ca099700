/** The dialects by their names. */
import { fail } from '../../../base/errors.ts'
import { DIALECTS, type Dialect, type DialectId } from './dialect.ts'
import { ltspice } from './ltspice.ts'
import { ngspice } from './ngspice.ts'
import { spectre } from './spectre.ts'
import { xyce } from './xyce.ts'

const ALL: Readonly<Record<DialectId, Dialect>> = { ngspice, xyce, ltspice, spectre }

/** @throws OHM5004 unknown dialect */
export function dialect(id: string): Dialect {
  const found = Object.hasOwn(ALL, id) ? ALL[id as DialectId] : undefined
  return found ?? fail('OHM5004', `dialect "${id}" is not known`, { hint: `the dialects are ${DIALECTS.join(', ')}` })
}
