/** The reader of units and expressions, loaded when it is first needed: that takes 0.1 s. */
export interface MathUnit {
  /** In SI units; offsets (degC) are not applied. */
  readonly value: number | null
  /** Exponents of the base quantities. */
  readonly dimensions: readonly number[]
  /** Same dimension. */
  equalBase(other: MathUnit): boolean
  /** In another unit, offsets applied. */
  toNumber(unit: string): number
}

/** Of the syntax tree of an expression. */
export interface MathNode {
  readonly type: string
  readonly [key: string]: unknown
}

export interface MathReader {
  unit(text: string): MathUnit
  parse(text: string): MathNode
}

export async function loadMath(): Promise<MathReader> {
  return (await import('mathjs/lib/browser/math.js')).default as unknown as MathReader
}
