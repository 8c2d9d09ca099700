/**
 * The threshold table, looked at from outside: every rendering read back, the JSON against its schema, the C header
 * compiled and run, the register map against the rules of CMSIS-SVD, the Intel HEX through objcopy.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Deployment } from '../deployment/deployment.ts'
import { type EmittedTable, parseTable, thresholdTable } from '../emit/index.ts'
import { type Check, type CheckGroup, judge } from './check.ts'
import { runProgram } from './run-program.ts'
import { multiThresholdProblems } from './table/multithreshold.ts'
import { addressProblems, svdProblems } from './table/svd.ts'

const ROUND_TRIP = 'threshold-table'
const SCHEMA = 'threshold-table-schema'
const REGISTERS = 'threshold-table-svd'
const NODE = 'threshold-table-onnx'
const HEADER = 'threshold-table-header'
const HEX = 'threshold-table-objcopy'
const COMPILER = 'cc'
export const OBJCOPY = 'objcopy'
const FLAGS = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wsign-conversion', '-Werror']
const SECONDS = 60

/** Check the table of a deployment; `required` tools that are missing fail their check. */
export async function tableChecks(deployment: Deployment, required: readonly string[]): Promise<CheckGroup> {
  if (deployment.adc.dacCodes === null) {
    const detail =
      deployment.adc.sar === undefined
        ? 'the threshold DAC is unquantized (adc.dac.bits is null), so there is no table'
        : 'a memristive SAR has stored levels in place of DAC codes (adc.architecture), so there is no table'
    const missing: string[] = []
    for (const tool of [COMPILER, OBJCOPY]) if (required.includes(tool) && !(await found(tool))) missing.push(tool)
    const ids = [ROUND_TRIP, SCHEMA, REGISTERS, NODE, HEADER, HEX]
    return { checks: ids.map((id) => ({ id, status: 'skipped', detail })), missing }
  }
  return emittedChecks(thresholdTable(deployment), required)
}

/** Check emitted files. */
export async function emittedChecks(emitted: EmittedTable, required: readonly string[]): Promise<CheckGroup> {
  const groups: CheckGroup[] = [
    {
      checks: [roundTrip(emitted), await schemaCheck(emitted), registerCheck(emitted), nodeCheck(emitted)],
      missing: [],
    },
    await headerCheck(emitted, required.includes(COMPILER)),
    await hexCheck(emitted, required.includes(OBJCOPY)),
  ]
  return { checks: groups.flatMap(({ checks }) => checks), missing: groups.flatMap(({ missing }) => missing) }
}

const textOf = ({ files }: EmittedTable, name: EmittedTable['files'][number]['name']) =>
  files.find((f) => f.name === name)!.text
const bytesOf = ({ binaries }: EmittedTable, name: EmittedTable['binaries'][number]['name']) =>
  binaries.find((f) => f.name === name)!.bytes

