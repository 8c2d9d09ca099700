/**
 * Decks that were run, with what the simulator printed and the values compared: one folder a deck.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../base/errors.ts'
import { kindOfPath, readText, writeAtomic, writeFolder } from '../base/files.ts'
import { parseJson } from '../base/json.ts'
import type { DeckResult } from './compare.ts'
import type { KeepDeck } from './netlist-checks.ts'

const INDEX = 'runs.json'
const FORMAT = 'ohmbit/verify-runs/1'
/** Of one deck. */
const RESULT = 'result.json'

/**
 * A folder for decks. Each is written whole, under a temporary name first, when it has been run; `runs.json` lists them,
 * and the folders that an earlier run listed there are removed first.
 *
 * @param folder  made if it is not there
 * @param tool    that runs the decks
 * @param force   also where the folder holds what is not from us; that stays, unless it has the name of a deck
 * @throws OHM1006 the folder holds other files
 */
export async function keepDecks(folder: string, tool: string, force: boolean): Promise<KeepDeck> {
  const there = await kindOfPath(folder)
  if (there === 'file' || there === 'other') fail('OHM1006', `${folder} is not a folder`, { at: { file: folder } })
  const listed = there === 'folder' ? await listedIn(folder) : []
  const strangers =
    there === 'folder' ? (await readdir(folder)).filter((name) => name !== INDEX && !listed.includes(name)) : []
  if (strangers.length > 0 && !force)
    fail('OHM1006', `${folder} holds ${strangers[0]}, which is no deck of an earlier run`, {
      at: { file: folder },
      hint: 'choose a folder of its own, or pass --force',
    })
  const runs: { name: string; passed: boolean }[] = []
  const index = () => writeAtomic(join(folder, INDEX), `${JSON.stringify({ format: FORMAT, tool, runs }, null, 1)}\n`)
  for (const name of listed) await rm(join(folder, name), { recursive: true, force: true })
  await index()
  let queue: Promise<unknown> = Promise.resolve()
  return (name, result) => {
    const turn = queue.then(async () => {
      // Listed before it is there: what an interrupted run leaves is known as ours.
      runs.push({ name, passed: result.problems.length === 0 })
      await index()
      await writeFolder(join(folder, name), filesOf(name, tool, result), async () => force)
    })
    queue = turn.catch(() => {})
    return turn
  }
}

/** Decks that an earlier run listed and that are there. */
async function listedIn(folder: string): Promise<string[]> {
  const path = join(folder, INDEX)
  if ((await kindOfPath(path)) !== 'file') return []
  const { value } = parseJson(await readText(path, 1 << 20), path)
  const { format, runs } = Object(value) as { format?: unknown; runs?: unknown }
  if (format !== FORMAT || !Array.isArray(runs)) return []
  const names = runs.map((run) => (Object(run) as { name?: unknown }).name)
  const ours = await Promise.all(
    names.map(
      async (name) =>
        typeof name === 'string' &&
        /^[a-z0-9-]+$/.test(name) &&
        (await kindOfPath(join(folder, name, RESULT))) === 'file',
    ),
  )
  return names.filter((_, n) => ours[n]) as string[]
}

function filesOf(name: string, tool: string, { netlist, log, solution, problems }: DeckResult): Map<string, string> {
  return new Map([
    ...netlist.files.map((file) => [file.name, file.text] as const),
    ['log.txt', log],
    ...(solution === null ? [] : [['values.csv', valuesText(netlist.expected, solution)] as const]),
    [
      RESULT,
      `${JSON.stringify({ format: 'ohmbit/verify-run/1', name, tool, passed: problems.length === 0, problems }, null, 1)}\n`,
    ],
  ])
}

/** One value a line, in full precision. */
function valuesText(
  expected: DeckResult['netlist']['expected'],
  solution: NonNullable<DeckResult['solution']>,
): string {
  const lines = ['node,kind,vector,volts,expected_volts,difference_volts']
  for (const { node, kind, values } of expected)
    for (const [v, want] of values.entries()) {
      const got = solution.get(node)![v]!
      lines.push(`${node},${kind},${v},${got},${want},${got - want}`)
    }
  return `${lines.join('\n')}\n`
}
