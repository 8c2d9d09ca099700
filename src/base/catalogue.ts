import { files } from './catalogue/files.ts'
import { hardware } from './catalogue/hardware.ts'
import { work } from './catalogue/work.ts'

/**
 * Every code ohmbit can print, with the text of `ohmbit explain CODE`.
 * 1xxx files and networks, 12xx profiles, 2xxx crossbar, 3xxx ADC, 4xxx decoder, 5xxx simulation,
 * 6xxx artefacts and external tools, 7xxx training, 8xxx studies, 9xxx usage and bugs.
 */
export const catalogue = { ...files, ...hardware, ...work } as const

/** A code of the catalogue. */
export type Code = keyof typeof catalogue
