/** Pieces of a page. Every text is escaped here; what is already a piece of a page is marked. */
import type { DataTable } from './figure.ts'
import { plainText } from './quantity.ts'

/** A piece of a page: to be put in as it is. */
export interface Html {
  readonly html: string
}

export const raw = (html: string): Html => ({ html })

const escapeText = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '&#39;')

type Part = string | number | Html | readonly Html[]

const textOf = (part: Part): string => {
  if (typeof part === 'string') return escapeText(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : part.map(({ html }) => html).join('')
}

/** A template whose values are escaped unless they are pieces of a page. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return raw(strings.map((text, k) => (k === 0 ? text : `${textOf(parts[k - 1]!)}${text}`)).join(''))
}

export const join = (pieces: readonly Html[], between = '\n'): Html => raw(pieces.map((p) => p.html).join(between))

/** Cells of tables are short; names from outside are cut. */
const LONGEST_CELL = 160

/** A table with a caption, that scrolls by itself where the page is narrow. */
export function tableOf(id: string, caption: string, { columns, rows, note }: DataTable): Html {
  const cell = (text: string) => plainText(text, LONGEST_CELL)
  const head = columns.map(
    ({ title, numeric }) => html`<th scope="col"${raw(numeric ? ' class="n"' : '')}>${cell(title)}</th>`,
  )
  const body = rows.map((row) => {
    const cells = row.map((text, k) => {
      const kind = raw(columns[k]?.numeric === true ? ' class="n"' : '')
      return k === 0 ? html`<th scope="row"${kind}>${cell(text)}</th>` : html`<td${kind}>${cell(text)}</td>`
    })
    return html`<tr>${cells}</tr>`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}">
<table><caption id="${id}">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${join(body)}
</tbody></table></div>${note === undefined ? '' : html`<p class="note">${note}</p>`}`
}
