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

/** Everything is valid. */
export const ANY = { low: 0, high: Number.POSITIVE_INFINITY } as const
