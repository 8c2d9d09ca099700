/** What a figure of a study is, before and after it is drawn. */
import type { TopLevelSpec } from 'vega-lite'
import { CONFIG } from '../theme.ts'

/** The numbers under a figure. */
export interface DataTable {
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[]
  readonly rows: readonly (readonly string[])[]
  /** What the table leaves out. */
  readonly note?: string
}

export interface FigurePlan {
  /** Stem of its files and word before its ids: a-z, 0-9 and -. */
  readonly name: string
  readonly title: string
  /** One sentence. */
  readonly finding: string
  readonly spec: TopLevelSpec
  readonly table: DataTable
}

export interface StudyFigure extends FigurePlan {
  readonly svg: string
}

/** Numbers of a figure need no more digits than can be seen; fewer make smaller files. */
export const seen = (x: number): number => Number(x.toPrecision(6))

/** Finite, or null: result files have null where a number is infinite or unknown. */
export const known = (x: number | null | undefined): number | null =>
  typeof x === 'number' && Number.isFinite(x) ? x : null

/** Title, finding and table say what marks show; a thousand of them read one by one say nothing. */
export const STUDY_CONFIG = { ...CONFIG, aria: false } as const
