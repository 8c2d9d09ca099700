/**
 * Retention: the stored state fades towards one end.
 *
 * g(t) = g_end + (g - g_end) exp(-(t / timeConstant)^stretch), g_end = gMin + end (gMax - gMin) [textbook]
 */
import type { Profile } from '../profile/profile.ts'

/**
 * @param g        siemens, drift included
 * @param seconds  since programming, accelerated by temperature
 * @returns        siemens, between g and g_end
 */
export function retained(g: number, device: Profile['device'], seconds: number): number {
  const { model, timeConstant, stretch, end } = device.retention
  if (model === 'none' || seconds <= 0) return g
  const last = device.conductanceMin + end * (device.conductanceMax - device.conductanceMin)
  return last + (g - last) * Math.exp(-((seconds / timeConstant) ** stretch))
}
