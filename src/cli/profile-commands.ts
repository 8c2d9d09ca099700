import { type CommandSpec, FORCE, out, SET } from './command-spec.ts'

const PROFILES = 'hardware profiles: list, show, check, new'

export const profileCommands: readonly CommandSpec[] = [
  {
    name: 'profiles list',
    group: PROFILES,
    summary: 'the presets with their provenance',
    args: [],
    options: [],
    examples: ['profiles list'],
    load: () => import('./profiles-list.ts'),
  },
  {
    name: 'profiles show',
    group: PROFILES,
    summary: 'every value of a profile with unit and source, defaults filled in',
    args: [['profile', 'preset id or file']],
    options: [SET],
    examples: ['profiles show reram-1t1r'],
    load: () => import('./profiles-show.ts'),
  },
  {
    name: 'profiles check',
    group: PROFILES,
    summary: 'all problems of a profile file, with their places',
    args: [['profile', 'file or preset id']],
    options: [],
    examples: ['profiles check mine.json'],
    load: () => import('./profiles-check.ts'),
  },
  {
    name: 'profiles new',
    group: PROFILES,
    summary: 'a commented profile to start your own from',
    args: [['id', 'its id']],
    options: [
      out('file to write (default ID.json)'),
      { flags: '--from <preset>', description: 'start from this preset instead of the template' },
      FORCE,
    ],
    examples: ['profiles new mine -o mine.json', 'profiles new mine --from pcm -o mine.json'],
    load: () => import('./profiles-new.ts'),
  },
]
