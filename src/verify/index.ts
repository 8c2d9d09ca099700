/** Artefacts run in their own tools and compared with the simulator. */
export type { Check, CheckGroup } from './check.ts'
export { type Comparison, compareNetlist, TOLERANCE } from './compare.ts'
export { type CircuitEngine, ENGINE_TOOLS, type EngineId, type Solution } from './engines/engine.ts'
export { openEngine } from './engines/open.ts'
export { type LintOptions, type LintResult, lintNetlist } from './netlist/lint.ts'
export { type Artefact, type VerifyOptions, verifyDeployment } from './verify.ts'
