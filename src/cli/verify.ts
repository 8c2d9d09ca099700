import { fail } from '../base/errors.ts'
import { type Check, verifyDeployment } from '../verify/index.ts'
import type { Run } from './command.ts'
import { deploymentOf, seedOf } from './shared.ts'
import { columns, type Style } from './style.ts'

/** One line a check; the word carries the meaning, the colour repeats it. */
export function checksText(checks: readonly Check[], { c }: Style): string {
  const word = { pass: c.green('pass'), fail: c.red('FAIL'), skipped: c.yellow('skipped') }
  return columns(checks.map((check) => [`  ${word[check.status]}`, check.id, check.detail]))
}

const KNOWN_TOOLS = ['ngspice', 'cc', 'objcopy', 'arm-none-eabi-gcc', 'iverilog', 'verilator', 'yosys']

export const run: Run = async (invocation) => {
  const { deployment, input, profile } = await deploymentOf(invocation.args[0]!, invocation)
  const require = ((invocation.options['require'] as string | undefined) ?? '').split(',').filter((t) => t !== '')
  for (const tool of require)
    if (!KNOWN_TOOLS.includes(tool))
      fail('OHM9001', `--require ${tool}: unknown tool`, { hint: `known: ${KNOWN_TOOLS.join(', ')}` })
  const keep = invocation.options['keep'] as string | undefined
  const { checks, missing } = await verifyDeployment(deployment, {
    engine: invocation.options['with'] as 'embedded' | 'ngspice',
    chips: invocation.options['chips'] as number,
    vectors: invocation.options['vectors'] as number,
    seed: seedOf(invocation),
    require,
    ...(keep === undefined ? {} : { keep, force: invocation.options['force'] === true }),
  })
  const failed = checks.filter((check) => check.status === 'fail').length
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length
  return {
    result: { checks },
    text: `${checksText(checks, invocation.style)}\n${count('pass')} passed, ${failed} failed, ${count('skipped')} skipped${keep === undefined ? '' : `\ndecks, logs and values: ${keep}`}`,
    inputs: [input],
    seed: seedOf(invocation),
    profile,
    ...(missing.length > 0
      ? {
          exitCode: 6,
          problem: {
            code: 'OHM6002',
            message: `required but not found: ${missing.join(', ')}`,
            hint: 'ohmbit doctor lists what is found',
          },
        }
      : failed > 0
        ? { exitCode: 1, problem: { code: 'OHM6001', message: `${failed} of ${checks.length} checks failed` } }
        : {}),
  }
}
