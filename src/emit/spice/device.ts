/**
 * One device of an array: the cell of its current-voltage law, and its access transistor as a resistor.
 */
import { type DeviceLaw, isOhmic, ivModels, miloCoefficients, voltageLimit } from '../../crossbar/iv.ts'
import { instance, resistor } from './build.ts'
import type { Element, Parameters } from './circuit.ts'
import { parameter } from './expression.ts'

const R_ACCESS = parameter('r_access')
const IV_V0 = parameter('iv_v0')
const IV_EDGE = parameter('iv_edge')
const IV_EXPONENT = parameter('iv_exponent')
const IV_CUBIC = parameter('iv_cubic')

/** A law that holds for all voltages goes on along its tangent from here, volts. */
const NEVER = 1e6

const edge = (law: DeviceLaw) => Math.min(voltageLimit(law), NEVER)

/** What all devices of a deck share. */
export function deviceParameters(law: DeviceLaw): Record<string, number> {
  return { ...(law.seriesOhms > 0 ? { r_access: law.seriesOhms } : {}), ...curveParameters(law) }
}

/** For the header of a deck; none: ohmic devices alone. */
export function lawLines(law: DeviceLaw): string[] {
  const parts = [
    ...(isOhmic(law) ? [] : [ivModels[law.model].source]),
    ...(law.seriesOhms > 0 ? [`access transistors of ${law.seriesOhms} ohm in series`] : []),
  ]
  return parts.length === 0 ? [] : [`devices: ${parts.join('; ')}`]
}

function curveParameters(law: DeviceLaw): Record<string, number> {
  if (isOhmic(law)) return {}
  switch (law.model) {
    case 'sinh':
      return { iv_v0: law.voltage, iv_edge: edge(law) }
    case 'power-law':
      return { iv_v0: law.voltage, iv_exponent: Math.log2(law.gamma) }
    case 'cubic':
      return { iv_cubic: law.cubic, iv_edge: edge(law) }
    case 'milo2021':
      return { iv_edge: edge(law) }
    case 'linear':
      return {}
  }
}

/** Cell and parameters of a device of g siemens. */
function cell(law: DeviceLaw, g: number): { of: string; parameters: Parameters } {
  if (isOhmic(law)) return { of: 'ob_device', parameters: { g } }
  switch (law.model) {
    case 'sinh':
      return { of: 'ob_device_sinh', parameters: { g, v0: IV_V0, edge: IV_EDGE } }
    case 'power-law':
      return { of: 'ob_device_power', parameters: { g, v0: IV_V0, exponent: IV_EXPONENT } }
    case 'cubic':
      return { of: 'ob_device_cubic', parameters: { g, cubic: IV_CUBIC, edge: IV_EDGE } }
    case 'milo2021':
      return { of: 'ob_device_milo2021', parameters: { g, ...miloCoefficients(g), edge: IV_EDGE } }
    case 'linear':
      return { of: 'ob_device', parameters: { g } }
  }
}

/**
 * Device (i, j) between its word and its bit node.
 *
 * @param g  siemens, > 0
 */
export function deviceElements(law: DeviceLaw, at: string, word: string, bit: string, g: number): Element[] {
  const { of, parameters } = cell(law, g)
  if (!(law.seriesOhms > 0)) return [instance(`d_${at}`, [word, bit], of, parameters)]
  const inner = `d_${at}`
  return [resistor(`t_${at}`, word, inner, R_ACCESS), instance(`d_${at}`, [inner, bit], of, parameters)]
}
