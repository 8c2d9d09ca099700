import type { TopLevelSpec } from 'vega-lite'

const escapeXml = (s: string) => s.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** Text follows the reader's colour scheme; marks keep their colours, which hold on both. */
const STYLE =
  '<style>text{fill:#222}.mark-rule line,.role-axis-domain line{stroke:#888}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>'

/**
 * Render a Vega-Lite specification on the server side: no DOM, the same bytes each time.
 *
 * @param title        what the figure is
 * @param description  the finding, for readers who do not see it
 */
export async function renderSvg(spec: TopLevelSpec, title: string, description: string): Promise<string> {
  // Heavy, and needed only for figures.
  const [vegaLite, vega] = await Promise.all([import('vega-lite'), import('vega')])
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' })
  try {
    const svg = await view.toSVG()
    return `${svg.replace(
      /^<svg([^>]*)>/,
      (_, attributes: string) =>
        `<svg${attributes} role="img" aria-labelledby="title description"><title id="title">${escapeXml(title)}</title><desc id="description">${escapeXml(description)}</desc><!-- drawn by ohmbit -->${STYLE}`,
    )}\n`
  } finally {
    view.finalize()
  }
}
