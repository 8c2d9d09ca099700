/** What all figures share: colours that hold on light and dark ground, dashes and markers beside them, legends. */

export const VEGA_LITE = 'https://vega.github.io/schema/vega-lite/v6.json'

/**
 * Okabe-Ito, without its black and yellow, which one of the two grounds swallows.
 *
 * Source: M. Okabe, K. Ito, Color Universal Design (2008)
 */
export const COLOURS = {
  blue: '#0072B2',
  vermillion: '#D55E00',
  green: '#009E73',
  purple: '#CC79A7',
  orange: '#E69F00',
  grey: '#888888',
} as const

/** Most series in one figure. */
export const MOST_SERIES = 6

/** One a series: no two alike without their colour. */
export const SERIES = [
  { colour: COLOURS.blue, dash: [1, 0], shape: 'circle' },
  { colour: COLOURS.vermillion, dash: [6, 3], shape: 'square' },
  { colour: COLOURS.green, dash: [2, 2], shape: 'triangle-up' },
  { colour: COLOURS.purple, dash: [8, 3, 2, 3], shape: 'diamond' },
  { colour: COLOURS.orange, dash: [10, 3], shape: 'triangle-down' },
  { colour: COLOURS.grey, dash: [4, 2, 1, 2, 1, 2], shape: 'cross' },
] as const

export const CONFIG = { view: { stroke: null }, axis: { labelFontSize: 11, titleFontSize: 11 } } as const

/** Short pieces of line above the figure. */
export const STROKE_LEGEND = {
  title: null,
  orient: 'top',
  labelFontSize: 11,
  symbolType: 'stroke',
  symbolStrokeWidth: 2,
  symbolSize: 300,
} as const

/** The first line of a figure, and what else there is to say. */
export const heading = (text: string, more: readonly string[] = []) => ({
  text,
  subtitle: [...more],
  anchor: 'start' as const,
  fontSize: 12,
  fontWeight: 'normal' as const,
})
