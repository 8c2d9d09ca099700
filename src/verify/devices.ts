/**
 * The devices of a deck, read back: every one has exactly the conductance of the chip, and none is missing.
 */
import type { Matrix } from '../numerics/matrix.ts'
import type { FlatNetlist } from './netlist/flatten.ts'

/** Whether a cell is a memristor, of whatever law. */
export const isDevice = (cell: string): boolean => /^ob_device(_|$)/.test(cell)

/**
 * @param arrays  path of the array's instance -> words x bitLines, siemens
 */
export function deviceProblems(
  flat: FlatNetlist,
  arrays: ReadonlyMap<string, Matrix>,
): { problems: string[]; count: number } {
  const problems: string[] = []
  const seen = new Map<string, number>()
  for (const { name, of, parameters } of flat.instances) {
    if (!isDevice(of)) continue
    const match = /^(.*)\.xd_(\d+)_(\d+)$/.exec(name)
    const array = match === null ? undefined : arrays.get(match[1]!)
    if (match === null || array === undefined) continue
    const [i, j] = [Number(match[2]), Number(match[3])]
    const wanted = i < array.rows && j < array.cols ? array.data[i * array.cols + j]! : 0
    const g = parameters.get('g')!
    if (g !== wanted) problems.push(`${name} has ${g} S, the chip ${wanted} S`)
    seen.set(match[1]!, (seen.get(match[1]!) ?? 0) + 1)
  }
  let count = 0
  for (const [path, array] of arrays) {
    const wanted = array.data.reduce((n, g) => n + (g > 0 ? 1 : 0), 0)
    if ((seen.get(path) ?? 0) !== wanted)
      problems.push(`${path} has ${seen.get(path) ?? 0} devices, the chip ${wanted}`)
    count += wanted
  }
  return { problems, count }
}
