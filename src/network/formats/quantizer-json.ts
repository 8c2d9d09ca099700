import { fail } from '../../base/errors.ts'
import { checkQuantizer } from '../check.ts'
import type { Quantizer } from '../network.ts'
import { hardQuantizer } from '../soft-to-hard.ts'
import { numbersOf, parseJsonObject } from './json-object.ts'

const hardKeys = ['thresholds', 'levels', 'reproduction', 'compare']
const softKeys = ['amplitudes', 'shifts', 'scale', 'levelRule']

/**
 * A quantizer that stands in a file of its own:
 * {"thresholds": [..], "levels": [..], "compare": "gt"}, or as training left it
 * {"amplitudes": [..], "shifts": [..], "scale": h, "levelRule": "saturated"}.
 *
 * @param text  `reproduction` may stand for `levels`; compare is gt (x > t) unless it says ge (x >= t); levelRule is
 *              saturated unless it says soft-midpoint; scale is one number or one a threshold
 * @throws OHM1005, OHM1101, OHM1103, OHM1106, OHM1204
 */
export function parseQuantizerJson(text: string, name = 'quantizer'): Quantizer {
  const entries = parseJsonObject(text, name)
  const soft = entries.has('amplitudes') || entries.has('shifts')
  const known = soft ? softKeys : hardKeys
  for (const key of entries.keys())
    if (!known.includes(key))
      fail('OHM1204', `unknown key "${key.slice(0, 60)}" in ${name}`, {
        at: { pointer: key },
        hint: `a quantizer has ${hardKeys.slice(0, 2).join(', ')} and compare, or ${softKeys.join(', ')}`,
      })
  const list = (...keys: string[]) => {
    const key = keys.find((k) => entries.has(k)) ?? keys[0]!
    return (
      numbersOf(entries.get(key)) ??
      fail('OHM1101', `${name} needs ${key}, a list of numbers`, { at: { pointer: key } })
    )
  }
  const word = <T extends string>(key: string, words: readonly T[]): T => {
    const value = entries.get(key) ?? words[0]
    return (
      words.find((w) => w === value) ??
      fail('OHM1106', `${key} is ${JSON.stringify(value)?.slice(0, 60)}; it must be ${words.join(' or ')}`, {
        at: { pointer: key },
      })
    )
  }
  const scale = entries.get('scale')
  const quantizer: Quantizer = soft
    ? hardQuantizer(
        {
          amplitudes: list('amplitudes'),
          shifts: list('shifts'),
          scale: typeof scale === 'number' ? scale : list('scale'),
        },
        word('levelRule', ['saturated', 'soft-midpoint']),
      )
    : {
        thresholds: Float64Array.from(list('thresholds')),
        levels: Float64Array.from(list('levels', 'reproduction')),
        compare: word('compare', ['gt', 'ge']),
        levelRule: 'given',
      }
  return checkQuantizer(quantizer)
}
