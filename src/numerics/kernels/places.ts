import type { Kernel } from './module.ts'

/** Arrays to lay out in the kernel's memory. A place is an index of the addresses that `settle` gives. */
export interface Places {
  readonly room: (bytes: number) => number
  readonly numbers: (values: Float64Array) => number
  readonly settle: (k: Kernel) => readonly number[]
}

/** None yet. */
export function places(): Places {
  const sizes: number[] = []
  const filled: (readonly [place: number, values: Float64Array])[] = []
  const room = (bytes: number) => sizes.push(bytes) - 1
  return {
    room,
    numbers: (values) => {
      const place = room(values.byteLength)
      filled.push([place, values])
      return place
    },
    settle: (k) => {
      const addresses = k.layout(sizes)
      for (const [place, values] of filled) k.f64(addresses[place]!, values.length).set(values)
      return addresses
    },
  }
}
