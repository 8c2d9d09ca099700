/**
 * One device of an array as cards: the cell of its current-voltage law, and its access transistor as a resistor.
 */
import { type DeviceLaw, isOhmic, ivModels, miloCoefficients, voltageLimit } from '../../crossbar/iv.ts'
import { spiceNumber } from './text.ts'

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
function cell(law: DeviceLaw, g: number): string {
  const own = `g=${spiceNumber(g)}`
  if (isOhmic(law)) return `ob_device ${own}`
  switch (law.model) {
    case 'sinh':
      return `ob_device_sinh ${own} v0={iv_v0} edge={iv_edge}`
    case 'power-law':
      return `ob_device_power ${own} v0={iv_v0} exponent={iv_exponent}`
    case 'cubic':
      return `ob_device_cubic ${own} cubic={iv_cubic} edge={iv_edge}`
    case 'milo2021': {
      const { square, cube } = miloCoefficients(g)
      return `ob_device_milo2021 ${own} square=${spiceNumber(square)} cube=${spiceNumber(cube)} edge={iv_edge}`
    }
    case 'linear':
      return `ob_device ${own}`
  }
}

/**
 * Device (i, j) between its word and its bit node.
 *
 * @param g  siemens, > 0
 */
export function deviceCards(law: DeviceLaw, at: string, word: string, bit: string, g: number): string[] {
  const inner = law.seriesOhms > 0 ? `d_${at}` : word
  return [
    ...(law.seriesOhms > 0 ? [`rt_${at} ${word} ${inner} {r_access}`] : []),
    `xd_${at} ${inner} ${bit} ${cell(law, g)}`,
  ]
}
