/** The part of mathjs that reads units and expressions. This subpath loads in 0.1 s, the package's main entry in 1 s or more. */
declare module 'mathjs/lib/browser/math.js' {
  interface Unit {
    /** In SI units; offsets (degC) are not applied. */
    readonly value: number | null
    /** Same dimension. */
    equalBase(other: Unit): boolean
    /** In another unit, offsets applied. */
    toNumber(unit: string): number
    /** Exponents of the base quantities. */
    readonly dimensions: readonly number[]
  }
  /** Of the syntax tree. */
  interface Node {
    readonly type: string
    readonly [key: string]: unknown
  }
  const math: { unit(text: string): Unit; parse(text: string): Node }
  export default math
}
