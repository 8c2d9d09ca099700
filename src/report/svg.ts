import type { TopLevelSpec } from 'vega-lite'

const escapeXml = (s: string): string => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** Text follows the reader's colour scheme; marks keep their colours, which hold on both. */
const STYLE =
  'text{fill:#222}.mark-rule line,.role-axis-domain line{stroke:#888}@media(prefers-color-scheme:dark){text{fill:#ddd}}'
/** Of figures with an id: layers named `whisker` and `band` follow the scheme too, `onDark` and `onLight` stand on a mark. */
const LAYERS =
  '.mark-rule[class*=whisker] line{stroke:#222}[class*=onDark] text{fill:#fff}[class*=onLight] text{fill:#111}@media(prefers-color-scheme:dark){.mark-rule[class*=whisker] line{stroke:#eee}[class*=band] path{opacity:.4}}'

/**
 * Render a Vega-Lite specification on the server side: no DOM, the same bytes each time.
 *
 * @param title        what the figure is
 * @param description  the finding, for readers who do not see it
 * @param id           goes before every id, so that several figures can stand in one page; a word of a-z, 0-9 and -
 */
export async function renderSvg(spec: TopLevelSpec, title: string, description: string, id?: string): Promise<string> {
  // Heavy, and needed only for figures.
  const [vegaLite, vega] = await Promise.all([import('vega-lite'), import('vega')])
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' })
  const prefix = id === undefined ? '' : `${id}-`
  try {
    const svg = await view.toSVG()
    const own = id === undefined ? svg : withOwnIds(svg, prefix)
    return `${own.replace(
      /^<svg([^>]*)>/,
      (_, attributes: string) =>
        `<svg${attributes} role="img" aria-labelledby="${prefix}title ${prefix}description"><title id="${prefix}title">${escapeXml(title)}</title><desc id="${prefix}description">${escapeXml(description)}</desc><!-- drawn by ohmbit --><style>${STYLE}${id === undefined ? '' : LAYERS}</style>`,
    )}\n`
  } finally {
    view.finalize()
  }
}

/** Ids of gradients and the like, counted anew: the renderer counts through all figures that it ever draws. */
function withOwnIds(svg: string, prefix: string): string {
  const ids = new Map<string, string>()
  const named = svg.replace(/(<[^>]* id=")([^"]+)(")/g, (_, before: string, id: string, after: string) => {
    ids.set(id, `${prefix}${ids.size}`)
    return `${before}${ids.get(id)}${after}`
  })
  return named.replace(/url\(#([^)]+)\)/g, (all, id: string) => (ids.has(id) ? `url(#${ids.get(id)})` : all))
}
