/**
 * The JSON Schema of profile files, made from the table of fields. The reader validates structure with this very
 * schema, so an editor that uses schemas/profile.schema.json sees what `ohmbit profiles check` sees.
 */
import { UNITS } from '../base/quantity.ts'
import { expectation, FIELDS, type Field, FORMAT, formatValue, GROUPS, ID_PATTERN, isFieldPath } from './fields.ts'

export type Schema = { readonly [key: string]: unknown }

const text = (description: string): Schema => ({ type: 'string', description })
const NOTES = {
  source: text('Where the value or the values of this section come from.'),
  note: text('Anything a reader should know.'),
} as const

/** JSON Schema draft-07. */
export function profileSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'ohmbit hardware profile',
    description:
      'Every value may be plain or {"value", "source", "note"}; what is left out takes its default. Quantities are texts with a unit or plain SI numbers.',
    type: 'object',
    required: ['format'],
    additionalProperties: false,
    properties: {
      $schema: text('Path of this schema, for editors.'),
      format: { const: FORMAT, description: 'Format and version of the file.' },
      id: { ...text('Short name; default: the name of the file.'), pattern: ID_PATTERN.source },
      description: text('One line for lists.'),
      ...NOTES,
      notModelled: {
        type: 'array',
        items: { type: 'string' },
        maxItems: 100,
        description: 'What a user must not expect from this profile.',
      },
      ...members(''),
    },
  }
}

function members(group: string): Schema {
  return Object.fromEntries(
    GROUPS.get(group)!.map((key) => {
      const path = group === '' ? key : `${group}.${key}`
      return [key, isFieldPath(path) ? leaf(FIELDS[path]) : section(path)]
    }),
  )
}

function section(group: string): Schema {
  return { type: 'object', additionalProperties: false, properties: { ...NOTES, ...members(group) } }
}

function leaf(field: Field): Schema {
  const value = bare(field)
  return {
    description: `${field.meaning} (${expectation(field)})`,
    default: field.kind === 'quantity' && field.default !== null ? formatValue(field, field.default) : field.default,
    if: { type: 'object' },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: {
      type: 'object',
      required: ['value', 'source'],
      additionalProperties: false,
      properties: { value, ...NOTES },
    },
    else: value,
  }
}

function bare(field: Field): Schema {
  switch (field.kind) {
    case 'boolean':
      return { type: 'boolean' }
    case 'word':
      return { enum: Object.keys(field.words) }
    case 'levels':
      return {
        type: ['integer', 'array', 'null'],
        minimum: 2,
        maximum: field.maxCount,
        minItems: 2,
        maxItems: field.maxList,
        items: { type: ['number', 'string'], minimum: 0, examples: [UNITS.S.example] },
      }
    case 'table':
      return {
        type: ['array', 'string', 'null'],
        minItems: 1,
        maxItems: field.maxRows,
        items: {
          type: 'array',
          minItems: 3,
          maxItems: 3,
          items: { type: ['number', 'string'], minimum: 0, maximum: field.most, examples: [UNITS.S.example] },
        },
      }
    case 'curve':
      return {
        type: ['array', 'string', 'null'],
        minItems: field.minRows,
        maxItems: field.maxRows,
        items: {
          type: 'array',
          minItems: 2,
          maxItems: 2,
          items: { type: 'number', minimum: -field.most, maximum: field.most },
        },
      }
    case 'integer':
      return field.allowed === undefined
        ? { type: types('integer', field.nullable), ...range(field) }
        : { enum: [...field.allowed] }
    case 'number':
      return { type: types(['number', 'string'], field.nullable), ...range(field), examples: [UNITS['1'].example] }
    case 'quantity':
      return {
        type: types(['number', 'string'], field.nullable),
        ...range(field),
        examples: [UNITS[field.unit].example],
      }
  }
}

function types(given: string | readonly string[], nullable: true | undefined): string | readonly string[] {
  const all = [given].flat()
  if (nullable) all.push('null')
  return all.length === 1 ? all[0]! : all
}

function range(field: Extract<Field, { kind: 'quantity' | 'number' | 'integer' }>): Schema {
  return {
    ...(field.min === undefined ? {} : { minimum: field.min }),
    ...(field.above === undefined ? {} : { exclusiveMinimum: field.above }),
    ...(field.max === undefined ? {} : { maximum: field.max }),
    ...(field.below === undefined ? {} : { exclusiveMaximum: field.below }),
  }
}
