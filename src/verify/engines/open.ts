import type { CircuitEngine, EngineId } from './engine.ts'

/**
 * Start a circuit simulator.
 *
 * @throws OHM6002 when it is not installed
 */
export async function openEngine(id: EngineId, options: { timeoutSeconds?: number } = {}): Promise<CircuitEngine> {
  return id === 'embedded'
    ? (await import('./embedded.ts')).embeddedEngine(options)
    : (await import('./ngspice.ts')).ngspiceEngine(options)
}
