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

describe('crossbar solve with a device', () => {
  const circuit = JSON.parse(readFileSync(example, 'utf8'))
  const solved = async (device: unknown, more: object = {}) => {
    const path = join(emptyFolder(), 'device.json')
    writeFileSync(path, JSON.stringify({ ...circuit, ...more, device }))
    return (await ohmbit(['crossbar', 'solve', path, '--nodes', '--json'])).json
  }

  it('its nodes obey the law at every device', async () => {
    const { result } = await solved({ model: 'sinh', voltage: 0.1 })
    const g: number[][] = circuit.conductancesSiemens
    expect([result.method, result.beyondModel]).toEqual(['newton', 0])
    expect(result.residual).toBeLessThan(1e-12)
    for (const [v, row] of (result.outputAmps as number[][]).entries())
      for (const [j, amps] of row.entries()) {
        const at = (i: number) => result.wordLineVolts[v][i][j] - result.bitLineVolts[v][i][j]
        const sum = g.reduce((s, line, i) => s + line[j]! * 0.1 * Math.sinh(at(i) / 0.1), 0)
        expect(Math.abs(sum - amps)).toBeLessThan(1e-15)
      }
  })

  it('transistors in series with linear devices', async () => {
    const plain = (await solved(undefined)).result
    const cells = circuit.conductancesSiemens.map((row: number[]) => row.map((x) => x / (1 + 5000 * x)))
    const series = (await solved({ seriesOhms: 5000 })).result
    expect(series.outputAmps).toEqual((await solved(undefined, { conductancesSiemens: cells })).result.outputAmps)
    expect(series.outputAmps).not.toEqual(plain.outputAmps)
  })

  it('devices beyond their model are warned of', async () => {
    const { warnings, result } = await solved({ model: 'cubic', cubic: 1000 })
    expect(result.beyondModel).toBeGreaterThan(0)
    expect(warnings[0]).toMatchObject({ code: 'OHM2001', at: { pointer: '/device' } })
    expect(warnings[0].message).toMatch(/beyond the 0.01826 V that model cubic covers/)
  })
})
