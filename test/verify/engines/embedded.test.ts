/** The simulator of the npm package: runs that must not count, and the ones after them that must. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CircuitEngine, openEngine } from '../../../src/verify/index.ts'

const deck = (volts: number, ...control: string[]) =>
  ['title', `v1 a 0 ${volts}`, 'r1 a 0 1', 'vvec vec 0 0', 'rvec vec 0 1', '.control', 'set numdgt=16']
    .concat(control, 'quit', '.endc', '.end', '')
    .join('\n')
const good = (volts: number) => deck(volts, 'dc vvec 0 1 1', 'print line v(a)')

let engine: CircuitEngine
beforeAll(async () => {
  engine = await openEngine('embedded', { timeoutSeconds: 20 })
})
afterAll(() => engine.close())

const values = async (text: string, node = 'a') => [...(await engine.solve(text, [node], 2)).get(node)!]

describe('the embedded simulator', () => {
  it('solves many decks at a time, each for itself', async () => {
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map((volts) => values(good(volts))))
    expect(all).toEqual([1, 2, 3, 4, 5, 6].map((volts) => [volts, volts]))
  })

  it('keeps a long log whole: a warning at its beginning still counts', async () => {
    const echoes = ['let k = 0', 'while k < 2600', `echo ${'0123456789 '.repeat(91)}`, 'let k = k + 1', 'end']
    let length = 0
    const see = (log: string) => {
      length = log.length
    }
    const text = deck(1, 'dc vvec 0 1 1', 'print line v(a)', ...echoes)
    await engine.solve(text, ['a'], 2, see)
    expect(length).toBeGreaterThan(2.5e6)
    const warned = deck(1, 'echo Warning: something', 'dc vvec 0 1 1', 'print line v(a)', ...echoes)
    await expect(engine.solve(warned, ['a'], 2)).rejects.toMatchObject({ message: /says: Warning: something/ })
  })

  it.each([
    ['no analysis', deck(1)],
    ['an analysis that fails', deck(1, 'dc vnowhere 0 1 1', 'print line v(a)')],
    ['nothing but a title', 'title\n.end\n'],
    ['nothing', ''],
    ['a value that is no number', deck(1, 'dc vvec 0 1 1', 'let a = v(a)*0/0', 'print line a')],
    ['a subcircuit within itself', good(1).replace('r1 a 0 1', '.subckt s n\nx1 n s\n.ends\nx1 a s')],
    ['a node without value', good(1).replaceAll('(a)', '(vec)')],
    ['a singular matrix', good(1).replace('r1 a 0 1', 'v2 a 0 2')],
    // Its own circuit, after every deck, has a node as well.
    ['a value of the circuit before', deck(1, 'print line v(after)').replaceAll('v(after)', 'v(a)')],
  ])('%s does not count, and the next deck is solved', async (_, text) => {
    await values(good(7))
    await expect(values(text)).rejects.toMatchObject({ code: 'OHM6002' })
    expect(await values(good(9))).toEqual([9, 9])
  })

  it('is stopped in an endless loop, and by a deck that ends it, and starts again', async () => {
    const impatient = await openEngine('embedded', { timeoutSeconds: 6 })
    const endless = [deck(1, 'while 1', `echo ${'x'.repeat(100)}`, 'end'), deck(1, 'quit 1')]
    try {
      for (const text of endless)
        await expect(impatient.solve(text, ['a'], 2)).rejects.toMatchObject({ message: /did not finish within 6 s/ })
      expect([...(await impatient.solve(good(2), ['a'], 2)).get('a')!]).toEqual([2, 2])
    } finally {
      await impatient.close()
    }
  })
})
