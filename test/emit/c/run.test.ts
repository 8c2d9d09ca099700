import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc } from '@fast-check/vitest'
import { afterAll, describe, expect, it } from 'vitest'
import type { FixedDecoder } from '../../../src/decoder/fixed-decoder.ts'
import { codesOf, goldenCodes, goldenVectors } from '../../../src/decoder/golden.ts'
import { runFixedDecoderReference } from '../../../src/decoder/reference.ts'
import { deploy } from '../../../src/deployment/deploy.ts'
import { decnetHeader, decnetSource, selftestVectors } from '../../../src/emit/c/decnet.ts'
import { planDecnet } from '../../../src/emit/c/plan.ts'
import { goldenConversions } from '../../../src/emit/golden/golden-file.ts'
import { renderSource } from '../../../src/emit/threshold-table/c-source.ts'
import { renderTable } from '../../../src/emit/threshold-table/renderings.ts'
import { buildTable, type TableSource } from '../../../src/emit/threshold-table/table.ts'
import { SANITIZERS, WARNINGS_AS_ERRORS } from '../../../src/verify/c-program.ts'
import { wordDecoders } from '../../decoder/random-decoders.ts'
import { fixtureNetwork } from '../../support/fixture-networks.ts'
import { profileWith } from '../../support/profile.ts'
import { requireTool } from '../../support/tools.ts'
import { sources } from '../threshold-table/sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'ohmbit-c-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const compile = (files: readonly string[], program: string, flags: readonly string[] = SANITIZERS) =>
  execFileSync('cc', [...WARNINGS_AS_ERRORS, ...flags, ...files, '-o', program], { cwd: folder, encoding: 'utf8' })
const run = (program: string) => execFileSync(join(folder, program), { encoding: 'utf8' }).trim()

/** Optimization would take longer than it saves. */
const UNOPTIMIZED = SANITIZERS.map((flag) => (flag === '-O1' ? '-O0' : flag))
const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20)

/** Codes of a test program, as constants of its own. */
function callsOf(decoder: FixedDecoder, prefix: string): { code: string; want: string } {
  const cases = goldenCodes(decoder.layers[0]!.inputs, decoder.levels.words.length, 40)
  const outputs = decoder.layers.at(-1)!.outputs
  const want = runFixedDecoderReference(decoder, codesOf(cases)).map((layers) => layers.at(-1)!.post.join(' '))
  const code = [
    `static void try_${prefix}(void)`,
    '{',
    `  static const uint8_t codes[] = {${cases.flatMap((c) => c.codes).join(',')}};`,
    `  int16_t out[${outputs}];`,
    '  int v, o;',
    `  printf("%d", ${prefix}_selftest());`,
    `  for (v = 0; v < ${cases.length}; v++) {`,
    `    ${prefix}_step(codes + v * ${cases[0]!.codes.length}, out);`,
    `    for (o = 0; o < ${outputs}; o++)`,
    '      printf(" %d", out[o]);',
    '  }',
    '  printf("\\n");',
    '}',
    '',
  ].join('\n')
  return { code, want: ['0', ...want].join(' ') }
}

describe('random decoders: any activation, shifts left and right, an output or a layer at a time', () => {
  it.each(['multiply', 'table'] as const)(
    'first layer %s: the words of the reference, nothing for the sanitizers',
    (form) => {
      if (!requireTool('cc')) return
      const decoders = fc.sample(wordDecoders, { seed: SEED, numRuns: 40 }).map(({ decoder }) => decoder)
      const names: string[] = []
      const parts: string[] = []
      const wanted: string[] = []
      for (const [k, decoder] of decoders.entries()) {
        const prefix = `${form}_${k}`
        const plan = planDecnet(decoder, form)
        const vectors = selftestVectors(plan, goldenVectors(decoder, 20))
        write(`${prefix}.h`, decnetHeader(plan, [], prefix))
        write(`${prefix}.c`, decnetSource(plan, vectors, [], prefix))
        const { code, want } = callsOf(decoder, prefix)
        names.push(prefix)
        parts.push(code)
        wanted.push(want)
      }
      write(
        `${form}.c`,
        [
          // One translation unit is the fastest to compile; the check of the shift stands in each.
          ...names.map((name) => `#define asr_check asr_${name}\n#include "${name}.c"\n#undef asr_check`),
          '#include <stdio.h>',
          ...parts,
          `int main(void)\n{\n${names.map((name) => `  try_${name}();`).join('\n')}\n  return 0;\n}\n`,
        ].join('\n'),
      )
      const all = decoders.flatMap(({ layers }) => layers)
      expect(all.some(({ shifts }) => shifts.some((r) => r < 0))).toBe(true)
      expect(all.some(({ shifts }) => new Set(shifts).size > 1)).toBe(true)
      expect(new Set(all.map(({ activation }) => activation)).size).toBe(4)
      compile([`${form}.c`], form, UNOPTIMIZED)
      expect(run(form).split('\n')).toEqual(wanted)
    },
  )
})

