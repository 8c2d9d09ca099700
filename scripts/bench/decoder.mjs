// Decoder vectors a second, from codes to estimates: plain TypeScript, the kernel, emitted C, beside numpy.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFixedDecoder } from '../../dist/decoder/run.js'
import { cSource } from '../../dist/emit/index.js'
import { deploy, forward, readProfile, setProfileValues } from '../../dist/index.js'
import { engine, useEngine } from '../../dist/numerics/kernels/module.js'
import { add, best, distance, peer } from './table.mjs'

export const hasCompiler = spawnSync('cc', ['--version']).status === 0

const rowsOf = (w) =>
  Array.from({ length: w.rows }, (_, i) => Array.from(w.data.subarray(i * w.cols, (i + 1) * w.cols)))

/** The shipped network's codes through each form of its decoder, seconds a vector. */
export async function decoderRows(network, inputs) {
  const profile = await setProfileValues(await readProfile('ideal'), ['decoder.arithmetic=fixed', 'adc.dac.bits=12'])
  const deployment = deploy(network, profile, { calibration: inputs })
  const { decoder } = deployment
  const { codes } = forward(network, inputs)
  const vectors = codes.rows
  const numpy = peer('numpy float64', {
    kind: 'decoder',
    codes: rowsOf(codes),
    decoder: network.decoder.map((l) => [rowsOf(l.weight), Array.from(l.bias), l.activation]),
    levels: Array.from(network.quantizer.levels),
    repeats: 20,
  })
  const each = numpy && { name: numpy.name, seconds: numpy.seconds / vectors }
  const row = (what, seconds, error, limit) =>
    add(`decoder of ${network.name}, ${what}`, seconds / vectors, each, { unit: 'vectors/s', error, limit })

  // Integers agree with the peer to their word lengths, and among themselves word for word.
  const usual = engine()
  useEngine('reference')
  const reference = best(() => runFixedDecoder(decoder, codes), { atLeast: 0.5 })
  row(
    'integers, plain TypeScript',
    reference.seconds,
    numpy && distance(reference.result.estimate.data, numpy.result.flat()),
    1e-2,
  )
  useEngine('simd')
  const kernel = best(() => runFixedDecoder(decoder, codes), { atLeast: 0.5 })
  row('integers, kernel', kernel.seconds, distance(kernel.result.words.data, reference.result.words.data), 0)
  useEngine(usual)
  if (!hasCompiler) return
  const c = emitted(cSource(deployment).files, codes, decoder.layers.at(-1).outputs)
  row('integers, emitted C, cc -O2', c.seconds, distance(c.words, reference.result.words.data), 0)
}

const REPEATS = 20

/** Least seconds of one pass over all vectors, and the words it gave. */
function emitted(files, codes, outputs) {
  const folder = mkdtempSync(join(tmpdir(), 'ohmbit-bench-'))
  try {
    for (const { name, text } of files) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'bench.c'), mainLoop(codes.rows))
    execFileSync('cc', ['-std=gnu99', '-O2', 'bench.c', 'decnet.c', '-o', 'bench'], { cwd: folder })
    const run = spawnSync(join(folder, 'bench'), { input: Uint8Array.from(codes.data), maxBuffer: 1 << 28 })
    if (run.status !== 0) throw new Error(`the bench of emitted C failed: ${run.stderr}`)
    const at = (k) => run.stdout.readInt16LE(2 * k)
    return { seconds: Number(run.stderr), words: Float64Array.from({ length: codes.rows * outputs }, (_, k) => at(k)) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Codes on stdin, words on stdout, seconds on stderr. */
const mainLoop = (vectors) => `
#include "decnet.h"
#include <stdio.h>
#include <time.h>
static uint8_t codes[${vectors}][DECNET_CHANNELS];
static int16_t words[${vectors}][DECNET_OUTPUTS];
static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
int main(void)
{
  double least = 1e9;
  int repeat, v;
  if (fread(codes, sizeof codes, 1, stdin) != 1) return 1;
  for (repeat = 0; repeat < ${REPEATS}; repeat++) {
    const double start = now();
    double seconds;
    for (v = 0; v < ${vectors}; v++) decnet_step(codes[v], words[v]);
    seconds = now() - start;
    if (seconds < least) least = seconds;
  }
  fprintf(stderr, "%.9f", least);
  return fwrite(words, sizeof words, 1, stdout) == 1 ? 0 : 1;
}
`
