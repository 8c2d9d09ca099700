/**
 * Importance sampling: half of the chips draw one standard deviation of the profile wider, so that chips which it makes
 * fail are frequent, and every chip counts with its likelihood ratio. Which half a chip is in is a coin of its key; its
 * standard normal deviates are the ones it has anyway, so the other half are plain chips.
 */
import { CONVERTER_SPREADS, converterDeviates } from '../adc/instance.ts'
import { fail } from '../base/errors.ts'
import type { Deployment } from '../deployment/deployment.ts'
import { AMPLIFIER_SPREADS, type AmplifierSpread, amplifierDeviates } from '../deployment/fabricate.ts'
import type { ChipKey } from '../numerics/random.ts'
import { isWidened, widenedRatio } from '../numerics/weighted.ts'
import { type FieldPath, valueAt, withValues } from '../profile/fields.ts'
import type { Profile } from '../profile/profile.ts'
import type { Importance, Study } from './study.ts'

/** Standard deviations with few normal deviates a chip, which importance sampling can widen. */
export const IMPORTANCE_PATHS: readonly FieldPath[] = [
  ...CONVERTER_SPREADS,
  ...(Object.keys(AMPLIFIER_SPREADS) as AmplifierSpread[]),
]

/** Deviates beyond which a wider draw takes nearly all chips far from the likely ones: nothing would be gained. */
const MOST_DEVIATES = 64

/** Share of the chips that are plain: no likelihood ratio is above 1 / share. */
export const PLAIN_SHARE = 0.5

/** Standard normal deviates that a chip has of a spread; none where the profile does not have it. */
export function chipDeviates(path: FieldPath, { profile, adc, layers }: Deployment, key: ChipKey): Float64Array {
  const converter = CONVERTER_SPREADS.find((one) => one === path)
  if (converter !== undefined) return converterDeviates(converter, adc, profile, key)
  if (!isAmplifier(path)) return new Float64Array()
  return Float64Array.from(layers.flatMap((layer, l) => [...amplifierDeviates(path, layer, l, profile, key)]))
}

const isAmplifier = (path: FieldPath): path is AmplifierSpread => Object.hasOwn(AMPLIFIER_SPREADS, path)

/**
 * Refuse what cannot be widened.
 *
 * @throws OHM8001 naming the paths that can, or why this one does nothing on this hardware
 */
export function checkImportance({ path }: Importance, deployment: Deployment): void {
  const at = { pointer: '/importance/path' }
  const refuse = (message: string, hint: string): never => fail('OHM8001', message, { at, hint })
  if (!IMPORTANCE_PATHS.includes(path))
    refuse(`${path} is no standard deviation of few deviates a chip`, `one of ${IMPORTANCE_PATHS.join(', ')}`)
  const count = chipDeviates(path, deployment, { seed: 0, chip: 0 }).length
  if (count === 0)
    refuse(
      `a chip of this profile draws nothing from ${path}`,
      (valueAt(deployment.profile, path) as number) > 0
        ? 'its converter has no such part; name a mechanism that it has'
        : 'it is 0: set it, or name another one',
    )
  if (count > MOST_DEVIATES)
    refuse(
      `a chip draws ${count} deviates from ${path}; of more than ${MOST_DEVIATES} hardly one wider draw is a likely chip`,
      'sample plainly, or name a mechanism with fewer',
    )
}

/** Whether a chip draws from the wider law. */
export function isWide({ seed }: Pick<Study, 'seed'>, chip: number): boolean {
  return isWidened({ seed, chip }, PLAIN_SHARE)
}

/** The profile of the chips that draw from the wider law. */
export function widenedProfile(profile: Profile, { path, scale }: Importance): Profile {
  return withValues(profile, { [path]: (valueAt(profile, path) as number) * scale })
}

/**
 * What a chip counts for: its likelihood under the profile over that under the mixture of both laws, from the deviates
 * that fabrication draws.
 *
 * @param deployment  of the chip, plain or widened
 * @returns           at most 1 / PLAIN_SHARE; in the mean over chips 1
 */
export function likelihoodRatio(
  study: Pick<Study, 'seed'>,
  { path, scale }: Importance,
  deployment: Deployment,
  chip: number,
): number {
  const deviates = chipDeviates(path, deployment, { seed: study.seed, chip })
  const z = isWide(study, chip) ? deviates.map((xi) => scale * xi) : deviates
  return widenedRatio(z, scale, PLAIN_SHARE)
}
