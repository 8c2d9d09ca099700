/** As much of XML as a register map needs: elements, attributes, text. */

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** Of the element itself, trimmed. */
  readonly text: string
}

const NAME = '[A-Za-z_][\\w.:-]*'
const TOKEN = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}="[^"<&]*")*)\\s*(/?)>|([^<]+)`, 'y')

/**
 * Parse a document of elements with double-quoted attributes; no comments, CDATA, entities or processing instructions
 * beyond the declaration.
 *
 * @throws SyntaxError where it is not well-formed, with the position
 */
export function parseXml(text: string): XmlElement {
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(text)
  if (declaration === null) throw new SyntaxError('the XML declaration is missing')
  type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string }
  const stack: Open[] = [{ name: '', attributes: {}, children: [], text: '' }]
  const close = () => {
    const { text: own, ...rest } = stack.pop()!
    stack.at(-1)!.children.push({ ...rest, text: own.trim() })
  }
  TOKEN.lastIndex = declaration[0].length
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) throw new SyntaxError(`no element and no text at character ${at}`)
    const [, slash, name, attributes, empty, words] = match
    const top = stack.at(-1)!
    if (words !== undefined) {
      if (/&(?!(amp|lt|gt|quot|apos);)/.test(words)) throw new SyntaxError(`a bare & behind character ${at}`)
      top.text += words
    } else if (slash === '/') {
      if (top.name !== name || attributes !== '' || empty !== '')
        throw new SyntaxError(`</${name}> at character ${at} does not close <${top.name}>`)
      close()
    } else {
      const pairs = [...attributes!.matchAll(/([\w.:-]+)="([^"]*)"/g)].map((m) => [m[1]!, m[2]!] as const)
      if (new Set(pairs.map(([key]) => key)).size < pairs.length)
        throw new SyntaxError(`<${name}> has an attribute twice`)
      stack.push({ name: name!, attributes: Object.fromEntries(pairs), children: [], text: '' })
      if (empty === '/') close()
    }
  }
  if (stack.length > 1) throw new SyntaxError(`<${stack.at(-1)!.name}> is not closed`)
  const root = stack[0]!
  if (root.children.length !== 1 || root.text.trim() !== '') throw new SyntaxError('there is not one root element')
  return root.children[0]!
}
