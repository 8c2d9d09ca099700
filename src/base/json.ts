/**
 * JSON from outside: strict (RFC 8259), bounded, without keys that could reach a prototype, and with positions, so
 * that whatever is wrong later can be shown at its line and column.
 */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { OhmbitError, type Place, type Problem } from './errors.ts'

export interface JsonDocument {
  readonly text: string
  /** Plain objects, arrays, strings, finite numbers, booleans, null. */
  readonly value: unknown
  /** Syntax tree with offsets. */
  readonly root: Node
  readonly file?: string
}

export interface JsonLimits {
  /** UTF-16 units; default 16 Mi. */
  readonly maxLength?: number
  /** Nested arrays and objects; default 64. */
  readonly maxDepth?: number
}

/** Longest source line that is repeated in an error. */
const EXCERPT_LENGTH = 240
/** Repeated mistakes of one file are cut here. */
const MAX_PROBLEMS = 50

const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'not a JSON word (true, false, null) or number',
  InvalidNumberFormat: 'not a JSON number',
  PropertyNameExpected: 'a key in double quotes is expected here (trailing commas are not allowed)',
  ValueExpected: 'a value is expected here (trailing commas are not allowed)',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is expected here',
  CloseBraceExpected: 'a closing } is expected here',
  CloseBracketExpected: 'a closing ] is expected here',
  EndOfFileExpected: 'the text should have ended here',
  InvalidCommentToken: 'comments are not allowed',
  UnexpectedEndOfComment: 'comments are not allowed',
  UnexpectedEndOfString: 'the string is not closed on its line',
  UnexpectedEndOfNumber: 'the number is not complete',
  InvalidUnicode: 'not a \\u escape of four hex digits',
  InvalidEscapeCharacter: 'not a JSON escape',
  InvalidCharacter: 'control characters must be escaped',
}

/**
 * Parse a JSON text.
 *
 * @param file  name shown in errors
 * @throws OHM1002 when the text is too long, OHM1005 for syntax, depth, repeated or refused keys and numbers beyond
 *         the range of a double (all of the latter at once)
 */
export function parseJson(text: string, file?: string, limits: JsonLimits = {}): JsonDocument {
  const { maxLength = 16 << 20, maxDepth = 64 } = limits
  const named: Place = file === undefined ? {} : { file }
  if (text.length > maxLength)
    throw new OhmbitError({
      code: 'OHM1002',
      message: `the JSON text has ${text.length} characters; the limit is ${maxLength}`,
      at: named,
    })
  const broken = (offset: number, width: number, message: string): never => {
    throw new OhmbitError({
      code: 'OHM1005',
      message: `not valid JSON: ${message}`,
      ...span(text, offset, width, named),
    })
  }
  // The parser recurses, so the depth is settled before it starts.
  const deep = firstTooDeep(text, maxDepth)
  if (deep >= 0) broken(deep, 1, `nested deeper than ${maxDepth} levels`)

  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false })
  const first = errors[0]
  if (first !== undefined)
    broken(first.offset, first.length, SYNTAX[printParseErrorCode(first.error)] ?? 'the text cannot be read')
  if (root === undefined) return broken(0, 1, 'the text is empty')
  try {
    // The tolerant parser gives positions, the engine's own has the last word on what JSON is.
    JSON.parse(text)
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)
    broken(position === null ? 0 : Number(position[1]), 1, 'unexpected character')
  }

  const document = { text, root, value: null, ...named }
  const problems: Problem[] = []
  const value = build(root, '', (pointer, part, message) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ code: 'OHM1005', message, ...locate(document, pointer, part) })
  })
  if (problems.length > 0) throw new OhmbitError(problems)
  return { ...document, value }
}

/** Offset of the first bracket that opens a level beyond `limit`, or -1. Strings are skipped. */
function firstTooDeep(text: string, limit: number): number {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22 || c === 0x0a) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > limit) return i
    } else if (c === 0x7d || c === 0x5d) depth--
  }
  return -1
}

type Report = (pointer: string, part: 'key' | 'value', message: string) => void

function build(node: Node, pointer: string, report: Report): unknown {
  switch (node.type) {
    case 'array':
      return (node.children ?? []).map((child, i) => build(child, `${pointer}/${i}`, report))
    case 'object': {
      const out: Record<string, unknown> = {}
      const seen = new Set<string>()
      for (const property of node.children ?? []) {
        const [key, child] = property.children ?? []
        if (key === undefined || child === undefined) continue
        const name: string = key.value
        const at = `${pointer}/${escapeSegment(name)}`
        if (REFUSED_KEYS.has(name)) report(at, 'key', `the key ${quote(name)} is refused`)
        else if (seen.has(name)) report(at, 'key', `the key ${quote(name)} appears twice in one object`)
        else out[name] = build(child, at, report)
        seen.add(name)
      }
      return out
    }
    case 'number':
      if (!Number.isFinite(node.value)) report(pointer, 'value', 'the number is beyond the range of a 64-bit float')
      return node.value
    default:
      return node.value
  }
}

/** One segment of an RFC 6901 pointer. */
export function escapeSegment(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The segments of an RFC 6901 pointer, unescaped. */
export function segments(pointer: string): string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export type Located = Required<Pick<Problem, 'at'>> & Pick<Problem, 'excerpt'>

/**
 * Where a pointer lies in the text: file, 1-based line and column, the source line and the width to mark. A pointer
 * that leads nowhere is placed at its deepest existing ancestor.
 *
 * @param part  the key (if it has one) or the value
 */
export function locate(
  document: Omit<JsonDocument, 'value'>,
  pointer: string,
  part: 'key' | 'value' = 'value',
): Located {
  let node = document.root
  let key: Node | undefined
  for (const segment of segments(pointer)) {
    let next: Node | undefined
    if (node.type === 'array') {
      next = node.children?.[Number(segment)]
      key = undefined
    } else if (node.type === 'object') {
      // The last of repeated keys: it is the one that was refused.
      const property = node.children?.findLast((p) => p.children?.[0]?.value === segment)
      next = property?.children?.[1]
      if (next !== undefined) key = property?.children?.[0]
    }
    if (next === undefined) break
    node = next
  }
  const marked = part === 'key' && key !== undefined ? key : node
  const place: Place = { ...(document.file === undefined ? {} : { file: document.file }), pointer }
  return span(document.text, marked.offset, marked.length, place)
}

function span(text: string, offset: number, width: number, place: Place): Located {
  let line = 1
  let start = 0
  for (let i = 0; i < offset; i++) {
    const c = text.charCodeAt(i)
    // CR, LF and CR LF each end one line.
    if (c === 0x0a || (c === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) {
      line++
      start = i + 1
    }
  }
  const rest = text.slice(start, start + EXCERPT_LENGTH + 1)
  const end = rest.search(/[\r\n]/)
  const whole = end < 0 ? rest : rest.slice(0, end)
  const column = offset - start + 1
  const { file, ...more } = place
  const at: Place = { ...(file === undefined ? {} : { file }), line, column, ...more }
  if (whole.length > EXCERPT_LENGTH) return { at }
  return {
    at,
    excerpt: { text: printable(whole), width: Math.max(1, Math.min(width, whole.length - column + 1)) },
  }
}

/** Control and direction characters replaced one for one, so that a hostile file cannot steer a terminal. */
function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(UNPRINTABLE, '\ufffd')
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A piece of foreign text for a message: in quotes, one line, at most 60 characters. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text
  return JSON.stringify(printable(short))
}
