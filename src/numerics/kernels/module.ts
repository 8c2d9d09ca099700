/**
 * The WebAssembly kernels: which build this machine runs, and memory to hand them arrays in.
 *
 * Three engines give the same answers: `reference`, plain TypeScript; `simd`, WebAssembly with 128-bit vectors, the
 * default wherever it runs, with the same bits on every machine; `relaxed`, with fused multiply-add, faster and not
 * bit-reproducible between machines, opt-in.
 */
import { fail } from '../../base/errors.ts'
import { binaries } from './binaries.generated.ts'

// The part of the WebAssembly interface that is used; TypeScript has it only together with the whole browser.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } })
    readonly exports: object
  }
  function validate(bytes: Uint8Array): boolean
}

export const ENGINES = ['reference', 'simd', 'relaxed'] as const
export type Engine = (typeof ENGINES)[number]

/** A WebAssembly module, compiled from assembly/<name>.ts by scripts/build-kernels.mjs. */
export type KernelName = 'wires' | 'multiport' | 'chip' | 'train'

/** Static data of a module lies below this address; arrays are laid out from here on. */
const ARENA = 65536
const PAGE = 65536
/** 1 GiB: what the shared builds allow. */
const SHARED_PAGES = 16384
const ALIGNMENT = 64

/** A loaded module with its memory. Not re-entrant: a call lays out its arrays, runs, and copies the results out. */
export interface Kernel {
  // biome-ignore lint/suspicious/noExplicitAny: what a module exports is typed where it is called
  readonly exports: Readonly<Record<string, (...args: any[]) => any>>
  /**
   * Lay arrays out one after the other, growing the memory to hold them; earlier layouts and views are void.
   *
   * @param bytes  size of each array
   * @returns      address of each array, aligned to 64 bytes
   * @throws OHM5005 when the memory cannot grow so far
   */
  layout(bytes: readonly number[]): number[]
  f64(address: number, length: number): Float64Array
  f32(address: number, length: number): Float32Array
  i32(address: number, length: number): Int32Array
  i16(address: number, length: number): Int16Array
  u16(address: number, length: number): Uint16Array
  u8(address: number, length: number): Uint8Array
}

let chosen: Engine | null = null
const loaded = new Map<string, Kernel>()

// (func (result v128) i32.const 0 i8x16.splat), and the same with i8x16.relaxed_swizzle
const SIMD_PROBE = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11]
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
]

/** The engines this machine runs, slowest first. */
export function availableEngines(): Engine[] {
  const runs = (probe: readonly number[]) => WebAssembly.validate(Uint8Array.from(probe))
  return [
    'reference',
    ...(runs(SIMD_PROBE) ? (['simd'] as const) : []),
    ...(runs(RELAXED_PROBE) ? (['relaxed'] as const) : []),
  ]
}

/** The engine in use: what `useEngine` chose, else `simd` where it runs, else `reference`. */
export function engine(): Engine {
  chosen ??= availableEngines().includes('simd') ? 'simd' : 'reference'
  return chosen
}

/** Choose the engine of this thread. @throws OHM5006 where the machine does not run it */
export function useEngine(wanted: Engine): void {
  if (!availableEngines().includes(wanted))
    fail('OHM5006', `the engine ${wanted} does not run here: this machine has ${availableEngines().join(', ')}`, {
      hint: wanted === 'relaxed' ? 'use Node 22 or newer, or node --experimental-wasm-relaxed-simd' : 'use reference',
    })
  chosen = wanted
}

/** Run with a certain engine, whatever the thread has chosen. */
export function withEngine<T>(wanted: Engine, run: () => T): T {
  const before = engine()
  useEngine(wanted)
  try {
    return run()
  } finally {
    chosen = before
  }
}

/** A kernel of the engine in use, or null where that is plain TypeScript. */
export function kernel(name: KernelName): Kernel | null {
  const build = engine()
  if (build === 'reference') return null
  const key = `${name}-${build}`
  let found = loaded.get(key)
  if (found === undefined) {
    found = instantiate(bytesOf(key))
    loaded.set(key, found)
  }
  return found
}

/** As `kernel`, with a memory of its own: for work that keeps arrays in it. */
export function ownKernel(name: KernelName): Kernel | null {
  const build = engine()
  return build === 'reference' ? null : instantiate(bytesOf(`${name}-${build}`))
}

/** A memory that the kernels of several threads work on together; it may be sent to a worker. */
export type SharedMemory = WebAssembly.Memory

export const sharedMemory = (): SharedMemory =>
  new WebAssembly.Memory({ initial: ARENA / PAGE + 1, maximum: SHARED_PAGES, shared: true })

/**
 * As `ownKernel`, on a memory that other threads work on too.
 *
 * @param from  arrays are laid out behind this address, beyond those of the threads before
 */
export function sharedKernel(name: 'train', memory: SharedMemory, from: number): Kernel | null {
  const build = engine()
  return build === 'reference' ? null : instantiate(bytesOf(`${name}-${build}-shared`), memory, from)
}

const bytesOf = (key: string) => Uint8Array.from(atob(binaries[key]!), (c) => c.charCodeAt(0))

function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  memory = new WebAssembly.Memory({ initial: ARENA / PAGE + 1 }),
  from = ARENA,
): Kernel {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
  return {
    exports: exports as Kernel['exports'],
    layout(sizes) {
      let end = from
      const addresses = sizes.map((size) => {
        const at = end
        end += Math.ceil(size / ALIGNMENT) * ALIGNMENT
        return at
      })
      const missing = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE
      if (missing > 0)
        try {
          memory.grow(missing)
        } catch {
          fail('OHM5005', `the kernels cannot have ${(end / 2 ** 20).toFixed(0)} MiB of memory`, {
            hint: 'use smaller arrays or fewer vectors at a time',
          })
        }
      return addresses
    },
    f64: (address, length) => new Float64Array(memory.buffer, address, length),
    f32: (address, length) => new Float32Array(memory.buffer, address, length),
    i32: (address, length) => new Int32Array(memory.buffer, address, length),
    i16: (address, length) => new Int16Array(memory.buffer, address, length),
    u16: (address, length) => new Uint16Array(memory.buffer, address, length),
    u8: (address, length) => new Uint8Array(memory.buffer, address, length),
  }
}
