import { fail } from '../base/errors.ts'
import { LIMITS } from '../network/check.ts'
import type { ChannelEstimation, SparseRecovery, SymbolDetection, Task } from '../network/task.ts'
import { type Matrix, matrix } from '../numerics/matrix.ts'
import { normalAt, site, stages } from '../numerics/random.ts'

/** Entries a sensing matrix may have: 128 MiB. */
const ENTRIES = 2 ** 24

/**
 * The sensing matrix Phi of y = Phi x + n, columns scaled to unit l2 norm.
 *
 * `dct`: the first M rows of the orthonormal N x N DCT-II, C[m, n] = c_m cos(pi (2n + 1) m / 2N) with c_0 = sqrt(1/N)
 * and c_m = sqrt(2/N); the smaller c_0 matters once columns are scaled. `gaussian`: independent normal entries that
 * depend on N and M only, so that training, calibration and test see the same matrix whatever their seeds.
 *
 * @returns  M x N
 * @throws   OHM1109 no such matrix
 * Source: [0] sec. V-A; "DCT matrix" is read as MATLAB's dctmtx.
 */
export function sensingMatrix(task: SparseRecovery): Matrix {
  checkTask(task)
  const { N, M } = task
  const phi = matrix(M, N)
  // A second key word of M >= 1 keeps this matrix apart from every sample, whose key is (seed, 0).
  const key = { seed: N, chip: M }
  const where = site(stages.task, 'sampleChannel')
  for (let m = 0; m < M; m++)
    for (let n = 0; n < N; n++)
      phi.data[m * N + n] =
        task.sensing === 'dct'
          ? Math.sqrt((m === 0 ? 1 : 2) / N) * Math.cos((Math.PI * (2 * n + 1) * m) / (2 * N))
          : normalAt(key, where, m, n)
  for (let n = 0; n < N; n++) {
    let energy = 0
    for (let m = 0; m < M; m++) energy += phi.data[m * N + n]! ** 2
    const norm = Math.sqrt(energy)
    for (let m = 0; m < M; m++) phi.data[m * N + n]! /= norm
  }
  return phi
}

/**
 * The linear map of y = sqrt(P) A s + w in real numbers for the channel-estimation task: A = [Re, -Im; Im, Re] of
 * Phi (x) I, where Phi is the first `users` columns of the `pilots`-point DFT matrix exp(-2 pi i t u / pilots).
 *
 * Row t * antennas + a is pilot t at antenna a, column u * antennas + a user u at antenna a; imaginary parts follow
 * all real parts, on both sides.
 *
 * @returns  (2 pilots antennas) x (2 users antennas)
 * Source: [1] eq. (6) and sec. 4.1
 */
export function pilotMatrix(task: ChannelEstimation): Matrix {
  checkTask(task)
  const { antennas, users, pilots } = task
  const rows = pilots * antennas
  const cols = users * antennas
  const out = matrix(2 * rows, 2 * cols)
  for (let t = 0; t < pilots; t++)
    for (let u = 0; u < users; u++) {
      // The product is reduced first: cos and sin of large angles lose digits.
      const angle = (-2 * Math.PI * ((t * u) % pilots)) / pilots
      const re = Math.cos(angle)
      const im = Math.sin(angle)
      for (let a = 0; a < antennas; a++) {
        const row = t * antennas + a
        const col = u * antennas + a
        out.data[row * 2 * cols + col] = re
        out.data[row * 2 * cols + cols + col] = -im
        out.data[(rows + row) * 2 * cols + col] = im
        out.data[(rows + row) * 2 * cols + cols + col] = re
      }
    }
  return out
}

/** H[i, j] = exp(-|i - j|): antennas x users. Source: [1] sec. 4.2 */
export function channelMatrix(task: SymbolDetection): Matrix {
  checkTask(task)
  const { antennas, users } = task
  const h = matrix(antennas, users)
  for (let i = 0; i < antennas; i++) for (let j = 0; j < users; j++) h.data[i * users + j] = Math.exp(-Math.abs(i - j))
  return h
}

/** Lengths of a task's vectors: measurements and truth. */
export function taskShape(task: Task): { inputs: number; truth: number } {
  if (task.kind === 'sparse-recovery') return { inputs: task.M, truth: task.N }
  if (task.kind === 'channel-estimation')
    return { inputs: 2 * task.pilots * task.antennas, truth: 2 * task.users * task.antennas }
  return { inputs: task.antennas, truth: task.users }
}

/**
 * Refuse parameters no generator can follow.
 *
 * @throws OHM1109
 */
export function checkTask(task: Task): void {
  const refuse = (pointer: string, rule: string): never =>
    fail('OHM1109', `task ${task.kind}: ${rule}`, { at: { pointer: `/${pointer}` } })
  const whole = (name: string, value: number, high: number = LIMITS.width): void => {
    if (!(Number.isInteger(value) && value >= 1 && value <= high))
      refuse(name, `${name} is ${value}; it must be a whole number from 1 to ${high}`)
  }
  const range = (name: string, value: number | readonly number[], low: number): void => {
    const ends = typeof value === 'number' ? [value, value] : value
    if (ends.length !== 2 || !ends.every((v) => Number.isFinite(v) && v >= low) || ends[0]! > ends[1]!)
      refuse(
        name,
        `${name} is ${JSON.stringify(value)}; it must be a finite number${low > -Infinity ? ` of at least ${low}` : ''}, or [low, high]`,
      )
  }
  if (task.kind === 'sparse-recovery') {
    whole('N', task.N)
    whole('M', task.M, task.sensing === 'dct' ? task.N : LIMITS.width)
    whole('S', task.S, task.N)
    range('noiseVariance', task.noiseVariance, 0)
  } else {
    whole('antennas', task.antennas)
    if (task.kind === 'channel-estimation') {
      whole('users', task.users)
      whole('pilots', task.pilots)
      range('snr', task.snr, 0)
    } else {
      // 2^users classes are the estimate's width.
      whole('users', task.users, Math.log2(LIMITS.width))
      range('snrDb', task.snrDb, -Infinity)
      range('csiError', task.csiError ?? 0, 0)
    }
  }
  const { inputs, truth } = taskShape(task)
  if (inputs > LIMITS.width || truth > LIMITS.width || inputs * truth > ENTRIES)
    refuse(
      '',
      `${inputs} measurements of ${truth} unknowns are too many; ${LIMITS.width} each and ${ENTRIES} products are possible`,
    )
}
