/**
 * The wires of a crossbar seen from its devices: currents taken from the word lines and given to the bit lines, and what
 * is left of the drivers' volts across every device.
 *
 * Every line is a ladder without branches, so its segment currents are running sums of device currents and its node
 * volts running sums of drops: nothing is solved, and Kirchhoff's current law holds by construction, to rounding.
 */
import type { Wires } from './wires.ts'

export interface Ladders {
  readonly words: number
  readonly bits: number
  readonly wires: Wires
  /** ohm in series with every device */
  readonly seriesOhms: number
}

/**
 * Volts across every device: drivers minus all drops.
 *
 * @param amps   words x bits, through the devices from word to bit line
 * @param volts  word drivers; null = all at 0 V
 * @param out    words x bits, volts
 */
export function deviceVolts(
  { words: m, bits: n, wires, seriesOhms }: Ladders,
  amps: Float64Array,
  volts: Float64Array | null,
  out: Float64Array,
): void {
  const { wordSegment, bitSegment, driver, sense } = wires
  const entry = driver + wordSegment
  const exit = bitSegment + sense
  const both = wires.drive === 'both-ends'
  const loop = 2 * entry + (n - 1) * wordSegment
  for (let i = 0; i < m; i++) {
    const row = i * n
    // What enters the near end: all of it, or what makes both ends' drops meet at the same volts.
    let through = 0
    if (!both) for (let j = n - 1; j >= 0; j--) through += amps[row + j]!
    else if (loop > 0) {
      let weighted = 0
      for (let j = 0; j < n; j++) weighted += amps[row + j]! * (entry + (n - 1 - j) * wordSegment)
      through = weighted / loop
    }
    let node = (volts === null ? 0 : volts[i]!) - entry * through
    for (let j = 0; j < n; j++) {
      out[row + j] = node - seriesOhms * amps[row + j]!
      through -= amps[row + j]!
      node -= wordSegment * through
    }
  }
  if (exit === 0) return
  // Bit lines: with s_i the sum of rows 0 .. i, node i is exit s_(m-1) + bitSegment (s_i + ... + s_(m-2)).
  const through = new Float64Array(n)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) through[j]! += amps[i * n + j]!
  const node = through.map((total) => exit * total)
  for (let i = m - 1; i >= 0; i--)
    for (let j = 0; j < n; j++) {
      const k = i * n + j
      out[k]! -= node[j]!
      through[j]! -= amps[k]!
      node[j]! += bitSegment * through[j]!
    }
}

/** Volts at every node, words x bits each. */
export function nodeVolts(
  ladders: Ladders,
  amps: Float64Array,
  volts: Float64Array,
): { readonly word: Float64Array; readonly bit: Float64Array } {
  const size = ladders.words * ladders.bits
  const none = { ...ladders.wires, bitSegment: 0, sense: 0 }
  const word = new Float64Array(size)
  deviceVolts({ ...ladders, wires: none, seriesOhms: 0 }, amps, volts, word)
  const bit = new Float64Array(size)
  const alone = { ...ladders.wires, wordSegment: 0, driver: 0 }
  deviceVolts({ ...ladders, wires: alone, seriesOhms: 0 }, amps, null, bit)
  for (let k = 0; k < size; k++) bit[k] = -bit[k]!
  return { word, bit }
}

/** Ohm between a device's terminals with every other device open: diagonal of the map from currents to drops. */
export function selfOhms({ words: m, bits: n, wires, seriesOhms }: Ladders): Float64Array {
  const { wordSegment, bitSegment, driver, sense } = wires
  const entry = driver + wordSegment
  const loop = 2 * entry + (n - 1) * wordSegment
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      const near = entry + j * wordSegment
      const word = wires.drive === 'both-ends' && loop > 0 ? (near * (loop - near)) / loop : near
      out[i * n + j] = seriesOhms + word + bitSegment + sense + (m - 1 - i) * bitSegment
    }
  return out
}

/** What the drivers give and the virtual grounds take: sums along the lines, ampere. */
export function lineAmps(
  { words: m, bits: n }: Pick<Ladders, 'words' | 'bits'>,
  amps: Float64Array,
  intoWords: Float64Array,
  outOfBits: Float64Array,
): void {
  outOfBits.fill(0)
  for (let i = 0; i < m; i++) {
    let total = 0
    for (let j = 0; j < n; j++) {
      const a = amps[i * n + j]!
      total += a
      outOfBits[j]! += a
    }
    intoWords[i] = total
  }
}
