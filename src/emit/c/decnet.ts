import type { GoldenVector } from '../../decoder/golden.ts'
import { arrayLines, constantArrays, constantsCrc } from './constants.ts'
import { BYTES, codeType, constArray } from './integers.ts'
import { activationLines, knownCode, layerLines, requantizeLines } from './layer-code.ts'
import type { DecnetPlan } from './plan.ts'

/** What stands at the head of every file: version and hashes, never a date. */
export type Banner = readonly string[]

/** Words of the golden vectors that go into the flash. */
const SELFTEST_BYTES = 4096
const SELFTEST_VECTORS = 32

/**
 * The vectors of the self-test: the first ones, so the extremes, and random ones from the end, as far as they fit.
 */
export function selftestVectors(plan: DecnetPlan, vectors: readonly GoldenVector[]): GoldenVector[] {
  const each = plan.channels * BYTES[codeType(plan.levels)] + plan.outputs * BYTES.int16_t
  const count = Math.min(vectors.length, SELFTEST_VECTORS, Math.max(4, Math.floor(SELFTEST_BYTES / each)))
  const first = Math.ceil(count / 2)
  return [...vectors.slice(0, first), ...vectors.slice(vectors.length - (count - first))]
}

export function decnetHeader(plan: DecnetPlan, banner: Banner, prefix: string): string {
  const name = prefix.toUpperCase()
  const type = codeType(plan.levels)
  return [
    '/*',
    ' * DecNet: the decoder of a task-based quantizer in integers. C99, no heap, no floating point, no static variables.',
    ...banner.map((line) => ` * ${line}`),
    ' */',
    `#ifndef ${name}_H`,
    `#define ${name}_H`,
    '',
    '#include <stdint.h>',
    '',
    '/* 0 leaves the self-test and its vectors out */',
    `#ifndef ${name}_SELFTEST`,
    `#define ${name}_SELFTEST 1`,
    '#endif',
    '',
    `#define ${name}_CHANNELS ${plan.channels}`,
    `#define ${name}_LEVELS ${plan.levels}`,
    `#define ${name}_OUTPUTS ${plan.outputs}`,
    `/* value of an output word = word 2^-${name}_OUTPUT_FRAC */`,
    `#define ${name}_OUTPUT_FRAC (${plan.layers.at(-1)!.layer.output.frac})`,
    '',
    '#ifdef __cplusplus',
    'extern "C" {',
    '#endif',
    '',
    '/*',
    ` * ${name}_CHANNELS codes, each below ${name}_LEVELS, to ${name}_OUTPUTS words. Reentrant; the arrays must not overlap.`,
    ' * Larger codes are read as the largest.',
    ' */',
    `void ${prefix}_step(const ${type} *codes, int16_t *out);`,
    '',
    `#if ${name}_SELFTEST`,
    '/* 0 = pass, 1 = a constant differs (CRC-32), 2 + k = golden vector k differs */',
    `int ${prefix}_selftest(void);`,
    '#endif',
    '',
    '#ifdef __cplusplus',
    '}',
    '#endif',
    '',
    '#endif',
    '',
  ].join('\n')
}

export function decnetSource(
  plan: DecnetPlan,
  vectors: readonly GoldenVector[],
  banner: Banner,
  prefix: string,
): string {
  const arrays = constantArrays(plan, prefix)
  return [
    '/*',
    ` * See ${prefix}.h.`,
    ...banner.map((line) => ` * ${line}`),
    ' */',
    `#include "${prefix}.h"`,
    '',
    '#include <stddef.h>',
    '',
    '/* C99 leaves the right shift of negative numbers to the compiler: this must be the arithmetic one. */',
    'typedef char asr_check[((-1 >> 1) == -1) ? 1 : -1];',
    '',
    ...arrays.flatMap(arrayLines),
    ...requantizeLines(plan, prefix),
    ...plan.tables.flatMap((table) => activationLines(table, prefix)),
    ...plan.layers.flatMap((_, l) => layerLines(plan, l, prefix)),
    ...stepLines(plan, prefix),
    `#if ${prefix.toUpperCase()}_SELFTEST`,
    ...selftestLines(plan, vectors, prefix),
    '#endif',
    '',
  ].join('\n')
}

