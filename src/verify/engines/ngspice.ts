/**
 * An installed ngspice, run in batch mode in a folder of its own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail } from '../../base/errors.ts'
import { runProgram } from '../run-program.ts'
import { type CircuitEngine, solution } from './engine.ts'

const TOOL = 'ngspice'

/** @throws OHM6002 when no ngspice is found on the PATH */
export async function ngspiceEngine(options: { timeoutSeconds?: number } = {}): Promise<CircuitEngine> {
  const seconds = options.timeoutSeconds ?? 300
  const { status, stopped } = await runProgram(TOOL, ['--version'], tmpdir(), 20)
  if (status === null)
    fail('OHM6002', `${TOOL} ${stopped ?? 'cannot be started'}`, {
      hint: 'install ngspice (Debian: apt install ngspice), or use the embedded simulator (--with embedded)',
    })
  return {
    id: 'ngspice',
    // Sparse 1.3 orders a wired 64 x 64 array in 2 s, 51 x 100 in 6 s, 64 x 128 in 14 s, and several arrays in one deck
    // in more than the sum of their times.
    limits: { arrayNodes: 11_000, deckNodes: 8_200 },
    async solve(deck, nodes, vectors, seen) {
      const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
      try {
        await writeFile(join(folder, 'deck.cir'), deck)
        const { status, apart, stopped } = await runProgram(TOOL, ['-n', '-b', 'deck.cir'], folder, seconds)
        return solution(TOOL, { log: apart, stopped, status }, nodes, vectors, seen)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    async close() {},
  }
}
