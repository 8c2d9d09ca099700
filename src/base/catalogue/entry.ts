import type { Kind } from '../errors.ts'

export interface Entry {
  readonly kind: Kind
  readonly title: string
  readonly explanation: string
}
