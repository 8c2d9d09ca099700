import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OhmbitError } from '../../src/base/errors.ts'
import { deploy } from '../../src/deployment/deploy.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import { compareNetlist } from '../../src/verify/compare.ts'
import type { CircuitEngine } from '../../src/verify/index.ts'
import { verifyDeployment } from '../../src/verify/index.ts'
import { keepDecks } from '../../src/verify/keep.ts'
import { emptyFolder } from '../support/cli.ts'
import { fixtureNetwork } from '../support/fixture-networks.ts'
import { profileWith } from '../support/profile.ts'

const deployment = deploy(fixtureNetwork('det_R1_shq_snr12'), profileWith())
const chip = nominalChip(deployment)
const netlist = spiceNetlist(chip)
const folder = emptyFolder()
const refused = expect.objectContaining({ code: 'OHM1006' })
const index = (path: string) => JSON.parse(readFileSync(join(path, 'runs.json'), 'utf8'))

/** Gives what is expected, `off` volts more. */
const engine = (off: number): CircuitEngine => ({
  id: 'embedded',
  limits: { arrayNodes: 1e6, deckNodes: 1e6 },
  async solve(_deck, _nodes, _vectors, seen) {
    seen?.('what was printed')
    return new Map(
      netlist.expected.map(({ node, kind, values }) => [
        node,
        Float64Array.from(values, (x) => (kind === 'code' ? x : x + off)),
      ]),
    )
  },
  close: async () => {},
})

describe('kept decks', () => {
  it('of a verification: deck, expected values, log, values and result of each, and a list of them', async () => {
    const keep = join(folder, 'runs')
    await verifyDeployment(deployment, { chips: 1, vectors: 2, only: ['netlist'], keep })
    const names = ['chip-0', 'nominal'].flatMap((chip) =>
      ['conversion', 'encoder', 'ladder'].map((deck) => `netlist-${chip}-${deck}`),
    )
    expect(readdirSync(keep).sort()).toEqual([...names, 'runs.json'])
    expect(index(keep)).toMatchObject({ format: 'ohmbit/verify-runs/1', tool: 'eecircuit-engine' })
    expect(
      index(keep)
        .runs.map(({ name }: { name: string }) => name)
        .sort(),
    ).toEqual(names)
    const run = join(keep, 'netlist-chip-0-encoder')
    expect(readdirSync(run).sort()).toEqual(
      ['encoder.cir', 'encoder.expected.json', 'log.txt', 'result.json', 'values.csv'].sort(),
    )
    expect(readFileSync(join(run, 'log.txt'), 'utf8')).toMatch(/^v\(l0_amp_0\) = /m)
    const [head, ...lines] = readFileSync(join(run, 'values.csv'), 'utf8').trimEnd().split('\n')
    expect(head).toBe('node,kind,vector,volts,expected_volts,difference_volts')
    const expected = JSON.parse(readFileSync(join(run, 'encoder.expected.json'), 'utf8')) as typeof netlist & {
      probes: typeof netlist.expected
    }
    expect(lines).toHaveLength(expected.probes.length * 2)
    for (const line of lines) {
      const [node, kind, vector, volts, wanted, difference] = line.split(',')
      const probe = expected.probes.find((p) => p.node === node)!
      expect([kind, Number(wanted)]).toEqual([probe.kind, probe.values[Number(vector)]])
      expect(Number(volts) - Number(wanted)).toBe(Number(difference))
      expect(Math.abs(Number(difference))).toBeLessThan(1e-9)
    }
    expect(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))).toMatchObject({ passed: true, problems: [] })
  })

  it('of a run that does not agree, and of one that does not count', async () => {
    const path = join(folder, 'bad')
    const keep = await keepDecks(path, 'test', false)
    await compareNetlist(chip, netlist, engine(1e-3), (result) => keep('off', result))
    const broken: CircuitEngine = {
      ...engine(0),
      solve: async (_deck, _nodes, _vectors, seen) => {
        seen?.('it broke here')
        throw new OhmbitError({ code: 'OHM6002', message: 'no value' })
      },
    }
    await expect(compareNetlist(chip, netlist, broken, (result) => keep('broken', result))).rejects.toMatchObject({
      code: 'OHM6002',
    })
    expect(index(path).runs).toEqual([
      { name: 'off', passed: false },
      { name: 'broken', passed: false },
    ])
    expect(readFileSync(join(path, 'broken/log.txt'), 'utf8')).toBe('it broke here')
    expect(existsSync(join(path, 'broken/values.csv'))).toBe(false)
    expect(JSON.parse(readFileSync(join(path, 'broken/result.json'), 'utf8')).problems).toEqual(['no value'])
    expect(JSON.parse(readFileSync(join(path, 'off/result.json'), 'utf8')).problems.length).toBeGreaterThan(10)
  })

  it('replace those of an earlier run, and nothing else', async () => {
    const path = join(folder, 'again')
    const result = { netlist, log: '', solution: null, problems: [] }
    const first = await keepDecks(path, 'test', false)
    await first('one', result)
    await first('two', result)
    const second = await keepDecks(path, 'test', false)
    await Promise.all([second('two', result), second('three', result)])
    expect(readdirSync(path).sort()).toEqual(['runs.json', 'three', 'two'])

    writeFileSync(join(path, 'notes.txt'), 'mine')
    await expect(keepDecks(path, 'test', false)).rejects.toThrow(refused)
    expect(readdirSync(path)).toHaveLength(4)
    mkdirSync(join(path, 'four'))
    writeFileSync(join(path, 'four', 'mine.txt'), 'mine')
    const third = await keepDecks(path, 'test', true)
    await third('five', result)
    expect(readdirSync(path).sort()).toEqual(['five', 'four', 'notes.txt', 'runs.json'])
    await expect(keepDecks(join(path, 'notes.txt'), 'test', true)).rejects.toThrow(refused)
  })

  it('a list that names other places removes nothing there', async () => {
    const path = join(folder, 'hostile')
    const elsewhere = join(folder, 'elsewhere')
    for (const one of [path, elsewhere]) mkdirSync(one)
    writeFileSync(join(elsewhere, 'result.json'), '{}')
    const runs = [{ name: '../elsewhere' }, { name: '.' }, { name: '..' }, { name: elsewhere }, null, 7]
    writeFileSync(join(path, 'runs.json'), JSON.stringify({ format: 'ohmbit/verify-runs/1', runs }))
    await keepDecks(path, 'test', true)
    expect(existsSync(join(elsewhere, 'result.json'))).toBe(true)
    expect(index(path).runs).toEqual([])
  })

  it('are refused before anything is solved where the folder is not theirs', async () => {
    const path = join(folder, 'other')
    mkdirSync(path)
    writeFileSync(join(path, 'thesis.tex'), '')
    await expect(verifyDeployment(deployment, { only: ['netlist'], keep: path })).rejects.toThrow(refused)
    expect(readdirSync(path)).toEqual(['thesis.tex'])
  })
})
