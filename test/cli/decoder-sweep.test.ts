import { describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'
import { fixture } from '../support/fixtures.ts'

const network = 'networks/vqcs_n20_I4'
const data = ['--inputs', fixture(`${network}/test_y.npy`), '--truth', fixture(`${network}/test_x.npy`)]
const cwd = emptyFolder()
const run = (...args: string[]) => ohmbit(args, { cwd })
const few = ['--weight-bits', '8..12', '--activation-bits', '9..10', ...data]

describe('decoder sweep', async () => {
  await run('deploy', fixture(`${network}/model.onnx`), '--profile', 'wan2022-1s', '-o', 'd')

  it('prints the trade-off and the smallest, and deploys with it', async () => {
    const wanted = ['--require', 'nmseDb loss <= 0.2', '--apply', '-o', 'smaller']
    const { status, stdout } = await run('decoder', 'sweep', 'd', ...few, ...wanted)
    expect(status).toBe(0)
    expect(stdout).toMatch(/15200 multiplications a vector/)
    expect(stdout).toMatch(/^ {5}8 {2}per-tensor +10 +\+1\.\d+ .* no$/m)
    expect(stdout).toMatch(/^smallest: \d+-bit weights per-row, \d+-bit activations, \d+ bytes of weights, loss/m)
    const { json } = await run('decoder', 'sweep', 'd', ...few, '--require', 'nmseDb loss <= 0.2', '--json')
    expect(json.result.rows).toHaveLength(20)
    const { smallest } = json.result
    const made = (await run('inspect', 'smaller', '--json')).json.result.fixedDecoder
    expect(made.weightBytes).toBe(smallest.size.weightBytes)
    expect(made.layers.map((l: { accumulatorBits: number }) => l.accumulatorBits)).toEqual(
      smallest.size.layers.map((l: { accumulatorBits: number }) => l.accumulatorBits),
    )
  })

  it('exit 1 when nothing meets the requirement; nothing is written then', async () => {
    const wanted = ['--require', 'nmseDb loss <= -1', '--apply', '-o', 'never', '--weight-bits', '8']
    const { status, json } = await run('decoder', 'sweep', 'd', ...data, ...wanted, '--json')
    expect(status).toBe(1)
    expect(json).toMatchObject({
      ok: false,
      error: { code: 'OHM5007', kind: 'requirement' },
      result: { smallest: null, applied: null },
    })
    expect((await run('inspect', 'never')).status).toBe(3)
  })

  it('without a requirement the table alone', async () => {
    const { status, stdout } = await run('decoder', 'sweep', 'd', ...few)
    expect(status).toBe(0)
    expect(stdout).not.toMatch(/smallest|meets/)
  })

  it('refuses what it does not understand', async () => {
    for (const wrong of [
      ['--require', 'nmseDb loss < 1'],
      ['--require', 'process.exit()'],
      ['--weight-bits', '4-16'],
      ['--weight-bits', '1..4'],
      ['--weight-bits', '12..4'],
      ['--activation-bits', '8..17'],
      ['--apply', '-o', 'x'],
      ['--apply', '--require', 'nmseDb <= 1'],
      ['-o', 'x'],
    ]) {
      const { status, json } = await run('decoder', 'sweep', 'd', ...data, ...wrong, '--json')
      expect([status, json.error.code]).toEqual([2, 'OHM9001'])
    }
  })
})

describe('deploy and inspect', () => {
  it('say what a fixed-point decoder takes', async () => {
    const fixed = ['--set', 'decoder.arithmetic=fixed']
    const made = await run('deploy', fixture(`${network}/model.onnx`), '--profile', 'wan2022-1s', ...fixed, '-o', 'f')
    for (const { stdout } of [made, await run('inspect', 'f'), await run('inspect', 'f/decoder.json')]) {
      expect(stdout).toMatch(
        /^ {2}decoder\.0 +10 -> 80 tanh +weights s16\/\d+ +\d+ bytes +output s16\/15 +sums need \d+ bits \(proved\)$/m,
      )
      expect(stdout).toMatch(
        /^ {2}decoder: fixed point, \d+ bytes of weights and biases, 15200 multiplications a vector, no sum overflows 48 bits$/m,
      )
    }
  })
})
