import type { ThresholdTable } from '../threshold-table/table.ts'
import type { Banner } from './decnet.ts'
import { codeType } from './integers.ts'

/** main.c: both self-tests, then one vector from words of a fast ADC to the estimate. */
export function exampleMain(table: ThresholdTable, banner: Banner): string {
  return [
    '/*',
    ' * Example: self-tests at start-up, then samples -> codes -> estimate.',
    ...banner.map((line) => ` * ${line}`),
    ' */',
    '#include "adc_table.h"',
    '#include "decnet.h"',
    '',
    '#include <stdio.h>',
    '',
    '#if ADC_TABLE_CHANNELS != DECNET_CHANNELS || ADC_TABLE_LEVELS != DECNET_LEVELS',
    '#error adc_table.h and decnet.h belong to different deployments',
    '#endif',
    '',
    '/* One channel held and converted: here a sawtooth, on a board the word of an ADC with ADC_TABLE_FRAC. */',
    'static int16_t sample(int channel)',
    '{',
    '  return (int16_t)(channel * 4099 % 65536 - 32768);',
    '}',
    '',
    'int main(void)',
    '{',
    `  ${codeType(table.levelCount)} codes[DECNET_CHANNELS];`,
    '  int16_t estimate[DECNET_OUTPUTS];',
    '  int n;',
    '  const int table = adc_table_selftest();',
    '#if DECNET_SELFTEST',
    '  const int decoder = decnet_selftest();',
    '#else',
    '  const int decoder = 0;',
    '#endif',
    '  if (table != 0 || decoder != 0) {',
    '    printf("self-test failed: adc_table %d, decnet %d\\n", table, decoder);',
    '    return 1;',
    '  }',
    '  /* in the order in which the multiplexer presents the channels; each code goes to the place of its channel */',
    '  for (n = 0; n < ADC_TABLE_CHANNELS; n++)',
    '    codes[adc_table_scan_order[n]] = adc_table_code(sample(adc_table_scan_order[n]));',
    '  decnet_step(codes, estimate);',
    '  for (n = 0; n < DECNET_OUTPUTS; n++)',
    '    printf("%d ", estimate[n]);',
    '  printf("x 2^%d\\n", -DECNET_OUTPUT_FRAC);',
    '  return 0;',
    '}',
    '',
  ].join('\n')
}

/** CMakeLists.txt: the library, the example, and the example as a test. */
export function cmakeLists(banner: Banner): string {
  return [
    ...banner.map((line) => `# ${line}`),
    'cmake_minimum_required(VERSION 3.10)',
    'project(decnet C)',
    '',
    'set(CMAKE_C_STANDARD 99)',
    'set(CMAKE_C_STANDARD_REQUIRED ON)',
    'set(CMAKE_C_EXTENSIONS OFF)',
    '',
    'option(DECNET_SELFTEST "self-test and its golden vectors" ON)',
    '',
    'add_library(decnet STATIC decnet.c adc_table.c)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of CMake
    'target_include_directories(decnet PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of CMake
    'target_compile_definitions(decnet PUBLIC DECNET_SELFTEST=$<BOOL:${DECNET_SELFTEST}>)',
    'if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")',
    '  target_compile_options(decnet PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion)',
    'endif()',
    '',
    '# Not for a target without an operating system.',
    'if(NOT CMAKE_CROSSCOMPILING)',
    '  add_executable(decnet_example main.c)',
    '  target_link_libraries(decnet_example decnet)',
    '  enable_testing()',
    '  add_test(NAME selftest COMMAND decnet_example)',
    'endif()',
    '',
  ].join('\n')
}
