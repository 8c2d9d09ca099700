/**
 * The cell library of netlists/cells as subcircuits, read once.
 */
import * as library from './cells.generated.ts'
import type { Element, Subcircuit } from './circuit.ts'
import { readSubcircuits } from './read.ts'

let all: ReadonlyMap<string, Subcircuit> | null = null

/** Every cell, in order of the library. @throws Error when the library is not of the form that our reader takes */
export function cells(): ReadonlyMap<string, Subcircuit> {
  if (all === null) {
    const { subcircuits, problems } = readSubcircuits(Object.values(library).join('\n'))
    if (problems.length > 0) throw new Error(`netlists/cells: ${problems[0]}`)
    all = new Map(subcircuits.map((cell) => [cell.name, cell]))
  }
  return all
}

/** The cells that some elements need, with those that the cells themselves are made of, in order of the library. */
export function cellsUsed(elements: readonly (readonly Element[])[]): Subcircuit[] {
  const library = cells()
  const used = new Set<string>()
  const open = [...elements]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const element of next) {
      const cell = element.kind === 'instance' && !used.has(element.of) ? library.get(element.of) : undefined
      if (cell === undefined) continue
      used.add(cell.name)
      open.push(cell.elements)
    }
  return [...library.values()].filter(({ name }) => used.has(name))
}
