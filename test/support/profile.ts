import { assemble, type FieldPath, type FieldValue } from '../../src/profile/fields.ts'
import type { Profile } from '../../src/profile/profile.ts'

const HEADER = { id: 'test', description: 'a profile of a test', source: 'a test', notModelled: [] }

/** Every value at its default (no imperfection), except for the given ones. */
export function profileWith(changes: Partial<Record<FieldPath, FieldValue>> = {}): Profile {
  return assemble(HEADER, new Map(Object.entries(changes) as [FieldPath, FieldValue][]))
}
