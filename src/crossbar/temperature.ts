/** What temperature does to conductances, to the pace of ageing, and to the noise of a column. */
import type { Profile } from '../profile/profile.ts'

/** Boltzmann constant in joule per kelvin and elementary charge in coulomb: exact by the SI of 2019. */
export const BOLTZMANN = 1.380649e-23
export const ELEMENTARY_CHARGE = 1.602176634e-19

type Conditions = Pick<Profile, 'device' | 'environment'>

/**
 * g(T) / g(reference) = 1 + coefficient (T - reference), never below 0 [textbook].
 *
 * @returns dimensionless; exactly 1 without a coefficient or at the reference
 */
export function temperatureFactor({ device, environment }: Conditions): number {
  const { coefficient, reference } = device.temperature
  return Math.max(0, 1 + coefficient * (environment.temperature - reference))
}

/**
 * Arrhenius: how much faster drift and retention run than at the reference, exp(Ea / k (1 / reference - 1 / T))
 * [textbook].
 *
 * @returns dimensionless; exactly 1 without an activation energy; 0 at 0 K; held below 1e30
 */
export function acceleration({ device, environment }: Conditions): number {
  const { activationEnergy, reference } = device.temperature
  if (activationEnergy === 0) return 1
  const exponent = (activationEnergy / BOLTZMANN) * (1 / reference - 1 / environment.temperature)
  return Math.exp(Math.min(exponent, Math.log(1e30)))
}

/** Noise of a column's current: densities times the bandwidth. */
export interface ColumnNoise {
  /** 4 k T B: ampere squared per siemens of the column */
  readonly thermal: number
  /** 2 q B: ampere squared per ampere through the devices; 0 without shot noise */
  readonly shot: number
}

/** null where the profile has no noise bandwidth. [textbook] */
export function columnNoise({ periphery, environment }: Profile): ColumnNoise | null {
  const { bandwidth, shotNoise } = periphery.tia
  if (bandwidth === null) return null
  return {
    thermal: 4 * BOLTZMANN * environment.temperature * bandwidth,
    shot: shotNoise ? 2 * ELEMENTARY_CHARGE * bandwidth : 0,
  }
}
