/**
 * Printing a transient at many times: ngspice takes lists of some thousand words, so times are printed in windows of
 * equal length, the last of which may overlap the one before.
 */

/** Times of one window. */
const MOST = 900

/** @returns first time of each window, and how many times each has */
export function windowsOf(times: number): { readonly starts: readonly number[]; readonly length: number } {
  const count = Math.max(1, Math.ceil(times / MOST))
  const length = Math.ceil(times / count)
  return { starts: Array.from({ length: count }, (_, w) => Math.min(w * length, times - length)), length }
}

/** What a node is called where a window is printed. */
export const windowName = (node: string, window: number): string => `at${window === 0 ? '' : window}_${node}`

/** Names that are printed, all with `length` values. */
export function printedNames(nodes: readonly string[], times: number): { names: string[]; length: number } {
  const { starts, length } = windowsOf(times)
  return { names: starts.flatMap((_, w) => nodes.map((node) => windowName(node, w))), length }
}

/**
 * Values of each node at all times, of what was printed.
 *
 * @param printed  by the names of `printedNames`
 */
export function joinWindows(
  nodes: readonly string[],
  times: number,
  printed: ReadonlyMap<string, Float64Array>,
): Map<string, Float64Array> {
  const { starts } = windowsOf(times)
  return new Map(
    nodes.map((node) => {
      const all = new Float64Array(times)
      for (const [w, start] of starts.entries()) all.set(printed.get(windowName(node, w))!, start)
      return [node, all]
    }),
  )
}
