/**
 * Arithmetic of netlist parameters: numbers, names, + - * / and parentheses. Enough for resistances and gains.
 */

/** Plain decimal with optional exponent; a unit suffix (1k, 10meg) is not a number here. */
export const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/

/**
 * @param text   without the braces
 * @param value  of a name; undefined = unknown
 * @returns      the value, or null when the text is not such an expression or a name is unknown
 */
export function evaluate(text: string, value: (name: string) => number | undefined): number | null {
  const tokens = text.match(/(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[a-z_]\w*|[-+*/()]|\S/g) ?? []
  let at = 0
  const sum = (): number => {
    let x = product()
    while (tokens[at] === '+' || tokens[at] === '-') x = tokens[at++] === '+' ? x + product() : x - product()
    return x
  }
  const product = (): number => {
    let x = factor()
    while (tokens[at] === '*' || tokens[at] === '/') x = tokens[at++] === '*' ? x * factor() : x / factor()
    return x
  }
  const factor = (): number => {
    const token = tokens[at++]
    if (token === undefined) return Number.NaN
    if (token === '-') return -factor()
    if (token === '+') return factor()
    if (token === '(') {
      const x = sum()
      return tokens[at++] === ')' ? x : Number.NaN
    }
    if (NUMBER.test(token)) return Number(token)
    return /^[a-z_]/.test(token) ? (value(token) ?? Number.NaN) : Number.NaN
  }
  const x = sum()
  return at === tokens.length && !Number.isNaN(x) ? x : null
}
