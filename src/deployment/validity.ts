/** Where a profile uses a model outside the range it was fitted in: counted and said, never refused. */
import type { Warning } from '../base/errors.ts'
import { driftModels } from '../crossbar/drift.ts'
import { deviceLaw, ivModels } from '../crossbar/iv.ts'
import { ANY, MICRO, type ModelFacts } from '../crossbar/model.ts'
import { programmingFacts } from '../crossbar/programming.ts'
import { readNoiseFacts } from '../crossbar/read-noise.ts'
import { acceleration, temperatureFactor } from '../crossbar/temperature.ts'
import { maxAbs } from '../numerics/matrix.ts'
import type { Profile } from '../profile/profile.ts'
import { measuredStage } from './activation-stage.ts'
import type { DeployedLayer } from './deployment.ts'

/** Kelvin from the reference at which models without a temperature are worth a warning. */
const WARM = 30

interface UsedModel {
  readonly name: string
  readonly facts: ModelFacts
  /** Since programming, as the model counts them. */
  readonly seconds: number
}

/** The models that are at work; one at scale 0 is not. */
function usedModels(profile: Profile): UsedModel[] {
  const { device, environment } = profile
  const { programming, drift, readNoise, iv } = device
  const relaxation = programming.model === 'write-verify' ? programming.writeVerify.relaxation : 'none'
  const age = environment.timeSinceProgramming
  const { scale } = programming
  return [
    { name: `programming error ${programming.model}`, facts: programmingFacts(programming), seconds: age, scale },
    { name: `relaxation ${relaxation}`, facts: programmingFacts(programming, relaxation), seconds: age, scale },
    {
      name: `drift ${drift.model}`,
      facts: driftModels[drift.model],
      seconds: age * acceleration(profile),
      scale: drift.scale,
    },
    { name: `read noise ${readNoise.model}`, facts: readNoiseFacts(device), seconds: age, scale: readNoise.scale },
    { name: `current against voltage ${iv.model}`, facts: ivModels[iv.model], seconds: age, scale: 1 },
  ].filter((model) => model.scale > 0)
}

/** A time outside those that a model was fitted on; null: it is not. */
function timeWarning({ name, facts: { validSeconds }, seconds }: UsedModel): Warning | null {
  if (validSeconds === undefined || (seconds >= validSeconds.low && seconds <= validSeconds.high)) return null
  return {
    code: 'OHM2001',
    message: `${short(seconds)} s since programming lies outside the ${times(validSeconds)} that ${name} was fitted on`,
    at: { pointer: '/environment/timeSinceProgramming' },
  }
}

/** The warnings of `validityWarnings` that are about the age of the chip. */
export function timeWarnings(profile: Profile): Warning[] {
  return usedModels(profile).flatMap((model) => timeWarning(model) ?? [])
}

/** Count target conductances, and check times, voltages and temperature, against the ranges the models were fitted on. */
export function validityWarnings(profile: Profile, layers: readonly DeployedLayer[]): Warning[] {
  const { device } = profile
  const targets = layers.flatMap((layer) => layer.tiles.map((tile) => tile.target.data))
  const warnings: Warning[] = []
  const warn = (message: string, pointer: string) => warnings.push({ code: 'OHM2001', message, at: { pointer } })
  for (const model of usedModels(profile)) {
    const { name } = model
    const { valid } = model.facts
    // A part in 10^9 of slack: 40e-6 / 1e-6 is not 40 in binary.
    const low = valid.low * MICRO * (1 - 1e-9)
    const high = valid.high * MICRO * (1 + 1e-9)
    const outside =
      valid === ANY ? 0 : targets.reduce((n, t) => n + t.reduce((k, g) => k + (g < low || g > high ? 1 : 0), 0), 0)
    if (outside > 0)
      warn(
        `${outside} devices have targets outside the ${short(valid.low)}-${short(valid.high)} uS that ${name} was fitted on`,
        '/device',
      )
    const time = timeWarning(model)
    if (time !== null) warnings.push(time)
  }
  // What a measured activation stage gives may exceed the full scale of the function it stands for.
  const drive = Math.max(
    profile.periphery.input.fullScale,
    ...layers.slice(0, -1).map((layer) => {
      const curve = measuredStage(layer, profile)
      const { fullScale } = profile.periphery.activation
      return curve === null ? fullScale : Math.max(fullScale, layer.outputVoltsPerUnit * maxAbs(curve.y))
    }),
  )
  const limit = ivModels[device.iv.model].limit(deviceLaw(device))
  if (drive > limit * (1 + 1e-9))
    warn(
      `word lines are driven with up to ${short(drive)} V; current against voltage ${device.iv.model} holds up to ${short(limit)} V and goes on along its tangent`,
      '/device/iv',
    )
  warnings.push(...temperatureWarnings(profile))
  return warnings
}

function temperatureWarnings(profile: Profile): Warning[] {
  const { device, environment } = profile
  const { coefficient, reference, activationEnergy } = device.temperature
  const at = { pointer: '/environment/temperature' }
  if (temperatureFactor(profile) === 0)
    return [
      {
        code: 'OHM2001',
        message: `at ${environment.temperature} K the temperature coefficient takes every conductance to 0`,
        at,
      },
    ]
  const modelled = coefficient !== 0 || activationEnergy !== 0
  const concerned =
    (device.programming.model !== 'none' && device.programming.scale > 0) ||
    (device.drift.model !== 'none' && device.drift.scale > 0) ||
    (device.readNoise.model !== 'none' && device.readNoise.scale > 0) ||
    device.retention.model !== 'none'
  if (modelled || !concerned || Math.abs(environment.temperature - reference) <= WARM) return []
  return [
    {
      code: 'OHM2001',
      message: `the chip is at ${environment.temperature} K, its devices are modelled at ${reference} K: device.temperature has neither a coefficient nor an activation energy`,
      at,
    },
  ]
}

const times = ({ low, high }: { readonly low: number; readonly high: number }) =>
  Number.isFinite(high) ? `${low}-${high} s` : `times from ${low} s`

const short = (x: number) => Number(x.toPrecision(6))
