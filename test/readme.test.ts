/** What the README shows is what happens: its program runs, its demo output is the demo's output. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { deploy } from '../src/deployment/deploy.ts'
import { simulate } from '../src/deployment/simulate.ts'
import { listPresets } from '../src/profile/presets.ts'
import { readProfile } from '../src/profile/read.ts'
import { emptyFolder, ohmbit } from './support/cli.ts'
import { loadNetwork } from './support/fixtures.ts'

const root = new URL('../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter((m) => m[1] === language).map((m) => m[2]!)

describe('README', () => {
  it('its program runs on the shipped example and prints what simulate gives', async () => {
    const example = (file: string) => JSON.stringify(new URL(`examples/vqcs_n20_I4/${file}`, root).pathname)
    const program = blocks('ts')[0]!
      .replace("'ohmbit'", JSON.stringify(pathToFileURL(join(root.pathname, 'dist/index.js')).href))
      .replace("'model.onnx'", example('model.onnx'))
      .replace("'y.npy'", example('y.npy'))
      .replace("'x.npy'", example('x.npy'))
      .replace(/console\.log\(.*\)/, 'export default { estimate, result }')
    const file = join(emptyFolder(), 'program.mjs')
    writeFileSync(file, program)
    const { estimate, result } = (await import(file)).default
    expect([estimate.rows, estimate.cols]).toEqual([2000, 20])
    expect(result.metric.ideal).toBeCloseTo(-11.0348, 3)
    expect(result.metric.deployed.perChip).toHaveLength(20)
    expect(result.waterfall.at(-1).stage).toBe('interaction')
  })

  it('shows the true output of the demo', async () => {
    const folder = emptyFolder()
    const { status, stdout } = await ohmbit(['demo'], { cwd: folder })
    expect(status).toBe(0)
    const shown = blocks('').find((b) => b.startsWith('vqcs_n20_I4 on '))!
    // Whether a tool is there differs from machine to machine.
    const common = (text: string) =>
      text.split('\n').filter((line) => !/ (threshold-table-(header|objcopy)|(c|verilog)-[\w-]+) /.test(line))
    expect(common(stdout.trimEnd())).toEqual(common(shown.trimEnd()))
    for (const file of ['thresholds/adc-table.json', 'netlist/encoder.cir', 'deployment/deployment.json'])
      expect(existsSync(join(folder, 'ohmbit-demo', file))).toBe(true)
    // A second run replaces its own folder, and only that.
    expect((await ohmbit(['demo', '--quiet'], { cwd: folder })).status).toBe(0)
    writeFileSync(join(folder, 'ohmbit-demo', 'MADE_BY'), 'someone else\n')
    expect((await ohmbit(['demo', '--json'], { cwd: folder })).json.error.code).toBe('OHM1006')
  })

  it("the presets' scores in docs/profiles.md are what simulate gives on the example's 2000 vectors", async () => {
    const page = readFileSync(new URL('docs/profiles.md', root), 'utf8')
    const shown = [...page.matchAll(/^\| `([\w-]+)` \|.*\| ([-+][\d.]+) dB \|$/gm)].map((m) => [m[1]!, m[2]!] as const)
    expect(shown.map(([id]) => id).sort()).toEqual((await listPresets()).map((p) => p.id).sort())
    const { network, inputs, truth } = await loadNetwork('vqcs_n20_I4')
    for (const [id, score] of shown) {
      const deployment = deploy(network, await readProfile(id))
      const { mean } = simulate(deployment, { inputs, truth, chips: 20, seed: 0, waterfallChips: 1 }).metric.deployed
      expect(`${id} ${mean >= 0 ? '+' : ''}${mean.toFixed(1)}`).toBe(`${id} ${score}`)
    }
  })

  it('names only files that exist', () => {
    for (const [, path] of readme.matchAll(/\]\(([^):#]+)\)/g))
      expect(existsSync(new URL(path!, root)), path).toBe(true)
  })
})