function stepLines(plan: DecnetPlan, prefix: string): string[] {
  const { layers, buffers, channels, levels } = plan
  const names = ['a', 'b'] as const
  const lines = names.flatMap((name, k) => (buffers[k]! > 0 ? [`  int16_t ${name}[${buffers[k]}];`] : []))
  let stage = 0
  let source = 'codes'
  if (layers[0]!.columns === null) {
    lines.push(
      '  size_t n;',
      `  for (n = 0; n < ${channels}; n++)`,
      `    a[n] = ${prefix}_level[${knownCode(levels, 'codes[n]')}];`,
    )
    source = names[stage++]!
  }
  for (let l = 0; l < layers.length; l++) {
    const target = l === layers.length - 1 ? 'out' : names[stage++ % 2]!
    lines.push(`  ${prefix}_layer_${l}(${source}, ${target});`)
    source = target
  }
  return [`void ${prefix}_step(const ${codeType(levels)} *codes, int16_t *out)`, '{', ...lines, '}', '']
}

function selftestLines(plan: DecnetPlan, vectors: readonly GoldenVector[], prefix: string): string[] {
  const { channels, outputs, levels } = plan
  const arrays = constantArrays(plan, prefix)
  const crc = constantsCrc(arrays).toString(16).padStart(8, '0')
  const type = codeType(levels)
  return [
    ...wrapped(vectors.map((v) => v.case)),
    ...constArray(
      type,
      `${prefix}_golden_codes`,
      vectors.flatMap((v) => v.codes),
    ),
    ...constArray(
      'int16_t',
      `${prefix}_golden_out`,
      vectors.flatMap((v) => v.output),
    ),
    '/* CRC-32 (IEEE 802.3, reflected) of the low bytes of a word, lowest first */',
    `static uint32_t ${prefix}_crc(uint32_t crc, uint64_t word, int bytes)`,
    '{',
    '  int k;',
    '  for (; bytes > 0; bytes--, word >>= 8) {',
    '    crc ^= (uint32_t)(word & 255u);',
    '    for (k = 0; k < 8; k++)',
    '      crc = (crc & 1u) != 0u ? (crc >> 1) ^ UINT32_C(0xedb88320) : crc >> 1;',
    '  }',
    '  return crc;',
    '}',
    '',
    `int ${prefix}_selftest(void)`,
    '{',
    `  int16_t out[${outputs}];`,
    '  uint32_t crc = UINT32_C(0xffffffff);',
    '  size_t i, v;',
    ...arrays.flatMap(({ name, values, type }) => [
      `  for (i = 0; i < ${values.length}; i++)`,
      `    crc = ${prefix}_crc(crc, (uint64_t)${name}[i], ${BYTES[type]});`,
    ]),
    `  if ((crc ^ UINT32_C(0xffffffff)) != UINT32_C(0x${crc}))`,
    '    return 1;',
    `  for (v = 0; v < ${vectors.length}; v++) {`,
    `    ${prefix}_step(${prefix}_golden_codes + v * ${channels}, out);`,
    `    for (i = 0; i < ${outputs}; i++)`,
    `      if (out[i] != ${prefix}_golden_out[v * ${outputs} + i])`,
    '        return 2 + (int)v;',
    '  }',
    '  return 0;',
    '}',
  ]
}

/** Names in a comment, lines of at most 100 characters. */
function wrapped(names: readonly string[]): string[] {
  const lines: string[] = []
  let line = '/*'
  for (const name of names) {
    if (line.length + name.length > 94) {
      lines.push(line)
      line = '  '
    }
    line += ` ${name}`
  }
  return [...lines, `${line} */`]
}
