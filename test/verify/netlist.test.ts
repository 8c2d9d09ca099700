import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fabricate } from '../../src/deployment/fabricate.ts'
import { nominalChip } from '../../src/deployment/nominal.ts'
import { spiceNetlist } from '../../src/emit/index.ts'
import { readCircuit } from '../../src/emit/spice/read.ts'
import { deviceProblems } from '../../src/verify/devices.ts'
import { lintNetlist } from '../../src/verify/index.ts'
import { flatten } from '../../src/verify/netlist/flatten.ts'
import { deployments } from './random-deployments.ts'

/** One word line, one bit line pair, an amplifier: the smallest deck with everything in it. */
const deck = `a deck
.param r_word=2
.subckt ob_device word bit g=1e-6
rcell word bit {1/g}
.ends ob_device
.subckt ob_tia in out rf=1e4
vground in 0 0
hout out 0 vground {-rf}
.ends ob_tia
* a comment
.subckt array word_0 bit_0 bit_1
rw_0 word_0 w_0 {r_word}
xd_0_0 w_0 bit_0 ob_device g=1e-5
xd_0_1 w_0
+ bit_1 ob_device
+ g=2e-5
.ends array
bin_0 in_0 0 V=pwl(v(vec),0,0.10000000000000001,1,0.2)
vvec vec 0 0
xarray in_0 b_0 b_1 array
xp b_0 p ob_tia rf=3e4
xm b_1 m ob_tia
bout out 0 V={v(m)-v(p)}
rout out 0 1e9
.options reltol=1e-9 abstol=1e-15 vntol=1e-12 gmin=1e-15
.control
set numdgt=16
dc vvec 0 1 1
print line v(out)
quit
.endc
.end
`
const lint = (text: string) => lintNetlist(text, { conductanceMax: 40e-6 }).problems

describe('a deck, read back', () => {
  it('is the tree that was written', () => {
    const { circuit, problems } = readCircuit(deck)
    expect(problems).toEqual([])
    expect(circuit.title).toBe('a deck')
    expect(circuit.subcircuits.map(({ name }) => name)).toEqual(['ob_device', 'ob_tia', 'array'])
    expect(circuit.subcircuits[2]!.about).toEqual(['a comment'])
    expect(circuit.top.map((element) => ('name' in element ? element.name : ''))).toEqual([
      'in_0',
      'vec',
      'array',
      'p',
      'm',
      'out',
      'out',
    ])
    expect(circuit.analysis).toEqual({ kind: 'vectors', count: 2, nodes: ['out'] })
  })

  it('expands to elements with values and full paths', () => {
    const { elements, instances, problems } = flatten(readCircuit(deck).circuit)
    expect(problems).toEqual([])
    const found = Object.fromEntries(elements.map((e) => [e.name, e]))
    expect(found['xarray.xd_0_1.rcell']).toMatchObject({ value: 1 / 2e-5, nodes: ['xarray.w_0', 'b_1'] })
    expect(found['xp.hout']).toMatchObject({ value: -3e4, nodes: ['p', '0'] })
    expect(found['xm.hout']!.value).toBe(-1e4)
    expect(found['bout']!.controls).toEqual(['m', 'p'])
    expect(instances).toHaveLength(5)
  })
})

