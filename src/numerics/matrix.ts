/**
 * Dense real matrices on typed arrays: row-major, rows x cols.
 */
export interface Matrix {
  readonly rows: number
  readonly cols: number
  /** rows * cols entries, row-major. */
  readonly data: Float64Array
}

/** A matrix of zeros, or over given row-major data. @throws RangeError when the length does not fit */
export function matrix(rows: number, cols: number, data: Float64Array = new Float64Array(rows * cols)): Matrix {
  if (data.length !== rows * cols) throw new RangeError(`matrix: ${data.length} entries for ${rows} x ${cols}`)
  return { rows, cols, data }
}

/** From an array of equally long rows. */
export function fromRows(rows: readonly ArrayLike<number>[]): Matrix {
  const cols = rows[0]?.length ?? 0
  const out = matrix(rows.length, cols)
  for (const [i, row] of rows.entries()) {
    if (row.length !== cols) throw new RangeError(`fromRows: row ${i} has ${row.length} entries, row 0 has ${cols}`)
    out.data.set(row, i * cols)
  }
  return out
}

/** Row i as a view. */
export function row(m: Matrix, i: number): Float64Array {
  return m.data.subarray(i * m.cols, (i + 1) * m.cols)
}

/** Rows as plain arrays, for JSON. */
export function toRows(m: Matrix): number[][] {
  return Array.from({ length: m.rows }, (_, i) => Array.from(row(m, i)))
}

/** The transpose, as a copy. */
export function transpose(m: Matrix): Matrix {
  const out = matrix(m.cols, m.rows)
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < m.cols; j++) out.data[j * m.rows + i] = m.data[i * m.cols + j]!
  return out
}

/** Rows [from, to) as a view. */
export function rowRange(m: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, cols: m.cols, data: m.data.subarray(from * m.cols, to * m.cols) }
}

/** The first `count` rows, or all. */
export function head(m: Matrix, count: number): Matrix {
  return rowRange(m, 0, Math.min(count, m.rows))
}

/** Entry-wise image. */
export function map(m: Matrix, f: (x: number) => number): Matrix {
  return { rows: m.rows, cols: m.cols, data: m.data.map(f) }
}

/** max |entry|; 0 for an empty matrix. */
export function maxAbs(values: Matrix | ArrayLike<number>): number {
  const data = 'data' in values ? values.data : values
  let max = 0
  for (let i = 0; i < data.length; i++) max = Math.max(max, Math.abs(data[i]!))
  return max
}

/**
 * Z = X W^T + 1 b^T: a dense layer on a batch.
 *
 * The sum over inputs runs in index order and starts at the bias, so a row's result does not depend on the batch
 * it stands in. Inner loop over four vectors at a time: one load of the weight serves four sums.
 *
 * @param x  vectors x inputs
 * @param w  outputs x inputs
 * @param b  outputs, or null for no bias
 * @returns  vectors x outputs
 */
export function affine(x: Matrix, w: Matrix, b: ArrayLike<number> | null): Matrix {
  if (x.cols !== w.cols) throw new RangeError(`affine: ${x.cols} inputs for a layer of ${w.cols}`)
  const n = x.cols
  const outputs = w.rows
  const z = matrix(x.rows, outputs)
  const xd = x.data
  const wd = w.data
  const zd = z.data
  let v = 0
  for (; v + 4 <= x.rows; v += 4) {
    const x0 = v * n
    const x1 = x0 + n
    const x2 = x1 + n
    const x3 = x2 + n
    for (let o = 0; o < outputs; o++) {
      let s0 = b === null ? 0 : b[o]!
      let s1 = s0
      let s2 = s0
      let s3 = s0
      const wo = o * n
      for (let i = 0; i < n; i++) {
        const k = wd[wo + i]!
        s0 += k * xd[x0 + i]!
        s1 += k * xd[x1 + i]!
        s2 += k * xd[x2 + i]!
        s3 += k * xd[x3 + i]!
      }
      const zo = v * outputs + o
      zd[zo] = s0
      zd[zo + outputs] = s1
      zd[zo + 2 * outputs] = s2
      zd[zo + 3 * outputs] = s3
    }
  }
  for (; v < x.rows; v++)
    for (let o = 0; o < outputs; o++) {
      let s = b === null ? 0 : b[o]!
      for (let i = 0; i < n; i++) s += wd[o * n + i]! * xd[v * n + i]!
      zd[v * outputs + o] = s
    }
  return z
}
