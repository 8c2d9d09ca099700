/**
 * The emitted C, looked at from outside: compiled without a warning, its self-tests run, its words compared with the
 * integer decoder's, once more under sanitizers, and compiled for a microcontroller.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OhmbitError } from '../base/errors.ts'
import { codesOf, goldenCodes } from '../decoder/golden.ts'
import { runFixedDecoder } from '../decoder/run.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { cSource } from '../emit/c/c-source.ts'
import { digitalHalf } from '../emit/fixed-decoder.ts'
import { goldenConversions } from '../emit/golden/golden-file.ts'
import { forward } from '../network/forward.ts'
import {
  answersOf,
  compile,
  inFolder,
  type Questions,
  reasonOf,
  runCompiled,
  SANITIZERS,
  WARNINGS_AS_ERRORS,
} from './c-program.ts'
import { type Check, type CheckGroup, judge } from './check.ts'
import { runProgram } from './run-program.ts'
import { found } from './table-checks.ts'

export const COMPILER = 'cc'
export const CROSS_COMPILER = 'arm-none-eabi-gcc'
const CROSS_SIZE = 'arm-none-eabi-size'
/** Random vectors beside the fixed cases and those of the deployment. */
const RANDOM = 1000
const SECONDS = 120

const IDS = { compile: 'c-compile', selftest: 'c-selftest', vectors: 'c-vectors', sanitizers: 'c-sanitizers' } as const
const CROSS = 'c-cortex-m4'

type Files = readonly { readonly name: string; readonly text: string }[]

/** Check the emitted C of a deployment; `required` tools that are missing fail their checks. */
export async function cChecks(deployment: Deployment, required: readonly string[]): Promise<CheckGroup> {
  let files: Files
  let questions: Questions
  try {
    files = cSource(deployment).files
    questions = questionsOf(deployment)
  } catch (error) {
    if (!(error instanceof OhmbitError)) throw error
    const detail = `no C can be written: ${error.message}`
    return { checks: [...Object.values(IDS), CROSS].map((id) => ({ id, status: 'skipped', detail })), missing: [] }
  }
  return checkFiles(files, questions, required)
}

/** Vectors and conversions with their answers from the integer decoder and from the threshold table. */
export function questionsOf(deployment: Deployment): Questions {
  const { decoder, table } = digitalHalf(deployment)
  const channels = decoder.layers[0]!.inputs
  const levels = decoder.levels.words.length
  const own = forward(deployment.network, deployment.calibration).codes
  const cases = goldenCodes(channels, levels, RANDOM).map(({ codes }) => ({ codes }))
  for (let v = 0; v < own.rows; v++) cases.push({ codes: [...own.data.subarray(v * channels, (v + 1) * channels)] })
  const codes = codesOf(cases)
  return {
    codes,
    levels,
    words: runFixedDecoder(decoder, codes).words.data,
    outputs: decoder.layers.at(-1)!.outputs,
    conversions: goldenConversions(table.table),
  }
}

/** Check emitted files. */
export async function checkFiles(files: Files, questions: Questions, required: readonly string[]): Promise<CheckGroup> {
  return inFolder(files, questions, async (folder) => {
    const groups = [
      (await found(COMPILER))
        ? { checks: await hostChecks(folder, questions), missing: [] }
        : absent(Object.values(IDS), COMPILER, 'a C compiler', required),
      (await found(CROSS_COMPILER))
        ? { checks: [await crossCheck(folder)], missing: [] }
        : absent([CROSS], CROSS_COMPILER, 'a compiler for Cortex-M', required),
    ]
    return { checks: groups.flatMap(({ checks }) => checks), missing: groups.flatMap(({ missing }) => missing) }
  })
}

function absent(ids: readonly string[], tool: string, what: string, required: readonly string[]): CheckGroup {
  const must = required.includes(tool)
  const detail = `${tool} (${what}) is not installed`
  return {
    checks: ids.map((id) => ({ id, status: must ? 'fail' : 'skipped', detail })),
    missing: must ? [tool] : [],
  }
}

