import { fail } from '../../../base/errors.ts'

/** How many numbers a graph may make the reader compute, so that a small file cannot ask for a large memory. */
export interface Budget {
  left: number
}

/** In proportion to the file, with room for the quantizer's branches. */
export function budgetFor(fileBytes: number): Budget {
  return { left: (1 << 23) + 3 * fileBytes }
}

/** @throws OHM1002 when the graph asks for more than its budget */
export function spend(budget: Budget, numbers: number): void {
  budget.left -= numbers
  if (!(budget.left >= 0))
    fail('OHM1002', 'the ONNX graph unfolds to far more numbers than its file holds', {
      hint: 'simplify the graph (constant folding) before exporting it',
    })
}
