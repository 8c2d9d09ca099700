import { formatText, wordRange } from '../../decoder/format.ts'
import type { ActivationTable } from '../../decoder/table.ts'
import { codeType, literal } from './integers.ts'
import type { DecnetPlan, LayerPlan } from './plan.ts'

const requantizer = (prefix: string, type: LayerPlan['accumulator']) =>
  `${prefix}_requantize${type === 'int32_t' ? 32 : 64}`

/** sat((acc + 2^(r - 1)) >> r): one function an accumulator width in use. */
export function requantizeLines({ layers }: DecnetPlan, prefix: string): string[] {
  const types = (['int32_t', 'int64_t'] as const).filter((type) => layers.some((p) => p.accumulator === type))
  return types.flatMap((type) => {
    const one = literal(1, type)
    return [
      '/* Half up, rounded once, then saturated: r > 0 shifts right, r < 0 left. The sums are proved to leave room. */',
      `static int16_t ${requantizer(prefix, type)}(${type} acc, int r, ${type} low, ${type} high)`,
      '{',
      '  if (r > 0)',
      `    acc = (acc + (${one} << (r - 1))) >> r;`,
      '  else',
      `    acc = acc * (${one} << -r);`,
      '  return (int16_t)(acc < low ? low : acc > high ? high : acc);',
      '}',
      '',
    ]
  })
}

/** An activation: straight lines between table entries, rounded half up once, clamped to keep the symmetry. */
export function activationLines(table: ActivationTable, prefix: string): string[] {
  const { id, indexShift, outputShift, output, symmetry } = table
  const whole = (x: number) => literal(x, 'int32_t')
  const entry = `${prefix}_${id}_entry`
  const step = whole(2 ** indexShift)
  const limit = whole(2 ** (output.bits - 1) - 1)
  return [
    `static int16_t ${prefix}_${id}(int16_t x)`,
    '{',
    '  const int32_t size = x < 0 ? -(int32_t)x : x;',
    `  const int32_t index = size >> ${indexShift};`,
    `  const int32_t weight = size - index * ${step};`,
    `  int32_t y = ${entry}[index] * ${step};`,
    '  /* the last entry is met only exactly */',
    '  if (weight != 0)',
    `    y += ((int32_t)${entry}[index + 1] - ${entry}[index]) * weight;`,
    ...(outputShift > 0 ? [`  y = (y + ${whole(2 ** (outputShift - 1))}) >> ${outputShift};`] : []),
    '  if (x < 0)',
    `    y = ${symmetry === 'odd' ? '-y' : `${whole(2 ** output.frac)} - y`};`,
    `  return (int16_t)(y < -${limit} ? -${limit} : y > ${limit} ? ${limit} : y);`,
    '}',
    '',
  ]
}

/** One layer as a function, with what is proved of its sums above it. */
export function layerLines(plan: DecnetPlan, l: number, prefix: string): string[] {
  const own = plan.layers[l]!
  const { layer, columns, accumulator, span, bits, widest } = own
  const { name, outputs, inputs, activation, input, pre, output } = layer
  const source = columns === null ? 'const int16_t *x' : `const ${codeType(plan.levels)} *codes`
  return [
    '/*',
    ` * ${name}: ${inputs} -> ${outputs}, ${activation}. In ${formatText(input)}, before the activation ${formatText(pre)}, out ${formatText(output)}.`,
    ` * Proved from weights, biases and the range of the inputs: whatever the codes, sums with rounding and shift stay`,
    ` * within ${span.low} .. ${span.high}, ${bits} bits (output ${widest} needs them): ${accumulator}.`,
    ...(columns === null
      ? []
      : [
          ' * The weights are multiplied by the levels beforehand; sums of these entries stay within',
          ` * ${columns.sumSpan.low} .. ${columns.sumSpan.high}: ${columns.sumType}.`,
        ]),
    ' */',
    `static void ${prefix}_layer_${l}(${source}, int16_t *y)`,
    '{',
    ...(columns === null ? weightSums(own, l, prefix) : columnSums(plan, l, prefix)),
    ...results(own, l, prefix),
    '  }',
    '}',
    '',
  ]
}

function weightSums({ layer, weightType, accumulator }: LayerPlan, l: number, prefix: string): string[] {
  // Products of two 16-bit words fit 32 bits; those of longer weights fit the accumulator.
  const product = weightType === 'int32_t' ? accumulator : 'int32_t'
  return [
    `  const ${weightType} *w = ${prefix}_weight_${l};`,
    '  size_t o, i;',
    `  for (o = 0; o < ${layer.outputs}; o++) {`,
    `    ${accumulator} acc = ${prefix}_bias_${l}[o];`,
    `    for (i = 0; i < ${layer.inputs}; i++)`,
    `      acc += (${product})*w++ * x[i];`,
  ]
}

function columnSums({ layers, levels, channels }: DecnetPlan, l: number, prefix: string): string[] {
  const { layer, columns, accumulator } = layers[l]!
  const { entryType, sumType, step } = columns!
  return [
    `  const ${entryType} *t = ${prefix}_column_${l};`,
    '  size_t o, n;',
    `  for (o = 0; o < ${layer.outputs}; o++) {`,
    `    ${sumType} sum = 0;`,
    `    ${accumulator} acc;`,
    `    for (n = 0; n < ${channels}; n++, t += ${levels - 1})`,
    '      if (codes[n] != 0)',
    `        sum += t[${knownCode(levels, 'codes[n]')} - 1];`,
    `    acc = ${prefix}_base_${l}[o] + (${accumulator})sum * ${literal(step, 'int32_t')};`,
  ]
}

function results({ layer, accumulator, shifts }: LayerPlan, l: number, prefix: string): string[] {
  const { low, high } = wordRange(layer.pre)
  const shift = typeof shifts === 'number' ? `${shifts}` : `${prefix}_shift_${l}[o]`
  // A relu is a saturation at 0.
  const word = `${requantizer(prefix, accumulator)}(acc, ${shift}, ${layer.activation === 'relu' ? 0 : low}, ${high})`
  return [`    y[o] = ${layer.table === null ? word : `${prefix}_${layer.table}(${word})`};`]
}

/** Codes beyond the last are read as the last: nothing is read outside the arrays. */
export function knownCode(levels: number, code: string): string {
  // Every value of the type is a code: the comparison would be always true.
  if (levels === 256 || levels === 65536) return code
  return `(${code} < ${levels} ? ${code} : ${levels - 1})`
}
