import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, ohmbit } from '../support/cli.ts'

const folder = emptyFolder()
const deployed = join(folder, 'deployed')
const example = fileURLToPath(new URL('../../examples/vqcs_n20_I4/model.onnx', import.meta.url))
const emit = (column: string, from = deployed, ...more: string[]) =>
  ohmbit(['emit', 'spice', from, '--noise', column, '-o', join(folder, 'noise'), '--json', ...more])

beforeAll(async () => {
  await ohmbit(['deploy', example, '--profile', 'pcm', '--set', 'periphery.tia.bandwidth=1 MHz', '-o', deployed])
})

describe('emit spice --noise', () => {
  it('writes the deck of one column, of the nominal design or of a chip', async () => {
    expect((await emit('1.3')).status).toBe(0)
    const nominal = readFileSync(join(folder, 'noise/noise.cir'), 'utf8')
    expect(nominal).toMatch(/^ohmbit noise of a column: layer 1, output 3\n/)
    expect(nominal).toMatch(/^\* chip: nominal$/m)
    expect(nominal).toMatch(/^noise v\(amp\) v\w+ dec 1 0\.01 1e6$/m)
    expect(nominal).toMatch(/^\* the simulator draws \S+ V rms at amp: /m)
    const { probes } = JSON.parse(readFileSync(join(folder, 'noise/noise.expected.json'), 'utf8'))
    expect(probes).toEqual([
      { node: 'onoise_total', kind: 'noise', layer: 1, index: 3, values: [expect.closeTo(1e-4, 3)] },
    ])
    expect((await emit('1.3', deployed, '--chip', '2')).status).toBe(0)
    expect(readFileSync(join(folder, 'noise/noise.cir'), 'utf8')).toMatch(/^\* chip: seed 0, chip 2$/m)
  })

  it.each([
    ['3', 'OHM9001'],
    ['0.50', 'OHM5004'],
    ['2.0', 'OHM5004'],
  ])('refuses column %s', async (column, code) => {
    expect((await emit(column)).json.error.code).toBe(code)
  })

  it('refuses a profile without bandwidth, and several chips', async () => {
    const plain = join(folder, 'plain')
    await ohmbit(['deploy', example, '--profile', 'pcm', '-o', plain])
    expect((await emit('0.0', plain)).json.error).toMatchObject({ code: 'OHM5004', message: /no noise of the columns/ })
    expect((await emit('0.0', deployed, '--chips', '2')).json.error.code).toBe('OHM9001')
  })
})
