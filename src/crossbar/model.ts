/** What every device model states about itself. */
export interface ModelFacts {
  readonly source: string
  /** Conductances the fit covers, microsiemens; beyond them the formula is extrapolated and counted. */
  readonly valid: { readonly low: number; readonly high: number }
  /** Times since programming the fit covers, seconds. */
  readonly validSeconds?: { readonly low: number; readonly high: number }
}

/** Device states of a model: conductance in microsiemens, x = g / gMax, time in seconds. */
export interface DeviceState {
  readonly microsiemens: number
  /** microsiemens */
  readonly maximum: number
  readonly seconds: number
}

export const MICRO = 1e-6

/** min(max(x, low), high) */
export const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

/** Largest current of the SONOS measurements, nA, the scale of CrossSim. */
const SONOS_NANOAMPS = 1600

/** Conductances, microsiemens, that the SONOS measurements cover where currents are read at a voltage. */
export const sonosRange = (referenceVoltage: number) => ({ low: 0, high: SONOS_NANOAMPS / (referenceVoltage * 1000) })

/** Everything is valid. */
export const ANY = { low: 0, high: Number.POSITIVE_INFINITY } as const
