import { fail, inFile, OhmbitError } from '../base/errors.ts'
import { readText } from '../base/files.ts'
import { parseJson } from '../base/json.ts'
import { crossbarFromJson } from '../crossbar/circuit-file.ts'
import { cellConductances, isOhmic, voltageLimit } from '../crossbar/iv.ts'
import { solveCircuit, solveNonlinear } from '../crossbar/solve-circuit.ts'
import { affine, maxAbs, toRows, transpose } from '../numerics/matrix.ts'
import type { Run } from './command.ts'
import { nodesText } from './crossbar-nodes.ts'
import { engineOf, inputOf, writeOwn } from './shared.ts'
import { count } from './style.ts'

/** Relative to the largest current. Node voltages are differences, so this is far above the error of the currents. */
const RESIDUAL_LIMIT = 1e-6
const NO_WIRES = { wordSegment: 0, bitSegment: 0, driver: 0, sense: 0 } as const

export const run: Run = async (invocation) => {
  const path = invocation.args[0]!
  const text = await readText(path)
  const circuit = (() => {
    try {
      return crossbarFromJson(parseJson(text, path).value)
    } catch (error) {
      throw error instanceof OhmbitError ? inFile(error, path) : error
    }
  })()
  const { conductance, wires, law, terminations, inputs, name } = circuit
  const engine = engineOf(invocation)
  const nodes = invocation.options['nodes'] === true
  const cells = cellConductances(conductance, law.seriesOhms)
  const solution = isOhmic(law)
    ? solveCircuit(cells, wires, terminations, inputs, nodes)
    : solveNonlinear({ conductance, wires, law }, inputs, nodes)
  if (!(solution.residual <= RESIDUAL_LIMIT))
    fail(
      'OHM2004',
      `Kirchhoff's current law is violated by ${solution.residual.toExponential(1)} of the largest current; the limit is ${RESIDUAL_LIMIT}`,
      { at: { file: path }, hint: 'resistances and conductances differ by too many orders of magnitude' },
    )
  // What would flow without wires.
  const ideal = isOhmic(law)
    ? affine(inputs, transpose(cells), null)
    : solveNonlinear({ conductance, wires: NO_WIRES, law }, inputs, false).outputAmps
  const largest = maxAbs(ideal)
  const difference = ideal.data.reduce((d, x, i) => Math.max(d, Math.abs(x - solution.outputAmps.data[i]!)), 0)
  // Unless lines float or are held at volts.
  const plain = terminations.wordDriven === undefined && (terminations.bitLineVolts ?? []).every((v) => v === 0)
  const loss = !plain ? null : largest > 0 ? difference / largest : 0
  const result = {
    name,
    method: solution.method,
    engine,
    iterations: solution.iterations,
    residual: solution.residual,
    outputAmps: toRows(solution.outputAmps),
    inputAmps: solution.inputAmps === null ? null : toRows(solution.inputAmps),
    lossInWires: loss,
    ...(solution.beyond === undefined ? {} : { beyondModel: solution.beyond }),
    ...(invocation.options['nodes'] === true
      ? {
          wordLineVolts: solution.nodes.map((n) => toRows(n.word)),
          bitLineVolts: solution.nodes.map((n) => toRows(n.bit)),
        }
      : {}),
  }
  const file = invocation.options['output'] as string | undefined
  if (file !== undefined)
    await writeOwn(
      file,
      `${JSON.stringify({ format: 'ohmbit/crossbar-solution/1', ...result }, null, 1)}\n`,
      invocation.options['force'] === true,
    )
  const shown = Math.min(inputs.rows, 4)
  const amps = (x: number) => x.toExponential(6).padStart(14)
  return {
    result,
    text: [
      `${name}: ${count(conductance.rows, 'word line')} x ${count(conductance.cols, 'bit line')}, ${count(inputs.rows, 'input vector')}`,
      ...(loss === null
        ? []
        : [`wires take ${(100 * loss).toPrecision(3)} % of the largest current (max |dI| / max |I|)`]),
      `Kirchhoff residual ${solution.residual.toExponential(1)} of the largest current (${solution.method})`,
      ...Array.from(
        { length: shown },
        (_, v) =>
          `vector ${v}, A: ${Array.from(solution.outputAmps.data.subarray(v * conductance.cols, v * conductance.cols + Math.min(conductance.cols, 6)), amps).join('')}${conductance.cols > 6 ? ' ...' : ''}`,
      ),
      ...(invocation.options['nodes'] === true ? [nodesText(solution.nodes[0]!)] : []),
      ...(file !== undefined ? [`written: ${file}`] : []),
      ...(file === undefined && (conductance.cols > 6 || inputs.rows > shown) ? ['all of it: --json, or -o FILE'] : []),
    ].join('\n'),
    warnings:
      (solution.beyond ?? 0) > 0
        ? [
            {
              code: 'OHM2001',
              message: `${count(solution.beyond!, 'device')} beyond the ${Number(voltageLimit(law).toPrecision(4))} V that model ${law.model} covers: it goes on along its tangent`,
              at: { file: path, pointer: '/device' },
            },
          ]
        : [],
    inputs: [await inputOf(path)],
  }
}
