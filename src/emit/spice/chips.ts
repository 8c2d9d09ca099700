/**
 * Many chips of one deployment for Monte Carlo: one deck with what they have in common, and beside it an include a chip
 * with what differs. Every number is drawn by `fabricate`, none by the circuit simulator.
 */
import { fail } from '../../base/errors.ts'
import type { Chip } from '../../deployment/fabricate.ts'
import { cellsUsed } from './cells.ts'
import type { CircuitPart, Parameters } from './circuit.ts'
import { expectedText } from './deck.ts'
import { dialect } from './dialects/index.ts'
import type { Probe } from './expected.ts'
import { cellsOf, encoderCircuit, MAX_CELLS, type SpiceOptions } from './netlist.ts'

export interface ChipNetlists {
  /** The deck, then an include and the expected values of each chip. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
  /** Of each chip. */
  readonly expected: readonly (readonly Probe[])[]
  readonly vectors: number
}

/**
 * The encoders of several chips. The deck includes the first one's file; another chip is one line changed.
 *
 * Parameters and subcircuits that are the same on all chips stand in the deck, the others in the includes.
 *
 * @param chips  of one deployment
 * @throws OHM5004 no chip, OHM6003 more cells than one deck may have; else as spiceNetlist
 */
export function chipNetlists(chips: readonly Chip[], options: SpiceOptions = {}): ChipNetlists {
  const first = chips[0] ?? fail('OHM5004', 'there is no chip to write')
  const cells = cellsOf(first) * chips.length
  if (cells > MAX_CELLS)
    fail('OHM6003', `${chips.length} chips have ${cells} cells; the limit is ${MAX_CELLS}`, {
      hint: 'write fewer chips at a time, or chosen arrays alone (--tiles)',
    })
  const { extension, deck, part } = dialect(options.dialect ?? 'ngspice')
  const made = chips.map((chip) => encoderCircuit(chip, options))
  const [{ parts, vectors }] = made as [(typeof made)[number]]
  if (made.some((one) => !same(one.parts.stimulus, parts.stimulus) || !same(one.parts.top, parts.top)))
    throw new Error('chips of one deployment are driven alike')

  const all = made.map((one) => one.parts)
  const common = {
    parameters: commonOf(all.map(({ parameters }) => parameters)),
    subcircuits: new Set(
      parts.subcircuits
        .filter((one, k) => all.every(({ subcircuits }) => same(subcircuits[k], one)))
        .map(({ name }) => name),
    ),
  }
  const deckName = `encoder${extension}`
  const include = (chip: Chip) =>
    `chip_${String(chip.key.chip).padStart(4, '0')}.${extension === '.scs' ? 'scs' : 'inc'}`
  const own = ({ parameters, subcircuits }: CircuitPart): CircuitPart => ({
    parameters: Object.fromEntries(
      Object.entries(parameters).filter(([key]) => !Object.hasOwn(common.parameters, key)),
    ),
    cells: [],
    subcircuits: subcircuits.filter(({ name }) => !common.subcircuits.has(name)),
  })
  const numbers = chips.map(({ key }) => key.chip)
  const circuit = {
    ...parts,
    header: [
      ...parts.header.filter((line) => !line.startsWith('chip: ')),
      `chips: seed ${first.key.seed}, ${numbers.length} from ${Math.min(...numbers)} to ${Math.max(...numbers)}; what differs is in an include each, this deck has ${include(first)}`,
    ],
    includes: [include(first)],
    parameters: common.parameters,
    subcircuits: parts.subcircuits.filter(({ name }) => common.subcircuits.has(name)),
    cells: cellsUsed(all.flatMap(({ subcircuits, top }) => [top, ...subcircuits.map(({ elements }) => elements)])),
  }
  return {
    files: [
      { name: deckName, text: deck(circuit) },
      ...chips.flatMap((chip, k) => {
        const { parts: mine, probes } = made[k]!
        const file = include(chip)
        return [
          {
            name: file,
            text: part(
              [
                `ohmbit: one chip of ${deckName}, which includes this file`,
                ...mine.header.filter((line) => /^(chip|profile|ohmbit|network sha256|profile sha256): /.test(line)),
              ],
              own({ ...mine, cells: [] }),
            ),
          },
          { name: file.replace(/\.\w+$/, '.expected.json'), text: expectedText(deckName, probes, vectors, file) },
        ]
      }),
    ],
    expected: made.map(({ probes }) => probes),
    vectors,
  }
}

/** Parameters with one value everywhere. */
function commonOf(all: readonly Parameters[]): Parameters {
  const [first = {}, ...others] = all
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((one) => same(one[key], value))),
  )
}

/** Plain data, whose keys are written in one order. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
