import fc from 'fast-check'
import { contradictions } from '../../src/profile/check.ts'
import { assemble, FIELD_PATHS, FIELDS, type Field, type FieldPath, type FieldValue } from '../../src/profile/fields.ts'
import type { Profile } from '../../src/profile/profile.ts'

/** Any value that a field accepts, its default often. */
export function arbitraryValue(field: Field): fc.Arbitrary<FieldValue> {
  const off = fc.constant(field.default)
  switch (field.kind) {
    case 'boolean':
      return fc.boolean()
    case 'word':
      return fc.constantFrom(...Object.keys(field.words))
    case 'levels':
      return fc.oneof(
        off,
        fc.integer({ min: 2, max: field.maxCount }),
        fc
          .uniqueArray(fc.double({ min: 1e-6, max: 1e-4, noNaN: true }), { minLength: 2, maxLength: 6 })
          .map((list) => list.sort((a, b) => a - b)),
      )
    case 'table':
      return fc.oneof(
        off,
        fc
          .uniqueArray(fc.double({ min: 1e-6, max: 1e-4, noNaN: true }), { minLength: 1, maxLength: 6 })
          .map((list) => list.sort((a, b) => a - b).map((g): [number, number, number] => [g, g, g / 10])),
      )
    case 'curve':
      return fc.oneof(
        off,
        fc
          .uniqueArray(fc.double({ min: -9, max: 9, noNaN: true }), {
            minLength: 2,
            maxLength: 6,
            comparator: 'SameValueZero',
          })
          .map((list) => list.sort((a, b) => a - b).map((x): [number, number] => [x + 0, Math.tanh(x) + 0])),
      )
    case 'integer':
      return fc.oneof(
        off,
        field.allowed === undefined
          ? fc.integer({ min: field.min!, max: field.max! })
          : fc.constantFrom(...field.allowed),
      )
    default: {
      const { min, above, max, below } = field
      return fc.oneof(
        off,
        fc
          .double({
            min: min ?? above!,
            max: max ?? below!,
            minExcluded: above !== undefined,
            maxExcluded: below !== undefined,
            noNaN: true,
          })
          .map((x) => x + 0),
      )
    }
  }
}

/** Any valid profile. */
export const arbitraryProfile: fc.Arbitrary<Profile> = fc
  .tuple(
    fc.record({
      id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
      description: fc.string(),
      source: fc.string(),
      notModelled: fc.array(fc.string(), { maxLength: 3 }),
    }),
    fc.tuple(...FIELD_PATHS.map((path) => arbitraryValue(FIELDS[path]))),
  )
  .map(([header, values]) => assemble(header, new Map(FIELD_PATHS.map((p, i) => [p as FieldPath, values[i]!]))))
  .filter((profile) => contradictions(profile).length === 0)
