import { closest, distance } from 'fastest-levenshtein'
import { type Code, catalogue } from '../base/catalogue.ts'
import { fail } from '../base/errors.ts'
import { driftModels } from '../crossbar/drift.ts'
import type { ModelFacts } from '../crossbar/model.ts'
import { programmingModels } from '../crossbar/programming.ts'
import { readNoiseModels } from '../crossbar/read-noise.ts'
import type { Run } from './command.ts'
import { glossary } from './glossary.ts'
import { wrap } from './style.ts'

const key = (s: string) => s.toLowerCase().replace(/[^a-z0-9]+/g, '-')

/** What a device model is used for, where it comes from, and the range it was fitted on. */
function modelUses(name: string): { field: string; source: string; range: string }[] {
  const tables: Readonly<Record<string, Readonly<Record<string, ModelFacts>>>> = {
    'device.programming.model': programmingModels,
    'device.drift.model': driftModels,
    'device.readNoise.model': readNoiseModels,
  }
  return Object.entries(tables)
    .filter(([, table]) => Object.hasOwn(table, name))
    .map(([field, table]) => {
      const { source, valid, validSeconds } = table[name]!
      const siemens = Number.isFinite(valid.high) ? `Fitted on ${valid.low} to ${valid.high} uS.` : 'Any conductance.'
      const seconds =
        validSeconds === undefined
          ? ''
          : Number.isFinite(validSeconds.high)
            ? ` ${validSeconds.low} to ${validSeconds.high} s after programming.`
            : ` From ${validSeconds.low} s after programming.`
      return { field, source, range: siemens + seconds }
    })
}

export const run: Run = async ({ args, style: { c, columns: width } }) => {
  const wanted = args[0]!
  const code = wanted.toUpperCase()
  if (Object.hasOwn(catalogue, code)) {
    const { title, kind, explanation } = catalogue[code as Code]
    return {
      result: { code, kind, title, explanation },
      text: `${c.bold(`${code}: ${title}`)} (${kind})\n\n${wrap(explanation, width)}`,
    }
  }
  const entry = glossary.find((g) => [g.term, ...(g.also ?? [])].some((name) => key(name) === key(wanted)))
  if (entry !== undefined)
    return {
      result: entry,
      text: `${c.bold(entry.term)}${entry.symbol === undefined ? '' : `  (${entry.symbol})`}\n\n${wrap(entry.meaning, width)}`,
    }
  const uses = modelUses(wanted.toLowerCase())
  if (uses.length > 0)
    return {
      result: { model: wanted, uses },
      text: [
        c.bold(`${wanted}: device model`),
        ...uses.map((u) => wrap(`${u.field}: ${u.source}. ${u.range}`, width, '  ')),
      ].join('\n'),
    }
  const names = [
    ...Object.keys(catalogue),
    ...Object.keys({ ...programmingModels, ...driftModels, ...readNoiseModels }),
    ...glossary.flatMap((g) => [g.term, ...(g.also ?? [])]),
  ]
  const near = closest(key(wanted), names.map(key))
  const suggestion = distance(key(wanted), near) <= 4 ? names[names.map(key).indexOf(near)] : undefined
  return fail('OHM9001', `there is no code or term "${wanted}"`, {
    hint:
      suggestion === undefined ? `terms: ${glossary.map((g) => g.term).join(', ')}` : `did you mean "${suggestion}"?`,
  })
}
