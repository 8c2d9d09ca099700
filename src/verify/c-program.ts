/**
 * Emitted C, compiled on this machine and fed with vectors.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Codes } from '../network/forward.ts'
import { type ProgramOutcome, runProgram } from './run-program.ts'

export const WARNINGS_AS_ERRORS = [
  '-std=c99',
  '-Wall',
  '-Wextra',
  '-Wpedantic',
  '-Wconversion',
  '-Wsign-conversion',
  '-Werror',
]
export const SANITIZERS = ['-O1', '-fsanitize=undefined,address', '-fno-sanitize-recover=all']
const SECONDS = 120

/** What an emitted program is asked, and what it must answer. */
export interface Questions {
  /** vectors x channels */
  readonly codes: Codes
  /** I */
  readonly levels: number
  /** vectors x outputs, row-major */
  readonly words: ArrayLike<number>
  readonly outputs: number
  readonly conversions: readonly { readonly x: number; readonly code: number }[]
}

/** Reads codes.bin and words.bin; prints the self-tests' results, a code for each word, the output of each vector. */
const DRIVER = `#include "adc_table.h"
#include "decnet.h"

#include <stdio.h>

#if DECNET_LEVELS > 256
typedef uint16_t code_type;
#else
typedef uint8_t code_type;
#endif

int main(void)
{
  code_type codes[DECNET_CHANNELS];
  int16_t out[DECNET_OUTPUTS];
  int16_t x;
  int o;
  FILE *vectors = fopen("codes.bin", "rb");
  FILE *words = fopen("words.bin", "rb");
  if (vectors == NULL || words == NULL)
    return 3;
  printf("%d %d\\n", adc_table_selftest(), decnet_selftest());
  while (fread(&x, sizeof x, 1, words) == 1)
    printf("%u ", (unsigned)adc_table_code(x));
  printf("\\n");
  while (fread(codes, sizeof codes, 1, vectors) == 1) {
    decnet_step(codes, out);
    for (o = 0; o < DECNET_OUTPUTS; o++)
      printf("%d ", out[o]);
  }
  printf("\\n");
  fclose(vectors);
  fclose(words);
  return 0;
}
`

/** A temporary folder with emitted files and questions; removed afterwards. */
export async function inFolder<T>(
  files: readonly { readonly name: string; readonly text: string }[],
  questions: Questions,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ohmbit-'))
  try {
    for (const { name, text } of files) await writeFile(join(folder, name), text)
    const { codes, levels, conversions } = questions
    await writeFile(join(folder, 'check.c'), DRIVER)
    await writeFile(join(folder, 'codes.bin'), levels > 256 ? bytesOf(codes.data) : Uint8Array.from(codes.data))
    await writeFile(join(folder, 'words.bin'), bytesOf(Int16Array.from(conversions, ({ x }) => x)))
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const bytesOf = (words: Uint16Array | Int16Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

/** Compile the emitted sources with one more file. @returns what the compiler says, null when it is content */
export async function compile(
  compiler: string,
  flags: readonly string[],
  main: string,
  folder: string,
): Promise<string | null> {
  const program = main.replace('.c', '')
  const sources = ['decnet.c', 'adc_table.c', main]
  const done = await runProgram(compiler, [...WARNINGS_AS_ERRORS, ...flags, ...sources, '-o', program], folder, SECONDS)
  return done.status === 0 ? null : reasonOf(done)
}

/** The first line that names an error or a warning, or why there is none. */
export function reasonOf({ stopped, output, status }: ProgramOutcome): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return stopped ?? lines.find((line) => /error|warning/i.test(line)) ?? lines[0] ?? `exit status ${status}`
}

export function runCompiled(name: string, folder: string): Promise<ProgramOutcome> {
  return runProgram(join(folder, name), [], folder, SECONDS)
}

/** What an answer of check.c says. */
export interface Answers {
  /** Results of adc_table_selftest and decnet_selftest. */
  readonly selftests: readonly number[]
  /** What differs from the expected words and codes. */
  readonly mismatches: readonly string[]
}

/** Compare what check.c printed with what it must print. */
export function answersOf(output: string, { codes, words, outputs, conversions }: Questions): Answers {
  const [first = '', second = '', third = ''] = output.split('\n')
  const numbers = (line: string) =>
    line
      .split(' ')
      .filter((word) => word !== '')
      .map(Number)
  const mismatches: string[] = []
  const converted = numbers(second)
  if (converted.length !== conversions.length)
    mismatches.push(`${converted.length} codes were printed, not ${conversions.length}`)
  for (const [i, { x, code }] of conversions.entries())
    if (converted[i] !== code) mismatches.push(`adc_table_code(${x}) is ${converted[i]}, expected ${code}`)
  const printed = numbers(third)
  if (printed.length !== codes.rows * outputs)
    mismatches.push(`${printed.length} words were printed, not ${codes.rows * outputs}`)
  for (let k = 0; k < words.length; k++)
    if (printed[k] !== words[k])
      mismatches.push(`vector ${Math.floor(k / outputs)}, output ${k % outputs}: ${printed[k]}, expected ${words[k]}`)
  return { selftests: numbers(first), mismatches }
}
