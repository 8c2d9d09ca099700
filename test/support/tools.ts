import { spawnSync } from 'node:child_process'

/**
 * Whether an external tool can be started. Without it a test says so and passes, unless OHMBIT_REQUIRE (names between
 * commas) asks for it.
 *
 * @throws Error when a required tool is missing
 */
export function requireTool(name: string): boolean {
  if (spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined) return true
  if ((process.env['OHMBIT_REQUIRE'] ?? '').split(',').includes(name))
    throw new Error(`${name} is required by OHMBIT_REQUIRE and cannot be started`)
  console.log(`skipped: ${name} not found`)
  return false
}