async function hostChecks(folder: string, questions: Questions): Promise<Check[]> {
  const refused = await Promise.all(['main.c', 'check.c'].map((main) => compile(COMPILER, ['-O2'], main, folder)))
  const problems = refused.flatMap((reason) => (reason === null ? [] : [`${COMPILER}: ${reason}`]))
  const compiled = judge(IDS.compile, problems, `${COMPILER} ${WARNINGS_AS_ERRORS.join(' ')}: clean`)
  if (problems.length > 0)
    return [compiled, ...[IDS.selftest, IDS.vectors, IDS.sanitizers].map((id) => judge(id, [], '', 0))]

  const example = await runCompiled('main', folder)
  const { selftest, vectors } = await ask(folder, questions)
  if (example.status !== 0) selftest.push(`main.c: ${reasonOf(example)}`)
  return [
    compiled,
    judge(IDS.selftest, selftest, 'adc_table_selftest and decnet_selftest return 0, the example runs'),
    judge(
      IDS.vectors,
      vectors,
      `${questions.codes.rows} vectors of ${questions.outputs} words and ${questions.conversions.length} conversions equal`,
    ),
    await sanitized(folder, questions),
  ]
}

/** Run check.c. */
async function ask(folder: string, questions: Questions): Promise<{ selftest: string[]; vectors: string[] }> {
  const ran = await runCompiled('check', folder)
  if (ran.status !== 0) return { selftest: [reasonOf(ran)], vectors: [reasonOf(ran)] }
  const { selftests, mismatches } = answersOf(ran.output, questions)
  const selftest = ['adc_table_selftest', 'decnet_selftest'].flatMap((name, k) =>
    selftests[k] === 0 ? [] : [`${name} returns ${selftests[k]}`],
  )
  return { selftest, vectors: [...mismatches] }
}

async function sanitized(folder: string, questions: Questions): Promise<Check> {
  // Not every compiler brings them: a program that does nothing must run first.
  await writeFile(join(folder, 'nothing.c'), 'int main(void) { return 0; }\n')
  const built = await runProgram(COMPILER, [...SANITIZERS, 'nothing.c', '-o', 'nothing'], folder, SECONDS)
  if (built.status !== 0 || (await runCompiled('nothing', folder)).status !== 0)
    return { id: IDS.sanitizers, status: 'skipped', detail: `${COMPILER} has no ${SANITIZERS[1]} here` }
  const refused = await compile(COMPILER, SANITIZERS, 'check.c', folder)
  if (refused !== null) return judge(IDS.sanitizers, [refused], '')
  const { selftest, vectors } = await ask(folder, questions)
  return judge(IDS.sanitizers, [...selftest, ...vectors], `${SANITIZERS[1]}: nothing reported, the same words`)
}

/** Compile for a Cortex-M4, and say what it takes there. */
async function crossCheck(folder: string): Promise<Check> {
  const target = ['-mcpu=cortex-m4', '-mthumb', '-Os', '-ffreestanding']
  const sources = ['decnet.c', 'adc_table.c']
  const flags = [...WARNINGS_AS_ERRORS, ...target, '-c', ...sources]
  const done = await runProgram(CROSS_COMPILER, flags, folder, SECONDS)
  if (done.status !== 0) return judge(CROSS, [`${CROSS_COMPILER}: ${reasonOf(done)}`], '')
  const size = await runProgram(CROSS_SIZE, ['decnet.o', 'adc_table.o'], folder, SECONDS)
  const rows = [...size.output.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s/gm)].map((row) => row.slice(1, 4).map(Number))
  const total = (k: number) => rows.reduce((sum, row) => sum + row[k]!, 0)
  const bytes =
    size.status === 0 && rows.length === sources.length
      ? `${total(0) + total(1)} bytes of flash, ${total(1) + total(2)} bytes of static RAM`
      : `sizes unknown: ${CROSS_SIZE} ${reasonOf(size)}`
  return judge(CROSS, [], `${CROSS_COMPILER} ${target.slice(0, 3).join(' ')}: clean, ${bytes}`)
}
