/** Names and numbers the way screens and figures show them. */

/** Names that are not the words of the key. */
const NAMES: Readonly<Record<string, string>> = {
  ideal: 'ideal network',
  'current-voltage': 'current-voltage',
}

/** What a row of the waterfall is called. */
export function stageName(stage: string): string {
  return NAMES[stage] ?? stage.replaceAll('-', ' ').replace(/\b(adc|dac)\b/g, (word) => word.toUpperCase())
}

/** A number with a fixed number of decimals, a zero without its sign. */
export function fixed(x: number, digits: number): string {
  const text = x.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text
}

/** As `fixed`, with a plus above zero; a true minus is not used, so that output can be parsed. */
export function signed(x: number, digits = 2): string {
  const text = fixed(x, digits)
  return Number(text) > 0 ? `+${text}` : text
}

const AXIS: Readonly<Record<string, string>> = {
  nmseDb: 'NMSE [dB]',
  mse: 'mean squared error [1]',
  ber: 'bit error rate [1]',
}

/** A metric as the title of an axis: quantity [unit]. */
export const metricAxis = (name: string): string => AXIS[name] ?? name

/**
 * Decimals of a score.
 *
 * @param range  what the scores shown differ by
 */
export function decimals(name: string, range: number): number {
  if (name === 'nmseDb') return 2
  return range > 0 && Number.isFinite(range) ? Math.min(15, Math.max(5, 2 + Math.ceil(-Math.log10(range)))) : 5
}
