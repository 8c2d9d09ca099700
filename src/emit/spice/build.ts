/**
 * Elements of a circuit, built with few words.
 */
import type { Element, Pair, Parameters, Value } from './circuit.ts'
import type { Expression } from './expression.ts'

export const comment = (text: string): Element => ({ kind: 'comment', text })

export const resistor = (name: string, a: string, b: string, ohms: Value): Element => ({
  kind: 'resistor',
  name,
  nodes: [a, b],
  ohms,
})

/** A second terminal for a node that only sources and controls see, 1 Gohm to ground. */
export const anchor = (node: string): Element => resistor(node, node, '0', 1e9)

/** Between a node and ground. */
export const source = (name: string, node: string, volts: Value): Element => ({
  kind: 'voltage',
  name,
  nodes: [node, '0'],
  volts,
})

/** A node that follows an expression, volts against ground. */
export const follower = (node: string, expression: Expression): Element => ({
  kind: 'behavioural',
  name: node,
  nodes: [node, '0'],
  gives: 'volts',
  expression,
})

export const instance = (
  name: string,
  nodes: readonly (string | readonly string[])[],
  of: string,
  parameters: Parameters = {},
): Element => ({ kind: 'instance', name, nodes: nodes.flat(), of, parameters })

/** prefix_0 .. prefix_(count-1) */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}_${i}`)
}

/** Nodes an element connects, without those it only reads. */
export const terminals = (element: Element): readonly string[] =>
  element.kind === 'comment' || element.kind === 'model' ? [] : element.nodes

/** Ends of an element between two nodes. */
export const pair = (a: string, b: string): Pair => [a, b]
