/** What a file with keys may say, as a table: a reader checks by it, a JSON Schema and a page of docs are made of it. */

interface Common {
  readonly meaning: string
  readonly required?: true
}
export type KeyField = Common &
  (
    | { readonly kind: 'text'; readonly most: number; readonly pattern?: RegExp; readonly rule?: string }
    | {
        readonly kind: 'word'
        readonly words: readonly string[]
        /** In place of the list of words, where that is long. */
        readonly rule?: string
        /** What to say of another word. */
        readonly wayOut?: (word: string) => string | undefined
      }
    | { readonly kind: 'boolean' }
    | {
        readonly kind: 'number'
        readonly whole?: true
        readonly low: number
        readonly high: number
        /** `low` itself is too small. */
        readonly above?: true
        readonly nullable?: true
        /** Two of them, the first not above the second, stand for a range. */
        readonly mayBeRange?: true
      }
    | { readonly kind: 'list'; readonly of: KeyField; readonly least: number; readonly most: number }
    | { readonly kind: 'object'; readonly fields: KeyTable }
    | {
        readonly kind: 'choice'
        readonly of: Readonly<Record<string, KeyTable>>
        /** Without "kind", some keys may stand alone; what they do then. */
        readonly partial?: string
      }
    /** One value a name of `words`. */
    | {
        readonly kind: 'map'
        readonly words: Extract<KeyField, { kind: 'word' }>
        readonly of: KeyField
        readonly most: number
      }
    /** Told apart by their JSON type. */
    | { readonly kind: 'either'; readonly of: readonly KeyField[] }
    /** A number or text, and of `plain` also true, false, null or a list; what it must be is checked elsewhere. */
    | { readonly kind: 'value'; readonly rule: string; readonly plain?: true }
  )
export type KeyTable = Readonly<Record<string, KeyField>>

/** What a field takes, in words. */
export function expected(field: KeyField): string {
  switch (field.kind) {
    case 'text':
      return field.rule ?? `a text of at most ${field.most} characters`
    case 'word':
      if (field.rule !== undefined) return field.rule
      return field.words.length === 1 ? JSON.stringify(field.words[0]) : `one of ${field.words.join(', ')}`
    case 'boolean':
      return 'true or false'
    case 'list':
      return `a list of ${field.least === field.most ? field.least : `${field.least} to ${field.most}`} entries`
    case 'object':
      return `an object with the keys ${Object.keys(field.fields).join(', ')}`
    case 'choice':
      return `an object whose "kind" is one of ${Object.keys(field.of).join(', ')}${field.partial === undefined ? '' : `; without it, ${field.partial}`}`
    case 'map':
      return `an object of at most ${field.most} entries, each ${expected(field.words)} with its value`
    case 'either':
      return field.of.map(expected).join(', or ')
    case 'value':
      return field.rule
    case 'number': {
      const what = field.whole ? 'a whole number' : 'a number'
      const from = field.above ? `above ${field.low}, at most ${field.high}` : `from ${field.low} to ${field.high}`
      return `${what} ${from}${field.mayBeRange ? ', or [low, high]' : ''}${field.nullable ? ', or null' : ''}`
    }
  }
}

type Schema = { readonly [key: string]: unknown }

/** JSON Schema draft-07 of an object of these keys. @param tag  its "kind" */
export function schemaOfKeys(fields: KeyTable, tag?: string): Schema {
  const required = Object.keys(fields).filter((key) => fields[key]!.required === true)
  return {
    type: 'object',
    additionalProperties: false,
    required: [...(tag === undefined ? [] : ['kind']), ...required],
    properties: {
      ...(tag === undefined ? {} : { kind: { const: tag } }),
      ...Object.fromEntries(
        Object.entries(fields).map(([key, field]) => [key, { description: field.meaning, ...schemaOf(field) }]),
      ),
    },
  }
}

/** Some keys of any of the kinds, without saying which. */
function partOf(kinds: Readonly<Record<string, KeyTable>>): Schema {
  const all: KeyTable = Object.assign({}, ...Object.values(kinds))
  return {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: Object.fromEntries(Object.entries(all).map(([key, field]) => [key, schemaOf(field)])),
  }
}

function schemaOf(field: KeyField): Schema {
  switch (field.kind) {
    case 'text':
      return {
        type: 'string',
        maxLength: field.most,
        ...(field.pattern === undefined ? {} : { pattern: field.pattern.source }),
      }
    case 'word':
      return { enum: [...field.words] }
    case 'boolean':
      return { type: 'boolean' }
    case 'list':
      return { type: 'array', minItems: field.least, maxItems: field.most, items: schemaOf(field.of) }
    case 'object':
      return schemaOfKeys(field.fields)
    case 'choice':
      return {
        oneOf: [
          ...Object.entries(field.of).map(([tag, fields]) => schemaOfKeys(fields, tag)),
          ...(field.partial === undefined ? [] : [partOf(field.of)]),
        ],
      }
    case 'map':
      return {
        type: 'object',
        maxProperties: field.most,
        propertyNames: schemaOf(field.words),
        additionalProperties: schemaOf(field.of),
      }
    case 'either':
      return { anyOf: field.of.map(schemaOf) }
    case 'value':
      return { type: ['number', 'string', ...(field.plain ? ['boolean', 'null', 'array'] : [])] }
    case 'number': {
      const one = {
        type: field.whole ? 'integer' : 'number',
        [field.above ? 'exclusiveMinimum' : 'minimum']: field.low,
        maximum: field.high,
      }
      if (field.mayBeRange) return { oneOf: [one, { type: 'array', minItems: 2, maxItems: 2, items: one }] }
      return field.nullable ? { ...one, type: [one.type, 'null'] } : one
    }
  }
}

/** Rows of a table in Markdown, one a key, those inside objects and lists below. */
export function rowsOfKeys(table: KeyTable): string[] {
  const lines: string[] = []
  const walk = (fields: KeyTable, above: string) => {
    for (const [key, field] of Object.entries(fields)) {
      if (key.startsWith('$')) continue
      const path = `${above}${key}`
      lines.push(
        `| \`${path}\` | ${expected(field).replaceAll('|', '\\|')}${field.required && above === '' ? ', needed' : ''} | ${field.meaning} |`,
      )
      if (field.kind === 'object') walk(field.fields, `${path}.`)
      if (field.kind === 'list' && field.of.kind === 'object') walk(field.of.fields, `${path}.0.`)
    }
  }
  walk(table, '')
  return lines
}
