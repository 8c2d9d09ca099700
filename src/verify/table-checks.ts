/**
 * The threshold table, looked at from outside: every rendering read back, the C header compiled and run.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Deployment } from '../deployment/deployment.ts'
import { type EmittedTable, parseTable, thresholdTable } from '../emit/index.ts'
import { type Check, type CheckGroup, judge } from './check.ts'
import { runProgram } from './run-program.ts'

const ROUND_TRIP = 'threshold-table'
const HEADER = 'threshold-table-header'
const COMPILER = 'cc'
const FLAGS = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wsign-conversion', '-Werror']
const SECONDS = 60

/** Check the table of a deployment; `required` tools that are missing fail their check. */
export async function tableChecks(deployment: Deployment, required: readonly string[]): Promise<CheckGroup> {
  if (deployment.adc.dacCodes === null) {
    const detail = 'the threshold DAC is unquantized (adc.dac.bits is null), so there is no table'
    const missing = required.includes(COMPILER) && !(await found(COMPILER)) ? [COMPILER] : []
    return { checks: [ROUND_TRIP, HEADER].map((id) => ({ id, status: 'skipped', detail })), missing }
  }
  const emitted = thresholdTable(deployment)
  const header = await headerCheck(emitted, required.includes(COMPILER))
  return { checks: [roundTrip(emitted), ...header.checks], missing: header.missing }
}

function roundTrip({ table, files }: EmittedTable): Check {
  const problems: string[] = []
  for (const { name, text } of files)
    try {
      const read = parseTable(text, name)
      if (read.crc32 !== table.crc32) problems.push(`${name}: CRC-32 ${read.crc32}, the table has ${table.crc32}`)
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`)
    }
  const names = files.map((f) => f.name).join(', ')
  return judge(ROUND_TRIP, problems, `${names} read back byte for byte, CRC-32 ${table.crc32}`)
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

async function headerCheck({ table, files }: EmittedTable, must: boolean): Promise<CheckGroup> {
  if (!(await found(COMPILER)))
    return {
      checks: [
        { id: HEADER, status: must ? 'fail' : 'skipped', detail: `${COMPILER} (a C compiler) is not installed` },
      ],
      missing: must ? [COMPILER] : [],
    }
  const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
  try {
    await writeFile(join(folder, 'adc_table.h'), files.find((f) => f.name === 'adc_table.h')!.text)
    await writeFile(join(folder, 'main.c'), PROGRAM)
    const compiled = await runProgram(COMPILER, [...FLAGS, 'main.c', '-o', 'main'], folder, SECONDS)
    if (compiled.status !== 0) {
      const reason = compiled.stopped ?? compiled.output.split('\n')[0] ?? ''
      return { checks: [judge(HEADER, [`${COMPILER} refuses the header: ${reason}`], '')], missing: [] }
    }
    const ran = await runProgram(join(folder, 'main'), [], folder, SECONDS)
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
