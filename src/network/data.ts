import { basename } from 'node:path'
import { fail, inFile, OhmbitError } from '../base/errors.ts'
import { readBounded } from '../base/files.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { parseNpy } from '../numerics/npy.ts'

/**
 * Read measured or true vectors from a .npy file.
 *
 * @returns vectors x components; a one-dimensional array becomes one column
 * @throws OHM1001, OHM1002, OHM1004, OHM1107 as the file is; OHM1102 other ranks or no entry; OHM1103 not finite
 */
export async function readMatrix(path: string): Promise<Matrix> {
  const bytes = await readBounded(path)
  try {
    return parseMatrix(bytes, basename(path))
  } catch (error) {
    throw error instanceof OhmbitError ? inFile(error, path) : error
  }
}

/** The same from bytes. @param name  of the file, for messages */
export function parseMatrix(bytes: Uint8Array, name: string): Matrix {
  const { shape, data } = parseNpy(bytes, name)
  const at = { pointer: name }
  if (shape.length < 1 || shape.length > 2 || data.length === 0)
    fail('OHM1102', `${name} has shape (${shape.join(', ')}); data is vectors x components`, { at })
  const cols = shape[1] ?? 1
  const bad = data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0)
    fail('OHM1103', `${name} holds ${data[bad]} in row ${Math.floor(bad / cols)}, column ${bad % cols} (from 0)`, {
      at,
    })
  return matrix(shape[0]!, cols, data)
}
