/**
 * The optional `device` of a crossbar file: current against voltage, and access transistors.
 */
import { type DeviceLaw, ivModels, OHMIC } from './iv.ts'

/** Parameters and what they have to be; `voltage` and `gamma` as in the profile's `device.iv`. */
const NUMBERS = {
  cubic: { initial: 0, fits: (x: number) => Number.isFinite(x), rule: 'a finite number in 1/V^2' },
  voltage: { initial: 0.2, fits: (x: number) => x > 0 && x <= 100, rule: 'above 0 and at most 100 V' },
  gamma: { initial: 2, fits: (x: number) => x >= 2 && x <= 1000, rule: 'from 2 to 1000' },
  seriesOhms: { initial: 0, fits: (x: number) => x >= 0 && x <= 1e9, rule: 'a resistance in ohm, from 0 to 1e9' },
} as const

type Wrong = (pointer: string, message: string, hint?: string) => void

/** @param wrong  told of every field that is not valid */
export function deviceFromJson(value: unknown, wrong: Wrong): DeviceLaw {
  if (value === undefined) return OHMIC
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    wrong('/device', 'device must be an object with model and, where the model wants them, cubic, voltage, gamma')
    return OHMIC
  }
  const given = new Map(Object.entries(value))
  for (const key of given.keys())
    if (key !== 'model' && !Object.hasOwn(NUMBERS, key))
      wrong(`/device/${key}`, `device has no ${key}; it has model, ${Object.keys(NUMBERS).join(', ')}`)
  const models = Object.keys(ivModels) as DeviceLaw['model'][]
  const model = models.find((name) => name === (given.get('model') ?? 'linear'))
  if (model === undefined)
    wrong('/device/model', `model is ${JSON.stringify(given.get('model'))}; it must be one of ${models.join(', ')}`)
  const number = (key: keyof typeof NUMBERS): number => {
    const { initial, fits, rule } = NUMBERS[key]
    const x = given.get(key) ?? initial
    if (typeof x === 'number' && fits(x)) return x
    wrong(`/device/${key}`, `${key} is ${JSON.stringify(x)}; it must be ${rule}`)
    return initial
  }
  return {
    model: model ?? 'linear',
    cubic: number('cubic'),
    voltage: number('voltage'),
    gamma: number('gamma'),
    seriesOhms: number('seriesOhms'),
  }
}
