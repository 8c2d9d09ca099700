export interface Bench {
  readonly name: string
  /** As the file has it. */
  readonly text: string
  /** Complete: nothing is included from elsewhere. */
  readonly deck: string
  readonly nodes: readonly string[]
  readonly analysis: 'dc' | 'tran'
  /** Values of the inner sweep, or seconds. */
  readonly inner: readonly number[]
  /** Values of the outer sweep; one entry without. */
  readonly outer: readonly number[]
  readonly points: number
}
export interface Golden {
  readonly bench: string
  readonly solvedBy: string
  readonly analysis: 'dc' | 'tran'
  readonly tolerance: { readonly relative: number; readonly absolute: number }
  readonly nodes: Readonly<Record<string, readonly number[]>>
}
export function benchNames(): string[]
export function goldenUrl(name: string): URL
export function readBench(name: string): Bench
export function compareGolden(
  golden: Golden,
  solution: ReadonlyMap<string, ArrayLike<number>>,
): { node: string; at: number; value?: number; found?: number; excess: number } | null