describe('random threshold tables', () => {
  it('find the code of every threshold, of its neighbours and of the ends, and pass their self-test', () => {
    if (!requireTool('cc')) return
    const merged: TableSource = { ...fc.sample(sources, { seed: 1, numRuns: 1 })[0]!, thresholds: [1e-9, 2e-9, 3e-9] }
    const some = [...fc.sample(sources, { seed: SEED, numRuns: 7 }), { ...merged, fullScale: 1, levels: [1, 2, 3, 4] }]
    for (const [k, source] of some.entries()) {
      const table = buildTable(source)
      write('adc_table.h', renderTable(table, 'adc_table.h'))
      write('adc_table.c', renderSource(table))
      const conversions = goldenConversions(table)
      write(
        'try.c',
        [
          '#include "adc_table.h"',
          '#include <stdio.h>',
          'int main(void)',
          '{',
          `  static const int16_t x[] = {${conversions.map((c) => c.x).join(',')}};`,
          '  int i;',
          '  printf("%d", adc_table_selftest());',
          `  for (i = 0; i < ${conversions.length}; i++)`,
          '    printf(" %u", (unsigned)adc_table_code(x[i]));',
          '  return 0;',
          '}',
          '',
        ].join('\n'),
      )
      compile(['adc_table.c', 'try.c'], `table${k}`, UNOPTIMIZED)
      expect(run(`table${k}`)).toBe([0, ...conversions.map((c) => c.code)].join(' '))
    }
  })
})

/** Replace the n-th number of an array by the next one. */
function tampered(source: string, array: string, n: number): string {
  const start = source.indexOf(`${array}[`)
  const open = source.indexOf('{', start) + 1
  const close = source.indexOf('}', open)
  let k = 0
  const changed = source
    .slice(open, close)
    .replace(/-?\d+(?=[,)])/g, (word) => (k++ === n ? `${Number(word) + 1}` : word))
  expect(changed).not.toBe(source.slice(open, close))
  return source.slice(0, open) + changed + source.slice(close)
}

describe('one constant changed', () => {
  const fixed = profileWith({ 'decoder.arithmetic': 'fixed', 'adc.dac.bits': 10 })
  const decoder = deploy(fixtureNetwork('vqcs_n7_K10_1bit'), fixed).decoder!
  const plan = planDecnet(decoder, 'multiply')
  const golden = goldenVectors(decoder, 20)
  const source = decnetSource(plan, selftestVectors(plan, golden), [], 'decnet')
  write('decnet.h', decnetHeader(plan, [], 'decnet'))
  write('self.c', '#include "decnet.h"\nint main(void)\n{\n  return decnet_selftest();\n}\n')
  const selftest = (text: string, warnings = true): number => {
    write('decnet.c', text)
    execFileSync('cc', [...(warnings ? WARNINGS_AS_ERRORS : []), '-O0', 'decnet.c', 'self.c', '-o', 'self'], {
      cwd: folder,
    })
    return spawnSync(join(folder, 'self')).status!
  }

  it('in any array is seen by the self-test, by one unit wherever it stands', () => {
    if (!requireTool('cc')) return
    expect(selftest(source)).toBe(0)
    const table = `decnet_${decoder.layers[0]!.table}_entry`
    for (const [array, n] of [
      ['decnet_level', 1],
      [table, 1],
      ['decnet_bias_0', 0],
      ['decnet_weight_0', 2],
      ['decnet_weight_1', 0],
    ] as const)
      expect(selftest(tampered(source, array, n), false)).toBe(1)
    expect(selftest(tampered(source, 'decnet_golden_out', 3), false)).toBeGreaterThanOrEqual(2)
  })

  it('in the code is seen by the golden vectors', () => {
    if (!requireTool('cc')) return
    const layer = plan.layers[0]!.layer
    const { indexShift } = decoder.tables.find((t) => t.id === layer.table)!
    const changes = [
      [`size >> ${indexShift}`, `size >> ${indexShift + 1}`],
      ['* weight;', '* (weight / 2);'],
      [`i < ${layer.inputs}`, `i < ${layer.inputs - 1}`],
      ['INT64_C(1) << (r - 1)', 'INT64_C(0) << (r - 1)'],
      ['    y = -y;', '    y = -y - 1;'],
    ] as const
    for (const [from, to] of changes) {
      expect(source).toContain(from)
      expect(selftest(source.replace(from, to), false)).toBeGreaterThanOrEqual(2)
    }
  })

  it('of a threshold table is seen by its self-test', () => {
    if (!requireTool('cc')) return
    const table = buildTable(fc.sample(sources, { seed: 3, numRuns: 1 })[0]!)
    const header = renderTable(table, 'adc_table.h')
    write('adc_table.c', renderSource(table))
    write('self.c', '#include "adc_table.h"\nint main(void)\n{\n  return adc_table_selftest();\n}\n')
    const status = (text: string) => {
      write('adc_table.h', text)
      execFileSync('cc', ['adc_table.c', 'self.c', '-o', 'self'], { cwd: folder })
      return spawnSync(join(folder, 'self')).status
    }
    expect(status(header)).toBe(0)
    for (const name of ['threshold', 'level', 'dac_code'])
      expect(
        status(header.replace(new RegExp(`(adc_table_${name}\\[.*\\n  )(-?\\d+)`), (_, a, w) => a + (Number(w) ^ 1))),
      ).toBe(1)
    expect(status(header.replace(/CRC32 UINT32_C\(0x./, (m) => m.slice(0, -1) + (m.endsWith('0') ? '1' : '0')))).toBe(1)
  })
})
