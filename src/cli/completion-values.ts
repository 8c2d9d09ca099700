/** What may stand in a place of the command line, for the completion scripts. */
import { catalogue } from '../base/catalogue.ts'
import { FIELD_PATHS } from '../profile/fields.ts'
import { presetIds } from '../profile/preset-files.ts'
import { PRESETS } from '../training/presets.ts'
import type { CommandSpec, OptionSpec } from './commands.ts'
import { glossary } from './glossary.ts'

export interface Place {
  readonly words: readonly string[]
  readonly files: boolean
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const

const NOTHING: Place = { words: [], files: false }
const FILES: Place = { words: [], files: true }

/** What stands for a word of the command table: `<Y.npy>`, `<preset>`, `dir`, ... */
async function placeOf(name: string): Promise<Place> {
  switch (name) {
    case 'preset':
    case 'profile':
    case 'id or file':
      return { words: await presetIds(), files: true }
    case 'path=value':
      return { words: FIELD_PATHS.map((path) => `${path}=`), files: false }
    case 'experiment...':
      return { words: PRESETS, files: true }
    case 'term':
      return {
        words: [...Object.keys(catalogue), ...glossary.map((g) => g.term.replace(/[^A-Za-z0-9]+/g, '-'))],
        files: false,
      }
    case 'shell':
      return { words: SHELLS, files: false }
    case 'file':
    case 'path':
    case 'dir':
    case 'network':
      return FILES
    default:
      return name.endsWith('.npy') ? FILES : NOTHING
  }
}

/** The value of an option; null where it takes none. */
export async function optionValue(option: OptionSpec): Promise<Place | null> {
  const name = option.flags.match(/<(.*)>/)?.[1]
  if (name === undefined) return null
  return option.choices === undefined ? placeOf(name) : { words: option.choices, files: false }
}

/** The arguments of a command. */
export async function argumentOf(spec: CommandSpec): Promise<Place> {
  const name = spec.args[0]?.[0].replace(/[[\]]/g, '')
  return name === undefined ? NOTHING : placeOf(name)
}
