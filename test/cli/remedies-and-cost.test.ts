import { describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture } from '../support/fixtures.ts'

const network = 'networks/vqcs_n20_I4'
const data = ['--inputs', fixture(`${network}/test_y.npy`), '--truth', fixture(`${network}/test_x.npy`)]
const cwd = emptyFolder()
const deploy = (...more: string[]) =>
  ohmbit(['deploy', fixture(`${network}/model.onnx`), '--profile', 'wan2022-1s', ...more], { cwd })

describe('crossbar remedies', () => {
  it('one row a remedy and resistance, as a table and as data', async () => {
    await deploy('-o', 'd')
    const { status, json } = await ohmbit(['crossbar', 'remedies', 'd', '--ohms', '2,20', ...data, '--json'], { cwd })
    expect(status).toBe(0)
    expect(json.result.rows).toHaveLength(18)
    expect(
      json.result.rows.find((r: { ohms: number; remedy: string }) => r.ohms === 20 && r.remedy === 'programming'),
    ).toMatchObject({ delta: 0, reason: null })
    const { stdout } = await ohmbit(['crossbar', 'remedies', 'd', '--ohms', '2,20', ...data], { cwd })
    expect(stdout).toMatch(/^ohm a segment +2 +20$/m)
    expect(stdout).toMatch(/^programming +0.00 +0.00$/m)
  })

  it('refuses resistances that are none', async () => {
    await deploy('-o', 'e')
    for (const ohms of ['', '1,,2', '0', '-1', 'many', '2e9']) {
      const { status, json } = await ohmbit(['crossbar', 'remedies', 'e', `--ohms=${ohms}`, '--json'], { cwd })
      expect(status).toBe(2)
      expect(json.error.code).toBe('OHM9001')
    }
  })
})

describe('deploy and inspect', () => {
  it('say what was done against the wires', async () => {
    const set = ['wordSegment', 'bitSegment'].flatMap((part) => ['--set', `crossbar.wires.${part}=5 ohm`])
    const made = await deploy('--set', 'crossbar.wireCorrection=programming', ...set, '-o', 'w')
    const line = /encoder 0: wires change the weights by [\d.]+ %, after programming correction by/
    expect(made.stdout).toMatch(line)
    expect((await ohmbit(['inspect', 'w'], { cwd })).stdout).toMatch(line)
    const { json } = await ohmbit(['inspect', 'w', '--json'], { cwd })
    expect(json.result.layers[0].wires).toMatchObject({ correction: 'programming', converged: true })
  })
})

describe('cost', () => {
  it('prints every part with its source, and says what lies outside a model', async () => {
    await deploy('-o', 'c')
    const { status, stdout } = await ohmbit(['cost', 'c'], { cwd })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^serial ADC .* outside its model$/m)
    expect(stdout).toMatch(/1\s+to\s+3\s+bits\s+lie\s+outside\s+the\s+range\s+of\s+every\s+public\s+model/)
    const small = (await ohmbit(['cost', 'c', '--node', '7', '--cell', '1R', '--json'], { cwd })).json.result
    const large = (await ohmbit(['cost', 'c', '--json'], { cwd })).json.result
    expect(large).toMatchObject({ node: 130, cell: '1T1R' })
    expect(small.total.energyJoules).toBeLessThan(large.total.energyJoules)
    expect(small.total.squareMetres).toBeLessThan(large.total.squareMetres)
    expect((await ohmbit(['cost', 'c', '--node', '5', '--json'], { cwd })).status).toBe(2)
  })
})
