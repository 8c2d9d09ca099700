import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture } from '../support/fixtures.ts'

const example = fileURLToPath(new URL('../../examples/crossbar.json', import.meta.url))

describe('crossbar solve as text', () => {
  it('the shipped example: its nodes obey Ohm at every device, and the table shows them', async () => {
    const { json } = await ohmbit(['crossbar', 'solve', example, '--nodes', '--json'])
    const { conductancesSiemens: g } = JSON.parse(readFileSync(example, 'utf8'))
    const { wordLineVolts, bitLineVolts, outputAmps } = json.result
    for (const [v, row] of (outputAmps as number[][]).entries())
      for (const [j, amps] of row.entries()) {
        const sum = g.reduce(
          (s: number, line: number[], i: number) => s + line[j]! * (wordLineVolts[v][i][j] - bitLineVolts[v][i][j]),
          0,
        )
        expect(Math.abs(sum - amps)).toBeLessThan(1e-15)
      }
    const { stdout } = await ohmbit(['crossbar', 'solve', example, '--nodes'])
    expect(stdout).toContain('4 word lines x 3 bit lines, 2 input vectors')
    for (const [i, line] of (wordLineVolts[0] as number[][]).entries()) {
      const shown = stdout.match(new RegExp(`^word line ${i} +(.*)$`, 'm'))![1]!.split(/, | {2,}/)
      expect(shown.map(Number)).toEqual(
        line.flatMap((word, j) => [word, bitLineVolts[0][i][j] as number].map((x) => Number(x.toPrecision(6)))),
      )
    }
    expect((await ohmbit(['crossbar', 'solve', example])).stdout).not.toContain('node voltages')
  })

  it('a table that would not fit says where the nodes are; one is one', async () => {
    const { stdout } = await ohmbit(['crossbar', 'solve', fixture('crossbar/10x20_r0.5.json'), '--nodes'])
    expect(stdout).toContain('too many for a table; they are in --json')
    const file = join(emptyFolder(), 'one.json')
    const one = { format: 'ohmbit/crossbar/1', wordLines: 1, bitLines: 1, conductancesSiemens: [[1e-5]] }
    writeFileSync(file, JSON.stringify({ ...one, inputsVolts: [[0.1]] }))
    for (const command of [['crossbar', 'solve'], ['inspect']])
      expect((await ohmbit([...command, file])).stdout).toContain('1 word line x 1 bit line, 1 input vector\n')
  })
})