function roundTrip({ table, files, binaries }: EmittedTable): Check {
  const problems: string[] = []
  const all = [
    ...files.map((f) => ({ name: f.name, content: f.text })),
    ...binaries.map((f) => ({ name: f.name, content: f.bytes })),
  ]
  for (const { name, content } of all)
    try {
      const read = parseTable(content, name, table)
      if (read.crc32 !== table.crc32) problems.push(`${name}: CRC-32 ${read.crc32}, the table has ${table.crc32}`)
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`)
    }
  return judge(ROUND_TRIP, problems, `${all.length} files read back byte for byte, CRC-32 ${table.crc32}`)
}

/** The canonical file against schemas/adc-table.schema.json. */
async function schemaCheck(emitted: EmittedTable): Promise<Check> {
  const { Ajv } = await import('ajv')
  const schema = JSON.parse(await readFile(new URL('../../schemas/adc-table.schema.json', import.meta.url), 'utf8'))
  const valid = new Ajv({ strict: true }).compile(schema)
  const problems: string[] = []
  try {
    if (!valid(JSON.parse(textOf(emitted, 'adc-table.json'))))
      for (const { instancePath, message } of valid.errors ?? [])
        problems.push(`adc-table.json${instancePath} ${message}`)
  } catch {
    problems.push('adc-table.json is not JSON')
  }
  return judge(SCHEMA, problems, 'adc-table.json satisfies schemas/adc-table.schema.json')
}

function registerCheck(emitted: EmittedTable): Check {
  const svd = textOf(emitted, 'adc.svd')
  const problems = svdProblems(svd)
  if (problems.length === 0) problems.push(...addressProblems(svd, textOf(emitted, 'adc_spi.csv')))
  return judge(REGISTERS, problems, 'adc.svd well-formed, registers apart, addresses those of adc_spi.csv')
}

function nodeCheck(emitted: EmittedTable): Check {
  const problems = multiThresholdProblems(bytesOf(emitted, 'adc_multithreshold.onnx'), emitted.table)
  return judge(NODE, problems, 'MultiThreshold gives the codes of the table around every threshold')
}

/** adc_thr.hex to bytes and back through objcopy. */
async function hexCheck(emitted: EmittedTable, must: boolean): Promise<CheckGroup> {
  if (!(await found(OBJCOPY)))
    return {
      checks: [{ id: HEX, status: must ? 'fail' : 'skipped', detail: `${OBJCOPY} (of binutils) is not installed` }],
      missing: must ? [OBJCOPY] : [],
    }
  const image = bytesOf(emitted, 'adc_thr.bin')
  const convert = async (folder: string, from: string, to: string, [input, output]: readonly [string, string]) => {
    const ran = await runProgram(OBJCOPY, ['-I', from, '-O', to, input, output], folder, SECONDS)
    if (ran.status !== 0) throw new Error(`${OBJCOPY}: ${ran.stopped ?? ran.output.split('\n')[0]}`)
    return readFile(join(folder, output))
  }
  const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
  const problems: string[] = []
  try {
    await writeFile(join(folder, 'adc_thr.hex'), textOf(emitted, 'adc_thr.hex'))
    await writeFile(join(folder, 'adc_thr.bin'), image)
    const there = await convert(folder, 'ihex', 'binary', ['adc_thr.hex', 'there.bin'])
    if (Buffer.compare(there, image) !== 0) problems.push(`${OBJCOPY} reads other bytes from adc_thr.hex`)
    await convert(folder, 'binary', 'ihex', ['adc_thr.bin', 'again.hex'])
    const again = await convert(folder, 'ihex', 'binary', ['again.hex', 'again.bin'])
    if (Buffer.compare(again, image) !== 0) problems.push(`adc_thr.bin does not survive ${OBJCOPY}`)
  } catch (error) {
    problems.push((error as Error).message)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { checks: [judge(HEX, problems, `adc_thr.hex is adc_thr.bin to ${OBJCOPY}, there and back`)], missing: [] }
}

/** A program that prints what the compiler made of the header: codes, then DAC codes, then the CRC. */
const PROGRAM = `#include <stdio.h>
#include "adc_table.h"
int main(void) {
  int k;
  for (k = 0; k < ADC_TABLE_THRESHOLDS; k++) printf("%d ", adc_table_threshold[k]);
  for (k = 0; k < ADC_TABLE_THRESHOLDS; k++) printf("%u ", (unsigned)adc_table_dac_code[k]);
  for (k = 0; k < ADC_TABLE_LEVELS; k++) printf("%d ", adc_table_level[k]);
  for (k = 0; k < ADC_TABLE_CHANNELS; k++) printf("%u ", (unsigned)adc_table_scan_order[k]);
  printf("%08lx\\n", (unsigned long)ADC_TABLE_CRC32);
  return 0;
}
`

async function headerCheck(emitted: EmittedTable, must: boolean): Promise<CheckGroup> {
  if (!(await found(COMPILER)))
    return {
      checks: [
        { id: HEADER, status: must ? 'fail' : 'skipped', detail: `${COMPILER} (a C compiler) is not installed` },
      ],
      missing: must ? [COMPILER] : [],
    }
  const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
  try {
    await writeFile(join(folder, 'adc_table.h'), textOf(emitted, 'adc_table.h'))
    await writeFile(join(folder, 'main.c'), PROGRAM)
    const compiled = await runProgram(COMPILER, [...FLAGS, 'main.c', '-o', 'main'], folder, SECONDS)
    if (compiled.status !== 0) {
      const reason = compiled.stopped ?? compiled.output.split('\n')[0] ?? ''
      return { checks: [judge(HEADER, [`${COMPILER} refuses the header: ${reason}`], '')], missing: [] }
    }
    const ran = await runProgram(join(folder, 'main'), [], folder, SECONDS)
    const { table } = emitted
    const wanted = [
      ...table.thresholds.codes,
      ...table.dac.codes,
      ...table.levels.words,
      ...table.scanOrder,
      table.crc32,
    ].join(' ')
    const problems = ran.output.trim() === wanted ? [] : ['the compiled numbers are not those of the table']
    return { checks: [judge(HEADER, problems, `${COMPILER} ${FLAGS[0]} -Werror: clean, numbers equal`)], missing: [] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether a program can be started. */
export async function found(tool: string): Promise<boolean> {
  return (await runProgram(tool, ['--version'], tmpdir(), 20)).status !== null
}
