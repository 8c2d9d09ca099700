/** Whose turn it is: numbers 0 to n - 1, each given once, to whichever thread asks first. */
export class Turn {
  /** To be sent to another thread, and made a Turn again there. */
  readonly shared: SharedArrayBuffer
  readonly #cells: Int32Array

  /** @param given  how many numbers, below 2^30, or another thread's `shared` */
  constructor(given: number | SharedArrayBuffer) {
    this.shared = typeof given === 'number' ? new SharedArrayBuffer(8) : given
    this.#cells = new Int32Array(this.shared)
    if (typeof given === 'number') Atomics.store(this.#cells, 1, given)
  }

  /** @returns null when all are given or after `stop` */
  next(): number | null {
    if (Atomics.load(this.#cells, 0) >= Atomics.load(this.#cells, 1)) return null
    const number = Atomics.add(this.#cells, 0, 1)
    return number < Atomics.load(this.#cells, 1) ? number : null
  }

  /** Give no more, in any thread. */
  stop(): void {
    Atomics.store(this.#cells, 1, 0)
  }
}