describe('lint', () => {
  it('finds nothing in a good deck', () => expect(lint(deck)).toEqual([]))

  const defects: [string, string, string, RegExp][] = [
    ['no title', 'a deck\n', '.param x=1\n', /not a title/],
    ['a unit suffix', 'rout out 0 1e9', 'rout out 0 1g', /"1g" has no value/],
    ['a unit suffix in an expression', '{v(m)-v(p)}', '{1k*v(m)-v(p)}', /unit suffix in "1k"/],
    ['a unit suffix of a parameter', 'r_word=2\n', 'r_word=2k\n', /"2k" has no value/],
    ['a resistor of 0', 'r_word=2\n', 'r_word=0\n', /is 0 ohm/],
    ['a negative resistor', 'rout out 0 1e9', 'rout out 0 -1', /is -1 ohm/],
    ['a conductance above the range', 'g=2e-5', 'g=5e-5', /conducts 0.00005 S/],
    ['a device of 0 S', 'g=1e-5', 'g=0', /conducts 0 S/],
    ['an open node', 'rout out 0 1e9', 'rout nowhere 0 1e9', /node nowhere has one terminal/],
    ['a floating part', 'rout out 0 1e9', 'rout out 0 1e9\nra fa fb 1\nrb fa fb 1', /fa has no path to ground/],
    ['a shorted element', 'rout out 0 1e9', 'rout out out 1e9', /both ends at out/],
    ['an element twice', 'rout out 0 1e9', 'rout out 0 1e9\nrout out 0 1e9', /rout stands twice/],
    ['a subcircuit twice', '* a comment', '.subckt ob_tia in out\nr1 in out 1\n.ends', /ob_tia is defined twice/],
    ['a parameter twice', '.param r_word=2', '.param r_word=2\n.param r_word=3', /r_word is set twice/],
    ['an operator as name', 'bout out 0', 'bout ge 0', /called "ge"/],
    ['upper case', 'rout out 0', 'rout OUT 0', /called "OUT"/],
    ['brackets', 'rout out 0', 'rout out[1] 0', /called "out\[1\]"/],
    ['an unknown cell', 'xm b_1 m ob_tia', 'xm b_1 m ob_opamp', /no subcircuit ob_opamp/],
    ['a pin too few', 'xm b_1 m ob_tia', 'xm m ob_tia', /1 nodes for the 2 pins/],
    ['an unknown parameter', 'ob_tia rf=3e4', 'ob_tia gain=3e4', /no parameter gain/],
    ['an unclosed subcircuit', '.ends array\n', '', /array is not closed/],
    ['limit()', '{v(m)-v(p)}', '{limit(v(m)-v(p),-1,1)}', /function limit\(\)/],
    ['a random draw', '{v(m)-v(p)}', '{agauss(0,1,3)*v(m)}', /function agauss\(\)/],
    ['a literal that loses digits', '{v(m)-v(p)}', '{0.123456789012*v(m)}', /more digits/],
    ['pwl in braces', 'V=pwl(v(vec),0,0.10000000000000001,1,0.2)', 'V={pwl(v(vec),0,0.1,1,0.2)}', /pwl\(\) in braces/],
    ['no quit', 'quit\n', '', /does not end in quit/],
    ['few digits', 'numdgt=16', 'numdgt=6', /set numdgt=16/],
    ['a shell command', 'print line', 'shell ls\nprint line', /no analysis we write/],
    ['no sweep', 'dc vvec 0 1 1\n', '', /no analysis we write/],
    ['a node that is not there', 'print line v(out)', 'print line v(put)', /put, which is no node/],
    ['no source to sweep', 'vvec vec 0 0\n', 'rvec vec 0 1\n', /vvec, which is not there/],
    ['a loose tolerance', 'reltol=1e-9', 'reltol=1e-3', /reltol/],
    ['KLU with its own pivoting', 'gmin=1e-15', 'gmin=1e-15 klu', /klu without pivrel/],
    ['text after the end', '.end\n', '.end\nr1 out 0 1\n', /after .end/],
    ['a card we do not write', 'vvec vec 0 0', 'vvec vec 0 0\n.ic v(out)=0', /unknown card .ic/],
    ['a file that is not read', 'vvec vec 0 0', 'vvec vec 0 0\n.include x.cir', /x.cir is not read/],
    ['an element we do not write', 'vvec vec 0 0', 'vvec vec 0 0\nl1 a b 1e-6', /cannot read "l1/],
    ['a transistor without model', 'rout out 0 1e9', 'rout out 0 1e9\nq1 out out 0 none', /q1: there is no model none/],
    [
      'a node that only capacitors reach',
      'rout out 0 1e9',
      'rout out 0 1e9\nc1 out f 1e-12\nc2 f 0 1e-12',
      /f has no path to ground/,
    ],
    [
      'a gate that nothing drives',
      'rout out 0 1e9',
      'rout out 0 1e9\n.model n nmos vto=1\nm1 out g 0 0 n\nc1 g 0 1e-12',
      /g has no path/,
    ],
    ['a capacitor of 0', 'rout out 0 1e9', 'rout out 0 1e9\nc1 out 0 0', /c1 is 0 farad/],
    ['the current of no source', '{v(m)-v(p)}', '{i(vnone)}', /no voltage source none/],
    ['a parameter of nobody', '{v(m)-v(p)}', '{none*v(m)}', /no parameter none/],
    ['lines that turn back', '1,0.2)', '0,0.2)', /does not ascend/],
    ['a character beyond ASCII', '* a comment', '* a cömment', /printable ASCII/],
  ]
  it.each(defects)('finds %s', (_, good, bad, message) => {
    expect(deck).toContain(good)
    expect(lint(deck.replace(good, bad)).join('\n')).toMatch(message)
  })

  it('survives a subcircuit that holds itself', () => {
    const loop = deck
      .replace('* a comment', '.subckt a x y\nxa x y a\n.ends a')
      .replace('rout out 0 1e9', 'xloop out 0 a')
    expect(lint(loop).join('\n')).toMatch(/nest more than 16 deep/)
  })

  property.prop([fc.string({ maxLength: 300 })])('never throws on text', (text) => {
    expect(lint(text).length).toBeGreaterThan(0)
    expect(lint(`${deck}${text}`)).toBeInstanceOf(Array)
  })
})

describe('emitted decks', () => {
  property.prop([deployments, fc.integer({ min: 0, max: 99 })], { numRuns: 100 })(
    'hold exactly the devices of their chip',
    (deployment, chip) => {
      const made = chip === 0 ? nominalChip(deployment) : fabricate(deployment, { chip })
      const arrays = new Map(
        made.layers.flatMap((layer, l) =>
          layer.arrays.map((a, t) => [`xlayer_${l}.xarray_${t}`, a.conductance] as const),
        ),
      )
      const { text } = spiceNetlist(made).files[0]!
      const { problems, flat } = lintNetlist(text, { conductanceMax: 1 })
      expect(problems).toEqual([])
      expect(deviceProblems(flat, arrays).problems).toEqual([])
      const some = /^xd_\d+_\d+ .*$/m.exec(text)
      if (some === null) return
      const without = flatten(readCircuit(text.replace(`${some[0]}\n`, '')).circuit)
      expect(deviceProblems(without, arrays).problems.join()).toMatch(/devices, the chip/)
      const [card, head, g] = /^(xd_\d+_\d+ .* g=)(\S+)/m.exec(text)!
      const other = flatten(readCircuit(text.replace(card, `${head}${Number(g) * (1 + 1e-15)}`)).circuit)
      expect(deviceProblems(other, arrays).problems.join()).toMatch(/S, the chip/)
    },
  )
})
