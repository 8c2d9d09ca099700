/**
 * A circuit before it is written: the one form that all dialects print and our reader gives back.
 *
 * Names are lower case, [a-z][a-z0-9_]*; node `0` is ground. Names of elements are without the letter that SPICE puts
 * before them; no two elements of a scope have the same kind and name. Values are SI units.
 */
import type { Expression } from './expression.ts'

/** A number, or an expression of parameters. */
export type Value = number | Expression

export type Element =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'resistor'; readonly name: string; readonly nodes: Pair; readonly ohms: Value }
  | {
      readonly kind: 'capacitor'
      readonly name: string
      readonly nodes: Pair
      readonly farads: Value
      /** Volts at the start of a transient. */
      readonly start?: Value
    }
  | { readonly kind: 'voltage'; readonly name: string; readonly nodes: Pair; readonly volts: Value | Waveform }
  | { readonly kind: 'current'; readonly name: string; readonly nodes: Pair; readonly amperes: Value }
  /** Follows an expression of voltages, currents and parameters. */
  | {
      readonly kind: 'behavioural'
      readonly name: string
      readonly nodes: Pair
      /** `volts` across its nodes, or `amperes` from the first to the second. */
      readonly gives: 'volts' | 'amperes'
      readonly expression: Expression
    }
  /** ohms times the current of a voltage source of the same scope, by its name */
  | {
      readonly kind: 'current-controlled-voltage'
      readonly name: string
      readonly nodes: Pair
      readonly source: string
      readonly ohms: Value
    }
  /** gain times the voltage between two other nodes */
  | {
      readonly kind: 'voltage-controlled-voltage'
      readonly name: string
      readonly nodes: Pair
      readonly controls: Pair
      readonly gain: Value
    }
  /** A transistor; `model` is one of the scope or of the top. */
  | {
      readonly kind: 'mosfet'
      readonly name: string
      /** drain, gate, source, bulk */
      readonly nodes: readonly [string, string, string, string]
      readonly model: string
      readonly parameters: Parameters
    }
  | {
      readonly kind: 'bipolar'
      readonly name: string
      /** collector, base, emitter */
      readonly nodes: readonly [string, string, string]
      readonly model: string
      readonly parameters: Parameters
    }
  | {
      readonly kind: 'model'
      readonly name: string
      readonly type: 'nmos' | 'pmos' | 'npn' | 'pnp'
      readonly parameters: Parameters
    }
  | {
      readonly kind: 'instance'
      readonly name: string
      readonly nodes: readonly string[]
      readonly of: string
      readonly parameters: Parameters
    }

export type Pair = readonly [string, string]
export type Parameters = Readonly<Record<string, Value>>

/** Volts against time, straight between the points; constant beyond them. */
export interface Waveform {
  /** [seconds, volts], seconds ascending. */
  readonly points: readonly (readonly [number, number])[]
}

export interface Subcircuit {
  readonly name: string
  /** Comment lines above it. */
  readonly about: readonly string[]
  readonly pins: readonly string[]
  /** Defaults. */
  readonly parameters: Parameters
  readonly elements: readonly Element[]
}

/** What a run does and prints. */
export type Analysis =
  /** All vectors, one after the other: the voltage of node `vec` is the number of the vector. */
  | {
      readonly kind: 'vectors'
      readonly count: number
      readonly nodes: readonly string[]
      /** Every node of the circuit is printed, and `nodes` is empty. */
      readonly all?: true
    }
  /** From the initial volts of the capacitors on; nodes are printed at given times. */
  | {
      readonly kind: 'transient'
      readonly stop: number
      /** Largest time step, seconds. */
      readonly step: number
      /** Printed at `times` each. */
      readonly nodes: readonly string[]
      readonly times: readonly number[]
    }
  /** Small-signal noise at a node, V^2/Hz, over a band; input referred to a voltage source of the top. */
  | {
      readonly kind: 'noise'
      readonly node: string
      readonly source: string
      readonly from: number
      readonly to: number
      readonly pointsPerDecade: number
      /** Of every resistor; default: 27, as all simulators have it. */
      readonly celsius?: number
    }

/** What a file that a deck includes may hold. */
export interface CircuitPart {
  readonly parameters: Parameters
  /** Of the cell library, those that are used, in order of the library. */
  readonly cells: readonly Subcircuit[]
  readonly subcircuits: readonly Subcircuit[]
}

export interface Circuit extends CircuitPart {
  readonly title: string
  /** Comment lines below the title. */
  readonly header: readonly string[]
  /** Files beside the deck that it includes. */
  readonly includes?: readonly string[]
  readonly top: readonly Element[]
  readonly stimulus: readonly Element[]
  readonly analysis: Analysis
}
