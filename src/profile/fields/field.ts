/**
 * What a leaf of a profile may be. The types tie the table to `Profile`: a path that is missing, superfluous or of
 * the wrong kind does not compile.
 */
import type { Unit } from '../../base/quantity.ts'
import type { Profile } from '../profile.ts'

/** The sections of a profile: everything but its title page. */
export type Section = 'device' | 'crossbar' | 'periphery' | 'adc' | 'decoder' | 'environment'
type Sections = Pick<Profile, Section>

export type TableRow = readonly [number, number, number]
/** Input and output. */
export type CurvePoint = readonly [number, number]
type Leaf = number | string | boolean | null | readonly number[] | readonly TableRow[] | readonly CurvePoint[]
type PathsOf<T> = {
  [K in keyof T & string]: T[K] extends Leaf ? K : `${K}.${PathsOf<T[K]>}`
}[keyof T & string]
type ValueAt<T, P> = P extends `${infer K}.${infer Rest}`
  ? K extends keyof T
    ? ValueAt<T[K], Rest>
    : never
  : P extends keyof T
    ? T[P]
    : never

/** Dotted path of every value, for instance `crossbar.wires.wordSegment`. */
export type FieldPath = PathsOf<Sections>
export type FieldValue = Leaf

/** A bound in SI units; `above` and `below` exclude it. */
export interface Range {
  readonly min?: number
  readonly above?: number
  readonly max?: number
  readonly below?: number
}

/** A condition on another value of the profile. */
export type Need =
  | { readonly path: FieldPath; readonly is: readonly FieldValue[] }
  | { readonly path: FieldPath; readonly isNot: readonly FieldValue[] }
  | { readonly anyOf: readonly Need[] }

interface Described<V> {
  readonly default: V
  /** One line. */
  readonly meaning: string
  /** Where such numbers come from, or what is usual. */
  readonly source: string
  /** All of it must hold for the value to have an effect; absent: it always may. */
  readonly usedWhen?: readonly Need[]
  /** What uses the value even so, as the end of "no effect but on ...". */
  readonly usedEvenSo?: string
}

export interface QuantityField<V = number | null> extends Described<V>, Range {
  readonly kind: 'quantity'
  readonly unit: Exclude<Unit, '1'>
  readonly nullable?: true
}

/** A ratio or factor; may be written as a percentage. */
export interface NumberField<V = number | null> extends Described<V>, Range {
  readonly kind: 'number'
  readonly nullable?: true
}

export interface IntegerField<V = number | null> extends Described<V>, Range {
  readonly kind: 'integer'
  readonly nullable?: true
  /** The only values there are. */
  readonly allowed?: readonly number[]
}

export interface WordField<V extends string = string> extends Described<V> {
  readonly kind: 'word'
  /** Word and its meaning. */
  readonly words: Readonly<Record<V, string>>
}

export interface BooleanField extends Described<boolean> {
  readonly kind: 'boolean'
}

/** A count of evenly spaced levels, an ascending list of conductances, or null. */
export interface LevelsField extends Described<number | readonly number[] | null> {
  readonly kind: 'levels'
  readonly maxCount: number
  readonly maxList: number
}

/** Rows of target, mean and standard deviation in siemens, or null. In a file also the name of a CSV beside it. */
export interface TableField extends Described<readonly TableRow[] | null> {
  readonly kind: 'table'
  readonly maxRows: number
  /** siemens; beyond it something was written in another unit */
  readonly most: number
}

/** Points of a measured function, pure numbers, or null. In a file also the name of a CSV beside it. */
export interface CurveField extends Described<readonly CurvePoint[] | null> {
  readonly kind: 'curve'
  readonly minRows: number
  readonly maxRows: number
  /** Largest size of an input or output. */
  readonly most: number
}

export type Field =
  | CurveField
  | TableField
  | QuantityField
  | NumberField
  | IntegerField
  | WordField
  | BooleanField
  | LevelsField

type Numeric<V> = QuantityField<V> | NumberField<V> | IntegerField<V>
type FieldFor<V> = [V] extends [boolean]
  ? BooleanField
  : [V] extends [string]
    ? WordField<V>
    : [V] extends [number]
      ? Numeric<V> & { readonly nullable?: never }
      : [V] extends [number | null]
        ? Numeric<V> & { readonly nullable: true }
        : [V] extends [readonly TableRow[] | null]
          ? TableField
          : [V] extends [readonly CurvePoint[] | null]
            ? CurveField
            : LevelsField

/** The fields of one or more sections: every path, with a field of its kind. */
export type FieldsOf<S extends Section> = {
  readonly [P in PathsOf<Pick<Sections, S>>]: FieldFor<ValueAt<Sections, P>>
}
