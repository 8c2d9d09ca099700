import { fail } from './errors.ts'

/**
 * The value itself, if it is a whole number within limits.
 *
 * @throws OHM5004 naming the option, its value and its limits
 */
export function wholeNumber(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high)
    fail('OHM5004', `${name} is ${value}; it must be a whole number from ${low} to ${high}`)
  return value
}
