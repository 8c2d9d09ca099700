/** What a network is for: enough to draw samples and to score an estimate. `task/` does both. */
export interface SparseRecovery {
  readonly kind: 'sparse-recovery'
  /** Length of the sparse signal. */
  readonly N: number
  /** Number of measurements. */
  readonly M: number
  /** Nonzeros. */
  readonly S: number
  readonly noiseVariance: number
  readonly sensing: 'dct' | 'gaussian'
}
export interface ChannelEstimation {
  readonly kind: 'channel-estimation'
  readonly antennas: number
  readonly users: number
  readonly pilots: number
  /** Signal-to-noise ratio P (linear), or the range of a uniformly distributed one. */
  readonly snr: number | readonly [number, number]
}
export interface SymbolDetection {
  readonly kind: 'symbol-detection'
  readonly antennas: number
  readonly users: number
  /** 1 / noise variance in dB, or the range of a uniformly distributed one. */
  readonly snrDb: number | readonly [number, number]
  /** Relative variance of the channel error; 0 = known channel. */
  readonly csiError?: number
}
export type Task = SparseRecovery | ChannelEstimation | SymbolDetection
