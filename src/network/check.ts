import { OhmbitError, type Problem } from '../base/errors.ts'
import type { DenseLayer, Network, Quantizer } from './network.ts'

/** Most units a layer and most levels a quantizer may have: the address space of the random numbers and the codes. */
export const LIMITS = { width: 32768, layers: 64, levels: 65536 } as const

/**
 * Check everything a Network must satisfy, whatever file it came from.
 *
 * @returns the network itself
 * @throws OHM1101 no layer, OHM1102 shapes that do not chain, OHM1103 non-finite entries, OHM1106 quantizer; all at once
 */
export function checkNetwork(network: Network): Network {
  const problems: Problem[] = [
    ...checkLayers('encoder', network.encoder, null),
    ...quantizerProblems(network.quantizer),
    ...checkLayers('decoder', network.decoder, network.encoder.at(-1)?.weight.rows ?? null),
  ]
  if (problems.length > 0) throw new OhmbitError(problems)
  return network
}

/** The same for a quantizer that stands alone. @throws OHM1103, OHM1106 */
export function checkQuantizer(quantizer: Quantizer): Quantizer {
  const problems = quantizerProblems(quantizer)
  if (problems.length > 0) throw new OhmbitError(problems)
  return quantizer
}

function checkLayers(part: 'encoder' | 'decoder', layers: readonly DenseLayer[], inputs: number | null): Problem[] {
  const problems: Problem[] = []
  if (layers.length === 0 || layers.length > LIMITS.layers)
    problems.push({
      code: 'OHM1101',
      message: `the ${part} has ${layers.length} layers; 1 to ${LIMITS.layers} are possible`,
      at: { pointer: part },
    })
  let width = inputs
  for (const [i, layer] of layers.entries()) {
    const name = `${part}.${i}`
    const { rows, cols } = layer.weight
    if (rows < 1 || cols < 1 || rows > LIMITS.width || cols > LIMITS.width)
      problems.push({
        code: 'OHM1102',
        message: `${name}.weight is ${rows} x ${cols}; each side must be 1 to ${LIMITS.width}`,
        at: { pointer: `${name}.weight` },
      })
    if (width !== null && cols !== width)
      problems.push({
        code: 'OHM1102',
        message: `${name}.weight takes ${cols} inputs, but ${width} arrive from the layer before`,
        at: { pointer: `${name}.weight` },
        hint: 'weights are outputs x inputs; a transposed matrix shows up like this',
      })
    if (layer.bias.length !== rows)
      problems.push({
        code: 'OHM1102',
        message: `${name}.bias has ${layer.bias.length} entries for ${rows} outputs`,
        at: { pointer: `${name}.bias` },
      })
    for (const [kind, data] of [
      ['weight', layer.weight.data],
      ['bias', layer.bias],
    ] as const) {
      const bad = data.findIndex((v) => !Number.isFinite(v))
      if (bad >= 0)
        problems.push({
          code: 'OHM1103',
          message: `${name}.${kind} holds ${data[bad]} at entry ${bad}`,
          at: { pointer: `${name}.${kind}` },
        })
    }
    width = rows
  }
  return problems
}

function quantizerProblems(quantizer: Quantizer): Problem[] {
  const { thresholds, levels } = quantizer
  const problems: Problem[] = []
  const report = (code: 'OHM1103' | 'OHM1106', pointer: string, message: string) =>
    problems.push({ code, message, at: { pointer } })
  if (thresholds.length < 1 || levels.length !== thresholds.length + 1 || levels.length > LIMITS.levels)
    report(
      'OHM1106',
      'quantizer',
      `${thresholds.length} thresholds and ${levels.length} levels; I levels (2 to ${LIMITS.levels}) need I - 1 thresholds`,
    )
  for (const [name, data] of Object.entries({ thresholds, levels })) {
    const bad = data.findIndex((v) => !Number.isFinite(v))
    if (bad >= 0) report('OHM1103', `quantizer.${name}`, `quantizer.${name} holds ${data[bad]} at entry ${bad}`)
  }
  const descent = thresholds.findIndex((t, k) => k > 0 && !(t > thresholds[k - 1]!))
  if (descent > 0 && Number.isFinite(thresholds[descent]!) && Number.isFinite(thresholds[descent - 1]!))
    report(
      'OHM1106',
      'quantizer.thresholds',
      `threshold ${descent} (${thresholds[descent]}) is not above threshold ${descent - 1} (${thresholds[descent - 1]})`,
    )
  return problems
}
